"""What a filter finds: every operator by hand; and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Double,
    Select,
    Text,
    Values,
    column,
    func,
    select,
    values,
)

from app.api.features.filters import CQL2_TEXT, parse_filter
from app.db.features.cql2 import Columns, condition
from app.domain.crs import STORAGE_SRID
from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TEXT
from app.errors import InputError


def day(text: str | None) -> date | None:
    return text and date.fromisoformat(text)


# Squares of metres; c lies half on a and half on b, d is a line through a and b, e lies inside of a.
ROWS = [
    (
        "a",
        "Straße",
        10.0,
        3,
        True,
        "2024-05-05",
        "2020-01-01",
        "2024-01-01",
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
    ),
    (
        "b",
        "Strand_",
        -2.5,
        0,
        False,
        "2024-05-06",
        "2024-01-01",
        None,
        "POLYGON((10 0,20 0,20 10,10 10,10 0))",
    ),
    ("c", "Café %", 0.0, 7, None, "2023-12-31", None, "2020-01-01", "POLYGON((5 5,15 5,15 15,5 15,5 5))"),
    ("d", None, None, None, True, None, None, None, "LINESTRING(-5 1,25 1)"),
    (
        "e",
        "x\\y",
        1234.5678,
        9_000_000_000,
        False,
        "9999-12-31",
        "2021-01-01",
        "2022-01-01",
        "POLYGON((2 2,4 2,4 4,2 4,2 2))",
    ),
]
KINDS = {"key": TEXT, "text": TEXT, "number": NUMBER, "whole": INTEGER, "flag": FLAG, "day": DAY}


def table() -> Values:
    kinds = [Text, Text, Double, BigInteger, Boolean, Date, Date, Date, Text]
    names = [*KINDS, "valid_from", "valid_to", "shape"]
    made = values(*(column(name, kind()) for name, kind in zip(names, kinds, strict=True)), name="rows")
    return made.data([(*row[:5], *map(day, row[5:8]), row[8]) for row in ROWS])


def found(connection: Connection, expression: Any) -> str:
    """Return the keys of the rows that a filter finds, its text or its JSON form being given."""
    return "".join(connection.execute(asking(expression)).scalars())


def asking(expression: Any) -> Select[Any]:
    rows = table()
    by_name = {name: rows.c[name] for name in [*KINDS, "valid_from", "valid_to"]}
    kinds = {**KINDS, "valid_from": DAY, "valid_to": DAY}
    geometry = func.ST_GeomFromText(rows.c.shape, STORAGE_SRID)
    columns = Columns(by_name, kinds, geometry, func.daterange(rows.c.valid_from, rows.c.valid_to))
    if isinstance(expression, str):
        expression = parse_filter(expression, CQL2_TEXT)
    return select(rows.c.key).where(condition(expression, columns, STORAGE_SRID)).order_by(rows.c.key)


BY_HAND = [
    # Comparisons; a row whose value is unknown is in neither half.
    ("number = 10", "a"),
    ("10 = number", "a"),
    ("number <> 10", "bce"),
    ("number < 0", "b"),
    ("number <= 0", "bc"),
    ("number > 0", "ae"),
    ("number >= 10", "ae"),
    ("whole = 3.0", "a"),
    ("whole > 2.5 and whole < 1e300", "ace"),
    ("text = 'Straße'", "a"),
    ("text < 'Strb'", "abc"),
    ("key = text", ""),
    ("number > whole", "a"),
    ("flag", "ad"),
    ("flag = false", "be"),
    ("flag <> TRUE", "be"),
    ("true", "abcde"),
    ("false", ""),
    # What is shown as 1234.568 is found as that.
    ("number = 1234.568", "e"),
    ("number = 1234.5678", ""),
    ("number in (1234.568, 0)", "ce"),
    # Logic with unknown values is SQL's.
    ("not flag", "be"),
    ("not (number = 10)", "bce"),
    ("flag and number > 0", "a"),
    ("flag or number > 0", "ade"),
    ("not (flag and number > 0)", "bce"),
    ("key = 'a' or key = 'b' and number > 0", "a"),
    ("(key = 'a' or key = 'b') and number < 0", "b"),
    ("text is null", "d"),
    ("text is not null", "abce"),
    ("(number > 0) is null", "d"),
    # Patterns.
    ("text like 'Str%'", "ab"),
    ("text not like 'Str%'", "ce"),
    ("text like 'Stra_e'", "a"),
    ("text like '%\\_'", "b"),
    ("text like '%\\%'", "c"),
    ("text like 'x\\\\y'", "e"),
    ("text like 'str%'", ""),
    ("casei(text) like casei('sTR%')", "ab"),
    ("casei(text) = casei('STRASSE')", "a"),
    ("casei(text) in (casei('CAFÉ %'), casei('STRAND_'))", "bc"),
    ("accenti(text) = 'Cafe %'", "c"),
    ("accenti(casei(text)) like casei(accenti('CAFÈ%'))", "c"),
    # Ranges and lists.
    ("number between -2.5 and 10", "abc"),
    ("number not between -2.5 and 10", "e"),
    ("key between 'b' and 'd'", "bcd"),
    ("whole in (3, 7, 11)", "ac"),
    ("whole not in (3, 7, 11)", "be"),
    ("key in (text, 'c')", "c"),
    # Arithmetic: what has no value is unknown.
    ("number + 1 = 11", "a"),
    ("number - whole = 7", "a"),
    ("whole * 2 = 14", "c"),
    ("-number = 2.5", "b"),
    ("whole / 2 = 1.5", "a"),
    ("whole div 2 = 1", "a"),
    ("number div 2 = -1", "b"),
    ("whole % 2 = 1", "ac"),
    ("number % 2 = -0.5", "b"),
    ("number ^ 2 = 6.25", "b"),
    ("number ^ 0.5 > 3", "ae"),
    ("whole ^ -1 < 1", "ace"),
    ("2 ^ whole = 8", "a"),
    ("number ^ 0 = 1", "abce"),
    ("0 ^ number = 0", "ae"),
    ("number ^ 1000 is null", "abde"),
    ("number ^ -1000 is null", "abcde"),
    ("1 / number > -1", "abe"),
    ("not (1 / number > 0)", "b"),
    ("1 / whole is null", "bd"),
    ("number % whole is null", "bd"),
    ("number div whole is null", "bd"),
    ("number * 1e200 * 1e200 > 1e308", "ae"),
    ("2 + 3 * 4 = 14 and key = 'a'", "a"),
    ("number + whole > 12 and number + whole < 14", "a"),
    # Days.
    ("day = DATE('2024-05-05')", "a"),
    ("day > '2024-05-05'", "be"),
    ("day <= TIMESTAMP('2024-05-05T23:00:00Z')", "abc"),
    ("day in (DATE('2024-05-05'), '2023-12-31')", "ac"),
    ("day between '2024-01-01' and '2024-12-31'", "ab"),
    ("valid_from = '2021-01-01'", "e"),
    ("valid_to is null", "bd"),
    ("day > valid_from", "abe"),
    # Periods: valid of a 2020-2023, b from 2024, c until 2019, d always, e 2021.
    ("T_AFTER(valid, DATE('2020-06-01'))", "be"),
    ("T_AFTER(valid, DATE('2023-12-31'))", "b"),
    ("T_BEFORE(valid, DATE('2024-01-01'))", "ace"),
    ("T_BEFORE(valid, DATE('2023-12-31'))", "ce"),
    ("T_DISJOINT(valid, INTERVAL('2022-01-01','2023-01-01'))", "bce"),
    ("T_INTERSECTS(valid, DATE('2024-01-01'))", "bd"),
    ("T_INTERSECTS(valid, DATE('2023-12-31'))", "ad"),
    ("T_INTERSECTS(valid, INTERVAL('..','2019-12-31'))", "cd"),
    ("T_INTERSECTS(valid, INTERVAL('..','..'))", "abcde"),
    ("T_EQUALS(valid, INTERVAL('2020-01-01','2023-12-31'))", "a"),
    ("T_EQUALS(valid, INTERVAL('2024-01-01','..'))", "b"),
    ("T_DURING(valid, INTERVAL('2019-01-01','2030-01-01'))", "ae"),
    ("T_DURING(valid, INTERVAL('2020-01-01','2030-01-01'))", "e"),
    ("T_CONTAINS(valid, INTERVAL('2021-06-01','2021-06-30'))", "ade"),
    ("T_CONTAINS(valid, INTERVAL('2021-01-01','2021-12-31'))", "ad"),
    ("T_STARTS(valid, INTERVAL('2020-01-01','2030-01-01'))", "a"),
    ("T_STARTS(valid, INTERVAL('..','2030-01-01'))", "c"),
    ("T_STARTEDBY(valid, INTERVAL('2024-01-01','2025-01-01'))", "b"),
    ("T_FINISHES(valid, INTERVAL('2015-01-01','2023-12-31'))", "a"),
    ("T_FINISHEDBY(valid, INTERVAL('2022-01-01','2023-12-31'))", "a"),
    ("T_MEETS(valid, INTERVAL('2023-12-31','2024-12-31'))", "a"),
    ("T_METBY(valid, INTERVAL('2019-01-01','2020-01-01'))", "a"),
    ("T_OVERLAPS(valid, INTERVAL('2023-01-01','2024-12-31'))", "a"),
    ("T_OVERLAPPEDBY(valid, INTERVAL('2019-01-01','2020-12-31'))", "a"),
    ("T_INTERSECTS(INTERVAL(valid_from, valid_to), DATE('2024-01-01'))", "abd"),
    ("T_INTERSECTS(INTERVAL(valid_to, valid_from), DATE('2021-06-01'))", "bcd"),
    ("T_BEFORE(day, DATE('2024-05-05'))", "c"),
    ("T_DURING(day, INTERVAL('2024-05-04','2024-05-06'))", "a"),
    ("T_AFTER(valid, day)", ""),
    ("T_BEFORE(valid, TIMESTAMP('2024-01-01T00:30:00+01:00'))", "ace"),
    # Geometries.
    ("S_INTERSECTS(geometry, POINT(3 3))", "ae"),
    ("S_INTERSECTS(geometry, POINT(10 1))", "abd"),
    ("S_INTERSECTS(geometry, BBOX(16,0,30,10))", "bd"),
    ("S_INTERSECTS(BBOX(16,0,30,10), geometry)", "bd"),
    ("S_INTERSECTS(geometry, BBOX(12,12,12,12))", "c"),
    ("S_INTERSECTS(geometry, MULTIPOINT((3 3),(18 3)))", "abe"),
    ("S_INTERSECTS(geometry, LINESTRING(3 3,3 20))", "ae"),
    ("S_INTERSECTS(geometry, MULTILINESTRING((14 14,16 16),(18 8,19 9)))", "bc"),
    ("S_INTERSECTS(geometry, MULTIPOLYGON(((1 2,2 2,2 3,1 2)),((14 12,15 12,15 13,14 12))))", "ace"),
    ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(3 3),LINESTRING(14 14,16 16)))", "ace"),
    ("S_INTERSECTS(geometry, POINT Z(3 3 9))", "ae"),
    ("S_DISJOINT(geometry, POINT(3 3))", "bcd"),
    ("S_EQUALS(geometry, POLYGON((10 0,10 10,0 10,0 0,10 0)))", "a"),
    ("S_TOUCHES(geometry, POLYGON((10 0,20 0,20 10,10 10,10 0)))", "a"),
    ("S_WITHIN(geometry, POLYGON((0 0,10 0,10 10,0 10,0 0)))", "ae"),
    ("S_CONTAINS(geometry, POINT(3 3))", "ae"),
    ("S_CONTAINS(geometry, POINT(2 2))", "a"),
    ("S_OVERLAPS(geometry, POLYGON((0 0,10 0,10 10,0 10,0 0)))", "c"),
    ("S_CROSSES(geometry, POLYGON((0 0,10 0,10 10,0 10,0 0)))", "d"),
    ("S_CROSSES(geometry, LINESTRING(3 -1,3 9))", "ade"),
    ("geometry is null", ""),
]


@pytest.mark.parametrize(("text", "keys"), BY_HAND)
def test_finds_what_was_worked_out_by_hand(connection: Connection, text: str, keys: str) -> None:
    assert found(connection, text) == keys


REFUSED = [
    # What does not exist.
    ("secret = 1", "“secret”, which the collection does not have; it has key, text,"),
    ('"key; DROP TABLE plot" = 1', "“key; DROP TABLE plot”"),
    ("soundex(text) = 'S'", "“soundex”, which is not known"),
    ("pg_sleep(10) = 1", "“pg_sleep”, which is not known"),
    ("A_CONTAINS(text, ('x', 'y'))", "“a_contains”, which is not known"),
    # What is no condition.
    ("number", "no condition, only the value “number”"),
    ("number + 1", "no condition"),
    ("not number", "“not” needs conditions, and “number” is none"),
    ("flag and text", "“and” needs conditions, and “text” is none"),
    # What is of another kind.
    ("number = 'abc'", "“number” and “abc” are of different kinds"),
    ("text = 5", "different kinds"),
    ("flag = 'true'", "different kinds"),
    ("text = flag", "different kinds"),
    ("day = 5", "different kinds"),
    ("day = text", "different kinds"),
    ("number in (1, 'x')", "different kinds"),
    ("number between 1 and 'x'", "different kinds"),
    ("number like '5%'", "“like” needs text, and “number” is none"),
    ("text like 5", "LIKE needs a pattern in quotes, and “5” is none"),
    ("text like key", "LIKE needs a pattern in quotes, and “key” is none"),
    ("text like 'x\\'", "ends in a “\\” that nothing follows"),
    ("casei(number) = 'x'", "“casei” needs text"),
    ("text + 1 = 2", "“+” needs numbers, and “text” is none"),
    ("day - 1 = day", "“-” needs numbers, and “day” is none"),
    ("text = null", "asked with IS NULL"),
    ("(1, 2) = number", "can only stand after IN"),
    ("geometry = POINT(1 1)", "“geometry” is a geometry"),
    ("valid = DATE('2024-01-01')", "“valid” is a period"),
    ("(1, 2) is null", "IS NULL cannot be asked"),
    # Days that are none.
    ("day = '2024-02-30'", "“2024-02-30” is not a day"),
    ("day = DATE('5.5.2024')", "“5.5.2024” is not a day"),
    ("day = DATE('99999-01-01')", "is not a day"),
    ("day = '2024-05-05T10:00:00'", "is not an instant"),
    ("day = TIMESTAMP('0001-01-01T00:00:00+23:00')", "is not an instant"),
    ("T_AFTER(number, DATE('2024-01-01'))", "“t_after” needs days or periods, and “number” is none"),
    ("T_AFTER(valid, 'x')", "“x” is not a day"),
    ("T_DURING(valid, INTERVAL('2024-01-02','2024-01-01'))", "ends before it begins"),
    ("T_DURING(valid, INTERVAL(number,'..'))", "“number” is no day"),
    # Numbers too large.
    ("number > 1e999", "too large"),
    ("(number ^ 2) ^ 2 > 1", "a power of a power"),
    ("2 ^ (1 + 2 ^ number) > 1", "a power of a power"),
    ("number ^ 2 * number ^ 2 * number ^ 2 * number ^ 2 > 1", "too large"),
    # Geometries that are none.
    ("S_INTERSECTS(geometry, key)", "“s_intersects” needs geometries, and “key” is none"),
    ("S_INTERSECTS(geometry, BBOX(1,2,3))", "BBOX needs four numbers"),
    ("S_INTERSECTS(geometry, BBOX(1,'2',3,4))", "BBOX needs four numbers"),
    ("S_INTERSECTS(geometry, BBOX(1,5,3,4))", "BBOX ends before it begins"),
    ("S_INTERSECTS(geometry, BBOX(5,1,3,4))", "BBOX ends before it begins"),
    ("S_INTERSECTS(geometry, POLYGON((0 0,4 4,4 0,0 4,0 0)))", "rings cross or lie wrong at (2 2)"),
    ("S_INTERSECTS(geometry, POLYGON((0 0,4 4,4 0,0 4)))", "cannot be read"),
    ("S_INTERSECTS(geometry, POLYGON((0 0,4 4)))", "cannot be read"),
    ("S_INTERSECTS(geometry, POLYGON EMPTY)", "cannot be read"),
    ("S_INTERSECTS(geometry, LINESTRING(0 0))", "cannot be read"),
    ("S_INTERSECTS(geometry, BBOX(0,0,1e200,1))", "outside of its reference system"),
    ("S_WITHIN(geometry)", "“s_within” needs 2 values"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_refuses_what_has_no_meaning(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as refusal:
        asking(text)
    assert sentence in str(refusal.value)


P = {"property": "text"}
BROKEN = [
    {},
    None,
    5,
    "text",
    [],
    {"op": "="},
    {"op": "=", "args": []},
    {"op": "=", "args": [1, 1, 1]},
    {"op": "=", "args": "ab"},
    {"op": ["="], "args": [1, 1]},
    {"op": None, "args": [1, 1]},
    {"op": "and", "args": []},
    {"op": "=", "args": [{"property": ["text"]}, "x"]},
    {"op": "=", "args": [{"property": None}, "x"]},
    {"op": "=", "args": [P, "\0"]},
    {"op": "=", "args": [P, "\ud800"]},
    {"op": "like", "args": [P, {"op": "casei", "args": [P]}]},
    {"op": "=", "args": [{"property": "number"}, float("nan")]},
    {"op": "=", "args": [{"property": "number"}, float("inf")]},
    {"op": "=", "args": [{"property": "number"}, 10**400]},
    {"op": "=", "args": [{"property": "day"}, {"date": 5}]},
    {"op": "=", "args": [{"property": "day"}, {"date": None}]},
    {"op": "=", "args": [{"property": "day"}, {"timestamp": ["2024"]}]},
    {"op": "t_after", "args": [{"property": "valid"}, {"interval": "2024-01-01"}]},
    {"op": "t_after", "args": [{"property": "valid"}, {"interval": [[], {}]}]},
    {"op": "t_after", "args": [{"property": "valid"}, {"interval": ["..", "..", ".."]}]},
    {"op": "s_within", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": ["1", "2"]}]},
    {
        "op": "s_within",
        "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [float("nan"), 2]}],
    },
    {"op": "s_within", "args": [{"property": "geometry"}, {"type": "Feature", "geometry": None}]},
    {"op": "s_within", "args": [{"property": "geometry"}, {"type": ["Point"], "coordinates": {}}]},
    {"op": "s_within", "args": [{"property": "geometry"}, {"bbox": {"a": 1}}]},
    {"op": "s_within", "args": [{"property": "geometry"}, {"bbox": [True, 0, 1, 1]}]},
    {"op": "s_within", "args": [{"property": "geometry"}, {"bbox": [0, 0, 10**400, 1]}]},
    {"op": "in", "args": [P, "abc"]},
    {"op": "in", "args": [P, [["x"]]]},
    {"op": "in", "args": [P, [None]]},
    {"op": "casei", "args": [["x"]]},
    {"op": "or", "args": [True] * 6000},
]


@pytest.mark.parametrize("expression", BROKEN, ids=lambda each: str(each)[:60])
def test_trusts_no_expression(expression: Any) -> None:
    with pytest.raises(InputError):
        asking(expression)


def test_refuses_depth_before_it_is_walked() -> None:
    expression: Any = True
    for _ in range(100_000):
        expression = {"op": "not", "args": [expression]}
    with pytest.raises(InputError, match="too deeply nested"):
        asking(expression)


def test_an_empty_list_holds_nothing(connection: Connection) -> None:
    among = {"op": "in", "args": [P, []]}
    assert found(connection, among) == ""
    assert found(connection, {"op": "not", "args": [among]}) == "abcde"


def test_the_largest_numbers_are_computed(connection: Connection) -> None:
    """Neither overflow nor division by what is nearly nothing ends a query."""
    number = {"property": "number"}
    for value in (1e308, -1e308, 5e-324, -5e-324, 0.0):
        for op in ("+", "-", "*", "/", "%", "div"):
            twice = {"op": op, "args": [{"op": op, "args": [number, value]}, value]}
            assert set(found(connection, {"op": "<>", "args": [twice, 0.123]})) <= set("abce")
        tiny = {"op": "/", "args": [number, 1e300]}
        for args in ([number, value], [value, number], [tiny, value], [value, tiny]):
            found(connection, {"op": "<>", "args": [{"op": "^", "args": args}, 0.123]})
