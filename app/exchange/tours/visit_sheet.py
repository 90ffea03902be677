"""The visit sheet: a tour on A4 to walk with; map, timetable, what to see, room for notes.

It is made as one HTML document that asks for nothing outside of itself; `app.exchange.tours.printing`
turns it into a PDF.

How high the map of a visit sheet may be, so that map and timetable share the first page well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from babel.dates import format_date

from app.domain.clocks import days_after, timetable_day
from app.domain.kinds import TimeBasis, TourStatus
from app.domain.localizer import Localizer, localizer_for
from app.domain.period import PARK_ZONE
from app.domain.tours import TourPlan
from app.errors import N_
from app.exchange.tours import descriptions
from app.exchange.tours.drawing import Around, Canvas, View, tour_svg, tour_view
from app.exchange.tours.paper_parts import address_code, paper_template
from app.exchange.tours.printing import printed

# A map under which all of the timetable fits, one under which some of it does, and the largest.
LEAST_MAP_MM, GOOD_MAP_MM, MOST_MAP_MM = 66.0, 96.0, 130.0


def map_height_mm(room_mm: float, rows_mm: Sequence[float]) -> float:
    """Return the height that keeps a short timetable on the first page.

    Where that cannot be, as many stops stay as leave the map a good height, and the map gets what they
    leave: no stop goes to the next page while there is room for it.

    Parameters
    ----------
    room_mm : float
        What the first page has for map and stops together.
    rows_mm : sequence of float
        The heights of the stops, each with the walk that leads on; may be empty.
    """
    sums_mm = list(accumulate(rows_mm, initial=0.0))
    if room_mm - sums_mm[-1] >= LEAST_MAP_MM:
        return min(room_mm - sums_mm[-1], MOST_MAP_MM)
    most_mm = max((some for some in sums_mm if room_mm - some >= GOOD_MAP_MM), default=0.0)
    return min(room_mm - most_mm, MOST_MAP_MM)


MEDIA_TYPE = "application/pdf"

_FOLDER = Path(__file__).parent / "templates"
_MAP_WIDTH_MM = 180.0
_MAP_MARGIN_MM = 10.0
# Kept free below the last stop; one hair too high, and it goes to the next page.
_SLACK_MM = 0.5
# To measure, to fit, and to fit again what the named characters moved.
_MOST_PRINTS = 3
_MOST_LACKING = 40
_BAR_M = (10, 20, 40, 50, 100, 200, 400, 500, 1000, 2000)
_BAR_MM = 24.0


def printed_sheet(papers: TourPlan, around: Around) -> bytes:
    """Return the sheet of a tour as a PDF.

    The printer reports how high the timetable is and which characters no font has; so it is printed
    again with a map that leaves the stops their room, and with these characters named.

    Raises
    ------
    SetupError
        When it cannot be printed on this machine.
    """
    map_mm, lacking = GOOD_MAP_MM, ""
    for _ in range(_MOST_PRINTS):
        sheet = printed(visit_sheet(papers, around, map_mm, lacking))
        fit_mm = map_height_mm(sheet.room_mm - _SLACK_MM, sheet.rows_mm)
        if sheet.lacking == lacking and abs(fit_mm - map_mm) < _SLACK_MM:
            break
        map_mm, lacking = fit_mm, sheet.lacking
    return sheet.pdf


def visit_sheet(papers: TourPlan, around: Around, map_mm: float = GOOD_MAP_MM, lacking: str = "") -> str:
    """Return the sheet of a tour as an HTML document for printing.

    The walk is drawn at a round scale, the numbers of its stops are those of every map and list.
    A tour without a public address gets no QR code. The same arguments give the same text.

    Parameters
    ----------
    papers : TourPlan
    around : Around
    map_mm : float
        Height of the map.
    lacking : str
        Characters that cannot be printed here; the sheet names them.
    """
    localizer = localizer_for(papers.language)
    canvas = Canvas(_MAP_WIDTH_MM, map_mm, margin=_MAP_MARGIN_MM)
    view = tour_view(papers, canvas, has_round_scale=True)
    title = localizer.translate(N_("Map of the walk “%(title)s”"), title=papers.title)
    html: str = paper_template(_FOLDER, "visit_sheet.html").render(
        papers=papers,
        map=tour_svg(papers, around, view, title, _style()),
        bar=_scale_bar(view),
        scale=localizer.metres(view.scale).removesuffix(f"{descriptions.NBSP}m"),
        qr=_qr(papers, localizer),
        is_assumed=papers.time_basis == TimeBasis.ASSUMED,
        knows_plots=any(not stop.is_approximate for stop in papers.stops),
        is_draft=papers.status == TourStatus.DRAFT,
        lacking=", ".join(f"U+{ord(character):04X}" for character in lacking[:_MOST_LACKING]),
        _=localizer.translate,
        **_formats(papers, localizer),
    )
    return html


def _formats(papers: TourPlan, localizer: Localizer) -> dict[str, object]:
    language, on = localizer.language, papers.toured_on

    def day(at: datetime) -> str:
        return localizer.day(timetable_day(at))

    def hour(at: datetime) -> str:
        return localizer.translate(N_("%(time)s"), time=descriptions.clock(at.astimezone(PARK_ZONE)))

    def ends(at: datetime) -> str:
        return localizer.on_day(hour(at), days_after(on, at))

    return {
        "day": day,
        "hour": hour,
        "ends": ends,
        "weekday": lambda at: format_date(timetable_day(at), "EEEE", language),
        "clock": lambda at: localizer.clock(at, on),
        "visit": lambda stop: descriptions.visit(stop, localizer, on),
        "metres": localizer.metres,
        "minutes": lambda value: descriptions.minutes(value, localizer),
        "meeting": lambda stop: descriptions.meeting_text(stop, localizer),
        "pause": lambda stop: descriptions.pause_text(stop, localizer, on),
    }


def _scale_bar(view: View) -> dict[str, float]:
    """Return metres and millimetres of the scale bar's two halves together."""
    length_m = min(_BAR_M, key=lambda each: abs(each / view.m_per_unit - _BAR_MM))
    return {"m": length_m, "mm": length_m / view.m_per_unit}


def _qr(papers: TourPlan, localizer: Localizer) -> str | None:
    """Return the code of the tour's public address as an SVG element."""
    if papers.address is None:
        return None
    return address_code(papers.address, localizer.translate(N_("QR code of the page for the phone")))


@lru_cache(maxsize=1)
def _style() -> str:
    return (_FOLDER / "walk_map.css").read_text("utf-8")
