"""Times as tour problems in files tell them: seconds, or clock times that may last over midnight."""

from __future__ import annotations

from app.domain.clocks import TourHours, over_midnight
from app.exchange.tours.problems.document import Times


def tour_hours(starts: int | str, ends: int | str | None) -> TourHours:
    """Return from when to when a tour may last, over midnight where clock times say so."""
    if ends is None:
        return TourHours(time_s(starts), None)
    starts_s, ends_s = time_s(starts), time_s(ends)
    return TourHours(starts_s, over_midnight(starts_s, ends_s) if _are_clocks(starts, ends) else ends_s)


def read_window(told: tuple[int | str, int | str], hours: TourHours) -> Times:
    """Return when a window of a tour of these hours opens and closes."""
    opens_s, closes_s = map(time_s, told)
    return hours.shown(opens_s, closes_s) if _are_clocks(*told) else (opens_s, closes_s)


def _are_clocks(*times: int | str) -> bool:
    """Say whether times are told as on a clock, which begins anew at midnight; seconds go on."""
    return all(isinstance(time, str) for time in times)


def time_s(told: int | str) -> int:
    """Return the seconds from midnight of the tour's day."""
    if not isinstance(told, str):
        return int(told)
    hours, minutes, *seconds = map(int, told.split(":"))
    return 3600 * hours + 60 * minutes + sum(seconds)
