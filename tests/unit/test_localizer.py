"""Sentences in the reader's language: numbers, days and nested texts, at the prompt and in files."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.localizer import voice
from app.domain.period import Period
from app.errors import N_, AppError, DataError, InputError, Phrase

GERMAN, ENGLISH = voice("de"), voice("en")
AWAY = N_("Stop %(n)s: “%(name)s” lies %(away)s km outside the park; at most 0.5 km are possible.")


def test_a_number_has_the_readers_decimal_mark() -> None:
    error = DataError(AWAY, n=2, name="1.4", away=1.4)
    assert "“1.4” lies 1.4 km outside" in ENGLISH.refuse(error)
    assert "1,4\N{NO-BREAK SPACE}km" in GERMAN.refuse(error)
    assert "„1.4“" in GERMAN.refuse(error), "a text is no number"
    assert "1.4 km" in str(error)


def test_a_day_is_written_as_its_language_does() -> None:
    with pytest.raises(InputError) as caught:
        Period(date(2024, 4, 24), date(2024, 4, 23))
    assert "24.04.2024" in GERMAN.refuse(caught.value)
    assert "23.04.2024" in GERMAN.refuse(caught.value)
    assert "24\N{NO-BREAK SPACE}Apr\N{NO-BREAK SPACE}2024" in ENGLISH.refuse(caught.value)
    assert "2024-04-24" in str(caught.value)


def test_a_sentence_within_a_sentence_is_translated_too() -> None:
    inner = DataError(AWAY, n=1, name="Berlin", away=183.25)
    outer = DataError(
        N_("%(file)s, row %(row)s, %(field)s: %(reason)s"), file="a", row=1234, field="b", reason=inner
    )
    told = GERMAN.refuse(outer)
    assert "183,25\N{NO-BREAK SPACE}km" in told
    assert "outside" not in told
    assert "1234" in told, "a line's number has no thousands"


def test_a_phrase_is_translated_and_any_other_text_is_not() -> None:
    template = N_("Tour request, %(field)s: expected %(expected)s, found %(found)s.")
    expected = N_("a list of stops")
    error = DataError(template, field="x", expected=Phrase(expected), found=expected)
    assert GERMAN.refuse(error).count("a list of stops") == 1
    assert ENGLISH.refuse(error).count("a list of stops") == 2
    again = pickle.loads(pickle.dumps(error))
    assert GERMAN.refuse(again) == GERMAN.refuse(error)


@given(st.floats(-1e9, 1e9).map(lambda value: round(value, 3)), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_what_is_written_reads_back(value: float, day: date) -> None:
    german = AppError("%(v)s %(d)s", v=value, d=day)
    number, shown = GERMAN.refuse(german).split(" ")
    assert float(number.replace(".", "").replace(",", ".")) == pytest.approx(value, abs=1e-9)
    assert "-".join(reversed(shown.split("."))) == day.isoformat()
    number, _ = ENGLISH.refuse(german).split(" ", 1)
    assert float(number.replace(",", "")) == pytest.approx(value, abs=1e-9)
