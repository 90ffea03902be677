"""The menus „Herunterladen“: which forms a collection can be had in, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, g, url_for
from flask_babel import gettext

from app.exchange.collections.forms import FORMS, forms_of
from app.maps.base import script_json


def download_links(collection: str, choice: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return title, purpose and address of every form of a collection.

    Parameters
    ----------
    collection : str
    choice : mapping
        Parameters of the items resource that say which rows are meant: ``on``, ``park``, ``filter``...;
        what is None is left out.
    """
    return [
        {
            "title": gettext(form.title),
            "purpose": gettext(form.purpose),
            "address": url_for(
                "exports.download", file=f"{collection}.{form.name}", download=_asked(form.name), **choice
            ),
        }
        for form in forms_of(collection)
    ]


def _asked(form: str) -> int | None:
    """Return what makes a browser save what it could show."""
    return 1 if form == "geojson" else None


def script_forms() -> str:
    """Return all forms for browser modules, as JSON that stays inside its script element."""
    offered = [
        {
            "name": form.name,
            "title": gettext(form.title),
            "purpose": gettext(form.purpose),
            "only": form.only,
        }
        for form in FORMS.values()
    ]
    return script_json(offered)


def is_first(name: str) -> bool:
    """Return whether a page asks this for the first time: what several parts of it need is placed once."""
    met: set[str] = g.setdefault("placed_once", set())
    is_new = name not in met
    met.add(name)
    return is_new


def init_app(app: Flask) -> None:
    """Give templates what ``_downloads.html`` and the map page need."""
    app.jinja_env.globals.update(
        download_links=download_links, download_forms=script_forms, is_first=is_first
    )
