"""Parcel fabrics made by rule or by chance: grids, brick walls, Voronoi cells, blocks between streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
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


@st.composite
def scattered_points(draw: st.DrawFn, most: int = 25, side_m: int = 200) -> np.ndarray:
    """Points of a loose grid, each moved by chance: cells of them have no extreme angles."""
    n_side = draw(st.integers(2, int(most**0.5)))
    seed = draw(st.integers(0, 2**32 - 1))
    step = side_m / n_side
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(n_side), np.arange(n_side))
    centers = (np.column_stack([x.ravel(), y.ravel()]) + 0.5) * step
    return centers + rng.uniform(-0.35, 0.35, centers.shape) * step


def fabrics() -> st.SearchStrategy[gpd.GeoDataFrame]:
    """Any of the fabrics."""
    return st.one_of(
        st.builds(grid, st.integers(1, 4), st.integers(1, 4)),
        st.builds(bricks, st.integers(1, 4), st.integers(1, 4)),
        st.builds(cells, scattered_points()),
        st.builds(blocks, st.integers(0, 10_000), st.just(2)),
    )
