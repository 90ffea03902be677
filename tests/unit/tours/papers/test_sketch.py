"""The drawing of a tour on its page: a map to scale that tells straight parts apart."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.crs import STORAGE_CRS
from app.exchange.tours.drawing import SKETCH, Sketch, tour_sketch

SIZE_PX = (SKETCH.width, SKETCH.height)


def drawn(points: list[tuple[float, float]], on_network: list[bool]) -> Sketch:
    """Return the sketch of a tour through `points`, with a square plot around them all."""
    lines = [shapely.LineString(pair) for pair in pairwise(points)]
    legs = gpd.GeoDataFrame({"is_on_network": on_network[: len(lines)]}, geometry=lines, crs=STORAGE_CRS)
    stops = gpd.GeoDataFrame(
        {"position": range(1, len(points) + 1), "name": "Stop"},
        geometry=[shapely.Point(p) for p in points],
        crs=STORAGE_CRS,
    )
    around = shapely.box(*shapely.total_bounds(legs.geometry.to_numpy())).buffer(1000)
    plots = gpd.GeoDataFrame(geometry=[around], crs=STORAGE_CRS)
    return tour_sketch(legs, stops, plots, plots.iloc[:0])


places = st.tuples(st.integers(0, 900), st.integers(0, 900)).map(
    lambda p: (600000.0 + p[0], 5800000.0 + p[1])
)


@settings(deadline=None, max_examples=60)
@given(st.lists(places, min_size=2, max_size=6, unique=True), st.lists(st.booleans(), min_size=6, max_size=6))
def test_sketch_is_a_scaled_map(points: list[tuple[float, float]], on_network: list[bool]) -> None:
    """Stops lie inside, north is up, one scale for both directions, a margin of 30 pixels."""
    sketch = drawn(points, on_network)
    at = {n: (mark.point.x, mark.point.y) for mark in sketch.marks for n in map(int, mark.text.split("·"))}
    assert set(at) == set(range(1, len(points) + 1))
    pixels = np.array([at[n] for n in sorted(at)])
    assert (pixels >= 0).all()
    assert (pixels <= SIZE_PX).all()
    metres = np.array(points)
    low, high = metres.min(axis=0), metres.max(axis=0)
    inner = np.array(SIZE_PX) - 60
    scale = min(inner / np.maximum(high - low, (250, 1)))
    expected = np.array(SIZE_PX) / 2 + (metres - (low + high) / 2) * (scale, -scale)
    # Stops less than 12 pixels apart share the mark of the first.
    assert np.hypot(*(pixels - expected).T).max() < 12.2


def test_sketch_tells_straight_parts_apart() -> None:
    """What is off the network is drawn by a path of its own; a plot is a closed shape."""
    sketch = drawn([(600000, 5800000), (600300, 5800000), (600300, 5800200)], [True, False])
    assert sketch.walk.count("M") == 1
    assert sketch.straight.count("M") == 1
    assert sketch.walk != sketch.straight
    assert sketch.plots.endswith("Z")
    assert sketch.streets == ""
