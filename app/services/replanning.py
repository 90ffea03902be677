"""Stored plans worked out anew, in their order, after the walk network or the way of walking changed."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.saved_tours import change_tour, saved_row, stop_keys
from app.db.tour_records import leg_rows, replace_legs, replace_stops, told_times
from app.domain.tours import parse_request
from app.errors import DataError, NotFoundError
from app.services.plan_rows import leg_values, stop_values
from app.services.planning import Task, make_task, solve_task
from app.services.timetabling import TourPlan, tour_plan
from app.services.wished_stops import wished_order


def replan_tour(connection: Connection, key: str, *, is_new: bool = False) -> int:
    """Plan a saved tour anew in the order of its stops; return how many legs it has now.

    A tour that is no longer possible so keeps the plan it has: somebody has to look at it. One without
    a plan stays so, unless it `is_new`.
    """
    stored = saved_row(connection, key, is_to_change=True)
    n_legs = len(leg_rows(connection, stored["tour_id"]))
    if not n_legs and not is_new:
        return 0
    try:
        task = _task_in_order(connection, stored, tour_plan(connection, key) if n_legs else None)
    except (NotFoundError, DataError):
        return n_legs
    plan = solve_task(task)
    if not plan.visits:
        return n_legs
    before = told_times(connection, stored["tour_id"])
    replace_stops(connection, stored["tour_id"], stop_values(task, plan))
    replace_legs(connection, stored["tour_id"], leg_values(task, plan))
    starts_at = task.wish.clock.instant(plan.starts_s)
    is_other = not is_new and before != told_times(connection, stored["tour_id"])
    if is_other or stored["starts_at"] != starts_at:
        change_tour(connection, stored["tour_id"], starts_at=starts_at)
    return len(leg_rows(connection, stored["tour_id"]))


def _task_in_order(connection: Connection, stored: RowMapping, plan: TourPlan | None) -> Task:
    """Return the task of a tour's wish with the stops that its plan has, in that order."""
    wish = parse_request(stored["wish"])
    order = wished_order(stop_keys(connection, stored["tour_id"]), wish, plan)
    # Who is visited stays so: hosts know of it, also those that were left to choice at first.
    stops = tuple(
        wish.stops[i].model_copy(update={"position": n, "is_optional": False}) for n, i in enumerate(order, 1)
    )
    kept = wish.model_copy(update={"stops": stops, "first": None, "last": None, "orders": ()})
    return make_task(connection, kept, stored["key"])
