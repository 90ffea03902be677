"""iCalendar: read back by a second library, updated and called off as calendars do it."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.kinds import TimeBasis, TourStatus
from app.domain.tours import TourPlan
from app.exchange.tours.calendar import calendar, uid
from tests.papers import HOSTILE, hostile_papers, papers

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from ical.calendar import Calendar
    from ical.calendar_stream import IcsCalendarStream
    from ical.event import Event, EventStatus


def read(told: TourPlan) -> Calendar:
    """Return a tour's calendar as another library reads it."""
    return IcsCalendarStream.calendar_from_ics(calendar(told).decode())


def event(told: TourPlan) -> Event:
    (found,) = read(told).events
    return found


def taken_in(held: dict[str, Event], told: TourPlan) -> dict[str, Event]:
    """Return a calendar after it met a file, as RFC 5546 asks of it."""
    news = event(told)
    known = held.get(news.uid)
    if known and ((known.sequence or 0), known.dtstamp) >= ((news.sequence or 0), news.dtstamp):
        return held
    return {**held, news.uid: news}


def test_another_library_reads_the_event() -> None:
    found = event(papers())
    assert found.uid == uid("probe") == "probe@rundgang.nachbarschaft-heinenkamp"
    assert found.dtstart == datetime(2024, 4, 24, 11, 5, tzinfo=UTC)
    assert found.dtend == datetime(2024, 4, 24, 12, 1, tzinfo=UTC)
    assert found.dtstamp == papers().changed_at
    assert found.sequence == 3
    assert found.summary == "Rundgang zur Probe"
    assert found.location == "Firma Eins, Heinenkamp II"
    assert "2 Parkplatz: 13:25–13:35" in (found.description or "")
    assert read(papers()).prodid == "-//Nachbarschaft Heinenkamp//Rundgang//DE"


def test_published_to_everybody_and_nobody_is_invited() -> None:
    text = calendar(papers()).decode()
    assert "\r\nMETHOD:PUBLISH\r\n" in text
    assert "ATTENDEE" not in text
    assert "\r\nORGANIZER;" in text  # RFC 5546, 3.2.1
    assert "\r\nDTSTART:20240424T110500Z\r\n" in text
    assert "VTIMEZONE" not in text
    assert "TZID" not in text


def test_an_update_takes_the_first_ones_place() -> None:
    later = papers(
        sequence=4,
        starts_at=papers().starts_at + timedelta(hours=1),
        ends_at=papers().ends_at + timedelta(hours=1),
        changed_at=papers().changed_at + timedelta(days=1),
    )
    held = taken_in(taken_in({}, papers()), later)
    assert [found.dtstart for found in held.values()] == [datetime(2024, 4, 24, 12, 5, tzinfo=UTC)]
    assert taken_in(held, papers()) == held


def test_a_withdrawn_tour_is_called_off() -> None:
    off = papers(status=TourStatus.WITHDRAWN, sequence=5)
    text = calendar(off).decode()
    assert "\r\nMETHOD:CANCEL\r\n" in text
    assert "ATTENDEE" not in text
    held = taken_in(taken_in({}, papers()), off)
    (found,) = held.values()
    assert found.status is EventStatus.CANCELLED
    assert found.description is None


@pytest.mark.parametrize(
    ("basis", "is_assumed"),
    [(TimeBasis.ASSUMED, True), (TimeBasis.PLANNED, False), (TimeBasis.PUBLISHED, False)],
)
def test_times_that_are_assumed_are_told_to_be_and_no_others(basis: TimeBasis, is_assumed: bool) -> None:
    told = event(papers(time_basis=basis)).description or ""
    assert ("Die Zeiten sind angenommen." in told) is is_assumed


def test_a_draft_is_tentative() -> None:
    assert event(papers(status=TourStatus.DRAFT)).status is EventStatus.TENTATIVE


def test_lines_are_folded_at_75_octets_and_end_with_crlf() -> None:
    data = calendar(hostile_papers())
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_texts_stay_texts() -> None:
    assert event(hostile_papers()).summary == HOSTILE.replace("\x07", "\ufffd")


@settings(deadline=None)
@given(st.text(min_size=1, max_size=80).filter(str.strip))
def test_any_title_comes_back(title: str) -> None:
    """Nothing in a title can end the line and begin a property of its own."""
    text = calendar(papers(title=title)).decode()
    assert text.count("\r\nUID:") == text.count("\r\nBEGIN:VEVENT") == 1
    read_back = IcsCalendarStream.calendar_from_ics(text).events[0]
    assert read_back.uid == uid("probe")


@pytest.mark.parametrize("day", ["2024-03-31", "2024-10-27", "2024-07-01", "2024-12-01"])
def test_summer_time_is_told_right(day: str) -> None:
    """At 14:00 on the park's clocks, whatever the season."""
    from app.domain.period import PARK_ZONE

    starts = datetime.fromisoformat(f"{day}T14:00").replace(tzinfo=PARK_ZONE)
    found = event(papers(starts_at=starts, ends_at=starts + timedelta(hours=1)))
    assert found.dtstart.astimezone(PARK_ZONE).strftime("%H:%M") == "14:00"
