"""The maps of the pages: the park map and the small map of one tour, as parts a template places."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import folium
import geopandas as gpd
import shapely
from folium.map import LayerControl

from app.domain.crs import to_wgs84
from app.errors import N_
from app.maps.base import LEAFLET_CSS, LEAFLET_JS, Control, Handle, LocalMap, MapParts, pane, rendered
from app.maps.layers import LAYERS, PLANNER_LAYERS, TOUR_LAYERS, DataLayer
from app.maps.styles import style_table

Translate = Callable[[str], str]
Box = tuple[float, float, float, float]

OPENSTREETMAP = "© OpenStreetMap contributors, ODbL 1.0"
SCHEMATIC = N_("plots schematic, not a cadastre")

# Where the map opens while no park is stored: Wolfsburg.
NOWHERE: Box = (10.6, 52.3, 10.9, 52.5)


@dataclass(frozen=True)
class Basemap:
    """A base map server of the installation: XYZ address and the notice its owner asks for."""

    url: str
    attribution: str


def view_of(parks: gpd.GeoDataFrame) -> Box:
    """Return the box of `parks` as west, south, east, north in degrees; Wolfsburg for no parks."""
    if parks.empty:
        return NOWHERE
    outlines = to_wgs84(parks.geometry.to_numpy())
    west, south, east, north = (round(float(v), 5) for v in shapely.total_bounds(outlines))
    return west, south, east, north


@dataclass(frozen=True)
class Surroundings:
    """What a map takes from the page it stands in.

    Attributes
    ----------
    asset : callable
        Address of a static file, given its path below ``static/``.
    translate : callable
        English text to the page's language.
    basemap : Basemap or None
        A foreign base map below our own drawing; without one nothing foreign is loaded.
    """

    asset: Callable[[str], str]
    translate: Translate
    basemap: Basemap | None = None


def park_map(
    box: Box, surroundings: Surroundings, *, name: str = "park", layers: Collection[str] | None = None
) -> MapParts:
    """Return the park map, the same bytes for the same arguments.

    Parameters
    ----------
    box : tuple of float
        What to show first: west, south, east, north in degrees.
    surroundings : Surroundings
        What the page gives.
    name : str
        Name of the map, unique in its page.
    layers : collection of str, optional
        The layers to show, without a control to switch them; all of `LAYERS` with one otherwise.
    """
    west, south, east, north = box
    center = (round((south + north) / 2, 5), round((west + east) / 2, 5))
    asset, translate = surroundings.asset, surroundings.translate
    drawing = LocalMap(name, center, 15, js=asset(LEAFLET_JS), css=asset(LEAFLET_CSS))
    drawing.add_child(Handle(name))
    if surroundings.basemap is not None:
        drawing.add_child(_tiles(surroundings.basemap))
    for spec in LAYERS:
        if layers is None or spec.layer_id in layers:
            drawing.add_child(pane(spec.layer_id, spec.z_index, interactive=spec.interactive))
            drawing.add_child(DataLayer(spec, name, translate))
    _add_controls(drawing, translate, has_layer_control=layers is None)
    return rendered(drawing, name)


def tour_map(box: Box, surroundings: Surroundings) -> MapParts:
    """Return the small map of a tour's page; ``#tours/tour_map`` draws the tour its config names."""
    return park_map(box, surroundings, name="tour", layers=TOUR_LAYERS)


def planner_map(box: Box, surroundings: Surroundings) -> MapParts:
    """Return the map of the planner's page; ``#planner/main`` fills it."""
    return park_map(box, surroundings, name="planner", layers=PLANNER_LAYERS)


def page_config(on: date, today: date, language: str, box: Box, **more: Any) -> dict[str, Any]:
    """Return what the modules must know before any data is there, ready for JSON.

    `more` is added as it is: addresses of the service, or that data is embedded in the file.
    """
    return {
        "on": on.isoformat(),
        "today": today.isoformat(),
        "language": language,
        "box": box,
        "styles": style_table(),
        **more,
    }


def _tiles(basemap: Basemap) -> folium.TileLayer:
    tiles = folium.TileLayer(
        basemap.url, attr=escape(basemap.attribution), name="basemap", control=False, max_zoom=20
    )
    tiles._id = "basemap"
    return tiles


def _add_controls(drawing: LocalMap, translate: Translate, *, has_layer_control: bool) -> None:
    notices = [escape(OPENSTREETMAP), escape(translate(SCHEMATIC))]
    titles = {"zoomInTitle": translate(N_("Zoom in")), "zoomOutTitle": translate(N_("Zoom out"))}
    drawing.add_child(Control("attribution", {"position": "bottomright", "prefix": False}, notices))
    drawing.add_child(Control("scale", {"position": "bottomright", "imperial": False}))
    drawing.add_child(Control("zoom", {"position": "topright", **titles}))
    if has_layer_control:
        switch = LayerControl(position="topright", collapsed=True)
        switch._id = "layers"
        drawing.add_child(switch)
