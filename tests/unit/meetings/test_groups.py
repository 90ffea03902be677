"""Groups: as good as trying everything, and said to be proven only where the bound closed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from app.analysis.meetings import GroupProblem, best_groups, least_repeats
from app.analysis.meetings.group_bound import lagrangian_bound
from app.errors import BusyError, InputError

Array = np.ndarray[Any, Any]
LONG_S = 600.0


def dense_weights(rng: np.random.Generator, n: int) -> Array:
    weights = np.triu(rng.integers(-20, 101, (n, n)), 1).astype(float)
    return weights + weights.T


def every_partition(guests: tuple[int, ...], sizes: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
    """Give all ways to fill the groups in turn; those of one size come in every order."""
    if not sizes:
        yield []
        return
    for group in combinations(guests, sizes[0]):
        rest = tuple(guest for guest in guests if guest not in group)
        yield from ([group, *groups] for groups in every_partition(rest, sizes[1:]))


def best_by_trying(problem: GroupProblem) -> float:
    apart = {frozenset(pair) for pair in problem.apart}
    return max(
        sum(float(problem.weights[pair]) for group in groups for pair in combinations(group, 2))
        for groups in every_partition(tuple(range(len(problem.weights))), problem.sizes)
        if not any(frozenset(pair) in apart for group in groups for pair in combinations(group, 2))
    )


def test_groups_are_as_good_as_trying_everything() -> None:
    rng = np.random.default_rng(30)
    shapes = ((2, 2, 2), (3, 3), (4, 3), (3, 2, 2), (2, 2, 2, 1), (4, 4))
    problems = [
        GroupProblem(dense_weights(rng, sum(sizes)), sizes, apart=((0, 1), (2, 3))[: case % 3])
        for case in range(60)
        for sizes in (shapes[case % len(shapes)],)
    ]
    found = [best_groups(problem, limit_s=LONG_S) for problem in problems]
    assert all(grouping.is_proved for grouping in found)
    assert [one.value for one in found] == pytest.approx([best_by_trying(one) for one in problems])
    print(f"{len(found)} groupings as good as trying everything, all proven")


def test_a_grouping_has_each_guest_once_in_groups_of_the_sizes() -> None:
    weights = dense_weights(np.random.default_rng(31), 14)
    grouping = best_groups(GroupProblem(weights, (5, 5, 4), apart=((0, 1),)), limit_s=LONG_S)
    (groups,) = grouping.rounds
    assert sorted(guest for group in groups for guest in group) == list(range(14))
    assert sorted(map(len, groups)) == [4, 5, 5]
    assert not any({0, 1} <= set(group) for group in groups)
    assert grouping.value == sum(float(weights[pair]) for group in groups for pair in combinations(group, 2))


@pytest.mark.parametrize(("n", "sizes"), [(24, (6,) * 4), (30, (6,) * 5)])
def test_dense_groups_are_proven(n: int, sizes: tuple[int, ...]) -> None:
    grouping = best_groups(GroupProblem(dense_weights(np.random.default_rng(n), n), sizes), limit_s=LONG_S)
    assert grouping.is_proved
    assert grouping.gap == 0


def test_a_bound_is_true_where_the_groups_cannot_be_listed() -> None:
    """The guests are three of a kind; whoever belongs together is known, and so is the best value."""
    kind = np.arange(48) % 6
    weights = (kind[:, None] == kind[None]).astype(float) - np.eye(48)
    grouping = best_groups(GroupProblem(weights, (8,) * 6), limit_s=2.0)
    assert grouping.bound >= 6 * 28 >= grouping.value
    assert grouping.is_proved == (grouping.value == grouping.bound)


def test_the_lagrangian_bound_is_never_below_the_best_groups() -> None:
    rng = np.random.default_rng(33)
    for _ in range(20):
        weights = dense_weights(rng, 8) * (rng.random((8, 8)) < 0.5)
        weights = np.triu(weights, 1) + np.triu(weights, 1).T
        exact = best_by_trying(GroupProblem(weights, (3, 3, 2)))
        nobody_apart, far = np.zeros((8, 8), dtype=bool), time.perf_counter() + LONG_S
        assert lagrangian_bound(weights, nobody_apart, (3, 3, 2), exact - 5.0, far) >= exact - 1e-9


def test_without_time_nothing_is_said_to_be_proven() -> None:
    weights = dense_weights(np.random.default_rng(32), 20)
    grouping = best_groups(GroupProblem(weights, (5,) * 4), limit_s=0.0)
    exact = best_groups(GroupProblem(weights, (5,) * 4), limit_s=LONG_S)
    assert not grouping.is_proved
    assert grouping.bound >= exact.value >= grouping.value


def test_repeats_in_a_second_round_are_as_few_as_can_be() -> None:
    problem = GroupProblem(np.zeros((24, 24)), (6,) * 4, n_rounds=2, repeat_cost=1.0)
    grouping = best_groups(problem, limit_s=LONG_S)
    assert (grouping.n_repeats, grouping.least_repeats) == (8, 8)
    assert grouping.is_proved


def test_nobody_need_meet_again_where_there_are_enough_others() -> None:
    assert least_repeats((4,) * 6, 3) == 0
    assert least_repeats((2, 2), 4) == 2


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (GroupProblem(np.zeros((5, 5)), (2, 2)), "Groups for 4 guests were asked for; there are 5."),
        (GroupProblem(np.zeros((2, 2)), (2,), ((0, 5),)), "There is no number 5 among 2, counted from 0."),
        (
            GroupProblem(np.zeros((2, 2)), (2,), n_rounds=0),
            "There must be at least one round, and a repeat cannot be worth anything.",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(problem: GroupProblem, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        best_groups(problem, limit_s=LONG_S)
    assert str(refused.value) == sentence


def test_guests_whom_no_groups_keep_apart_are_reported() -> None:
    apart = tuple(combinations(range(3), 2))
    with pytest.raises(BusyError):
        best_groups(GroupProblem(np.zeros((4, 4)), (2, 2), apart), limit_s=LONG_S)
