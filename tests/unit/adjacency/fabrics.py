"""Parcel fabrics made by rule or by chance; the same seed gives the same plots."""

from __future__ import annotations

import heapq
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops
from hypothesis import strategies as st

from tests.scenes import CRS, EAST, NORTH


def fabric(polygons: list[shapely.Polygon] | np.ndarray) -> gpd.GeoDataFrame:
    """Plots from polygons in metres around the origin; keys ``p000``, ``p001``, ... in their order."""
    moved = shapely.transform(np.asarray(polygons, dtype=object), lambda xy: xy + np.array([EAST, NORTH]))
    return gpd.GeoDataFrame({"key": [f"p{n:03d}" for n in range(len(moved))]}, geometry=moved, crs=CRS)


def grid(n_columns: int, n_rows: int, side_m: float = 20.0) -> gpd.GeoDataFrame:
    """Squares side by side: every inner vertex is common to four plots."""
    return fabric(
        [
            shapely.box(x * side_m, y * side_m, (x + 1) * side_m, (y + 1) * side_m)
            for y in range(n_rows)
            for x in range(n_columns)
        ]
    )


def bricks(n_columns: int, n_rows: int, side_m: float = 20.0) -> gpd.GeoDataFrame:
    """Rows of squares, every other moved by half: T-junctions without common vertices, no corner pairs."""
    return fabric(
        [
            shapely.box((x + y % 2 / 2) * side_m, y * side_m, (x + 1 + y % 2 / 2) * side_m, (y + 1) * side_m)
            for y in range(n_rows)
            for x in range(n_columns)
        ]
    )


def cells(points: np.ndarray, side_m: float = 200.0) -> gpd.GeoDataFrame:
    """Voronoi cells of points within a square, cut to it, on a centimetre grid with common vertices."""
    inside = shapely.MultiPoint(points)
    box = shapely.box(0, 0, side_m, side_m)
    raw = shapely.get_parts(shapely.voronoi_polygons(inside, extend_to=box))
    return fabric(shapely.set_precision(shapely.intersection(raw, box), 0.01))


def blocks(seed: int, n_side: int = 3, street_m: float = 14.0, block_m: float = 90.0) -> gpd.GeoDataFrame:
    """Blocks between streets, each cut by chance into plots that meet in T-junctions."""
    rng = np.random.default_rng(seed)
    step = block_m + street_m
    whole = [
        (x * step, y * step, x * step + block_m, y * step + block_m)
        for x in range(n_side)
        for y in range(n_side)
    ]
    plots = [plot for block in whole for plot in _cut(block, rng)]
    return fabric([shapely.box(*plot) for plot in plots])


Box = tuple[float, float, float, float]


def _cut(block: Box, rng: np.random.Generator) -> list[Box]:
    left, bottom, right, top = block
    width, height = right - left, top - bottom
    if max(width, height) < 45:
        return [block]
    share = rng.uniform(0.35, 0.65)
    if width > height:
        at = left + share * width
        halves: list[Box] = [(left, bottom, at, top), (at, bottom, right, top)]
    else:
        at = bottom + share * height
        halves = [(left, bottom, right, at), (left, at, right, top)]
    return [plot for half in halves for plot in _cut(half, rng)]


def cuts(seed: int, n_plots: int = 30, side_m: float | None = None) -> gpd.GeoDataFrame:
    """A square cut again and again along slanted lines, the largest piece first: T-junctions throughout.

    No junction has a common vertex on its through side; there, the vertex lies off by what floats round.
    """
    rng = np.random.default_rng(seed)
    side_m = side_m or 30.0 * n_plots**0.5
    square = shapely.box(0, 0, side_m, side_m)
    # Among pieces of one size the number decides: polygons have no order.
    pieces: list[tuple[float, int, shapely.Polygon]] = [(-square.area, 0, square)]
    n_made = 1
    while len(pieces) < n_plots:
        for half in _halves(heapq.heappop(pieces)[2], rng):
            heapq.heappush(pieces, (-half.area, n_made, half))
            n_made += 1
    return fabric([piece for _, _, piece in sorted(pieces, key=lambda row: row[1])])


def _halves(plot: shapely.Polygon, rng: np.random.Generator) -> list[shapely.Polygon]:
    """Cut a convex plot across its longest side, near the middle and nearly straight."""
    corners = shapely.get_coordinates(plot)
    steps = np.diff(corners, axis=0)
    along = steps[np.argmax(np.hypot(*steps.T))]
    middle = shapely.get_coordinates(plot.centroid)[0] + rng.uniform(-0.1, 0.1, 2) * plot.area**0.5
    angle = np.arctan2(along[1], along[0]) + np.pi / 2 + rng.uniform(-0.3, 0.3)
    far = 4 * np.hypot(*np.ptp(corners, axis=0)) * np.array([np.cos(angle), np.sin(angle)])
    return list(shapely.ops.split(plot, shapely.LineString([middle - far, middle + far])).geoms)


def cells_with_holes(points: np.ndarray, side_m: float = 200.0) -> gpd.GeoDataFrame:
    """Voronoi cells; every third holds a plot in a hole, every other one of these a yard around that."""
    plots = []
    for nth, cell in enumerate(cells(points, side_m).geometry):
        local = shapely.transform(cell, lambda xy: xy - np.array([EAST, NORTH]))
        core = local.buffer(-(local.area**0.5) / 4)
        if nth % 3 or core.is_empty:
            plots.append(local)
            continue
        inner = core if nth % 2 else core.buffer(-2.0)
        plots += [local.difference(core), *([] if inner.is_empty else [inner])]
    return fabric(plots)


def radial(n_spokes: int = 9, n_rings: int = 3, street_m: float = 12.0) -> gpd.GeoDataFrame:
    """Plots around a square, between streets that lead away from it and streets around it.

    Rows of plots lie back to back in twos and are cut each into as many plots as it takes, so that the
    backs meet in T-junctions. Only wedges that are wider than their streets are built on.
    """
    plots = []
    for spoke in range(n_spokes):
        angles = 2 * np.pi * (spoke + np.array([0.0, 1.0])) / n_spokes
        for nth in range(n_rings):
            radii = 40 + 35 * nth + street_m * (nth // 2) + np.array([0.0, 35.0])
            plots += _row_in_wedge(radii, angles, street_m)
    return fabric(plots)


def _row_in_wedge(radii: np.ndarray, angles: np.ndarray, street_m: float) -> list[shapely.Polygon]:
    """Cut what lies between two radii and two angles, less half a street on either side, into plots."""
    inset = street_m / 2 / radii
    if angles[1] - angles[0] <= 3 * inset[0]:
        return []
    left, right = angles[1] - inset, angles[0] + inset
    # Where cuts begin and end lies on straight lines, so that the rows behind end at the same.
    ends = [np.stack([r * np.cos(a), r * np.sin(a)], axis=1) for r, a in ((radii, right), (radii, left))]
    n_plots = max(1, round(float(np.hypot(*(ends[1][1] - ends[0][1]))) / 28))
    shares = np.linspace(0, 1, n_plots + 1)[:, None, None]
    cut = ends[0] + shares * (ends[1] - ends[0])
    return [shapely.Polygon([a[0], a[1], b[1], b[0]]) for a, b in pairwise(cut)]


def scattered(seed: int, n_side: int, step_m: float = 30.0) -> np.ndarray:
    """Points of a loose grid, each moved by chance: cells of them have no extreme angles."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(n_side), np.arange(n_side))
    centers = (np.column_stack([x.ravel(), y.ravel()]) + 0.5) * step_m
    return centers + rng.uniform(-0.35, 0.35, centers.shape) * step_m


@st.composite
def scattered_points(draw: st.DrawFn, most: int = 25, side_m: int = 200) -> np.ndarray:
    """Points of a loose grid that fills a square."""
    n_side = draw(st.integers(2, int(most**0.5)))
    return scattered(draw(st.integers(0, 2**32 - 1)), n_side, side_m / n_side)


def fabrics() -> st.SearchStrategy[gpd.GeoDataFrame]:
    """Any of the fabrics whose plots are simple."""
    return st.one_of(
        st.builds(grid, st.integers(1, 4), st.integers(1, 4)),
        st.builds(bricks, st.integers(1, 4), st.integers(1, 4)),
        st.builds(cells, scattered_points()),
        st.builds(blocks, st.integers(0, 10_000), st.just(2)),
    )
