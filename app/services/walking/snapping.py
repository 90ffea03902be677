"""The ends of a new walkway snapped to the network: edges meet only where their ends coincide."""

from __future__ import annotations

from typing import Any

import shapely
from shapely import LineString, Point
from shapely.ops import substring
from sqlalchemy import Connection

from app.db.versions import date_range
from app.db.walking.walkways import divide_walkway, walkways_near
from app.domain.period import Period

# Somebody who clicks or types a point hits a path so well.
SNAP_M = 3.0


def snapped_line(connection: Connection, line: LineString, period: Period) -> LineString:
    """Return a new walkway's line with its ends on the network of its time.

    An end is moved onto the nearest end of a walkway within `SNAP_M`; else onto the nearest
    walkway, which is divided there from the first day on; else it stays where it is.

    Parameters
    ----------
    connection : Connection
        Walkways may be divided.
    line : LineString
        EPSG:25832.
    period : Period
        When the new walkway is there.
    """
    xy = shapely.get_coordinates(line)
    for end in (0, -1):
        at = _snapped(connection, Point(xy[end]), period)
        xy[end] = at.x, at.y
    snapped = LineString(xy)
    # Both ends met at one point: then the line is too short to be snapped at both.
    return snapped if snapped.length > 0 and snapped.is_valid else line


def _snapped(connection: Connection, end: Point, period: Period) -> Point:
    near = walkways_near(connection, end, SNAP_M, date_range(period))
    tips = [Point(row["geometry"].coords[i]) for row in near for i in (0, -1)]
    near_tips = [tip for tip in tips if tip.distance(end) <= SNAP_M]
    if near_tips:
        return min(near_tips, key=end.distance)
    if not near:
        return end
    nearest = min(near, key=lambda row: end.distance(row["geometry"]))
    at_m = nearest["geometry"].project(end)
    met = nearest["geometry"].interpolate(at_m)
    # The same path before and after a change of its name is two rows of one line.
    for row in near:
        if row["geometry"].equals_exact(nearest["geometry"], 0):
            divide_walkway(connection, row, _pieces(row, at_m, met), period.starts_on)
    return Point(met)


def _pieces(row: dict[str, Any], at_m: float, met: Point) -> list[LineString]:
    """Return both parts of a row's line; they meet in exactly one point."""
    line = row["geometry"]
    before = shapely.get_coordinates(substring(line, 0, at_m))
    after = shapely.get_coordinates(substring(line, at_m, line.length))
    before[-1] = after[0] = met.x, met.y
    return [LineString(before), LineString(after)]
