"""What a filter may not ask: what does not exist, has no meaning, or cannot be trusted."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import InputError
from tests.db.features.cql2.filtered_rows import P, asking

REFUSED = [
    # What does not exist.
    ("secret = 1", "“secret”, which the collection does not have; it has key, text,"),
    ('"key; DROP TABLE plot" = 1', "“key; DROP TABLE plot”"),
    ("soundex(text) = 'S'", "“soundex”, which is not supported"),
    ("pg_sleep(10) = 1", "“pg_sleep”, which is not supported"),
    ("A_CONTAINS(text, ('x', 'y'))", "“a_contains”, which is not supported"),
    # What is not a condition.
    ("number", "not a condition, only the value “number”"),
    ("number + 1", "not a condition"),
    ("not number", "“not” needs conditions; “number” is not one"),
    ("flag and text", "“and” needs conditions; “text” is not one"),
    # What is of another kind.
    ("number = 'abc'", "“number” and “abc” are of different types"),
    ("text = 5", "different types"),
    ("flag = 'true'", "different types"),
    ("text = flag", "different types"),
    ("day = 5", "different types"),
    ("day = text", "different types"),
    ("number in (1, 'x')", "different types"),
    ("number between 1 and 'x'", "different types"),
    ("number like '5%'", "“like” needs text; “number” is not text"),
    ("text like 5", "LIKE needs a pattern in quotes; “5” is not one"),
    ("text like key", "LIKE needs a pattern in quotes; “key” is not one"),
    ("text like 'x\\'", "ends with a “\\” that nothing follows"),
    ("casei(number) = 'x'", "“casei” needs text"),
    ("text + 1 = 2", "“+” needs numbers; “text” is not one"),
    ("day - 1 = day", "“-” needs numbers; “day” is not one"),
    ("text = null", "use IS NULL to ask"),
    ("(1, 2) = number", "can only follow IN"),
    ("geometry = POINT(1 1)", "“geometry” is a geometry"),
    ("valid = DATE('2024-01-01')", "“valid” is a period"),
    ("(1, 2) is null", "IS NULL cannot be applied"),
    # Days that are none.
    ("day = '2024-02-30'", "“2024-02-30” is not a valid date"),
    ("day = DATE('5.5.2024')", "“5.5.2024” is not a valid date"),
    ("day = DATE('99999-01-01')", "is not a valid date"),
    ("day = '2024-05-05T10:00:00'", "is not a valid instant"),
    ("day = TIMESTAMP('0001-01-01T00:00:00+23:00')", "is not a valid instant"),
    ("T_AFTER(number, DATE('2024-01-01'))", "“t_after” needs days or periods; “number” is neither"),
    ("T_AFTER(valid, 'x')", "“x” is not a valid date"),
    ("T_DURING(valid, INTERVAL('2024-01-02','2024-01-01'))", "ends before it begins"),
    ("T_DURING(valid, INTERVAL(number,'..'))", "“number” is not a day"),
    # Numbers too large.
    ("number > 1e999", "too large"),
    ("(number ^ 2) ^ 2 > 1", "a power of a power"),
    ("2 ^ (1 + 2 ^ number) > 1", "a power of a power"),
    ("number ^ 2 * number ^ 2 * number ^ 2 * number ^ 2 > 1", "too large"),
    # Geometries that are none.
    ("S_INTERSECTS(geometry, key)", "“s_intersects” needs geometries; “key” is not one"),
    ("S_INTERSECTS(geometry, BBOX(1,2,3))", "BBOX needs four or six numbers"),
    ("S_INTERSECTS(geometry, BBOX(1,'2',3,4))", "BBOX needs four or six numbers"),
    ("S_INTERSECTS(geometry, BBOX(1,5,3,4))", "BBOX ends before it begins"),
    ("S_INTERSECTS(geometry, BBOX(5,1,3,4))", "BBOX ends before it begins"),
    ("S_INTERSECTS(geometry, POLYGON((0 0,4 4,4 0,0 4,0 0)))", "Self-intersection at 2 2"),
    ("S_INTERSECTS(geometry, POLYGON((0 0,4 4,4 0,0 4)))", "cannot be read"),
    ("S_INTERSECTS(geometry, POLYGON((0 0,4 4)))", "cannot be read"),
    ("S_INTERSECTS(geometry, POLYGON EMPTY)", "cannot be read"),
    ("S_INTERSECTS(geometry, LINESTRING(0 0))", "cannot be read"),
    ("S_INTERSECTS(geometry, BBOX(0,0,1e200,1))", "outside its reference system"),
    ("S_WITHIN(geometry)", "“s_within” needs 2 values"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_refuses_what_has_no_meaning(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as refusal:
        asking(text)
    assert sentence in str(refusal.value)


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
