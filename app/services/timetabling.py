"""A planned tour as people read it: where, when, how far, how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely import Point
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.walking.detours import Detour, DetourKind
from app.analysis.walking.directions import Turn
from app.db.tour_records import leg_rows, stop_rows, tour_row
from app.domain.clocks import later, minutes_between
from app.domain.kinds import LocationQuality
from app.domain.period import PARK_ZONE
from app.domain.tours import parse_request
from app.domain.walked import Walked
from app.errors import N_, ConflictError, DataError, TooLargeError
from app.services.leg_records import stored_detours, stored_turns

_TIMES = ("arrives_at", "begins_at", "ends_at", "departs_at")
_AS_STORED = (
    "position", "name", "company", "facility", "location_quality", "note", "dwell_min", "pause_min",
)  # fmt: skip
_STAY, _VISIT = ("arrives_at", "departs_at"), ("begins_at", "ends_at")
_APPROXIMATE = (LocationQuality.STREET, LocationQuality.SCHEMATIC)


@dataclass(frozen=True)
class StopPlan:
    """A stop with its clock times (zone of the parks); `point` in EPSG:25832.

    `company` is the key of an occupancy and `facility` of a facility; at most one is given. The visit
    lasts from `begins_at` to `ends_at`, a rest of `pause_min` begins at `pause_at`, if it is taken
    here; what else there is between arrival and departure are `wait_min` of waiting. `windows` tells when the
    host can receive, ``14:00–14:30, 16:00–17:00``; it is empty where that is at any time.
    """

    position: int
    name: str
    company: str | None
    facility: str | None
    location_quality: str
    note: str | None
    point: Point
    dwell_min: float
    wait_min: float
    pause_min: float
    arrives_at: datetime
    begins_at: datetime
    ends_at: datetime
    departs_at: datetime
    pause_at: datetime | None
    windows: str

    @property
    def is_approximate(self) -> bool:
        """Whether the place is only about there."""
        return self.location_quality in _APPROXIMATE


@dataclass(frozen=True)
class LegPlan:
    """The walk from the stop at `position` to the one at `to_position`.

    `off_network_m` of its length are straight lines beside the walk network. `turns` and `detours`
    are said in words by `app.services.direction_words` and `app.services.leg_words`.
    """

    position: int
    to_position: int
    length_m: float
    off_network_m: float
    walk_min: float
    turns: tuple[Turn, ...]
    detours: tuple[Detour, ...]

    @property
    def is_reachable(self) -> bool:
        """Whether a way leads there; else neither metres nor minutes are told."""
        return all(detour.kind != DetourKind.UNREACHABLE for detour in self.detours)


@dataclass(frozen=True)
class TourPlan(Walked):
    """A tour with its timetable.

    Attributes
    ----------
    key, title, park, park_name : str
        `park` is the park's key.
    starts_at, ends_at : datetime
        Arrival at the first stop; departure from the last, or the return of a round tour. In the
        zone of the parks, as all times of the stops.
    time_basis : str
        Of `TimeBasis`: what the times rest on.
    pace_m_s : float
        On level ground.
    note, source, source_url : str or None
    meeting : StopPlan or None
        Where people meet at `starts_at`; no visit.
    stops : tuple of StopPlan
        In walking order.
    legs : tuple of LegPlan
        One fewer than places; as many for a round tour.
    """

    key: str
    title: str
    park: str
    park_name: str
    starts_at: datetime
    ends_at: datetime
    time_basis: str
    pace_m_s: float
    is_round: bool
    note: str | None
    source: str | None
    source_url: str | None
    meeting: StopPlan | None
    stops: tuple[StopPlan, ...]
    legs: tuple[LegPlan, ...]

    @property
    def dwell_min(self) -> float:
        """Minutes of visits."""
        return float(sum(stop.dwell_min for stop in self.places))

    @property
    def wait_min(self) -> float:
        """Minutes of waiting at the stops."""
        return float(sum(stop.wait_min for stop in self.places))

    @property
    def pause_min(self) -> float:
        """Minutes of rest."""
        return float(sum(stop.pause_min for stop in self.places))

    @property
    def total_min(self) -> float:
        """Minutes from start to end."""
        return self.walk_min + self.dwell_min + self.wait_min + self.pause_min

    @property
    def is_approximate(self) -> bool:
        """Whether the place of any stop is only about there."""
        return any(stop.is_approximate for stop in self.places)


def tour_plan(connection: Connection, key: str) -> TourPlan:
    """Return a tour with its timetable.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    ConflictError
        When its legs have not been planned, or no tour meets its wish: it has no times to tell.
    """
    tour = tour_row(connection, key)
    legs = leg_rows(connection, tour["tour_id"])
    stops = stop_rows(connection, tour["tour_id"])
    if stops[0]["arrives_at"] is None or (not legs and len(stops) > 1):
        raise ConflictError(
            N_("The tour “%(key)s” has no plan that its wish allows; open it in the planner."), key=key
        )
    windows = _windows(tour)
    places = tuple(_stop_plan(stop, windows(stop)) for stop in stops)
    return _plan(tour, places, _leg_plans(legs, places))


def _windows(tour: RowMapping) -> Callable[[Mapping[str, Any]], str]:
    """Return what tells when a stop can be visited; of a request that nobody could save any more: nothing."""
    try:
        request = parse_request(tour["wish"])
    except (DataError, TooLargeError):
        return lambda stop: ""
    told = request.clock.told

    def windows(stop: Mapping[str, Any]) -> str:
        index = stop["request_stop"]
        asked = () if index is None else request.windows(request.stops[index])
        return ", ".join(f"{told(each.opens_s)}–{told(each.closes_s)}" for each in asked)

    return windows


def _plan(tour: RowMapping, places: tuple[StopPlan, ...], legs: tuple[LegPlan, ...]) -> TourPlan:
    has_meeting = places[0].position == 0
    back_min = legs[-1].walk_min if tour["is_round"] and legs else 0.0
    return TourPlan(
        **{name: tour[name] for name in ("key", "title", "park", "park_name", "time_basis", "pace_m_s")},
        **{name: tour[name] for name in ("is_round", "note", "source", "source_url")},
        starts_at=tour["starts_at"].astimezone(PARK_ZONE),
        ends_at=later(places[-1].departs_at, minutes=back_min),
        meeting=places[0] if has_meeting else None,
        stops=places[1:] if has_meeting else places,
        legs=legs,
    )


def _stop_plan(row: Mapping[str, Any], windows: str) -> StopPlan:
    times = {name: row[name].astimezone(PARK_ZONE) for name in _TIMES}
    stay_min, visit_min = (minutes_between(times[a], times[b]) for a, b in (_STAY, _VISIT))
    return StopPlan(
        **{name: row[name] for name in _AS_STORED},
        **times,
        wait_min=round(60 * (stay_min - visit_min - row["pause_min"])) / 60,
        pause_at=None if row["pauses_at"] is None else row["pauses_at"].astimezone(PARK_ZONE),
        point=row["geometry"],
        windows=windows,
    )


def _leg_plans(legs: Any, places: tuple[StopPlan, ...]) -> tuple[LegPlan, ...]:
    first, last = places[0].position, places[-1].position
    return tuple(
        LegPlan(
            position=leg["position"],
            to_position=leg["position"] + 1 if leg["position"] < last else first,
            length_m=leg["length_m"],
            off_network_m=leg["off_network_m"],
            walk_min=leg["walk_s"] / 60,
            turns=stored_turns(leg["turns"]),
            detours=stored_detours(leg["detours"]),
        )
        for leg in legs
    )
