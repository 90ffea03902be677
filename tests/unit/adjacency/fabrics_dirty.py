"""Parcel fabrics as careless hands leave them, and all kinds of fabrics together."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import strategies as st

from tests.unit.adjacency.fabrics import (
    blocks,
    cells_with_holes,
    cuts,
    fabrics,
    radial,
    scattered,
    scattered_points,
)


def clean_of_size(kind: str, n_plots: int) -> gpd.GeoDataFrame:
    """Return a fabric of about so many plots, always the same; its keys are whole numbers from 0."""
    n_side = round((n_plots / 1.33) ** 0.5)
    plots = {
        "blocks": lambda: blocks(1, round(n_plots**0.5 / 3)),
        "cuts": lambda: cuts(1, n_plots),
        "cells with holes": lambda: cells_with_holes(scattered(1, n_side), 30.0 * n_side),
        "radial streets": lambda: radial(24, round((n_plots / 4.65) ** 0.5)),
    }[kind]()
    return plots.assign(key=np.arange(len(plots)))


def dirtied(plots: gpd.GeoDataFrame, seed: int, most_m: float = 0.02) -> gpd.GeoDataFrame:
    """Return the plots as a careless hand leaves them.

    Every plot is moved by up to `most_m`, so that gaps and overlaps open, and every vertex by up to half of
    that; a vertex is added on every side, one of each ring is doubled, and every other ring or so is turned
    the other way round. Where sides are so short that this makes a boundary cross itself, less will do.
    """
    rng = np.random.default_rng(seed)
    return plots.set_geometry([_careless(plot, rng, most_m) for plot in plots.geometry], crs=plots.crs)


def _careless(plot: shapely.Polygon, rng: np.random.Generator, most_m: float) -> shapely.Polygon:
    shift = _within(rng, 1, most_m)
    rings = (shapely.get_coordinates(ring)[:-1] for ring in (plot.exterior, *plot.interiors))
    shell, *holes = (_careless_ring(ring + shift, rng, most_m) for ring in rings)
    drawn = shapely.Polygon(shell, holes)
    return drawn if drawn.is_valid else _careless(plot, rng, most_m / 2)


def _careless_ring(corners: np.ndarray, rng: np.random.Generator, most_m: float) -> np.ndarray:
    share = rng.uniform(0.3, 0.7, (len(corners), 1))
    between = corners + share * (np.roll(corners, -1, axis=0) - corners)
    points = np.stack([corners, between], axis=1).reshape(-1, 2)
    points = points + _within(rng, len(points), most_m / 2)
    doubled = rng.integers(len(points))
    points = np.insert(points, doubled, points[doubled], axis=0)
    closed = np.concatenate([points, points[:1]])
    return closed[::-1].copy() if rng.random() < 0.5 else closed


def _within(rng: np.random.Generator, n: int, most_m: float) -> np.ndarray:
    """Return n steps of up to `most_m` in any direction."""
    angle, length_m = rng.uniform(0, 2 * np.pi, n), rng.uniform(0, most_m, n)
    return length_m[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def clean_fabrics() -> st.SearchStrategy[gpd.GeoDataFrame]:
    """Any clean fabric, also with slanted T-junctions, plots in holes and streets that run together."""
    return st.one_of(
        fabrics(),
        st.builds(cuts, st.integers(0, 10_000), st.integers(2, 25)),
        st.builds(cells_with_holes, scattered_points()),
        st.builds(radial, st.integers(4, 9), st.integers(1, 3)),
    )


def all_fabrics() -> st.SearchStrategy[gpd.GeoDataFrame]:
    """Any fabric, clean or dirty."""
    dirt = st.sampled_from([0.01, 0.04])
    return st.one_of(clean_fabrics(), st.builds(dirtied, clean_fabrics(), st.integers(0, 10_000), dirt))
