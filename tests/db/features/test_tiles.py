"""Vector tiles against a clip of the frames made by shapely and pyproj."""

from __future__ import annotations

import math
import zlib
from datetime import date
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from app.db.companies.companies import companies_on, company_neighbors_on
from app.db.features import page
from app.db.features.placing import GRID, LEAST_PLANE_ZOOM, MOST_ZOOM, placing
from app.db.features.tiles import MAP_COLUMNS, MOST_FEATURES, tile
from app.db.land.facilities import facilities_on
from app.db.land.footprints import footprints_on
from app.db.land.plots import plots_on
from app.db.neighbors.adjacency import adjacency_on
from app.db.walking.walkways import walkways_on
from app.domain.feature_query import ALL_TIME, FeatureQuery, Span
from app.domain.frames import CONTRACTS
from app.errors import InputError, NotFoundError

ON = date(2024, 4, 24)
# A line of the grid in x and in y, and what a buffer's arcs leave out.
NEAR = math.sqrt(2) * 1.02
HALF_M = math.pi * 6_378_137.0
READERS = {
    "plots": plots_on,
    "footprints": footprints_on,
    "walkways": walkways_on,
    "adjacency": adjacency_on,
    "company-neighbors": company_neighbors_on,
    "companies": companies_on,
    "facilities": facilities_on,
}
TO_MERCATOR = Transformer.from_crs(25832, 3857, always_xy=True)
Place = tuple[int, int, int]


def drawn(connection: Connection, query: FeatureQuery, place: Place) -> tuple[int, dict[str, Any]]:
    """Return the grid of a tile and its features by id; no features where it is empty."""
    held = mapbox_vector_tile.decode(
        tile(connection, query, *place).layer, default_options={"y_coord_down": True}
    )
    if not held:
        return 4096, {}
    [(name, layer)] = held.items()
    assert name == query.collection
    found = {row["properties"]["id"]: row for row in layer["features"]}
    assert len(found) == len(layer["features"])
    return layer["extent"], found


def tile_at(z: int, easting: float, northing: float) -> Place:
    x, y = TO_MERCATOR.transform(easting, northing)
    side_m = 2 * HALF_M / 2**z
    return z, int((HALF_M - y) // side_m), int((x + HALF_M) // side_m)


def on_grid(geometry: Any, place: Place, grid: int) -> Any:
    """Return geometries of EPSG:25832 on the grid of a tile, y down, unrounded."""
    z, row, column = place
    side_m = 2 * HALF_M / 2**z

    def moved(xy: np.ndarray) -> np.ndarray:
        x, y = TO_MERCATOR.transform(*xy.T)
        return np.column_stack([(x + HALF_M) / side_m - column, (HALF_M - y) / side_m - row]) * grid

    return shapely.transform(geometry, moved)


def ids_of(frame: gpd.GeoDataFrame, collection: str) -> list[str]:
    keys = CONTRACTS[collection].key
    return ["~".join(row) for row in frame[list(keys)].to_numpy()]


def substantial(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry without parts that rounding could make or take away."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    best = max(shapely.get_dimensions(parts), default=0)
    size = {0: np.ones(len(parts)), 1: shapely.length(parts) / 3, 2: shapely.area(parts) / 60}[best]
    return shapely.union_all(parts[(shapely.get_dimensions(parts) == best) & (size >= 1)])


@pytest.mark.parametrize("collection", READERS)
@pytest.mark.parametrize("z", [14, 17, 20])
def test_a_tile_holds_what_an_independent_clip_finds(
    loaded_connection: Connection, collection: str, z: int
) -> None:
    query = FeatureQuery(collection, Span.on(ON))
    frame = READERS[collection](loaded_connection, ON)
    frame.index = ids_of(frame, collection)
    n_compared = 0
    for point in shapely.centroid(frame.geometry.to_numpy())[:: max(1, len(frame) // 4)]:
        place = tile_at(z, point.x, point.y)
        grid, found = drawn(loaded_connection, query, place)
        placed = on_grid(frame.geometry.to_numpy(), place, grid)
        window = shapely.box(-grid / 64, -grid / 64, grid * 65 / 64, grid * 65 / 64)
        assert set(found) <= set(frame.index[shapely.dwithin(placed, window, 1.0)])
        for id_, whole in zip(frame.index, placed, strict=True):
            # Two lines within the edge, which may cut a border at an acute angle.
            expected = substantial(whole.intersection(window.buffer(-2, join_style="mitre")))
            if expected.is_empty:
                continue
            n_compared += 1
            got = shapely.make_valid(shape(found[id_]["geometry"]))
            assert whole.buffer(NEAR).covers(got), (place, id_)
            assert got.buffer(NEAR).covers(expected), (place, id_)
    assert n_compared >= 3


@pytest.mark.parametrize("z", [14, 17])
def test_neighboring_tiles_together_give_every_plot_whole(loaded_connection: Connection, z: int) -> None:
    query = FeatureQuery("plots", Span.on(ON), properties=())
    frame = plots_on(loaded_connection, ON)
    west, south, east, north = frame.total_bounds
    corners = [tile_at(z, e, n) for e in (west, east) for n in (south, north)]
    rows, columns = [[corner[axis] for corner in corners] for axis in (1, 2)]
    area: dict[str, float] = {}
    for row in range(min(rows), max(rows) + 1):
        for column in range(min(columns), max(columns) + 1):
            grid, found = drawn(loaded_connection, query, (z, row, column))
            inside = shapely.box(0, 0, grid, grid)
            ground_m2 = (2 * HALF_M / 2**z / grid * 0.6105) ** 2
            for key, one in found.items():
                piece = shapely.make_valid(shape(one["geometry"])).intersection(inside)
                area[key] = area.get(key, 0.0) + piece.area * ground_m2
    assert set(area) == set(frame["key"])
    for key, whole in zip(frame["key"], frame.area, strict=True):
        assert area[key] == pytest.approx(whole, rel=0.03 if z < 17 else 0.01), key


@pytest.mark.parametrize("z", [10, 11, 12, 13])
def test_at_low_zooms_what_is_smaller_than_a_pixel_is_left_out_and_nothing_else(
    loaded_connection: Connection, z: int
) -> None:
    frame = footprints_on(loaded_connection, ON).set_index("key")
    center = shapely.box(*frame.total_bounds).centroid
    place = tile_at(z, center.x, center.y)
    grid, found = drawn(loaded_connection, FeatureQuery("footprints", Span.on(ON)), place)
    pixel_m2 = (2 * HALF_M / 2**z / 512 * math.cos(math.radians(52.37))) ** 2
    placed = on_grid(frame.geometry.to_numpy(), place, grid)
    inside = shapely.intersects(placed, shapely.box(0, 0, grid, grid))
    assert set(found) >= set(frame.index[inside & (frame.area > 1.05 * pixel_m2)])
    assert set(found) <= set(frame.index[frame.area > 0.95 * pixel_m2])
    assert found
    assert any(inside & (frame.area < 0.95 * pixel_m2)) == (z < 13)


@pytest.mark.parametrize(
    "query",
    [
        FeatureQuery("plots", Span.on(date(2021, 1, 1))),
        FeatureQuery("plots", ALL_TIME),
        FeatureQuery("plots", Span.on(ON), park="heinenkamp-2"),
        FeatureQuery("plots", Span.on(ON), equals={"use_status": "occupied"}),
        FeatureQuery(
            "plots",
            Span.on(ON),
            filter={"op": ">", "args": [{"property": "area_m2"}, 20000]},
            park="heinenkamp-1",
        ),
        FeatureQuery("companies", Span(date(2020, 1, 1), ON), equals={"sector_group": "retail"}),
        FeatureQuery("tours"),
        FeatureQuery("tour-stops"),
        FeatureQuery("tour-legs"),
        FeatureQuery("parks", Span.on(ON)),
    ],
    ids=lambda query: f"{query.collection}-{query.park}-{len(query.equals)}",
)
def test_tiles_hold_the_features_that_items_do(loaded_connection: Connection, query: FeatureQuery) -> None:
    texts = page(loaded_connection, query).features
    items = {text.split('"id":"', 1)[1].split('"', 1)[0] for text in texts}
    parks = plots_on(loaded_connection, ON)
    center = shapely.box(*parks.total_bounds).centroid
    z, row, column = tile_at(14, center.x, center.y)
    around = [
        drawn(loaded_connection, query, (z, row + dy, column + dx))[1]
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
    ]
    found = {id_: one for tile_ in around for id_, one in tile_.items()}
    assert set(found) == items
    assert items
    for one in found.values():
        assert set(one["properties"]) <= {"id", *MAP_COLUMNS[query.collection]}


def test_properties_are_those_asked_for(loaded_connection: Connection) -> None:
    frame = plots_on(loaded_connection, ON).set_index("key")
    point = frame.geometry.iloc[0].centroid
    asked = ("valid_from", "area_m2", "key", "quality")
    query = FeatureQuery("plots", Span.on(ON), properties=asked)
    _, found = drawn(loaded_connection, query, tile_at(17, point.x, point.y))
    row, told = frame.iloc[0], found[frame.index[0]]["properties"]
    begun = {} if row["valid_from"] is None else {"valid_from": row["valid_from"].isoformat()}
    area_m2 = pytest.approx(round(row["area_m2"], 3), abs=1e-9)
    assert told == {"id": row.name, "key": row.name, "area_m2": area_m2, "quality": row["quality"], **begun}


@pytest.mark.parametrize("place", [(15, 10775, 17363), (2, 0, 0)], ids=["near", "far away"])
def test_a_column_that_does_not_exist_is_refused_everywhere(
    loaded_connection: Connection, place: Place
) -> None:
    with pytest.raises(InputError, match="nonsense"):
        tile(loaded_connection, FeatureQuery("plots", Span.on(ON), properties=("nonsense",)), *place)


@pytest.mark.parametrize("place", [(23, 0, 0), (3, 8, 0), (3, 0, 8), (0, 1, 0), (10**9, 0, 0)])
def test_a_tile_beyond_the_scheme_is_refused(loaded_connection: Connection, place: Place) -> None:
    with pytest.raises(NotFoundError, match="no tile"):
        tile(loaded_connection, FeatureQuery("plots", Span.on(ON)), *place)


@pytest.mark.parametrize("place", [(2, 3, 0), (12, 1583, 655), (22, 0, 2**22 - 1), (9, 500, 270)])
def test_the_other_side_of_the_world_is_empty(loaded_connection: Connection, place: Place) -> None:
    assert tile(loaded_connection, FeatureQuery("plots", Span.on(ON)), *place).layer == b""


@given(
    st.integers(LEAST_PLANE_ZOOM, MOST_ZOOM),
    st.floats(280_000, 920_000),
    st.floats(5_240_000, 6_100_000),
)
def test_the_plane_map_is_right_within_half_a_line(z: int, easting: float, northing: float) -> None:
    place = tile_at(z, easting, northing)
    made = placing(*place)
    assert made is not None
    side_m = 2 * HALF_M / 2**z
    xs, ys = (axis.ravel() for axis in np.meshgrid(*[np.linspace(-1 / 64, 65 / 64, 9)] * 2))
    x, y = (place[2] + xs) * side_m - HALF_M, HALF_M - (place[1] + ys) * side_m
    e, n = TO_MERCATOR.transform(x, y, direction="INVERSE")
    assert made.affine is not None
    a, b, d, e_, xoff, yoff = made.affine
    off_m = np.abs([a * e + b * n + xoff - x, d * e + e_ * n + yoff - y])
    assert off_m.max() < 0.5 * side_m / GRID
    assert made.box.minx <= e.min()
    assert made.box.maxx >= e.max()
    assert made.box.miny <= n.min()
    assert made.box.maxy >= n.max()


def test_of_too_many_the_largest_are_drawn_and_the_tile_stays_small(connection: Connection) -> None:
    n_more = 500
    z, row, column = tile_at(13, 620000, 5803000)
    side_m = 2 * HALF_M / 2**z
    middle = (column + 0.5) * side_m - HALF_M, HALF_M - (row + 0.5) * side_m
    east, north = TO_MERCATOR.transform(*middle, direction="INVERSE")
    connection.execute(
        text(
            "INSERT INTO footprint (key, kind, geometry, valid)"
            " SELECT 'f' || to_char(i, 'FM00000'), 'building',"
            "        ST_MakeEnvelope(x, y, x + 11 + i / 10000.0, y + 11, 25832), '(,)'"
            " FROM (SELECT i, :e + (i % 150 - 75) * 14.5 AS x, :n + (i / 150 - 70) * 14.5 AS y"
            "       FROM generate_series(1, :n_all) i) g"
        ),
        {"n_all": MOST_FEATURES + n_more, "e": east, "n": north},
    )
    made = tile(connection, FeatureQuery("footprints", Span.on(ON)), z, row, column).layer
    [layer] = mapbox_vector_tile.decode(made).values()
    numbers = sorted(int(one["properties"]["id"][1:]) for one in layer["features"])
    assert numbers == list(range(n_more + 1, n_more + MOST_FEATURES + 1))
    assert len(zlib.compress(made)) < 500_000


def test_what_crosses_itself_on_the_grid_is_mended(connection: Connection) -> None:
    """A thin yard between two lines of the grid: rounded alone, its sides would cross each other."""
    rng = np.random.default_rng(7)
    n_crossing = 0
    for n in range(300):
        x = 620000 + 40 * n + np.sort(rng.uniform(0, 25, 12))
        y = 5803000 + rng.uniform(0, 2.5, 12)
        ring = [*zip(x, y, strict=True), *zip(x[::-1], y[::-1] + rng.uniform(0.1, 1.5, 12), strict=True)]
        yard = shapely.Polygon(ring)
        if not yard.is_valid:
            continue
        place = tile_at(14, *yard.centroid.coords[0])
        n_crossing += not shapely.transform(on_grid(yard, place, 4096), np.round).is_valid
        values = {"key": f"yard{n}", "wkb": yard.wkb}
        connection.execute(text(_YARD), values)
        _, found = drawn(connection, FeatureQuery("footprints", Span.on(ON)), place)
        connection.execute(text("DELETE FROM footprint"))
        for one in found.values():
            assert shape(one["geometry"]).is_valid, n
    assert n_crossing > 20


_YARD = (
    "INSERT INTO footprint (key, kind, geometry, valid)"
    " VALUES (:key, 'building', ST_GeomFromWKB(:wkb, 25832), '(,)')"
)
