"""Features in a box: beside shapely's answer, at the ends of the world; what indexes find."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from app.db.features import chunks, count, page, texts
from app.db.features.pages import count_statement, page_statement
from app.db.features.selection import values_of
from app.db.features.statements import prepared
from app.domain.crs import STORAGE_SRID, WGS84_SRID, to_wgs84, transformer
from app.domain.feature_query import ALL_TIME, Box, FeatureQuery, Span
from app.domain.frames import CONTRACTS
from app.errors import InputError
from tests.db.good_rows import store

ON = date(2016, 6, 1)
SOME = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CENTERS = {
    WGS84_SRID: (10.741, 52.3715),
    STORAGE_SRID: (618_500.0, 5_803_600.0),
    3857: (1_195_700.0, 6_869_000.0),
}
SIZES = {WGS84_SRID: 0.02, STORAGE_SRID: 1500.0, 3857: 2500.0}


def ids(connection: Connection, query: FeatureQuery) -> list[str]:
    return [json.loads(found)["id"] for found in texts(connection, query)]


@SOME
@given(data=st.data(), srid=st.sampled_from(sorted(CENTERS)), collection=st.sampled_from(sorted(CONTRACTS)))
def test_a_box_finds_what_meets_it(
    loaded_connection: Connection, data: st.DataObject, srid: int, collection: str
) -> None:
    """The other answer moves each geometry into the box's own system, where its edges are straight."""
    offsets = st.floats(-1, 1)
    (x, y), size = CENTERS[srid], SIZES[srid]
    xs = sorted(x + data.draw(offsets) * size for _ in "12")
    ys = sorted(y + data.draw(offsets) * size for _ in "12")
    box = Box(xs[0], ys[0], xs[1], ys[1], srid)
    moved = transformer(f"EPSG:{STORAGE_SRID}", f"EPSG:{srid}").transform
    [(fids, frame)] = chunks(loaded_connection, FeatureQuery(collection))
    fine = shapely.segmentize(frame.geometry.array, 20.0)
    shapes = shapely.transform(fine, moved, interleaved=False)
    edge = shapely.box(*xs[:1], *ys[:1], *xs[1:], *ys[1:])
    meets = shapely.intersects(shapes, edge)
    # Within a centimeter of the box's edge either answer is right.
    unsure = shapely.distance(shapes, edge.exterior) < SIZES[srid] * 1e-5
    found = set(ids(loaded_connection, FeatureQuery(collection, bbox=box)))
    sure = {fid for fid, yes, doubt in zip(fids, meets, unsure, strict=True) if yes and not doubt}
    possible = {fid for fid, yes, doubt in zip(fids, meets, unsure, strict=True) if yes or doubt}
    assert sure <= found <= possible


@pytest.mark.parametrize(
    ("box", "is_everything"),
    [
        (Box(-180, -90, 180, 90, WGS84_SRID), True),
        (Box(-20_037_508, -20_048_966, 20_037_508, 20_048_966, 3857), True),
        (Box(-1e9, -1e9, 1e9, 1e9, STORAGE_SRID), True),
        (Box(-1e300, -1e300, 1e300, 1e300, 3857), True),
        (Box(5, 40, 15, 60, WGS84_SRID), True),
        (Box(170, -80, 20, 80, WGS84_SRID), True),
        (Box(20, -80, -170, 80, WGS84_SRID), False),
        (Box(100, -10, 120, 10, WGS84_SRID), False),
        (Box(10.7, 52.3, 10.7, 52.3, WGS84_SRID), False),
    ],
)
def test_boxes_of_the_world(loaded_connection: Connection, box: Box, is_everything: bool) -> None:
    n_found = count(loaded_connection, FeatureQuery("plots", bbox=box))
    assert n_found == (count(loaded_connection, FeatureQuery("plots")) if is_everything else 0)


def test_a_point_of_a_box_finds_the_plot_under_it(loaded_connection: Connection) -> None:
    [(fids, frame)] = chunks(loaded_connection, FeatureQuery("plots", span=Span.on(ON)))
    for fid, inside in list(zip(fids, frame.geometry.representative_point(), strict=True))[:5]:
        lon, lat = shapely.get_coordinates(to_wgs84(inside))[0]
        query = FeatureQuery("plots", span=Span.on(ON), bbox=Box(lon, lat, lon, lat, WGS84_SRID))
        assert fid in ids(loaded_connection, query)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("srid", sorted(CENTERS))
def test_a_box_without_end_is_refused(connection: Connection, value: float, srid: int) -> None:
    with pytest.raises(InputError):
        page(connection, FeatureQuery("plots", bbox=Box(0, 0, 1, value, srid)))


def test_a_box_is_found_by_the_index_of_geometries(connection: Connection) -> None:
    """Among 10,000 plots, for the page and for its count."""
    store(connection, "park")
    connection.execute(text(_MANY_PLOTS))
    connection.execute(text("ANALYZE plot, plot_version"))
    box = Box(600_100, 5_800_100, 600_180, 5_800_180, STORAGE_SRID)
    query = FeatureQuery("plots", span=Span.on(ON), bbox=box, limit=10)
    assert page(connection, query).n_matched == 25
    for make in (page_statement, count_statement):
        made = prepared(query, make)
        values = {**made.literals, **values_of(query), "n_most": 11}
        plan = connection.exec_driver_sql(f"EXPLAIN {made.sql}", values).scalars().all()
        assert any("ix_plot_version_geometry" in line for line in plan), plan
        assert not any("Seq Scan on plot" in line for line in plan), plan


def test_a_page_of_pairs_reads_no_more_pairs_than_it_shows(connection: Connection) -> None:
    """Of 9,999 pairs, at the beginning, in the middle and of all history."""
    store(connection, "park")
    connection.execute(text(_MANY_PLOTS))
    connection.execute(text(_PAIRS_OF_THEM))
    connection.execute(text("ANALYZE plot, plot_version, adjacency"))
    for span, last in ((Span.on(ON), ()), (ALL_TIME, (None,))):
        first = FeatureQuery("adjacency", span=span, limit=10)
        assert page(connection, first).n_matched == 9_999
        for query in (first, replace(first, after=("m5000", "m5001", *last))):
            assert len(page(connection, query).features) == 10
            assert 10 <= _pairs_read(connection, query) < 100


def _pairs_read(connection: Connection, query: FeatureQuery) -> float:
    """Return how many rows of `adjacency` the statement of a page reads."""
    made = prepared(query, page_statement)
    seen = {} if query.after is None else {f"after__{n}": value for n, value in enumerate(query.after)}
    values = {**made.literals, **values_of(query), "n_most": 11, **seen}
    [plan] = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {made.sql}", values).scalar_one()
    nodes, n_read = [plan["Plan"]], 0
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node.get("Relation Name") == "adjacency":
            n_read += node["Actual Rows"] * node["Actual Loops"]
    return n_read


_PAIRS_OF_THEM = """
INSERT INTO adjacency
    (focal_version_id, neighbor_version_id, relation, gap_m, shared_m, geometry, valid, engine)
SELECT f.plot_version_id, n.plot_version_id, 'edge', 0, 1,
       ST_ShortestLine(f.geometry, n.geometry), '(,)', 'test'
FROM (SELECT key, plot_version_id, geometry, lead(plot_id) OVER (ORDER BY key) AS next
      FROM plot JOIN plot_version USING (plot_id)) f
JOIN plot_version n ON n.plot_id = f.next
"""
_MANY_PLOTS = """
WITH made AS (
    INSERT INTO plot (park_id, key) SELECT park_id, 'm' || n FROM park, generate_series(0, 9999) n
    RETURNING plot_id, substr(key, 2)::int AS n
)
INSERT INTO plot_version (plot_id, geometry, use_status, quality, valid)
SELECT plot_id, ST_MakeEnvelope(x, y, x + 18, y + 18, 25832), 'unknown', 'schematic', '(,)'
FROM made, LATERAL (SELECT 600000 + n % 100 * 20 AS x, 5800000 + n / 100 * 20 AS y) corner
"""
