"""The map as one file: data, modules, Leaflet and styles inside it, nothing asked of any host."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.errors import N_, SetupError
from app.maps.base import LEAFLET_CSS, LEAFLET_JS, script_json
from app.maps.messages import messages
from app.maps.page import Surroundings, park_map

WEB = Path(__file__).parents[1] / "web"
STATIC = WEB / "static"
STYLES = (
    "vendor/bootstrap/dist/css/bootstrap.min.css",
    LEAFLET_CSS,
    "css/theme.css",
    "css/map.css",
    "css/map_tours.css",
    "css/map_phone.css",
    "css/map_print.css",
    "css/forced.css",
)
# What modules of the map are called: by their path, of which these are the first parts.
MAP_ROOMS = ("#page/", "#map/", "#labels/", "#cards/", "#land/", "#neighbors/", "#tours/", "#walking/")
# Modules that need the service: a file has all of its plots inside it, never tiles, and no form.
ONLINE = frozenset({"#land/plot_tiles", "#page/day_fields", "#land/plot_selection", "#land/ticks"})
IMAGE_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}
_CSS_ADDRESS = re.compile(r"url\(\s*['\"]?(?!data:|#)([^'\")]+)['\"]?\s*\)")
_SOURCE_MAP = re.compile(r"^\s*(//|/\*)# sourceMappingURL=.*$", re.MULTILINE)


@dataclass(frozen=True)
class MapFile:
    """What goes into a map file.

    Attributes
    ----------
    title : str
        What and as of when, in the file's language.
    language : str
        ``de`` or ``en``.
    config : mapping
        As from `page_config`; its box is what the map shows first.
    data : mapping of str to str
        JSON texts by name (a collection, ``neighbors``, ``links``), as the service would answer.
    """

    title: str
    language: str
    config: Mapping[str, Any]
    data: Mapping[str, str]


def standalone_html(content: MapFile, translate: Callable[[str], str]) -> str:
    """Return the file as HTML; the same text for the same content.

    Raises
    ------
    SetupError
        When the browser assets are not set up.
    """
    parts = park_map(content.config["box"], Surroundings(str, translate))
    blocks = {"messages": messages(content.language, translate), "map-config": dict(content.config)}
    data = {f"data-{name}": script_json(json.loads(text)) for name, text in content.data.items()}
    page = _templates(translate).get_template("map/standalone.html")
    return page.render(
        title=content.title,
        language=content.language,
        parts=parts,
        styles=[inlined_style(STATIC / name) for name in STYLES],
        scripts=[_script(_read(STATIC / LEAFLET_JS)), parts.script],
        import_map=script_json({"imports": embedded_modules()}),
        blocks={**{name: script_json(value) for name, value in blocks.items()}, **data},
    )


def embedded_modules() -> dict[str, str]:
    """Return our browser modules as ``data:`` addresses, by the name they import one another with."""
    folder = STATIC / "js"
    named = {f"#{path.relative_to(folder).with_suffix('').as_posix()}": path for path in folder.rglob("*.js")}
    return {
        name: _data_address("text/javascript", path.read_bytes())
        for name, path in sorted(named.items())
        if name.startswith(MAP_ROOMS) and name not in ONLINE
    }


def inlined_style(path: Path) -> str:
    """Return a style sheet whose images are inside it; no address leads out of it."""

    def inlined(found: re.Match[str]) -> str:
        image = path.parent / found[1].split("?")[0].split("#")[0]
        kind = IMAGE_TYPES.get(image.suffix)
        return f"url({_data_address(kind, image.read_bytes())})" if kind and image.exists() else "none"

    return _CSS_ADDRESS.sub(inlined, _SOURCE_MAP.sub("", _read(path))).replace("</", "<\\/")


def _script(text: str) -> str:
    return re.sub(r"</(script)", r"<\\/\1", _SOURCE_MAP.sub("", text), flags=re.IGNORECASE)


def _data_address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        raise SetupError(
            N_("The browser assets are missing (%(file)s): run “make run” once."), file=path.name
        ) from None


def _templates(translate: Callable[[str], str]) -> Environment:
    made = Environment(loader=FileSystemLoader(WEB / "templates"), autoescape=True, undefined=StrictUndefined)
    made.globals["_"] = lambda text: Markup.escape(translate(text))  # as Flask-Babel's in the pages
    return made
