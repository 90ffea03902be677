"""Tours of more stops than can be proved: a good one from several searches, and a bound that holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np

from app.analysis.tours.bounds.remaining import Bounds, least_of
from app.analysis.tours.bounds.tightening import needed_stops, orders_of
from app.analysis.tours.heuristics.depots import begun
from app.analysis.tours.heuristics.late_acceptance import kept_orders
from app.analysis.tours.heuristics.local_search import first_order
from app.analysis.tours.problem import Array
from app.analysis.tours.search.schedules import Choice
from app.analysis.tours.search.timing import timed
from app.analysis.tours.tasks import NEVER, Task

# The share of the time for PyVRP: most of it where it knows all that is asked for.
KNOWN_SHARE, UNKNOWN_SHARE = 0.6, 0.3
# Lessons in which a first tour is looked for, whatever the time.
N_SURE = 4


@dataclass
class ManyStops:
    """A search in the making; what it has found is told as by `effort.Effort`."""

    task: Task
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
        if find_spec("pyvrp") and (self.is_routing or not self.is_any_enough):
            from app.analysis.tours.heuristics.pyvrp_start import start_order  # noqa: PLC0415  it costs to load

            limit_s = self.limit_s * (KNOWN_SHARE if self.is_routing else UNKNOWN_SHARE)
            begin = start_order(begun(self.task), self.stop, limit_s, is_any_enough=self.is_any_enough)
            yield begin
        if begin:
            yield from kept_orders(self.task, begin, self.stop, N_SURE)
        if not self.choices:
            # How good an order to begin with was found hangs on the clock; whether any tour is must not.
            yield from kept_orders(self.task, first_order(self.task), self.stop, N_SURE)

    def _take_over(self, order: tuple[int, ...]) -> None:
        """Take over an order if it keeps the wish and is better, timed exactly."""
        if not order or not keeps_order(self.task, order):
            return
        found = timed(self.task, order)
        measures = self.task.measures
        if found and tuple(found.measures[measures]) < tuple(self.best[measures]):
            self.best[:], self.choices = found.measures, found.choices


def keeps_order(task: Task, order: tuple[int, ...]) -> bool:
    """Return whether an order visits what it must, where it must."""
    place = np.full(task.n, -1)
    place[list(order)] = np.arange(len(order))
    position, before = task.stops["position"][: task.n], np.argwhere(orders_of(task))
    is_there = place >= 0
    is_placed = (position < 0) | ~is_there | (position == place)
    both = before[is_there[before].all(axis=1)]
    return bool(
        is_there[needed_stops(task)].all()
        and is_placed.all()
        and (place[both[:, 0]] < place[both[:, 1]]).all()
        and task.first in {-1, order[0]}
        and task.last in {-1, order[-1]}
    )
