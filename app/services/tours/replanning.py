"""Plans of stored tours: stored, and worked out anew in their order after the walk network changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.tours import Plan
from app.db.tours.records import leg_rows, replace_legs, replace_stops, stop_rows, stop_times
from app.db.tours.saved import change_tour, saved_row
from app.domain.tour_requests import TourRequest, parse_request
from app.errors import DataError, NotFoundError, TooLargeError
from app.services.tours.plan_rows import leg_values, stop_values
from app.services.tours.planning.plans import PlanningTask, make_task, solve_task


def store_plan(
    connection: Connection, tour_id: int, task: PlanningTask, plan: Plan, order: Sequence[int] | None = None
) -> None:
    """Put a plan in the place of a tour's; `order` as in `stop_values`."""
    replace_stops(connection, tour_id, stop_values(task, plan, order))
    replace_legs(connection, tour_id, leg_values(task, plan))


def replan_tour(
    connection: Connection, key: str, *, is_new: bool = False, order: Sequence[int] | None = None
) -> int:
    """Plan a stored tour anew in its order, or in another one; return how many legs it has now.

    A tour that is no longer possible so keeps the plan it has: somebody has to look at it. One without a plan
    stays so, unless it `is_new`: then what is asked beside the order gives way. Where nothing is, it is
    walked as it is. Calendars that took the tour get it anew where its times change, unless it `is_new`.

    Parameters
    ----------
    connection : Connection
    key : str
    is_new : bool
    order : sequence of int, optional
        Which stops of the request are visited, in walking order; as they are stored without.
    """
    stored = saved_row(connection, key, is_to_change=True)
    tour_id, n_legs = stored["tour_id"], len(leg_rows(connection, stored["tour_id"]))
    if order is None:
        order = [stop["request_stop"] for stop in stop_rows(connection, tour_id) if stop["position"]]
    for request in _requests(stored, order, is_new=is_new, is_planned=n_legs > 0):
        try:
            task = make_task(connection, request, key, pace_m_s=stored["pace_m_s"], is_stored=True)
        except (NotFoundError, DataError):
            return n_legs
        plan = solve_task(task)
        if plan.visits:
            before = stop_times(connection, tour_id)
            store_plan(connection, tour_id, task, plan, order)
            starts_at = task.request.clock.instant(plan.starts_s)
            is_other = not is_new and before != stop_times(connection, tour_id)
            if is_other or stored["starts_at"] != starts_at:
                change_tour(connection, tour_id, starts_at=starts_at)
            return len(leg_rows(connection, tour_id))
    return n_legs


def _requests(
    stored: RowMapping, order: Sequence[Any], *, is_new: bool, is_planned: bool
) -> Iterator[TourRequest]:
    """Yield what a stored tour can be planned for, in its order."""
    try:
        request = parse_request(stored["wish"])
    except (DataError, TooLargeError):
        return
    if None in order:
        return
    asked, as_it_is = (
        request.in_order(order),
        request.in_order(order).without_time_windows(stored["starts_at"]),
    )
    if not request.asks_only_order and (is_new or is_planned):
        yield asked
    if request.asks_only_order or is_new:
        yield as_it_is
