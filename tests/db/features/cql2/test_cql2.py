"""What a filter finds: every operator by hand."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from tests.db.features.cql2.filtered_rows import P, found

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
