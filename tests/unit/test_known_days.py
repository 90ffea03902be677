"""Days as people write them, when they know only the month or the year, too."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.kinds import Precision
from app.domain.period import parse_known_day
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
