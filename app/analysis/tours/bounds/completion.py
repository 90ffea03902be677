"""Completion bounds by the ng-route relaxation: the most that any completion of a partial tour gains.

Backward labels are extended from the end, by stop and time bucket. A label remembers only the visits to the
ng-set of its stop, so a path may come back to others; dual values, adjusted by the subgradient method, make
such cycles costly (R. Baldacci, A. Mingozzi, R. Roberti, New state-space relaxations for solving the
traveling salesman problem with time windows, 2012).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.analysis.tours.bounds.backward_labels import (
    CompletionBound,
    best_path,
    fill_backward,
    fill_transitions,
)
from app.analysis.tours.bounds.remaining import Bounds
from app.analysis.tours.bounds.tightening import has_between, needed_stops, orders_of, spans_of
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, NEVER, TaskData

# Of time, at most.
MOST_BUCKETS = 3000
MOST_BUCKET_S = 300
FIRST_STEP, PATIENCE, DEFLECTION = 1.0, 4, 0.5
# Neighbors remembered at first, more at once, and at most.
N_NG, N_NG_MORE, MOST_NG = 4, 2, 8


class Resolution(NamedTuple):
    """Time buckets; how often ng-sets are enlarged, subgradient rounds each time; most stops of an ng-set."""

    n_buckets: int
    n_phases: int
    n_rounds: int
    most_ng: int


COARSE, FINE = Resolution(128, 1, 12, 4), Resolution(128, 3, 12, 8)


def no_completion_bound(task: TaskData) -> CompletionBound:
    """Return a completion bound that bounds nothing."""
    best, none = np.zeros((1, 1), dtype=np.int64), np.full((task.n, 1), -1, dtype=np.int64)
    buckets, dual = np.zeros((task.n, 2), dtype=np.int64), np.zeros(task.n, dtype=np.int64)
    columns = np.zeros(task.n + 1, dtype=np.int64)
    return CompletionBound(False, False, False, best, columns, none, dual, buckets, none, 1)


def first_duals(task: TaskData, bounds: Bounds, best_known: int) -> Array:
    """Return dual values to begin with: the multipliers of the 1-tree, and what a visit is worth."""
    measure = task.measures[0]
    if measure == LOSS:
        return np.zeros(task.n, dtype=np.int64)
    one_tree = bounds.length if measure == LENGTH else bounds.time
    duals: Array = np.where(needed_stops(task), -one_tree.multiplier - best_known // task.n, 0)
    return duals


def completion_bound_of(
    task: TaskData,
    bounds: Bounds,
    before: CompletionBound,
    best_known: int,
    resolution: Resolution,
    stop: Array,
) -> CompletionBound:
    """Return the completion bound of a task for which time matters.

    Parameters
    ----------
    task : TaskData
    bounds : Bounds
    before : CompletionBound
        To begin with; may be one that bounds nothing.
    best_known : int
        The first measure of the best tour known.
    resolution : Resolution
    stop : array of int64, shape (1,)
    """
    horizon, bucket_s = _horizon(task), 0
    if task.n > 1 and not task.is_timeless and horizon.ends < NEVER:
        bucket_s = _bucket_s(task, bounds.shortest_s, horizon, resolution)
    if not bucket_s:
        return no_completion_bound(task)
    last_bucket = (horizon.ends - task.starts) // bucket_s
    opens, closes = spans_of(task)
    buckets = np.stack([opens, closes], axis=1) + task.stops["dwell"][:-1, None] - task.starts
    bound = before._replace(
        is_known=True,
        is_shiftable=is_shiftable(task),
        is_short=horizon.ends < task.ends,
        best=np.empty((last_bucket + 1, 1), dtype=np.int64),
        ng=before.ng if before.is_known else _ng_sets(task, bounds.shortest_s),
        dual=before.dual.copy() if before.is_known else first_duals(task, bounds, best_known),
        buckets=np.minimum(buckets // bucket_s, last_bucket),
        successors=_successors(task),
        bucket_s=bucket_s,
    )
    goal = task.most_value - best_known if task.measures[0] == LOSS else -best_known
    subgradient = _Subgradient(task, goal, np.zeros(task.n))
    cycles = np.zeros((task.n, task.n), dtype=np.int64)
    for _ in range(resolution.n_phases):
        bound = _with_columns(_with_larger_ng_sets(bound, cycles, resolution.most_ng))
        cycles = subgradient.run(bound, resolution.n_rounds, stop)
        if stop[0]:
            return no_completion_bound(task)
        if subgradient.is_done:
            break
    return bound


class _Horizon(NamedTuple):
    """From when on no time window matters, and when any tour without idle time has ended."""

    quiet: int
    ends: int


def _horizon(task: TaskData) -> _Horizon:
    """Return the horizon; without an end, until stops without a time window were visited behind the rest."""
    if task.ends < NEVER:
        return _Horizon(task.ends, task.ends)
    closes, dwell = spans_of(task)[1], task.stops["dwell"][:-1]
    has_window, gates = closes < NEVER // 2, task.legs[task.legs["way"] >= 0]
    quiet = max(
        task.starts,
        int(task.windows["opens"].max() + dwell.max()),
        int((closes + dwell).max(where=has_window, initial=0)),
        int((gates["closes"] + gates["walk"]).max(initial=0)),
        task.pause_closes + task.pause_dwell if task.has_pause else 0,
    )
    tail = int((dwell + task.legs["walk"].max(initial=0))[~has_window].sum())
    return _Horizon(quiet, quiet + tail + 2 * MOST_BUCKET_S)


def is_shiftable(task: TaskData) -> bool:
    """Return whether whatever takes some time takes no longer later."""
    has_window = (task.windows["closes"] < NEVER).any() or (task.windows["opens"] > task.starts).any()
    return not (task.has_pause or has_window or (task.legs["way"] >= 0).any())


def _bucket_s(task: TaskData, shortest_s: Array, horizon: _Horizon, resolution: Resolution) -> int:
    """Return the size of a bucket, less than any walk with its visit; 0 where there would be too many."""
    steps = (shortest_s + task.stops["dwell"][:-1])[~np.eye(task.n, dtype=bool)]
    bucket_s = max((horizon.quiet - task.starts) // resolution.n_buckets, 1)
    bucket_s = min(bucket_s, int(steps.min()), MOST_BUCKET_S)
    return bucket_s if bucket_s > 0 and (horizon.ends - task.starts) // bucket_s < MOST_BUCKETS else 0


def _successors(task: TaskData) -> Array:
    """Return the stops that may follow each stop as far as orders and ends go."""
    is_before = orders_of(task)
    leads = ~(is_before.T | has_between(task, is_before) | np.eye(task.n, dtype=bool))
    leads[:, max(task.first, 0)] &= task.first < 0
    leads[max(task.last, 0)] &= task.last < 0
    successors = np.full((task.n, task.n), -1, dtype=np.int64)
    for at in range(task.n):
        to = np.flatnonzero(leads[at])
        successors[at, : len(to)] = to
    return successors


def _ng_sets(task: TaskData, shortest_s: Array) -> Array:
    """Return the nearest stops of each stop that may come before it or behind it."""
    is_before = orders_of(task)
    apart = np.minimum(shortest_s, shortest_s.T).astype(float)
    apart[is_before | is_before.T | np.eye(task.n, dtype=bool)] = np.inf
    order = np.argsort(apart, axis=1, kind="stable")[:, :N_NG]
    ng = np.full((task.n, MOST_NG), -1, dtype=np.int64)
    ng[:, : order.shape[1]] = np.where(np.take_along_axis(apart, order, 1) < NEVER, order, -1)
    return ng


def _with_columns(bound: CompletionBound) -> CompletionBound:
    """Return a completion bound with a column for each subset of each ng-set."""
    column = np.zeros(len(bound.ng) + 1, dtype=np.int64)
    np.cumsum((1 << (bound.ng >= 0).sum(axis=1)) + 1, out=column[1:])
    best = np.empty((len(bound.best), column[-1]), dtype=np.int64)
    return bound._replace(best=best, column=column)


def _with_larger_ng_sets(bound: CompletionBound, cycles: Array, most_ng: int) -> CompletionBound:
    """Return a completion bound with larger ng-sets, by the stops that close most cycles (dynamic ng-sets).

    R. Roberti, A. Mingozzi, Dynamic ng-path relaxation for the delivery man problem, 2014.
    """
    ng = bound.ng.copy()
    for at, row in enumerate(cycles):
        n_ng = int((ng[at] >= 0).sum())
        for stop in np.argsort(-row, kind="stable")[:N_NG_MORE]:
            if row[stop] and n_ng < most_ng:
                ng[at, n_ng] = stop
                n_ng += 1
    return bound._replace(ng=ng)


@dataclass
class _Subgradient:
    """The subgradient method for dual values: step size, rounds in vain, direction."""

    task: TaskData
    goal: int
    direction: Array
    step_size: float = FIRST_STEP
    patience: int = 0
    is_done: bool = False

    def run(self, bound: CompletionBound, n_rounds: int, stop: Array) -> Array:
        """Fill the table again and again with dual values under which the best path visits each stop once.

        Each direction is deflected by the one before: P. M. Camerini, L. Fratta, F. Maffioli,
        On improving relaxation methods by modified gradient techniques, 1975.

        Returns
        -------
        array of int64, shape (n, n)
            How often a stop (row) lies on a cycle of the best path at another (column).
        """
        task, dual = self.task, bound.dual
        path, cycles = np.full(len(bound.best) + 2, -1), np.zeros((task.n, task.n), dtype=np.int64)
        transitions = np.zeros((task.n, task.n, int(np.diff(bound.column).max()) - 1), dtype=np.int32)
        fill_transitions(bound, transitions)
        least, best_dual, seen_dual = NEVER, dual.copy(), dual.copy()
        for _ in range(n_rounds):
            fill_backward(task, bound, transitions, stop)
            seen_dual[:] = dual
            most = best_path(task, bound, transitions, path) + int(dual.sum())
            if stop[0]:
                return cycles
            stops = path[: int((path < 0).argmax())]
            _count_cycles(stops, cycles)
            if most < least:
                least, self.patience = most, 0
                best_dual[:] = dual
            elif self._is_in_vain():
                dual[:] = best_dual
                continue
            if most <= self.goal or self._change(dual, stops, most):
                self.is_done = True
                break
        dual[:] = best_dual
        if (seen_dual != best_dual).any():
            fill_backward(task, bound, transitions, stop)
        return cycles

    def _is_in_vain(self) -> bool:
        self.patience += 1
        if self.patience < PATIENCE:
            return False
        self.step_size, self.patience = self.step_size / 2, 0
        self.direction[:] = 0
        return True

    def _change(self, dual: Array, stops: Array, most: int) -> bool:
        """Change the dual values; return whether there is nothing to change."""
        is_required = needed_stops(self.task)
        n_visits = np.bincount(stops, minlength=self.task.n)
        excess = np.where(is_required | (dual > 0), n_visits - 1, np.maximum(n_visits - 1, 0))
        if not excess.any():
            return True
        self.direction[:] = excess + DEFLECTION * self.direction
        by = self.step_size * max(most - self.goal, 1) / max(float((self.direction**2).sum()), 1e-9)
        dual += np.rint(by * self.direction).astype(np.int64)
        np.maximum(dual, 0, out=dual, where=~is_required)
        return False


def _count_cycles(stops: Array, cycles: Array) -> None:
    """Count the stops on each cycle of a path."""
    last: dict[int, int] = {}
    for i, stop in enumerate(stops.tolist()):
        if stop in last:
            cycles[stops[last[stop] + 1 : i], stop] += 1
        last[stop] = i
