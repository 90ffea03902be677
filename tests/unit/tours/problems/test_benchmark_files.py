"""The benchmark of tours reads published formats from a folder; what it measures is the best of all tours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from benchmarks.tours import OURS, compared, gap, measured
from benchmarks.tours_judge import worth
from benchmarks.tours_problems import Case, from_files
from tests.unit.tours.problems.published_tours import least_travel, most_score, windowed


def written(folder: Path) -> dict[str, float]:
    """Write small problems in published formats; return the best worth of each by trying every order."""
    rng, best = np.random.default_rng(8), {}
    for kind, name in (("tsptw", "n6w20.txt"), ("tsptw", "n6w40.tw")):
        cost, windows = windowed(rng, 6, 1)
        lines = ["6", *(" ".join(map(str, row)) for row in [*cost, *windows])]
        best[_kept(folder / kind / name, lines)] = least_travel(cost, windows, np.zeros(6)) or 0.0
    points = np.column_stack([rng.uniform(0, 10, (7, 2)).round(1), rng.integers(1, 20, 7)])
    points[[0, 1, -1], 2] = 0
    rows = [" ".join(map(str, point)) for point in points]
    best[_kept(folder / "orienteering" / "old.txt", ["21.5 1", *rows])] = most_score(points, 21.5, 1)
    new = ["n 7", "m 1", "tmax 21.5", *rows]
    best[_kept(folder / "orienteering" / "new.op", new)] = most_score(points, 21.5, 6)
    best[_kept(folder / "tsplib" / "six.tsp", list(_tsplib(cost)))] = _shortest_round(cost)
    _kept(folder / "README.md", ["No problem."])
    return best


def _kept(path: Path, lines: list[str]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path.stem


def _tsplib(cost: np.ndarray) -> Iterator[str]:
    yield from ("NAME: six", "TYPE: ATSP", "DIMENSION: 6", "EDGE_WEIGHT_TYPE: EXPLICIT")
    yield from ("EDGE_WEIGHT_FORMAT: FULL_MATRIX", "EDGE_WEIGHT_SECTION")
    yield from (" ".join(map(str, row)) for row in cost)
    yield "EOF"


def _shortest_round(cost: np.ndarray) -> float:
    orders = ((0, *rest, 0) for rest in permutations(range(1, 6)))
    return float(min(cost[list(order[:-1]), list(order[1:])].sum() for order in orders))


def test_files_of_a_folder_are_measured_like_made_up_tours(tmp_path: Path) -> None:
    best = written(tmp_path)
    cases = list(from_files(tmp_path))
    assert sorted(case.name for case in cases) == sorted(best)
    assert {case.kind for case in cases} == {"files: tsptw", "files: orienteering", "files: tsplib"}
    found = measured(OURS, cases, 20.0)
    for one in found:
        assert one.is_proved
        assert one.worth == pytest.approx(best[one.case.name]), one.case.name
        assert gap(one, best[one.case.name]) == 0
    assert compared({OURS: found}).count("| this planner |") == 3


def test_an_order_is_judged_apart_from_the_planner(tmp_path: Path) -> None:
    written(tmp_path)
    cases: dict[str, Case] = {case.name: case for case in from_files(tmp_path)}
    round_trip = cases["six"].problem
    assert worth(round_trip, (0, 1, 2, 3, 4)) is None
    assert worth(round_trip, tuple(range(6))) is not None
    assert worth(cases["n6w20"].problem, (1, 0, 2, 3, 4, 5)) is None
