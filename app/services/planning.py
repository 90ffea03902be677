"""From a wish to a plan: places, walks with the leave of that day, the best order, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time

import numpy as np
from sqlalchemy import Connection

from app.analysis.tours import Pause, Plan, Problem, Stop, solve
from app.analysis.walking.gates import Leave, Options, walk_options
from app.analysis.walking.paces import WalkProfile
from app.db.tour_wishes import leaves_on, public_hours_on
from app.domain.opening_hours import hours_on
from app.services.networks import network_on
from app.services.wish_places import Place, wish_places
from app.services.wishes import Wish, WishStop

# A whole day, where leave says no hours.
_DAY_S = 24 * 3600

PLAN_LIMIT_S = 1.0
# What a page may show while the planner goes on: with the walk network, legs and words within 200 ms.
FIRST_LIMIT_S = 0.065
EXPLAIN_LIMIT_S = 5.0

Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Task:
    """A wish with its places and the walks between them, ready to be solved.

    The stops of `problem`, `places` and `wish` have one order; times are seconds since midnight.
    """

    wish: Wish
    places: tuple[Place, ...]
    options: Options
    problem: Problem


def make_task(connection: Connection, wish: Wish, tour: str | None = None) -> Task:
    """Read what planning a wish needs; nothing of it is read again afterwards.

    Parameters
    ----------
    connection : Connection
        Only read.
    wish : Wish
    tour : str, optional
        Key of the stored tour the wish is of: leave given to it counts, too.

    Raises
    ------
    NotFoundError, DataError
        As `wish_places`.
    """
    network = network_on(connection, wish.on)
    places = wish_places(connection, wish, network)
    profile = WalkProfile(wish.group_size, wish.is_step_free)
    points = np.array([place.point for place in places], dtype=object)
    options = walk_options(network, points, profile, day_leaves(connection, wish, tour))
    return Task(wish, places, options, _problem(wish, places, options))


def day_leaves(connection: Connection, wish: Wish, tour: str | None) -> list[Leave]:
    """Return the leave a wish's walk has on its day, by edge and time: its own, and everybody's hours.

    Hours of one edge that follow on one another are one: who gave leave until three and who gave it
    from three on do not close the gate in between.
    """
    hours = [
        (row["key"], _seconds(row["opens_at"], 0), _seconds(row["closes_at"], _DAY_S))
        for row in leaves_on(connection, wish.on, tour)
    ]
    for edge, told in public_hours_on(connection, wish.on).items():
        hours += [(edge, *span) for span in hours_on(told, wish.on)]
    leaves: list[Leave] = []
    for edge, opens_s, closes_s in sorted(hours):
        last = leaves[-1] if leaves else None
        if last is not None and last.edge == edge and opens_s <= last.closes_s:
            leaves[-1] = replace(last, closes_s=max(last.closes_s, closes_s))
        else:
            leaves.append(Leave(edge, opens_s, closes_s))
    return leaves


def _seconds(clock: time | None, otherwise: int) -> int:
    return otherwise if clock is None else 3600 * clock.hour + 60 * clock.minute + clock.second


def _problem(wish: Wish, places: tuple[Place, ...], options: Options) -> Problem:
    return Problem(
        stops=tuple(_stop(place, stop) for place, stop in zip(places, wish.stops, strict=True)),
        walk_s=options.walk_s,
        length_m=np.where(options.walk_s < 0, 0.0, options.length_m),
        ways=options.ways,
        objective=wish.objective,
        first=wish.first,
        last=wish.last,
        is_round=wish.is_round,
        orders=wish.orders,
        starts_s=wish.starts_s,
        ends_s=wish.ends_s,
        max_walk_m=wish.max_walk_m,
        pause=None if wish.pause is None else Pause(wish.pause.dwell_s, wish.pause.begins),
    )


def _stop(place: Place, stop: WishStop) -> Stop:
    return Stop(place.name, stop.dwell_s, stop.windows, stop.value, stop.position)


def solve_task(task: Task, *, limit_s: float = PLAN_LIMIT_S, cancelled: Cancelled | None = None) -> Plan:
    """Return the best plan found within the time limit.

    Raises
    ------
    InputError
        When the wish contradicts itself.
    """
    return solve(task.problem, limit_s=limit_s, cancelled=cancelled)
