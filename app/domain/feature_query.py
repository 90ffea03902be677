"""What is asked of a collection: days, place, conditions, order, page, and the reference system.

`api` reads these from a request, `db` answers them; neither knows the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.crs import STORAGE_SRID, WGS84_SRID


@dataclass(frozen=True)
class AnswerCrs:
    """A reference system in which features are answered and boxes are given.

    Attributes
    ----------
    uri : str
        As in OGC API - Features, Part 2.
    srid : int
        The same as PostGIS knows it.
    is_lat_lon : bool
        Whether the authority puts the latitude first; coordinates inside are always x, y.
    decimals : int
        Digits written after the point: 7 of a degree or 3 of a meter.
    extent : tuple of float
        The least and the greatest x and y, ``(minx, miny, maxx, maxy)``: what lies beyond is no place in it.
    """

    uri: str
    srid: int
    is_lat_lon: bool
    decimals: int
    extent: tuple[float, float, float, float]


_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_DEGREES = (-180.0, -90.0, 180.0, 90.0)
# From pole to pole, and as far to both sides.
_ZONE_M = (-10_000_000.0, -10_000_000.0, 10_000_000.0, 10_000_000.0)
# Once around the equator, and up to 85.06 degrees as EPSG has it; a little more for who rounds.
_MERCATOR_M = (-20_037_508.35, -20_048_966.11, 20_037_508.35, 20_048_966.11)
CRS84 = AnswerCrs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", WGS84_SRID, False, 7, _DEGREES)
EPSG_4326 = AnswerCrs(f"{_EPSG}4326", WGS84_SRID, True, 7, _DEGREES)
STORAGE = AnswerCrs(f"{_EPSG}{STORAGE_SRID}", STORAGE_SRID, False, 3, _ZONE_M)
WEB_MERCATOR = AnswerCrs(f"{_EPSG}3857", 3857, False, 3, _MERCATOR_M)

ANSWER_CRS: Mapping[str, AnswerCrs] = {
    known.uri: known for known in (CRS84, EPSG_4326, STORAGE, WEB_MERCATOR)
}
# No coordinate of any of them is larger.
LARGEST_COORDINATE = max(abs(each) for known in ANSWER_CRS.values() for each in known.extent)


@dataclass(frozen=True)
class Span:
    """The days asked for: from `first` to `last`, both included; None leaves a side open.

    An instant (`first` equal to `last`) finds one version of a thing, a longer span all versions
    that met it.
    """

    first: date | None = None
    last: date | None = None

    @classmethod
    def on(cls, day: date) -> Span:
        """Return the span of one day."""
        return cls(day, day)

    @property
    def is_instant(self) -> bool:
        """Whether exactly one day is asked for."""
        return self.first is not None and self.first == self.last


ALL_TIME = Span()


@dataclass(frozen=True)
class Box:
    """A rectangle, x before y whatever the authority says; `srid` names its reference system."""

    minx: float
    miny: float
    maxx: float
    maxy: float
    srid: int


@dataclass(frozen=True)
class SortKey:
    """A column of the collection, and the direction in which it orders."""

    name: str
    is_descending: bool = False


@dataclass(frozen=True)
class FeatureQuery:
    """Which features of a collection are wanted, and how.

    Attributes
    ----------
    collection : str
        A name of `app.domain.frames.CONTRACTS`.
    span : Span
        Regarded where the collection's rows have a period.
    park : str or None
        Only rows of this park, where rows belong to one.
    bbox : Box or None
        Only features that meet it.
    equals : mapping
        Column -> the text it must be equal to, read by the column's kind.
    filter : mapping or None
        A CQL2 expression in its JSON form.
    filter_srid : int
        The reference system of the geometries in `filter`, x before y.
    sort : tuple of SortKey
        Before the order by id that always decides last.
    after : tuple or None
        The place in that order after which the page begins, as `Page.after` gave it.
    limit : int or None
        The most features; None for all.
    crs : AnswerCrs
        Of the geometries in the answer.
    properties : tuple of str or None
        The only columns wanted; None for all.
    is_internal : bool
        Whether the reader may see what is not public yet.
    """

    collection: str
    span: Span = ALL_TIME
    park: str | None = None
    bbox: Box | None = None
    equals: Mapping[str, str] = field(default_factory=dict)
    filter: Mapping[str, Any] | None = None
    filter_srid: int = WGS84_SRID
    sort: tuple[SortKey, ...] = ()
    after: tuple[Any, ...] | None = None
    limit: int | None = None
    crs: AnswerCrs = CRS84
    properties: tuple[str, ...] | None = None
    is_internal: bool = False
