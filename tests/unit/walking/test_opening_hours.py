"""Opening hours: on which days they hold, over midnight, later rules before earlier ones."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.opening_hours import check_hours, hours_on, is_always
from app.errors import InputError

WEDNESDAY, THURSDAY, SATURDAY = date(2024, 4, 24), date(2024, 4, 25), date(2024, 4, 27)


@pytest.mark.parametrize(
    ("text", "day", "hours"),
    [
        ("24/7", WEDNESDAY, [(0, 24)]),
        ("08:00-18:00", SATURDAY, [(8, 18)]),
        ("Mo-Fr 08:00-12:00,13:00-17:30; Sa 9:00-12:00", WEDNESDAY, [(8, 12), (13, 17.5)]),
        ("Mo-Fr 08:00-18:00; Sa 09:00-12:00", SATURDAY, [(9, 12)]),
        ("Mo-Fr 08:00-18:00", SATURDAY, []),
        ("Fr-Mo 08:00-18:00", SATURDAY, [(8, 18)]),
        ("Mo-Fr", WEDNESDAY, [(0, 24)]),
        ("08:00-18:00; We off", WEDNESDAY, []),
        ("22:00-26:00; We off", THURSDAY, [(22, 24)]),
        ("22:00-26:00; We 08:00-10:00 off", THURSDAY, [(0, 2), (22, 24)]),
        ("Apr-Oct 07:00-20:00; Nov-Mar 08:00-17:00", WEDNESDAY, [(7, 20)]),
        ("Apr-Oct 07:00-20:00; Nov-Mar 08:00-17:00", date(2024, 12, 2), [(8, 17)]),
        ("22:00-06:00", WEDNESDAY, [(0, 6), (22, 24)]),
        ("Fr 22:00-26:00", SATURDAY, [(0, 2)]),
        ("24/7; 22:00-06:00 off", WEDNESDAY, [(6, 22)]),
        ("Mo-Su 08:00-18:00; PH off", WEDNESDAY, [(8, 18)]),
        ("08:00-12:00,12:00-14:00", WEDNESDAY, [(8, 14)]),
    ],
)
def test_hours_on_a_day(text: str, day: date, hours: list[tuple[float, float]]) -> None:
    assert [(a / 3600, b / 3600) for a, b in hours_on(text, day)] == hours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sunrise-sunset",
        "week 1-10 08:00-10:00",
        "Mo-Fr 25:00-26:00",
        "Xx 08:00-10:00",
        "08:00+",
        "PH off",
    ],
)
def test_what_is_not_read_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="hours"):
        check_hours(text)


def test_what_is_always_open_is_told_from_what_is_not() -> None:
    assert is_always("24/7")
    assert is_always("Mo-Su 00:00-24:00")
    for text in ("Mo-Fr", "24/7; Su off", "00:00-23:59", "Jan-Nov"):
        assert not is_always(text), text


@given(st.sets(st.integers(0, 6), min_size=1), st.integers(0, 47), st.integers(1, 48), st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_it_is_open_exactly_in_the_hours_told(weekdays: set[int], opens: int, lasts: int, n: int) -> None:
    """Every quarter of an hour of a day, asked one by one."""
    closes = opens + lasts
    days = ",".join(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")[i] for i in sorted(weekdays))
    text = f"{days} {opens // 2:02d}:{opens % 2 * 30:02d}-{closes // 2:02d}:{closes % 2 * 30:02d}"
    day = date(2024, 1, 1) + timedelta(days=n)
    found = hours_on(text, day)
    for quarter in range(96):
        at_s = 900 * quarter + 450
        told = any(
            (day + timedelta(days=back)).weekday() in weekdays
            and 1800 * opens <= at_s - 86400 * back < 1800 * closes
            for back in (-1, 0)
        )
        assert any(a <= at_s < b for a, b in found) == told
