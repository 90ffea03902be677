"""Places and times in filters against other evaluators: shapely, sets of days; and indexes serve them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import cql2
import pytest
import shapely
import shapely.affinity
from sqlalchemy import Connection, Date, Integer, column, func, select, text, values

from app.api.features.parameters.filters import CQL2_TEXT, parse_filter
from app.db.features.cql2 import FilterColumns, condition
from app.db.features.cql2.temporal import TEMPORAL
from app.db.features.selection import rows_of
from app.domain.crs import STORAGE_SRID, WGS84_SRID, transformer
from app.domain.feature_query import FeatureQuery
from app.domain.frames import DAY
from tests.db.features.stored_features import Stored

SPATIAL: dict[str, Callable[[Any, Any], Any]] = {
    "s_contains": shapely.contains,
    "s_crosses": shapely.crosses,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_intersects": shapely.intersects,
    "s_overlaps": shapely.overlaps,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
}


@pytest.mark.parametrize("op", SPATIAL)
def test_relates_the_stored_geometries_as_shapely_does(
    loaded_connection: Connection, collections: dict[str, Stored], op: str
) -> None:
    """Plots themselves, their borders, corners and neighborhoods are asked for, in metres and exactly."""
    plots = collections["plots"]
    n_found = 0
    for shape in plots.shapes[:40:8]:
        x, y = shapely.get_coordinates(shape)[0]
        cut = shapely.LineString([shape.centroid, shape.centroid.buffer(90).exterior.coords[5]])
        for asked in (shape, shape.boundary, shapely.Point(x, y), shape.buffer(15), shape.buffer(-3), cut):
            literal_shape = json.loads(shapely.to_geojson(asked))
            expression = {"op": op, "args": [{"property": "geometry"}, literal_shape]}
            found = plots.found(loaded_connection, expression, STORAGE_SRID)
            assert found == [n for n, each in enumerate(plots.shapes) if SPATIAL[op](each, asked)]
            n_found += len(found)
    assert n_found > 0


@pytest.mark.parametrize("srid", [WGS84_SRID, 3857])
def test_edges_that_begin_far_away_run_straight_where_they_were_drawn(
    loaded_connection: Connection, collections: dict[str, Stored], srid: int
) -> None:
    """Half of Europe, cut through the middle of the plots at several angles."""
    plots = collections["plots"]
    move = transformer(f"EPSG:{STORAGE_SRID}", f"EPSG:{srid}").transform
    shapes = shapely.transform(plots.shapes, move, interleaved=False)
    x, y = shapely.get_coordinates(shapely.union_all(shapes).centroid)[0]
    far = 10 if srid == WGS84_SRID else 1_000_000
    for angle in range(0, 360, 24):
        half = shapely.affinity.rotate(shapely.box(x - far, y, x + far, y + far / 2), angle, (x, y))
        asked = json.loads(shapely.to_geojson(half))
        within = {"op": "s_within", "args": [{"property": "geometry"}, asked]}
        expected = [n for n, shape in enumerate(shapes) if half.contains(shape)]
        assert plots.found(loaded_connection, within, srid) == expected
        assert 0 < len(expected) < len(shapes)


@pytest.mark.parametrize(
    ("box", "is_everything"),
    [
        ([-180, -90, 180, 90], True),
        ([-180, -90, -500, 180, 90, 9000], True),
        ([170, 0, 60, 90], True),
        ([0, 0, 0, 90], False),
        ([100, -90, 180, 90], False),
        ([170, -90, -170, 90], False),
    ],
)
def test_a_box_may_be_the_world(
    loaded_connection: Connection, collections: dict[str, Stored], box: list[float], is_everything: bool
) -> None:
    plots = collections["plots"]
    everything = list(range(len(plots.features)))
    for op, is_found in (("s_within", is_everything), ("s_disjoint", not is_everything)):
        expression = {"op": op, "args": [{"property": "geometry"}, {"bbox": box}]}
        assert plots.found(loaded_connection, expression) == (everything if is_found else [])


RELATIONS = sorted(TEMPORAL)
DAY_ONE = date(2024, 1, 1)
ENDLESS = 99


def spans() -> list[tuple[int | None, int | None]]:
    """Return all periods of the days 1 to 5: first and last day, None for an open side."""
    days = [None, *range(1, 6)]
    return [(a, b) for a, b in product(days, days) if a is None or b is None or a <= b]


def calendar_day(n: int | None) -> date | None:
    return None if n is None else DAY_ONE + timedelta(days=n)


def held(span: tuple[int | None, int | None]) -> tuple[int, int]:
    """Return the first and the last day of a span, far away where it is open."""
    return (-ENDLESS if span[0] is None else span[0]), (ENDLESS if span[1] is None else span[1])


def relations(a: set[int], b: set[int]) -> set[str]:
    """Return all that is true of two sets of successive days, told in words of sets."""
    first_a, last_a, first_b, last_b = min(a), max(a), min(b), max(b)
    facts = {
        "t_after": first_a > last_b,
        "t_before": last_a < first_b,
        "t_disjoint": not a & b,
        "t_intersects": bool(a & b),
        "t_equals": a == b,
        "t_during": a < b and first_b not in a and last_b not in a,
        "t_contains": b < a and first_a not in b and last_a not in b,
        "t_starts": a < b and first_b in a,
        "t_startedby": b < a and first_a in b,
        "t_finishes": a < b and last_b in a,
        "t_finishedby": b < a and last_a in b,
        "t_meets": last_a == first_b,
        "t_metby": last_b == first_a,
        "t_overlaps": len(a & b) > 1 and bool(a - b) and bool(b - a) and first_a < first_b,
        "t_overlappedby": len(a & b) > 1 and bool(a - b) and bool(b - a) and first_b < first_a,
    }
    return {name for name, is_true in facts.items() if is_true}


def test_the_library_relates_periods_as_sets_of_days_do() -> None:
    """What the next test holds the database against is no private meaning of the words."""
    feature: dict[str, Any] = {"type": "Feature", "geometry": None, "properties": {}}
    for pair in product(spans(), repeat=2):
        written = [{"interval": [str(calendar_day(side) or "..") for side in span]} for span in pair]
        said = {op for op in RELATIONS if cql2.Expr({"op": op, "args": written}).matches(feature)}
        assert said == relations(*(set(range(a, b + 1)) for a, b in map(held, pair)))


def test_relates_all_periods_as_sets_of_days_do(connection: Connection) -> None:
    """Every pair of periods and days of a week, `valid` and intervals of two properties alike."""
    periods = spans()
    made = values(column("n", Integer()), column("first", Date()), column("last", Date()), name="rows")
    rows = made.data([(n, calendar_day(a), calendar_day(b)) for n, (a, b) in enumerate(periods)])
    valid = func.daterange(rows.c.first, rows.c.last, "[]")
    columns = FilterColumns(
        {"first": rows.c.first, "last": rows.c.last}, {"first": DAY, "last": DAY}, None, valid
    )
    of_properties = {"interval": [{"property": "first"}, {"property": "last"}]}
    true = set()
    for span in periods:
        asked = {"interval": [str(calendar_day(side) or "..") for side in span]}
        truths = [relations(*(set(range(a, b + 1)) for a, b in (held(p), held(span)))) for p in periods]
        flags = [
            condition({"op": op, "args": [period, asked]}, columns, STORAGE_SRID).label(f"{op}_{n}")
            for op in RELATIONS
            for n, period in enumerate([{"property": "valid"}, of_properties])
        ]
        for row in connection.execute(select(rows.c.n, *flags)):
            said = {n: {op for op in RELATIONS if getattr(row, f"{op}_{n}")} for n in (0, 1)}
            assert said[0] == said[1] == truths[row.n], (periods[row.n], span)
            true |= said[0]
    assert true == set(RELATIONS)


def test_the_index_on_geometries_serves(loaded_connection: Connection) -> None:
    """A filter's geometry is a constant of the stored reference system, whatever it was written in."""
    rows = rows_of(FeatureQuery("plots"))
    columns = FilterColumns(rows.columns, rows.contract.columns, rows.geometry, rows.valid)
    loaded_connection.execute(text("SET LOCAL enable_seqscan = off"))
    for asked, index in (
        ("S_INTERSECTS(geometry, BBOX(10.7,52.3,10.71,52.31))", "geometry"),
        ("S_WITHIN(geometry, POLYGON((10 52,11 52,11 53,10 52)))", "geometry"),
        ("T_AFTER(valid, DATE('2024-01-01'))", "valid"),
    ):
        is_found = condition(parse_filter(asked, CQL2_TEXT), columns, WGS84_SRID)
        statement = select(rows.columns["key"]).select_from(rows.table).where(is_found)
        compiled = statement.compile(loaded_connection, compile_kwargs={"literal_binds": False})
        plan = loaded_connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.params).scalars().all()
        assert any("Index" in line and "Cond" in line and index in line for line in plan), plan
