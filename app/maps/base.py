"""A folium map without foreign hosts, random ids or text inside scripts.

folium writes popups, tooltips and icons into JavaScript template literals, where HTML escaping does
not help. So nothing that comes from data is given to folium at all: it draws the frame (panes,
layers, controls), and our browser modules fill the layers with GeoJSON, text only as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink, MacroElement
from folium.map import CustomPane
from folium.template import Template

LEAFLET_JS, LEAFLET_CSS = "vendor/leaflet/dist/leaflet.js", "vendor/leaflet/dist/leaflet.css"

# Characters that could end a script element or a JavaScript line inside a JSON text.
_SCRIPT_SAFE = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def script_json(value: Any) -> str:
    """Return `value` as JSON that stays inside its script element whatever text it holds."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_SCRIPT_SAFE)


@dataclass(frozen=True)
class MapParts:
    """A rendered map in the parts a page places: addresses of files, the container, the script.

    Attributes
    ----------
    name : str
        Under this name the page's modules find the map (``window.parkMaps[name]``).
    scripts, styles : tuple of str
        Addresses of the script and style files the script needs.
    html, script : str
        The container element; and the text of one inline script, the same bytes for the same map.
    """

    name: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    html: str
    script: str


class LocalMap(folium.Map):
    """A folium map that loads Leaflet from the addresses given and nothing else."""

    def __init__(self, name: str, center: tuple[float, float], zoom: int, *, js: str, css: str) -> None:
        """Make a map without tiles; `center` is latitude, longitude; `js`, `css` are Leaflet's addresses."""
        # Without tiles folium passes no zoom limits on, and plugins then fail on an unlimited map.
        super().__init__(
            location=center,
            zoom_start=zoom,
            tiles=None,
            zoom_control=False,
            maxZoom=20,
            minZoom=9,
            zoomSnap=0.5,
            attributionControl=False,
        )
        self._id = name
        # Set on the object: the class's own lists belong to every map of the process.
        self.default_js = [("leaflet", js)]
        self.default_css = [("leaflet_css", css)]


class Handle(MacroElement):
    """Gives the page's modules the map under a name; goes in before the layers that register with it."""

    _template = Template(
        "{% macro script(this, kwargs) %}window.parkMaps = window.parkMaps || {};window.parkMaps[{{ "
        "this.name|tojson }}] = {map: {{ this._parent.get_name() }}, layers: {}};{% endmacro %}"
    )

    def __init__(self, name: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.name = name
        self._id = name
        self._name = "Handle"


class Control(MacroElement):
    """A control of Leaflet's own (``zoom``, ``scale``, ``attribution``) with options."""

    _template = Template(
        "{% macro script(this, kwargs) %}L.control.{{ this.kind }}({{ this.options }}).addTo({{ "
        "this._parent.get_name() }}){% for notice in this.notices %}.addAttribution({{ notice|tojson }}){% "
        "endfor %};{% endmacro %}"
    )

    def __init__(self, kind: str, options: Mapping[str, Any], notices: Iterable[str] = ()) -> None:
        """Make a control; `notices` are texts of an attribution, escaped for HTML by the caller."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.kind = kind
        self.options = script_json(dict(options))
        self.notices = tuple(notices)
        self._id = kind
        self._name = "Control"


def pane(name: str, z_index: int, *, interactive: bool) -> CustomPane:
    """Return a pane with an id of its own name, so that equal maps are equal to the byte."""
    made = CustomPane(name, z_index=z_index, pointer_events=interactive)
    made._id = name
    return made


def rendered(drawing: LocalMap, name: str) -> MapParts:
    """Render a map into its parts; folium's own page (header, viewport, global styles) is left out."""
    figure = drawing.get_root()
    if not isinstance(figure, Figure):
        raise TypeError("a map is rendered inside its figure")
    for child in list(figure._children.values()):
        child.render()
    heads: list[Element] = list(figure.header._children.values())
    return MapParts(
        name=name,
        scripts=tuple(head.url for head in heads if isinstance(head, JavascriptLink)),
        styles=tuple(head.url for head in heads if isinstance(head, CssLink)),
        html=figure.html.render().strip(),
        script="\n".join(line.strip() for line in figure.script.render().splitlines() if line.strip()),
    )
