"""The papers of a meeting as PDF: guide, badges, cards for tables, list to sign, poster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from markupsafe import Markup

from app.domain.localizer import Localizer, localizer_for
from app.domain.period import PARK_ZONE
from app.domain.tours import TourPlan
from app.errors import N_
from app.exchange.meetings.papers.board_pdf import board_page
from app.exchange.meetings.papers.park_map import ParkBoard
from app.exchange.meetings.papers.printing import map_style, paper_pdf, qr_code
from app.exchange.meetings.papers.sizes import name_pt
from app.exchange.tours.drawing import Around, Canvas, tour_svg, tour_view

_BADGES_A_PAGE = 10
_BADGE_MM, _SMALL_MM, _CARD_MM = (78.0, 26.0), (78.0, 12.0), (170.0, 44.0)
_BADGE_PT = (24, 22, 20, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7)
_SMALL_PT = (12, 11, 10, 9, 8, 7, 6)
_CARD_PT = (64, 58, 52, 46, 42, 38, 34, 30, 28, 26, 24, 22, 20, 18, 16)
_POSTER_MM, _POSTER_PT = (180.0, 60.0), (44, 40, 36, 32, 28, 24, 20, 18, 16)
_WALK_MAP = Canvas(186, 100, margin=10)
_LEAST_WALK_INS, _MOST_ROWS = 12, 10


@dataclass(frozen=True)
class ProgramItem:
    """An item of the program."""

    starts_at: datetime | None
    title: str
    note: str | None = None


@dataclass(frozen=True)
class PaperGuest:
    """A company on papers: its name, with how many it comes, and the names that persons gave themselves."""

    company: str
    heads: int | None = None
    persons: tuple[str, ...] = ()


@dataclass(frozen=True)
class StaffNotes:
    """What only staff reads: notes, the host's contacts, and who answered what."""

    note: str | None
    contacts: Sequence[str]
    answers: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class MeetingKit:
    """What the papers of a meeting are made of.

    Attributes
    ----------
    address : str or None
        Of its public page, where it has one.
    places : sequence of tuple of str
        Places of the parks: name and what it is.
    walk : TourPlan or None
    around : Around or None
        What lies around the walk.
    guests : sequence of PaperGuest
        In order of names.
    staff : StaffNotes or None
        None in what guests get.
    """

    title: str
    held_on: date
    starts_at: datetime | None
    ends_at: datetime | None
    place: str
    host: str
    organizers: Sequence[str]
    language: str
    note: str = ""
    address: str | None = None
    program: Sequence[ProgramItem] = ()
    boards: Sequence[ParkBoard] = ()
    places: Sequence[tuple[str, str]] = ()
    walk: TourPlan | None = None
    around: Around | None = None
    guests: Sequence[PaperGuest] = ()
    staff: StaffNotes | None = field(default=None, repr=False)

    @property
    def localizer(self) -> Localizer:
        """Words of the papers' language."""
        return localizer_for(self.language)

    @property
    def when(self) -> str:
        """Day and time in words; the time only where it is known."""
        shown = self.localizer.day(self.held_on)
        if self.starts_at is None:
            return shown
        until = "" if self.ends_at is None else f"–{self.clock(self.ends_at)}"
        hours = self.localizer.translate(N_("%(time)s"), time=f"{self.clock(self.starts_at)}{until}")
        return f"{shown}, {hours}"

    def clock(self, at: datetime | None) -> str:
        """Return a time of day."""
        return "" if at is None else self.localizer.clock(at.astimezone(PARK_ZONE), self.held_on)

    @property
    def is_walk_of_the_day(self) -> bool:
        """Whether the walk is on the day of the meeting."""
        return self.walk is not None and self.walk.toured_on == self.held_on

    def walk_clock(self, at: datetime) -> str:
        """Return a time of day of the walk."""
        return (
            "" if self.walk is None else self.localizer.clock(at.astimezone(PARK_ZONE), self.walk.toured_on)
        )


def guide_pdf(kit: MeetingKit) -> bytes:
    """Return the sheets for guests; with `MeetingKit.staff` those of staff."""
    pages = [board_page(board, kit.language) for board in kit.boards]
    return _printed("guide.html", kit, pages=pages, walk_map=_walk_map(kit))


def badges_pdf(kit: MeetingKit) -> bytes:
    """Return badges to cut out, ten on a page; empty ones fill the last page."""
    badges = [badge for guest in kit.guests for badge in _badges(guest)]
    n_empty = -len(badges) % _BADGES_A_PAGE or _BADGES_A_PAGE
    return _printed("badges.html", kit, badges=[*badges, *[None] * n_empty], per_page=_BADGES_A_PAGE)


def cards_pdf(kit: MeetingKit) -> bytes:
    """Return cards for tables to fold, two on a page: the company on both sides."""
    cards = [(guest.company, name_pt(guest.company, _CARD_MM, _CARD_PT)) for guest in kit.guests]
    return _printed("cards.html", kit, cards=cards)


def sign_in_pdf(kit: MeetingKit) -> bytes:
    """Return the list to sign: companies with rows for their persons, and empty rows for others."""
    rows = [
        (guest.company, n == 0)
        for guest in kit.guests
        for n in range(max(1, min(guest.heads or 1, _MOST_ROWS)))
    ]
    return _printed("sign_in.html", kit, rows=rows, n_empty=max(_LEAST_WALK_INS, len(rows) // 5))


def poster_pdf(kit: MeetingKit) -> bytes:
    """Return the poster with the code of the meeting's public page."""
    return _printed("poster.html", kit, title_pt=name_pt(kit.title, _POSTER_MM, _POSTER_PT))


def _printed(template: str, kit: MeetingKit, **values: object) -> bytes:
    code = None if kit.address is None else qr_code(kit.address, kit.localizer)
    return paper_pdf(template, kit.language, kit=kit, qr=code, **values)


def _badges(guest: PaperGuest) -> list[tuple[str, float, str, float]]:
    """Return the badges of a company: those of named persons, and others with the company alone."""
    company_pt = name_pt(guest.company, _SMALL_MM, _SMALL_PT)
    named = [(name, name_pt(name, _BADGE_MM, _BADGE_PT), guest.company, company_pt) for name in guest.persons]
    n_others = max(0 if named else 1, min(guest.heads or 1, _MOST_ROWS) - len(named))
    return [*named, *[(guest.company, name_pt(guest.company, _BADGE_MM, _BADGE_PT), "", 0.0)] * n_others]


def _walk_map(kit: MeetingKit) -> Markup | None:
    if kit.walk is None or kit.around is None:
        return None
    title = kit.localizer.translate(N_("Map of the walk “%(title)s”"), title=kit.walk.title)
    view = tour_view(kit.walk, _WALK_MAP, has_round_scale=False)
    # A drawing of our own, in which every text is escaped.
    return Markup(tour_svg(kit.walk, kit.around, view, title, map_style()))  # noqa: S704
