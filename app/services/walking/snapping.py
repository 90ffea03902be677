"""The ends of a walkway snapped to the network: edges meet only where their ends coincide."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import LineString, Point
from shapely.ops import substring
from sqlalchemy import Connection

from app.db.versions import date_range
from app.db.walking.walkways import divide_walkway, walkways_near
from app.domain.localizer import Localizer
from app.domain.period import Period
from app.errors import N_

# Somebody who clicks or types a point hits a path so well.
SNAP_M = 3.0
START, END = 0, -1
_JOINED = {
    START: N_("Its start is joined to “%(name)s”."),
    END: N_("Its end is joined to “%(name)s”."),
}
_DIVIDED = {
    START: N_("Its start is joined to “%(name)s”, which is divided there."),
    END: N_("Its end is joined to “%(name)s”, which is divided there."),
}
_FREE = {
    START: N_("Its start is joined to no way: it lies more than 3 m from the next one."),
    END: N_("Its end is joined to no way: it lies more than 3 m from the next one."),
}


@dataclass(frozen=True)
class Joint:
    """What an end of a line is joined to: name or key of a walkway, and whether that is divided there."""

    name: str
    is_divided: bool = False


@dataclass(frozen=True)
class SnappedLine:
    """A walkway's line, and what its start and its end are joined to; None is nothing."""

    line: LineString
    joints: tuple[Joint | None, Joint | None] = (None, None)

    def sentences(self, localizer: Localizer) -> str:
        """Say what both ends are joined to."""
        told = [
            localizer.translate(_FREE[end])
            if (joint := self.joints[end]) is None
            else localizer.translate((_DIVIDED if joint.is_divided else _JOINED)[end], name=joint.name)
            for end in (START, END)
        ]
        return " ".join(told)


def snapped_line(
    connection: Connection,
    line: LineString,
    period: Period,
    *,
    but: str | None = None,
    ends: Collection[int] = (START, END),
) -> SnappedLine:
    """Return a walkway's line with its ends on the network of its time.

    An end is moved onto the nearest end of a walkway within `SNAP_M`; else onto the nearest
    walkway, which is divided there from the first day on; else it stays where it is.

    Parameters
    ----------
    connection : Connection
        Walkways may be divided.
    line : LineString
        EPSG:25832.
    period : Period
        When the walkway is there.
    but : str or None
        Key of the walkway itself, where it is stored already.
    ends : collection of int
        Which ends may be moved; of the others only what they meet is told.
    """
    xy = shapely.get_coordinates(line)
    joints: list[Joint | None] = [None, None]
    for end in (START, END):
        reach_m = SNAP_M if end in ends else 0.0
        at, joints[end] = _snapped(connection, Point(xy[end]), period, but, reach_m)
        xy[end] = at.x, at.y
    snapped = LineString(xy)
    if snapped.length > 0 and snapped.is_valid:
        return SnappedLine(snapped, (joints[START], joints[END]))
    # Both ends met at one point: the line is too short to be snapped at both.
    return SnappedLine(line)


def _snapped(
    connection: Connection, end: Point, period: Period, but: str | None, reach_m: float
) -> tuple[Point, Joint | None]:
    near = [row for row in walkways_near(connection, end, reach_m, date_range(period)) if row["key"] != but]
    tips = [(Point(row["geometry"].coords[i]), row) for row in near for i in (START, END)]
    near_tips = [(tip, row) for tip, row in tips if tip.distance(end) <= reach_m]
    if near_tips:
        tip, row = min(near_tips, key=lambda each: end.distance(each[0]))
        return tip, Joint(_name(row))
    if not near or not reach_m:
        return end, None
    nearest = min(near, key=lambda row: end.distance(row["geometry"]))
    at_m = nearest["geometry"].project(end)
    met = nearest["geometry"].interpolate(at_m)
    # The same path before and after a change of its name is two rows of one line.
    for row in near:
        if row["geometry"].equals_exact(nearest["geometry"], 0):
            divide_walkway(connection, row, _pieces(row, at_m, met), period.starts_on)
    return Point(met), Joint(_name(nearest), is_divided=True)


def _name(row: dict[str, Any]) -> str:
    return str(row["name"] or row["key"])


def _pieces(row: dict[str, Any], at_m: float, met: Point) -> list[LineString]:
    """Return both parts of a row's line; they meet in exactly one point."""
    line = row["geometry"]
    before = shapely.get_coordinates(substring(line, 0, at_m))
    after = shapely.get_coordinates(substring(line, at_m, line.length))
    before[-1] = after[0] = met.x, met.y
    return [LineString(before), LineString(after)]
