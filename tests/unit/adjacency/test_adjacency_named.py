"""Every awkward case by name, each worked out by hand to the last measure."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, Polygon

from app.analysis.adjacency import typed_neighbors
from app.analysis.adjacency.kernels.decision import RELATIONS
from app.analysis.adjacency.pairs import typed_pairs_of_arrays
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.repair import repaired
from app.errors import DataError
from tests.scenes import EAST, NORTH, placed, plots_frame, rectangle, seven_plots

Row = tuple[object, ...]


def typed(**plots: shapely.Geometry) -> list[Row]:
    """Pairs, relations, shared_m, gap_m, facing_m and overlap_m2, to the tenth of a millimetre."""
    table = pd.DataFrame(typed_neighbors(plots_frame(**plots), "key").drop(columns="geometry")).round(4)
    return [
        tuple(None if pd.isna(value) else value for value in row) for row in table.itertuples(index=False)
    ]


def arrays(*plots: list[list[tuple[float, float]]]) -> PlotArrays:
    """Plots by their rings as they are, shell first, in metres from the scenes' corner."""
    rings = [np.array(ring) + np.array([EAST, NORTH]) for plot in plots for ring in plot]
    return PlotArrays(
        np.concatenate(rings),
        np.cumsum([0] + [len(ring) for ring in rings]),
        np.cumsum([0] + [len(plot) for plot in plots]),
        np.arange(len(plots) + 1),
    )


def typed_arrays(plots: PlotArrays) -> list[Row]:
    found = typed_pairs_of_arrays(plots)
    measures = np.stack([found.shared_m, found.gap_m, found.facing_m, found.overlap_m2], axis=1).round(4)
    return [
        (int(a), int(b), str(RELATIONS[code]), *(None if np.isnan(m) else float(m) for m in row))
        for a, b, code, row in zip(found.a, found.b, found.relation, measures, strict=True)
    ]


def edge(a: object, b: object, shared_m: float, gap_m: float = 0.0) -> Row:
    return a, b, "edge", shared_m, gap_m, None, None


def corner(a: object, b: object, gap_m: float = 0.0) -> Row:
    return a, b, "corner", None, gap_m, None, None


def test_two_plots_share_a_hole() -> None:
    # A hole of 40 x 20 m filled by two squares of 20 m: each has three of its sides with the ring.
    ring = placed(shapely.box(0, 0, 80, 60).difference(shapely.box(20, 20, 60, 40)))
    rows = typed(R=ring, X=rectangle(20, 20, 40, 40), Y=rectangle(40, 20, 60, 40))
    assert rows == [edge("R", "X", 60.0), edge("R", "Y", 60.0), edge("X", "Y", 20.0)]


def test_a_plot_of_two_parts_fills_two_holes() -> None:
    # 4 x 20 m around one hole and 4 x 10 m around the other.
    holes = MultiPolygon([shapely.box(20, 20, 40, 40), shapely.box(60, 20, 70, 30)])
    rows = typed(M=placed(holes), R=placed(shapely.box(0, 0, 100, 60).difference(holes)))
    assert rows == [edge("M", "R", 120.0)]


def test_of_parts_with_edge_corner_and_view_the_edge_wins() -> None:
    # N stands on 10 m of the first part; the second meets its corner; the third is 10 m off, 20 m wide.
    parts = MultiPolygon([rectangle(0, 0, 10, 10), rectangle(30, 0, 40, 10), rectangle(5, 40, 25, 50)])
    assert typed(M=parts, N=rectangle(0, 10, 30, 30)) == [edge("M", "N", 10.0)]


def test_an_island_far_from_every_shore_has_no_neighbor() -> None:
    # 40 m of water on all sides; sight ends at 30 m.
    shore = placed(shapely.box(0, 0, 140, 140).difference(shapely.box(20, 20, 120, 120)))
    assert typed(I=rectangle(60, 60, 80, 80), R=shore) == []


def test_an_island_near_one_shore_has_that_as_its_neighbor() -> None:
    # 10 m to the left, 70 m and 40 m to the others: a side of 20 m each sees the other.
    shore = placed(shapely.box(0, 0, 140, 140).difference(shapely.box(20, 20, 120, 120)))
    assert typed(I=rectangle(30, 60, 50, 80), R=shore) == [("I", "R", "across", None, 10.0, 20.0, None)]


def test_a_plot_given_twice_overlaps_itself_and_has_its_neighbors_twice() -> None:
    # All 4 x 50 m of border, all 2,500 m2.
    twice = rectangle(0, 0, 50, 50)
    assert typed(A=twice, B=twice, C=rectangle(50, 10, 90, 40)) == [
        ("A", "B", "overlap", 200.0, None, None, 2500.0),
        edge("A", "C", 30.0),
        edge("B", "C", 30.0),
    ]


def test_segments_without_length_count_for_nothing() -> None:
    # Vertices doubled in the corner, on the common side, and at the start, against one tripled.
    left = Polygon([(0, 0), (0, 0), (50, 0), (50, 0), (50, 25), (50, 25), (50, 50), (0, 50), (0, 0), (0, 0)])
    right = Polygon([(50, 0), (90, 0), (90, 50), (50, 50), (50, 40), (50, 40), (50, 40)])
    assert typed(A=placed(left), B=placed(right)) == [edge("A", "B", 50.0)]


SQUARE = [(0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (0.0, 50.0)]
BESIDE = [(50.0, 10.0), (90.0, 10.0), (90.0, 40.0), (50.0, 40.0)]
ACROSS = [(0.0, 62.0), (43.0, 62.0), (43.0, 90.0), (0.0, 90.0)]


def closed(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [*ring, ring[0]]


def doubled(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [point for point in ring for _ in range(2)]


@pytest.mark.parametrize("a", [list, closed, doubled], ids=["open", "closed", "doubled"])
@pytest.mark.parametrize("b", [list, closed, doubled], ids=["open", "closed", "doubled"])
def test_rings_may_be_closed_or_not(a, b) -> None:  # type: ignore[no-untyped-def]
    # 30 m of common side with the second; the third lies 12 m off and is 43 m wide. Last sides are sides too:
    # turned by one vertex, the common one is the one that closes the ring.
    for turn in range(4):
        first = SQUARE[turn:] + SQUARE[:turn]
        assert typed_arrays(arrays([a(first)], [b(BESIDE[turn:] + BESIDE[:turn])], [a(ACROSS)])) == [
            edge(0, 1, 30.0),
            (0, 2, "across", None, 12.0, 43.0, None),
        ]


def test_open_rings_overlap_like_closed_ones_holes_included() -> None:
    # 20 x 30 m in common, less the hole of 5 x 10 m in there; borders only cross, none run together.
    hole = [(35.0, 20.0), (35.0, 30.0), (40.0, 30.0), (40.0, 20.0)]
    over = [(30.0, 10.0), (90.0, 10.0), (90.0, 40.0), (30.0, 40.0)]
    expected = [(0, 1, "overlap", 0.0, None, None, 550.0)]
    assert typed_arrays(arrays([closed(SQUARE), closed(hole)], [closed(over)])) == expected
    assert typed_arrays(arrays([SQUARE, hole], [over])) == expected
    assert typed_arrays(arrays([SQUARE, closed(hole)], [doubled(over)])) == expected


def test_seven_plots_with_open_rings_are_those_with_closed_ones() -> None:
    whole = PlotArrays.from_geometries(seven_plots().geometry.to_numpy())
    rings = np.split(whole.xy, whole.ring_offset[1:-1])
    opened = PlotArrays(
        np.concatenate([ring[:-1] for ring in rings]),
        whole.ring_offset - np.arange(8),
        whole.part_offset,
        whole.plot_offset,
    )
    assert len(typed_arrays(opened)) == 9
    assert typed_arrays(opened) == typed_arrays(whole)


def arc(n_chords: int) -> list[tuple[float, float]]:
    """A quarter of a circle of 20 m around the scenes' corner."""
    angles = np.linspace(0, math.pi / 2, n_chords + 1)
    return [(20 * math.cos(angle), 20 * math.sin(angle)) for angle in angles]


def beyond(n_chords: int) -> Polygon:
    """What is left of a square of 40 m when the quarter is taken away."""
    return placed(Polygon([*reversed(arc(n_chords)), (40, 0), (40, 40), (0, 40)]))


def test_a_densified_curve_is_as_long_as_its_chords() -> None:
    # 16 chords of 2 x 20 m x sin(90 / 32 degrees).
    found = typed(A=placed(Polygon([(0, 0), *arc(16)])), B=beyond(16))
    assert found == [edge("A", "B", round(16 * 40 * math.sin(math.radians(90 / 32)), 4))]


def test_a_curve_densified_in_two_ways_is_as_long_as_the_coarser() -> None:
    # The finer chords leave the coarser at an angle of 90 / 64 degrees; the gap is widest where they end.
    angle = math.radians(90 / 64)
    shared_m = round(16 * 40 * math.sin(2 * angle), 4)
    gap_m = round(40 * math.sin(angle) * math.tan(angle), 4)
    assert typed(A=placed(Polygon([(0, 0), *arc(16)])), B=beyond(32)) == [edge("A", "B", shared_m, gap_m)]


def test_a_plot_far_within_another_overlaps_it_whatever_way_the_sides_run() -> None:
    # A slanted side of A, 20 m long, passes 3 m from the square: the box around it holds the whole square.
    slanted = placed(Polygon([(0, 0), (20, 20), (0, 40)]))
    assert typed(A=slanted, B=rectangle(9, 14, 11, 16)) == [("A", "B", "overlap", 0.0, None, None, 4.0)]


def test_a_sliver_narrower_than_the_snap_parts_nobody() -> None:
    # 6 cm wide: both sides touch it, and each other over its width.
    sliver = rectangle(50, 0, 50.06, 50)
    assert typed(A=rectangle(0, 0, 50, 50), B=rectangle(50.06, 0, 90, 50), S=sliver) == [
        edge("A", "B", 50.0, 0.06),
        edge("A", "S", 50.0),
        edge("B", "S", 50.0),
    ]


def test_a_sliver_within_a_plot_has_an_edge_with_it() -> None:
    # 6 cm wide, 2 cm within: no circle of 10 cm fits. Its far side faces the plot's side 8 cm behind it.
    assert typed(A=rectangle(0, 0, 50, 50), S=rectangle(49.92, 0, 49.98, 50)) == [edge("A", "S", 50.0)]


def test_six_plots_meet_in_one_point() -> None:
    # Sectors of 60 degrees, 30 m long: the next two of each share a side, the other three the point.
    rim = [(30 * math.cos(math.radians(60 * n)), 30 * math.sin(math.radians(60 * n))) for n in range(7)]
    sectors = {name: placed(Polygon([(0, 0), rim[n], rim[n + 1]])) for n, name in enumerate("ABCDEF")}
    pairs = [(a, b) for a in "ABCDEF" for b in "ABCDEF" if a < b]
    assert typed(**sectors) == [
        edge(a, b, 30.0) if ord(b) - ord(a) in (1, 5) else corner(a, b) for a, b in pairs
    ]


def test_four_plots_nearly_meet_in_one_point() -> None:
    # Gaps of 3 and 4 cm, so 5 between corners; B is 40 - 20.03 m wide and C 40 - 20.04 m high.
    rows = typed(
        A=rectangle(0, 0, 20, 20),
        B=rectangle(20.03, 0, 40, 20),
        C=rectangle(0, 20.04, 20, 40),
        D=rectangle(20.03, 20.04, 40, 40),
    )
    assert rows == [
        edge("A", "B", 20.0, 0.03),
        edge("A", "C", 20.0, 0.04),
        corner("A", "D", 0.05),
        corner("B", "C", 0.05),
        edge("B", "D", 19.97, 0.04),
        edge("C", "D", 19.96, 0.03),
    ]


def test_two_stretches_on_different_sides_add_up() -> None:
    # An angle around a corner: 20 m on one side, 15 m on the other, apart from each other elsewhere.
    around = Polygon([(50, 30), (80, 30), (80, 80), (35, 80), (35, 50), (40, 50), (50, 50)])
    assert typed(A=rectangle(0, 0, 50, 50), B=placed(around)) == [edge("A", "B", 35.0)]


def test_two_stretches_each_too_short_for_an_edge_make_one() -> None:
    # Two teeth of 30 cm are 60 cm, an edge needs 50. One alone is a corner.
    teeth = Polygon([(10, 50), (10.3, 50), (10.3, 60), (30, 60), (30, 50), (30.3, 50), (30.3, 70), (10, 70)])
    one = Polygon([(10, 50), (10.3, 50), (10.3, 60), (30.3, 60), (30.3, 70), (10, 70)])
    assert typed(A=rectangle(0, 0, 50, 50), B=placed(teeth)) == [edge("A", "B", 0.6)]
    assert typed(A=rectangle(0, 0, 50, 50), B=placed(one)) == [corner("A", "B")]


def test_an_edge_and_a_corner_with_the_same_neighbor_are_an_edge() -> None:
    # 20 m of common side from below, and further up a bend that reaches the upper corner in a point.
    bent = Polygon([(50, 0), (80, 0), (80, 80), (70, 80), (50, 50), (60, 45), (60, 20), (50, 20)])
    assert typed(A=rectangle(0, 0, 50, 50), B=placed(bent)) == [edge("A", "B", 20.0)]


INVALID = {
    "Self-intersection": Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]),
    "Ring Self-intersection": Polygon([(0, 0), (5, 9), (9, 9), (9, 0), (0, 0), (-5, 9), (-9, 9), (-9, 0)]),
    "Hole lies outside shell": Polygon(SQUARE, [[(60, 0), (70, 0), (70, 9)]]),
    "Holes are nested": Polygon(
        SQUARE, [shapely.box(5, 5, 45, 45).exterior, shapely.box(9, 9, 20, 20).exterior]
    ),
    "Nested shells": MultiPolygon([shapely.box(0, 0, 50, 50), shapely.box(9, 9, 20, 20)]),
    "Interior is disconnected": Polygon(SQUARE, [[(0, 25), (25, 0), (50, 25), (25, 50)]]),
}


@pytest.mark.parametrize("reason", INVALID)
def test_invalid_boundaries_are_refused_by_key_and_reason(reason: str) -> None:
    plots = plots_frame(good=rectangle(100, 0, 120, 20), bad=placed(INVALID[reason]))
    with pytest.raises(DataError) as refusal:
        typed_neighbors(plots, "key")
    assert f"Plot “bad” has an invalid boundary: {reason}" in str(refusal.value)


def mended(**plots: shapely.Geometry) -> dict[str, shapely.Geometry]:
    geometries, reasons = repaired(np.array(list(plots.values()), dtype=object))
    assert [list(plots)[at] for at in reasons] == ["A"]
    return dict(zip(plots, geometries, strict=True))


def test_a_crossed_boundary_repaired_is_two_triangles() -> None:
    # Crossed in the middle of a square of 9 m: triangles at its left and right side, 9 m each.
    plots = mended(A=placed(INVALID["Self-intersection"]), L=rectangle(-9, 0, 0, 9), R=rectangle(9, 3, 20, 9))
    assert plots["A"].area == pytest.approx(2 * 9 * 4.5 / 2)
    # Of the right side 6 m are common. L and R lie 9 m apart, hidden from each other but for the tip.
    assert typed(**plots) == [edge("A", "L", 9.0), edge("A", "R", 6.0)]


def test_overlapping_parts_repaired_are_one_plot() -> None:
    parts = MultiPolygon([rectangle(0, 0, 10, 10), rectangle(5, 0, 15, 10)])
    plots = mended(A=parts, B=rectangle(0, 10, 30, 20))
    assert plots["A"].area == pytest.approx(150)  # 10 m and 10 m with 5 m in common: 15 m
    assert typed(**plots) == [edge("A", "B", 15.0)]


def test_a_hole_outside_its_shell_repaired_is_a_part() -> None:
    hole = placed(INVALID["Hole lies outside shell"])
    plots = mended(A=hole, B=rectangle(50, 10, 58, 40), C=rectangle(60, -10, 90, 0))
    # 50 x 50 m2 and, as it lies outside, half of 10 x 9 m2.
    assert plots["A"].area == pytest.approx(2545)
    # 30 m of the right side, and the foot of 10 m.
    assert typed(**plots) == [edge("A", "B", 30.0), edge("A", "C", 10.0)]


def test_repair_leaves_valid_plots_as_they_are() -> None:
    given = seven_plots().geometry.to_numpy()
    geometries, reasons = repaired(given)
    assert geometries is given
    assert reasons == {}
