"""A tour in the hand: visit sheet, GPX, calendar, GeoJSON, KML, and what the phone's page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.concurrency import ConcurrencyLimit
from app.db.land.footprints import footprints_on
from app.db.land.plots import plots_on
from app.db.tours.papers import TourState, tour_state
from app.db.tours.records import tour_row
from app.db.walking.walkways import walkways_on
from app.domain.kinds import TourStatus
from app.domain.period import PARK_ZONE
from app.domain.tours import TourPlan
from app.errors import N_, InputError, NotFoundError
from app.exchange.tours import calendar, geojson, gpx, kml, visit_sheet
from app.exchange.tours.drawing import Around
from app.services.tours.timetables import own_values, tour_plan

# Raised when the form of the files changes, so that caches ask again.
FORM = "papers 3"

# One thread prints and one waits for it, so that the others serve meanwhile.
PRINTER = ConcurrencyLimit(
    1,
    N_("Many sheets are being printed at the moment: please try again in a minute."),
    within_s=10.0,
)


@dataclass(frozen=True)
class Format:
    """One form of a tour's file: its media type, and who writes it (the sheet needs more)."""

    media_type: str
    write: Callable[[TourPlan], bytes] | None


FORMATS: Mapping[str, Format] = {
    "pdf": Format(visit_sheet.MEDIA_TYPE, None),
    "gpx": Format(gpx.MEDIA_TYPE, gpx.gpx),
    "ics": Format(calendar.MEDIA_TYPE, calendar.calendar),
    "geojson": Format(geojson.MEDIA_TYPE, geojson.tour_features),
    "kml": Format(kml.MEDIA_TYPE, kml.kml),
}


def check_format(form: str) -> Format:
    """Return the format of this name.

    Raises
    ------
    InputError
        Naming those there are.
    """
    if form not in FORMATS:
        raise InputError(
            N_("A tour has no file “%(form)s”; available: %(known)s."),
            form=form[:20],
            known=", ".join(FORMATS),
        )
    return FORMATS[form]


def tour_papers(connection: Connection, key: str, language: str, address: str | None = None) -> TourPlan:
    """Return a tour ready for any paper, its words in `language`; `address` is its public page.

    Of a withdrawn one there are only its name and times as they were public, to call it off.

    Raises
    ------
    NotFoundError, ConflictError
        When there is no such tour, or it is not planned.
    """
    state = tour_state(connection, key)
    if state.called_off is not None and state.status == TourStatus.WITHDRAWN:
        return _called_off(connection, key, state, language)
    return tour_plan(connection, key, language, address)


def _called_off(connection: Connection, key: str, state: TourState, language: str) -> TourPlan:
    """Return all that is left of a withdrawn tour: what its calendars knew, whatever it is by now."""
    known = state.called_off or {}
    starts_at, ends_at = (
        datetime.fromisoformat(known[name]).astimezone(PARK_ZONE) for name in ("starts_at", "ends_at")
    )
    values = own_values(connection, tour_row(connection, key), state, language)
    nothing = dict.fromkeys(("note", "source", "source_url", "address", "meeting"))
    return TourPlan(
        **{**values, **nothing},
        title=known["title"],
        starts_at=starts_at,
        ends_at=ends_at,
        licence="",
        attribution="",
        stops=(),
        legs=(),
    )


def with_address(papers: TourPlan, address: str) -> TourPlan:
    """Return the papers of a tour with the address of its public page."""
    return replace(papers, address=address)


def around_tour(connection: Connection, papers: TourPlan) -> Around:
    """Return what lies around a tour on its day."""
    on = papers.toured_on
    return Around(plots_on(connection, on), walkways_on(connection, on), footprints_on(connection, on))


def tour_file(connection: Connection, form: str, papers: TourPlan) -> bytes:
    """Return a tour as a file of one of `FORMATS`.

    Raises
    ------
    InputError
        For another format.
    NotFoundError
        When the tour was withdrawn: only its calendar file is left, which calls it off.
    BusyError
        When other sheets are being printed.
    SetupError
        When a sheet cannot be printed on this machine.
    """
    write = check_format(form).write
    if papers.status == TourStatus.WITHDRAWN and form != "ics":
        raise NotFoundError(N_("The tour “%(key)s” was withdrawn."), key=papers.key)
    if write is not None:
        return write(papers)
    with PRINTER.held():
        return visit_sheet.printed_sheet(papers, around_tour(connection, papers))
