"""Tour problems in files: what is read, what is refused, and published problems with known answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.analysis.tours.checks import MOST_STOPS
from app.analysis.tours.problem import Objective
from app.analysis.tours.solving import solve
from app.cli import main
from app.domain.voice import voice
from app.exchange.instances import parse_instance
from app.exchange.problem_files import check_plan, most_stops, parse_problem, validator
from app.services.solving import gap, plan_document, problem_of

ROOT = Path(__file__).parents[2]
LONG_S = 60.0

STOPS = [
    {"name": "Truck parking", "dwell_min": 10},
    {"name": "Joinery", "dwell_min": 15, "windows": [["13:15", "13:45"]], "value": 5},
    {"name": "Garage", "dwell_s": 1200, "value": 4},
]
PROBLEM: dict[str, Any] = {
    "objective": "value",
    "starts": "13:00",
    "ends": "14:00",
    "stops": STOPS,
    "coordinates": [[0, 0], [30, 40], [60, 80]],
    "pace_m_s": 1.25,
    "first": "Truck parking",
}


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Run the program in an empty folder, in English, as its entry does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def ran(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["app", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return Ran(int(left.value.code or 0), captured.out, captured.err)

    return ran


def changed(**members: Any) -> dict[str, Any]:
    told = {**PROBLEM, **members}
    return {name: value for name, value in told.items() if value is not ...}


def test_a_problem_becomes_a_plan(run: Callable[..., Ran]) -> None:
    Path("problem.json").write_text(json.dumps(PROBLEM), "utf-8")
    ran = run("tour", "solve", "problem.json", "--out", "plan.json", "--alternatives", "2")
    assert ran.code == 0
    assert ran.out == ""
    assert "proved to be the best" in ran.err
    plan = json.loads(Path("plan.json").read_text("utf-8"))
    check_plan(plan)
    assert plan["problem"] == "problem.json"
    assert plan["is_proved"] is plan["is_feasible"] is True
    assert (plan["objective_value"], plan["bound"], plan["gap"]) == (9, 9, 0)
    assert [visit["name"] for visit in plan["visits"]] == ["Truck parking", "Joinery", "Garage"]
    assert [visit["begins_s"] for visit in plan["visits"]][1] >= 13 * 3600 + 900


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
    spoken = problem_of(parse_problem(json.dumps(PROBLEM), "a.json"))
    matrix_m = [[0, 50, 100], [50, None, 50], [100, 50, 0]]
    for walks in (
        {"length_m": matrix_m},
        {"walk_s": [[0, 40, 80], [40, 0, 40], [80, 40, -5]]},
        {"length_m": matrix_m, "walk_s": [[0, 40, 80], [40, 0, 40], [80, 40, 0]]},
    ):
        other = problem_of(
            parse_problem(
                json.dumps(changed(coordinates=..., first=0, starts=46800, ends="14:00:00", **walks)),
                "b.json",
            )
        )
        assert other.stops == spoken.stops
        assert (other.starts_s, other.ends_s, other.first) == (46800, 50400, 0)
        np.testing.assert_array_equal(other.walk_s, spoken.walk_s)
        np.testing.assert_allclose(other.length_m, spoken.length_m)


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
    problem = problem_of(parse_problem(json.dumps(told), "a.json"))
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


def test_schemas_are_schemas_and_agree_with_the_planner() -> None:
    for name in ("tour_problem", "tour_plan"):
        checking = validator(name)
        checking.check_schema(checking.schema)
    assert most_stops() == MOST_STOPS
    kinds = validator("tour_problem").schema["properties"]["objective"]["enum"]  # type: ignore[index]
    assert kinds == [str(objective) for objective in Objective]


def test_the_example_of_the_documentation_is_solved_as_told() -> None:
    page = (ROOT / "docs" / "tour_problems.md").read_text("utf-8")
    problem, plan = (part.split("```")[0] for part in page.split("```json\n")[1:3])
    document = parse_problem(problem, "problem.json")
    found = plan_document(document, problem_of(document), voice("en"), limit_s=LONG_S)
    told = json.loads(plan)
    check_plan({**told, "seconds": 0.0})
    assert {**found, "seconds": 0, "problem": "problem.json"} == {**told, "seconds": 0}


NAN = json.dumps(changed(coordinates=..., length_m=[[0, float("nan"), 1], [1, 0, 1], [1, 1, 0]]))
INFINITE = json.dumps(changed(coordinates=[[0, 0], [1, 1], [2, 3]])).replace("[1, 1]", "[1e999, 1]")
MANY = json.dumps(changed(stops=[{"name": str(i)} for i in range(500)]))
BAD: list[tuple[str | bytes, int, str]] = [
    ("{", 3, "bad.json is no JSON: line 1, column 2."),
    ("", 3, "bad.json is no JSON: line 1, column 1."),
    (b"\xff\xfe{}", 3, "bad.json is no text in UTF-8."),
    ("[" * 100000, 3, "bad.json is no JSON"),
    ("[]", 3, "bad.json: $ is […]; expected object."),
    ("{}", 3, "bad.json: $ lacks “stops”."),
    (NAN, 3, "bad.json: length_m[0][1] is nan; expected a number that can be reckoned with."),
    (INFINITE, 3, "bad.json: coordinates[1][0] is inf"),
    (MANY, 6, "bad.json has 500 stops; a tour is planned over up to 60."),
    (json.dumps(changed(stops=[])), 3, "bad.json: stops has too few or too many members (0)."),
    (json.dumps(changed(stops="three")), 3, "bad.json: stops is “three”; expected array."),
    (
        json.dumps(changed(stops=[{**STOPS[0], "dwell_min": "ten"}, *STOPS[1:]])),
        3,
        "bad.json: stops[0].dwell_min is “ten”; expected number.",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "dwell_min": -1}, *STOPS[1:]])),
        3,
        "bad.json: stops[0].dwell_min is -1; expected at least 0.",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "dwel_min": 1}, *STOPS[1:]])),
        3,
        "bad.json: stops[0] has “dwel_min”, which the format does not know.",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "windows": [["13:61", "14:00"]]}, *STOPS[1:]])),
        3,
        "bad.json: stops[0].windows[0][0] is “13:61”; expected seconds, or a time such as 14:30.",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "windows": [["14:00", "13:00"]]}, *STOPS[1:]])),
        2,
        "A window of “Truck parking” ends before it begins.",
    ),
    (
        json.dumps(changed(stops=[{**STOPS[0], "windows": [["13:00", "13:05"]]}, *STOPS[1:]])),
        2,
        "A window of “Truck parking” is shorter than the visit.",
    ),
    (
        json.dumps(changed(objective="fun")),
        3,
        "objective is “fun”; expected one of walking, duration, value.",
    ),
    (json.dumps(changed(is_round=1)), 3, "bad.json: is_round is 1; expected boolean."),
    (json.dumps(changed(pace_m_s=0)), 3, "bad.json: pace_m_s is 0; expected more than 0."),
    (json.dumps(changed(coordinates=[[0, 0]])), 3, "bad.json has 3 stops and 1 coordinates."),
    (json.dumps(changed(coordinates=...)), 3, "bad.json tells no walks"),
    (json.dumps(changed(walk_s=[[0, 1], [1, 0]])), 3, "bad.json: walk_s needs 3 rows of 3 numbers"),
    (json.dumps(changed(walk_s=[[0, 1, 1], [1, 0, 1], [1, -2, 0]])), 3, "bad.json: walk_s[2][1] is -2"),
    (json.dumps(changed(first="Bakery")), 3, "bad.json: first names “Bakery”"),
    (json.dumps(changed(orders=[[0, 3]])), 3, "bad.json: orders[0] names “3”"),
    (json.dumps(changed(stops=[STOPS[0], *STOPS[:2]])), 3, "bad.json: first names “Truck parking”"),
    (json.dumps(changed(orders=[[1, 2], [2, 1]], stops=[{"name": n} for n in "ABC"], first=0)), 2, "circle"),
    ("hello world", 3, "bad.json is no JSON"),
]


@pytest.mark.parametrize(("content", "code", "sentence"), BAD)
def test_bad_problems_are_refused_in_one_sentence(
    run: Callable[..., Ran], content: str | bytes, code: int, sentence: str
) -> None:
    Path("bad.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    Path("plan.json").write_text("as it was", "utf-8")
    ran = run("tour", "solve", "bad.json", "--out", "plan.json")
    assert ran.code == code
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


# Reinelt's burma14 (coordinates in degrees and minutes) and gr17 (lower triangle): 3323 and 2085 are proved.
BURMA14 = """\
NAME: burma14
TYPE: TSP
DIMENSION: 14
EDGE_WEIGHT_TYPE: GEO
EDGE_WEIGHT_FORMAT: FUNCTION
NODE_COORD_SECTION
1 16.47 96.10
2 16.47 94.44
3 20.09 92.54
4 22.39 93.37
5 25.23 97.24
6 22.00 96.05
7 20.47 97.02
8 17.20 96.29
9 16.30 97.38
10 14.05 98.12
11 16.53 97.38
12 21.52 95.59
13 19.41 97.13
14 20.09 94.55
EOF
"""
GR17 = """\
NAME: gr17
TYPE: TSP
DIMENSION: 17
EDGE_WEIGHT_TYPE: EXPLICIT
EDGE_WEIGHT_FORMAT: LOWER_DIAG_ROW
EDGE_WEIGHT_SECTION
0 633 0 257 390 0 91 661 228 0 412 227 169 383 0 150 488 112 120 267 0 80 572 196 77 351 63 0
134 530 154 105 309 34 29 0 259 555 372 175 338 264 232 249 0 505 289 262 476 196 360 444 402 495 0
353 282 110 324 61 208 292 250 352 154 0 324 638 437 240 421 329 297 314 95 578 435 0
70 567 191 27 346 83 47 68 189 439 287 254 0 211 466 74 182 243 105 150 108 326 336 184 391 145 0
268 420 53 239 199 123 207 165 383 240 140 448 202 57 0
246 745 472 237 528 364 332 349 202 685 542 157 289 426 483 0
121 518 142 84 297 35 29 36 236 390 238 301 55 96 153 336 0
EOF
"""


@pytest.mark.parametrize(("text", "shortest_m"), [(BURMA14, 3323), (GR17, 2085)])
def test_published_rounds_have_their_published_length(text: str, shortest_m: int) -> None:
    plan = solve(problem_of(parse_instance(text, "a.tsp")), limit_s=LONG_S)
    assert plan.is_proved
    assert plan.length_m == shortest_m


def test_a_published_problem_runs_at_the_prompt(run: Callable[..., Ran]) -> None:
    Path("burma14.tsp").write_text(BURMA14, "utf-8")
    assert run("tour", "solve", "burma14.tsp", "--out", "plan.json").code == 0
    plan = json.loads(Path("plan.json").read_text("utf-8"))
    assert (plan["title"], plan["objective"], plan["objective_value"]) == ("burma14", "walking", 3323)
    assert plan["is_proved"]


@pytest.mark.parametrize(
    "form", ["FULL_MATRIX", "UPPER_ROW", "UPPER_DIAG_ROW", "LOWER_ROW", "LOWER_DIAG_ROW"]
)
def test_every_form_of_a_matrix_is_the_same_matrix(form: str) -> None:
    whole = np.random.default_rng(3).integers(1, 99, (6, 6))
    whole = np.triu(whole, 1) + np.triu(whole, 1).T
    rows = {
        "FULL_MATRIX": whole.ravel(),
        "UPPER_ROW": np.concatenate([whole[i, i + 1 :] for i in range(6)]),
        "UPPER_DIAG_ROW": np.concatenate([whole[i, i:] for i in range(6)]),
        "LOWER_ROW": np.concatenate([whole[i, :i] for i in range(6)]),
        "LOWER_DIAG_ROW": np.concatenate([whole[i, : i + 1] for i in range(6)]),
    }[form]
    head = f"DIMENSION : 6\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : {form}\nEDGE_WEIGHT_SECTION\n"
    document = parse_instance(f"{head}{' '.join(map(str, rows))}\nEOF\n", "a.tsp")
    np.testing.assert_array_equal(document.walk_s, whole)


def test_distances_are_rounded_as_the_format_says() -> None:
    head = "DIMENSION: 2\nEDGE_WEIGHT_TYPE: {}\nNODE_COORD_SECTION\n1 0 0\n2 3.3 4.4\n"
    found = {
        kind: int(parse_instance(head.format(kind), "a.tsp").walk_s[0, 1])
        for kind in ("EUC_2D", "CEIL_2D", "ATT")
    }
    # 5.5 exactly; 5.5 / sqrt(10) is 1.74.
    assert found == {"EUC_2D": 6, "CEIL_2D": 6, "ATT": 2}


def windowed(rng: np.random.Generator, n: int, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Return travel times and windows that some tour meets."""
    cost = np.round(rng.integers(1, 30, (n, n)) * step, 2)
    order = [0, *(rng.permutation(n - 1) + 1).tolist()]
    at = np.cumsum([0, *[cost[a, b] for a, b in pairwise(order)]])
    windows = np.zeros((n, 2))
    for place, stop in enumerate(order):
        windows[stop] = max(0, at[place] - rng.integers(0, 20) * step), at[place] + rng.integers(0, 20) * step
    windows[0] = 0, at[-1] + 40 * step
    return cost, np.round(windows, 2)


def least_travel(cost: np.ndarray, windows: np.ndarray, service: np.ndarray) -> float | None:
    """Return the least travel of a round from 0 whose services begin within their windows; None: no such."""
    best = None
    for order in permutations(range(1, len(cost))):
        time, here, travel = windows[0, 0] + service[0], 0, 0.0
        for stop in (*order, 0):
            time, travel = time + cost[here, stop], travel + cost[here, stop]
            time = max(time, windows[stop, 0])
            if time > windows[stop, 1] + 1e-9:
                break
            time, here = time + service[stop], stop
        else:
            best = travel if best is None else min(best, travel)
    return best


@pytest.mark.parametrize("step", [1, 0.25])
def test_rounds_with_windows_agree_with_trying_every_order(step: float) -> None:
    rng = np.random.default_rng(4)
    for _ in range(25):
        cost, windows = windowed(rng, 6, step)
        lines = ["6", *(" ".join(map(str, row)) for row in [*cost, *windows])]
        document = parse_instance("\n".join(lines), "a.txt")
        plan = solve(problem_of(document), limit_s=LONG_S)
        assert plan.length_m == pytest.approx(least_travel(cost, windows, np.zeros(6)))
        assert document.n_units == (1 if step == 1 else 100)


def test_service_may_end_after_its_window_closes() -> None:
    """In the published tables a window is for the begin of the service; here for the whole visit."""
    rng, n_met = np.random.default_rng(5), 0
    for _ in range(25):
        points, service = rng.integers(0, 40, (6, 2)), np.array([0, *rng.integers(1, 20, 5)])
        cost = np.floor(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)))
        _, windows = windowed(rng, 6, 2)
        windows[1:, 1] += 60
        windows[0] = 0, 400
        rows = [
            f"{i} {x} {y} 0.0 {opens} {closes} {service[i]}"
            for i, ((x, y), (opens, closes)) in enumerate(zip(points, windows, strict=True))
        ]
        head = ["!! a", "", "CUST NO. XCOORD. YCOORD. DEMAND READY DUE SERVICE", ""]
        plan = solve(
            problem_of(parse_instance("\n".join([*head, *rows, "999 0 0 0 0 0 0"]), "a.txt")), limit_s=LONG_S
        )
        best = least_travel(cost, windows, service)
        n_met += best is not None
        assert (plan.length_m if plan.visits else None) == best
    assert n_met > 5


def most_score(points: np.ndarray, tmax: float, last: int) -> float:
    """Return the highest score of a walk from the first point to the last one within `tmax`."""
    between = [i for i in range(1, len(points)) if i != last]
    best = 0.0
    for n in range(len(between) + 1):
        for chosen in permutations(between, n):
            walk = points[[0, *chosen, last], :2]
            if np.hypot(*np.diff(walk, axis=0).T).sum() <= tmax + 1e-9:
                best = max(best, points[list(chosen), 2].sum() if chosen else 0.0)
    return best


def test_orienteering_agrees_with_trying_every_walk() -> None:
    rng = np.random.default_rng(6)
    for _ in range(15):
        points = np.column_stack([rng.uniform(0, 10, (7, 2)).round(1), rng.integers(1, 20, 7)])
        points[[0, 1, -1], 2] = 0
        tmax = round(float(rng.uniform(15, 25)), 1)
        rows = [" ".join(map(str, point)) for point in points]
        old = parse_instance("\n".join([f"{tmax} 1", *rows]), "a.txt")
        new = parse_instance("\n".join(["n 7", "m 1", f"tmax {tmax}", *rows]), "b.txt")
        for document, last in ((old, 1), (new, 6)):
            plan = solve(problem_of(document), limit_s=LONG_S)
            assert plan.is_proved
            assert (plan.value if plan.visits else 0) == most_score(points, tmax, last)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("DIMENSION: 3\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n", "NODE_COORD_SECTION needs 9"),
        ("DIMENSION: x\n", "DIMENSION"),
        ("DIMENSION: 100\n", "100 stops"),
        ("DIMENSION: 3\nTYPE: CVRP\n", "type CVRP"),
        ("DIMENSION: 3\nEDGE_WEIGHT_TYPE: XRAY1\n", "XRAY1"),
        (
            "DIMENSION: 2\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 nan\n2 0 0\n",
            "NODE_COORD_SECTION needs 6",
        ),
        ("3\n0 1 2\n1 0\n", "expected 15 numbers"),
        ("2\n0 one\n1 0\n0 9\n0 9\n", "“one”"),
        ("-4\n", "has no stops"),
        ("100\n", "100 stops"),
        ("some words that are no problem", "none of the formats"),
        ("", "none of the formats"),
        ("12.5 1\n0 0 zero\n1 1 0\n", "“zero”"),
    ],
)
def test_bad_published_problems_are_refused_in_one_sentence(
    run: Callable[..., Ran], text: str, sentence: str
) -> None:
    Path("bad.txt").write_text(text, "utf-8")
    ran = run("tour", "solve", "bad.txt", "--out", "plan.json")
    assert ran.code in {3, 6}
    assert sentence in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert not Path("plan.json").exists()


def test_the_gap_is_the_share_between_plan_and_bound() -> None:
    problem = problem_of(parse_problem(json.dumps(changed(objective="walking")), "a.json"))
    plan = solve(problem, limit_s=LONG_S)
    assert gap(problem.objective, plan) == 0
    unproved = replace(plan, length_m=200.0, bound=150.0, is_proved=False)
    assert gap(problem.objective, unproved) == 0.25
