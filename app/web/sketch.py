"""A small drawing of a tour's walk as SVG path data: no script, no image file, prints like text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

SIZE_PX = (400, 250)
_MARGIN_PX = 30
# Nearer than this to another mark (they are 20 wide), a mark would cover its number.
_APART_PX = 16
_LEAST_WIDTH_M = 250.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """A numbered stop: its place in pixels and its number(s), several where stops share a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Sketch:
    """What the drawing shows, as values of ``d`` of SVG paths in pixels of `width` and `height`."""

    width: int
    height: int
    plots: str
    streets: str
    walk: str
    straight: str
    marks: tuple[Mark, ...]


def tour_sketch(
    legs: gpd.GeoDataFrame, stops: gpd.GeoDataFrame, plots: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> Sketch:
    """Return the sketch of one tour, north up, the walk and its stops filling the drawing.

    Parameters
    ----------
    legs, stops : GeoDataFrame
        The tour's rows of `TOUR_LEGS` and `TOUR_STOPS`; stops may not be empty, legs may.
    plots, streets : GeoDataFrame
        What lies around, in columns of `PLOTS` and `WALKWAYS`; cut to the drawing.
    """
    shown = [*legs.geometry, *stops.geometry]
    view = _View.around(shapely.total_bounds(np.array(shown, dtype=object)))
    on_network = legs["is_on_network"].astype(bool)
    return Sketch(
        *SIZE_PX,
        plots=view.path(plots.geometry),
        streets=view.path(streets.geometry),
        walk=view.path(legs.geometry[on_network]),
        straight=view.path(legs.geometry[~on_network]),
        marks=_marks(stops, view),
    )


def _marks(stops: gpd.GeoDataFrame, view: _View) -> tuple[Mark, ...]:
    """Return the numbered stops; those that would lie on each other share one mark."""
    marks: list[Mark] = []
    for position, point in zip(stops["position"], stops.geometry, strict=True):
        x, y = (float(v) for v in view.pixels(shapely.get_coordinates(point))[0])
        near = next((i for i, mark in enumerate(marks) if np.hypot(mark.x - x, mark.y - y) < _APART_PX), None)
        sign = str(position) if position else "•"
        if near is None:
            marks.append(Mark(x, y, sign))
        else:
            marks[near] = Mark(marks[near].x, marks[near].y, f"{marks[near].text}·{sign}")
    return tuple(marks)


@dataclass(frozen=True)
class _View:
    """From metres to pixels, y down."""

    west: float
    north: float
    px_per_m: float

    @classmethod
    def around(cls, bounds: np.ndarray) -> _View:
        """Return the view that shows `bounds` (EPSG:25832) in the middle, with a margin."""
        west, south, east, north = bounds
        width_px, height_px = (side - 2 * _MARGIN_PX for side in SIZE_PX)
        px_per_m = min(width_px / max(east - west, _LEAST_WIDTH_M), height_px / max(north - south, 1.0))
        half_width, half_height = (side / 2 / px_per_m for side in SIZE_PX)
        return cls((west + east) / 2 - half_width, (south + north) / 2 + half_height, px_per_m)

    @property
    def box(self) -> Box:
        """What the drawing covers, in metres, a little more than is seen."""
        width_m, height_m = (side / self.px_per_m for side in SIZE_PX)
        return self.west - 5, self.north - height_m - 5, self.west + width_m + 5, self.north + 5

    def pixels(self, coordinates: np.ndarray) -> np.ndarray:
        """Return x, y in pixels with one decimal."""
        return np.round((coordinates - (self.west, self.north)) * (self.px_per_m, -self.px_per_m), 1)

    def path(self, geometries: Iterable[BaseGeometry]) -> str:
        """Return SVG path data of lines and polygons; empty for none inside the drawing."""
        cut = shapely.clip_by_rect(np.array(list(geometries), dtype=object), *self.box)
        thin = shapely.get_parts(shapely.simplify(cut, 0.5 / self.px_per_m))
        kinds = shapely.get_type_id(thin)
        rings = shapely.get_rings(thin[kinds == shapely.GeometryType.POLYGON])
        lines = thin[(kinds == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(thin)]
        return "".join([*(self._moves(ring, "Z") for ring in rings), *(self._moves(line) for line in lines)])

    def _moves(self, line: BaseGeometry, close: str = "") -> str:
        points = [f"{x:g},{y:g}" for x, y in self.pixels(shapely.get_coordinates(line))]
        return f"M{points[0]}L{' '.join(points[1:])}{close}"
