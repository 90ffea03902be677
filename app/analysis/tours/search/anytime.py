"""A search in the making: stage by stage, with more and more room."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count, islice
from time import perf_counter

import numpy as np

from app.analysis.tours.bounds.arc_elimination import can_strike, without_dear_legs
from app.analysis.tours.bounds.completion import ROUGH, SHARP, Sharpness, is_shiftable, no_outlook, outlook_of
from app.analysis.tours.bounds.remaining import Bounds, bounds_of, least_of
from app.analysis.tours.bounds.tightening import needed_stops
from app.analysis.tours.deadline import watched
from app.analysis.tours.heuristics.depots import begun
from app.analysis.tours.heuristics.late_acceptance import kept_orders
from app.analysis.tours.heuristics.local_search import SEED, first_order, good_order
from app.analysis.tours.problem import Array
from app.analysis.tours.search.estimates import Search
from app.analysis.tours.search.labels import Wanted, new_table
from app.analysis.tours.search.layers import run_layers
from app.analysis.tours.search.schedules import Choice
from app.analysis.tours.search.subset_dp import has_few_stops, latest_of, order_of, sets_of
from app.analysis.tours.tasks import DURATION, LENGTH, LOSS, NEVER, Task, near_this_order

# Labels kept a layer: few at first for a good tour soon, then more until none is dropped.
FIRST_WIDTH, WIDER, MOST_WIDTH = 64, 8, 1 << 19
MOST_LABELS = 1 << 21
# From this many stops on (or where some are left out and a second search was not enough) it pays to look for
# a first tour otherwise, for a share of the time: for most of it where the bound lies so far below the best
# tour that nothing will be proved, not at all where it lies near.
MANY_STOPS = 30
START_SHARE, HOPELESS_SHARE = 0.35, 0.85
# Of the time, for what may prove something: a search that does not end in time has told nothing, and the rest
# goes into improving the best tour. Where the bound lies near, all of the time is for the proof.
PROVING_SHARE = 0.7
NEAR_GAP, HOPELESS_GAP = 0.005, 0.2
# Rounds of the local search for any tour at all, where few labels found none: a number, for what is found
# must not hang on how busy the machine is.
N_SOON = 50
# How far from its place a stop of the best tour is moved, and how many labels a layer that may take.
NEAR_PLACES, POLISH_WIDTH = 8, 2048
# So many times what there was room for must have been dropped before it is worth an outlook: a rough one, and
# a sharp one.
FAR_OFF, FAR_FROM_SHARP = 2, 6
# Up to so many stops it does not pay to settle what comes second before all the rest.
FEW_STOPS = 16
# Up to so many stops every set of them is looked at before a first tour could be found.
FEWER_STOPS = 12

EVERYTHING = Wanted(4, ready=True, slack=True, length=True)


def stages(task: Task) -> list[Wanted]:
    """Return what is asked one after the other: the first measure alone, which needs few labels, then all."""
    everything = EVERYTHING
    is_timed, has_length = not task.is_timeless, task.most_length < NEVER
    match int(task.measures[0]):
        case measure if measure == LENGTH:
            return [Wanted(1, ready=is_timed, slack=False, length=True), everything]
        case measure if measure == DURATION:
            return [Wanted(1, ready=is_timed, slack=True, length=has_length), everything]
    first = Wanted(1, ready=is_timed, slack=False, length=has_length)
    if task.n <= FEW_STOPS:
        return [first, everything]
    is_walk = bool(task.measures[1] == LENGTH)
    return [
        first,
        Wanted(2, ready=is_timed, slack=not is_walk, length=has_length or is_walk),
        everything,
    ]


@dataclass
class Effort:
    """A search in the making: the best tour known, and what is proved.

    Attributes
    ----------
    is_any_enough : bool
        Whether the first tour found will do.
    is_routing : bool
        Whether vehicle routing knows all that is asked for; see `depots.is_known_to_routing`.
    """

    task: Task
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
    _struck_for: int = 4 * NEVER
    _width: int = field(default_factory=lambda: FIRST_WIDTH)
    _outlooks: list[Sharpness] = field(default_factory=lambda: [SHARP, ROUGH])
    _until_s: float = math.inf

    @property
    def has_known(self) -> bool:
        """Whether there is a tour to be improved upon."""
        return bool(self.best[0] < 4 * NEVER)

    def __post_init__(self) -> None:
        self.outlook, self._given = no_outlook(self.task), self.task
        self.bound = least_of(self.task, self.bounds)
        self._latest, self._proving = np.zeros((0, self.task.n), dtype=np.int64), self.stop

    def run(self) -> None:
        """Search for the best tour, until `stop` at the latest."""
        self._until_s = perf_counter() + self.limit_s
        if has_few_stops(self.task) and self._try_every_set():
            return
        with watched(PROVING_SHARE * self.limit_s, lambda: bool(self.stop[0])) as self._proving:
            for wanted in stages(self.task):
                if not self.settle(wanted):
                    break
        if not self.has_known and not self.is_proved:
            # However little time there was, a first tour is looked for in full.
            self._take_any(np.zeros(1, dtype=np.int64))
        if not self.is_any_enough:
            self._use_up()

    def _take_any(self, stop: Array) -> None:
        """Take over the first tour that is found, by those searches which end after a number of tries."""
        if self.task.measures[0] != LOSS and (order := good_order(self.task, stop, n_rounds=N_SOON)):
            self.take_over(order)
        if not self.has_known:
            for order in islice(kept_orders(self.task, first_order(self.task), self.stop), 1):
                self.take_over(order)

    @property
    def is_met(self) -> bool:
        """Whether no tour is better in the first measure than the best known."""
        return self.has_known and bool(self.best[self.task.measures[0]] <= self.bound)

    def _use_up(self) -> None:
        """Improve the best tour for the time that is left where there are more labels than can be kept."""
        for seed in count(2):
            if self.stop[0] or self.is_proved or self.is_met:
                return
            for order in self._start_orders(self._left_s(), self.order, seed=seed):
                self.take_over(order)
            if seed == 2 and not self.is_routing:
                for order in kept_orders(self._given, self.order, self.stop):
                    self.take_over(order)
            self._polish()

    def _left_s(self) -> float:
        return max(0.0, self._until_s - perf_counter())

    def _try_every_set(self) -> bool:
        """Look at every set of stops; return whether that settled all."""
        if self.task.n > FEWER_STOPS:
            self._look(self.task, stages(self.task)[0], FIRST_WIDTH)
        least = self.task.most_value - int(self.best[LOSS])
        sets = sets_of(self.task, self.bounds, least, self.stop)
        if self.stop[0]:
            return False
        if sets.best:
            self.take_over(order_of(self.task, sets, sets.best, sets.last))
        # The table knows how soon a set can have been visited, not how short the walk can be.
        is_settled = sets.is_exact and is_shiftable(self.task) and self.task.measures[1] == DURATION
        if not sets.best or is_settled:
            self.is_proved, self.bound = True, int(self.best[LOSS])
            return True
        if self.has_known:
            value = self.task.most_value - int(self.best[LOSS])
            self._latest = latest_of(self.task, sets, value, self.stop)
            self._outlooks = []
        return False

    def settle(self, wanted: Wanted) -> bool:
        """Search until no tour is better in what is wanted; False where time ran out or there is none."""
        self.is_proved = False
        while not self.stop[0] and self._width <= MOST_WIDTH:
            stop = self._proving_stop()
            self._look(self.task, wanted, self._width, stop)
            if self.is_any_enough and self.choices:
                return False
            if self.is_proved:
                return self.has_known
            if stop[0]:
                return False
            self._prepare()
            self._width *= WIDER
        return False

    def _proving_stop(self) -> Array:
        """Return what ends a search that may prove something: time, or the share of it for that."""
        can_improve = self.has_known and not self.is_any_enough and self._gap() > NEAR_GAP
        return self._proving if can_improve else self.stop

    def _prepare(self) -> None:
        """Do what makes the next, wider search end sooner."""
        if not self._has_start and self._has_many_stops() and (share := self._start_share()):
            self._start(share * self.limit_s)
        elif not self._has_start and self._needs_any():
            self._has_start = True
            self._take_any(self.stop)
        self._strike()
        far_off = FAR_OFF if ROUGH in self._outlooks else FAR_FROM_SHARP
        if self._n_dropped > far_off * self._width and self.has_known and self._outlooks:
            self._look_out()

    def _has_many_stops(self) -> bool:
        """Return whether it pays to look for a first tour otherwise."""
        is_hard = self.task.measures[0] == LOSS and self._width > FIRST_WIDTH
        return self.task.n >= MANY_STOPS or (self.task.n > FEW_STOPS and is_hard)

    def _strike(self) -> None:
        """Leave out the legs that no tour takes which is as good as the best known."""
        first = int(self.best[self.task.measures[0]])
        if self.task.n > FEW_STOPS and self.has_known and first < self._struck_for and can_strike(self.task):
            self._struck_for = first
            self.task = without_dear_legs(self.task, first)
            self.bounds = bounds_of(self.task)
            self.bound = max(self.bound, min(least_of(self.task, self.bounds), first))

    def _needs_any(self) -> bool:
        """Return whether a tour, if there is one, is likely to be found sooner by the local search."""
        return self.task.n > FEW_STOPS and self.task.measures[0] != LOSS and not self.has_known

    def _start_share(self) -> float:
        """Return which share of the time to spend on a first tour: none while a proof is near."""
        gap = self._gap()
        if gap > HOPELESS_GAP:
            return HOPELESS_SHARE
        return START_SHARE if gap > NEAR_GAP else 0.0

    def _gap(self) -> float:
        """Return how far the best tour lies from the bound, as a share of it."""
        if not self.has_known:
            return math.inf
        first = int(self.best[self.task.measures[0]])
        size = self.task.most_value - first if self.task.measures[0] == LOSS else first
        return (first - self.bound) / max(size, 1)

    def _look_out(self) -> None:
        """Spend time on a better idea of what lies ahead."""
        sharpness = self._outlooks.pop()
        first = int(self.best[self.task.measures[0]])
        self.outlook = outlook_of(
            self.task, self.bounds, self.outlook, first, sharpness, self._proving_stop()
        )

    def _start(self, limit_s: float) -> None:
        """Take over a tour from elsewhere, and what it becomes, if that is better, timed exactly."""
        self._has_start = True
        for order in self._start_orders(limit_s):
            self.take_over(order)
            if self._gap() <= NEAR_GAP:
                break
        self._polish()

    def _start_orders(
        self, limit_s: float, begin: tuple[int, ...] = (), *, seed: int = SEED
    ) -> Iterator[tuple[int, ...]]:
        """Yield good orders: from the local search, which knows no stops to leave out, and from PyVRP.

        They disagree, now one is better, now the other. PyVRP goes on from an order, where there is one.
        """
        task = begun(self._given)
        if task.measures[0] != LOSS:
            limit_s /= 2
            yield good_order(task, self.stop, limit_s, seed=seed)
        if find_spec("pyvrp"):
            from app.analysis.tours.heuristics.pyvrp_start import start_order  # noqa: PLC0415  it costs to load

            yield start_order(task, self.stop, limit_s, begin, seed=seed)

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

    def take_over(self, order: tuple[int, ...], reach: int = 1, width: int = FIRST_WIDTH) -> None:
        """Take over a tour, or the best found within reach of it, if it is better, timed exactly.

        One that leaves out what must be visited is none.
        """
        if order and not needed_stops(self.task)[[i for i in range(self.task.n) if i not in order]].any():
            self._retime(order, reach, width)

    def _retime(self, order: tuple[int, ...], reach: int, width: int) -> None:
        bound, outlook, self.outlook = self.bound, self.outlook, no_outlook(self.task)
        # Timing a tour that is there takes next to no time, and must be done when time is over, too.
        stop = self.stop if reach > 1 else np.zeros(1, dtype=np.int64)
        self._look(near_this_order(self.task, order, reach), EVERYTHING, width, stop)
        self.bound, self.outlook, self.is_proved = bound, outlook, False

    def _look(self, task: Task, wanted: Wanted, width: int, stop: Array | None = None) -> None:
        n_labels = min(2 * width * task.n + 256, MOST_LABELS)
        leaf, dropped = np.array([-1, 0]), np.array([0, 4 * NEVER])
        search = Search(
            task,
            self.bounds,
            self.outlook,
            wanted,
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
        trail = run_layers(search, width)
        if leaf[0] >= 0:
            numbers = [*trail.choices(int(leaf[0])), int(leaf[1])]
            self.choices = [Choice.from_number(number) for number in numbers]
        if search.stop[0]:
            return
        self._n_dropped = int(dropped[0])
        self.is_proved = self._n_dropped == 0
        self.bound = max(self.bound, min(int(dropped[1]), int(self.best[task.measures[0]])))
