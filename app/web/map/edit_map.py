"""The map beside a form, on which a field of it is filled in; without scripts the field remains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from app.maps.base import MapParts, script_json
from app.maps.layers import PLANNER_LAYERS
from app.maps.messages import messages
from app.maps.page import page_config, park_map
from app.request import connection, requested_day, requested_park, today
from app.services.features.map_contents import first_view
from app.web.language import language
from app.web.map.map import api_address, surroundings


@dataclass(frozen=True)
class EditMap:
    """What a template places: the map, and the texts of two data blocks."""

    parts: MapParts
    config: str
    messages: str


def edit_map(mode: str, **settings: Any) -> EditMap:
    """Return a map for `#editing/main`.

    Parameters
    ----------
    mode : str
        ``ways`` (choose one), ``line`` (draw one), ``plot`` (choose one) or ``point`` (move one).
    **settings
        What the mode needs besides: `field`, the id of the field that is filled in; `key`, of what is edited.
    """
    on = requested_day()
    box = first_view(connection(), on, requested_park())
    config = page_config(
        on,
        today(),
        language(),
        box,
        service={"api": api_address()},
        editing={"mode": mode, "ways": url_for("walkways.index"), **settings},
    )
    return EditMap(
        park_map(box, surroundings(), name="edit", layers=PLANNER_LAYERS),
        script_json(config),
        script_json(messages(language(), gettext)),
    )
