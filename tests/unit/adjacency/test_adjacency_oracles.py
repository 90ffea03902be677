"""The same answers by other means: libpysal's contiguity, exact intersection, rays cast one by one."""

from __future__ import annotations

from itertools import combinations, pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from app.analysis.adjacency import Tolerances, typed_neighbors
from tests.scenes import plots_frame, rectangle, seven_plots
from tests.unit.adjacency.fabrics import (
    blocks,
    bricks,
    cells,
    fabric,
    fabrics,
    grid,
    scattered,
    scattered_points,
)

Pair = tuple[str, str]
unhurried = settings(deadline=None, max_examples=40)
# The finest lengths: whatever the coordinates make a common border is an edge.
EXACT = Tolerances(snap_m=1e-4, edge_m=1e-3)


def pairs(found: gpd.GeoDataFrame, *relations: str) -> set[Pair]:
    chosen = found[found.relation.isin(relations)]
    return set(zip(chosen.focal, chosen.neighbor, strict=True))


def contiguous(plots: gpd.GeoDataFrame, *, rook: bool) -> set[Pair]:
    graph = Graph.build_contiguity(plots.set_index("key"), rook=rook, strict=True)
    return {(a, b) for (a, b), weight in graph.adjacency.items() if a < b and weight > 0}


@unhurried
@given(st.one_of(st.builds(grid, st.integers(1, 5), st.integers(1, 5)), st.builds(cells, scattered_points())))
def test_edges_are_libpysals_rook_and_with_corners_its_queen(plots: gpd.GeoDataFrame) -> None:
    found = typed_neighbors(plots, "key", EXACT)
    assert pairs(found, "edge") == contiguous(plots, rook=True)
    assert pairs(found, "edge", "corner") == contiguous(plots, rook=False)
    assert pairs(found, "overlap") == set()


def test_10_000_cells_have_libpysals_rook_and_queen() -> None:
    plots = cells(scattered(1, 100), 3000.0)
    found = typed_neighbors(plots, "key", EXACT)
    rook, queen = contiguous(plots, rook=True), contiguous(plots, rook=False)
    assert (len(plots), len(rook), len(queen)) == (10_000, 29_602, 29_604)
    assert pairs(found, "edge") == rook
    assert pairs(found, "edge", "corner") == queen


def test_a_grid_has_the_pairs_that_arithmetic_says() -> None:
    found = typed_neighbors(grid(7, 5), "key")
    assert found.relation.value_counts().to_dict() == {"edge": 6 * 5 + 7 * 4, "corner": 2 * 6 * 4}


def test_bricks_meet_in_edges_only_although_hardly_a_vertex_is_common() -> None:
    found = typed_neighbors(bricks(6, 4), "key")
    # The wall's ends are toothed: in two notches the rows above and below face each other over half a brick.
    assert found.relation.value_counts().to_dict() == {"edge": 5 * 4 + (2 * 6 - 1) * 3, "across": 2}
    assert set(found.shared_m.dropna().round(9)) == {10.0, 20.0}


@unhurried
@given(fabrics())
def test_common_lengths_are_those_of_exact_intersection(plots: gpd.GeoDataFrame) -> None:
    found = typed_neighbors(plots, "key", EXACT)
    measured = {(a, b): m for a, b, m in zip(found.focal, found.neighbor, found.shared_m, strict=True)}
    borders = dict(zip(plots["key"], plots.boundary, strict=True))
    for a, b in combinations(sorted(borders), 2):
        exact_m = common_m(borders[a], borders[b])
        if exact_m > 0.01:
            assert measured[a, b] == pytest.approx(exact_m, abs=0.005)
        else:
            assert not measured.get((a, b), 0.0) > 0.02


def common_m(a: shapely.Geometry, b: shapely.Geometry) -> float:
    """Length of a within a hair of b: rounding to a grid leaves no three points exactly on a line."""
    return a.intersection(b.buffer(1e-5, cap_style="flat")).length


STEP_M = 0.05


def cast(plots: gpd.GeoDataFrame, snap_m: float = 0.10, across_m: float = 30.0) -> dict[Pair, float]:
    """How many metres of each plot's border see which plot first, by rays every `STEP_M`."""
    borders = plots.boundary.to_numpy()
    tree = shapely.STRtree(borders)
    seen: dict[Pair, float] = {}
    for own, key in enumerate(plots["key"]):
        points, normals = lookouts(plots.geometry.iloc[own])
        rays = shapely.linestrings(np.stack([points - snap_m * normals, points + across_m * normals], axis=1))
        ray, other = tree.query(rays, predicate="intersects")
        starts = shapely.points(points - snap_m * normals)
        hits = shapely.intersection(rays[ray], borders[other])
        ahead = np.where(
            other == own, shapely.intersection(hits, front(points, normals, across_m)[ray]), hits
        )
        reached = ~shapely.is_empty(ahead)
        ray, other, ahead = ray[reached], other[reached], ahead[reached]
        distance = shapely.distance(starts[ray], ahead)
        order = np.lexsort((other, distance, ray))
        first = order[np.r_[True, np.diff(ray[order]) > 0]] if len(order) else order
        for plot in other[first]:
            if plot != own:
                pair = (key, plots["key"].iloc[plot])
                seen[pair] = seen.get(pair, 0.0) + STEP_M
    return seen


def front(points: np.ndarray, normals: np.ndarray, across_m: float) -> np.ndarray:
    """The part of rays where a plot's own border may stand: truly ahead."""
    return shapely.linestrings(np.stack([points + 1e-4 * normals, points + across_m * normals], axis=1))


def lookouts(polygon: shapely.Polygon) -> tuple[np.ndarray, np.ndarray]:
    """Points every `STEP_M` along the borders, in the middle of their stretch, and outward normals."""
    points, normals = [], []
    oriented = shapely.orient_polygons(polygon)
    for ring in shapely.get_rings(oriented):
        line = shapely.get_coordinates(ring)
        for a, b in pairwise(line):
            length_m = np.hypot(*(b - a))
            along = (b - a) / length_m
            t = np.arange(STEP_M / 2, length_m, STEP_M)
            points.append(a + t[:, None] * along)
            normals.append(np.tile([along[1], -along[0]], (len(t), 1)))
    return np.concatenate(points), np.concatenate(normals)


def turned(plots: gpd.GeoDataFrame, angle_deg: float) -> gpd.GeoDataFrame:
    return plots.set_geometry(plots.rotate(angle_deg, origin=(620_100.0, 5_805_050.0)))


def with_kiosks() -> gpd.GeoDataFrame:
    return plots_frame(
        A=rectangle(0, 0, 50, 50),
        B=rectangle(-10, 64, 33, 90),
        C=rectangle(33, 68, 70, 90),
        K=rectangle(12, 53, 19, 58),
        L=rectangle(28, 56, 37, 60),
        M=rectangle(62, 10, 80, 45),
    )


@pytest.mark.parametrize(
    "plots",
    [
        seven_plots(),
        turned(seven_plots(), 33),
        with_kiosks(),
        turned(with_kiosks(), 11),
        turned(blocks(1, 2, block_m=60), 0),
        turned(blocks(2, 2, block_m=60), 27),
        fabric(np.array(cells(np.random.default_rng(5).uniform(0, 120, (9, 2)), 120).geometry.buffer(-4))),
    ],
    ids=["seven", "seven turned", "kiosks", "kiosks turned", "blocks", "blocks turned", "shrunk cells"],
)
def test_facing_lengths_are_those_of_rays(plots: gpd.GeoDataFrame) -> None:
    found = typed_neighbors(plots, "key", Tolerances(facing_m=2.0))
    facing_m = {(a, b): m for a, b, m in zip(found.focal, found.neighbor, found.facing_m, strict=True)}
    seen = cast(plots)
    # Each end of a stretch is met to half a step; no pair here faces in more than four stretches.
    slack_m = 4 * STEP_M
    shapes = dict(zip(plots["key"], plots.geometry, strict=True))
    n_across = 0
    for a, b in combinations(sorted(shapes), 2):
        by_rays = min(seen.get((a, b), 0.0), seen.get((b, a), 0.0))
        if shapes[a].distance(shapes[b]) <= 0.1:
            assert np.isnan(facing_m[a, b])
        elif by_rays > 2.0 + slack_m:
            assert facing_m[a, b] == pytest.approx(by_rays, abs=slack_m)
            n_across += 1
        elif by_rays < 2.0 - slack_m:
            assert (a, b) not in facing_m
    assert n_across >= 2
