"""Choose guests and groups with this engine and others: ``make benchmarks OF=meetings``.

Prints a table of CPU seconds, values and proofs, one run; nothing is written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
from scipy.spatial import Delaunay

from app.analysis.meetings import (
    GroupProblem,
    NextMeeting,
    WalkLimit,
    best_groups,
    best_meeting,
    walk_limit,
)
from app.analysis.meetings.group_search import annealed
from app.analysis.meetings.heaviest_subgraph import swapped
from app.analysis.meetings.subgraph_model import solve_model
from app.errors import InputError
from benchmarks.measured import table
from benchmarks.meetings_cp_sat import cp_sat_groups, cp_sat_meeting

Array = np.ndarray[Any, Any]
# Value, bound (None: the method has none).
Answer = tuple[float, float | None]

LIMIT_S, N_SEEDS = 10.0, 3
# Share of the neighbors in a made-up park that have not met.
NOT_MET = 0.65


def main() -> None:
    """Measure all cases with all methods."""
    rows = [
        (case, method, *_measured(solve))
        for seed in range(N_SEEDS)
        for case, method, solve in (*_meetings(seed), *_walks(seed), *_groups(seed))
    ]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; limit {LIMIT_S:g} s a call\n")
    print(table(("case", "method", "value", "bound", "proven", "CPU s"), rows, 2))


def _measured(solve: Callable[[], Answer]) -> tuple[str, str, str, str]:
    started = time.process_time()
    value, bound = solve()
    seconds = time.process_time() - started
    is_proved = bound is not None and bound <= value + 1e-6
    told = "-" if bound is None else f"{bound:.2f}"
    return f"{value:.2f}", told, "yes" if is_proved else "no", f"{seconds:.3f}"


def _meetings(seed: int) -> Iterator[tuple[str, str, Callable[[], Answer]]]:
    for n, k in ((60, 8), (250, 8)):
        weights = _park(n, seed)
        case = f"{n} companies, host + {k}, {(weights > 0).sum() // 2} pairs"
        problem, own = NextMeeting(weights, k), np.zeros(n)
        anyone, nobody = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
        best_meeting(problem, limit_s=LIMIT_S)  # compiled code is not a matter of size

        def ours(problem: NextMeeting = problem) -> Answer:
            choice = best_meeting(problem, limit_s=LIMIT_S)
            return choice.value, choice.bound

        def soon(
            weights: Array = weights, own: Array = own, k: int = k, who: Any = (anyone, nobody)
        ) -> Answer:
            found = swapped(weights, own, k + 1, *who)
            return (found[0] if found else -np.inf), None

        def highs(
            weights: Array = weights, own: Array = own, k: int = k, who: Any = (anyone, nobody)
        ) -> Answer:
            found = solve_model(weights, own, k + 1, *who, limit_s=LIMIT_S)
            chosen = list(found.chosen or ())
            return float(weights[np.ix_(chosen, chosen)].sum() / 2), found.bound

        yield case, "this engine", ours
        yield case, "greedy and swaps", soon

        def cp_sat(weights: Array = weights, k: int = k) -> Answer:
            return cp_sat_meeting(weights, k + 1, LIMIT_S)

        yield case, "HiGHS", highs
        yield case, "CP-SAT", cp_sat


def _walks(seed: int) -> Iterator[tuple[str, str, Callable[[], Answer]]]:
    """Visits of 5 minutes, 15 at the host: what is more than 55 minutes is walked."""
    rng = np.random.default_rng(seed)
    points = rng.random((60, 2)) * (1200.0, 900.0)
    walk_s = np.abs(points[:, None] - points[None]).sum(axis=2) / 1.2
    weights = _neighbors(points, rng)
    anyone, nobody = np.ones(60, dtype=bool), np.zeros(60, dtype=bool)
    for minutes in (90, 70, 65, 60):
        limit = walk_limit(walk_s, np.full(60, 300.0), 60.0 * minutes, host_dwell_s=900.0)
        problem = NextMeeting(weights, 8, walk=limit)

        def ours(problem: NextMeeting = problem) -> Answer:
            try:
                choice = best_meeting(problem, limit_s=LIMIT_S)
            except InputError:
                return -np.inf, -np.inf
            return choice.value, choice.bound

        def soon(limit: WalkLimit = limit) -> Answer:
            def fits(chosen: Array) -> bool:
                return limit.fits(int(chosen[0]), tuple(map(int, chosen[1:])))

            found = swapped(weights, np.zeros(60), 9, anyone, nobody, fits)
            return (found[0] if found else -np.inf), None

        ours()  # compiled code is not a matter of the limit
        case = f"60 companies, host + 8, walk of {minutes} min"
        yield case, "this engine", ours
        yield case, "greedy and swaps", soon


def _groups(seed: int) -> Iterator[tuple[str, str, Callable[[], Answer]]]:
    rng = np.random.default_rng(seed)
    for kind, sizes in (("sparse", (6,) * 4), ("dense", (6,) * 5), ("park", (8,) * 6)):
        n = sum(sizes)
        share = 1.0 if kind == "dense" else 0.2
        weights = np.triu(rng.integers(1, 101, (n, n)) * (rng.random((n, n)) < share), 1).astype(float)
        weights = _park(n, seed) if kind == "park" else weights + weights.T
        case = f"{kind}, {n} guests in {len(sizes)} × {sizes[0]}"

        def ours(weights: Array = weights, sizes: tuple[int, ...] = sizes) -> Answer:
            grouping = best_groups(GroupProblem(weights, sizes), limit_s=LIMIT_S)
            return grouping.value, grouping.bound

        def soon(weights: Array = weights, sizes: tuple[int, ...] = sizes) -> Answer:
            group = annealed(weights, sizes, 1, 0.0, seed=0)[0]
            return float((weights * (group[:, None] == group[None])).sum() / 2), None

        def cp_sat(weights: Array = weights, sizes: tuple[int, ...] = sizes) -> Answer:
            return cp_sat_groups(weights, sizes, LIMIT_S)

        yield case, "this engine", ours
        yield case, "one annealing", soon
        yield case, "CP-SAT", cp_sat


def _park(n: int, seed: int) -> Array:
    """Return the weights of neighbors that have not met, in a made-up park."""
    rng = np.random.default_rng(seed)
    return _neighbors(rng.random((n, 2)), rng)


def _neighbors(points: Array, rng: np.random.Generator) -> Array:
    n = len(points)
    weights = np.zeros((n, n))
    for triangle in Delaunay(points).simplices:
        for a, b in combinations(triangle, 2):
            weights[a, b] = weights[b, a] = 0.5 + 0.5 * rng.random()
    is_met = np.triu(rng.random((n, n)) > NOT_MET, 1)
    return np.where(is_met | is_met.T, 0.0, weights)


if __name__ == "__main__":
    main()
