"""A stored tour as it is walked: where, when, how far, how long, in the words of one language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.walking.detours import DetourKind
from app.analysis.walking.directions import TurnKind
from app.db.changes import data_changed_at
from app.db.sources import notice
from app.db.tours.frames import tour_legs_on
from app.db.tours.papers import TourState, tour_state
from app.db.tours.records import leg_rows, stop_rows, tour_row
from app.domain.clocks import later
from app.domain.kinds import LocationQuality, TimeBasis
from app.domain.localizer import Localizer, localizer_for
from app.domain.period import PARK_ZONE
from app.domain.tour_requests import parse_request
from app.domain.tours import Direction, Leg, LegPart, PlannedStop, TourPlan
from app.errors import N_, ConflictError, DataError, TooLargeError
from app.services.tours.leg_records import directions_of, stored_detours
from app.services.walking.direction_texts import direction_sentence
from app.services.walking.leg_texts import detour_sentence

_OF_ROW = ("key", "park_name", "is_round", "pace_m_s", "note", "source", "source_url")
_TIMES = ("arrives_at", "begins_at", "ends_at", "departs_at")


def tour_plan(connection: Connection, key: str, language: str = "de", address: str | None = None) -> TourPlan:
    """Return a tour as it is walked, its words in `language`; `address` is its public page.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    ConflictError
        When it has no plan: no tour meets what is asked.
    """
    tour, state = tour_row(connection, key), tour_state(connection, key)
    legs, stops = leg_rows(connection, tour["tour_id"]), stop_rows(connection, tour["tour_id"])
    if not stops or stops[0]["arrives_at"] is None or (not legs and len(stops) > 1):
        raise ConflictError(
            N_("The tour “%(key)s” has no plan that its request allows; open it in the planner."), key=key
        )
    windows = _windows(tour)
    places = tuple(_stop(stop, windows(stop)) for stop in stops)
    is_met = places[0].position == 0
    back_s = legs[-1]["walk_s"] if tour["is_round"] and legs else 0.0
    ends_at = later(places[-1].departs_at, seconds=back_s)
    notices = notice(connection)
    return TourPlan(
        **own_values(connection, tour, state, language),
        title=tour["title"],
        starts_at=tour["starts_at"].astimezone(PARK_ZONE),
        ends_at=ends_at,
        licence=notices.licence,
        attribution=notices.attribution,
        address=address,
        meeting=places[0] if is_met else None,
        stops=places[1:] if is_met else places,
        legs=tuple(_legs(legs, places, ends_at, _parts(connection, key), localizer_for(language))),
    )


def own_values(connection: Connection, tour: RowMapping, state: TourState, language: str) -> dict[str, Any]:
    """Return the attributes of a `TourPlan` that a tour has whether it has a plan or not."""
    return {
        **{name: tour[name] for name in _OF_ROW},
        "language": language,
        "status": state.status,
        "sequence": state.sequence,
        "changed_at": state.changed_at,
        "time_basis": TimeBasis(tour["time_basis"]),
        "data_at": data_changed_at(connection).astimezone(PARK_ZONE),
    }


def _windows(tour: RowMapping) -> Callable[[Mapping[str, Any]], str]:
    """Return how the time windows of a stop read; none where nobody could save the request any more."""
    try:
        request = parse_request(tour["wish"])
    except (DataError, TooLargeError):
        return lambda stop: ""
    time_of_day = request.clock.time_of_day

    def windows(stop: Mapping[str, Any]) -> str:
        index = stop["request_stop"]
        asked = () if index is None else request.windows(request.stops[index])
        return ", ".join(f"{time_of_day(each.opens_s)}–{time_of_day(each.closes_s)}" for each in asked)

    return windows


def _stop(row: Mapping[str, Any], windows: str) -> PlannedStop:
    pauses_at = row["pauses_at"]
    return PlannedStop(
        **{name: row[name] for name in ("position", "name", "note", "pause_min")},
        **{name: row[name].astimezone(PARK_ZONE) for name in _TIMES},
        point=row["geometry"],
        is_approximate=LocationQuality(row["location_quality"]).is_approximate,
        pause_at=None if pauses_at is None else pauses_at.astimezone(PARK_ZONE),
        windows=windows,
    )


def _parts(connection: Connection, key: str) -> dict[int, list[LegPart]]:
    rows = tour_legs_on(connection, tour=key)
    parts: dict[int, list[LegPart]] = {}
    for position, line, is_on in zip(rows["position"], rows.geometry, rows["is_on_network"], strict=True):
        parts.setdefault(int(position), []).append(LegPart(line, bool(is_on)))
    return parts


def _legs(
    rows: Iterable[RowMapping],
    places: tuple[PlannedStop, ...],
    ends_at: datetime,
    parts: Mapping[int, list[LegPart]],
    localizer: Localizer,
) -> Iterable[Leg]:
    first = places[0].position
    for row in rows:
        position, detours = row["position"], stored_detours(row["detours"])
        following = places[position - first + 1 :]
        turns = (turn for turn in directions_of(row["turns"]) if turn.kind != TurnKind.ARRIVE)
        yield Leg(
            position=position,
            to_position=following[0].position if following else first,
            length_m=row["length_m"],
            off_network_m=row["off_network_m"],
            walk_min=row["walk_s"] / 60,
            departs_at=places[position - first].departs_at,
            arrives_at=following[0].arrives_at if following else ends_at,
            parts=tuple(parts.get(position, ())),
            notes=tuple(detour_sentence(detour, localizer) for detour in detours),
            turns=tuple(Direction(direction_sentence(turn, localizer), turn.point) for turn in turns),
            is_reachable=all(detour.kind != DetourKind.UNREACHABLE for detour in detours),
        )
