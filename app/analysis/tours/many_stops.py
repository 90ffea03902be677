"""Tours of more stops than can be proven optimal: good ones from several heuristics, and a bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from app.analysis.tours.bounds.remaining import Bounds, least_of
from app.analysis.tours.bounds.tightening import needed_stops, orders_of
from app.analysis.tours.heuristics.late_acceptance import feasible_orders
from app.analysis.tours.problem import Array
from app.analysis.tours.search.schedules import Choice
from app.analysis.tours.search.timing import timed
from app.analysis.tours.tasks import NEVER, TaskData

# The share of the time for PyVRP: most of it where it knows all that is asked for.
KNOWN_SHARE, UNKNOWN_SHARE = 0.6, 0.3
# Stages in which a first tour is looked for, whatever the time.
N_SURE = 4


@dataclass
class HeuristicSearch:
    """A heuristic search; what it has found has the attributes of `AnytimeSearch`."""

    task: TaskData
    bounds: Bounds
    stop: Array
    limit_s: float = 1.0
    best: Array = field(default_factory=lambda: np.full(4, 4 * NEVER, dtype=np.int64))
    is_any_enough: bool = False
    is_routing: bool = True
    choices: list[Choice] = field(default_factory=list)
    is_proved: bool = False
    method: str = "local search"

    def __post_init__(self) -> None:
        self.bound = least_of(self.task, self.bounds)

    def run(self) -> None:
        """Search for a good tour until `stop`, or until one is as good as the bound."""
        for order in self._orders():
            self._take_over(order)
            if self.choices and (self.is_any_enough or self.best[self.task.measures[0]] <= self.bound):
                return

    def _orders(self) -> Iterator[tuple[int, ...]]:
        begin: tuple[int, ...] = ()
        # Where any tour will do, no time is spent on one that knows not all that is asked for.
        if self.is_routing or not self.is_any_enough:
            from app.analysis.tours.heuristics.pyvrp_start import start_order  # noqa: PLC0415  it costs to load

            limit_s = self.limit_s * (KNOWN_SHARE if self.is_routing else UNKNOWN_SHARE)
            begin = start_order(self.task, self.stop, limit_s, is_any_enough=self.is_any_enough)
            yield begin
        if begin:
            yield from feasible_orders(self.task, self.stop, begin, n_sure=N_SURE)
        if not self.choices:
            # How good the first order is depends on the clock; whether a tour is found must not.
            yield from feasible_orders(self.task, self.stop, n_sure=N_SURE)

    def _take_over(self, order: tuple[int, ...]) -> None:
        """Take over an order if it is feasible and better, timed exactly."""
        if not order or not keeps_order(self.task, order):
            return
        found = timed(self.task, order)
        measures = self.task.measures
        if found and tuple(found.measures[measures]) < tuple(self.best[measures]):
            self.best[:], self.choices = found.measures, found.choices


def keeps_order(task: TaskData, order: tuple[int, ...]) -> bool:
    """Return whether an order visits what it must, where it must."""
    place = np.full(task.n, -1)
    place[list(order)] = np.arange(len(order))
    position, before = task.stops["position"][: task.n], np.argwhere(orders_of(task))
    is_visited = place >= 0
    is_placed = (position < 0) | ~is_visited | (position == place)
    both = before[is_visited[before].all(axis=1)]
    return bool(
        is_visited[needed_stops(task)].all()
        and is_placed.all()
        and (place[both[:, 0]] < place[both[:, 1]]).all()
        and task.first in {-1, order[0]}
        and task.last in {-1, order[-1]}
    )
