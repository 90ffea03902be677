"""Tour problems in files: what is read, and the plan that becomes of it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.analysis.tours.problem import Objective, Window
from app.analysis.tours.solving import solve
from app.cli.tours.solve import summary
from app.config import PROJECT_DIR
from app.domain.localizer import localizer_for
from app.domain.tours import MOST_PROVED, MOST_STOPS
from app.errors import DataError
from app.exchange.tours.problems.files import LARGEST_BYTES, parse_problem
from app.services.tours.planning.problem_solving import plan_document, plan_measures
from tests.unit.at_the_prompt import Ran
from tests.unit.tours.problems.problem_text import PROBLEM, STOPS, changed
from tests.unit.tours.tour_problems import LONG_S
from tests.unit.tours.tour_schemas import check_plan, validator

ROOT = Path(__file__).parents[4]


def test_a_problem_becomes_a_plan(run: Callable[..., Ran]) -> None:
    Path("problem.json").write_text(json.dumps(PROBLEM), "utf-8")
    ran = run("tour", "solve", "problem.json", "--out", "plan.json", "--alternatives", "2")
    assert ran.code == 0
    assert ran.out == ""
    assert "proven optimal" in ran.err
    plan = json.loads(Path("plan.json").read_text("utf-8"))
    check_plan(plan)
    assert plan["problem"] == "problem.json"
    assert plan["is_proved"] is plan["is_feasible"] is True
    assert (plan["objective_value"], plan["bound"], plan["gap"]) == (9, 9, 0)
    assert [visit["name"] for visit in plan["visits"]] == ["Truck parking", "Joinery", "Garage"]
    assert [visit["begins_s"] for visit in plan["visits"]][1] >= 13 * 3600 + 900


def test_the_prompt_counts_stops_and_names_the_measure() -> None:
    plan = {"visits": [1], "left_out": [], "is_proved": True, "bound": 9, "seconds": 0.5}
    most = {**plan, "unit": "value", "objective_value": 9}
    assert [line for language in ("de", "en") for line in summary(most, localizer_for(language))] == [
        "1 Station, Wert 9: nachweislich optimal, in 0,5 s.",
        "1 stop, value 9: proven optimal in 0.5 s.",
    ]
    least = {**plan, "unit": "m", "objective_value": 240, "is_proved": False, "visits": [1, 2]}
    assert summary(least, localizer_for("de")) == ["2 Stationen, 240 m: nicht bewiesen; die Schranke ist 9."]


@pytest.mark.parametrize("options", [(), ("--out", "-")])
def test_a_dash_reads_the_standard_input(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    text = json.dumps({**PROBLEM, "title": "Ünder"}, ensure_ascii=False)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + text.encode())))
    ran = run("tour", "solve", "-", *options)
    plan = json.loads(ran.out)
    check_plan(plan)
    assert (ran.code, plan["problem"], plan["objective_value"]) == (0, "stdin", 9)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("content", "code", "sentence"),
    [
        (b"", 3, "stdin is not in any of the formats for tour problems.\n"),
        (b"{", 3, "stdin is not valid JSON: line 1, column 2.\n"),
        (b"\xff{}", 3, "stdin is not UTF-8 text.\n"),
        (b" " * (LARGEST_BYTES + 1), 6, "stdin is larger than 20 MB.\n"),
    ],
)
def test_a_bad_standard_input_is_refused_in_one_sentence(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, content: bytes, code: int, sentence: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert run("tour", "solve", "-") == Ran(code, "", sentence)


def test_without_out_the_plan_is_printed(run: Callable[..., Ran]) -> None:
    Path("problem.json").write_text(json.dumps(changed(ends="13:30")), "utf-8")
    ran = run("tour", "solve", "problem.json")
    plan = json.loads(ran.out)
    assert plan["left_out"][0]["reasons"]
    assert plan["left_out"][0]["reasons"][0]["sentence"] in ran.err


def test_an_infeasible_wish_tells_its_contradiction(run: Callable[..., Ran]) -> None:
    stops = [{**stop, "value": None} for stop in STOPS]
    Path("problem.json").write_text(json.dumps(changed(stops=stops, ends="13:20")), "utf-8")
    ran = run("tour", "solve", "problem.json", "--out", "plan.json")
    assert ran.code == 0
    plan = json.loads(Path("plan.json").read_text("utf-8"))
    assert plan["is_feasible"] is False
    assert plan["visits"] == []
    assert plan["conflict"]["is_irreducible"]
    assert plan["conflict"]["sentence"] in ran.err


def test_it_runs_without_database_and_web_framework(tmp_path: Path) -> None:
    (tmp_path / "problem.json").write_text(json.dumps(PROBLEM), "utf-8")
    code = (
        "import sys; sys.argv = ['app', 'tour', 'solve', 'problem.json', '--out', 'plan.json']\n"
        "from app.cli import main\n"
        "try: main()\n"
        "except SystemExit as left: assert not left.code\n"
        "assert 'flask' not in sys.modules\n"
    )
    environment = {
        "PATH": "",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "plan.json").exists()


def test_the_same_problem_told_in_other_words() -> None:
    localizer = parse_problem(json.dumps(PROBLEM), "a.json").problem
    matrix_m = [[0, 50, 100], [50, None, 50], [100, 50, 0]]
    for walks in (
        {"length_m": matrix_m},
        {"walk_s": [[0, 40, 80], [40, 0, 40], [80, 40, -5]]},
        {"length_m": matrix_m, "walk_s": [[0, 40, 80], [40, 0, 40], [80, 40, 0]]},
    ):
        asked = changed(coordinates=..., first=0, starts=46800, ends="14:00:00", **walks)
        other = parse_problem(json.dumps(asked), "b.json").problem
        assert other.stops == localizer.stops
        assert (other.starts_s, other.ends_s, other.first) == (46800, 50400, 0)
        np.testing.assert_array_equal(other.walk_s, localizer.walk_s)
        np.testing.assert_allclose(other.length_m, localizer.length_m)


def test_everything_a_problem_may_hold_is_read() -> None:
    told = changed(
        first=...,
        last="Garage",
        orders=[["Joinery", 2]],
        max_walk_m=500,
        pause={"dwell_min": 5, "begins": ["13:20", "13:40"]},
        ways=[
            {"start": 0, "end": "Garage", "length_m": 60, "departs": ["13:00", "13:30"]},
            {"start": 1, "end": 0, "walk_s": 100, "departs": [0, 50000]},
        ],
        stops=[STOPS[0], {**STOPS[1], "position": 1}, STOPS[2]],
        coordinates=...,
        walk_s=[[0, None, 80], [-1, 0, 40], [80, 40, 0]],
    )
    problem = parse_problem(json.dumps(told), "a.json").problem
    assert problem.last == 2
    assert problem.orders == ((1, 2),)
    assert problem.max_walk_m == 500
    assert problem.pause is not None
    assert (problem.pause.dwell_s, problem.pause.begins.opens_s) == (300, 13 * 3600 + 1200)
    assert [(way.start, way.end, way.walk_s, way.length_m) for way in problem.ways] == [
        (0, 2, 48, 60.0),
        (1, 0, 100, 125.0),
    ]
    assert problem.stops[1].position == 1
    assert problem.walk_s.tolist() == [[0, -1, 80], [-1, 0, 40], [80, 40, 0]]


def test_clock_times_last_over_midnight_and_seconds_do_not() -> None:
    night = {"starts": "21:00", "ends": "03:00"}
    windows = [["22:00", "02:00"], ["00:30", "01:00"], ["24:30", "25:00"], ["22:00", "23:00"]]
    stops = [{"name": "a", "dwell_min": 5, "windows": windows}, {"name": "b"}]
    told = {**night, "stops": stops, "coordinates": [[0, 0], [1, 1]]}
    read = parse_problem(json.dumps(told), "night.json").problem
    assert (read.starts_s, read.ends_s) == (21 * 3600, 27 * 3600)
    hours = [(each.opens_s / 3600, each.closes_s / 3600) for each in read.stops[0].windows]
    assert hours == [(22, 26), (24.5, 25), (24.5, 25), (22, 23)]
    backward = {**told, "stops": [{**stops[0], "windows": [[79200, 7200]]}, stops[1]]}
    stop = parse_problem(json.dumps(backward), "night.json").problem.stops[0]
    assert stop.windows == (Window(79200, 7200),)


def test_above_what_can_be_proved_a_plain_contradiction_is_named() -> None:
    """Sixty-five visits of five minutes in one hour, and two that exclude each other."""
    stops = [{"name": f"Firm {i}", "dwell_min": 5} for i in range(65)]
    at_once = [{**stop, "dwell_min": 20, "windows": [["13:30", "14:00"]]} for stop in stops[:2]]
    for given, ends, sentence in (
        (stops, "14:00", "stops and the walks between them take"),
        ([*at_once, *stops[2:]], "22:00", "are 21 minutes apart, visit and walk together"),
    ):
        places = [[10 * i, 0] for i in range(65)]
        told = changed(stops=given, ends=ends, coordinates=places, first=..., objective="walking")
        plan = plan_document(
            parse_problem(json.dumps(told), "problem.json"), localizer_for("en"), limit_s=LONG_S
        )
        assert plan["is_feasible"] is False
        assert sentence in plan["conflict"]["sentence"]
        assert summary(plan, localizer_for("en"))[0] == "There is no such tour."


def test_schemas_are_schemas_and_agree_with_the_planner() -> None:
    for name in ("tour_problem", "tour_plan"):
        checking = validator(name)
        checking.check_schema(checking.schema)
    told = validator("tour_problem").schema["properties"]  # type: ignore[index]
    assert told["stops"]["maxItems"] == MOST_STOPS
    kinds = told["objective"]["enum"]
    assert kinds == [str(objective) for objective in Objective]


def test_the_example_of_the_documentation_is_solved_as_told() -> None:
    page = (ROOT / "docs" / "tour_problems.md").read_text("utf-8")
    problem, plan = (part.split("```")[0] for part in page.split("```json\n")[1:3])
    found = plan_document(parse_problem(problem, "problem.json"), localizer_for("en"), limit_s=LONG_S)
    told = json.loads(plan)
    check_plan({**told, "seconds": 0.0})
    assert {**found, "seconds": 0, "problem": "problem.json"} == {**told, "seconds": 0}


@pytest.mark.parametrize(
    ("objective", "values", "gap"),
    [
        (Objective.WALKING, {"length_m": 200.0, "bound": 150.0}, 0.25),
        (Objective.DURATION, {"starts_s": 100, "ends_s": 300, "bound": 190.0}, 0.05),
        (Objective.VALUE, {"value": 2.0, "bound": 3.0}, 0.5),
        (Objective.VALUE, {"value": 0.0, "bound": 3.0}, None),
        (Objective.VALUE, {"value": 0.0, "bound": 0.0}, 0.0),
        (Objective.WALKING, {"length_m": 200.0, "bound": 0.0}, None),
        (Objective.WALKING, {"length_m": 200.0, "bound": -np.inf}, None),
        (Objective.WALKING, {"length_m": 200.0, "bound": 200.0}, 0.0),
        (Objective.WALKING, {"visits": (), "bound": 150.0}, None),
    ],
)
def test_the_gap_is_the_share_of_the_plans_own_measure(
    objective: Objective, values: dict[str, Any], gap: float | None
) -> None:
    problem = replace(parse_problem(json.dumps(PROBLEM), "a.json").problem, objective=objective)
    plan = replace(solve(problem, limit_s=LONG_S), is_proved=False, **values)
    assert plan.gap(objective) == gap
    assert plan_measures(problem, plan, 1)["gap"] == gap
    if plan.visits:
        assert replace(plan, is_proved=True, bound=plan.measure(objective)).gap(objective) == 0


def test_what_can_be_planned_is_said_in_one_place() -> None:
    """The browser's module and the documentation say the limits that the code has."""
    code = (PROJECT_DIR / "app/web/static/js/planner/tour_request.js").read_text("utf-8")
    assert re.findall(r"MOST_STOPS = (\d+);", code) == [str(MOST_PROVED)]
    page = (PROJECT_DIR / "docs" / "tour_problems.md").read_text("utf-8")
    assert f"up to {MOST_STOPS} places; see below. Up to {MOST_PROVED} the tour can be proven optimal" in page
    defined = [
        path.name
        for path in (PROJECT_DIR / "app").rglob("*tour*/**/*.py")
        if re.search(r"^MOST_(STOPS|PROVED) = (64|200)$", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert defined == []
    assert (MOST_STOPS, MOST_PROVED) == (200, 64)


def test_nameless_stops_are_told_by_their_index_alone() -> None:
    stops = [{"dwell_min": 5}, {"dwell_min": 5}, {"name": "0", "dwell_min": 5}]
    told = changed(
        stops=stops, coordinates=[[0, 0], [10, 0], [20, 0]], first=0, last="0", objective="walking"
    )
    problem = parse_problem(json.dumps(told), "a.json").problem
    assert [stop.name for stop in problem.stops] == ["0", "1", "0"]
    assert (problem.first, problem.last) == (0, 2)
    with pytest.raises(DataError, match="expected the name of one stop, or a number from 0 to 2"):
        parse_problem(json.dumps({**told, "first": "1"}), "a.json")
