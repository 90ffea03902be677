"""What is said to be certainly valid is valid, and what is plainly valid is said to be."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.adjacency import PlotArrays, certainly_valid
from tests.unit.adjacency.fabrics_dirty import all_fabrics

cells = st.integers(0, 6)
rings = st.lists(st.tuples(cells, cells), min_size=3, max_size=12)


def validity(*polygons: shapely.Geometry) -> list[bool]:
    return certainly_valid(PlotArrays.from_geometries(np.array(polygons))).tolist()


@settings(deadline=None, max_examples=300)
@given(rings, st.sampled_from([1.0, 0.1, 1e-7]))
def test_no_ring_that_meets_itself_is_said_to_be_valid(ring: list[tuple[int, int]], side_m: float) -> None:
    polygon = shapely.Polygon(np.array(ring) * side_m + [600_000.0, 5_800_000.0])
    assert polygon.is_valid or validity(polygon) == [False]


@settings(deadline=None, max_examples=40)
@given(all_fabrics())
def test_plots_without_holes_are_said_to_be_valid(plots: gpd.GeoDataFrame) -> None:
    shapes = plots.geometry.to_numpy()
    is_plain = (shapely.get_type_id(shapes) == 3) & (shapely.get_num_interior_rings(shapes) == 0)
    assert validity(*shapes) == is_plain.tolist()


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON ((0 0, 9 9, 9 0, 0 9, 0 0))",
        "POLYGON ((0 0, 9 0, 9 9, 5 9, 5 0, 0 0))",
        "POLYGON ((0 0, 9 0, 9 9, 9 0, 0 9, 0 0))",
        "POLYGON ((0 0, 9 0, 4 0, 4 9, 0 9, 0 0))",
        "POLYGON ((0 0, 9 0, 0 0, 0 0))",
        "POLYGON ((0 0, 0 0, 0 0, 0 0))",
        "POLYGON ((0 0, 9 0, 9 9, 0 0), (1 0.5, 2 1, 2 0.5, 1 0.5))",
        "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)), ((5 1, 9 1, 9 5, 5 1)))",
    ],
    ids=[
        "crossed",
        "touching",
        "there and back",
        "back on itself",
        "a line",
        "a point",
        "hole",
        "two",
    ],
)
def test_what_is_not_plain_is_left_to_geos(wkt: str) -> None:
    assert validity(shapely.from_wkt(wkt)) == [False]


def test_doubled_points_and_either_turn_are_valid() -> None:
    square = "POLYGON ((0 0, 0 0, 9 0, 9 9, 9 9, 9 9, 0 9, 0 0, 0 0))"
    assert validity(shapely.from_wkt(square), shapely.from_wkt(square).reverse()) == [True, True]


def test_rings_of_very_many_points_are_left_to_geos() -> None:
    fine, coarse = (shapely.Point(0, 0).buffer(9.0, quad_segs=n) for n in (32, 31))
    assert validity(fine, coarse) == [False, True]
