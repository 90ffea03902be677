"""The map page, and what its cards tell beside the exported collections."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Connection

from app.config import Settings
from app.db.changes import state_of_data
from app.db.companies.companies import companies_on
from app.db.companies.occupants import without_plot
from app.db.land.parks import check_park, park_names
from app.db.versions import records
from app.domain.period import Period, is_uncertain
from app.maps.base import script_json
from app.maps.messages import messages
from app.maps.page import Basemap, Surroundings, page_config, park_map
from app.maps.standalone import MAP_ROOMS, ONLINE
from app.request import connection, is_staff, known_at, requested_day, requested_park, today
from app.services.features.map_contents import company_links, first_view
from app.web.known import known_text
from app.web.language import language
from app.web.static_files import asset, import_map

blueprint = Blueprint("map", __name__)


@blueprint.get("/")
def index() -> str:
    """Show the map as of ``?on=``; all else of its state is read from the address by its modules."""
    on = requested_day()
    box = first_view(connection(), on, requested_park())
    service: dict[str, Any] = {
        "exports": f"{request.script_root}/exports",
        "api": api_address(),
        "links": url_for("map.links"),
        "tours": url_for("tours.index"),
        "plots": url_for("land.index"),
        "planner": url_for("planner.index"),
        "corrections": url_for("map.companies"),
    }
    if is_staff() and known_at() is None:
        service["companies"] = url_for("map.companies")
        service["changes"] = url_for("changes.index")
        service["marketing"] = url_for("land.market")
        service["facilities"] = url_for("facilities.index")
        service["editing"] = {"api": api_address(), "token": generate_csrf()}
    config = page_config(on, today(), language(), box, service=service, known=known_text() or None)
    return render_template(
        "map/map.html",
        parts=park_map(box, surroundings()),
        config=script_json(config),
        messages=script_json(messages(language(), gettext)),
        modules=[name for name in import_map()["imports"] if is_of_map(name)],
    )


@blueprint.get("/companies")
def companies() -> str:
    """List the companies as of ``?on=``, of ``?park=`` or of all parks: the map without scripts."""
    held, on, park = connection(), requested_day(), requested_park()
    check_park(held, park)
    names = park_names(held)
    return render_template(
        "map/companies.html",
        firms=_by_park(held, on, park, names),
        parks=names,
        park=park,
        on=on,
        today=today(),
        is_staff=is_staff() and known_at() is None,
        n_without_plot=len(without_plot(held, today())) if is_staff() and known_at() is None else 0,
    )


def _by_park(
    held: Connection, on: date, park: str | None, names: Mapping[str, str]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return key and companies of each park that has any, both in the order of their names."""
    listed = [
        {
            **row,
            "where": " ".join(filter(None, (row["street"], row["house_number"]))),
            "is_uncertain": is_uncertain(Period(row["valid_from"], row["valid_to"]), row["as_of"], on),
        }
        for row in records(companies_on(held, on, park))
    ]
    listed.sort(key=lambda row: (names[row["park"]], row["park"], _folded(row["name"])))
    return [(key, list(own)) for key, own in groupby(listed, key=lambda row: row["park"])]


def _folded(name: str) -> str:
    """Return a name as German lists sort it: small beside capital letters, umlauts beside their vowels."""
    return "".join(
        one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one)
    )


@blueprint.get("/map/links.json")
def links() -> Response:
    """Return who followed whom and who met when, as JSON; unchanged data are answered with 304."""
    state = f"{state_of_data(connection())} links 1"
    response = jsonify(company_links(connection()))
    response.set_etag(hashlib.sha256(state.encode()).hexdigest()[:32])
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def api_address() -> str:
    """Return where the API is, behind whatever path this service stands."""
    return f"{request.script_root}/api"


def is_of_map(module: str) -> bool:
    """Return whether the map page needs a browser module at once."""
    return module.startswith(MAP_ROOMS) and module not in {"#tours/tour_map", *ONLINE}


def surroundings() -> Surroundings:
    """Return what a map takes from a page of this site: asset addresses, language, base map."""
    settings: Settings = current_app.extensions["settings"]
    basemap = None
    if settings.basemap_url and settings.basemap_attribution:
        basemap = Basemap(settings.basemap_url, settings.basemap_attribution)
    return Surroundings(asset, gettext, basemap)
