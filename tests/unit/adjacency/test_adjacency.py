"""Typed neighbors in scenes whose answers are known by construction."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, Polygon

from app.analysis.adjacency import Tolerances, typed_neighbors
from app.errors import DataError, InputError
from tests.scenes import EAST, NORTH, placed, plots_frame, rectangle, seven_plots

NAN = math.nan


def rows(neighbors: gpd.GeoDataFrame) -> list[tuple]:
    """Rows without evidence, measures to the tenth of a millimetre."""
    table = pd.DataFrame(neighbors.drop(columns="geometry")).round(4)
    return [
        tuple(None if pd.isna(value) else value for value in row) for row in table.itertuples(index=False)
    ]


def relations(neighbors: gpd.GeoDataFrame) -> dict[tuple, str]:
    return dict(zip(zip(neighbors.focal, neighbors.neighbor, strict=True), neighbors.relation, strict=True))


def local_wkt(neighbors: gpd.GeoDataFrame, focal: str, neighbor: str) -> str:
    found = neighbors[(neighbors.focal == focal) & (neighbors.neighbor == neighbor)].geometry.iloc[0]
    moved = shapely.transform(found, lambda xy: xy - [EAST, NORTH])
    return shapely.to_wkt(moved.normalize(), rounding_precision=3)


def test_seven_plots_come_out_to_the_value() -> None:
    assert rows(typed_neighbors(seven_plots(), "key")) == [
        ("A", "B", "edge", 50.0, 0.0, None, None),
        ("A", "C", "edge", 50.0, 0.03, None, None),
        ("A", "D", "edge", 50.0, 0.0, None, None),
        ("A", "S", "across", None, 12.0, 43.0, None),
        ("B", "C", "corner", None, 0.03, None, None),
        ("B", "D", "corner", None, 0.0, None, None),
        ("B", "E", "edge", 30.0, 0.0, None, None),
        ("C", "G", "across", None, 12.0, 42.97, None),
        ("G", "S", "edge", 50.0, 0.0, None, None),
    ]


def test_the_diagonal_plot_is_none_because_of_its_seven_metres() -> None:
    seen = typed_neighbors(seven_plots(), "key", Tolerances(facing_m=6.9))
    assert ("A", "G", "across", None, 12.0, 7.0, None) in rows(seen)


def test_evidence_is_the_common_border_or_the_shortest_connection() -> None:
    found = typed_neighbors(seven_plots(), "key")
    assert local_wkt(found, "A", "B") == "LINESTRING (0 50, 50 50)"
    assert local_wkt(found, "B", "E") == "LINESTRING (10 100, 40 100)"
    assert local_wkt(found, "B", "C") == "LINESTRING (50 50, 50.03 50)"
    assert local_wkt(found, "B", "D") == "POINT (0 50)"
    across = found[found.relation == "across"]
    assert across.length.to_numpy() == pytest.approx([12.0, 12.0])
    edges = found[found.relation == "edge"]
    assert edges.length.to_numpy() == pytest.approx(edges.shared_m.to_numpy())


def test_two_stretches_of_common_border_add_up_and_are_both_drawn() -> None:
    notched = Polygon(shapely.box(0, 0, 50, 20).difference(shapely.box(20, 15, 30, 20)).exterior)
    moved = placed(notched)
    found = typed_neighbors(plots_frame(A=moved, B=rectangle(0, 20, 50, 40)), "key")
    assert rows(found) == [("A", "B", "edge", 40.0, 0.0, None, None)]
    assert local_wkt(found, "A", "B") == "MULTILINESTRING ((30 20, 50 20), (0 20, 20 20))"


@pytest.mark.parametrize(
    ("shift_m", "relation"),
    [(49.49, "edge"), (49.51, "corner"), (50.0, "corner"), (50.09, "corner"), (50.11, None)],
)
def test_an_edge_needs_half_a_metre_and_a_corner_the_snap(shift_m: float, relation: str | None) -> None:
    plots = plots_frame(A=rectangle(0, 0, 50, 50), B=rectangle(shift_m, 50, shift_m + 50, 100))
    assert relations(typed_neighbors(plots, "key")).get(("A", "B")) == relation


@pytest.mark.parametrize(
    ("left", "relation"),
    [(50.09, "edge"), (50.10, "edge"), (50.11, "across"), (49.91, "edge"), (49.89, "overlap")],
)
def test_the_snap_parts_gap_edge_and_overlap(left: float, relation: str) -> None:
    plots = plots_frame(A=rectangle(0, 0, 50, 50), B=rectangle(left, 0, 90, 50))
    assert relations(typed_neighbors(plots, "key")) == {("A", "B"): relation}


@pytest.mark.parametrize(("street_m", "is_neighbor"), [(29.99, True), (30.0, True), (30.01, False)])
def test_a_street_may_be_thirty_metres_wide(street_m: float, *, is_neighbor: bool) -> None:
    plots = plots_frame(A=rectangle(0, 0, 50, 50), B=rectangle(0, 50 + street_m, 50, 150))
    assert (len(typed_neighbors(plots, "key")) == 1) is is_neighbor


def test_a_kiosk_in_the_street_takes_its_shadow_only() -> None:
    plots = plots_frame(A=rectangle(0, 0, 50, 50), B=rectangle(0, 62, 50, 100), K=rectangle(20, 54, 26, 58))
    found = typed_neighbors(plots, "key", Tolerances(facing_m=5))
    assert rows(found) == [
        ("A", "B", "across", None, 12.0, 44.0, None),
        ("A", "K", "across", None, 4.0, 6.0, None),
        ("B", "K", "across", None, 4.0, 6.0, None),
    ]


def test_a_row_of_plots_hides_what_is_behind_it() -> None:
    plots = plots_frame(
        A=rectangle(0, 0, 50, 50),
        B=rectangle(0, 70, 50, 100),
        K=rectangle(-5, 54, 25, 58),
        L=rectangle(25, 54, 55, 58),
    )
    assert ("A", "B") not in relations(typed_neighbors(plots, "key"))


def test_a_plot_does_not_see_through_itself() -> None:
    around = shapely.box(0, 0, 60, 60).difference(shapely.box(20, 20, 60, 40))
    plots = plots_frame(U=placed(around), X=rectangle(0, 65, 60, 80))
    found = typed_neighbors(plots, "key")
    assert rows(found) == [("U", "X", "across", None, 5.0, 60.0, None)]


def test_a_plot_in_a_hole_shares_the_whole_of_its_border() -> None:
    outer = shapely.box(0, 0, 60, 60).difference(shapely.box(20, 20, 40, 40))
    plots = plots_frame(R=placed(outer), X=rectangle(20, 20, 40, 40))
    found = typed_neighbors(plots, "key")
    assert rows(found) == [("R", "X", "edge", 80.0, 0.0, None, None)]


def test_across_an_inner_yard_the_ring_is_seen_from_all_sides() -> None:
    outer = shapely.box(0, 0, 60, 60).difference(shapely.box(10, 10, 50, 50))
    plots = plots_frame(R=placed(outer), X=rectangle(20, 20, 40, 40))
    found = typed_neighbors(plots, "key")
    assert rows(found) == [("R", "X", "across", None, 10.0, 80.0, None)]


def test_parts_of_one_plot_count_together() -> None:
    two = MultiPolygon([rectangle(0, 0, 10, 10), rectangle(20, 0, 30, 10)])
    plots = plots_frame(M=two, N=rectangle(-5, 10, 35, 20))
    assert rows(typed_neighbors(plots, "key")) == [("M", "N", "edge", 20.0, 0.0, None, None)]


def test_doubles_and_plots_inside_plots_overlap() -> None:
    plots = plots_frame(A=rectangle(0, 0, 50, 50), B=rectangle(0, 0, 50, 50), C=rectangle(10, 10, 20, 20))
    assert rows(typed_neighbors(plots, "key")) == [
        ("A", "B", "overlap", 200.0, None, None, 2500.0),
        ("A", "C", "overlap", 0.0, None, None, 100.0),
        ("B", "C", "overlap", 0.0, None, None, 100.0),
    ]


def test_an_overlap_without_common_border_shows_its_outline() -> None:
    plots = plots_frame(A=rectangle(0, 0, 50, 50), B=rectangle(40, 40, 90, 90))
    found = typed_neighbors(plots, "key")
    assert rows(found) == [("A", "B", "overlap", 0.0, None, None, 100.0)]
    assert found.geometry.iloc[0].equals(rectangle(40, 40, 50, 50).boundary)


def test_numbers_as_keys_keep_their_order_and_kind() -> None:
    plots = seven_plots().assign(key=[10, 9, 100, 11, 1, 2, 3])
    found = typed_neighbors(plots, "key")
    assert found.focal.dtype == found.neighbor.dtype == plots.key.dtype
    assert (found.focal < found.neighbor).all()
    assert list(found.focal) == sorted(found.focal)


@pytest.mark.parametrize("plots", [seven_plots().iloc[:0], seven_plots().iloc[:1]], ids=["none", "one"])
def test_no_neighbors_give_the_same_columns_and_kinds(plots: gpd.GeoDataFrame) -> None:
    found, usual = typed_neighbors(plots, "key"), typed_neighbors(seven_plots(), "key")
    assert len(found) == 0
    assert found.dtypes.to_dict() == usual.dtypes.to_dict()
    assert found.crs == usual.crs


def test_progress_rises_to_its_end() -> None:
    told: list[float] = []
    typed_neighbors(seven_plots(), "key", report=told.append)
    assert told == sorted(told)
    assert 0.85 < told[-1] <= 1.0


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:2263"], ids=["none", "degrees", "feet"])
def test_a_crs_without_metres_is_a_mistake_of_the_caller(crs: str | None) -> None:
    plots = gpd.GeoDataFrame(seven_plots().drop(columns="geometry"), geometry=list(seven_plots().geometry))
    with pytest.raises(ValueError, match="projected CRS in metres"):
        typed_neighbors(plots.set_crs(crs) if crs else plots, "key")


BOW_TIE = Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)])


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"key": ["A", "A"]}, "more than once (A)"),
        ({"key": ["A", None]}, "Plot no. 2 has no key"),
        ({"key": ["A", 7]}, "mixes text and numbers"),
        ({"geometry": [rectangle(0, 0, 1, 1), None]}, "“B” has no geometry"),
        ({"geometry": [rectangle(0, 0, 1, 1), Polygon()]}, "“B” has no geometry"),
        ({"geometry": [rectangle(0, 0, 1, 1), shapely.Point(EAST, NORTH)]}, "“B” is a Point"),
        ({"geometry": [rectangle(0, 0, 1, 1), BOW_TIE]}, "“B” has an invalid boundary: Self-intersection"),
    ],
)
def test_bad_plots_are_named_with_the_reason(bad: dict, sentence: str) -> None:
    good = {"key": ["A", "B"], "geometry": [rectangle(0, 0, 1, 1), rectangle(1, 0, 2, 1)]}
    with pytest.raises(DataError) as refusal:
        typed_neighbors(gpd.GeoDataFrame({**good, **bad}, crs="EPSG:25832"), "key")
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    "lengths",
    [
        {"snap_m": 0},
        {"across_m": -1},
        {"facing_m": NAN},
        {"edge_m": math.inf},
        {"edge_m": 0.1},
        {"snap_m": 31, "edge_m": 40},
    ],
)
def test_lengths_that_make_no_sense_are_refused(lengths: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Tolerances(**lengths)


def test_whole_numbers_are_lengths_like_any_other() -> None:
    """Of a whole number every kernel would be compiled anew, while somebody waits."""
    assert {type(length) for length in Tolerances(1, 20, 5, 31).lengths} == {float}


def test_a_thousand_metres_of_border_in_many_pieces_lose_nothing() -> None:
    x = np.linspace(0, 1000, 4001)
    wave = np.column_stack([EAST + x, NORTH + 3 * np.sin(x / 40)])
    below = Polygon([*wave, (EAST + 1000, NORTH - 50), (EAST, NORTH - 50)])
    above = Polygon([*wave, (EAST + 1000, NORTH + 50), (EAST, NORTH + 50)])
    found = typed_neighbors(plots_frame(A=below, B=above), "key")
    assert found.shared_m.iloc[0] == pytest.approx(shapely.LineString(wave).length, abs=1e-6)
    assert found.geometry.iloc[0].geom_type == "LineString"


def wedge(angle_deg: float) -> gpd.GeoDataFrame:
    """Plots with 20 m of common border, which then part at an angle for another 20 m."""
    rise = 20 * math.tan(math.radians(angle_deg))
    above = placed(Polygon([(0, 0), (20, 0), (40, rise), (40, 40), (0, 40)]))
    return plots_frame(A=rectangle(0, -20, 40, 0), B=above)


def test_borders_that_part_at_an_angle_end_there() -> None:
    assert rows(typed_neighbors(wedge(30), "key")) == [("A", "B", "edge", 20.0, 0.0, None, None)]


def test_borders_that_hardly_part_run_together_up_to_the_snap() -> None:
    found = typed_neighbors(wedge(5), "key")
    assert found.shared_m.iloc[0] == pytest.approx(20 + 0.1 / math.tan(math.radians(5)), abs=1e-4)
    assert found.gap_m.iloc[0] == pytest.approx(0.1, abs=1e-4)


@pytest.mark.parametrize("keys", ["AB", "BA"])
def test_of_two_lengths_the_smaller_and_of_two_gaps_the_larger_counts(keys: str) -> None:
    """A straight border of 10 m against teeth 9 cm high: the toothed side is longer, and sees wider gaps."""
    slope_deg = 10.0
    teeth = [(10 - n * 0.5, 0.5 * math.tan(math.radians(slope_deg)) * (n % 2)) for n in range(21)]
    toothed = placed(Polygon([*teeth, (0, 20), (10, 20)]))
    plots = plots_frame(**dict(zip(keys, [rectangle(0, -20, 10, 0), toothed], strict=True)))
    found = typed_neighbors(plots, "key")
    assert found.shared_m.iloc[0] == pytest.approx(10.0, abs=1e-6)
    rise = 0.5 * math.tan(math.radians(slope_deg))
    assert found.gap_m.iloc[0] == pytest.approx(rise / math.cos(math.radians(slope_deg)), abs=1e-5)


def test_where_plots_cross_each_is_seen_where_it_is_nearer() -> None:
    plots = plots_frame(
        A=rectangle(0, 0, 40, 10),
        B=placed(Polygon([(0, 15), (40, 25), (40, 60), (0, 60)])),
        C=placed(Polygon([(0, 25), (40, 15), (40, 60), (0, 60)])),
    )
    assert rows(typed_neighbors(plots, "key"))[:2] == [
        ("A", "B", "across", None, 5.0, 20.0, None),
        ("A", "C", "across", None, 5.0, 20.0, None),
    ]
