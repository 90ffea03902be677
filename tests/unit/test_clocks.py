"""Clock times of the parks, also on the two days a year on which the clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.clocks import (
    PlanningHorizon,
    TourClock,
    later,
    minutes_between,
    nearest_minute,
    timetable_day,
)
from app.domain.localizer import to_whole
from app.domain.period import PARK_ZONE

BACK, FORWARD = date(2026, 10, 25), date(2026, 3, 29)
H = 3600
SETTINGS = settings(max_examples=300)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.astimezone(PARK_ZONE)
)


def test_a_clock_set_back_is_no_time() -> None:
    starts_at = datetime(2026, 10, 25, 1, 30, tzinfo=PARK_ZONE)
    ends_at = later(starts_at, minutes=140)
    assert f"{ends_at:%H:%M %z}" == "02:50 +0100"
    assert minutes_between(starts_at, ends_at) == 140
    assert nearest_minute(ends_at).astimezone(UTC) == datetime(2026, 10, 25, 1, 50, tzinfo=UTC)


def test_a_clock_set_forward_is_no_time() -> None:
    ends_at = later(datetime(2026, 3, 29, 1, 30, tzinfo=PARK_ZONE), minutes=70)
    assert f"{ends_at:%H:%M %z}" == "03:40 +0200"


@SETTINGS
@given(instants)
def test_the_minute_told_is_half_a_minute_away_at_most(at: datetime) -> None:
    told = nearest_minute(at)
    assert abs((told.astimezone(UTC) - at.astimezone(UTC)).total_seconds()) <= 30
    assert (told.second, told.microsecond) == (0, 0)
    assert told.utcoffset() == told.astimezone(UTC).astimezone(PARK_ZONE).utcoffset()


@SETTINGS
@given(st.sampled_from([BACK, FORWARD, date(2026, 6, 1)]), st.integers(0, 24 * H), st.integers(0, 20 * H))
def test_seconds_pass_as_instants_do(on: date, starts_s: int, passed_s: int) -> None:
    clock = TourClock(on, starts_s)
    begin, end = clock.instant(starts_s), clock.instant(starts_s + passed_s)
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(seconds=passed_s)


@pytest.mark.parametrize("on", [BACK, FORWARD])
def test_the_afternoon_of_such_a_day_is_told_by_its_clocks(on: date) -> None:
    clock = TourClock(on, 13 * H)
    assert clock.instant(14 * H) == datetime(on.year, on.month, on.day, 14, tzinfo=PARK_ZONE)
    assert clock.seconds(15 * H) == 15 * H
    assert clock.shown(14 * H + 30) == "14:01"


def test_hours_after_the_change_are_those_of_the_clocks() -> None:
    back, forward = TourClock(BACK, 1 * H), TourClock(FORWARD, 1 * H)
    assert (back.seconds(4 * H), back.shown(5 * H)) == (5 * H, "04:00")
    assert (forward.seconds(4 * H), forward.shown(3 * H)) == (3 * H, "04:00")


def test_a_night_goes_on_counting() -> None:
    clock = TourClock(date(2026, 6, 1), 22 * H)
    assert (clock.shown(26 * H), clock.time_of_day(26 * H)) == ("26:00", "02:00")
    assert timetable_day(clock.instant(26 * H)) == date(2026, 6, 2)


@pytest.mark.parametrize(
    ("given_s", "ends_s", "expected"),
    [
        ((22 * H, 2 * H), None, (22 * H, 26 * H)),
        ((0, 2 * H), 27 * H, (24 * H, 26 * H)),
        ((0, 2 * H), None, (0, 2 * H)),
        ((22 * H, 23 * H), 27 * H, (22 * H, 23 * H)),
        # A slip of the keyboard is no night of 23 hours.
        ((15 * H, 14 * H), None, (15 * H, 14 * H)),
    ],
)
def test_hours_over_midnight(given_s: tuple[int, int], ends_s: int | None, expected: tuple[int, int]) -> None:
    assert PlanningHorizon(21 * H, ends_s).shown(*given_s) == expected


def test_halves_count_up_as_in_the_pages_scripts() -> None:
    assert [to_whole(value) for value in (0.5, 1.5, 2.5, 2.49)] == [1, 2, 3, 2]
