"""The shortest order of a tour's stops: found, and stored."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from app.analysis.tours import order_cost, shortest_order
from app.analysis.walking.walks import Walks
from app.db.changes import lock_tours
from app.db.saved_tours import change_tour, saved_row
from app.db.tour_records import replace_stops, stop_rows, tour_row
from app.errors import N_, ConflictError, DataError
from app.services.touring import plan_in_order, stop_walks


@dataclass(frozen=True)
class StopOrder:
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


def order_stops(connection: Connection, key: str) -> StopOrder:
    """Return the shortest order of a tour's stops, exact.

    The first stop, or where people meet, stays the first, because they gather there; a round tour comes
    back to it, any other may end at any stop.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    InputError
        For more stops than can be ordered exactly.
    DataError
        When no way leads to one of them.
    """
    is_round = tour_row(connection, key)["is_round"]
    walks = stop_walks(connection, key)
    _check_reachable(connection, key, walks)
    length_m = walks.length_m
    order, shortest_m = shortest_order(length_m, start=0, is_round=is_round)
    given_m = order_cost(length_m, range(len(length_m)), is_round=is_round)
    return StopOrder(tuple(i + _first_position(connection, key) for i in order), shortest_m, given_m)


def _first_position(connection: Connection, key: str) -> int:
    position: int = stop_rows(connection, tour_row(connection, key)["tour_id"])[0]["position"]
    return position


def _check_reachable(connection: Connection, key: str, walks: Walks) -> None:
    for row, edge in zip(
        stop_rows(connection, tour_row(connection, key)["tour_id"]), walks.snapped.edge, strict=True
    ):
        if edge < 0 and not walks.ground.is_empty:
            raise DataError(N_("The stop “%(stop)s” is not reachable on ways."), stop=row["name"])


def reorder_stops(connection: Connection, key: str) -> StopOrder:
    """Put a tour's stops into their shortest order, as `order_stops` has it, and plan its legs.

    Raises
    ------
    ConflictError
        For a tour that was planned from a wish: in another order its hours may not be kept.
    NotFoundError, InputError
        As `order_stops`.
    """
    lock_tours(connection)
    stored = saved_row(connection, key, is_to_change=True)
    if stored["wish"] is not None:
        raise ConflictError(
            N_("The stops of the tour “%(key)s” are in the order that its wish asks for: use the planner."),
            key=key,
        )
    order = order_stops(connection, key)
    if order.positions != tuple(sorted(order.positions)):
        stops = stop_rows(connection, stored["tour_id"])
        first = stops[0]["position"]
        moved = [{**stops[old - first], "position": new} for new, old in enumerate(order.positions, first)]
        replace_stops(connection, stored["tour_id"], moved)
        change_tour(connection, stored["tour_id"])
    plan_in_order(connection, key, is_new=True)
    return order
