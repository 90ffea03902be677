"""Tiles cover every plot once, keep to their size, and hold whatever comes near their plots."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.tiling import Halos, Tiling, halos_of, sampled, tiling_of

Bounds = tuple[float, float, float, float]


def random_boxes(seed: int, n: int, most_m: float) -> np.ndarray:
    """Boxes on a grid of metres, so that many share a side; a few are long."""
    rng = np.random.default_rng(seed)
    low = rng.integers(0, 100, (n, 2)).astype(float)
    size = rng.integers(1, 6, (n, 2)) * np.where(rng.random((n, 2)) < 0.1, most_m, 1.0)
    return np.concatenate([low, low + size], axis=1)


def bounds_of(boxes: np.ndarray) -> Bounds:
    left, bottom, right, top = *boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)
    return float(left), float(bottom), float(right), float(top)


def tiled(boxes: np.ndarray, most: int) -> Tiling:
    return tiling_of(boxes[:, :2], most, bounds_of(boxes))


boxes = st.builds(random_boxes, st.integers(0, 10_000), st.integers(1, 120), st.sampled_from([1.0, 15.0]))


@settings(deadline=None)
@given(boxes, st.integers(1, 50))
def test_a_tile_is_the_box_it_says_and_no_fuller_than_allowed(boxes: np.ndarray, most: int) -> None:
    tiling = tiled(boxes, most)
    tile = tiling.tiles(boxes[:, :2])
    left, bottom, right, top = np.array(tiling.boxes)[tile].T
    x, y = boxes[:, 0], boxes[:, 1]
    assert ((left <= x) & (x <= right) & (bottom <= y) & (y <= top)).all()
    for number in range(len(tiling)):
        members = boxes[tile == number, :2]
        assert len(members) > 0
        assert len(members) <= most or len(np.unique(members, axis=0)) == 1
    # Together the tiles cover the bounds, side by side.
    whole = shapely.box(*bounds_of(boxes))
    assert sum(shapely.box(*box).area for box in tiling.boxes) == whole.area


@settings(deadline=None)
@given(boxes, st.integers(1, 50), st.sampled_from([0.5, 1.0, 7.0]), st.integers(1, 4))
def test_a_tile_holds_all_that_comes_near_its_plots(
    boxes: np.ndarray, most: int, reach_m: float, n_parts: int
) -> None:
    tiling = tiled(boxes, most)
    tile = tiling.tiles(boxes[:, :2])
    parts = [halos_of(tiling, tile[part::n_parts], boxes[part::n_parts]) for part in range(n_parts)]
    halos = Halos.joined(parts, len(tiling))
    plot, held_by = halos.members(boxes, reach_m)
    held = set(zip(plot.tolist(), held_by.tolist(), strict=True))
    assert len(held) == len(plot)
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    is_near = ((low <= boxes[:, 2:] + reach_m) & (boxes[:, :2] - reach_m <= high)).all(axis=2)
    assert {(other, int(tile[own])) for other, own in np.argwhere(is_near)} <= held


def test_one_long_plot_does_not_widen_the_halo_of_its_neighbors() -> None:
    grid = np.array([(x, y, x + 9, y + 9) for x in range(0, 1000, 10) for y in range(0, 200, 10)], float)
    road = np.array([[495.0, 0.0, 496.0, 2000.0]])
    boxes = np.concatenate([grid, road])
    tiling = tiled(boxes, 500)
    tile = tiling.tiles(boxes[:, :2])
    halos = Halos.joined([halos_of(tiling, tile, boxes)], len(tiling))
    _, held_by = halos.members(boxes, 5.0)
    # Besides its own 451 the tile with the road holds a row and a column of neighbors, and two along the
    # road; with a box around the road and all others it would hold half of all plots.
    assert np.bincount(held_by)[tile[-1]] == 531


def test_places_all_in_one_are_one_tile() -> None:
    same = np.tile([3.0, 4.0, 5.0, 6.0], (100, 1))
    assert len(tiled(same, 10)) == 1
    assert tiled(same, 10).tiles(same[:, :2]).tolist() == [0] * 100


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=50), st.integers(1, 60))
def test_samples_stand_for_points(n_points: list[int], stride: int) -> None:
    corners = np.column_stack([np.arange(len(n_points)), np.zeros(len(n_points))]).astype(float)
    drawn = sampled(corners, np.array(n_points), stride)
    point_of = np.repeat(np.arange(len(n_points)), n_points)
    assert drawn[:, 0].tolist() == point_of[stride - 1 :: stride].tolist()


def test_a_tiling_survives_json() -> None:
    tiling = tiled(random_boxes(1, 100, 1.0), 7)
    assert Tiling(**tiling.to_dict()) == tiling
