"""Work cut into chunks of plots, handed to threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from app.analysis.adjacency.arrays import Records

# Plots that a thread takes at once.
CHUNK = 2_000

Part = TypeVar("Part")


def in_chunks(work: Callable[[int, int], Part], n_plots: int, n_threads: int) -> Iterator[Part]:
    """Yield what `work` gives for each chunk of plots, first and last (left out), in their order."""

    def part(start: int) -> Part:
        return work(start, min(start + CHUNK, n_plots))

    starts = range(0, n_plots, CHUNK)
    if n_threads == 1 or len(starts) < 2:
        yield from map(part, starts)
        return
    with ThreadPoolExecutor(min(n_threads, len(starts))) as pool:
        yield from pool.map(part, starts)


def joined(parts: list[Records], kind: np.dtype[np.void]) -> Records:
    """Return records of `kind` one after the other; each of the `parts` is let go once it is copied."""
    ends = ends_of(parts)
    rows = np.empty(int(ends[-1]) if len(ends) else 0, dtype=kind)
    # As bytes: numpy copies records field by field, twenty times as slow.
    whole = rows.view(np.dtype((np.void, kind.itemsize)))
    for end in ends[::-1]:
        part = parts.pop()
        whole[end - len(part) : end] = part.view(whole.dtype)
    return rows


def ends_of(parts: Sequence[Records]) -> np.ndarray:
    """Return where each part ends when they stand one after the other."""
    return np.cumsum([len(part) for part in parts], dtype=np.int64)
