"""Maps for the notebooks: no foreign tiles, scripts or styles, and text from data stays text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from enum import StrEnum
from urllib.request import urlopen

import folium
import geopandas as gpd


class Color(StrEnum):
    """Mostly Okabe and Ito's colors, which stay apart under the common kinds of color blindness."""

    ORANGE = "#e69f00"
    SKY = "#56b4e9"
    GREEN = "#009e73"
    YELLOW = "#f0e442"
    BLUE = "#0072b2"
    VERMILION = "#d55e00"
    PURPLE = "#a3497a"
    RED = "#c1121f"
    BLACK = "#1f2328"
    GRAY = "#767d86"
    PALE = "#d9dce0"


# How a neighbor line looks by relation: color, dashes, and the same in the legend.
RELATIONS = {
    "overlap": (Color.RED, None, "━"),
    "edge": (Color.BLUE, None, "━"),
    "corner": (Color.PURPLE, None, "●"),
    "across": (Color.VERMILION, "9 6", "╍"),
}

# To be shown wherever the shipped data are.
OPENSTREETMAP = "© OpenStreetMap contributors, ODbL 1.0"

_STYLE = """<style>
.folium-map.leaflet-container { background: #f6f6f4; }
.folium-map .leaflet-control-layers { font-size: 12px; line-height: 1.2; }
</style>"""
_NOTHING = {"type": "FeatureCollection", "features": []}
_MEDIA_TYPES = {"js": "text/javascript", "css": "text/css"}
# The text is set as text: whatever stands in a name can do nothing.
_TOOLTIP = folium.JsCode(
    "function (feature, layer) {"
    " const told = document.createElement('div');"
    " told.style.whiteSpace = 'pre';"
    " told.textContent = feature.properties.told;"
    " if (told.textContent) layer.bindTooltip(told, {sticky: true});"
    "}"
)


def new_map(static: str, credit: str = "") -> folium.Map:
    """Return an empty map that holds Leaflet itself, so that it opens anywhere, without a network too.

    Parameters
    ----------
    static : str
        Address of the folder Leaflet is read from: the service's ``/static``, or a folder's file address.
    credit : str
        Whose data are shown, at the foot of the map.
    """
    drawn = folium.Map(tiles=None, zoomSnap=0.25)
    drawn.default_js = [("leaflet", _inlined(static, "js"))]
    drawn.default_css = [("leaflet_css", _inlined(static, "css"))]
    drawn.get_root().header.add_child(folium.Element(_STYLE), name="style")
    folium.GeoJson(_NOTHING, control=False, attribution=credit).add_to(drawn)
    return drawn


def add_layer(
    drawn: folium.Map,
    frame: gpd.GeoDataFrame,
    title: str,
    color: str,
    told: Sequence[str] = (),
    **style: object,
) -> None:
    """Draw the rows of `frame` in one color, as a layer that the legend can switch off.

    Parameters
    ----------
    drawn : folium.Map
    frame : GeoDataFrame
        Of any CRS; no rows make an empty layer.
    title : str
        Of the layer in the legend; the notebook's own words.
    color : str
    told : sequence of str
        The columns that are shown when a shape is pointed at, one below the other.
    **style : object
        Leaflet's path options (`weight`, `fillOpacity`, `dashArray`, `radius` of points), and `sign`, the
        character that stands for the layer in the legend.
    """
    sign = style.pop("sign", "■")
    path = {"color": color, "fillColor": color, "fillOpacity": 0.12, "weight": 2, "radius": 5, **style}
    shown = frame[["geometry"]].to_crs("EPSG:4326")
    shown["told"] = frame[list(told)].astype("str").fillna("–").agg("\n".join, axis=1) if told else ""
    folium.GeoJson(
        shown.to_geo_dict() if len(shown) else _NOTHING,
        name=f"<span style='color:{color}'>{sign}</span> {title}",
        style_function=lambda _feature: path,
        marker=folium.CircleMarker(fill=True),
        on_each_feature=_TOOLTIP,
    ).add_to(drawn)


def add_neighbor_lines(drawn: folium.Map, pairs: gpd.GeoDataFrame) -> None:
    """Draw the evidence of `pairs` (columns of the collection ``adjacency``), a layer a relation there is.

    Where plots meet at a corner a dot is drawn: the line between them is a few centimetres long.
    """
    named = pairs["focal"].astype("str") + " – " + pairs["neighbor"].astype("str")
    told = pairs.assign(told=named + ": " + pairs["relation"])
    is_corner = told["relation"] == "corner"
    told = told.set_geometry(told.geometry.where(~is_corner, told.representative_point()))
    for relation, (color, dashes, sign) in RELATIONS.items():
        rows = told[told["relation"] == relation]
        title = f"{len(rows)} {relation}"
        if len(rows):
            add_layer(drawn, rows, title, color, ["told"], weight=4, dashArray=dashes, sign=sign)


def finished(drawn: folium.Map, frame: gpd.GeoDataFrame) -> folium.Map:
    """Return the map with its legend, showing the whole of `frame`."""
    west, south, east, north = frame.to_crs("EPSG:4326").total_bounds
    folium.LayerControl(collapsed=False).add_to(drawn)
    # Room at the top for the legend.
    drawn.fit_bounds([[south, west], [north, east]], padding_top_left=(0, 60))
    return drawn


def _inlined(static: str, kind: str) -> str:
    """Return Leaflet's script or style as an address that holds the content itself."""
    with urlopen(f"{static}/vendor/leaflet/dist/leaflet.{kind}") as answer:  # noqa: S310  the caller's own
        content = b64encode(answer.read()).decode()
    return f"data:{_MEDIA_TYPES[kind]};base64,{content}"
