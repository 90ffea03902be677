"""Published instances of the maximally diverse grouping problem (MDGPLIB).

The first line holds the number of elements and of groups, ``ss`` or ``ds`` (same or different sizes), and the
least and the most elements of each group; then there is a line a pair: two elements from 0, and the distance.

Sources
-------
M. Gallego, M. Laguna, R. Martí, A. Duarte: Tabu search with strategic oscillation for the maximally diverse
grouping problem (2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.failure_reasons import failure_reason
from app.errors import N_, DataError, InputError, NotFoundError, TooLargeError

Array = np.ndarray[Any, Any]

MOST_ELEMENTS = 1000
LARGEST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class GroupFile:
    """The distances of elements, shape (n, n), and the sizes of the groups they go into."""

    weights: Array
    sizes: tuple[int, ...]


def read_groups(path: Path) -> GroupFile:
    """Return the instance of a file.

    Raises
    ------
    NotFoundError, InputError, DataError, TooLargeError
        One sentence naming the file and the line in it.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise TooLargeError(N_("%(file)s is larger than %(most)s MB."), file=path.name, most=20)
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise NotFoundError(N_("There is no file %(file)s."), file=path) from None
    except OSError as error:
        raise InputError(
            N_("%(file)s cannot be read: %(why)s."), file=path.name, why=failure_reason(error)
        ) from None
    except UnicodeDecodeError:
        raise DataError(N_("%(file)s is not UTF-8 text."), file=path.name) from None
    return parse_groups(text, path.name)


def parse_groups(text: str, name: str) -> GroupFile:
    r"""Read an instance.

    Raises
    ------
    DataError, TooLargeError

    Examples
    --------
    >>> parse_groups("4 2 ss 2 2 2 2\n0 1 3.5\n2 3 1", "tiny.txt").sizes
    (2, 2)
    """
    rows = [(i + 1, line.split()) for i, line in enumerate(text.splitlines()) if line.strip()]
    n, sizes = _head(rows[0][1] if rows else [], name)
    weights = np.zeros((n, n))
    for line, words in rows[1:]:
        a, b, distance = _pair(words, n, line, name)
        weights[a, b] = weights[b, a] = distance
    return GroupFile(weights, sizes)


def _head(words: list[str], name: str) -> tuple[int, tuple[int, ...]]:
    try:
        n, n_groups, *limits = (int(word) for word in words if word.lower() not in {"ss", "ds"})
    except ValueError:
        n, n_groups, limits = 0, 0, []
    if n < 1 or n_groups < 1 or len(limits) != 2 * n_groups:
        raise DataError(
            N_("%(file)s: the first line must hold elements, groups, ss or ds, and two limits a group."),
            file=name,
        )
    if n > MOST_ELEMENTS:
        raise TooLargeError(
            N_("%(file)s has %(n)s elements; at most %(most)s are grouped."),
            file=name,
            n=n,
            most=MOST_ELEMENTS,
        )
    least, most = tuple(limits[::2]), tuple(limits[1::2])
    if least != most:
        raise DataError(
            N_("%(file)s leaves the sizes of the groups open; only fixed sizes can be solved."), file=name
        )
    if min(least) < 1 or sum(least) != n:
        raise DataError(
            N_("%(file)s has groups for %(places)s elements, but %(n)s elements."),
            file=name,
            places=sum(least),
            n=n,
        )
    return n, least


def _pair(words: list[str], n: int, line: int, name: str) -> tuple[int, int, float]:
    try:
        a, b, distance = int(words[0]), int(words[1]), float(words[2])
    except (IndexError, ValueError):
        a, b, distance = -1, -1, np.nan
    if len(words) != 3 or not (0 <= a < n and 0 <= b < n and a != b and abs(distance) <= 1e9):
        raise DataError(
            N_("%(file)s, line %(line)s: expected two elements from 0 to %(last)s and their distance."),
            file=name,
            line=line,
            last=n - 1,
        )
    return a, b, distance
