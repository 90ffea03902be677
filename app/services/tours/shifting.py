"""Whole tours moved in time: start, latest end, every window and the pause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from app.db.tours.saved import change_tour, saved_row
from app.domain.clocks import DAY_S, PlanningHorizon, clock_seconds, clock_text, later, over_midnight
from app.domain.tour_requests import TourRequest, parse_request
from app.errors import N_, ConflictError
from app.services.tours.replanning import replan_tour
from app.services.tours.saving import resave_tour

# Later than this nothing of a tour can be.
_LAST_S = 2 * DAY_S


def shift_tour(connection: Connection, key: str, minutes: int) -> int:
    """Move a stored tour by minutes, negative for earlier, with all that was asked of its times.

    It is planned anew: gates open when they did. Return its version.

    Raises
    ------
    ConflictError
        When a time would leave the tour's day and the night after; when a published tour is not possible
        at that time. Nothing should be committed then.
    NotFoundError
        When there is no tour of this key.
    DataError
        When its request cannot be read any more.
    """
    stored = saved_row(connection, key, is_to_change=True)
    request = parse_request(stored["wish"])
    given = shifted_request(request, minutes)
    if not request.asks_only_order:
        return resave_tour(connection, key, given, stored["title"], stored["version"]).version
    starts_at = later(stored["starts_at"], minutes=minutes)
    version = change_tour(connection, stored["tour_id"], wish=given, starts_at=starts_at)
    replan_tour(connection, key, is_new=True)
    return version


def shifted_request(request: TourRequest, minutes: int) -> dict[str, Any]:
    """Return the JSON values of a tour request with all its times moved by minutes.

    Raises
    ------
    ConflictError
        When a time would leave the tour's day and the night after.
    """
    given, by_s = dict(request.given), 60 * minutes
    starts_s = clock_seconds(given["earliest"])
    ends_s = given.get("latest") and over_midnight(starts_s, clock_seconds(given["latest"]))
    before = PlanningHorizon(starts_s, ends_s)
    if not 0 <= starts_s + by_s < DAY_S:
        raise _refusal()
    after = PlanningHorizon(starts_s + by_s, ends_s and _checked(ends_s + by_s))

    def moved(opens: str, closes: str) -> list[str]:
        shown = before.shown(clock_seconds(opens), clock_seconds(closes))
        return _written(after, *(_checked(each_s + by_s) for each_s in shown))

    shifted = {**given, "earliest": clock_text(starts_s + by_s)}
    if after.ends_s:
        shifted["latest"] = _shortest(starts_s + by_s, after.ends_s)
    if given.get("pause"):
        pause: Mapping[str, Any] = given["pause"]
        shifted["pause"] = {
            **pause,
            **dict(zip(("earliest", "latest"), moved(pause["earliest"], pause["latest"]), strict=True)),
        }
    shifted["stops"] = [
        {**stop, "windows": [moved(*window) for window in stop["windows"]]} if stop.get("windows") else stop
        for stop in given["stops"]
    ]
    return shifted


def _checked(shown_s: int) -> int:
    if not 0 <= shown_s <= _LAST_S:
        raise _refusal()
    return shown_s


def _refusal() -> ConflictError:
    return ConflictError(
        N_("The times cannot be moved so far: they would fall outside the tour's day and the night after.")
    )


def _written(horizon: PlanningHorizon, opens_s: int, closes_s: int) -> list[str]:
    """Return a time window as people write it, ``02:00`` in the night after, where it is read as meant."""
    short = (opens_s % DAY_S, closes_s % DAY_S)
    return [
        clock_text(each_s)
        for each_s in (short if horizon.shown(*short) == (opens_s, closes_s) else (opens_s, closes_s))
    ]


def _shortest(starts_s: int, ends_s: int) -> str:
    return clock_text(ends_s % DAY_S if over_midnight(starts_s, ends_s % DAY_S) == ends_s else ends_s)
