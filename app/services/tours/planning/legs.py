"""The legs of a plan as they are walked: when, along what, which turns, and why the long way round."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from app.analysis.tours import Plan
from app.analysis.walking.detours import Detour, Detours, no_way
from app.analysis.walking.directions import Turn, directions
from app.analysis.walking.walk import Walk
from app.services.tours.planning.plans import PlanningTask


@dataclass(frozen=True)
class WalkedLeg:
    """The walk from one visit of a plan to the next.

    Attributes
    ----------
    start, end : int
        Stops of the task.
    way : int or None
        Index of the walk with hours that is taken.
    departs_s, walk_s : int
        When one sets out (since midnight), and for how long one walks.
    walk : Walk
    turns : tuple of Turn
    detours : tuple of Detour
    """

    start: int
    end: int
    way: int | None
    departs_s: int
    walk_s: int
    walk: Walk
    turns: tuple[Turn, ...]
    detours: tuple[Detour, ...]


def leg_ends(task: PlanningTask, plan: Plan) -> list[tuple[int, int, int | None]]:
    """Return the stops at both ends of each leg of a plan, and the way it takes.

    The last leg of a round tour leads back to the first stop.
    """
    if len(plan.visits) < 2:
        return []
    visits = [*plan.visits, *plan.visits[:1]] if task.request.is_round else [*plan.visits]
    return [(one.stop, other.stop, one.way) for one, other in pairwise(visits)]


def walked_legs(task: PlanningTask, plan: Plan) -> tuple[WalkedLeg, ...]:
    """Return the legs of a plan in walking order."""
    detours = Detours(task.options)
    return tuple(
        _leg(task, detours, ends, visit.departs_s)
        for ends, visit in zip(leg_ends(task, plan), plan.visits, strict=False)
    )


def _leg(
    task: PlanningTask, detours: Detours, ends: tuple[int, int, int | None], departs_s: int
) -> WalkedLeg:
    start, end, way = ends
    options = task.options
    walk = options.walk(start, end, way)
    walks, windows = (
        (options.base, {}) if way is None else (options.gated[way].walks, options.gated[way].windows)
    )
    walk_s = int(task.problem.walk_s[start, end]) if way is None else options.timed_arcs[way].walk_s
    turns = directions(walks.subgraph, walk, windows, options.cached.street_beside)
    missing = no_way(options.base, start, end) if way is None else None
    found = detours.of(start, end, way, departs_s) if missing is None else (missing,)
    return WalkedLeg(start, end, way, departs_s, walk_s, walk, turns, found)
