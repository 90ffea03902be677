"""A year's meetings as a report: what it holds, and its PDF with the index as a drawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.localizer import NBSP, Localizer, localizer_for
from app.domain.meetings import AttendanceKnown
from app.errors import N_, NN_
from app.exchange.meetings.index_chart import IndexChart, Shares, index_chart
from app.exchange.meetings.papers.printing import paper_pdf

NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class CountRange:
    """A number that hangs on what is not known: at least, and at most where even that is known."""

    low: int
    high: int | None


@dataclass(frozen=True)
class ReportedMeeting:
    """A meeting of the year; `n_came` counts companies other than those that received the others."""

    key: str
    title: str
    held_on: date
    host: str
    n_invited: int
    n_accepted: int
    n_came: int
    n_unknown: int
    attendance_known: AttendanceKnown
    has_walk: bool

    @property
    def is_known(self) -> bool:
        """Whether it is known of each invited company whether it came."""
        return self.attendance_known != AttendanceKnown.NONE and self.n_unknown == 0

    @property
    def is_open(self) -> bool:
        """Whether anybody may have come, as nobody is known to be invited."""
        return not self.is_known and self.n_unknown == 0


@dataclass(frozen=True)
class YearReport:
    """What a year brought.

    Attributes
    ----------
    first, last : date
        The day before the year, and its last day, or today while it goes on.
    park : str or None
        None of all parks.
    reach : CountRange
        Companies that came to at least one meeting as guests.
    n_hosts : int
        Companies that received the others; they are in no reach.
    new_pairs : CountRange
        Neighbors who have met at the end and had not before.
    before, after : tuple or None
        The neighborhood index, at least, likely and at most; None where nobody has a neighbor.
    by_meetings, by_moves : tuple or None
        What meetings made of its change, and what moves made.
    walks : sequence of tuple
        Day, title and number of visited places of the year's walks.
    points : sequence of tuple
        The index of some days.
    is_open_before : bool
        Whether of a meeting before the year not even the guests are known.
    """

    year: int
    first: date
    last: date
    park: str | None
    park_name: str | None
    meetings: Sequence[ReportedMeeting]
    reach: CountRange
    n_hosts: int
    new_pairs: CountRange
    before: Shares | None
    after: Shares | None
    by_meetings: Shares | None
    by_moves: Shares | None
    walks: Sequence[tuple[date, str, int]]
    points: Sequence[tuple[date, Shares | None]]
    is_open_before: bool = False

    @property
    def is_open(self) -> bool:
        """Whether more may have met than any figure holds: of a meeting not even the guests are known."""
        return self.is_open_before or self.is_open_since

    @property
    def is_open_since(self) -> bool:
        """The same of the year's own meetings."""
        return any(one.is_open for one in self.meetings)

    @property
    def n_unknown(self) -> int:
        """Of how many meetings it is not known of everybody who came."""
        return sum(not one.is_known for one in self.meetings)

    @property
    def n_visits(self) -> int:
        """Places that the walks visited, each as often as a walk did."""
        return sum(n for _, _, n in self.walks)

    @property
    def chart(self) -> IndexChart | None:
        """The drawing of the index; None with less than two days of which there is one."""
        return index_chart(self.points)


def range_text(value: CountRange, localizer: Localizer) -> str:
    """Return a number, or from where to where it may be."""
    low = localizer.number(value.low)
    if value.high is None:
        return localizer.translate(N_("at least %(low)s"), low=low)
    return low if value.low == value.high else f"{low}–{localizer.number(value.high)}"


def share_text(value: Shares | None, localizer: Localizer, *, is_open: bool = False) -> str:
    """Return a share in percent, or from where to where it may be; what is open has no upper end."""
    if value is None:
        return NOTHING
    low, high = (localizer.number(100 * each, 1) for each in (value[0], value[2]))
    if is_open:
        return localizer.translate(N_("at least %(low)s"), low=f"{low}{NBSP}%")
    return f"{low}{NBSP}%" if low == high else f"{low}–{high}{NBSP}%"


def points_text(value: Shares | None, localizer: Localizer, *, is_open: bool = False) -> str:
    """Return a change in percentage points, with its sign; what is open has no upper end."""
    if value is None:
        return NOTHING
    ends = sorted(100 * each for each in (value[0], value[2]))
    low, high = (f"{'+' if round(each, 1) > 0 else ''}{localizer.number(each, 1)}" for each in ends)
    if is_open:
        return localizer.translate(N_("at least %(low)s"), low=low)
    return low if low == high else localizer.translate(N_("%(low)s to %(high)s"), low=low, high=high)


def interval_words(localizer: Localizer) -> dict[str, Callable[..., str]]:
    """Return what writes shares and points in templates, each given whether its upper end is open."""
    return {
        "share": lambda value, is_open=False: share_text(value, localizer, is_open=is_open),
        "points": lambda value, is_open=False: points_text(value, localizer, is_open=is_open),
    }


def report_pdf(report: YearReport, language: str) -> bytes:
    """Return a report as a PDF."""
    localizer = localizer_for(language)
    return paper_pdf(
        "report.html",
        language,
        report=report,
        number=localizer.number,
        ranged=lambda value: range_text(value, localizer),
        **interval_words(localizer),
        unknown=unknown_sentence(report, localizer),
    )


def unknown_sentence(report: YearReport, localizer: Localizer) -> str:
    """Return of how many meetings it is not known who came; nothing where it is known of all."""
    if not report.n_unknown:
        return ""
    return localizer.translate(
        NN_(
            "Of %(n)s meeting it is not known who came; figures that hang on it are ranges.",
            "Of %(n)s meetings it is not known who came; figures that hang on it are ranges.",
        ),
        n=report.n_unknown,
    )
