"""The walk of a tour as a drawing of our own data: SVG, north up, for paper, for phones and for pages.

Places are turned from EPSG:25832 into units of the drawing, millimetres on paper. What things are,
their classes name; how they look, a style sheet: one within the drawing on paper, the page's elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from app.domain.kinds import FootprintKind, WalkwayKind
from app.domain.tours import TourPlan
from app.exchange.tours.map_labels import Label, Room, place_labels, street_labels
from app.exchange.xml_text import added

# Scales that a map on paper may have; the largest that shows the whole walk is taken.
SCALES = (
    *(500, 750, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7500),
    *(8000, 10000, 15000, 20000, 25000, 50000),
)

_STREET_WIDTH_M = 7.0
# Nearer than this to another mark, a mark would cover its number.
_COVERING_RADII = 1.6
_ON_PLOT_M = 2.0  # stops are entered at a border, so a little beside the plot counts as on it


@dataclass(frozen=True)
class Around:
    """What lies around a walk: rows of `PLOTS`, `WALKWAYS` and `FOOTPRINTS` on its day."""

    plots: gpd.GeoDataFrame
    walkways: gpd.GeoDataFrame
    footprints: gpd.GeoDataFrame


@dataclass(frozen=True)
class Canvas:
    """Size of a drawing in its units, half the width of stop marks and of letters, margin, closest view."""

    width: float
    height: float
    mark: float = 2.6
    letter: float = 2.5
    margin: float = 12.0
    least_m_per_unit: float = 0.5


# In pixels, not nearer than 250 m across.
SKETCH = Canvas(width=400, height=250, mark=10, margin=30, least_m_per_unit=250 / 340)


@dataclass(frozen=True)
class View:
    """From metres to units of a drawing, y down: `west` and `north` are its upper left corner."""

    west: float
    north: float
    m_per_unit: float
    canvas: Canvas

    @classmethod
    def around(cls, bounds: Iterable[float], canvas: Canvas, *, has_round_scale: bool) -> View:
        """Return the view with `bounds` (EPSG:25832) in its middle; a round scale takes units as mm."""
        west, south, east, north = bounds
        wide, high = (side - 2 * canvas.margin for side in (canvas.width, canvas.height))
        least = max((east - west) / wide, (north - south) / high, canvas.least_m_per_unit)
        if has_round_scale:
            least = next((scale / 1000 for scale in SCALES if scale / 1000 >= least), least)
        middle = (west + east) / 2, (south + north) / 2
        return cls(middle[0] - canvas.width / 2 * least, middle[1] + canvas.height / 2 * least, least, canvas)

    @property
    def scale(self) -> int:
        """The scale's denominator where units are millimetres."""
        return round(self.m_per_unit * 1000)

    def cut(self, geometries: Iterable[BaseGeometry]) -> np.ndarray:
        """Return geometries in units of the drawing, cut a little outside of it; empty where none is seen."""
        units = shapely.transform(np.array(list(geometries), dtype=object), self._units)
        return shapely.clip_by_rect(units, -3, -3, self.canvas.width + 3, self.canvas.height + 3)

    def _units(self, metres: np.ndarray) -> np.ndarray:
        return (metres - (self.west, self.north)) * (1, -1) / self.m_per_unit


@dataclass(frozen=True)
class StopMark:
    """A numbered stop in units of the drawing, or several that share a place; `name` is the first one's."""

    point: Point
    name: str
    positions: tuple[int, ...]

    @property
    def text(self) -> str:
        """The number, or the numbers; a dot where people meet."""
        return "·".join(str(position or "•") for position in self.positions)


@dataclass(frozen=True)
class Sketch:
    """What a sketch on a page shows, as values of ``d`` of SVG paths in pixels of `SKETCH`."""

    plots: str
    streets: str
    walk: str
    straight: str
    marks: tuple[StopMark, ...]
    canvas: Canvas = SKETCH


def tour_sketch(
    legs: gpd.GeoDataFrame,
    stops: gpd.GeoDataFrame,
    plots: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    canvas: Canvas = SKETCH,
) -> Sketch:
    """Return the sketch of one tour, the walk and its stops filling it.

    Parameters
    ----------
    legs, stops : GeoDataFrame
        The tour's rows of `TOUR_LEGS` and `TOUR_STOPS`; stops may not be empty, legs may.
    plots, streets : GeoDataFrame
        What lies around, in columns of `PLOTS` and `WALKWAYS`; cut to the drawing.
    canvas : Canvas
    """
    view = View.around(_bounds([*legs.geometry, *stops.geometry]), canvas, has_round_scale=False)
    on_network = legs["is_on_network"].astype(bool)

    def path(rows: gpd.GeoDataFrame) -> str:
        # Finer than half a pixel nothing is seen.
        return _data(shapely.simplify(view.cut(rows.geometry), 0.5))

    return Sketch(
        plots=path(plots),
        streets=path(streets),
        walk=path(legs[on_network]),
        straight=path(legs[~on_network]),
        marks=_marks(stops.geometry, stops["name"], stops["position"], view),
        canvas=canvas,
    )


def tour_view(papers: TourPlan, canvas: Canvas, *, has_round_scale: bool) -> View:
    """Return the view that shows all stops and walks of a tour."""
    shown = [
        *(stop.point for stop in papers.places),
        *(part.line for leg in papers.legs for part in leg.parts),
    ]
    return View.around(_bounds(shown), canvas, has_round_scale=has_round_scale)


def _bounds(shown: list[BaseGeometry]) -> list[float]:
    bounds: list[float] = shapely.total_bounds(np.array(shown, dtype=object)).tolist()
    return bounds


def tour_svg(papers: TourPlan, around: Around, view: View, title: str, style: str | None = None) -> str:
    """Return the drawing as an SVG element.

    Parameters
    ----------
    papers : TourPlan
    around : Around
        May be empty: then only the walk is drawn.
    view : View
    title : str
        What a screen reader reads out instead.
    style : str, optional
        A style sheet to put into the drawing, for paper.
    """
    canvas = view.canvas
    size = {"viewBox": f"0 0 {canvas.width:g} {canvas.height:g}", "role": "img", "aria-label": title}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "walk-map", **size})
    if style:
        # On paper it is tagged by its title; on a page that would be a tip wherever the pointer rests.
        added(root, "title", title)
        added(root, "style", style)
    points, names, positions = zip(
        *((stop.point, stop.name, stop.position) for stop in papers.places), strict=True
    )
    marks = _marks(points, names, positions, view)
    draw_land(root, around, view, _are_visited(around.plots.geometry.to_numpy(), papers))
    walk = _draw_walk(root, papers, view)
    _draw_names(root, around, view, marks, walk)
    for mark in marks:
        _draw_mark(root, mark, canvas)
    return ET.tostring(root, "unicode")


def draw_land(root: ET.Element, around: Around, view: View, hosts: np.ndarray) -> None:
    """Draw plots, those of `hosts` (a mask) marked, with buildings, parking, streets and paths."""
    canvas = view.canvas
    added(root, "rect", width=f"{canvas.width:g}", height=f"{canvas.height:g}", **{"class": "ground"})
    plots = around.plots.geometry.to_numpy()
    draw_shapes(root, "plots", view.cut(plots[~hosts]))
    draw_shapes(root, "plots is-host", view.cut(plots[hosts]))
    prints = around.footprints
    for kind in (FootprintKind.PARKING, FootprintKind.BUILDING):
        draw_shapes(root, str(kind), view.cut(prints.geometry[prints["kind"] == kind]))
    ways = around.walkways
    is_street = (ways["kind"] == WalkwayKind.STREET).to_numpy(dtype=bool)
    streets = view.cut(ways.geometry[is_street])
    draw_shapes(root, "paths", view.cut(ways.geometry[~is_street]))
    wide = max(_STREET_WIDTH_M / view.m_per_unit, 0.6 * canvas.mark)
    draw_shapes(root, "street-edge", streets, width=wide + 0.4)
    draw_shapes(root, "street", streets, width=wide)


def _are_visited(plots: np.ndarray, papers: TourPlan) -> np.ndarray:
    """Return which plots are visited, as far as that is known."""
    known = [stop.point for stop in papers.stops if not stop.is_approximate]
    if not known or not len(plots):
        return np.zeros(len(plots), dtype=bool)
    gap_m = shapely.distance(plots[:, None], np.array(known, dtype=object)[None, :])
    nearest = np.argmin(gap_m, axis=0)
    is_near = gap_m[nearest, np.arange(len(known))] <= _ON_PLOT_M
    return np.isin(np.arange(len(plots)), nearest[is_near])


def _draw_walk(root: ET.Element, papers: TourPlan, view: View) -> list[BaseGeometry]:
    """Draw the legs; return them in units of the drawing."""
    parts = [(part.is_on_network, part.line) for leg in papers.legs for part in leg.parts]
    lines = {kind: view.cut(line for is_on, line in parts if is_on is kind) for kind in (True, False)}
    for name in ("walk-halo", "walk"):
        draw_shapes(root, name, lines[True])
    draw_shapes(root, "straight-halo", lines[False])
    draw_shapes(root, "straight", lines[False])
    for line in lines[True]:
        _draw_arrow(root, line, view.canvas.mark)
    return [*lines[True], *lines[False]]


def _draw_arrow(root: ET.Element, line: BaseGeometry, size: float) -> None:
    """Draw which way a long enough line is walked, in its middle."""
    if line.geom_type != "LineString" or line.length < 8 * size:
        return
    here, ahead = (line.interpolate(line.length / 2 + step) for step in (0, 0.3 * size))
    turn = np.degrees(np.arctan2(ahead.y - here.y, ahead.x - here.x))
    points = f"M{-0.45 * size:.2f},{-0.5 * size:.2f}L{0.45 * size:.2f},0L{-0.45 * size:.2f},{0.5 * size:.2f}Z"
    added(root, "path", d=points, transform=_placed(here.x, here.y, turn), **{"class": "arrow"})


def _draw_names(
    root: ET.Element, around: Around, view: View, marks: Sequence[StopMark], walk: list[BaseGeometry]
) -> None:
    canvas = view.canvas
    room = Room(shapely.box(1, 1, canvas.width - 1, canvas.height - 1))
    room.taken += [mark.point.buffer(canvas.mark) for mark in marks]
    names = [(mark.name, mark.point, canvas.mark) for mark in marks]
    line = shapely.union_all(walk).buffer(0.3 * canvas.mark)
    stops = place_labels(names, canvas.letter, room, line)
    room.taken.append(line)
    streets = street_labels(named_streets(around.walkways, view), 0.9 * canvas.letter, room)
    for kind, labels in (("street-name", streets), ("stop-name", stops)):
        for label in labels:
            draw_label(root, label, kind, canvas.letter)


def named_streets(ways: gpd.GeoDataFrame, view: View) -> list[tuple[str, BaseGeometry]]:
    """Return the streets that have names, in units of the drawing; pieces of one under one name."""
    named = ways[(ways["kind"] == WalkwayKind.STREET) & ways["name"].notna()].sort_values("name")
    rows = zip(named["name"], view.cut(named.geometry), strict=True)
    return [
        (name, shapely.geometrycollections([line for _, line in group]))
        for name, group in groupby(rows, key=lambda row: str(row[0]))
    ]


def draw_label(root: ET.Element, label: Label, kind: str, letter: float) -> None:
    """Draw a text, first its halo; `kind` is its class, `letter` the size it is centered by."""
    # Baselines lie a third of the letters below the middle; not every program knows how to center.
    place = _placed(label.x, label.y, label.turn_deg)
    for name in (f"{kind} is-halo", kind):
        attributes = {"class": name, "transform": place, "y": f"{0.34 * letter:.2f}"}
        text = added(root, "text", label.text, **attributes)
        text.set("text-anchor", label.anchor)


def _draw_mark(root: ET.Element, mark: StopMark, canvas: Canvas) -> None:
    place = {"x": f"{mark.point.x:.2f}", "y": f"{mark.point.y + 0.36 * canvas.letter:.2f}"}
    numbers = {"data-stop": " ".join(map(str, mark.positions))}
    group = added(root, "g", **{"class": "stop", **numbers})
    added(group, "circle", cx=place["x"], cy=f"{mark.point.y:.2f}", r=f"{canvas.mark:g}")
    text = added(group, "text", mark.text, **place)
    text.set("text-anchor", "middle")
    if len(mark.text) > 2:
        text.set("class", "is-long")


def _marks(
    points: Iterable[BaseGeometry], names: Iterable[str], positions: Iterable[int], view: View
) -> tuple[StopMark, ...]:
    """Return stops in the drawing; those that would cover each other share one mark."""
    places, stops = view.cut(points), [*zip(names, map(int, positions), strict=True)]
    return tuple(
        StopMark(places[near[0]], stops[near[0]][0], tuple(stops[n][1] for n in near))
        for near in _sharing(places, view.canvas)
    )


def _sharing(places: np.ndarray, canvas: Canvas) -> list[list[int]]:
    """Return which places share a mark: those that would cover the first one's."""
    shared: list[list[int]] = []
    for n, place in enumerate(places):
        near = (each for each in shared if places[each[0]].distance(place) < _COVERING_RADII * canvas.mark)
        if (first := next(near, None)) is not None:
            first.append(n)
        else:
            shared.append([n])
    return shared


def draw_shapes(root: ET.Element, name: str, shapes: np.ndarray, width: float | None = None) -> None:
    """Draw lines and areas as one path; nothing for nothing."""
    if data := _data(shapes):
        path = added(root, "path", d=data, **{"class": name})
        if width is not None:
            path.set("stroke-width", f"{width:.2f}")


def _data(shapes: np.ndarray) -> str:
    return "".join(_path(shape) for shape in shapely.get_parts(shapes))


def _path(shape: BaseGeometry) -> str:
    if shape.geom_type == "Polygon":
        return "".join(f"{_moves(ring)}Z" for ring in shapely.get_rings(shape))
    return _moves(shape) if shape.geom_type == "LineString" and not shape.is_empty else ""


def _moves(line: BaseGeometry) -> str:
    points = [f"{x:.2f},{y:.2f}" for x, y in shapely.get_coordinates(line)]
    return f"M{points[0]}L{' '.join(points[1:])}"


def _placed(x: float, y: float, turn_deg: float) -> str:
    return f"translate({x:.2f} {y:.2f})" + (f" rotate({turn_deg:.1f})" if turn_deg else "")
