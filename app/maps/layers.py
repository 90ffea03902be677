"""The layers of the map: which collection each shows, in which order they lie, which can be switched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from folium.map import Layer
from folium.template import Template

from app.errors import N_
from app.maps.base import script_json


@dataclass(frozen=True)
class LayerSpec:
    """One layer.

    Attributes
    ----------
    layer_id : str
        Its name in the address bar and in the modules.
    title : str
        English title for the layer control, marked for translation.
    collections : tuple of str
        The exports it is drawn from.
    z_index : int
        Height of its pane; Leaflet's markers lie at 600, tooltips at 650.
    interactive : bool
        Whether its shapes can be pointed at.
    switchable : bool
        Whether it stands in the layer control.
    """

    layer_id: str
    title: str
    collections: tuple[str, ...]
    z_index: int
    interactive: bool = False
    switchable: bool = True


LAYERS: tuple[LayerSpec, ...] = (
    LayerSpec("ground", N_("Business parks"), ("parks",), 310, switchable=False),
    LayerSpec("plots", N_("Plots"), ("plots",), 320, interactive=True),
    LayerSpec("footprints", N_("Buildings and car parks"), ("footprints",), 330),
    LayerSpec("streets", N_("Streets"), ("walkways",), 340, switchable=False),
    LayerSpec("walkways", N_("Walk network"), ("walkways",), 350),
    LayerSpec("selection", N_("Selection"), (), 380, switchable=False),
    LayerSpec("tours", N_("Tours"), ("tours", "tour-stops", "tour-legs"), 390, interactive=True),
    LayerSpec("evidence", N_("Neighbor lines"), ("adjacency",), 400, switchable=False),
    LayerSpec("facilities", N_("Facilities"), ("facilities",), 430, interactive=True),
    LayerSpec("companies", N_("Companies"), ("companies",), 440, interactive=True),
    LayerSpec("labels", N_("Labels"), (), 620),
)

# What a tour's own map shows.
TOUR_LAYERS = ("ground", "plots", "footprints", "streets", "walkways", "tours", "labels")
# What the planner's map shows: firms and facilities, too, to be made stops.
PLANNER_LAYERS = (*TOUR_LAYERS, "facilities", "companies")


class DataLayer(Layer):
    """An empty Leaflet layer group that tells the page's modules what to fill it with."""

    _template = Template(
        "{% macro script(this, kwargs) %}var {{ this.get_name() }} = L.featureGroup([]);window.parkMaps[{{ "
        "this.map_name|tojson }}].layers[{{ this.spec.layer_id|tojson }}] = Object.assign({{ this.settings "
        "}}, {group: {{ this.get_name() }}});{% endmacro %}"
    )

    def __init__(self, spec: LayerSpec, map_name: str, translate: Callable[[str], str]) -> None:
        super().__init__(name=translate(spec.title), overlay=True, control=spec.switchable, show=True)
        self.spec = spec
        self.map_name = map_name
        self.settings = script_json(
            {
                "id": spec.layer_id,
                "collections": spec.collections,
                "switchable": spec.switchable,
                "interactive": spec.interactive,
            }
        )
        self._id = spec.layer_id
        self._name = "DataLayer"
