"""Tours, their stops and legs, as frames for maps and files."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
from sqlalchemy import Connection

from app.db.features.readers import frame_of_selection
from app.db.features.rows.tours import walk_rows
from app.db.features.selection import Selection
from app.domain.frames import TOUR_LEGS, TOUR_STOPS, TOURS, Contract


def tours_on(
    connection: Connection, on: date | None = None, park: str | None = None, *, is_public: bool = True
) -> gpd.GeoDataFrame:
    """Return the planned tours, each with its sums and its whole walk.

    Parameters
    ----------
    connection : Connection
    on : date or None
        Taken as in every reader of this room, and not regarded: a tour has a day of its own and
        is shown whatever day the map shows.
    park : str or None
        Only tours of this park.
    is_public : bool
        Only published tours.

    Returns
    -------
    GeoDataFrame
        Columns of `TOURS`, MultiLineStrings (one line a leg) in EPSG:25832, in order of time. A tour
        without planned legs has no walk and no row; see `app.db.tours.records.unplanned`.
    """
    return _walks(connection, TOURS, park, is_public=is_public)


def tour_stops_on(
    connection: Connection, on: date | None = None, park: str | None = None, tour: str | None = None
) -> gpd.GeoDataFrame:
    """Return the stops of tours in walking order, with minutes from the tour's start.

    `company` is the key of the occupancy, as in the companies frame. `arrives_min` and `departs_min`
    take legs that are not planned as no walk at all. Other parameters as `tours_on`; `tour` is the
    key of the only tour wanted; without it the published ones are.
    """
    return _walks(connection, TOUR_STOPS, park, tour)


def tour_legs_on(
    connection: Connection, on: date | None = None, park: str | None = None, tour: str | None = None
) -> gpd.GeoDataFrame:
    """Return the legs of tours in parts, in walking order: straight beside the network, or along it.

    `position` is that of the stop a leg leaves. Parts of no length have no row, nor have legs that
    are not planned. Other parameters as `tour_stops_on`.
    """
    return _walks(connection, TOUR_LEGS, park, tour)


def _walks(
    connection: Connection,
    contract: Contract,
    park: str | None,
    tour: str | None = None,
    *,
    is_public: bool = True,
) -> gpd.GeoDataFrame:
    """Return the rows of walks in order of time."""
    rows = walk_rows(contract, tour, is_public=is_public)
    in_park = () if park is None else (rows.in_park(park),)
    order = (rows.table.c.instant, *rows.key)
    return frame_of_selection(connection, Selection(rows, in_park), order)
