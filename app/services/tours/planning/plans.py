"""From a tour request to a plan: places, walks with the permissions of that day, the best order, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta

import numpy as np
from sqlalchemy import Connection

from app.analysis.tours import Pause, Plan, Problem, Stop, Visit, solve
from app.analysis.walking.gates import AccessPermission, Options, walk_options
from app.analysis.walking.paces import WalkProfile
from app.db.tours.request_data import permissions_on, public_opening_hours
from app.domain.clocks import DAY_S, Window
from app.domain.opening_hours import hours_on
from app.domain.tour_requests import MeetingPlace, TourRequest
from app.services.tours.planning.request_places import ResolvedPlace, request_places
from app.services.walking.networks import network_on

PLAN_LIMIT_S = 1.0
# What a page may show while the planner goes on: with the walk network, legs and words within 200 ms.
FIRST_LIMIT_S = 0.065
EXPLAIN_LIMIT_S = 5.0

Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class PlanningTask:
    """A tour request with its places and the walks between them, ready to be solved.

    The stops of `problem`, `places` and `request` have one order; times are seconds since midnight. Where
    people meet is the last of the places, and the tour's first stop; it is no stop of the request.
    """

    request: TourRequest
    places: tuple[ResolvedPlace, ...]
    options: Options
    problem: Problem

    @property
    def meeting(self) -> int | None:
        """Index of the place where people meet; None where they just come to the first stop."""
        return None if self.request.meeting is None else len(self.request.stops)

    @property
    def first_position(self) -> int:
        """Position of the first place walked from: 0 for where people meet, else 1."""
        return 1 if self.request.meeting is None else 0

    def visits(self, plan: Plan) -> tuple[Visit, ...]:
        """Return the visits of a plan without the meeting."""
        return tuple(visit for visit in plan.visits if visit.stop != self.meeting)


def make_task(
    connection: Connection,
    request: TourRequest,
    tour: str | None = None,
    *,
    pace_m_s: float | None = None,
    is_stored: bool = False,
) -> PlanningTask:
    """Read what planning a tour request needs; nothing of it is read again afterwards.

    Parameters
    ----------
    connection : Connection
        Only read.
    request : TourRequest
    tour : str, optional
        Key of the stored tour the request is of: permissions given to it count, too.
    pace_m_s : float, optional
        The tour's own pace; without it that of its group.
    is_stored : bool
        The places are the stored tour's, wherever they are; where all that is asked is their order, they are
        walked to as they are, without metres and minutes where no way leads.

    Raises
    ------
    NotFoundError, DataError
        As `request_places`.
    """
    network = network_on(connection, request.on)
    places = request_places(connection, request, network.subgraph(), is_near=not is_stored)
    profile = WalkProfile(request.group_size, request.is_step_free, pace_m_s)
    points = np.array([place.point for place in places], dtype=object)
    options = walk_options(network, points, profile, day_permissions(connection, request, tour))
    problem = _problem(request, places, options)
    if is_stored and request.asks_only_order:
        problem = replace(problem, walk_s=np.maximum(problem.walk_s, 0))
    return PlanningTask(request, places, options, problem)


def day_permissions(connection: Connection, request: TourRequest, tour: str | None) -> list[AccessPermission]:
    """Return the permissions of a request's walk on its day, by edge and time, everybody's among them.

    Permissions of one edge that follow on one another are one: who gave it until three and who gave it from
    three on do not close the gate in between.
    """
    permissions: list[AccessPermission] = []
    for edge, opens_s, closes_s in sorted(_hours(connection, request, tour)):
        last = permissions[-1] if permissions else None
        if last is not None and last.edge == edge and opens_s <= last.closes_s:
            permissions[-1] = replace(last, closes_s=max(last.closes_s, closes_s))
        else:
            permissions.append(AccessPermission(edge, opens_s, closes_s))
    return permissions


def _hours(connection: Connection, request: TourRequest, tour: str | None) -> Iterator[tuple[str, int, int]]:
    """Yield edges with the seconds between which they may be walked, night by night of the tour."""
    for n in range(-1, 2 if request.may_last_over_midnight else 1):
        for row in permissions_on(connection, request.on + timedelta(days=n), tour, request.on):
            opens_s = _seconds(row["opens_at"], 0)
            closes_s = _seconds(row["closes_at"], DAY_S)
            # Of the day before only the night matters that reaches into the tour's day.
            if n < 0 and closes_s >= opens_s:
                continue
            closes_s += DAY_S if closes_s < opens_s else 0
            opens_s, closes_s = (max(0, n * DAY_S + shown_s) for shown_s in (opens_s, closes_s))
            yield row["key"], request.clock.seconds(opens_s), request.clock.seconds(closes_s)
    yield from _public_opening_hours(connection, request)


def _public_opening_hours(connection: Connection, request: TourRequest) -> Iterator[tuple[str, int, int]]:
    """Yield edges with the seconds between which everybody may walk them."""
    for n in range(2 if request.may_last_over_midnight else 1):
        day = request.on + timedelta(days=n)
        for edge, text in public_opening_hours(connection, day).items():
            for span in hours_on(text, day):
                opens_s, closes_s = (request.clock.seconds(n * DAY_S + shown_s) for shown_s in span)
                yield edge, opens_s, closes_s


def _seconds(clock: time | None, otherwise: int) -> int:
    return otherwise if clock is None else 3600 * clock.hour + 60 * clock.minute + clock.second


def _problem(request: TourRequest, places: tuple[ResolvedPlace, ...], options: Options) -> Problem:
    return Problem(
        stops=tuple(_stop(request, i, place) for i, place in enumerate(places)),
        walk_s=options.walk_s,
        length_m=np.where(options.walk_s < 0, 0.0, options.length_m),
        ways=options.timed_arcs,
        objective=request.objective,
        first=request.first if request.meeting is None else len(request.stops),
        last=request.last,
        is_round=request.is_round,
        orders=request.orders,
        starts_s=request.starts_s,
        ends_s=request.ends_s,
        max_walk_m=request.max_walk_m,
        pause=_pause(request),
    )


def _pause(request: TourRequest) -> Pause | None:
    begins = request.pause_begins
    return None if request.pause is None or begins is None else Pause(request.pause.dwell_s, begins)


def _stop(request: TourRequest, i: int, place: ResolvedPlace) -> Stop:
    """Return a stop as the planner knows it; it starts on the minute where people meet."""
    stop = request.places[i]
    if isinstance(stop, MeetingPlace):
        return Stop(place.name, 0, (Window(request.starts_s, request.starts_s),))
    value, position = stop.value if stop.is_optional else None, stop.position
    if request.meeting is not None:
        # The place where people meet comes before all others.
        value = None if i == request.first else value
        position = 1 if i == request.first else None if position is None else position + 1
    return Stop(place.name, stop.dwell_s, request.windows(stop), value, position)


def solve_task(
    task: PlanningTask, *, limit_s: float = PLAN_LIMIT_S, cancelled: Cancelled | None = None
) -> Plan:
    """Return the best plan found within the time limit.

    Raises
    ------
    InputError
        When the request contradicts itself.
    """
    return solve(task.problem, limit_s=limit_s, cancelled=cancelled)
