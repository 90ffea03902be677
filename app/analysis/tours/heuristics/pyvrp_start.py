"""A good tour of many stops soon, without a bound: PyVRP.

N. A. Wouda, L. Lan, W. Kool, PyVRP: a high-performance VRP solver package, 2024.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyvrp
from pyvrp import (
    Client,
    ClientGroup,
    Depot,
    Location,
    PenaltyParams,
    ProblemData,
    Solution,
    SolveParams,
    VehicleType,
)
from pyvrp.search import NeighbourhoodParams

from app.analysis.tours.heuristics.depots import FAR, with_depot, with_first_stop
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, TaskData

# Rounds without anything better after which it stops.
N_IDLE, MOST_ROUNDS = 2000, 1 << 30
N_NEIGHBORS = 20
# The cost that PyVRP gives a tour which is not feasible.
NO_TOUR = np.iinfo(np.int64).max
# Penalty of a second late at first, as a share of a leg of median length and of the highest prize, and at
# most.
LATE_PER_LEG, LATE_PER_PRIZE, MOST_LATE, MOST_RISE = 0.01, 0.003, 1e6, 1000.0
SEED = 1


def start_order(
    task: TaskData,
    stop: Array,
    limit_s: float = math.inf,
    begin: Sequence[int] = (),
    *,
    n_rounds: int = MOST_ROUNDS,
    seed: int = SEED,
    is_any_enough: bool = False,
) -> tuple[int, ...]:
    """Return a good order of stops, or none.

    A pause, time-dependent arcs, positions and orders are unknown to PyVRP: its answer must be checked. It
    refuses windows that nobody can keep, which optional stops can have: they are not handed over.

    Parameters
    ----------
    task : TaskData
    stop : array of int64, shape (1,)
        Anything but 0 ends the work.
    limit_s : float
    begin : sequence of int
        An order to go on from, for all of the time; without one it ends when nothing better comes for long.
    n_rounds : int
        At most; the answer after a number of rounds does not depend on how busy the machine is.
    seed : int
    is_any_enough : bool
        Whether to end with the first order found.
    """
    task = with_first_stop(task)
    clients, stops, groups = _clients(task)
    criterion = _StoppingCriterion(
        stop, time.monotonic() + limit_s, n_rounds, MOST_ROUNDS if begin else N_IDLE, is_any_enough
    )
    length, walk = _matrix(task, "length"), _matrix(task, "walk")
    with warnings.catch_warnings():
        # It warns where a tour that keeps all windows is hard to find; that is known from its answer.
        warnings.simplefilter("ignore")
        data = ProblemData(
            [Location(0, 0)] * (task.n + 1),
            clients,
            [Depot(task.n)],
            [_walker(task)],
            [length],
            [walk],
            groups,
        )
        params = _params(task, length if task.measures[0] == LENGTH else walk)
        first = Solution(data, [[stops.index(one) for one in begin]]) if begin else None
        result = pyvrp.solve(
            data,
            criterion,
            seed=seed,
            collect_stats=False,
            display=False,
            params=params,
            initial_solution=first,
        )
    if not result.is_feasible():
        return ()
    routes = result.best.routes()
    return tuple(stops[one.idx] for route in routes for one in route.schedule() if one.is_client())


def _matrix(task: TaskData, column: str) -> Array:
    """Return the walks; what cannot be walked costs more than any tour, but not more than adds up exactly.

    PyVRP multiplies what comes too late by a penalty: from 2 ** 53 on its sums are rounded, and it never
    ends.
    """
    matrix = with_depot(task, column)
    longest = int(matrix[matrix < FAR].max(initial=1)) + int(task.stops["dwell"].max())
    far: Array = np.minimum(matrix, 4 * (task.n + 1) * longest)
    return far


def _params(task: TaskData, cost: Array) -> SolveParams:
    """Return how to search: what being late costs at first is in proportion to what tours cost.

    With the high penalties of PyVRP's defaults the search would hardly ever leave feasible tours. With
    optional stops, neighborhoods of the nearest ones alone lose nothing.
    """
    prize, legs = max(_prizes(task)), cost[(cost > 0) & (cost < cost.max())]
    leg = float(np.median(legs)) if len(legs) else 1.0
    late = LATE_PER_PRIZE * prize if prize else LATE_PER_LEG * leg
    near = NeighbourhoodParams(num_neighbours=N_NEIGHBORS) if prize else NeighbourhoodParams()
    return SolveParams(penalty=_Penalties(min(late, MOST_LATE)), neighbourhood=near)


class _Penalties(PenaltyParams):
    """Penalties that begin at a given amount, not halfway to the highest."""

    def __init__(self, first: float) -> None:
        super().__init__(max_penalty=MOST_RISE * first)
        self.first = first

    def midpoint_penalties(self, data: ProblemData) -> tuple[list[float], float, float]:
        """Return the penalties to begin with: of loads (there are none), time and distance."""
        return [self.first] * data.num_load_dimensions, self.first, self.first


@dataclass
class _StoppingCriterion:
    """Stop at the deadline, when cancelled, after a number of rounds, at the first tour, or when idle."""

    stop: Array
    until: float
    n_left: int
    most_idle: int
    is_any_enough: bool
    best: float = field(default=float("inf"))
    n_idle: int = 0

    def __call__(self, best_cost: float) -> bool:
        self.n_idle = 0 if best_cost < self.best else self.n_idle + 1
        self.best = min(self.best, best_cost)
        self.n_left -= 1
        is_over = self.n_left < 0 or self.n_idle > self.most_idle or time.monotonic() > self.until
        return is_over or bool(self.stop[0]) or (self.is_any_enough and best_cost < NO_TOUR)


def _clients(task: TaskData) -> tuple[list[Client], list[int], list[ClientGroup]]:
    """Return a client for each window of a stop, the stop of each, and the groups that exclude each other."""
    # PyVRP knows no times before 0, which is the earliest start here.
    clients: list[Client] = []
    stops: list[int] = []
    groups: list[ClientGroup] = []
    prize = _prizes(task)
    for i in range(task.n):
        begins = _begins(task, i)
        is_required, n_windows = bool(task.required >> i & 1), len(begins)
        if n_windows > 1:
            groups.append(ClientGroup(list(range(len(clients), len(clients) + n_windows)), is_required))
        for soonest, latest in begins:
            clients.append(
                Client(
                    i,
                    service_duration=int(task.stops["dwell"][i]),
                    tw_early=soonest,
                    tw_late=latest,
                    prize=prize[i],
                    required=is_required and n_windows == 1,
                    group=len(groups) - 1 if n_windows > 1 else None,
                )
            )
            stops.append(i)
    return clients, stops, groups


def _begins(task: TaskData, stop: int) -> list[tuple[int, int]]:
    """Return when a visit can begin, in seconds from the earliest start."""
    windows = task.windows[task.stops["windows_from"][stop] : task.stops["windows_from"][stop + 1]]
    begins = [
        (max(opens - task.starts, 0), min(closes - task.starts, FAR)) for opens, closes in windows.tolist()
    ]
    return [(soonest, latest) for soonest, latest in begins if soonest <= latest]


def _prizes(task: TaskData) -> list[int]:
    """Return what stops are worth, each step more than any tour takes, but no more than that.

    Penalties are bounded in PyVRP: with higher prizes it would rather be late.
    """
    value = task.stops["value"][: task.n]
    if task.measures[0] != LOSS or not value.any():
        return [0] * task.n
    longest = min(
        task.ends - task.starts, int(task.stops["dwell"].sum() + task.n * task.legs["walk"].max(initial=0))
    )
    step = min((longest + 1) / task.value_step, FAR / 16 / value.sum())
    return [int(one * step) for one in value]


def _walker(task: TaskData) -> VehicleType:
    return VehicleType(
        1,
        start_depot=0,
        end_depot=0,
        unit_distance_cost=int(task.measures[0] == LENGTH),
        unit_duration_cost=int(task.measures[0] != LENGTH),
        tw_late=max(min(task.ends - task.starts, FAR), 0),
        max_distance=min(task.most_length, FAR),
    )
