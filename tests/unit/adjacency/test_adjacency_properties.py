"""What must not change who is whose neighbor."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from app.analysis.adjacency import Tolerances, typed_neighbors
from tests.scenes import EAST, NORTH
from tests.unit.adjacency.fabrics import fabrics

MEASURES = ["shared_m", "gap_m", "facing_m", "overlap_m2"]
# Deadlines measure the machine, and the first example pays for imports.
unhurried = settings(deadline=None, max_examples=40)
seeds = st.integers(0, 2**32 - 1)


def assert_same(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, tolerance_m: float = 1e-5) -> None:
    """The same pairs, relations and, to `tolerance_m`, measures."""
    pd.testing.assert_frame_equal(
        pd.DataFrame(a[["focal", "neighbor", "relation"]]), pd.DataFrame(b[["focal", "neighbor", "relation"]])
    )
    np.testing.assert_allclose(a[MEASURES].to_numpy(), b[MEASURES].to_numpy(), atol=tolerance_m, rtol=0)


def redrawn(plots: gpd.GeoDataFrame, draw: Callable[[Polygon], Polygon]) -> gpd.GeoDataFrame:
    return plots.set_geometry([draw(polygon) for polygon in plots.geometry], crs=plots.crs)


@unhurried
@given(fabrics(), seeds)
def test_start_and_direction_of_rings_do_not_matter(plots: gpd.GeoDataFrame, seed: int) -> None:
    rng = np.random.default_rng(seed)

    def turned(polygon: Polygon) -> Polygon:
        ring = np.roll(shapely.get_coordinates(polygon)[:-1], rng.integers(0, 9), axis=0)
        return Polygon(ring[:: rng.choice([-1, 1])])

    assert_same(typed_neighbors(plots, "key"), typed_neighbors(redrawn(plots, turned), "key"))


@unhurried
@given(fabrics(), seeds)
def test_order_of_plots_does_not_matter(plots: gpd.GeoDataFrame, seed: int) -> None:
    shuffled = plots.sample(frac=1, random_state=seed)
    assert_same(typed_neighbors(plots, "key"), typed_neighbors(shuffled, "key"))


@unhurried
@given(fabrics(), st.floats(1.5, 30))
def test_added_vertices_on_straight_borders_do_not_matter(plots: gpd.GeoDataFrame, every_m: float) -> None:
    dense = redrawn(plots, lambda polygon: shapely.segmentize(polygon, every_m))
    assert_same(typed_neighbors(plots, "key"), typed_neighbors(dense, "key"))


@unhurried
@given(fabrics(), st.sampled_from([(0.5, -7.25), (-620_000, -5_805_000), (5e6, 5e6)]))
def test_place_does_not_matter(plots: gpd.GeoDataFrame, by_m: tuple[float, float]) -> None:
    assert_same(
        typed_neighbors(plots, "key"), typed_neighbors(redrawn(plots, lambda p: moved(p, by_m)), "key")
    )


def moved(polygon: Polygon, by_m: tuple[float, float]) -> Polygon:
    return shapely.transform(polygon, lambda xy: xy + by_m)


@unhurried
@given(fabrics(), st.integers(1, 3))
def test_a_quarter_turn_does_not_matter(plots: gpd.GeoDataFrame, quarters: int) -> None:
    def turned(xy: np.ndarray) -> np.ndarray:
        local = xy - np.array([EAST, NORTH])
        for _ in range(quarters):
            local = np.column_stack([-local[:, 1], local[:, 0]])
        return local + np.array([EAST, NORTH])

    rotated = redrawn(plots, lambda polygon: shapely.transform(polygon, turned))
    assert_same(typed_neighbors(plots, "key"), typed_neighbors(rotated, "key"))


@unhurried
@given(fabrics(), seeds)
def test_names_only_decide_who_is_called_focal(plots: gpd.GeoDataFrame, seed: int) -> None:
    names = np.random.default_rng(seed).permutation(plots["key"])
    back = dict(zip(names, plots["key"], strict=True))
    renamed = typed_neighbors(plots.assign(key=names), "key")
    pairs = np.sort(np.array([renamed.focal.map(back), renamed.neighbor.map(back)]).T.astype(str), axis=1)
    restored = renamed.assign(focal=pairs[:, 0], neighbor=pairs[:, 1]) if len(renamed) else renamed
    ordered = restored.sort_values(["focal", "neighbor"], ignore_index=True)
    assert_same(typed_neighbors(plots, "key"), ordered.astype({"focal": "str", "neighbor": "str"}))


@unhurried
@given(fabrics(), seeds, st.floats(0.001, 0.045))
def test_noise_below_half_the_snap_changes_no_relation(
    plots: gpd.GeoDataFrame, seed: int, noise_m: float
) -> None:
    rng = np.random.default_rng(seed)

    def shaken(polygon: Polygon) -> Polygon:
        ring = shapely.get_coordinates(polygon)[:-1]
        angle = rng.uniform(0, 2 * np.pi, len(ring))
        return Polygon(ring + noise_m * np.column_stack([np.cos(angle), np.sin(angle)]))

    assert clear_relations(plots, plots) == clear_relations(plots, redrawn(plots, shaken))


def clear_relations(exact: gpd.GeoDataFrame, plots: gpd.GeoDataFrame) -> dict[tuple[str, str], str]:
    """Relations of `plots`, without pairs that are near a threshold in the `exact` plots."""
    doubtful = unclear_pairs(exact)
    found = typed_neighbors(plots, "key")
    named = zip(found.focal, found.neighbor, found.relation, strict=True)
    return {(a, b): relation for a, b, relation in named if (a, b) not in doubtful}


def unclear_pairs(plots: gpd.GeoDataFrame) -> set[tuple[str, str]]:
    """Pairs whose relation differs between slightly smaller and slightly larger lengths."""
    low = typed_neighbors(plots, "key", Tolerances(across_m=29, facing_m=9, edge_m=0.15, snap_m=0.02))
    high = typed_neighbors(plots, "key", Tolerances(across_m=31, facing_m=11, edge_m=1.5, snap_m=0.2))
    a, b = ({(x, y, r) for x, y, r in zip(f.focal, f.neighbor, f.relation, strict=True)} for f in (low, high))
    return {(x, y) for x, y, _ in a ^ b}
