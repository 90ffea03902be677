"""The shortest order of a tour's stops: found, and stored."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.changes import lock_tours
from app.db.tours.records import stop_rows
from app.db.tours.saved import change_tour, saved_row
from app.domain.tour_requests import TourRequest, parse_request
from app.errors import N_, ConflictError, DataError
from app.services.tours.planning.plans import PlanningTask, make_task, solve_task
from app.services.tours.replanning import replan_tour

# What the planner may take for it.
_LIMIT_S = 10.0
_SAME_M = 0.005


@dataclass(frozen=True)
class ShortestOrder:
    """An order of a tour's stops, and what it saves.

    Attributes
    ----------
    positions : tuple of int
        Present positions of the stops in the shortest order; the first is 1, or 0 where people meet.
    length_m, given_length_m : float
        Length of the walk in that order, and in the present one.
    """

    positions: tuple[int, ...]
    length_m: float
    given_length_m: float


def order_stops(connection: Connection, key: str) -> ShortestOrder:
    """Return the shortest order of a tour's stops.

    The first stop, or where people meet, stays the first, because they gather there; a round tour comes
    back to it, any other may end at any stop. Of orders as short the present one is kept.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    ConflictError
        For a tour of which more is asked than its order: in another one its hours may not be kept.
    DataError
        When no way leads to one of them.
    """
    stored = saved_row(connection, key)
    request = _in_present_order(connection, stored)
    free = request.model_copy(
        update={
            "stops": tuple(stop.model_copy(update={"position": None}) for stop in request.stops),
            "first": 0 if request.meeting is None else None,
        }
    )
    task = make_task(connection, free, key, pace_m_s=stored["pace_m_s"], is_stored=True)
    _check_reachable(task)
    first = [] if task.meeting is None else [task.meeting]
    given = [*first, *range(len(request.stops))]
    given_m = _length_m(task, given)
    plan = solve_task(task, limit_s=_LIMIT_S)
    if given_m <= plan.length_m + _SAME_M:
        return ShortestOrder(tuple(range(task.first_position, len(request.stops) + 1)), given_m, given_m)
    return ShortestOrder(
        tuple(0 if stop == task.meeting else stop + 1 for stop in plan.order), plan.length_m, given_m
    )


def _in_present_order(connection: Connection, stored: RowMapping) -> TourRequest:
    request = parse_request(stored["wish"])
    if not request.asks_only_order:
        raise ConflictError(
            N_(
                "The stops of the tour “%(key)s” are in the order that its request requires: use the planner."
            ),
            key=stored["key"],
        )
    return request.in_order(_request_stops(connection, stored))


def _request_stops(connection: Connection, stored: RowMapping) -> list[int]:
    """Return which stops of its request a tour has, in its order."""
    return [stop["request_stop"] for stop in stop_rows(connection, stored["tour_id"]) if stop["position"]]


def _check_reachable(task: PlanningTask) -> None:
    for stop in task.options.unreachable:
        raise DataError(N_("The stop “%(stop)s” is not reachable along paths."), stop=task.places[stop].name)


def _length_m(task: PlanningTask, order: list[int]) -> float:
    walks = [*pairwise(order), *([(order[-1], order[0])] if task.request.is_round else [])]
    return float(sum(task.problem.length_m[walk] for walk in walks))


def reorder_stops(connection: Connection, key: str) -> ShortestOrder:
    """Put a tour's stops into their shortest order, as `order_stops` has it, and plan its legs.

    Raises
    ------
    ConflictError, DataError, NotFoundError
        As `order_stops`.
    """
    lock_tours(connection)
    stored = saved_row(connection, key, is_to_change=True)
    found = order_stops(connection, key)
    present = _request_stops(connection, stored)
    order = [present[position - 1] for position in found.positions if position]
    if order != present:
        stops = [{**stop, "position": order.index(i)} for i, stop in enumerate(stored["wish"]["stops"])]
        change_tour(connection, stored["tour_id"], wish={**stored["wish"], "stops": stops})
    replan_tour(connection, key, is_new=True, order=order)
    return found
