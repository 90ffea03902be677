"""Evidence from the kernels against the same drawn with shapely: merged, and connected by GEOS."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from app.analysis.adjacency import PlotArrays, Tolerances, evidence, typed_neighbors, typed_pairs_of_arrays
from app.errors import DataError
from tests.reference.adjacency_numpy import typed_pairs
from tests.scenes import CRS, placed, plots_frame, rectangle, seven_plots
from tests.unit.adjacency.fabrics import blocks, bricks, cells, cells_with_holes, cuts, grid, radial
from tests.unit.adjacency.fabrics_dirty import all_fabrics, dirtied

SAME_M = 1e-3


def points(seed: int, n: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 200, (n, 2))


def in_parts(plots: gpd.GeoDataFrame, n_parts: int) -> gpd.GeoDataFrame:
    """Return plots that each consist of several of the given ones, scattered over the place."""
    n_plots = max(1, len(plots) // n_parts)
    groups = np.array_split(np.random.default_rng(1).permutation(len(plots)), n_plots)
    joined = [shapely.union_all(plots.geometry.to_numpy()[group]) for group in groups]
    return gpd.GeoDataFrame({"key": np.arange(n_plots)}, geometry=joined, crs=CRS)


def rounded(n_chords: int, radius_m: float = 30.0) -> gpd.GeoDataFrame:
    """Return squares with a round plot in the middle of every four, as arcs become chords."""
    circle = shapely.buffer(shapely.Point(0, 0), radius_m, quad_segs=n_chords)
    discs = [shapely.transform(circle, lambda xy, n=n: xy + np.array([100.0 * n, 0.0])) for n in range(3)]
    squares = [shapely.box(x, y, x + 50, y + 50) for x in np.arange(-100.0, 300, 50) for y in (-50.0, 0.0)]
    around = shapely.difference(np.array(squares), shapely.union_all(discs))
    plots = [placed(plot) for plot in [*discs, *around]]
    return gpd.GeoDataFrame({"key": np.arange(len(plots))}, geometry=plots, crs=CRS)


def laid_over(plots: gpd.GeoDataFrame, shift_m: float) -> gpd.GeoDataFrame:
    """Return plots and some of them again, moved, so that they overlap; a few lie within others."""
    again = [
        shapely.transform(plot, lambda xy: xy + np.array([shift_m, 0.4])) for plot in plots.geometry[::3]
    ]
    within = [plot.centroid.buffer(2.0, quad_segs=1) for plot in plots.geometry[::5]]
    every = [*plots.geometry, *again, *within]
    return gpd.GeoDataFrame({"key": np.arange(len(every))}, geometry=every, crs=CRS)


def checked(plots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the neighbors, their evidence compared with that of the second implementation."""
    plots = plots.sort_values("key").reset_index(drop=True)
    found = typed_neighbors(plots, "key")
    origin = np.floor(plots.total_bounds[:2])
    local = shapely.transform(plots.geometry.to_numpy(), lambda xy: xy - origin)
    again, drawn = typed_pairs(local, Tolerances(), lambda _done: None)
    keys = plots["key"].to_numpy()
    assert list(found.focal) == list(keys[again.a])
    assert list(found.neighbor) == list(keys[again.b])
    expected = shapely.transform(drawn, lambda xy: xy + origin)
    apart_m = shapely.hausdorff_distance(found.geometry.to_numpy(), expected)
    far = found[~(apart_m <= SAME_M)].assign(apart_m=apart_m[~(apart_m <= SAME_M)])
    assert far.empty, far.to_string()
    assert found.geom_type.tolist() == [shape.geom_type for shape in expected]
    return found


FABRICS = {
    "seven plots": seven_plots(),
    "grid": grid(9, 7),
    "bricks": bricks(8, 6),
    "cells": cells(points(2)),
    "cells with holes": cells_with_holes(points(3)),
    "blocks": blocks(3),
    "cuts": cuts(4, 60),
    "radial streets": radial(9, 3),
    "chords": rounded(8),
    "fine chords": rounded(64),
    "several parts": in_parts(cells(points(6)), 3),
    "several parts with holes": in_parts(cells_with_holes(points(7)), 4),
    "dirty blocks": dirtied(blocks(5), 1),
    "dirty cells with holes": dirtied(cells_with_holes(points(8)), 2, 0.04),
    "overlapping blocks": laid_over(blocks(6), 1.5),
    "overlapping cells": laid_over(cells(points(9)), 0.15),
}


@pytest.mark.parametrize("name", FABRICS)
def test_evidence_is_what_shapely_draws(name: str) -> None:
    assert len(checked(FABRICS[name]))


@settings(deadline=None, max_examples=40)
@given(all_fabrics())
def test_evidence_of_any_fabric_is_what_shapely_draws(plots: gpd.GeoDataFrame) -> None:
    checked(plots)


@settings(deadline=None, max_examples=20)
@given(all_fabrics(), st.integers(2, 4))
def test_evidence_of_plots_in_parts_is_what_shapely_draws(plots: gpd.GeoDataFrame, n_parts: int) -> None:
    parts = in_parts(plots, n_parts)
    if parts.geometry.is_valid.all():
        checked(parts)


def test_connections_of_fronts_are_those_that_geos_chooses() -> None:
    # Parallel fronts have any number of shortest connections; the one drawn must not change.
    plots = blocks(11, 4)
    found = checked(plots)
    shape = plots.set_index("key").geometry
    rows = found[found.relation.isin(["across", "corner"])]
    assert {"across", "corner"} == set(rows.relation)
    a, b = (shape.loc[keys].to_numpy() for keys in (rows.focal, rows.neighbor))
    ends = shapely.get_coordinates(shapely.shortest_line(a, b)).reshape(-1, 2, 2)
    drawn = [shapely.get_coordinates(line)[[0, -1]] for line in rows.geometry]
    np.testing.assert_allclose(drawn, ends, rtol=0, atol=1e-6)


def test_a_border_that_runs_over_the_start_of_a_ring_is_one_line() -> None:
    # The ring starts in its lower left corner, in the middle of the border with the angle around it.
    angle = placed(Polygon([(-10, -10), (30, -10), (30, 0), (0, 0), (0, 30), (-10, 30)]))
    found = checked(plots_frame(A=rectangle(0, 0, 40, 40), B=angle))
    assert found.geom_type.tolist() == ["LineString"]
    assert found.length.tolist() == pytest.approx([60.0])


def test_a_filled_hole_is_drawn_as_a_closed_line() -> None:
    outer = placed(shapely.box(0, 0, 60, 60).difference(shapely.box(20, 20, 40, 40)))
    found = checked(plots_frame(R=outer, X=rectangle(20, 20, 40, 40)))
    assert found.geometry.iloc[0].is_ring


def test_a_third_dimension_changes_nothing() -> None:
    plots = FABRICS["dirty blocks"]
    high = plots.set_geometry(shapely.force_3d(plots.geometry.to_numpy(), 100.0), crs=CRS)
    found, flat = typed_neighbors(high, "key"), typed_neighbors(plots, "key")
    assert shapely.equals_identical(found.geometry.to_numpy(), flat.geometry.to_numpy()).all()
    assert found.drop(columns="geometry").equals(flat.drop(columns="geometry"))


@pytest.mark.parametrize(
    "index",
    [list("gfedcba"), [7] * 7, np.arange(7.0, 0, -1), [("a", n) for n in range(7)]],
    ids=["text", "all the same", "floats", "tuples"],
)
def test_the_index_of_the_frame_does_not_matter(index: list[object]) -> None:
    plots = seven_plots()
    found = typed_neighbors(plots.set_axis(index, axis=0), "key")
    usual = typed_neighbors(plots, "key")
    assert found.drop(columns="geometry").equals(usual.drop(columns="geometry"))
    assert found.geometry.geom_equals_exact(usual.geometry, 0).all()


@pytest.mark.parametrize("kind", [object, "str", "string", "category"])
def test_the_kind_of_text_does_not_matter(kind: object) -> None:
    plots = seven_plots()
    found = typed_neighbors(plots.assign(key=plots.key.astype(kind)), "key")
    assert found.focal.dtype == found.neighbor.dtype == plots.key.astype(kind).dtype
    assert list(found.focal.astype("str")) == list(typed_neighbors(plots, "key").focal)


@pytest.mark.parametrize("kind", [object, "str", "category"])
def test_keys_of_nothing_but_space_are_none(kind: object) -> None:
    plots = plots_frame(A=rectangle(0, 0, 1, 1), B=rectangle(1, 0, 2, 1)).assign(key=["A", " \t"])
    with pytest.raises(DataError, match=r"Plot no\. 2 has no key in column “key”"):
        typed_neighbors(plots.assign(key=plots.key.astype(kind)), "key")


def test_no_pairs_have_no_evidence() -> None:
    plots = PlotArrays.from_geometries(np.array([rectangle(0, 0, 9, 9)]))
    assert len(evidence(plots, typed_pairs_of_arrays(plots), Tolerances())) == 0


def test_several_parts_alone_are_no_neighbors_of_themselves() -> None:
    two = MultiPolygon([rectangle(0, 0, 10, 10), rectangle(20, 0, 30, 10)])
    assert typed_neighbors(plots_frame(M=two), "key").empty
