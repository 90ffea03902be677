"""Groups proven to be the best: column generation over all groups that can be listed."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from app.analysis.meetings.group_listing import listed_groups, price

Array = np.ndarray[Any, Any]
Group = tuple[int, ...]

EQUAL = 1e-9
# Of the way from the best multipliers to those of the last program; columns that are handed to the solver.
SMOOTHING, MOST_KEPT = 0.5, 60_000


@dataclass
class ColumnGeneration:
    """The relaxed choice of groups, its bound, and the exact one among what is left of them.

    Attributes
    ----------
    weights : array of float, shape (n, n)
    is_apart : array of bool, shape (n, n)
    sizes : tuple of int
    until : float
        Moment at which it ends, as `time.perf_counter` has it.
    bound : float
        No groups are worth more: the Lagrangian bound, true at any moment (the value of the relaxed program
        is none before its end).
    """

    weights: Array
    is_apart: Array
    sizes: tuple[int, ...]
    until: float
    bound: float = np.inf
    columns: dict[Group, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.n_of = Counter(self.sizes)
        self.listed = {size: listed_groups(self.weights, self.is_apart, size) for size in self.n_of}
        self.duals = np.zeros(len(self.weights))

    def run(self, first: list[Group], value: float) -> None:
        """Lower the bound until no group is missing from the program, starting from groups worth `value`."""
        self._add(first)
        smoothing = SMOOTHING
        while time.perf_counter() < self.until and self.bound > value + EQUAL * (1 + abs(value)):
            relaxed, duals = self._relaxed()
            if self.bound <= relaxed + EQUAL * (1 + abs(relaxed)):
                return
            mixed = duals if np.isinf(self.bound) else smoothing * self.duals + (1 - smoothing) * duals
            is_new = self._priced(mixed)
            if not is_new and smoothing == 0:
                return
            smoothing = SMOOTHING if is_new else 0.0

    def exact(self, value: float) -> tuple[list[Group], bool] | None:
        """Return the best groups worth more than `value`, if any, and whether that is proven.

        None: too many groups are left, or time is up.
        """
        left = self._worth_a_look(value)
        left_s = self.until - time.perf_counter()
        if left is None or left_s <= 0:
            return None
        answer = milp(
            -np.array(list(left.values())),
            integrality=np.ones(len(left), dtype=np.int64),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(*self._rows(list(left))),
            options={"time_limit": left_s, "mip_rel_gap": 0.0},
        )
        if answer.x is None:
            return None
        chosen = [group for group, share in zip(left, answer.x, strict=True) if share > 0.5]
        return chosen, answer.status == 0

    def _relaxed(self) -> tuple[float, Array]:
        matrix, needed, _ = self._rows(list(self.columns))
        # HiGHS takes sparse rows; the stubs do not know it.
        rows: Any = matrix
        worth = np.array(list(self.columns.values()))
        answer: Any = linprog(-worth, A_eq=rows, b_eq=needed, method="highs")
        return -float(answer.fun), -np.asarray(answer.eqlin.marginals)[: len(self.weights)]

    def _rows(self, groups: list[Group]) -> tuple[csr_array, Array, Array]:
        """Return: each guest in one group, and so many groups of each size."""
        n, kinds = len(self.weights), list(self.n_of)
        rows = [guest for group in groups for guest in (*group, n + kinds.index(len(group)))]
        columns = np.repeat(np.arange(len(groups)), [len(group) + 1 for group in groups])
        shape = (n + len(kinds), len(groups))
        needed = np.append(np.ones(n), [self.n_of[size] for size in kinds])
        return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape), needed, needed

    def _priced(self, duals: Array) -> bool:
        """Add the best group of each guest, and keep the bound; return whether any group is new."""
        bound, n_before = float(duals.sum()), len(self.columns)
        for size, (members, values) in self.listed.items():
            reduced, best = np.empty(len(values)), np.empty(len(duals), dtype=np.int64)
            price(members, values, duals, reduced, best)
            bound += self.n_of[size] * float(reduced.max())
            self._add([tuple(members[row].tolist()) for row in set(best[best >= 0].tolist())])
        if bound < self.bound:
            self.bound, self.duals = bound, duals
        return len(self.columns) > n_before

    def _add(self, groups: list[Group]) -> None:
        for group in groups:
            self.columns[group] = float(self.weights[np.ix_(group, group)].sum() / 2)

    def _worth_a_look(self, value: float) -> dict[Group, float] | None:
        """Return the groups that can be part of a choice worth `value` (reduced-cost fixing)."""
        kept: dict[Group, float] = {}
        for members, values in self.listed.values():
            reduced, best = np.empty(len(values)), np.empty(len(self.duals), dtype=np.int64)
            price(members, values, self.duals, reduced, best)
            missing = reduced.max() - reduced
            rows = np.flatnonzero(missing <= self.bound - value + EQUAL * (1 + abs(value)))
            if len(kept) + len(rows) > MOST_KEPT:
                return None
            kept.update(zip(map(tuple, members[rows].tolist()), values[rows].tolist(), strict=True))
        return kept
