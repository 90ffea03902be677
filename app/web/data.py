"""The data page: what can be taken out, in which form, under which licence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, url_for
from sqlalchemy import Connection

from app.db.features import count
from app.db.parks import check_park, parks_on
from app.db.sources import all_sources, notice
from app.domain.feature_query import FeatureQuery, Span
from app.errors import N_
from app.request import connection, requested_day, requested_park, today

blueprint = Blueprint("data", __name__, url_prefix="/daten")

# Collection -> its name, and what one row is.
WORDS = {
    "plots": (N_("Plots"), N_("Boundary, use and area of every plot. The boundaries are schematic.")),
    "companies": (
        N_("Companies"),
        N_("Every company at every place it uses, with its sector and how sure the location is."),
    ),
    "facilities": (
        N_("Facilities"),
        N_("Truck parking with capacity and amenities, bus stops, fuel stations."),
    ),
    "walkways": (N_("Walk network"), N_("Streets, footways, paths and steps with their lengths.")),
    "adjacency": (
        N_("Neighbor pairs"),
        N_("Which plots are neighbors, of what kind, with lengths and the common border."),
    ),
    "tours": (N_("Tours"), N_("The walk of every tour with stops, metres and minutes in all.")),
    "tour-stops": (N_("Tour stops"), N_("The places of the tours with arrival and departure.")),
    "tour-legs": (N_("Tour legs"), N_("The walks between the stops, on and off the walk network.")),
    "parks": (N_("Business parks"), N_("Outline and area of the business parks.")),
    "footprints": (N_("Buildings and car parks"), N_("Simplified outlines for drawing; not complete.")),
}


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
        "data.html",
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
        for name, (title, what) in WORDS.items()
    ]
