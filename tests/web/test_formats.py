"""Numbers, days and times of day on the pages: as the design writes them, in the parks' time."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

import pytest

from app.web import formats
from tests.web.page_words import NBSP

if TYPE_CHECKING:
    from flask import Flask


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", ["1.234,5", f"12.345{NBSP}m²", "24.04.2024", f"14:05{NBSP}Uhr", f"8{NBSP}Min.", "–"]),
        ("en", ["1,234.5", f"12,345{NBSP}m²", f"24{NBSP}Apr{NBSP}2024", "14:05", f"8{NBSP}min", "–"]),
    ],
)
def test_formats(app: Flask, language: str, expected: list[str]) -> None:
    """As the design writes them."""
    with app.test_request_context(f"/?lang={language}"):
        written = [
            formats.number(1234.49, 1),
            formats.square_metres(12345.4),
            formats.day(date(2024, 4, 24)),
            formats.clock(time(14, 5)),
            formats.minutes(8.3),
            formats.metres(float("nan")),
        ]
    assert written == expected


def test_instants_are_told_in_the_parks_time(app: Flask) -> None:
    """22:30 UTC in summer is half past midnight of the next day in Wolfsburg."""
    instant = datetime.fromisoformat("2024-06-30T22:30:00+00:00")
    with app.test_request_context("/"):
        assert formats.day(instant) == "01.07.2024"
        assert formats.clock(instant) == f"00:30{NBSP}Uhr"
        assert formats.clock("09:07") == f"09:07{NBSP}Uhr"
