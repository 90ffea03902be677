"""Sentences in the reader's language: numbers, days and nested texts, at the prompt and in files."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.localizer import localizer_for
from app.domain.period import Period
from app.errors import N_, AppError, DataError, InputError, Phrase

GERMAN, ENGLISH = localizer_for("de"), localizer_for("en")
AWAY = N_("Stop %(n)s: “%(name)s” lies %(away)s km outside the park; at most 0.5 km are possible.")


def test_a_number_has_the_readers_decimal_mark() -> None:
    error = DataError(AWAY, n=2, name="1.4", away=1.4)
    assert "“1.4” lies 1.4 km outside" in ENGLISH.error_text(error)
    assert "1,4\N{NO-BREAK SPACE}km" in GERMAN.error_text(error)
    assert "„1.4“" in GERMAN.error_text(error), "a text is no number"
    assert "1.4 km" in str(error)


def test_a_day_is_written_as_its_language_does() -> None:
    with pytest.raises(InputError) as caught:
        Period(date(2024, 4, 24), date(2024, 4, 23))
    assert "24.04.2024" in GERMAN.error_text(caught.value)
    assert "23.04.2024" in GERMAN.error_text(caught.value)
    assert "24\N{NO-BREAK SPACE}Apr\N{NO-BREAK SPACE}2024" in ENGLISH.error_text(caught.value)
    assert "2024-04-24" in str(caught.value)


def test_a_sentence_within_a_sentence_is_translated_too() -> None:
    inner = DataError(AWAY, n=1, name="Berlin", away=183.25)
    outer = DataError(
        N_("%(file)s, row %(row)s, %(field)s: %(reason)s"), file="a", row=1234, field="b", reason=inner
    )
    told = GERMAN.error_text(outer)
    assert "183,25\N{NO-BREAK SPACE}km" in told
    assert "outside" not in told
    assert "1234" in told, "a line's number has no thousands"


def test_a_phrase_is_translated_and_any_other_text_is_not() -> None:
    template = N_("Tour request, %(field)s: expected %(expected)s, found %(found)s.")
    expected = N_("a list of stops")
    error = DataError(template, field="x", expected=Phrase(expected), found=expected)
    assert GERMAN.error_text(error).count("a list of stops") == 1
    assert ENGLISH.error_text(error).count("a list of stops") == 2
    again = pickle.loads(pickle.dumps(error))
    assert GERMAN.error_text(again) == GERMAN.error_text(error)


@given(st.floats(-1e9, 1e9).map(lambda value: round(value, 3)), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_what_is_written_reads_back(value: float, day: date) -> None:
    german = AppError("%(v)s %(d)s", v=value, d=day)
    number, shown = GERMAN.error_text(german).split(" ")
    assert float(number.replace(".", "").replace(",", ".")) == pytest.approx(value, abs=1e-9)
    assert "-".join(reversed(shown.split("."))) == day.isoformat()
    number, _ = ENGLISH.error_text(german).split(" ", 1)
    assert float(number.replace(",", "")) == pytest.approx(value, abs=1e-9)
