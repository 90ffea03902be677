"""A tour in the hand: visit sheet, GPX, calendar, GeoJSON, KML, and what the phone's page shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.analysis.walking.directions import TurnKind
from app.db.changes import data_changed_at
from app.db.footprints import footprints_on
from app.db.plots import plots_on
from app.db.sources import notice
from app.db.tour_papers import TourState, tour_state
from app.db.tour_records import tour_row
from app.db.tours import tour_legs_on
from app.db.walkways import walkways_on
from app.domain.kinds import TimeBasis, TourStatus
from app.domain.period import PARK_ZONE
from app.domain.tour_papers import LegPart, PaperLeg, PaperStop, PaperTurn, TourPapers
from app.domain.voice import Voice, voice
from app.errors import N_, BusyError, InputError, NotFoundError
from app.exchange import calendar, gpx, kml, tour_features, visit_sheet
from app.exchange.tour_drawing import Around
from app.services.direction_words import direction_sentence
from app.services.leg_words import detour_sentence
from app.services.timetabling import LegPlan, StopPlan, TourPlan, tour_plan

# Raised when the form of the files changes, so that caches ask again.
FORM = "papers 3"

# Of a process's four threads one prints and one waits for it, so that the others serve meanwhile.
_PRINTER, _WAITING = threading.BoundedSemaphore(1), threading.BoundedSemaphore(1)
_PRINTER_WITHIN_S = 10.0


@dataclass(frozen=True)
class Format:
    """One form of a tour's file: its media type, and who writes it (the sheet needs more)."""

    media_type: str
    write: Callable[[TourPapers], bytes] | None


FORMATS: Mapping[str, Format] = {
    "pdf": Format(visit_sheet.MEDIA_TYPE, None),
    "gpx": Format(gpx.MEDIA_TYPE, gpx.gpx),
    "ics": Format(calendar.MEDIA_TYPE, calendar.calendar),
    "geojson": Format(tour_features.MEDIA_TYPE, tour_features.tour_features),
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
            N_("A tour has no file “%(form)s”; there are: %(known)s."),
            form=form[:20],
            known=", ".join(FORMATS),
        )
    return FORMATS[form]


def tour_papers(connection: Connection, key: str, language: str, address: str | None = None) -> TourPapers:
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
    plan = tour_plan(connection, key)
    notices = notice(connection)
    places = tuple(map(_stop, plan.places))
    return TourPapers(
        **{name: getattr(plan, name) for name in ("key", "title", "park_name", "note", "source", "is_round")},
        language=language,
        status=state.status,
        sequence=state.sequence,
        changed_at=state.changed_at,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        time_basis=TimeBasis(plan.time_basis),
        licence=notices.licence,
        attribution=notices.attribution,
        data_at=data_changed_at(connection).astimezone(PARK_ZONE),
        address=address,
        meeting=None if plan.meeting is None else places[0],
        stops=places if plan.meeting is None else places[1:],
        legs=_legs(connection, plan, voice(language)),
    )


def _called_off(connection: Connection, key: str, state: TourState, language: str) -> TourPapers:
    """Return all that is left of a withdrawn tour: what its calendars knew, whatever it is by now."""
    known = state.called_off or {}
    row = tour_row(connection, key)
    starts_at, ends_at = (datetime.fromisoformat(known[name]) for name in ("starts_at", "ends_at"))
    return TourPapers(
        **{name: row[name] for name in ("key", "park_name", "is_round")},
        title=known["title"],
        language=language,
        status=state.status,
        sequence=state.sequence,
        changed_at=state.changed_at,
        starts_at=starts_at.astimezone(PARK_ZONE),
        ends_at=ends_at.astimezone(PARK_ZONE),
        time_basis=TimeBasis(row["time_basis"]),
        data_at=data_changed_at(connection).astimezone(PARK_ZONE),
        note=None,
        source=None,
        address=None,
        licence="",
        attribution="",
        meeting=None,
        stops=(),
        legs=(),
    )


def _stop(stop: StopPlan) -> PaperStop:
    times = ("arrives_at", "begins_at", "ends_at", "departs_at", "pause_at", "pause_min")
    return PaperStop(
        **{name: getattr(stop, name) for name in ("position", "name", "note", "is_approximate", *times)},
        point=stop.point,
        windows=stop.windows,
    )


def _legs(connection: Connection, plan: TourPlan, speech: Voice) -> tuple[PaperLeg, ...]:
    rows = tour_legs_on(connection, tour=plan.key)
    parts: dict[int, list[LegPart]] = {}
    for position, line, is_on in zip(rows["position"], rows.geometry, rows["is_on_network"], strict=True):
        parts.setdefault(int(position), []).append(LegPart(line, bool(is_on)))
    return tuple(_leg(leg, plan, tuple(parts.get(leg.position, ())), speech) for leg in plan.legs)


def _leg(leg: LegPlan, plan: TourPlan, parts: tuple[LegPart, ...], speech: Voice) -> PaperLeg:
    is_back = leg.to_position <= leg.position
    turns = (turn for turn in leg.turns if turn.kind != TurnKind.ARRIVE)
    return PaperLeg(
        **{name: getattr(leg, name) for name in ("position", "to_position", "length_m", "off_network_m")},
        walk_min=leg.walk_min,
        departs_at=plan.place(leg.position).departs_at,
        arrives_at=plan.ends_at if is_back else plan.place(leg.to_position).arrives_at,
        parts=parts,
        notes=tuple(detour_sentence(detour, speech) for detour in leg.detours),
        turns=tuple(PaperTurn(direction_sentence(turn, speech), turn.point) for turn in turns),
        is_reachable=leg.is_reachable,
    )


def with_address(papers: TourPapers, address: str) -> TourPapers:
    """Return the papers of a tour with the address of its public page."""
    return replace(papers, address=address)


def around_tour(connection: Connection, papers: TourPapers) -> Around:
    """Return what lies around a tour on its day."""
    on = papers.toured_on
    return Around(plots_on(connection, on), walkways_on(connection, on), footprints_on(connection, on))


def tour_file(connection: Connection, form: str, papers: TourPapers) -> bytes:
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
    with _printer():
        return visit_sheet.printed_sheet(papers, around_tour(connection, papers))


@contextmanager
def _printer() -> Iterator[None]:
    """Hold the printer while the block runs; sheets for which there is no place in its queue are refused."""
    if not (_PRINTER.acquire(blocking=False) or _wait_for_printer()):
        raise BusyError(N_("Many sheets are being printed at the moment: please try again in a minute."))
    try:
        yield
    finally:
        _PRINTER.release()


def _wait_for_printer() -> bool:
    if not _WAITING.acquire(blocking=False):
        return False
    try:
        return _PRINTER.acquire(timeout=_PRINTER_WITHIN_S)
    finally:
        _WAITING.release()
