"""Which stop of its wish each stop of a stored tour is, and what was wished of it there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from shapely import Point
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.saved_tours import saved_row, stop_keys
from app.domain.crs import to_storage
from app.domain.tours import MeetingPlace, RequestedStop, TourRequest, parse_request
from app.domain.windows import Window
from app.errors import N_, DataError, NotFoundError, TooLargeError
from app.services.timetabling import TourPlan

# Coordinates that went through degrees and back.
_SAME_M = 0.5
# Among stops at one place: it says more to take another time there than to be told another note, and
# of what is alike the order of the wish is kept.
_OTHER_PLACE, _OTHER_DWELL, _OTHER_NOTE, _OUTSIDE, _OTHER_ORDER = 1e6, 4.0, 2.0, 1.0, 1e-6


def wished_order(stops: Sequence[RowMapping], wish: TourRequest, plan: TourPlan | None = None) -> list[int]:
    """Return which stop of a wish each stored stop is; where people meet is none.

    Of several wishes for one place each stop is the one whose visit is as long, whose note is the
    same, and within whose windows it is visited.

    Parameters
    ----------
    stops : sequence of RowMapping
        As `app.db.saved_tours.stop_keys` returns them.
    wish : TourRequest
        The one the tour was planned from.
    plan : TourPlan, optional
        The times of the stops; without it windows are not looked at.

    Raises
    ------
    NotFoundError
        Naming a stored stop that the wish does not know.
    """
    order = _matched(stops, wish, plan)
    for stop, i in zip(stops, order, strict=True):
        if i is None:
            raise NotFoundError(N_("There is no place “%(key)s” any more."), key=stop["name"])
    return [i for i in order if i is not None and i < len(wish.stops)]


def _matched(stops: Sequence[RowMapping], wish: TourRequest, plan: TourPlan | None) -> list[int | None]:
    """Return the wished stop of each stored one, together the likeliest; None where there is none."""
    wished, clock = wish.places, wish.clock
    begins_s = (
        [None] * len(stops) if plan is None else [clock.seconds_of(stop.begins_at) for stop in plan.places]
    )
    unlike = np.array(
        [
            [
                _unlikeness(stop, one, wish, at_s)
                if (stop["position"] == 0) is (one is wish.meeting)
                else _OTHER_PLACE
                for one in wished
            ]
            for stop, at_s in zip(stops, begins_s, strict=True)
        ]
    ).reshape(len(stops), len(wished))
    steps = np.arange(len(stops))[:, None] - np.arange(len(wished))
    pairs = zip(*linear_sum_assignment(unlike + _OTHER_ORDER * steps**2), strict=True)
    found = {int(n): int(i) for n, i in pairs if unlike[n, i] < _OTHER_PLACE}
    return [found.get(n) for n in range(len(stops))]


def _unlikeness(
    stop: RowMapping, wished: RequestedStop | MeetingPlace, wish: TourRequest, begins_s: float | None
) -> float:
    if not _is_there(stop, wished):
        return _OTHER_PLACE
    unlikeness = 0.0
    if abs(stop["dwell_min"] * 60 - wished.dwell_s) > 1:
        unlikeness += _OTHER_DWELL
    if stop["note"] != wished.note:
        unlikeness += _OTHER_NOTE
    if begins_s is not None and not _is_within(wish.windows(wished), begins_s):
        unlikeness += _OUTSIDE
    return unlikeness


def _is_within(windows: Sequence[Window], at_s: float) -> bool:
    return not windows or any(each.opens_s - 1 <= at_s <= each.closes_s + 1 for each in windows)


def _is_there(stop: RowMapping, wished: RequestedStop | MeetingPlace) -> bool:
    if wished.company is not None:
        return wished.company in (stop["company"], stop["firm"])
    if wished.facility is not None:
        return bool(wished.facility == stop["facility"])
    is_free = stop["company"] is None and stop["facility"] is None
    if not is_free or wished.point is None or stop["name"] != wished.name:
        return False
    return bool(to_storage(Point(stop["lon"], stop["lat"])).distance(wished.point) < _SAME_M)


def stop_windows(connection: Connection, plan: TourPlan) -> list[str]:
    """Return when each place of a stored tour can receive, ``14:00–14:30, 16:00–17:00``, in walking order.

    It is empty for a stop that can at any time, for one whose place has another key by now, and for
    all of a tour that was not planned from a wish.
    """
    row = saved_row(connection, plan.key)
    wish = None if row["wish"] is None else _readable(row["wish"])
    if wish is None:
        return [""] * len(plan.places)
    order = _matched(stop_keys(connection, row["tour_id"]), wish, plan)
    return ["" if i is None else _windows(wish, i) for i in order]


def _windows(wish: TourRequest, stop: int) -> str:
    told = wish.clock.told
    return ", ".join(
        f"{told(each.opens_s)}–{told(each.closes_s)}" for each in wish.windows(wish.places[stop])
    )


def _readable(given: object) -> TourRequest | None:
    """Return a stored wish; None for one that nobody could save any more: the tour is still walked."""
    try:
        return parse_request(given)
    except (DataError, TooLargeError):
        return None
