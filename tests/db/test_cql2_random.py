"""Filters against other evaluators: the library's, shapely, sets of days; and no text becomes SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from typing import Any

import cql2
import pytest
import shapely
import shapely.affinity
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Date, Integer, column, event, func, select, text, values
from sqlalchemy.dialects import postgresql

from app.api.features.filters import CQL2_JSON, CQL2_TEXT, parse_filter
from app.db.features.cql2 import Columns, condition
from app.db.features.cql2.temporal import TEMPORAL
from app.db.features.selection import rows_of
from app.domain.crs import STORAGE_SRID, WGS84_SRID, to_wgs84, transformer
from app.domain.feature_query import FeatureQuery
from app.domain.frames import DAY, NUMBER, TEXT
from app.errors import InputError

_SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True)
class Stored:
    """The rows of a collection, in one order: what is asked, and what they are."""

    statement: Any = field(repr=False)
    columns: Columns = field(repr=False)
    features: list[dict[str, Any]] = field(repr=False)
    shapes: list[Any] = field(repr=False)

    def found(self, connection: Connection, expression: Any, srid: int = WGS84_SRID) -> list[int]:
        """Return the numbers of the rows that a filter finds."""
        is_found = condition(expression, self.columns, srid)
        flags = connection.execute(self.statement.with_only_columns(is_found, maintain_column_froms=True))
        return [n for n, is_true in enumerate(flags.scalars()) if is_true]


def stored(connection: Connection, collection: str) -> Stored:
    rows = rows_of(FeatureQuery(collection))
    named = {name: rows.columns[name].label(f"column_{name}") for name in rows.contract.columns}
    statement = select(*named.values(), func.ST_AsBinary(rows.geometry).label("shape"))
    statement = statement.select_from(rows.table).order_by(*rows.key, rows.columns["valid_from"])
    found = connection.execute(statement).all()
    shapes = [shapely.from_wkb(bytes(row.shape)) for row in found]
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(shapely.to_geojson(degrees)),
            "properties": {
                name: told(getattr(row, f"column_{name}"), kind)
                for name, kind in rows.contract.columns.items()
            },
        }
        for row, degrees in zip(found, to_wgs84(shapes), strict=True)
    ]
    columns = Columns(rows.columns, rows.contract.columns, rows.geometry, rows.valid)
    return Stored(statement, columns, features, shapes)


def told(value: Any, kind: str) -> Any:
    """Return a value as features show it."""
    if value is None:
        return None
    if kind == NUMBER:
        return round(value, 3)
    return value.isoformat() if kind == DAY else value


@pytest.fixture(scope="module")
def collections(loaded_engine: Any) -> dict[str, Stored]:
    with loaded_engine.connect() as connection:
        return {name: stored(connection, name) for name in ("plots", "companies")}


Expressions = st.SearchStrategy[dict[str, Any]]


def expressions(source: Stored) -> Expressions:
    """Return random expressions about the values that are there, and values near to them."""
    kinds = {name: kind for name, kind in source.columns.kinds.items() if kind in {TEXT, NUMBER}}
    seen = {
        name: sorted({feature["properties"][name] for feature in source.features} - {None}, key=str)
        for name in kinds
    }
    texts = [name for name in kinds if kinds[name] == TEXT and seen[name]]
    numbers = [name for name in kinds if kinds[name] == NUMBER and seen[name]]
    parts = [about_text(name, seen[name]) for name in texts]
    parts += [about_number(name, seen[name]) for name in numbers]
    parts += [st.sampled_from([is_null(name) for name in kinds]), about_place(source)]
    part = maybe_not(st.one_of(parts))
    several = maybe_not(joined(part, part, part))
    return st.one_of(part, several, joined(several, part), joined(several, several))


def maybe_not(inner: Expressions) -> Expressions:
    return st.one_of(inner, inner.map(lambda arg: {"op": "not", "args": [arg]}))


def joined(*inner: Expressions) -> Expressions:
    join = st.sampled_from(["and", "or"])
    return st.builds(lambda op, *args: {"op": op, "args": list(args)}, join, *inner)


def is_null(name: str) -> dict[str, Any]:
    return {"op": "isNull", "args": [{"property": name}]}


COMPARED = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


def about_text(name: str, seen: list[str]) -> Expressions:
    named, value = {"property": name}, st.sampled_from(seen)
    # The library does not know “ß” as “ss”.
    plain = st.sampled_from([each for each in seen if "ß" not in each] or ["x"])
    pattern = st.builds(
        lambda text, start, end: f"{text[:start].replace('%', '')}%{text[end:].replace('%', '')}",
        value,
        st.integers(0, 4),
        st.integers(4, 9),
    )
    return st.one_of(
        st.builds(lambda op, v: {"op": op, "args": [named, v]}, COMPARED, value),
        st.builds(lambda v: {"op": "in", "args": [named, v]}, st.lists(value, min_size=1, max_size=4)),
        st.builds(lambda v: {"op": "like", "args": [named, v]}, pattern),
        st.builds(
            lambda op, fold, v: {
                "op": op,
                "args": [{"op": fold, "args": [named]}, {"op": fold, "args": [v]}],
            },
            st.sampled_from(["=", "<>"]),
            st.sampled_from(["casei", "accenti"]),
            plain.map(str.swapcase),
        ),
    )


def about_number(name: str, seen: list[float]) -> Expressions:
    named = {"property": name}
    value = st.builds(
        lambda v, d: round(v + d, 3), st.sampled_from(seen), st.sampled_from([0, 0, 0.001, -0.001, 100, 0.25])
    )
    other = st.integers(1, 40).map(float)
    calculated = st.builds(
        lambda op, v: {"op": op, "args": [named, v]},
        st.sampled_from(["+", "-", "*", "/", "%", "div", "^"]),
        other,
    )
    return st.one_of(
        st.builds(lambda op, v: {"op": op, "args": [named, v]}, COMPARED, value),
        st.builds(lambda op, v: {"op": op, "args": [v, named]}, COMPARED, value),
        st.builds(lambda v: {"op": "between", "args": [named, *sorted(v)]}, st.tuples(value, value)),
        st.builds(lambda v: {"op": "in", "args": [named, v]}, st.lists(value, min_size=1, max_size=3)),
        st.builds(
            lambda op, left, v: {"op": op, "args": [left, v + 0.00007]},
            st.sampled_from(["<", ">"]),
            calculated,
            value,
        ),
    )


def about_place(source: Stored) -> Expressions:
    """Return a relation of the geometries to a random triangle, box or point among them."""
    bounds = shapely.total_bounds(
        shapely.from_geojson([json.dumps(each["geometry"]) for each in source.features])
    )
    # On none of the points themselves: what lies on a border to the last bit is not asked here.
    corner = st.tuples(
        *(
            st.integers(int(bounds[n] * 1e5), int(bounds[n + 2] * 1e5)).map(lambda k: (k + 0.337) / 1e5)
            for n in (0, 1)
        )
    )
    triangle = st.tuples(corner, corner, corner).filter(lambda c: shapely.Polygon(c).area > 1e-8)
    shape = st.one_of(
        triangle.map(lambda c: json.loads(shapely.to_geojson(shapely.Polygon(c)))),
        st.tuples(corner, corner).map(
            lambda c: {
                "bbox": [
                    min(c[0][0], c[1][0]),
                    min(c[0][1], c[1][1]),
                    max(c[0][0], c[1][0]) + 1e-4,
                    max(c[0][1], c[1][1]) + 1e-4,
                ]
            }
        ),
        corner.map(lambda c: {"type": "Point", "coordinates": list(c)}),
    )
    op = st.sampled_from(["s_intersects", "s_disjoint", "s_within", "s_contains"])
    return st.builds(lambda op, shape: {"op": op, "args": [{"property": "geometry"}, shape]}, op, shape)


def matches(expression: cql2.Expr, feature: dict[str, Any]) -> bool:
    """Return what the library says; it cannot reduce what is unknown, which finds nothing."""
    try:
        return bool(expression.matches(feature))
    except Exception as error:
        if "Could not reduce" not in str(error):
            raise
        return False


def examples(strategy: Expressions, n: int) -> list[dict[str, Any]]:
    """Return some hundred random expressions, simple ones among them."""
    drawn = []

    @given(strategy)
    @settings(_SLOWLY, max_examples=n, database=None)
    def draw(expression: dict[str, Any]) -> None:
        drawn.append(expression)

    draw()
    return drawn


@pytest.mark.parametrize("collection", ["plots", "companies"])
def test_finds_what_the_library_finds(
    loaded_connection: Connection, collections: dict[str, Stored], collection: str
) -> None:
    source = collections[collection]
    for expression in examples(expressions(source), 80):
        known = cql2.Expr(expression)
        expected = [n for n, feature in enumerate(source.features) if matches(known, feature)]
        for lang, written in ((CQL2_JSON, json.dumps(expression)), (CQL2_TEXT, known.to_text())):
            assert source.found(loaded_connection, parse_filter(written, lang)) == expected, written


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
    columns = Columns({"first": rows.c.first, "last": rows.c.last}, {"first": DAY, "last": DAY}, None, valid)
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


INJECTED = [
    "key = 'x'; DROP TABLE plot; --'",
    "key = 'x''; DROP TABLE plot; --'",
    "key = '\\'; DELETE FROM plot; --'",
    "key = 'x'' OR ''1''=''1'",
    "key = '$1' or key = '%(key)s' or key = '%s' or key = ':key'",
    "key like '%''; TRUNCATE plot CASCADE; --'",
    "key in ('a', 'b'') OR 1=1 --')",
    '"key"" = key OR 1=1 --" = \'x\'',
    '"key) OR TRUE --" = 1',
    "key) = 1 OR (1",
    "1 = 1; SELECT pg_sleep(10)",
    "pg_sleep(10) is null",
    "pg_read_file('/etc/passwd') = 'x'",
    "current_user = 'postgres'",
    "staff.password_hash like '%'",
    "key = (SELECT password_hash FROM staff)",
    "key = 'x' UNION SELECT * FROM staff",
    "S_INTERSECTS(geometry, POINT(1 1)); DROP TABLE plot",
    "T_AFTER(valid, DATE('2024-01-01''); DROP TABLE plot; --'))",
    "T_AFTER(valid, INTERVAL('2024-01-01'') OR TRUE --', '..'))",
    "accenti(key) = accenti(''', ''); DROP TABLE plot; --')",
    "key = 'x' /* */ OR TRUE",
    "key = E'\\\\x27' OR TRUE",
    "key = 'x' || (SELECT 1)",
]


@pytest.mark.parametrize("given_text", INJECTED)
def test_runs_no_statement_of_a_filter(
    loaded_connection: Connection, collections: dict[str, Stored], given_text: str
) -> None:
    before, plots = n_rows(loaded_connection), collections["plots"]
    with statements(loaded_connection) as ran:
        try:
            assert plots.found(loaded_connection, parse_filter(given_text, CQL2_TEXT)) == []
        except InputError:
            assert ran == []
    assert len(ran) <= 1
    assert not any(word in statement for statement in ran for word in ("DROP", "pg_sleep", "staff", "1=1"))
    assert n_rows(loaded_connection) == before


def n_rows(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    names = (
        connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        .scalars()
        .all()
    )
    return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}


@contextmanager
def statements(connection: Connection) -> Iterator[list[str]]:
    """Gather the statements that run."""
    ran: list[str] = []

    def gather(_c: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        ran.append(statement)

    event.listen(connection, "before_cursor_execute", gather)
    yield ran
    event.remove(connection, "before_cursor_execute", gather)


SHAPES_OF_SQL = [
    lambda s, n: {"op": "=", "args": [{"property": "key"}, s]},
    lambda s, n: {"op": "in", "args": [{"property": "key"}, [s, "b"]]},
    lambda s, n: {
        "op": "like",
        "args": [{"op": "casei", "args": [{"property": "key"}]}, {"op": "accenti", "args": [f"{s}x"]}],
    },
    lambda s, n: {"op": ">", "args": [{"op": "+", "args": [{"property": "area_m2"}, n]}, n]},
    lambda s, n: {"op": "between", "args": [{"property": "area_m2"}, n, n]},
]


@given(
    given_text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    value=st.integers(-(10**9), 10**9),
)
@settings(_SLOWLY, max_examples=60)
def test_values_never_become_text_of_a_statement(
    collections: dict[str, Stored], given_text: str, value: int
) -> None:
    columns = collections["plots"].columns
    for shape in SHAPES_OF_SQL:
        texts = {
            str(
                condition(shape(*given_values), columns, WGS84_SRID).compile(
                    dialect=postgresql.psycopg.dialect()
                )
            )
            for given_values in ((given_text, value), ("a", 1))
        }
        assert len(texts) == 1


def test_the_index_on_geometries_serves(loaded_connection: Connection) -> None:
    """A filter's geometry is a constant of the stored reference system, whatever it was written in."""
    rows = rows_of(FeatureQuery("plots"))
    columns = Columns(rows.columns, rows.contract.columns, rows.geometry, rows.valid)
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
