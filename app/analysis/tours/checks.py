"""What cannot be planned is refused in one sentence before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from app.analysis.tours.problem import MOST_STOPS, Problem, Stop, Way, Window
from app.errors import N_, NN_, InputError, Phrase

Array = np.ndarray[Any, Any]

# Seconds, metres and values are whole numbers inside (seconds, millimetres, millionths):
# sums of 200 of the largest stay far from the end of a 64-bit number.
MOST_S = 10**9
MOST_M = 1e9
MOST_VALUE = 1e6


def check_problem(problem: Problem) -> None:
    """Refuse a problem that is malformed or contradicts itself.

    Parameters
    ----------
    problem : Problem

    Raises
    ------
    InputError
        One sentence that names the stop: a wrong shape, a number that is none or out of range, a window
        that is empty or shorter than the visit, no stop or more than `MOST_STOPS`, first, last, positions or
        orders that contradict each other.

    Examples
    --------
    >>> import numpy as np
    >>> from app.analysis.tours import Problem, Stop, Window, check_problem
    >>> bakery = Stop("bakery", 600, (Window(0, 300),))
    >>> check_problem(Problem((bakery,), np.zeros((1, 1)), np.zeros((1, 1))))
    Traceback (most recent call last):
    app.errors.InputError: A time window of “bakery” is shorter than the visit.
    """
    _check_size(problem)
    _check_matrices(problem)
    for stop in problem.stops:
        _check_stop(stop, len(problem.stops))
    for way in problem.ways:
        _check_way(way, problem)
    _check_limits(problem)
    _check_ends(problem)
    _check_positions(problem)
    _check_orders(problem)


def _check_size(problem: Problem) -> None:
    if not problem.stops:
        raise InputError(N_("A tour needs at least one stop."))
    if len(problem.stops) > MOST_STOPS:
        raise InputError(
            N_("A tour can have at most %(most)s stops; this one has %(n)s."),
            most=MOST_STOPS,
            n=len(problem.stops),
        )


def _check_matrices(problem: Problem) -> None:
    n = len(problem.stops)
    for matrix in (problem.walk_s, problem.length_m):
        if np.shape(matrix) != (n, n):
            raise InputError(
                NN_(
                    "The walks of %(n)s stop need %(n)s row of %(n)s number; found %(shape)s.",
                    "The walks between %(n)s stops need %(n)s rows of %(n)s numbers; found %(shape)s.",
                ),
                n=n,
                shape=" × ".join(map(str, np.shape(matrix))) or "0",
            )
    walk_s, length_m = np.array(problem.walk_s, dtype=float), np.array(problem.length_m, dtype=float)
    is_walk = walk_s != -1
    np.fill_diagonal(is_walk, val=False)
    with np.errstate(invalid="ignore"):
        is_time = (walk_s >= 0) & (walk_s <= MOST_S) & (walk_s == np.floor(walk_s))
        _refuse_first(is_walk & ~is_time, problem, walk_s, N_("seconds"))
        _refuse_first(is_walk & ~((length_m >= 0) & (length_m <= MOST_M)), problem, length_m, N_("meters"))


def _refuse_first(wrong: Array, problem: Problem, matrix: Array, unit: str) -> None:
    for i, j in np.argwhere(wrong):
        amount = float(matrix[i, j])
        raise InputError(
            N_("The walk from “%(start)s” to “%(end)s” cannot take %(amount)s %(unit)s."),
            start=problem.stops[i].name,
            end=problem.stops[j].name,
            amount=int(amount) if amount.is_integer() else amount,
            unit=Phrase(unit),
        )


def _check_stop(stop: Stop, n: int) -> None:
    if not _is_whole(stop.dwell_s, 0):
        raise InputError(
            NN_(
                "A visit of “%(stop)s” cannot take %(n)s second.",
                "A visit of “%(stop)s” cannot take %(n)s seconds.",
            ),
            stop=stop.name,
            n=stop.dwell_s,
        )
    if stop.value is not None and not 0 <= stop.value <= MOST_VALUE:
        raise InputError(
            N_("The value of “%(stop)s” must be a number, 0 or more; %(value)s is not."),
            stop=stop.name,
            value=stop.value,
        )
    if stop.position is not None and not 0 <= stop.position < n:
        raise InputError(
            N_("“%(stop)s” cannot be stop number %(position)s of %(n)s."),
            stop=stop.name,
            position=stop.position + 1,
            n=n,
        )
    for window in stop.windows:
        _check_window(window, stop.name)
        if window.closes_s - window.opens_s < stop.dwell_s:
            raise InputError(N_("A time window of “%(stop)s” is shorter than the visit."), stop=stop.name)


def _check_window(window: Window, name: str) -> None:
    if not (_is_whole(window.opens_s) and _is_whole(window.closes_s)):
        raise InputError(N_("A time window of “%(stop)s” is not given in whole seconds."), stop=name)
    if window.closes_s < window.opens_s:
        raise InputError(N_("A time window of “%(stop)s” ends before it begins."), stop=name)


def _check_way(way: Way, problem: Problem) -> None:
    n = len(problem.stops)
    if not (0 <= way.start < n and 0 <= way.end < n) or way.start == way.end:
        raise InputError(
            N_("A time-dependent walk leads from stop %(i)s to stop %(j)s; expected two different stops."),
            i=way.start,
            j=way.end,
        )
    start, end = problem.stops[way.start].name, problem.stops[way.end].name
    if not _is_whole(way.walk_s, 0) or not 0 <= way.length_m <= MOST_M:
        raise InputError(
            N_("The time-dependent walk from “%(start)s” to “%(end)s” has an impossible time or length."),
            start=start,
            end=end,
        )
    _check_window(way.departs, start)


def _check_limits(problem: Problem) -> None:
    most_m, ends_s = problem.max_walk_m, problem.ends_s
    if not _is_whole(problem.starts_s) or (ends_s is not None and not _is_whole(ends_s)):
        raise InputError(N_("The earliest start and the latest end must be in whole seconds."))
    if ends_s is not None and ends_s < problem.starts_s:
        raise InputError(N_("The latest end of the tour is before its earliest start."))
    if most_m is not None and not 0 <= most_m <= MOST_M:
        raise InputError(N_("The longest walk must be a number of meters, 0 or more."))
    if problem.pause is not None:
        if not _is_whole(problem.pause.dwell_s, 0):
            raise InputError(
                NN_("A pause cannot take %(n)s second.", "A pause cannot take %(n)s seconds."),
                n=problem.pause.dwell_s,
            )
        begins = problem.pause.begins
        if not (_is_whole(begins.opens_s) and _is_whole(begins.closes_s)):
            raise InputError(N_("The time window of the pause must be in whole seconds."))
        if begins.closes_s < begins.opens_s:
            raise InputError(N_("The time window of the pause ends before it begins."))


def _check_ends(problem: Problem) -> None:
    n, first, last = len(problem.stops), problem.first, problem.last
    for end in (first, last):
        if end is not None and not 0 <= end < n:
            raise InputError(N_("There is no stop %(i)s that could be the first or the last."), i=end)
    if last is not None and (problem.is_round or (first == last and n > 1)):
        raise InputError(
            N_("A round tour, or one that ends where it starts, cannot have “%(stop)s” as its last stop."),
            stop=problem.stops[last].name,
        )


def _check_positions(problem: Problem) -> None:
    stops, n = problem.stops, len(problem.stops)
    taken: dict[int, str] = {}
    for i, stop in enumerate(stops):
        if (i == problem.first and stop.position not in (None, 0)) or (
            stop.position == 0 and problem.first not in (None, i)
        ):
            raise InputError(
                N_("“%(stop)s” cannot be at its position while another stop is the first."), stop=stop.name
            )
        if i == problem.last and stop.position == 0 and n > 1 and _n_needed(problem) > 1:
            raise InputError(N_("“%(stop)s” cannot be both the first and the last stop."), stop=stop.name)
        if stop.position is None or _is_optional(problem, i):
            continue
        if stop.position in taken:
            raise InputError(
                N_("“%(a)s” and “%(b)s” cannot both be stop number %(position)s."),
                a=taken[stop.position],
                b=stop.name,
                position=stop.position + 1,
            )
        taken[stop.position] = stop.name


def _check_orders(problem: Problem) -> None:
    n, stops = len(problem.stops), problem.stops
    for before, after in problem.orders:
        if not (0 <= before < n and 0 <= after < n):
            raise InputError(N_("A precedence names stop %(i)s, which does not exist."), i=max(before, after))
        if before == after:
            raise InputError(N_("“%(stop)s” cannot come before itself."), stop=stops[before].name)
        if problem.first == after and not _is_optional(problem, before):
            raise InputError(
                N_("“%(a)s” cannot come before “%(b)s”, the first stop."),
                a=stops[before].name,
                b=stops[after].name,
            )
        if problem.last == before and not _is_optional(problem, after):
            raise InputError(
                N_("“%(a)s” cannot come after “%(b)s”, the last stop."),
                a=stops[after].name,
                b=stops[before].name,
            )
    for stop in _in_a_circle(problem):
        raise InputError(
            N_("The required orders form a circle: “%(stop)s” would come before itself."),
            stop=stops[stop].name,
        )


def _in_a_circle(problem: Problem) -> Iterator[int]:
    """Return the stops that come before themselves when all that must be visited are."""
    n = len(problem.stops)
    comes_before = np.zeros((n, n), dtype=bool)
    for before, after in problem.orders:
        if not (_is_optional(problem, before) or _is_optional(problem, after)):
            comes_before[before, after] = True
    for by, i in product(range(n), range(n)):
        if comes_before[i, by]:
            comes_before[i] |= comes_before[by]
    return (int(i) for i in np.flatnonzero(comes_before.diagonal()))


def _is_optional(problem: Problem, stop: int) -> bool:
    return problem.stops[stop].value is not None and stop not in (problem.first, problem.last)


def _n_needed(problem: Problem) -> int:
    return sum(not _is_optional(problem, i) for i in range(len(problem.stops)))


def _is_whole(amount: float, least: int = -MOST_S) -> bool:
    return least <= amount <= MOST_S and amount == int(amount)
