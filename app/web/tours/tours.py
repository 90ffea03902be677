"""The tours: the list, and each one's timetable and walk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext
from sqlalchemy import Connection

from app.db.land.parks import parks_on
from app.db.land.plots import plots_on
from app.db.tours.frames import tour_legs_on, tour_stops_on, tours_on
from app.db.tours.papers import tour_state
from app.db.tours.saved import draft_tours
from app.db.walking.walkways import walkways_on
from app.domain.kinds import TourStatus, WalkwayKind
from app.errors import N_, NotFoundError
from app.exchange.tours.drawing import Sketch, tour_sketch
from app.maps.base import script_json
from app.maps.messages import messages
from app.maps.page import page_config, tour_map, view_of
from app.request import connection, is_staff, today
from app.services.tours.timetables import tour_plan
from app.web.language import language
from app.web.map.map import api_address, surroundings
from app.web.tours.called_off import called_off_page

blueprint = Blueprint("tours", __name__, url_prefix="/tours")


@dataclass(frozen=True)
class TourCard:
    """One tour of the list: its row of `TOURS`, the names of its park and places, its drawing."""

    tour: dict[str, Any]
    park: str
    meeting: str | None
    stops: list[str]
    sketch: Sketch


@blueprint.get("")
def index() -> str:
    """List the tours, those to come first."""
    held = connection()
    drafts = draft_tours(held) if is_staff() else []
    return render_template(
        "tours/tours.html", cards=_cards(held), drafts=drafts, today=today(), is_staff=is_staff()
    )


@blueprint.get("/<key>")
def show(key: str) -> str | Response:
    """Show one tour: its walk and its timetable; of a withdrawn one that it is called off."""
    held = connection()
    state = tour_state(held, key)
    if state.status == TourStatus.WITHDRAWN and not is_staff():
        return called_off_page(state, url_for("tour_files.file", key=key, form="ics"))
    check_public(held, key)
    plan = tour_plan(held, key)
    legs, stops = tour_legs_on(held, tour=key), tour_stops_on(held, tour=key)
    box = view_of(stops)
    config = page_config(plan.toured_on, today(), language(), box, tour=key, service={"api": api_address()})
    return render_template(
        "tours/tour.html",
        tour=plan,
        status=state.status,
        sketch=_Around(held).sketch(legs, stops),
        today=today(),
        is_staff=is_staff(),
        parts=tour_map(box, surroundings()),
        config=script_json(config),
        messages=script_json(messages(language(), gettext)),
    )


def check_public(held: Connection, key: str) -> None:
    """Refuse a tour that only staff may see, as if there were none, to everybody else.

    Raises
    ------
    NotFoundError
        For a draft, a withdrawn tour, and one that does not exist.
    """
    if tour_state(held, key).status != TourStatus.PUBLISHED and not is_staff():
        raise NotFoundError(N_("There is no tour “%(key)s”."), key=key[:60])


def _cards(held: Connection) -> list[TourCard]:
    legs, stops = tour_legs_on(held), tour_stops_on(held)
    parks = _park_names(held)
    around = _Around(held)
    cards = []
    for tour in tours_on(held).drop(columns="geometry").to_dict("records"):
        own_legs, own_stops = (frame[frame["tour"] == tour["key"]] for frame in (legs, stops))
        drawing = around.sketch(own_legs, own_stops)
        is_meeting = own_stops["position"] == 0
        meeting = next(iter(own_stops["name"][is_meeting]), None)
        visited = list(own_stops["name"][~is_meeting])
        cards.append(TourCard(tour, parks[tour["park"]], meeting, visited, drawing))
    return sorted(cards, key=lambda card: card.tour["toured_on"], reverse=True)


def _park_names(held: Connection) -> dict[str, str]:
    parks = parks_on(held, None)
    return dict(zip(parks["key"], parks["name"], strict=True))


class _Around:
    """What lies around the walks, read once for all drawings of a page."""

    def __init__(self, held: Connection) -> None:
        self.plots = plots_on(held, today())
        walkways = walkways_on(held, today())
        self.streets = walkways[walkways["kind"] == WalkwayKind.STREET]

    def sketch(self, legs: gpd.GeoDataFrame, stops: gpd.GeoDataFrame) -> Sketch:
        """Return the drawing of one tour."""
        return tour_sketch(legs, stops, self.plots, self.streets)
