"""Tours as files tell them: plain JSON values, proved one by one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely import Point

from app.domain.crs import to_storage
from app.domain.kinds import TimeBasis
from app.errors import N_, DataError, Phrase

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*")
TOUR_FIELDS = (
    "key", "park", "title", "starts_at", "time_basis", "pace_m_s", "is_round", "note", "source", "wish",
    "meeting", "stops",
)  # fmt: skip
MEETING_FIELDS = ("company", "facility", "name", "lon", "lat")
STOP_FIELDS = ("company", "facility", "name", "lon", "lat", "dwell_min", "note")
LONGEST_DWELL_MIN = 24 * 60
# Beyond is a slip of the keyboard, and near the end of all dates a tour has no end that can be told.
YEARS = range(1900, 3000)


@dataclass(frozen=True)
class StopDraft:
    """A stop as a file tells it: the key of an occupancy or facility, or a name and a point.

    `point` is in EPSG:25832; exactly one of `company`, `facility` and `point` is given.
    """

    company: str | None
    facility: str | None
    name: str | None
    point: Point | None
    dwell_min: float
    note: str | None


@dataclass(frozen=True)
class TourDraft:
    """A tour as a file tells it; `starts_at` is aware, `stops` are in walking order, two or more.

    Where people come to `meeting` first, they are there at `starts_at`, and one stop will do.

    `wish` is what the planner was asked, JSON values not proved yet; None where it was not asked.
    """

    key: str
    park: str
    title: str
    starts_at: datetime
    time_basis: TimeBasis
    pace_m_s: float
    is_round: bool
    note: str | None
    source: str | None
    wish: Mapping[str, Any] | None
    meeting: StopDraft | None
    stops: tuple[StopDraft, ...]


def parse_tour(given: Mapping[str, Any]) -> TourDraft:
    """Read a tour from JSON values.

    Parameters
    ----------
    given : mapping
        With `TOUR_FIELDS`; ``note``, ``source``, ``wish`` and ``meeting`` may be missing. Each stop
        has `STOP_FIELDS`: one of ``company``, ``facility``, or ``name`` with ``lon`` and ``lat``;
        ``dwell_min``; and ``note``, which may be missing. ``meeting`` is told by a place alone.

    Raises
    ------
    DataError
        Naming the tour, the field and what was expected there.
    """
    fields = _Fields(given, given.get("key"), TOUR_FIELDS)
    meeting = _parse_meeting(fields) if "meeting" in fields.given else None
    expected = N_("a list of two or more stops") if meeting is None else N_("a list of stops")
    least = 2 if meeting is None else 1
    stops = fields.take("stops", list, expected, lambda stops: len(stops) >= least)
    return TourDraft(
        key=fields.take("key", str, N_("a key of letters, digits, “-”, “_”, “.” and “~”"), KEY.fullmatch),
        park=fields.text("park"),
        title=fields.text("title"),
        starts_at=_instant(fields),
        time_basis=TimeBasis(fields.take("time_basis", str, " / ".join(TimeBasis), _is_time_basis)),
        pace_m_s=fields.number("pace_m_s", N_("a pace between 0 and 5 m/s"), lambda pace: 0 < pace < 5),
        is_round=fields.take("is_round", bool, "true / false"),
        note=fields.text_or_none("note"),
        source=fields.text_or_none("source"),
        wish=fields.take("wish", dict, N_("what the planner was asked, an object"))
        if "wish" in fields.given
        else None,
        meeting=meeting,
        stops=tuple(_parse_stop(stop, given.get("key"), n) for n, stop in enumerate(stops, 1)),
    )


def _parse_stop(given: Any, tour: Any, n: int) -> StopDraft:
    fields = _Fields(given if isinstance(given, Mapping) else {}, tour, STOP_FIELDS, f"stops[{n}].")
    place = _place(fields)
    dwell_min = fields.number("dwell_min", N_("minutes from 0 to 1440"), _is_dwell)
    return StopDraft(**place, dwell_min=dwell_min, note=fields.text_or_none("note"))


def _parse_meeting(of: _Fields) -> StopDraft:
    given = of.given["meeting"]
    fields = _Fields(given if isinstance(given, Mapping) else {}, of.tour, MEETING_FIELDS, "meeting.")
    return StopDraft(**_place(fields), dwell_min=0.0, note=None)


def _place(fields: _Fields) -> dict[str, Any]:
    place = [name for name in ("company", "facility", "name") if name in fields.given]
    if len(place) != 1:
        raise fields.wrong("company", N_("exactly one of company, facility, or name with lon and lat"))
    is_point = place == ["name"]
    return {
        "company": fields.text_or_none("company"),
        "facility": fields.text_or_none("facility"),
        "name": fields.text("name") if is_point else None,
        "point": _point(fields) if is_point else None,
    }


def _point(fields: _Fields) -> Point:
    lon = fields.number("lon", N_("a longitude in degrees"), lambda lon: -180 <= lon <= 180)
    lat = fields.number("lat", N_("a latitude in degrees"), lambda lat: -90 <= lat <= 90)
    point = to_storage(Point(lon, lat))
    if not math.isfinite(point.x + point.y):
        raise fields.wrong("lon", N_("a longitude in degrees"))
    return point


def _instant(fields: _Fields) -> datetime:
    expected = N_("a day and time with zone, for example 2024-04-24T14:00+02:00")
    text = fields.take("starts_at", str, expected)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at.year not in YEARS:
        raise fields.wrong("starts_at", expected)
    return at


def _is_time_basis(text: str) -> bool:
    return text in list(TimeBasis)


def _is_dwell(minutes: float) -> bool:
    return 0 <= minutes <= LONGEST_DWELL_MIN


class FieldError(DataError):
    """A field of a tour is wrong."""


class _Fields:
    """Values of a record, taken one by one with what is expected of each."""

    def __init__(self, given: Mapping[str, Any], tour: Any, known: tuple[str, ...], prefix: str = "") -> None:
        self.given = {name: value for name, value in given.items() if value is not None}
        self.tour = tour
        self.prefix = prefix
        for name in self.given:
            if name not in known:
                raise self.wrong(name, ", ".join(known))

    def wrong(self, name: str, expected: str) -> FieldError:
        """Return the refusal of one field."""
        return FieldError(
            N_("Tour %(tour)s, %(field)s: expected %(expected)s, not “%(value)s”."),
            tour=str(self.tour)[:60],
            field=f"{self.prefix}{name}"[:80],
            expected=Phrase(expected),
            value=str(self.given.get(name, ""))[:60],
        )

    def take(self, name: str, kind: type, expected: str, is_right: Any = lambda value: True) -> Any:
        """Return a value of `kind` that is right, or refuse."""
        value = self.given.get(name)
        if not isinstance(value, kind) or not is_right(value):
            raise self.wrong(name, expected)
        return value

    def text(self, name: str) -> str:
        text: str = self.take(name, str, N_("text"), lambda text: text.strip() and "\x00" not in text)
        return text

    def text_or_none(self, name: str) -> str | None:
        return self.text(name) if name in self.given else None

    def number(self, name: str, expected: str, is_right: Any) -> float:
        value = self.given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not is_right(value):
            raise self.wrong(name, expected)
        return float(value)
