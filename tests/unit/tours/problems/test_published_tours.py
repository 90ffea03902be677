"""Problems in the published formats: known answers, agreement with trying every order, and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.analysis.tours.solving import solve
from app.exchange.tours.problems.instances import parse_instance
from tests.unit.at_the_prompt import Ran
from tests.unit.tours.problems.published_tours import least_travel, most_score, most_score_in_time, windowed
from tests.unit.tours.tour_problems import LONG_S

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
    plan = solve(parse_instance(text, "a.tsp").problem, limit_s=LONG_S)
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
    np.testing.assert_array_equal(document.problem.walk_s, whole)


def test_distances_are_rounded_as_the_format_says() -> None:
    head = "DIMENSION: 2\nEDGE_WEIGHT_TYPE: {}\nNODE_COORD_SECTION\n1 0 0\n2 3.3 4.4\n"
    found = {
        kind: int(parse_instance(head.format(kind), "a.tsp").problem.walk_s[0, 1])
        for kind in ("EUC_2D", "CEIL_2D", "ATT")
    }
    # 5.5 exactly; 5.5 / sqrt(10) is 1.74.
    assert found == {"EUC_2D": 6, "CEIL_2D": 6, "ATT": 2}


@pytest.mark.parametrize("step", [1, 0.25])
def test_rounds_with_windows_agree_with_trying_every_order(step: float) -> None:
    rng = np.random.default_rng(4)
    for _ in range(25):
        cost, windows = windowed(rng, 6, step)
        lines = ["6", *(" ".join(map(str, row)) for row in [*cost, *windows])]
        document = parse_instance("\n".join(lines), "a.txt")
        plan = solve(document.problem, limit_s=LONG_S)
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
            parse_instance("\n".join([*head, *rows, "999 0 0 0 0 0 0"]), "a.txt").problem, limit_s=LONG_S
        )
        best = least_travel(cost, windows, service)
        n_met += best is not None
        assert (plan.length_m if plan.visits else None) == best
    assert n_met > 5


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
            plan = solve(document.problem, limit_s=LONG_S)
            assert plan.is_proved
            assert (plan.value if plan.visits else 0) == most_score(points, tmax, last)


def timed_orienteering(table: np.ndarray, n_told: int) -> str:
    """Return points as the collections of team orienteering with time windows are handed out."""
    rows = [
        f"{i} {x:g} {y:g} {service:g} {score:g} 1 {i % 3} {' 4' * (i % 3)} {opens:g} {closes:g}"
        for i, (x, y, service, score, opens, closes) in enumerate(table)
    ]
    return "\n".join([f"4 3 {n_told} 1", "0 200", *rows])


@pytest.mark.parametrize(("n_decimals", "is_depot_counted"), [(1, True), (1, False), (2, True), (2, False)])
def test_orienteering_with_windows_agrees_with_trying_every_walk(
    n_decimals: int, is_depot_counted: bool
) -> None:
    rng, n_timed = np.random.default_rng(7), 0
    for _ in range(12):
        # Of whole coordinates distances count to one decimal, of others to two.
        places = rng.uniform(1, 20, (6, 2)).round(0 if n_decimals == 1 else 3)
        opens = rng.integers(0, 40, 6)
        table = np.column_stack(
            [places, rng.integers(1, 8, 6), rng.integers(1, 30, 6), opens, opens + rng.integers(5, 40, 6)]
        )
        table[0, 2:] = 0, 0, 0, rng.integers(40, 80)
        text = timed_orienteering(table, 6 if is_depot_counted else 5)
        plan = solve(parse_instance(text, "a.txt").problem, limit_s=LONG_S)
        assert plan.is_proved
        assert plan.value == most_score_in_time(table, n_decimals)
        n_timed += 0 < plan.value < table[:, 3].sum()
    assert n_timed > 6


def test_the_window_of_a_service_may_close_before_it_ends_and_the_last_walk_counts() -> None:
    """From (0, 0) to (3, 4) and back are 5 and 5; the service of 2 may begin at 6 at the latest."""
    rows = ["1 5 2 1", "50", "0 0 0 0 0 0 0 0 {}", "1 3 4 2 9 1 1 1 6 6"]
    for closes, value in ((13, 9.0), (12.9, 0.0)):
        text = "\n".join(rows).format(closes)
        plan = solve(parse_instance(text, "a.txt").problem, limit_s=LONG_S)
        assert plan.value == value


ONE_CUSTOMER = "CUST NO. XCOORD. YCOORD. DEMAND READY DUE SERVICE\n1 0 0 0 0 99 0\n2 3 4 1 0 99 1"


def test_one_walker_is_taken_wherever_a_format_tells_how_many() -> None:
    for text in (
        "n 2\nm 1\ntmax 9\n0 0 0\n1 1 5",
        "9 1\n0 0 0\n1 1 0\n1 0 5",
        f"R1\n\nVEHICLE\nNUMBER CAPACITY\n1 200\n\nCUSTOMER\n{ONE_CUSTOMER}",
        ONE_CUSTOMER,
    ):
        assert len(parse_instance(text, "a.txt").problem.stops) >= 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("DIMENSION: 3\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n", "NODE_COORD_SECTION needs 9"),
        ("DIMENSION: x\n", "DIMENSION"),
        ("DIMENSION: 500\n", "500 stops"),
        ("DIMENSION: 3\nTYPE: CVRP\n", "type CVRP"),
        ("DIMENSION: 3\nEDGE_WEIGHT_TYPE: XRAY1\n", "XRAY1"),
        (
            "DIMENSION: 2\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 nan\n2 0 0\n",
            "NODE_COORD_SECTION needs 6",
        ),
        ("3\n0 1 2\n1 0\n", "expected 15 numbers"),
        ("2\n0 one\n1 0\n0 9\n0 9\n", "“one”"),
        ("-4\n", "has no stops"),
        ("500\n", "500 stops"),
        ("some words that are no problem", "not in any of the formats"),
        ("", "not in any of the formats"),
        ("n 2\nm 2\ntmax 9\n0 0 0\n1 1 5", "gives “m 2”; only one tour"),
        ("DIMENSION: 3\nSALESMEN: 2\n", "gives “SALESMEN: 2”; only one tour"),
        ("DIMENSION: 3\nVEHICLES: two\n", "“VEHICLES: two”"),
        ("n 2\nm\ntmax 9\n0 0 0\n1 1 5", "the number of walkers"),
        ("12.5 3\n0 0 0\n1 1 0", "gives “12.5 3”"),
        (f"R1\nVEHICLE\nNUMBER CAPACITY\n25 200\nCUSTOMER\n{ONE_CUSTOMER}", "gives “VEHICLE 25”"),
        ("1 1 3 1\n0 9\n0 0 0 0 0 0 0 0 9", "declares 3 points; found 1"),
        ("1 1 1 1\n0 9\n0 0 0 0 0 0", "“i x y d S f a list O C”; found “0 0 0 0 0 0”"),
        ("1 1 1 1\n0 9\n0 0 0 x 0 0 0 0 9", "“x”"),
        ("1 1 0 1\n0 9\n", "not in any of the formats"),
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
