"""Whom to bring together next: a host and k guests, proven to be the best choice.

The weights of the pairs that meet for the first time count, and apart from them how much a company is due:
the first alone always invites the same dense block.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import replace
from itertools import count

import numpy as np

from app.analysis.meetings.groups import GroupProblem, best_groups
from app.analysis.meetings.host_search import HostSearch
from app.analysis.meetings.meeting_problem import MeetingChoice, NextMeeting, check_meeting
from app.analysis.meetings.walk_limit import walk_limit
from app.analysis.meetings.walk_search import EQUAL, WalkTask, heaviest_walked
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
    return _best(_with_required_near(problem), limit_s)


def _with_required_near(problem: NextMeeting) -> NextMeeting:
    """Return a problem in which any host may invite those who must come."""
    if problem.near is None or not problem.required:
        return problem
    near = np.array(problem.near, dtype=bool)
    near[:, list(problem.required)] = True
    return replace(problem, near=near)


def _best(problem: NextMeeting, limit_s: float) -> MeetingChoice:
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
    parts = _Parts(time.perf_counter() + limit_s)
    check_meeting(problem)
    whole = _with_required_near(problem)
    parts.put(whole, _best(whole, limit_s))
    found: list[MeetingChoice] = []
    while parts.solved and len(found) < n:
        found.append(parts.take_best())
    return tuple(found)


class _Parts:
    """What is left of a problem, in parts that are solved as far as time goes."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.solved: list[tuple[float, int, NextMeeting, MeetingChoice]] = []
        # Of the parts for which no time was left nothing is worth more.
        self.open_bound = -np.inf
        self._numbers = count()

    def put(self, part: NextMeeting, choice: MeetingChoice) -> None:
        """Add a part with the best choice in it."""
        heapq.heappush(self.solved, (-choice.value, next(self._numbers), part, choice))

    def solve(self, part: NextMeeting, bound: float) -> None:
        """Add a part in which nothing is worth more than a bound, if it can be solved in time."""
        try:
            choice = _best(part, max(self.until - time.perf_counter(), 0.0))
        except InputError:
            return
        except BusyError:
            self.open_bound = max(self.open_bound, bound)
            return
        self.put(part, replace(choice, bound=min(choice.bound, bound)))

    def take_best(self) -> MeetingChoice:
        """Return the best choice that is left, and divide what is left of its part.

        It is proven when no part that is left can hold a better one.
        """
        most = max(self.open_bound, *(choice.bound for *_, choice in self.solved))
        _, _, part, choice = heapq.heappop(self.solved)
        kept = part.required
        for company in (one for one in choice.companies if one not in part.required):
            self.solve(replace(part, required=kept, excluded=(*part.excluded, company)), choice.bound)
            kept = (*kept, company)
        is_proved = most <= choice.value + EQUAL * (1 + abs(choice.value))
        return replace(choice, bound=choice.value if is_proved else most, is_proved=is_proved)


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
