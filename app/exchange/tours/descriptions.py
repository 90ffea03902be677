"""What all files of a tour have in common: a stop in a line, a walk in a line, positions on the globe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from app.domain.clocks import days_after, nearest_minute
from app.domain.crs import STORAGE_CRS, WGS84_CRS, transformer
from app.domain.localizer import Localizer, to_whole
from app.domain.tours import Leg, PlannedStop
from app.errors import N_

NBSP = "\N{NO-BREAK SPACE}"
DECIMALS = 7  # of a degree: about a centimeter

ODBL = "https://opendatacommons.org/licenses/odbl/1-0/"


def lon_lat(coordinates: Iterable[Sequence[float]]) -> np.ndarray[Any, Any]:
    """Return x, y of EPSG:25832 as longitude, latitude in degrees with 7 decimals, shape (n, 2)."""
    metres = np.array([each[:2] for each in coordinates], dtype=float).reshape(-1, 2)
    moved = np.column_stack(transformer(STORAGE_CRS, WGS84_CRS).transform(*metres.T))
    return np.round(moved, DECIMALS) + 0.0


def degrees(value: float) -> str:
    """Return an angle with 7 decimals."""
    return f"{value:.{DECIMALS}f}"


def utc(at: datetime) -> datetime:
    """Return the full minute nearest to an instant, in UTC, as timetables show it."""
    return nearest_minute(at).astimezone(UTC)


def iso_utc(at: datetime) -> str:
    """Return an instant to the second as ``2024-04-24T12:00:00Z``."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def clock(at: datetime) -> str:
    """Return the time of day to the nearest minute, ``14:05``."""
    return f"{nearest_minute(at):%H:%M}"


def minutes(value: float, localizer: Localizer) -> str:
    """Return whole minutes, ``12 Min.``."""
    return f"{to_whole(value)}{NBSP}{localizer.translate(N_('min'))}"


def visit(stop: PlannedStop, localizer: Localizer, on: date) -> str:
    """Return when a visit of a tour of day `on` begins and ends, ``14:05–14:15``."""
    begins, ends = clock(stop.begins_at), clock(stop.ends_at)
    text = begins if begins == ends else f"{begins}–{ends}"
    return localizer.on_day(text, days_after(on, stop.ends_at))


def numbered(stop: PlannedStop, localizer: Localizer) -> str:
    """Return a stop's number and name; of where people meet, when and where."""
    return f"{stop.position} {stop.name}" if stop.position else meeting_text(stop, localizer)


def meeting_text(meeting: PlannedStop, localizer: Localizer) -> str:
    """Return when and where people meet, ``Meeting point 13:00, Truck parking``."""
    template = N_("Meeting point %(time)s, %(place)s")
    return localizer.translate(template, time=clock(meeting.arrives_at), place=meeting.name)


def stop_text(stop: PlannedStop, localizer: Localizer, on: date) -> str:
    """Return times and notes of a stop of a tour of day `on` in one line."""
    parts = [visit(stop, localizer, on) if stop.position else None, stop.note]
    if stop.pause_at is not None:
        parts.append(pause_text(stop, localizer, on))
    if stop.is_approximate:
        parts.append(localizer.translate(N_("location approximate")))
    return "; ".join(text for text in parts if text)


def pause_text(stop: PlannedStop, localizer: Localizer, on: date) -> str:
    """Return the rest at a stop; empty without one."""
    if stop.pause_at is None:
        return ""
    template = N_("pause of %(minutes)s at %(time)s")
    return localizer.translate(
        template, minutes=minutes(stop.pause_min, localizer), time=localizer.clock(stop.pause_at, on)
    )


def leg_text(leg: Leg, localizer: Localizer) -> str:
    """Return length, minutes and notes of a walk in one line."""
    if not leg.is_reachable:
        return "; ".join(leg.notes)
    template = N_("%(length)s on foot, %(minutes)s")
    line = localizer.translate(
        template, length=localizer.metres(leg.length_m), minutes=minutes(leg.walk_min, localizer)
    )
    if leg.off_network_m >= 1:
        straight = N_("%(length)s of it in a straight line off the paths")
        line += f"; {localizer.translate(straight, length=localizer.metres(leg.off_network_m))}"
    return "; ".join((line, *leg.notes))
