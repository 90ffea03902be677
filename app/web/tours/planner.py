"""The planner's page: the request for a tour, and the plan for it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Connection

from app.db.land.parks import parks_on
from app.domain.kinds import AccessRole
from app.maps.base import script_json
from app.maps.messages import messages
from app.maps.page import page_config, planner_map
from app.maps.standalone import MAP_ROOMS
from app.request import connection, is_staff, requested_day, requested_park, role, today
from app.services.features.map_contents import first_view
from app.web.language import language
from app.web.map.map import api_address, surroundings
from app.web.roles import ROLE_NAMES
from app.web.static_files import import_map

blueprint = Blueprint("planner", __name__, url_prefix="/tours/planner")

# Modules of the map page that the planner does without.
_NOT_NEEDED = {"card_panel", "date_bar", "evidence", "legend", "main", "map_view", "panel", "sheet", "state"}


@blueprint.get("")
def index() -> str:
    """Show the planner without stops, or with the one that ``?stop=company:KEY`` names."""
    return _page(connection(), None)


@blueprint.get("/<key>")
def edit(key: str) -> str:
    """Show the planner with a stored tour, which the page's modules load; for staff."""
    return _page(connection(), key)


def _page(held: Connection, key: str | None) -> str:
    on = requested_day()
    box = first_view(held, on, requested_park())
    service = {"api": api_address()}
    config = page_config(on, today(), language(), box, service=service, planner=_settings(held, key))
    return render_template(
        "tours/planner.html",
        parts=planner_map(box, surroundings()),
        config=script_json(config),
        messages=script_json(messages(language(), gettext)),
        modules=[name for name in import_map()["imports"] if is_of_planner(name)],
    )


def _settings(held: Connection, key: str | None) -> dict[str, Any]:
    """Return the settings of the modules beside the map's configuration."""
    parks = parks_on(held, requested_day())
    return {
        "key": key,
        "parks": parks[["key", "name"]].to_dict("records"),
        "park": requested_park() or (parks["key"].iloc[-1] if len(parks) else ""),
        "stop": request.args.get("stop") or None,
        "isStaff": is_staff(),
        # Who is signed in and may not save reads why.
        "role": gettext(ROLE_NAMES[role()]) if role() is not AccessRole.VISITOR else None,
        # Only a session has a token, and only staff need one: planning changes nothing.
        "token": generate_csrf() if is_staff() else None,
        "login": url_for("staff.sign_in"),
        "planner": url_for("planner.index"),
        "tours": url_for("tours.index"),
    }


def is_of_planner(module: str) -> bool:
    """Say whether the planner's page needs a browser module."""
    is_of_map = module.startswith(MAP_ROOMS) and module.rpartition("/")[2] not in _NOT_NEEDED
    return is_of_map or module.startswith("#planner/")
