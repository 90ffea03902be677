"""Stored plans worked out anew, in their order, after the walk network or the way of walking changed."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.saved_tours import change_tour, saved_row, stop_keys
from app.db.tour_records import leg_rows, replace_legs, replace_stops, stop_times
from app.errors import N_, DataError, NotFoundError
from app.services.plan_rows import leg_values, stop_values
from app.services.planning import Task, make_task, solve_task
from app.services.saving import moment
from app.services.wish_places import Place
from app.services.wishes import Wish, parse_wish


def replan_tour(connection: Connection, key: str) -> int:
    """Plan a saved tour anew in the order of its stops; return how many legs it has now.

    A tour that is no longer possible so keeps the plan it has: somebody has to look at it.
    """
    stored = saved_row(connection, key, is_to_change=True)
    n_legs = len(leg_rows(connection, stored["tour_id"]))
    if not n_legs:
        return 0
    try:
        task = _task_in_order(connection, stored)
    except (NotFoundError, DataError):
        return n_legs
    plan = solve_task(task)
    if not plan.visits:
        return n_legs
    before = _told(connection, stored["tour_id"])
    replace_stops(connection, stored["tour_id"], stop_values(task, plan))
    replace_legs(connection, stored["tour_id"], leg_values(task, plan))
    starts_at = moment(task.wish.on, plan.starts_s)
    if (stored["starts_at"], before) != (starts_at, _told(connection, stored["tour_id"])):
        change_tour(connection, stored["tour_id"], starts_at=starts_at)
    return len(leg_rows(connection, stored["tour_id"]))


def _told(connection: Connection, tour_id: int) -> tuple[list[object], list[object]]:
    """Return what a calendar tells of a tour beside its start."""
    stays = [tuple(row.values()) for row in stop_times(connection, tour_id)]
    return [*stays], [row["walk_s"] for row in leg_rows(connection, tour_id)]


def _task_in_order(connection: Connection, stored: RowMapping) -> Task:
    """Return the task of a tour's wish with the stops that its plan has, in that order."""
    wish = parse_wish(stored["wish"])
    places = make_task(connection, wish, stored["key"]).places
    order = _order(stop_keys(connection, stored["tour_id"]), places)
    stops = tuple(replace(wish.stops[i], position=n) for n, i in enumerate(order))
    kept: Wish = replace(wish, stops=stops, first=None, last=None, orders=())
    return make_task(connection, kept, stored["key"])


def _order(stops: list[RowMapping], places: tuple[Place, ...]) -> list[int]:
    """Return which stop of the wish each stored stop is."""
    left = list(range(len(places)))
    order = []
    for stop in stops:
        same = (stop["name"], stop["company"], stop["facility"])
        found = [i for i in left if (places[i].name, places[i].company, places[i].facility) == same]
        if not found:
            raise NotFoundError(N_("There is no place “%(key)s” any more."), key=stop["name"])
        order.append(found[0])
        left.remove(found[0])
    return order
