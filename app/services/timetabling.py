"""A planned tour as people read it: where, when, how far, how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.tours import StopTimes, Timetable, timetable
from app.analysis.walking.detours import Detour, DetourKind
from app.analysis.walking.directions import Turn
from app.db.tour_records import leg_rows, stop_times, tour_row
from app.db.tours import tour_stops_on
from app.domain.clocks import later
from app.domain.crs import to_wgs84
from app.domain.kinds import LocationQuality
from app.domain.period import PARK_ZONE
from app.domain.walked import Walked
from app.errors import N_, ConflictError
from app.services.leg_records import stored_detours, stored_turns

_APPROXIMATE = (LocationQuality.STREET, LocationQuality.SCHEMATIC)


@dataclass(frozen=True)
class StopPlan:
    """A stop with its clock times (zone of the parks); `lon`, `lat` in degrees (WGS 84).

    `company` is the key of an occupancy and `facility` of a facility; at most one is given. The visit
    lasts from `begins_at` to `ends_at`, a rest of `pause_min` begins at `pause_at`, if it is taken
    here; what else there is between arrival and departure are `wait_min` of waiting.
    """

    position: int
    name: str
    company: str | None
    facility: str | None
    location_quality: str
    note: str | None
    lon: float
    lat: float
    dwell_min: float
    wait_min: float
    pause_min: float
    arrives_at: datetime
    begins_at: datetime
    ends_at: datetime
    departs_at: datetime
    pause_at: datetime | None

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
    stops = tour_stops_on(connection, tour=key)
    if not legs and len(stops) > 1:
        if tour["wish"] is not None:
            raise ConflictError(
                N_("The tour “%(key)s” has no plan that its wish allows; open it in the planner."), key=key
            )
        raise ConflictError(
            N_("The legs of the tour “%(key)s” are not planned: run “python -m app tour plan %(key)s”."),
            key=key,
        )
    starts_at = tour["starts_at"].astimezone(PARK_ZONE)
    stays = stop_times(connection, tour["tour_id"])
    stay_min = [stay["dwell_min"] + stay["wait_min"] + stay["pause_min"] for stay in stays]
    times = timetable([leg["walk_s"] for leg in legs], stay_min, starts_at)
    places = _stop_plans(stops, stays, times)
    return _plan(tour, times, places, _leg_plans(legs, places))


def _plan(
    tour: RowMapping, times: Timetable, places: tuple[StopPlan, ...], legs: tuple[LegPlan, ...]
) -> TourPlan:
    has_meeting = places[0].position == 0
    return TourPlan(
        **{name: tour[name] for name in ("key", "title", "park", "park_name", "time_basis", "pace_m_s")},
        **{name: tour[name] for name in ("is_round", "note", "source", "source_url")},
        starts_at=times.visits[0].arrives_at,
        ends_at=times.ends_at,
        meeting=places[0] if has_meeting else None,
        stops=places[1:] if has_meeting else places,
        legs=legs,
    )


def _stop_plans(
    stops: gpd.GeoDataFrame, stays: Sequence[RowMapping], times: Timetable
) -> tuple[StopPlan, ...]:
    points = to_wgs84(stops.geometry.to_numpy())
    rows = stops.drop(columns="geometry").to_dict("records")
    return tuple(
        _stop_plan(row, stay, point, visit)
        for row, stay, point, visit in zip(rows, stays, points, times.visits, strict=True)
    )


def _stop_plan(row: dict[str, Any], stay: RowMapping, point: Any, visit: StopTimes) -> StopPlan:
    begins_at = later(visit.arrives_at, minutes=stay["begins_after_min"])
    pauses_after_min = stay["pauses_after_min"]
    return StopPlan(
        **{name: row[name] for name in ("name", "company", "facility", "location_quality", "note")},
        **{name: stay[name] for name in ("dwell_min", "wait_min", "pause_min")},
        position=int(row["position"]),
        lon=float(point.x),
        lat=float(point.y),
        arrives_at=visit.arrives_at,
        begins_at=begins_at,
        ends_at=later(begins_at, minutes=stay["dwell_min"]),
        departs_at=visit.departs_at,
        pause_at=None if pauses_after_min is None else later(visit.arrives_at, minutes=pauses_after_min),
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
