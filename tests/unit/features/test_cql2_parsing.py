"""The text of a filter: what is read, what is refused, and how long that takes at the worst."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.features.parameters.filters import CQL2_JSON, CQL2_TEXT, LONGEST, parse_filter, swapped
from app.errors import InputError

A_IS_1 = {"op": "=", "args": [{"property": "a"}, 1.0]}
WITHIN = '{"op":"s_within","args":[{"property":"geometry"},%s]}'


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("a = 1", A_IS_1),
        ('(("a" = 1))', A_IS_1),
        ("TRUE", True),
        ("a = 'it''s „ß“'", {"op": "=", "args": [{"property": "a"}, "it's „ß“"]}),
        ("a IS NOT NULL", {"op": "not", "args": [{"op": "isNull", "args": [{"property": "a"}]}]}),
        (
            "S_Intersects(geometry, POINT(52 10))",
            {
                "op": "s_intersects",
                "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [52, 10]}],
            },
        ),
    ],
)
def test_reads_text(text: str, expression: Any) -> None:
    assert parse_filter(text, CQL2_TEXT) == expression


def test_reads_json() -> None:
    assert parse_filter(json.dumps(A_IS_1), CQL2_JSON) == A_IS_1
    assert parse_filter("true", CQL2_JSON) is True


def test_a_geometry_counts_for_itself_and_not_for_its_box() -> None:
    point = '{"type":"Point","coordinates":[10,52],"bbox":[0,0,99,99]}'
    read = parse_filter(WITHIN % point, CQL2_JSON)
    assert read["args"][1] == {"type": "Point", "coordinates": [10, 52]}  # type: ignore[index]
    assert parse_filter(WITHIN % '{"bbox":[0,0,9,9]}', CQL2_JSON)["args"][1] == {"bbox": [0, 0, 9, 9]}  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = 'x", "after “a = ” (line 1, character 5)"),
        ("a = 1\nand b ==", "after “and b =” (line 2, character 8)"),
        ("", "from the beginning on"),
        ("area_m2 > 5000 and street like 'Hei%' oder", "after “…> 5000 and street like 'Hei%' ”"),
        ("ä" * 20 + " b", "after “" + "ä" * 20 + " ”"),
        ("a = '\udcff'", "cannot be understood"),
        ("S_INTERSECTS(geometry, POINT EMPTY)", "cannot be understood"),
        ("5", "not a condition"),
        ("'x'", "not a condition"),
        ("null", "not a condition"),
        ("a = 1" + " " * LONGEST, "longer than 100000 characters"),
    ],
)
def test_refuses_text_with_the_place(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_filter(text, CQL2_TEXT)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a = 1",
        "[",
        "[" * 4000,
        '{"op":"not","args":[' * 300,
        '{"op":"not","args":[' * 150 + "true" + "]}" * 150,
        '{"op":"="}',
        '{"op":"=","args":[1,NaN]}',
        '{"op":"=","args":[1,1e999]}',
        '{"op":"=","args":[1,' + "9" * 5000 + "]}",
        '{"op":"=","args":[1,"\\ud800"]}',
        '{"op":"=","args":[1,2],"op":{}}',
        '{"property":"a"}x',
        "\ufefftrue",
        '{"date":"2024-01-01"}x',
        WITHIN % '{"type":"Circle","coordinates":[1,2]}',
        WITHIN % '{"type":"Point","coordinates":[1]}',
        "5",
        "null",
    ],
)
def test_refuses_json(text: str) -> None:
    with pytest.raises(InputError):
        parse_filter(text, CQL2_JSON)


HOSTILE = {
    "brackets that never close": "(" * 4000,
    "brackets around a mistake": "(" * 30 + "a b" + ")" * 30,
    "few brackets around much": "(" * 5 + "a = 1 and " * 700,
    "lists in lists": "a = " + "(" * 20 + "1," + "1)" * 20,
    "lists after in": "a in (" * 500,
    "calls in calls": "f(" * 2000 + "a" + ")" * 2000,
    "signs": "a = " + "-" * 7000 + "1",
    "not not": "not " * 1900 + "a = 1",
    "not(not(": "not(" * 1900,
    "sums": "a = " + "+".join("1" * 3900),
    "equals": "=".join("a" * 3900),
    "likes": " like ".join("a" * 1100),
    "nulls": "(" * 700 + "a" + " is null)" * 700,
    "between": "a between (" * 700,
    "texts that do not end": "'" * 7999,
    "names that do not end": '"' * 7999,
    "brackets in texts": "a = '" + "(" * 7000 + "' and b = (" * 30,
    "points": "S_WITHIN(geometry, MULTIPOINT(" + "(1 1)," * 1200,
    "numbers": "a in (" + "1," * 3800 + "1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_at_once(name: str) -> None:
    """Handed to the parser as they are, most of these run for hours or end the process, and so this test."""
    with pytest.raises(InputError):
        parse_filter(HOSTILE[name][:LONGEST], CQL2_TEXT)


@pytest.mark.parametrize(
    "text",
    [
        " and ".join(["a = 1"] * 800),
        " or ".join(["(a = 1 and b = 2)"] * 300),
        "a in (" + ",".join(["'abc'"] * 1300) + ")",
        "((((((((a = 1 and (b = 2 or not (c = 3))))))))))",
        "(a = 1 or S_WITHIN(geometry, MULTIPOLYGON(((" + "1.12345 2.12345," * 450 + "1.12345 2.12345)))))",
        "a = " + " + ".join("b" * 30),
    ],
)
def test_a_long_and_sensible_text_is_read(text: str) -> None:
    assert isinstance(parse_filter(text, CQL2_TEXT), dict)


_WORDS = (
    "a b1 1 -2.5 'x' 'it''s' \"q\" ( ) ( ) , = <> < + - * / ^ % div and or not in like between is null true "
    "casei( f( POINT( POLYGON(( BBOX( DATE( INTERVAL( 1 2, '..' ; -- \0 ß 😀 ' \" \\ \n"
)


@given(
    st.one_of(st.text(max_size=200), st.lists(st.sampled_from(_WORDS.split(" ")), max_size=60).map(" ".join))
)
def test_any_text_is_read_or_refused(text: str) -> None:
    for lang in (CQL2_TEXT, CQL2_JSON):
        try:
            assert isinstance(parse_filter(text, lang), dict | bool)
        except InputError:
            continue


@pytest.mark.parametrize(
    ("literal", "turned"),
    [
        ("POINT(52 10)", {"type": "Point", "coordinates": [10, 52]}),
        ("POINT Z(52 10 70)", {"type": "Point", "coordinates": [10, 52, 70]}),
        ("LINESTRING(52 10,53 11)", {"type": "LineString", "coordinates": [[10, 52], [11, 53]]}),
        (
            "MULTIPOLYGON(((52 10,53 10,53 11,52 10)))",
            {"type": "MultiPolygon", "coordinates": [[[[10, 52], [10, 53], [11, 53], [10, 52]]]]},
        ),
        (
            "GEOMETRYCOLLECTION(POINT(52 10),POINT(53 11))",
            {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Point", "coordinates": [10, 52]},
                    {"type": "Point", "coordinates": [11, 53]},
                ],
            },
        ),
        ("BBOX(52,10,53,11)", {"bbox": [10, 52, 11, 53]}),
        ("BBOX(52,10,0,53,11,9)", {"bbox": [10, 52, 0, 11, 53, 9]}),
    ],
)
def test_an_authoritys_latitude_first_becomes_x_before_y(literal: str, turned: dict[str, Any]) -> None:
    read = parse_filter(f"not (a in (1, 2)) or S_WITHIN(geometry, {literal})", CQL2_TEXT)
    assert swapped(read)["args"][0] == read["args"][0]  # type: ignore[index]
    assert swapped(read)["args"][1]["args"] == [{"property": "geometry"}, turned]
