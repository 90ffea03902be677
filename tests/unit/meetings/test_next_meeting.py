"""Whom to bring together next: as good as trying everything, and never worse than greed and swaps."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations, count
from typing import Any

import numpy as np
import pytest

from app.analysis.meetings import NextMeeting, alternatives, best_meeting, walk_limit, without
from app.analysis.meetings.elimination import elimination_bags
from app.analysis.meetings.heaviest_subgraph import heaviest_subgraph, swapped
from app.analysis.meetings.subgraph_model import solve_model
from app.errors import BusyError, InputError
from tests.unit.meetings.meetings_by_trying import best_value, values_by_trying

Array = np.ndarray[Any, Any]
LONG_S = 600.0
DWELL_S = 300.0
PATH = np.array([[0, 3, 0, 0], [3, 0, 2, 0], [0, 2, 0, 4], [0, 0, 4, 0]], dtype=float)


def sparse_weights(rng: np.random.Generator, n: int, share: float) -> Array:
    weights = np.triu(rng.integers(1, 6, (n, n)) * (rng.random((n, n)) < share), 1).astype(float)
    return weights + weights.T


def some(rng: np.random.Generator, n: int, most: int) -> tuple[int, ...]:
    return tuple(int(one) for one in rng.choice(n, rng.integers(0, most), replace=False))


def made_up(rng: np.random.Generator) -> NextMeeting:
    n = int(rng.integers(5, 10))
    return NextMeeting(
        weights=sparse_weights(rng, n, 0.5),
        n_guests=int(rng.integers(1, 4)),
        hosts=some(rng, n, 4),
        come_rates=rng.random(n) if rng.random() < 0.4 else None,
        fairness=rng.normal(size=n) if rng.random() < 0.5 else None,
        fairness_weight=0.7,
        required=some(rng, n, 2),
        excluded=some(rng, n, 2),
        apart=tuple((int(a), int(b)) for a, b in (rng.choice(n, 2, replace=False) for _ in range(2))),
        near=rng.random((n, n)) < 0.8 if rng.random() < 0.4 else None,
    )


def value_of(problem: NextMeeting) -> float | None:
    try:
        choice = best_meeting(problem, limit_s=LONG_S)
    except InputError:
        return None
    assert choice.is_proved
    assert choice.gap == 0
    assert choice.bound == choice.value
    return choice.value


def test_a_choice_is_as_good_as_trying_everything() -> None:
    rng = np.random.default_rng(16)
    problems = [made_up(rng) for _ in range(200)]
    found = [value_of(problem) for problem in problems]
    expected = [best_value(problem) for problem in problems]
    assert found == pytest.approx(expected)
    n_none = expected.count(None)
    print(f"{len(expected) - n_none} choices as good as trying everything, {n_none} ruled out by both")
    assert 10 < n_none < 100


def test_a_choice_with_a_walk_is_as_good_as_trying_everything() -> None:
    rng = np.random.default_rng(17)
    found, expected = [], []
    for _ in range(150):
        problem = made_up(rng)
        points = rng.random((len(problem.weights), 2)) * 800
        walk_s = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        dwell_s = np.full(len(points), DWELL_S)
        limit = walk_limit(walk_s, dwell_s, DWELL_S * problem.n_guests + rng.random() * 1200)
        problem = replace(problem, walk=limit)
        found.append(value_of(problem))
        expected.append(best_value(problem, walk_s, DWELL_S))
    assert found == pytest.approx(expected)
    assert 0 < expected.count(None) < len(expected)


def test_the_program_gives_what_highs_gives_and_never_less_than_swaps() -> None:
    rng = np.random.default_rng(18)
    for _ in range(12):
        weights, own = sparse_weights(rng, 24, 0.12), rng.normal(size=24)
        anyone, nobody = np.ones(24, dtype=bool), np.zeros(24, dtype=bool)
        exact = heaviest_subgraph(weights, own, 6, elimination_bags(weights != 0), anyone, nobody)
        model = solve_model(weights, own, 6, anyone, nobody, limit_s=LONG_S)
        soon = swapped(weights, own, 6, anyone, nobody)
        assert exact is not None
        assert soon is not None
        assert exact[0] == pytest.approx(model.bound)
        assert exact[0] >= soon[0] - 1e-9


def test_sixty_companies_are_settled_in_a_graph_as_dense_as_a_park() -> None:
    rng = np.random.default_rng(19)
    points = rng.random((60, 2))
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    weights = np.where((apart > 0) & (apart < 0.16), 1.0 - apart, 0.0)
    choice = best_meeting(NextMeeting(weights, 8), limit_s=LONG_S)
    assert choice.is_proved
    assert len(choice.guests) == 8
    assert sum(pair.weight for pair in choice.pairs) == pytest.approx(choice.pairs_value)


def test_a_choice_says_whom_it_brings_together() -> None:
    choice = best_meeting(NextMeeting(PATH, 2), limit_s=LONG_S)
    assert choice.companies == (1, 2, 3)
    assert choice.host == 2
    assert [(pair.a, pair.b, pair.weight) for pair in choice.pairs] == [(2, 3, 4.0), (1, 2, 2.0)]
    assert [pair.b for pair in choice.pairs_of(1)] == [2]


def test_fairness_is_a_weight_of_its_own() -> None:
    fairness = np.array([5.0, 0.0, 0.0, -5.0])
    due = best_meeting(NextMeeting(PATH, 1, fairness=fairness), limit_s=LONG_S)
    assert (due.companies, due.pairs_value, due.fairness_value) == ((0, 1), 3.0, 5.0)
    ignored = best_meeting(NextMeeting(PATH, 1, fairness=fairness, fairness_weight=0.0), limit_s=LONG_S)
    assert (ignored.companies, ignored.fairness_value) == ((2, 3), 0.0)


def test_alternatives_are_the_best_ones_in_order() -> None:
    weights = sparse_weights(np.random.default_rng(20), 7, 0.6)
    every = sorted(
        (float(np.triu(weights[np.ix_(chosen, chosen)], 1).sum()) for chosen in combinations(range(7), 3)),
        reverse=True,
    )
    found = alternatives(NextMeeting(weights, 2), 8, limit_s=LONG_S)
    assert [choice.value for choice in found] == pytest.approx(every[:8])
    assert len({choice.companies for choice in found}) == 8


@pytest.mark.parametrize("n_looks", [1, 4, 12, 40, 150, 10_000])
def test_what_is_proved_is_so_wherever_time_ends(monkeypatch: pytest.MonkeyPatch, n_looks: int) -> None:
    """The clock goes on by each look at it, and time ends at one of them."""
    rng = np.random.default_rng(22)
    clock = count()
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(clock)))
    n_proved = 0
    for _ in range(40):
        problem = made_up(rng)
        points = rng.random((len(problem.weights), 2)) * 800
        walk_s = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        dwell_s = np.full(len(points), DWELL_S)
        limit = walk_limit(walk_s, dwell_s, DWELL_S * problem.n_guests + rng.random() * 1500)
        problem = replace(problem, walk=limit)
        left = values_by_trying(problem, walk_s, DWELL_S)
        try:
            found = alternatives(problem, 4, limit_s=n_looks)
        except BusyError:
            continue
        except InputError:
            assert not left
            continue
        for choice in found:
            value = left.pop(frozenset(choice.companies))
            assert choice.value <= value + 1e-9
            others = max(left.values(), default=-np.inf)
            assert choice.bound >= max(value, others) - 1e-9
            if choice.is_proved:
                n_proved += 1
                assert choice.value == pytest.approx(max(value, others))
    assert n_proved > 0 or n_looks < 40


def test_without_a_company_it_is_not_invited() -> None:
    assert 3 not in without(NextMeeting(PATH, 2), 3, limit_s=LONG_S).companies


def test_a_bound_is_said_where_time_ends_before_the_proof() -> None:
    rng = np.random.default_rng(21)
    weights = sparse_weights(rng, 70, 0.9)
    choice = best_meeting(NextMeeting(weights, 10), limit_s=0.0)
    assert not choice.is_proved
    assert choice.gap is None or choice.gap > 0
    assert choice.bound > choice.value


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (NextMeeting(PATH, 4), "A host and 4 guests cannot be chosen from 4 companies."),
        (NextMeeting(PATH[:3], 1), "The weights of pairs must have as many rows as columns; found 3 × 4."),
        (NextMeeting(PATH, 1, required=(9,)), "There is no number 9 among 4, counted from 0."),
        (
            NextMeeting(PATH, 1, required=(0, 1, 2)),
            "No host with so many guests meets all requirements.",
        ),
        (
            NextMeeting(PATH, 1, required=(0, 1), apart=((0, 1),)),
            "No host with so many guests meets all requirements.",
        ),
        (
            NextMeeting(PATH, 2, walk=walk_limit(np.zeros((4, 4)), np.full(4, 600.0), 900)),
            "No walk of at most 15 min meets all requirements.",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(problem: NextMeeting, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        best_meeting(problem, limit_s=LONG_S)
    assert str(refused.value) == sentence


def test_nothing_found_in_time_is_not_said_to_be_impossible() -> None:
    walk = walk_limit(1000.0 * (np.ones((4, 4)) - np.eye(4)), np.zeros(4), 1500)
    with pytest.raises(BusyError):
        best_meeting(NextMeeting(PATH, 2, walk=walk), limit_s=0.0)
