"""Anytime control: a search stage by stage, with more and more labels, and the best tour at any moment."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import Any

import numpy as np

from app.analysis.tours.bounds.arc_elimination import can_eliminate_legs, without_eliminated_legs
from app.analysis.tours.bounds.completion import (
    COARSE,
    FINE,
    Resolution,
    completion_bound_of,
    is_shiftable,
    no_completion_bound,
)
from app.analysis.tours.bounds.remaining import Bounds, bounds_of, least_of
from app.analysis.tours.bounds.tightening import needed_stops
from app.analysis.tours.deadline import deadline
from app.analysis.tours.heuristics.late_acceptance import feasible_orders
from app.analysis.tours.problem import Array
from app.analysis.tours.search.estimates import LabelSearch
from app.analysis.tours.search.labels import Criteria, new_table
from app.analysis.tours.search.layers import run_layers
from app.analysis.tours.search.schedules import Choice
from app.analysis.tours.search.subset_dp import has_few_stops, latest_of, order_of, subset_table
from app.analysis.tours.tasks import DURATION, LENGTH, LOSS, NEVER, TaskData, within_shift

# Labels kept a layer: few at first for a good tour soon, then more until none is dropped.
FIRST_WIDTH, WIDER, MOST_WIDTH = 64, 8, 1 << 19
MOST_LABELS = 1 << 21
# From this many stops on (or where some are left out and a second search was not enough) heuristics look for
# a first tour, for a share of the time: for most of it where the gap is so wide that nothing will be proven
# optimal, not at all where it is narrow.
MANY_STOPS = 30
START_SHARE, HOPELESS_SHARE = 0.35, 0.85
# Of the time, for a proof of optimality: a search that does not end in time has raised no bound, and the rest
# goes into improving the best tour. Where the gap is narrow, all of the time is for the proof.
PROVING_SHARE = 0.7
NEAR_GAP, HOPELESS_GAP = 0.005, 0.2
# Rounds of PyVRP for a first tour, where few labels found none; and stages of late acceptance where it finds
# none either: numbers, so that the answer does not depend on how busy the machine is.
N_SOON, N_SURE = 50, 2
# How far from its place a stop of the best tour is moved, and how many labels a layer that may take.
NEAR_PLACES, POLISH_WIDTH = 8, 2048
# So many times the width must have been dropped before it is worth a completion bound: a coarse one, a fine
# one.
DROPPED_FOR_COARSE, DROPPED_FOR_FINE = 2, 6
# Up to so many stops it does not pay to settle the second measure before all the rest.
FEW_STOPS = 16
# Up to so many stops subset dynamic programming begins without a first tour.
FEWER_STOPS = 12

ALL_CRITERIA = Criteria(4, ready=True, slack=True, length=True)


def stages(task: TaskData) -> list[Criteria]:
    """Return the stages: the first measure alone, which needs few labels, then all."""
    everything = ALL_CRITERIA
    is_timed, has_length = not task.is_timeless, task.most_length < NEVER
    match int(task.measures[0]):
        case measure if measure == LENGTH:
            return [Criteria(1, ready=is_timed, slack=False, length=True), everything]
        case measure if measure == DURATION:
            return [Criteria(1, ready=is_timed, slack=True, length=has_length), everything]
    first = Criteria(1, ready=is_timed, slack=False, length=has_length)
    if task.n <= FEW_STOPS:
        return [first, everything]
    is_walk = bool(task.measures[1] == LENGTH)
    return [first, Criteria(2, ready=is_timed, slack=not is_walk, length=has_length or is_walk), everything]


@dataclass
class AnytimeSearch:
    """A search with the best tour known and what is proven, whenever it is stopped.

    Attributes
    ----------
    is_any_enough : bool
        Whether the first tour found will do.
    is_routing : bool
        Whether vehicle routing knows all that is asked for; see `depots.is_known_to_routing`.
    """

    task: TaskData
    bounds: Bounds
    stop: Array
    limit_s: float = 1.0
    best: Array = field(default_factory=lambda: np.full(4, 4 * NEVER, dtype=np.int64))
    is_any_enough: bool = False
    is_routing: bool = True
    choices: list[Choice] = field(default_factory=list)
    is_proved: bool = False
    method: str = "labels"
    _has_start: bool = False
    _n_dropped: int = 0
    _eliminated_for: int = 4 * NEVER
    _width: int = field(default_factory=lambda: FIRST_WIDTH)
    _resolutions: list[Resolution] = field(default_factory=lambda: [FINE, COARSE])
    _until_s: float = math.inf

    @property
    def has_tour(self) -> bool:
        """Whether there is a tour to be improved upon."""
        return bool(self.best[0] < 4 * NEVER)

    def __post_init__(self) -> None:
        self.completion, self._given = no_completion_bound(self.task), self.task
        self.bound = least_of(self.task, self.bounds)
        self._latest, self._proving = np.zeros((0, self.task.n), dtype=np.int64), self.stop

    def run(self) -> None:
        """Search for the best tour, until `stop` at the latest."""
        self._until_s = perf_counter() + self.limit_s
        if has_few_stops(self.task) and self._solve_by_subsets():
            return
        with deadline(PROVING_SHARE * self.limit_s, lambda: bool(self.stop[0])) as self._proving:
            for criteria in stages(self.task):
                if not self.settle(criteria):
                    break
        if not self.has_tour and not self.is_proved:
            # However little time there was, a first tour is looked for in full.
            self._find_any(np.zeros(1, dtype=np.int64))
        if not self.is_any_enough:
            self._improve()

    def _find_any(self, stop: Array) -> None:
        """Take over the first tour found by the heuristics that end after a number of tries."""
        self.take_over(self._routed(stop, n_rounds=N_SOON))
        if not self.has_tour:
            # As if time were over: then late acceptance ends after the stages that are sure.
            for order in feasible_orders(self.task, np.ones(1, dtype=np.int64), n_sure=N_SURE):
                self.take_over(order)

    @property
    def is_met(self) -> bool:
        """Whether no tour is better in the first measure than the best known."""
        return self.has_tour and bool(self.best[self.task.measures[0]] <= self.bound)

    def _improve(self) -> None:
        """Improve the best tour until the deadline, where there are more labels than can be kept."""
        for seed in count(2):
            if self.stop[0] or self.is_proved or self.is_met:
                return
            if seed == 2 and not self.is_routing:
                self._accept_late(self._left_s() / 2)
            self.take_over(self._routed(self.stop, self._left_s(), self.order, seed=seed))
            self._polish()

    def _accept_late(self, limit_s: float) -> None:
        """Improve the best tour, or look for one, by late acceptance, which knows all that is asked for."""
        with deadline(limit_s, lambda: bool(self.stop[0])) as stop:
            for order in feasible_orders(self._given, stop, self.order):
                self.take_over(order)

    def _left_s(self) -> float:
        return max(0.0, self._until_s - perf_counter())

    def _solve_by_subsets(self) -> bool:
        """Search by subset dynamic programming; return whether that settled all."""
        if self.task.n > FEWER_STOPS:
            self._run_layers(self.task, stages(self.task)[0], FIRST_WIDTH)
        least = self.task.most_value - int(self.best[LOSS])
        sets = subset_table(self.task, self.bounds, least, self.stop)
        if self.stop[0]:
            return False
        if sets.best:
            self.take_over(order_of(self.task, sets, sets.best, sets.last))
        # The table holds how soon a set can have been visited, not how short the walk can be.
        is_settled = sets.is_exact and is_shiftable(self.task) and self.task.measures[1] == DURATION
        if not sets.best or is_settled:
            self.is_proved, self.bound = True, int(self.best[LOSS])
            return True
        if self.has_tour:
            value = self.task.most_value - int(self.best[LOSS])
            self._latest = latest_of(self.task, sets, value, self.stop)
            self._resolutions = []
        return False

    def settle(self, criteria: Criteria) -> bool:
        """Search until no tour is better by the criteria; False where time ran out or there is none."""
        self.is_proved = False
        while not self.stop[0] and self._width <= MOST_WIDTH:
            stop = self._proving_stop()
            self._run_layers(self.task, criteria, self._width, stop)
            if self.is_any_enough and self.choices:
                return False
            if self.is_proved:
                return self.has_tour
            if stop[0]:
                return False
            self._prepare()
            self._width *= WIDER
        return False

    def _proving_stop(self) -> Array:
        """Return the deadline of a search that may prove optimality: all of the time, or a share of it."""
        can_improve = self.has_tour and not self.is_any_enough and self._gap() > NEAR_GAP
        return self._proving if can_improve else self.stop

    def _prepare(self) -> None:
        """Do what makes the next, wider search end sooner."""
        if not self._has_start and self._has_many_stops() and (share := self._start_share()):
            self._start(share * self.limit_s)
        elif not self._has_start and self._needs_any():
            self._has_start = True
            self._find_any(self.stop)
        self._eliminate_legs()
        dropped_for = DROPPED_FOR_COARSE if COARSE in self._resolutions else DROPPED_FOR_FINE
        if self._n_dropped > dropped_for * self._width and self.has_tour and self._resolutions:
            self._bound_completions()

    def _has_many_stops(self) -> bool:
        """Return whether it pays to look for a first tour by heuristics."""
        is_hard = self.task.measures[0] == LOSS and self._width > FIRST_WIDTH
        return self.task.n >= MANY_STOPS or (self.task.n > FEW_STOPS and is_hard)

    def _eliminate_legs(self) -> None:
        """Eliminate the legs that no tour takes which is as good as the best known."""
        first = int(self.best[self.task.measures[0]])
        if (
            self.task.n > FEW_STOPS
            and self.has_tour
            and first < self._eliminated_for
            and can_eliminate_legs(self.task)
        ):
            self._eliminated_for = first
            self.task = without_eliminated_legs(self.task, first)
            self.bounds = bounds_of(self.task)
            self.bound = max(self.bound, min(least_of(self.task, self.bounds), first))

    def _needs_any(self) -> bool:
        """Return whether a tour, if there is one, is likely to be found sooner by heuristics."""
        return self.task.n > FEW_STOPS and self.task.measures[0] != LOSS and not self.has_tour

    def _start_share(self) -> float:
        """Return which share of the time to spend on a first tour: none while a proof is near."""
        gap = self._gap()
        if gap > HOPELESS_GAP:
            return HOPELESS_SHARE
        return START_SHARE if gap > NEAR_GAP else 0.0

    def _gap(self) -> float:
        """Return how far the best tour lies from the bound, as a share of it."""
        if not self.has_tour:
            return math.inf
        first = int(self.best[self.task.measures[0]])
        size = self.task.most_value - first if self.task.measures[0] == LOSS else first
        return (first - self.bound) / max(size, 1)

    def _bound_completions(self) -> None:
        """Compute a completion bound, or a finer one."""
        resolution = self._resolutions.pop()
        first = int(self.best[self.task.measures[0]])
        self.completion = completion_bound_of(
            self.task, self.bounds, self.completion, first, resolution, self._proving_stop()
        )

    def _start(self, limit_s: float) -> None:
        """Take over a tour of the heuristics, improved, if that is better, timed exactly."""
        self._has_start = True
        if not self.is_routing:
            limit_s /= 2
            self._accept_late(limit_s)
        self.take_over(self._routed(self.stop, limit_s))
        self._polish()

    def _routed(self, stop: Array, *given: Any, **how: Any) -> tuple[int, ...]:
        """Return an order of PyVRP, loaded only where it is needed; see `pyvrp_start.start_order`."""
        from app.analysis.tours.heuristics.pyvrp_start import start_order  # noqa: PLC0415  it costs to load

        return start_order(self._given, stop, *given, **how)

    def _polish(self) -> None:
        """Move the stops of the best tour by a few places, all at once, as long as that is better."""
        before = np.zeros(4)
        while self.choices and not self.stop[0] and (before != self.best).any():
            before = self.best.copy()
            self.take_over(self.order, NEAR_PLACES, POLISH_WIDTH)

    @property
    def order(self) -> tuple[int, ...]:
        """The stops of the best tour known."""
        return tuple(choice.stop for choice in self.choices[:-1])

    def take_over(self, order: tuple[int, ...], most_shift: int = 1, width: int = FIRST_WIDTH) -> None:
        """Take over a tour, or the best within `most_shift` places of it, if it is better, timed exactly.

        One that leaves out what must be visited is none.
        """
        if order and not needed_stops(self.task)[[i for i in range(self.task.n) if i not in order]].any():
            self._retime(order, most_shift, width)

    def _retime(self, order: tuple[int, ...], most_shift: int, width: int) -> None:
        bound, completion, self.completion = self.bound, self.completion, no_completion_bound(self.task)
        # Timing a tour that is there takes next to no time, and must be done when time is over, too.
        stop = self.stop if most_shift > 1 else np.zeros(1, dtype=np.int64)
        self._run_layers(within_shift(self.task, order, most_shift), ALL_CRITERIA, width, stop)
        self.bound, self.completion, self.is_proved = bound, completion, False

    def _run_layers(self, task: TaskData, criteria: Criteria, width: int, stop: Array | None = None) -> None:
        n_labels = min(2 * width * task.n + 256, MOST_LABELS)
        leaf, dropped = np.array([-1, 0]), np.array([0, 4 * NEVER])
        search = LabelSearch(
            task,
            self.bounds,
            self.completion,
            criteria,
            new_table(n_labels),
            self.best,
            leaf,
            dropped,
            np.zeros(4, dtype=np.int64),
            np.zeros((2, task.n), dtype=np.int64),
            np.zeros(3, dtype=np.int64),
            self._latest,
            self.stop if stop is None else stop,
        )
        pointers = run_layers(search, width)
        if leaf[0] >= 0:
            numbers = [*pointers.choices(int(leaf[0])), int(leaf[1])]
            self.choices = [Choice.from_number(number) for number in numbers]
        if search.stop[0]:
            return
        self._n_dropped = int(dropped[0])
        self.is_proved = self._n_dropped == 0
        self.bound = max(self.bound, min(int(dropped[1]), int(self.best[task.measures[0]])))
