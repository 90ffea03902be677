"""Whom to bring together next: a host and k guests, proven to be the best choice.

The weights of the pairs that meet for the first time count, and apart from them how much a company is due:
the first alone always invites the same dense block.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import numpy as np

from app.analysis.meetings.groups import GroupProblem, best_groups
from app.analysis.meetings.host_search import HostSearch
from app.analysis.meetings.meeting_problem import MeetingChoice, NextMeeting, check_meeting
from app.analysis.meetings.walk_limit import walk_limit
from app.analysis.meetings.walk_search import WalkTask, heaviest_walked
from app.errors import BusyError, InputError


def best_meeting(problem: NextMeeting, *, limit_s: float = 2.0) -> MeetingChoice:
    """Return the host and the guests whose meeting is worth most.

    Parameters
    ----------
    problem : NextMeeting
    limit_s : float
        After so many seconds the best choice so far is returned, with what bounds all others.

    Raises
    ------
    InputError
        The problem is malformed, or it is proven that nobody can be chosen so.
    BusyError
        No choice was found in time, and none was ruled out.

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.zeros((4, 4))
    >>> weights[0, 1] = weights[1, 0] = 1.0
    >>> weights[1, 2] = weights[2, 1] = 0.6
    >>> choice = best_meeting(NextMeeting(weights, n_guests=2), limit_s=60)
    >>> choice.host, choice.guests, choice.value, choice.is_proved
    (1, (0, 2), 1.6, True)
    """
    check_meeting(problem)
    started = time.perf_counter()
    search = HostSearch(problem, started + limit_s)
    search.run()
    return search.choice(time.perf_counter() - started)


def alternatives(problem: NextMeeting, n: int, *, limit_s: float = 10.0) -> tuple[MeetingChoice, ...]:
    """Return the `n` best choices of different companies, the best first, as far as time goes.

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.array([[0.0, 3.0, 1.0], [3.0, 0.0, 2.0], [1.0, 2.0, 0.0]])
    >>> [(choice.companies, choice.value) for choice in alternatives(NextMeeting(weights, 1), 2, limit_s=60)]
    [((0, 1), 3.0), ((1, 2), 2.0)]

    Notes
    -----
    What is left when a choice is taken out is divided into parts, each of which is solved in turn: E. L.
    Lawler (1972). A choice is said to be proven where no later one can be better.
    """
    until = time.perf_counter() + limit_s
    found: list[MeetingChoice] = []
    parts: list[tuple[float, int, NextMeeting, MeetingChoice]] = []
    numbers = count()
    _push(parts, problem, until, numbers)
    while parts and len(found) < n:
        _, _, part, choice = heapq.heappop(parts)
        found.append(choice)
        kept = part.required
        for company in (one for one in choice.companies if one not in part.required):
            _push(parts, replace(part, required=kept, excluded=(*part.excluded, company)), until, numbers)
            kept = (*kept, company)
    return tuple(found)


def without(problem: NextMeeting, company: int, *, limit_s: float = 2.0) -> MeetingChoice:
    """Return the best choice without a company: what it is worth less shows how much depends on that one.

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.array([[0.0, 3.0, 1.0], [3.0, 0.0, 2.0], [1.0, 2.0, 0.0]])
    >>> without(NextMeeting(weights, 1), 0, limit_s=60).companies
    (1, 2)
    """
    return best_meeting(replace(problem, excluded=(*problem.excluded, company)), limit_s=limit_s)


def _push(
    parts: list[tuple[float, int, NextMeeting, MeetingChoice]],
    part: NextMeeting,
    until: float,
    numbers: Iterator[int],
) -> None:
    try:
        choice = best_meeting(part, limit_s=max(until - time.perf_counter(), 0.0))
    except (InputError, BusyError):
        if not parts and not part.required and not part.excluded:
            raise
        return
    heapq.heappush(parts, (-choice.value, next(numbers), part, choice))


def compile_choices() -> None:
    """Compile what choosing and grouping need and keep the code, so that no user waits for it.

    Examples
    --------
    >>> compile_choices()
    """
    weights = np.ones((6, 6)) - np.eye(6)
    limit = walk_limit(60.0 * weights, np.full(6, 60.0), 600.0)
    best_meeting(NextMeeting(weights, 2, walk=limit), limit_s=600)
    anyone = np.ones(6, dtype=bool)
    heaviest_walked(WalkTask(weights, np.zeros(6), 0, 2, anyone, ~anyone, limit), -np.inf, np.inf)
    best_groups(GroupProblem(weights, (3, 3)), limit_s=600)
