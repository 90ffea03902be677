"""Tour problems in files that are refused: in one sentence, and what was there stays as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.at_the_prompt import Ran
from tests.unit.tours.problems.problem_text import PROBLEM, STOPS, changed
from tests.unit.tours.tour_schemas import is_valid

NAN = json.dumps(changed(coordinates=..., length_m=[[0, float("nan"), 1], [1, 0, 1], [1, 1, 0]]))
INFINITE = json.dumps(changed(coordinates=[[0, 0], [1, 1], [2, 3]])).replace("[1, 1]", "[1e999, 1]")
MANY = json.dumps(changed(stops=[{"name": str(i)} for i in range(500)]))
BAD: list[tuple[str | bytes, int, str]] = [
    ("{", 3, "bad.json is not valid JSON: line 1, column 2."),
    ("", 3, "bad.json is not valid JSON: line 1, column 1."),
    (b"\xff\xfe{}", 3, "bad.json is not UTF-8 text."),
    ("[" * 100000, 3, "bad.json is not valid JSON"),
    ("[]", 3, "bad.json, as a whole: expected an object, found “[]”."),
    ("{}", 3, "bad.json, stops: expected a list of stops, found nothing."),
    (NAN, 3, "bad.json, length_m[0][1]: expected a number, found “nan”."),
    (INFINITE, 3, "bad.json, coordinates[1]: expected two numbers, found “[inf, 1]”."),
    (MANY, 6, "bad.json has 500 stops; a tour can have at most 200."),
    (json.dumps(changed(stops=[])), 3, "bad.json, stops: expected a list of stops, found “[]”."),
    (json.dumps(changed(stops="three")), 3, "bad.json, stops: expected a list of stops, found “three”."),
    (
        json.dumps(changed(stops=[{**STOPS[0], "dwell_min": "ten"}, *STOPS[1:]])),
        3,
        "bad.json, stops[0].dwell_min: expected a number, 0 or more, found “ten”.",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "dwell_min": -1}, *STOPS[1:]])),
        3,
        "bad.json, stops[0].dwell_min: expected a number, 0 or more, found “-1”.",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "dwel_min": 1}, *STOPS[1:]])),
        3,
        "bad.json, stops[0]: expected only the fields dwell_s, dwell_min, name, windows, value, position, "
        "found “dwel_min”.",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "windows": [["13:61", "14:00"]]}, *STOPS[1:]])),
        3,
        "bad.json, stops[0].windows[0]: expected two times, in seconds or such as 14:30, found “['13:61'",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "windows": [["14:00", "13:00"]]}, *STOPS[1:]])),
        2,
        "A time window of “Truck parking” ends before it begins.",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "windows": [["13:00", "13:05"]]}, *STOPS[1:]])),
        2,
        "A time window of “Truck parking” is shorter than the visit.",
    ),
    (
        json.dumps(changed(objective="fun")),
        3,
        "objective: expected walking / duration / value, found “fun”.",
    ),
    (json.dumps(changed(ways=3)), 3, "bad.json, ways: expected a list, found “3”."),
    (
        json.dumps(changed(ways=[{"start": 0, "end": 1}])),
        3,
        "bad.json, ways[0].departs: expected two times, in seconds or such as 14:30, found nothing.",
    ),
    (json.dumps(changed(is_round=1)), 3, "bad.json, is_round: expected true / false, found “1”."),
    (
        json.dumps(changed(pace_m_s=0)),
        3,
        "bad.json, pace_m_s: expected a pace between 0 and 100 m/s, found “0”.",
    ),
    (json.dumps(changed(coordinates=[[0, 0]])), 3, "bad.json has 3 stops and 1 coordinates."),
    (json.dumps(changed(coordinates=...)), 3, "bad.json contains no walks"),
    (json.dumps(changed(walk_s=[[0, 1], [1, 0]])), 3, "bad.json: walk_s needs 3 rows of 3 numbers"),
    (json.dumps(changed(walk_s=[[0, 1, 1], [1, 0, 1], [1, -2, 0]])), 3, "bad.json: walk_s[2][1] is -2"),
    (json.dumps(changed(first="Bakery")), 3, "bad.json: first names “Bakery”"),
    (json.dumps(changed(orders=[[0, 3]])), 3, "bad.json: orders[0] names “3”"),
    (json.dumps(changed(stops=[STOPS[0], *STOPS[:2]])), 3, "bad.json: first names “Truck parking”"),
    (json.dumps(changed(orders=[[1, 2], [2, 1]], stops=[{"name": n} for n in "ABC"], first=0)), 2, "circle"),
    ("hello world", 3, "bad.json is not valid JSON"),
]


@pytest.mark.parametrize(("content", "code", "sentence"), BAD)
def test_bad_problems_are_refused_in_one_sentence(
    run: Callable[..., Ran], content: str | bytes, code: int, sentence: str
) -> None:
    Path("bad.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    Path("plan.json").write_text("as it was", "utf-8")
    ran = run("tour", "solve", str(Path("bad.json").absolute()), "--out", "plan.json")
    assert ran.code == code
    assert str(Path.cwd()) not in ran.err
    assert sentence in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert Path("plan.json").read_text("utf-8") == "as it was"
    assert sorted(path.name for path in Path().iterdir()) == ["bad.json", "plan.json"]


def test_bad_arguments_are_refused_in_one_sentence(run: Callable[..., Ran]) -> None:
    Path("problem.json").write_text(json.dumps(PROBLEM), "utf-8")
    assert run("tour", "solve", "nothing.json") == Ran(4, "", "There is no file nothing.json.\n")
    assert run("tour", "solve", ".").code == 2
    assert run("tour", "solve", "problem.json", "--limit-s", "nan").code == 2
    assert run("tour", "solve", "problem.json", "--limit-s", "0").code == 2
    assert run("tour", "solve", "problem.json", "--alternatives", "99").code == 2
    assert run("tour", "solve", "problem.json", "--out", "no/such/folder/plan.json").code == 2
    assert sorted(path.name for path in Path().iterdir()) == ["problem.json"]


@pytest.mark.parametrize(("content", "code", "sentence"), BAD)
def test_what_the_documented_schema_refuses_is_refused(
    content: str | bytes, code: int, sentence: str
) -> None:
    """The other way round, too, but for what no schema can say."""
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        return
    refused = not is_valid("tour_problem", given)
    assert (
        refused is (": expected " in sentence or " stops; " in sentence)
        or "nan" in sentence
        or "inf" in sentence
    )
