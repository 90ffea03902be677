"""Days as people write them, when they know only the month or the year, too."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.kinds import Precision
from app.domain.period import Period, is_uncertain, known_from, parse_known_day
from app.errors import InputError


@pytest.mark.parametrize(
    ("text", "first", "precision", "after"),
    [
        ("24.07.2021", date(2021, 7, 24), "day", date(2021, 7, 25)),
        ("1. 3. 2027", date(2027, 3, 1), "day", date(2027, 3, 2)),
        ("2021-12-31", date(2021, 12, 31), "day", date(2022, 1, 1)),
        ("07.2021", date(2021, 7, 1), "month", date(2021, 8, 1)),
        ("2021-12", date(2021, 12, 1), "month", date(2022, 1, 1)),
        (" 2021 ", date(2021, 1, 1), "year", date(2022, 1, 1)),
        ("29.02.2024", date(2024, 2, 29), "day", date(2024, 3, 1)),
    ],
)
def test_a_day_is_known_to_the_day_the_month_or_the_year(
    text: str, first: date, precision: str, after: date
) -> None:
    known = parse_known_day(text)
    assert (known.first, known.precision, known.after) == (first, Precision(precision), after)


@pytest.mark.parametrize(
    "text", ["", "gestern", "29.02.2023", "13.2021", "21", "0.0.2021", "24.07.21", "24.07.2021 x", "2021-00"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no day; expected"):
        parse_known_day(text)


@pytest.mark.parametrize(
    ("starts", "ends", "as_of", "first"),
    [
        (date(2013, 1, 1), None, "2012", date(2013, 1, 1)),
        (None, None, "2026-05", date(2026, 5, 1)),
        (None, None, "2019", date(2019, 1, 1)),
        (None, None, "2019-03-04", date(2019, 3, 4)),
        (None, date(2017, 1, 1), "2018-02", date(2016, 12, 31)),
        (None, date(2017, 1, 1), None, date(2016, 12, 31)),
        (None, None, "2019-13", None),
        (None, None, "spring", None),
        (None, None, None, None),
    ],
)
def test_the_first_day_known_is_the_start_or_that_of_the_source(
    starts: date | None, ends: date | None, as_of: str | None, first: date | None
) -> None:
    valid = Period(starts, ends)
    assert known_from(valid, as_of) == first
    if first is not None:
        assert not is_uncertain(valid, as_of, first)
    assert is_uncertain(valid, as_of, date(1900, 1, 1)) == (starts is None)
