"""Published problems as text: TSPLIB, TSPs with time windows, orienteering.

In these formats a stop's window is about when its service begins; in a `ProblemDocument` the whole visit
lies in it, so that a window that closes at ``c`` closes at ``c`` + service here.

Sources
-------
G. Reinelt: TSPLIB 95 (1995). M. López-Ibáñez, C. Blum: benchmark instances of the TSPTW (n, matrix, windows),
after Dumas et al. 1995, Ascheuer 1996, Potvin and Bengio 1996. T. Tsiligirides 1984; I-M. Chao et al. 1996.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from app.errors import N_, DataError, TooLargeError
from app.exchange.problem_document import Array, DocumentStop, ProblemDocument
from app.exchange.problem_files import most_stops
from app.exchange.tsplib import is_tsplib, parse_tsplib

# Decimals of times that are kept, and those of distances between coordinates (rounded up).
_MOST_DECIMALS = 4
_DISTANCE_UNITS = 10_000

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def parse_instance(text: str, name: str) -> ProblemDocument:
    """Return the problem that a text in one of the published formats tells, whichever it is.

    Raises
    ------
    DataError
        When it is none of them, or not as its format says.
    TooLargeError
        For more stops than the planner takes.
    """
    if is_tsplib(text):
        return parse_tsplib(text, name)
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    if any(line.upper().startswith("CUST NO") for line in lines):
        return _windowed_table(lines, name)
    rows = [line.split() for line in lines if line]
    if len(rows) > 3 and [row[0].lower() for row in rows[:3]] == ["n", "m", "tmax"]:
        return _orienteering(_tmax_of(rows[2], name), rows[3:], name, last=-1)
    if rows and len(rows[0]) == 2 and all(len(row) == 3 for row in rows[1:]):
        return _orienteering(_tmax_of(["tmax", rows[0][0]], name), rows[1:], name, last=1)
    if rows and len(rows[0]) == 1:
        return _windowed_matrix(rows, name)
    raise DataError(N_("%(file)s is in none of the formats for tour problems."), file=name)


def _numbers(words: Sequence[str], name: str) -> list[float]:
    for word in words:
        if not _NUMBER.fullmatch(word) or abs(float(word)) > 1e9:
            raise DataError(N_("%(file)s: expected a number, found “%(word)s”."), file=name, word=word[:40])
    return [float(word) for word in words]


def _check_size(n: int, name: str) -> None:
    if n > most_stops():
        raise TooLargeError(
            N_("%(file)s has %(n)s stops; a tour is planned over up to %(most)s."),
            file=name,
            n=n,
            most=most_stops(),
        )
    if n < 1:
        raise DataError(N_("%(file)s has no stops."), file=name)


def _tmax_of(words: Sequence[str], name: str) -> float:
    if len(words) != 2:
        raise DataError(N_("%(file)s does not say how long the tour may be."), file=name)
    return _numbers(words[1:], name)[0]


def _orienteering(tmax: float, rows: list[list[str]], name: str, last: int) -> ProblemDocument:
    """Return: most score on a walk of at most `tmax` from the first to the last point."""
    if any(len(row) != 3 for row in rows):
        raise DataError(N_("%(file)s: a point is told by x, y and its score."), file=name)
    _check_size(len(rows), name)
    points = np.array([_numbers(row, name) for row in rows])
    n, end = len(points), last % len(points)
    distance = distances(points[:, :2])
    stops = tuple(
        DocumentStop(str(i + 1), value=None if i in {0, end} else float(score))
        for i, score in enumerate(points[:, 2])
    )
    return ProblemDocument(
        title=name,
        stops=stops,
        walk_s=np.ceil(distance * _DISTANCE_UNITS - 1e-6).astype(np.int64),
        length_m=distance,
        objective="value",
        first=0,
        last=end if n > 1 else None,
        ends_s=math.floor(tmax * _DISTANCE_UNITS + 1e-6),
        n_units=_DISTANCE_UNITS,
    )


def distances(points: Array) -> Array:
    """Return the straight distances between points, shape (n, n)."""
    apart = points[:, None] - points[None, :]
    found: Array = np.hypot(apart[..., 0], apart[..., 1])
    return found


def _windowed_matrix(rows: list[list[str]], name: str) -> ProblemDocument:
    """Return a TSP with windows told by n, a matrix (travel and service), and a window a stop."""
    words = [word for row in rows for word in row]
    n = round(_numbers(words[:1], name)[0])
    _check_size(n, name)
    # Some collections add a line or two behind the windows.
    needed = 1 + n * n + 2 * n
    if len(words) < needed:
        raise DataError(
            N_("%(file)s: expected %(n)s numbers after the first, found %(found)s."),
            file=name,
            n=needed - 1,
            found=len(words) - 1,
        )
    numbers = np.array(_numbers(words[1:needed], name))
    cost, windows = numbers[: n * n].reshape(n, n), numbers[n * n :].reshape(n, 2)
    return _windowed(cost, windows, np.zeros(n), _n_units(numbers), name)


def _windowed_table(lines: list[str], name: str) -> ProblemDocument:
    """Return a TSP with windows told by a table: number, x, y, demand, ready, due, service."""
    start = next(i for i, line in enumerate(lines) if line.upper().startswith("CUST NO"))
    rows = [line.split() for line in lines[start + 1 :] if line and line.split()[0] != "999"]
    if any(len(row) != 7 for row in rows):
        raise DataError(N_("%(file)s: a customer is told by seven numbers."), file=name)
    _check_size(len(rows), name)
    table = np.array([_numbers(row, name) for row in rows])
    # Whole travel times, as in the published results for these tables.
    cost = np.floor(distances(table[:, 1:3]))
    return _windowed(cost, table[:, 4:6], table[:, 6], _n_units(table[:, 4:]), name)


def _windowed(cost: Array, windows: Array, service: Array, n_units: int, name: str) -> ProblemDocument:
    """Return: least travel, from the depot (first stop) within its window, through all, and back."""
    opens, closes = np.round(windows * n_units).astype(np.int64).T
    dwell = np.round(service * n_units).astype(np.int64)
    stops = [DocumentStop("1", int(dwell[0]))] + [
        DocumentStop(str(i + 1), int(dwell[i]), ((int(opens[i]), int(closes[i] + dwell[i])),))
        for i in range(1, len(cost))
    ]
    return ProblemDocument(
        title=name,
        stops=tuple(stops),
        walk_s=np.round(cost * n_units).astype(np.int64),
        length_m=cost,
        first=0,
        is_round=True,
        starts_s=int(opens[0]),
        ends_s=int(closes[0]),
        n_units=n_units,
    )


def _n_units(numbers: Array) -> int:
    """Return by what numbers must be multiplied to be whole, at most 10,000."""
    for n_decimals in range(_MOST_DECIMALS):
        scaled = numbers * 10**n_decimals
        if np.allclose(scaled, np.round(scaled), rtol=0, atol=1e-6):
            return int(10**n_decimals)
    return int(10**_MOST_DECIMALS)
