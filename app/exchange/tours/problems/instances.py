"""Published problems as text: TSPLIB, TSPs with time windows, orienteering without and with them.

In these formats a stop's window is about when its service begins; in a `Problem` the whole visit
lies in it, so that a window that closes at ``c`` closes at ``c`` + service here.

Sources
-------
G. Reinelt: TSPLIB 95 (1995). M. López-Ibáñez, C. Blum: benchmark instances of the TSPTW (n, matrix, windows),
after Dumas et al. 1995, Ascheuer 1996, Potvin and Bengio 1996. T. Tsiligirides 1984; I-M. Chao et al. 1996.
G. Righini, M. Salani 2009 and P. Vansteenwegen et al. 2009, after Solomon 1987 and Cordeau et al. 1997.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from app.domain.clocks import Window
from app.domain.kinds import Objective
from app.domain.tours import Array, Problem, Stop
from app.errors import N_, NN_, DataError
from app.exchange.tours.problems.document import ProblemFile, check_size, straight_distances
from app.exchange.tours.problems.tsplib import check_is_one, is_tsplib, parse_tsplib

# Decimals of times that are kept, and those of distances between coordinates (rounded up).
_MOST_DECIMALS = 4
_DISTANCE_UNITS = 10_000

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def parse_instance(text: str, name: str) -> ProblemFile:
    """Read a problem from a text in one of the published formats, whichever it is.

    Raises
    ------
    DataError
        When it is none of them, or not as its format requires.
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
        _check_walkers(rows[1], name)
        return _orienteering(_tmax_of(rows[2], name), rows[3:], name, last=-1)
    if _is_windowed_orienteering(rows):
        return _windowed_orienteering(rows, name)
    if rows and len(rows[0]) == 2 and all(len(row) == 3 for row in rows[1:]):
        check_is_one(_numbers(rows[0], name)[1], " ".join(rows[0]), name)
        return _orienteering(_tmax_of(["tmax", rows[0][0]], name), rows[1:], name, last=1)
    if rows and len(rows[0]) == 1:
        return _windowed_matrix(rows, name)
    raise DataError(N_("%(file)s is not in any of the formats for tour problems."), file=name)


def _numbers(words: Sequence[str], name: str) -> list[float]:
    for word in words:
        if not _NUMBER.fullmatch(word) or abs(float(word)) > 1e9:
            raise DataError(N_("%(file)s: expected a number, found “%(word)s”."), file=name, word=word[:40])
    return [float(word) for word in words]


def _check_size(n: int, name: str) -> None:
    check_size(n, name)
    if n < 1:
        raise DataError(N_("%(file)s has no stops."), file=name)


def _tmax_of(words: Sequence[str], name: str) -> float:
    if len(words) != 2:
        raise DataError(N_("%(file)s does not state how long the tour may be."), file=name)
    return _numbers(words[1:], name)[0]


def _check_walkers(words: Sequence[str], name: str) -> None:
    """Refuse an instance for several who walk, each a tour of their own.

    Raises
    ------
    DataError
    """
    if len(words) != 2:
        raise DataError(N_("%(file)s does not state the number of walkers."), file=name)
    check_is_one(_numbers(words[1:], name)[0], " ".join(words), name)


def _orienteering(tmax: float, rows: list[list[str]], name: str, last: int) -> ProblemFile:
    """Return: most score on a walk of at most `tmax` from the first to the last point."""
    if any(len(row) != 3 for row in rows):
        raise DataError(N_("%(file)s: a point needs x, y and its score."), file=name)
    _check_size(len(rows), name)
    points = np.array([_numbers(row, name) for row in rows])
    n, end = len(points), last % len(points)
    distance = straight_distances(points[:, :2])
    stops = tuple(
        Stop(str(i + 1), value=None if i in {0, end} else float(score))
        for i, score in enumerate(points[:, 2])
    )
    problem = Problem(
        stops=stops,
        walk_s=np.ceil(distance * _DISTANCE_UNITS - 1e-6).astype(np.int64),
        length_m=distance,
        objective=Objective.VALUE,
        first=0,
        last=end if n > 1 else None,
        ends_s=math.floor(tmax * _DISTANCE_UNITS + 1e-6),
    )
    return ProblemFile(name, problem, _DISTANCE_UNITS)


def _is_windowed_orienteering(rows: list[list[str]]) -> bool:
    """Return whether a text begins like the tables for team orienteering with time windows.

    Its first line holds four numbers (k v N t), the second one or two, then there is a line a point.
    """
    return (
        len(rows) > 2
        and len(rows[0]) == 4
        and len(rows[1]) in {1, 2}
        and all(_NUMBER.fullmatch(word) for row in rows[:2] for word in row)
    )


def _windowed_orienteering(rows: list[list[str]], name: str) -> ProblemFile:
    """Return: most score from the first point within its window, back there, each point within its own.

    Of the first line (k v N t) only the number of points N counts, of which some files leave out the depot:
    how many walk is not given in these files, v is with how many all points could be visited. A point is
    ``i x y d S f a list O C``: place, service, score, and at the end when service may begin.
    """
    n_announced, points = round(_numbers(rows[0], name)[2]), rows[2:]
    if len(points) not in {n_announced, n_announced + 1}:
        raise DataError(
            NN_(
                "%(file)s declares %(n)s point; found %(found)s.",
                "%(file)s declares %(n)s points; found %(found)s.",
            ),
            file=name,
            n=n_announced,
            found=len(points),
        )
    _check_size(len(points), name)
    table = np.array([_windowed_point(row, name) for row in points])
    # Cut off after the decimals that the published results are for.
    n_units = 10 if (table[:, :2] == np.floor(table[:, :2])).all() else 100
    opens, closes, dwell = np.round(table[:, [4, 5, 2]] * n_units).astype(np.int64).T.tolist()
    cost = np.floor(straight_distances(table[:, :2]) * n_units + 1e-6)
    stops = [Stop("1", dwell[0])] + [
        Stop(str(i + 1), dwell[i], (Window(opens[i], closes[i] + dwell[i]),), float(table[i, 3]))
        for i in range(1, len(table))
    ]
    problem = Problem(
        stops=tuple(stops),
        walk_s=cost.astype(np.int64),
        length_m=cost / n_units,
        objective=Objective.VALUE,
        first=0,
        is_round=True,
        starts_s=opens[0],
        ends_s=closes[0],
    )
    return ProblemFile(name, problem, n_units)


def _windowed_point(row: list[str], name: str) -> list[float]:
    """Return x, y, service, score, and the first and the last moment at which service may begin."""
    if len(row) < 8:
        raise DataError(
            N_("%(file)s: a point has the form “i x y d S f a list O C”; found “%(row)s”."),
            file=name,
            row=" ".join(row)[:60],
        )
    return [*_numbers(row[1:5], name), *_numbers(row[-2:], name)]


def _windowed_matrix(rows: list[list[str]], name: str) -> ProblemFile:
    """Return a TSP with windows given by n, a matrix (travel and service), and a window a stop."""
    words = [word for row in rows for word in row]
    n = round(_numbers(words[:1], name)[0])
    _check_size(n, name)
    # Some collections add a line or two behind the windows.
    needed = 1 + n * n + 2 * n
    if len(words) < needed:
        raise DataError(
            NN_(
                "%(file)s: expected %(n)s number after the first, found %(found)s.",
                "%(file)s: expected %(n)s numbers after the first, found %(found)s.",
            ),
            file=name,
            n=needed - 1,
            found=len(words) - 1,
        )
    numbers = np.array(_numbers(words[1:needed], name))
    cost, windows = numbers[: n * n].reshape(n, n), numbers[n * n :].reshape(n, 2)
    return _windowed(cost, windows, np.zeros(n), _n_units(numbers), name)


def _windowed_table(lines: list[str], name: str) -> ProblemFile:
    """Return a TSP with windows given by a table: number, x, y, demand, ready, due, service."""
    start = next(i for i, line in enumerate(lines) if line.upper().startswith("CUST NO"))
    _check_vehicles(lines[:start], name)
    rows = [line.split() for line in lines[start + 1 :] if line and line.split()[0] != "999"]
    if any(len(row) != 7 for row in rows):
        raise DataError(N_("%(file)s: a customer needs seven numbers."), file=name)
    _check_size(len(rows), name)
    table = np.array([_numbers(row, name) for row in rows])
    # Whole travel times, as in the published results for these tables.
    cost = np.floor(straight_distances(table[:, 1:3]))
    return _windowed(cost, table[:, 4:6], table[:, 6], _n_units(table[:, 4:]), name)


def _check_vehicles(head: list[str], name: str) -> None:
    """Refuse a table for vehicles that share the customers, with their number above it."""
    words = [line.upper().split() for line in head if line]
    is_vehicle = [row[0].startswith("VEHICLE") for row in words]
    for row in words[is_vehicle.index(True) :] if any(is_vehicle) else ():
        if all(_NUMBER.fullmatch(word) for word in row):
            check_is_one(float(row[0]), f"VEHICLE {row[0]}", name)
            return


def _windowed(cost: Array, windows: Array, service: Array, n_units: int, name: str) -> ProblemFile:
    """Return: least travel, from the depot (first stop) within its window, through all, and back."""
    opens, closes = np.round(windows * n_units).astype(np.int64).T.tolist()
    dwell = np.round(service * n_units).astype(np.int64).tolist()
    stops = [Stop("1", dwell[0])] + [
        Stop(str(i + 1), dwell[i], (Window(opens[i], closes[i] + dwell[i]),)) for i in range(1, len(cost))
    ]
    problem = Problem(
        stops=tuple(stops),
        walk_s=np.round(cost * n_units).astype(np.int64),
        length_m=cost,
        first=0,
        is_round=True,
        starts_s=opens[0],
        ends_s=closes[0],
    )
    return ProblemFile(name, problem, n_units)


def _n_units(numbers: Array) -> int:
    """Return by what numbers must be multiplied to be whole, at most 10,000."""
    for n_decimals in range(_MOST_DECIMALS):
        scaled = numbers * 10**n_decimals
        if np.allclose(scaled, np.round(scaled), rtol=0, atol=1e-6):
            return int(10**n_decimals)
    return int(10**_MOST_DECIMALS)
