"""A year of meetings: who was reached, who met anew, and what that made of the neighborhood index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta

import numpy as np
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.meetings.acquaintance import MET
from app.db.land.parks import check_park, park_names
from app.db.meetings.attendance import attendance
from app.db.meetings.paper_guests import walks_between
from app.db.meetings.planned import planned_meetings
from app.domain.clocks import timetable_day
from app.domain.meetings import Answer, AttendanceKnown, MeetingState, Part, Presence
from app.domain.period import PARK_ZONE
from app.errors import N_, InputError
from app.exchange.meetings.papers.year_report import CountRange, ReportedMeeting, YearReport
from app.services.meetings.acquaintances import Acquaintances, IndexQuestion, Neighborhood

FIRST_YEAR = 1990
_QUARTERS = ((3, 31), (6, 30), (9, 30))
_NOT_HELD = (MeetingState.DRAFT, MeetingState.CANCELLED)


def year_report(connection: Connection, year: int, park: str | None, today: date) -> YearReport:
    """Return the report of a year, up to `today` where it goes on.

    Raises
    ------
    InputError
        When the year has not begun.
    NotFoundError
        When there is no such park.
    """
    if not FIRST_YEAR <= year <= today.year:
        raise InputError(
            N_("There are reports of the years %(first)s to %(last)s."), first=FIRST_YEAR, last=today.year
        )
    check_park(connection, park)
    first, last = date(year - 1, 12, 31), min(date(year, 12, 31), today)
    known = Acquaintances(connection, IndexQuestion(last, park))
    ever, rows = _reported(connection, last, park), attendance(connection, last)
    found = [one for one in ever if one.held_on > first]
    rows = [row for row in rows if row["meeting"] in {one.key for one in found}]
    before, after, change = known.at(first), known.at(last), known.change(first, last)
    is_open = any(one.is_open for one in found)
    return YearReport(
        year=year,
        first=first,
        last=last,
        park=park,
        park_name=None if park is None else park_names(connection)[park],
        meetings=found,
        reach=_reach(rows, is_open=is_open),
        n_hosts=len({row["company"] for row in rows if row["part"] in (Part.HOST, Part.COHOST)}),
        new_pairs=_new_pairs(before, after, is_open=is_open),
        before=before.index,
        after=after.index,
        by_meetings=None if change is None else change.by_meetings,
        by_moves=None if change is None else change.by_moves,
        walks=_walks(connection, first, last, park),
        points=known.over_time(_days(first, last, found)),
        is_open_before=any(one.is_open for one in ever if one.held_on <= first),
    )


def _reported(connection: Connection, last: date, park: str | None) -> list[ReportedMeeting]:
    """Return the meetings up to a day, the oldest first."""
    held = [
        row
        for row in reversed(planned_meetings(connection))
        if row["held_on"] <= last and row["state"] not in _NOT_HELD and (park is None or park in row["parks"])
    ]
    guests: dict[str, list[RowMapping]] = defaultdict(list)
    for row in attendance(connection, last):
        if row["part"] == Part.GUEST:
            guests[row["meeting"]].append(row)
    return [_meeting(one, guests[one["key"]]) for one in held]


def _meeting(one: RowMapping, guests: Sequence[RowMapping]) -> ReportedMeeting:
    return ReportedMeeting(
        key=one["key"],
        title=one["title"],
        held_on=one["held_on"],
        host=one["host_name"] or "",
        n_invited=sum(row["is_invited"] for row in guests),
        n_accepted=sum(row["answer"] == Answer.ACCEPTED for row in guests),
        n_came=len(_came(guests)),
        n_unknown=len(_may_have_come(guests)),
        attendance_known=AttendanceKnown(one["attendance_known"]),
        has_walk=one["tour"] is not None,
    )


def _walks(connection: Connection, first: date, last: date, park: str | None) -> list[tuple[date, str, int]]:
    """Return the walks after `first` up to `last` with day, title and number of places."""
    return [
        (timetable_day(row["starts_at"].astimezone(PARK_ZONE)), row["title"], row["n_stops"])
        for row in walks_between(connection, first + timedelta(days=1), last, park)
    ]


def _days(first: date, last: date, held: Sequence[ReportedMeeting]) -> list[date]:
    """Return the days of the drawing: the ends of quarters, and those of the meetings."""
    quarters = [date(last.year, *end) for end in _QUARTERS]
    return sorted({first, *(day for day in quarters if day < last), *(one.held_on for one in held), last})


def _came(guests: Collection[RowMapping]) -> set[str]:
    return {row["company"] for row in guests if row["presence"] == Presence.PRESENT}


def _may_have_come(guests: Collection[RowMapping]) -> set[str]:
    """Return of whom it is not known whether they came."""
    return {
        row["company"]
        for row in guests
        if row["presence"] == Presence.UNKNOWN and (row["is_invited"] or row["answer"] != Answer.NONE)
    }


def _reach(rows: Sequence[RowMapping], *, is_open: bool) -> CountRange:
    """Return how many companies came as guests, each once: who receives the others is no guest."""
    guests = [row for row in rows if row["part"] == Part.GUEST]
    came = _came(guests)
    return CountRange(len(came), None if is_open else len(came | _may_have_come(guests)))


def _new_pairs(before: Neighborhood, after: Neighborhood, *, is_open: bool) -> CountRange:
    """Return how many neighbors of the last day have met since, and had not before.

    At least those of whom both is certain, at most those of whom both may be.
    """
    i, k = after.pairs[:, 0], after.pairs[:, 1]
    low, high = after.met.low[i, k], after.met.high[i, k]
    was_low, was_high = before.met.low[i, k], before.met.high[i, k]
    is_certain = (low >= MET) & (was_high < MET)
    is_possible = (high >= MET) & (was_low < MET) & ((high > was_high) | (low > was_low))
    n_possible = int(np.count_nonzero(is_certain | is_possible))
    return CountRange(int(np.count_nonzero(is_certain)), None if is_open else n_possible)
