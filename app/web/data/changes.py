"""“What has changed?” between two days: as a page with a numbered map, and as JSON, CSV and Atom feed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from app.analysis.park_changes import ParkCase, ParkChange
from app.db.land.parks import check_park, park_names
from app.db.land.plots import plots_on
from app.db.walking.walkways import walkways_on
from app.domain.crs import STORAGE_CRS, to_wgs84
from app.domain.kinds import UseStatus, WalkwayKind
from app.domain.period import PARK_ZONE, parse_day
from app.errors import N_, InputError, NotFoundError
from app.exchange.tours.drawing import Canvas, Sketch, tour_sketch
from app.request import connection, requested_park, today
from app.services.features.column_guide import NAMES
from app.services.features.park_changes import changes_between
from app.web.formats import day_words, park_name
from app.web.language import language

blueprint = Blueprint("park_changes", __name__)

CASE_NAMES = {
    ParkCase.ARRIVAL: N_("Arrivals"),
    ParkCase.EXPANSION: N_("Expansions"),
    ParkCase.MOVE: N_("Moves within the parks"),
    ParkCase.SUCCESSION: N_("Successions"),
    ParkCase.DEPARTURE: N_("Departures"),
    ParkCase.RENAMING: N_("Renamings"),
    ParkCase.USE_CHANGE: N_("Changes of use"),
    ParkCase.SPLIT: N_("Plots divided"),
    ParkCase.MERGE: N_("Plots merged"),
    ParkCase.REDRAW: N_("Boundaries changed"),
    ParkCase.NEW_PLOT: N_("New plots"),
    ParkCase.GONE_PLOT: N_("Plots given up"),
    ParkCase.NEW_FACILITY: N_("New facilities"),
    ParkCase.CHANGED_FACILITY: N_("Facilities changed"),
    ParkCase.GONE_FACILITY: N_("Facilities given up"),
}
_SENTENCES = {
    ParkCase.ARRIVAL: N_("%(name)s is new: %(after)s"),
    ParkCase.EXPANSION: N_("%(name)s: now also at %(after)s"),
    ParkCase.MOVE: N_("%(name)s: from %(before)s to %(after)s"),
    ParkCase.SUCCESSION: N_("%(name)s follows %(predecessor)s (%(after)s)"),
    ParkCase.DEPARTURE: N_("%(name)s has left %(before)s"),
    ParkCase.RENAMING: N_("%(predecessor)s is now called %(name)s"),
    ParkCase.USE_CHANGE: N_("%(name)s: %(use_before)s, now %(use_after)s"),
    ParkCase.SPLIT: N_("%(before)s was divided into %(after)s"),
    ParkCase.MERGE: N_("%(before)s were merged into %(after)s"),
    ParkCase.REDRAW: N_("%(name)s has another boundary"),
    ParkCase.NEW_PLOT: N_("%(name)s is new"),
    ParkCase.GONE_PLOT: N_("%(name)s does not exist any more"),
    ParkCase.NEW_FACILITY: N_("%(name)s is new"),
    ParkCase.CHANGED_FACILITY: N_("%(name)s has changed"),
    ParkCase.GONE_FACILITY: N_("%(name)s does not exist any more"),
}
_ENDINGS = frozenset({ParkCase.DEPARTURE, ParkCase.GONE_PLOT, ParkCase.GONE_FACILITY})
FORMS = {"json": "application/json", "csv": "text/csv", "atom": "application/atom+xml"}
_CANVAS = Canvas(width=720, height=340, mark=10, margin=34, least_m_per_unit=0.5)
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Asked:
    """Two days, and a park or all of them."""

    first: date
    last: date
    park: str | None


@dataclass(frozen=True)
class NumberedChange:
    """A change as it is shown and handed out; `longitude` and `latitude` are those of its mark on the map."""

    number: int
    case: ParkCase
    day: date
    precision: str
    kind: str
    key: str
    name: str
    parks: str
    sentence: str
    longitude: float
    latitude: float

    @property
    def day_words(self) -> str:
        """The day, as exactly as it is known; of what is over the last one."""
        if self.case in _ENDINGS:
            return str(gettext("up to and including %(last)s", last=day_words(self.day - timedelta(days=1))))
        return day_words(self.day, self.precision)

    @property
    def address(self) -> str:
        """Where the map shows it."""
        selected = f"{self.kind}:{self.key}"
        return url_for("map.index", on=self.day.isoformat(), sel=selected, _external=True)


def requested() -> Asked:
    """Return the days of ``?from=`` and ``?to=``: without them the year up to today.

    Raises
    ------
    InputError
        When they are no days, or not in order.
    """
    given = request.args.get
    last = parse_day(given("to", "")) if given("to") else today()
    first = parse_day(given("from", "")) if given("from") else _year_before(last)
    if first >= last:
        raise InputError(N_("“from” must be a day before “to”."))
    return Asked(first, last, requested_park())


def _year_before(day: date) -> date:
    if day.year == 1:
        raise InputError(N_("“from” must be a day before “to”."))
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


@blueprint.get("/changes")
def index() -> str:
    """Tell what has changed between two days, by business case, with a map that has the same numbers."""
    held, asked = connection(), requested()
    check_park(held, asked.park)
    found, lines = _lines(held, asked)
    return render_template(
        "data/changes.html",
        asked=asked,
        groups=[
            (gettext(CASE_NAMES[case]), list(some))
            for case, some in groupby(lines, key=lambda line: line.case)
        ],
        n_changes=len(lines),
        sketch=_sketch(held, asked, found) if found else None,
        parks=park_names(held),
        files={form: url_for("park_changes.file", form=form, **_parameters(asked)) for form in FORMS},
    )


@blueprint.get("/changes.<form>")
def file(form: str) -> AnyResponse:
    """Hand the same out as JSON, CSV or Atom feed."""
    if form not in FORMS:
        raise NotFoundError(N_("There is nothing at this address."))
    held, asked = connection(), requested()
    check_park(held, asked.park)
    _, lines = _lines(held, asked)
    response = _WRITTEN[form](asked, lines)
    response.headers["Content-Language"] = language()
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)


def _parameters(asked: Asked) -> dict[str, Any]:
    """Return the days and the park as an address has them; a feed of the last year stays one."""
    given = {name: request.args[name] for name in ("from", "to") if request.args.get(name)}
    return {**given, **({"park": asked.park} if asked.park else {}), "lang": language()}


def _lines(held: Connection, asked: Asked) -> tuple[list[ParkChange], list[NumberedChange]]:
    found = changes_between(held, asked.first, asked.last, asked.park)
    places = to_wgs84([_place(change) for change in found]) if found else []
    numbered = enumerate(zip(found, places, strict=True), start=1)
    return found, [_line(n, change, place) for n, (change, place) in numbered]


def _place(change: ParkChange) -> Any:
    return change.rows[0]["geometry"].representative_point()


def _line(number: int, change: ParkChange, place: Any) -> NumberedChange:
    row = change.rows[0]
    name = _name(change.kind, row)
    words = {
        "name": name,
        "predecessor": _name(change.kind, change.before[0]) if change.before else "",
        "before": _listed(change.kind, change.before),
        "after": _listed(change.kind, change.after),
        **{f"use_{when}": _use(rows) for when, rows in (("before", change.before), ("after", change.after))},
    }
    return NumberedChange(
        number=number,
        case=change.case,
        day=change.day,
        precision=change.precision,
        kind=change.kind,
        key=change.key,
        name=name,
        parks="; ".join(dict.fromkeys(row["park"] for row in change.before + change.after)),
        sentence=str(gettext(_SENTENCES[change.case], **words)),
        longitude=round(place.x, 6),
        latitude=round(place.y, 6),
    )


def _name(kind: str, row: Mapping[str, Any]) -> str:
    if kind == "plot":
        return f"{row['key']} ({row['label']})" if row["label"] else str(row["key"])
    return str(row["name"])


def _listed(kind: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """Return where companies are, or which plots are meant."""
    if kind != "company":
        return ", ".join(_name(kind, row) for row in rows)
    return ", ".join(_where(row) for row in rows)


def _where(row: Mapping[str, Any]) -> str:
    address = " ".join(filter(None, (row["street"], row["house_number"])))
    return " · ".join(filter(None, (address, row["plot"]))) or park_name(row["park"])


def _use(rows: Iterable[Mapping[str, Any]]) -> str:
    uses = [NAMES[UseStatus][row["use_status"]] for row in rows if "use_status" in row]
    return ", ".join(gettext(use) for use in uses)


def _sketch(held: Connection, asked: Asked, found: list[ParkChange]) -> Sketch:
    """Return the drawing of the last day with the numbers of the changes."""
    numbers = range(1, len(found) + 1)
    names = [_name(change.kind, change.rows[0]) for change in found]
    marks = gpd.GeoDataFrame(
        {"position": list(numbers), "name": names},
        geometry=[_place(change) for change in found],
        crs=STORAGE_CRS,
    )
    none = gpd.GeoDataFrame({"is_on_network": []}, geometry=[], crs=STORAGE_CRS)
    ways = walkways_on(held, asked.last)
    streets = ways[ways["kind"] == WalkwayKind.STREET]
    return tour_sketch(none, marks, plots_on(held, asked.last), streets, _CANVAS)


def _json(asked: Asked, lines: list[NumberedChange]) -> Response:
    listed = [{**asdict(line), "day": line.day.isoformat(), "map": line.address} for line in lines]
    days = {"from": asked.first.isoformat(), "to": asked.last.isoformat(), "park": asked.park}
    return jsonify({**days, "changes": listed})


def _csv(_: Asked, lines: list[NumberedChange]) -> Response:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(NumberedChange.__dataclass_fields__))
    writer.writeheader()
    writer.writerows(asdict(line) for line in lines)
    response = Response(text.getvalue(), mimetype=FORMS["csv"])
    response.headers.set("Content-Disposition", "attachment", filename="changes.csv")
    return response


def _atom(asked: Asked, lines: list[NumberedChange]) -> Response:
    """Return a feed, the latest first; an entry is known again by what happened to whom, and when."""
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": language()})
    own = url_for("park_changes.index", _external=True)
    days = [line.day for line in lines] or [asked.first]
    _add(feed, "title", gettext("What has changed in the business parks"))
    _add(feed, "id", own)
    _add(feed, "updated", _midnight(max(days)))
    _add(_add(feed, "author"), "name", "Nachbarschaft Heinenkamp")
    _add(feed, "link", rel="self", type=FORMS["atom"], href=request.url)
    _add(feed, "link", rel="alternate", type="text/html", href=own)
    for line in sorted(lines, key=lambda line: line.day, reverse=True):
        entry = _add(feed, "entry")
        _add(entry, "title", line.sentence)
        _add(entry, "id", f"{own}#{line.case}/{line.kind}/{line.key}/{line.day.isoformat()}")
        _add(entry, "updated", _midnight(line.day))
        _add(entry, "category", term=str(line.case), label=gettext(CASE_NAMES[line.case]))
        _add(entry, "link", rel="alternate", type="text/html", href=line.address)
        _add(entry, "summary", f"{gettext(CASE_NAMES[line.case])}, {line.day_words}: {line.sentence}")
    text = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(text, content_type=f"{FORMS['atom']}; charset=utf-8")


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), PARK_ZONE).isoformat()


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, name, attributes)
    made.text = text
    return made


_WRITTEN = {"json": _json, "csv": _csv, "atom": _atom}
