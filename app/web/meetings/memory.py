"""What is remembered: companies at meetings, who of the neighbors have met, and the neighborhood index."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import geopandas as gpd
import pandas as pd
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from shapely import LineString
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from app.analysis.meetings.acquaintance import TALKS, Interval, NeighborWeights
from app.db.companies.companies import companies_on
from app.db.land.parks import check_park, park_names
from app.db.land.plots import plots_on
from app.db.walking.walkways import walkways_on
from app.domain.crs import STORAGE_CRS
from app.domain.kinds import BusinessCase, CompanyRelation, WalkwayKind
from app.domain.localizer import localizer_for
from app.domain.period import parse_known_day
from app.errors import N_, AppError, InputError
from app.exchange.collections.csv_text import harmless
from app.exchange.meetings.index_chart import index_chart
from app.exchange.tours.drawing import Canvas, Sketch, tour_sketch
from app.request import connection, requested_day, requested_park, staff_change, today, writing
from app.services.features.column_guide import NAMES
from app.services.meetings.acquaintances import (
    Acquaintances,
    AcquaintanceStatement,
    IndexQuestion,
    NeighborPair,
    PairState,
    state_acquaintance,
)
from app.services.meetings.memory import CompanyMemory, Remembered, companies_remembered
from app.web.formats import NOTHING, number
from app.web.language import language

blueprint = Blueprint("memory", __name__, url_prefix="/meetings")

LIST_NAMES = {
    Remembered.NEVER_CAME: N_("never came"),
    Remembered.UNKNOWN: N_("presence unknown"),
    Remembered.NOT_INVITED: N_("not invited for 12 months"),
    Remembered.NEW: N_("new since the last meeting"),
    Remembered.SUCCESSOR: N_("successor not introduced"),
}
PAIR_NAMES = {
    PairState.MET: N_("have met"),
    PairState.HELLO: N_("one hello away"),
    PairState.OPEN: N_("not known"),
    PairState.APART: N_("have not met"),
}
_CANVAS = Canvas(width=720, height=380, mark=10, margin=30, least_m_per_unit=0.5)
_MONTHS_APART, _MOST_DAYS = 3, 41
_RANGE = {"talks": (1.0, 50.0)} | dict.fromkeys(("across", "corner"), (0.0, 1.0))


@blueprint.get("/memory")
def companies() -> str:
    """Show what is remembered of the companies of a day, or those of one list (``?list=``)."""
    held, on, park, chosen = _asked()
    found = companies_remembered(held, on, park)
    counts = Counter(name for one in found for name in one.lists)
    return render_template(
        "meetings/memory.html",
        rows=[one for one in found if chosen is None or chosen in one.lists],
        n_all=len(found),
        counts=counts,
        lists=_words(LIST_NAMES),
        chosen=chosen,
        on=on,
        park=park,
        parks=park_names(held),
    )


@blueprint.get("/memory.csv")
def companies_file() -> AnyResponse:
    """Give the same as a table, as a German Excel opens it."""
    held, on, park, chosen = _asked()
    rows = [one for one in companies_remembered(held, on, park) if chosen is None or chosen in one.lists]
    head = (
        N_("Company"), N_("Invited"), N_("Answered"), N_("Attended"), N_("Hosted"), N_("Presence known"),
        N_("Last invited"), N_("Last attended"), N_("Lists"),
    )  # fmt: skip
    lines = [[gettext(name) for name in head], *(_line(one) for one in rows)]
    return _table(lines, f"meetings-{on:%Y-%m-%d}.csv")


def _asked() -> tuple[Connection, date, str | None, Remembered | None]:
    held, park = connection(), requested_park()
    check_park(held, park)
    given = request.args.get("list")
    if given and given not in set(Remembered):
        raise InputError(N_("There is no list “%(name)s”."), name=given)
    return held, requested_day(), park, Remembered(given) if given else None


def _line(one: CompanyMemory) -> list[str]:
    days = ["" if day is None else day.isoformat() for day in (one.last_invited, one.last_attended)]
    numbers = (one.n_invited, one.n_answered, one.n_attended, one.n_hosted, one.n_known)
    names = ", ".join(str(_words(LIST_NAMES)[name]) for name in LIST_NAMES if name in one.lists)
    return [one.name, *map(str, numbers), *days, names]


@blueprint.get("/neighbors")
def neighbors() -> str:
    """Show the neighborhood index of a day, what it is made of, and how it came about."""
    held, question = connection(), _question()
    check_park(held, question.park)
    known = Acquaintances(held, question)
    now = known.at(question.on)
    pairs = now.listed()
    state = request.args.get("state")
    if state and state not in set(PairState):
        raise InputError(N_("There is no list “%(name)s”."), name=state)
    days = _days(known, question.on)
    points = known.over_time(days)
    there = companies_on(held, question.on).drop_duplicates("company")
    names = dict(zip(there["company"], there["name"], strict=True))
    return render_template(
        "meetings/neighbors.html",
        question=question,
        neighborhood=now,
        change=known.change(_year_before(question.on), question.on),
        year_before=_year_before(question.on),
        pairs=[pair for pair in pairs if not state or pair.state == state],
        counts=Counter(pair.state for pair in pairs),
        states=_words(PAIR_NAMES),
        chosen=state,
        names=names,
        relations={name: gettext(words) for name, words in NAMES[CompanyRelation].items()},
        points=[(day, index) for day, index in points if index is not None],
        chart=index_chart(points),
        sketch=_sketch(held, question, pairs),
        brokers=_brokers(now, names) if len(pairs) else [],
        meetings=known.meetings,
        parks=park_names(held),
        share=_share,
    )


def _question() -> IndexQuestion:
    park = requested_park()
    given = {name: _number(name, *_RANGE[name]) for name in _RANGE if request.args.get(name)}
    talks = given.pop("talks", TALKS)
    return IndexQuestion(requested_day(), park, talks, NeighborWeights(**given))


def _number(name: str, least: float, most: float) -> float:
    try:
        number = float(request.args[name].replace(",", "."))
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise InputError(
            N_("%(name)s: a number from %(least)s to %(most)s is expected."),
            name=name, least=f"{least:g}", most=f"{most:g}",
        )  # fmt: skip
    return number


def _days(known: Acquaintances, last: date) -> list[date]:
    """Return the days of the chart: those of the meetings, and each quarter since the first one."""
    if not known.meetings:
        return [last]
    first = known.meetings[0]["held_on"]
    quarters = pd.date_range(first, last, freq=pd.DateOffset(months=_MONTHS_APART)).date.tolist()
    step = max(1, -(-len(quarters) // _MOST_DAYS))
    held = {one["held_on"] for one in known.meetings[-_MOST_DAYS:]}
    before = [date.fromordinal(first.toordinal() - 1)]
    return sorted({*before, *quarters[::step], *held, last})


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _sketch(held: Connection, question: IndexQuestion, pairs: Sequence[NeighborPair]) -> Sketch | None:
    """Return the map: solid between those who have met, dotted between those who have not."""
    there = companies_on(held, question.on, question.park).drop_duplicates("company").set_index("company")
    ends = there.geometry
    drawn = [pair for pair in pairs if pair.focal in ends.index and pair.neighbor in ends.index]
    if not drawn:
        return None
    lines = gpd.GeoDataFrame(
        {"is_on_network": [pair.state is PairState.MET for pair in drawn]},
        geometry=[LineString([ends[pair.focal], ends[pair.neighbor]]) for pair in drawn],
        crs=STORAGE_CRS,
    )
    marks = gpd.GeoDataFrame(
        {"position": range(1, len(there) + 1), "name": there["name"].to_numpy()},
        geometry=ends.to_numpy(),
        crs=STORAGE_CRS,
    )
    ways = walkways_on(held, question.on)
    streets = ways[ways["kind"] == WalkwayKind.STREET]
    return tour_sketch(lines, marks, plots_on(held, question.on), streets, _CANVAS)


def _brokers(neighborhood: Any, names: dict[str, str]) -> list[tuple[str, float]]:
    """Return those who connect most others, by name."""
    there = sorted({key for pair in neighborhood.pairs.tolist() for key in pair})
    between = neighborhood.measures.betweenness
    found = [(names.get(neighborhood.companies[one], ""), float(between[n])) for n, one in enumerate(there)]
    return [one for one in sorted(found, key=lambda one: (-one[1], one[0]))[:5] if one[1] > 0]


@blueprint.get("/neighbors.csv")
def neighbors_file() -> AnyResponse:
    """Give the pairs with their probabilities as a table."""
    question = _question()
    found = Acquaintances(connection(), question).at(question.on).listed()
    head = [
        "company",
        "neighbor",
        "relation",
        "length_m",
        "weight",
        "met_low",
        "met_likely",
        "met_high",
        "state",
    ]
    lines = [
        [pair.focal, pair.neighbor, pair.relation, _exact(pair.measure_m), _exact(pair.weight),
         *map(_exact, pair.met), pair.state]
        for pair in found
    ]  # fmt: skip
    return _table([head, *lines], f"neighbors-{question.on:%Y-%m-%d}.csv")


def _exact(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


@blueprint.post("/neighbors/statements")
def state() -> AnyResponse:
    """Store that two companies know each other, as somebody said."""
    form = request.form
    try:
        day = parse_known_day(form["day"]).first if form.get("day") else today()
        with writing() as held:
            statement = AcquaintanceStatement(day, form.get("source", ""), current_user.person.staff_id)
            companies = (form.get("one", ""), form.get("other", ""))
            state_acquaintance(held, companies, statement, staff_change(BusinessCase.MEETING))
    except AppError as error:
        flash(localizer_for(language()).error_text(error), "danger")
    else:
        flash(gettext("Saved."))
    return redirect(f"{url_for('memory.neighbors')}?{urlencode(request.args.to_dict())}")


def _words(names: dict[Any, str]) -> dict[Any, str]:
    return {name: gettext(words) for name, words in names.items()}


def _share(interval: Interval | None) -> str:
    """Return an interval in percent, as one number where nothing is open."""
    if interval is None:
        return NOTHING
    low, high = (number(100 * value, 1) for value in (interval.low, interval.high))
    return f"{low} %" if low == high else f"{low}–{high} %"


def _table(lines: Sequence[Sequence[str]], name: str) -> Response:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([harmless(text) for text in line] for line in lines)
    response = Response(out.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language()
    return response
