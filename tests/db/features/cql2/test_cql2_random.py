"""Random filters against another evaluator: they find what the library finds."""

from __future__ import annotations

import json
from typing import Any

import cql2
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from app.api.features.parameters.filters import CQL2_JSON, CQL2_TEXT, parse_filter
from app.domain.frames import NUMBER, TEXT
from tests.db.features.stored_features import Stored

_SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

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
