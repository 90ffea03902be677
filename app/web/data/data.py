"""The data page: what can be taken out, in which form, under which licence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, url_for
from sqlalchemy import Connection

from app.db.features import count
from app.db.land.parks import check_park, parks_on
from app.db.sources import all_sources, notice
from app.domain.column_words import COLLECTIONS
from app.domain.feature_query import FeatureQuery, Span
from app.domain.localizer import localizer_for
from app.request import connection, known_at, requested_day, requested_park, today
from app.services.features.column_guide import column_guide
from app.web.language import language

blueprint = Blueprint("data", __name__, url_prefix="/daten")


@blueprint.get("/spalten")
def columns() -> str:
    """Explain every column, code and threshold of all collections."""
    localizer = localizer_for(language())
    guides = {name: column_guide(name, localizer) for name in COLLECTIONS}
    return render_template("data/columns.html", collections=COLLECTIONS, guides=guides)


@dataclass(frozen=True)
class Offer:
    """One collection as the page offers it: its words, how many rows it has, which of them, where to ask."""

    name: str
    title: str
    what: str
    n_rows: int
    choice: Mapping[str, str | None]
    address: str


@blueprint.get("")
def index() -> str:
    """List the exports as of ``?on=``, of ``?park=`` or of all parks."""
    held, on, park = connection(), requested_day(), requested_park()
    check_park(held, park)
    parks = parks_on(held, None)
    return render_template(
        "data/data.html",
        offers=_offers(held, on, park),
        parks=dict(zip(parks["key"], parks["name"], strict=True)),
        park=park,
        on=on,
        today=today(),
        notice=notice(held),
        sources=all_sources(held),
    )


def _offers(held: Connection, on: date, park: str | None) -> list[Offer]:
    # Without a day an address means today's data, and stays good tomorrow.
    choice = {"on": None if on == today() else on.isoformat(), "park": park}
    return [
        Offer(
            name,
            title,
            what,
            n_rows=count(held, FeatureQuery(name, Span.on(on), park)),
            choice=choice,
            address=url_for("exports.download", file=f"{name}.geojson", _external=True, **choice),
        )
        for name, (title, what) in COLLECTIONS.items()
        # Tours are planned on what is known today.
        if known_at() is None or not name.startswith("tour")
    ]
