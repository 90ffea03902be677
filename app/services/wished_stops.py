"""Which stop of its wish each stop of a stored tour is, and what was wished of it there."""

from __future__ import annotations

from collections.abc import Sequence

from shapely import Point
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.saved_tours import saved_row, stop_keys
from app.domain.crs import to_storage
from app.errors import N_, NotFoundError
from app.services.tour_words import windows_told
from app.services.wishes import WishStop, parse_wish

# Coordinates that went through degrees and back.
_SAME_M = 0.5


def wished_order(stops: Sequence[RowMapping], wished: Sequence[WishStop]) -> list[int]:
    """Return which stop of a wish each stored stop is.

    Parameters
    ----------
    stops : sequence of RowMapping
        As `app.db.saved_tours.stop_keys` returns them.
    wished : sequence of WishStop
        Those of the wish the tour was planned from.

    Raises
    ------
    NotFoundError
        Naming a stored stop that the wish does not know.
    """
    left = list(range(len(wished)))
    order = []
    for stop in stops:
        found = next((i for i in left if _is_wished(stop, wished[i])), None)
        if found is None:
            raise NotFoundError(N_("There is no place “%(key)s” any more."), key=stop["name"])
        order.append(found)
        left.remove(found)
    return order


def _is_wished(stop: RowMapping, wished: WishStop) -> bool:
    if wished.company is not None:
        return wished.company in (stop["company"], stop["firm"])
    if wished.facility is not None:
        return bool(wished.facility == stop["facility"])
    is_free = stop["company"] is None and stop["facility"] is None
    if not is_free or wished.point is None or stop["name"] != wished.name:
        return False
    return bool(to_storage(Point(stop["lon"], stop["lat"])).distance(wished.point) < _SAME_M)


def stop_windows(connection: Connection, key: str) -> list[str]:
    """Return when each stop of a stored tour can receive, ``14:00–14:30, 16:00–17:00``, in walking order.

    It is empty for a stop that can at any time, and for all of a tour that was not planned from a wish.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    """
    row = saved_row(connection, key)
    stops = stop_keys(connection, row["tour_id"])
    if row["wish"] is None:
        return [""] * len(stops)
    wished = parse_wish(row["wish"]).stops
    return [windows_told(wished[i].windows) for i in wished_order(stops, wished)]
