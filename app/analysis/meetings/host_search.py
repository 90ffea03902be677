"""The search for a host and its guests: host by host where it matters who that is, the best bound first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from app.analysis.meetings.elimination import Bag, elimination_bags
from app.analysis.meetings.heaviest_subgraph import (
    heaviest_subgraph,
    is_narrow,
    swapped,
    weight_of,
)
from app.analysis.meetings.meeting_problem import MeetingChoice, NextMeeting, Pair
from app.analysis.meetings.subgraph_model import CoverCut, solve_model
from app.analysis.meetings.walk_limit import WalkLimit
from app.analysis.meetings.walk_search import EQUAL, WalkTask, heaviest_walked
from app.errors import N_, BusyError, InputError

Array = np.ndarray[Any, Any]


@dataclass
class HostSearch:
    """The best choice so far, and what bounds all others.

    Attributes
    ----------
    problem : NextMeeting
        Checked.
    until : float
        Moment at which the search ends, as `time.perf_counter` has it.
    best : tuple of (value, host, guests) or None
    bound : float
        Nothing is worth more; -inf where it is proven that nothing can be chosen.
    """

    problem: NextMeeting
    until: float
    best: tuple[float, int, tuple[int, ...]] | None = None
    bound: float = -np.inf
    own: Array = field(init=False)
    weights: Array = field(init=False)
    # More than all weights together: nothing outweighs two companies that may not meet.
    penalty: float = field(init=False)
    _is_near: dict[int, Array] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        problem, n = self.problem, len(self.problem.weights)
        fairness = np.zeros(n) if problem.fairness is None else np.asarray(problem.fairness, dtype=float)
        self.own = problem.fairness_weight * fairness
        self.weights = np.array(problem.weights, dtype=float)
        np.fill_diagonal(self.weights, 0.0)
        self.penalty = 2.0 * (1.0 + np.abs(self.weights).sum() + np.abs(self.own).sum())

    @property
    def k(self) -> int:
        """How many are chosen, the host included."""
        return self.problem.n_guests + 1

    @cached_property
    def bags(self) -> tuple[Bag, ...]:
        """The tree decomposition of the graph of pairs with a weight and of those to keep apart."""
        return elimination_bags(self._penalized(self.weights) != 0)

    def run(self) -> None:
        """Search all hosts until no other can be better."""
        hosts, most = self._hosts(), np.inf
        if self.problem.near is None and self.problem.come_rates is None:
            # Without regard to the host first: often one of those chosen can be it.
            chosen, most = self._chosen(None)
            if most == -np.inf:
                return
            for host in self._as_hosts(chosen or (), hosts):
                if self._take(host, chosen or ()):
                    self.bound = most
                    if self._is_better(most):
                        self._take_first(host)
                    return
        bounds = {host: min(self._bound_of(host), most) for host in hosts}
        for host in sorted(hosts, key=lambda host: (-bounds[host], host)):
            if bounds[host] == -np.inf or (self.best and not self._is_better(bounds[host])):
                break
            # Without a walk an answer costs next to nothing.
            if self._is_over() and (self.best or self.problem.walk):
                self.bound = max(self.bound, bounds[host])
                break
            self.bound = max(self.bound, min(bounds[host], self._searched(host)))
        if self.best:
            self.bound = max(self.bound, self.best[0])

    def choice(self, seconds: float) -> MeetingChoice:
        """Return the answer.

        Raises
        ------
        InputError, BusyError
            There is none, or none was found.
        """
        if self.best is None:
            self._refuse()
        _, host, guests = self.best
        weights, companies = self._weights_of(host), sorted((host, *guests))
        pairs = [Pair(a, b, float(weights[a, b])) for a in companies for b in companies if a < b]
        fairness_value = float(self.own[companies].sum())
        pairs_value = weight_of(weights, np.zeros(len(weights)), np.array(companies))
        is_proved, walk = not self._is_better(self.bound), self.problem.walk
        return MeetingChoice(
            host=host,
            guests=guests,
            pairs=tuple(sorted((one for one in pairs if one.weight), key=lambda one: -one.weight)),
            pairs_value=pairs_value,
            fairness_value=fairness_value,
            bound=pairs_value + fairness_value if is_proved else self.bound,
            is_proved=is_proved,
            walk_s=None if walk is None else walk.duration_s(host, guests),
            seconds=seconds,
        )

    def _is_over(self) -> bool:
        return time.perf_counter() > self.until

    def _is_better(self, value: float) -> bool:
        return self.best is None or value > self.best[0] + EQUAL * (1 + abs(self.best[0]))

    def _refuse(self) -> NoReturn:
        if self.bound > -np.inf:
            raise BusyError(N_("No choice of guests was found in time, and none was ruled out."))
        if self.problem.walk is None:
            raise InputError(N_("No host with so many guests meets all requirements."))
        raise InputError(
            N_("No walk of at most %(minutes)s min meets all requirements."),
            minutes=round(self.problem.walk.limit_s / 60),
        )

    def _hosts(self) -> list[int]:
        hosts = self.problem.hosts or range(len(self.own))
        return sorted(set(hosts) - set(self.problem.excluded))

    def _as_hosts(self, chosen: Sequence[int], hosts: Sequence[int]) -> list[int]:
        """Return which of the chosen may be the host, first who meets most."""
        met = {host: self.weights[host, list(chosen)].sum() for host in chosen if host in hosts}
        return sorted(met, key=lambda host: (-met[host], host))

    def _weights_of(self, host: int | None) -> Array:
        """Return the weights of pairs where a company is the host, times how likely both come."""
        if self.problem.come_rates is None:
            return self.weights
        rates = np.array(self.problem.come_rates, dtype=float)
        if host is not None:
            rates[host] = 1.0
        return self.weights * np.outer(rates, rates)

    def _may_come(self, host: int | None) -> tuple[Array, Array]:
        """Return who may be chosen, and who must."""
        n, problem = len(self.own), self.problem
        is_in, is_required = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
        is_required[list(problem.required)] = True
        if host is not None:
            is_required[host] = True
            if problem.near is not None:
                is_in = np.array(problem.near[host], dtype=bool)
            is_in[host] = True
        is_in[list(problem.excluded)] = False
        if host is not None and problem.walk is not None:
            is_in &= self._near(host)
        for a, b in problem.apart:
            is_in[a] &= not is_required[b]
            is_in[b] &= not is_required[a]
        return is_in, is_required

    def _near(self, host: int) -> Array:
        """Return who is not too far from a host for any walk that is short enough."""
        if host not in self._is_near:
            walk, n = self.problem.walk, self.problem.n_guests
            self._is_near[host] = np.array(
                [one == host or walk is None or walk.may_fit(host, one, n) for one in range(len(self.own))]
            )
        return self._is_near[host]

    def _penalized(self, weights: Array) -> Array:
        penalized = weights.copy()
        for a, b in self.problem.apart:
            penalized[a, b] = penalized[b, a] = -self.penalty
        return penalized

    @cached_property
    def _halves(self) -> Array:
        """What a company adds at most: all it is due, and half of its best pairs."""
        best = np.sort(np.maximum(self._weights_of(None), 0.0), axis=1)[:, -self.problem.n_guests :]
        halves: Array = self.own + best.sum(axis=1) / 2
        return halves

    def _bound_of(self, host: int) -> float:
        """Return what no choice of a host is worth more than."""
        is_in, is_required = self._may_come(host)
        if not is_in[host] or (is_required & ~is_in).any() or is_in.sum() <= self.problem.n_guests:
            return -np.inf
        # A host certainly comes; the halves reckon with its come-rate.
        surely = self._weights_of(host)[host] - self._weights_of(None)[host]
        others = (self._halves + surely)[is_in & (np.arange(len(is_in)) != host)]
        return float(self._halves[host] + np.sort(others)[-self.problem.n_guests :].sum())

    def _take(self, host: int, chosen: Sequence[int]) -> bool:
        """Keep a choice if it fits the walk and is the best so far; return whether it fits."""
        guests = tuple(sorted(one for one in chosen if one != host))
        if self.problem.walk is not None and not self.problem.walk.fits(host, guests):
            return False
        value = weight_of(self._weights_of(host), self.own, np.array(chosen))
        if self._is_better(value):
            self.best = value, host, guests
        return True

    def _searched(self, host: int) -> float:
        """Search the best choice of a host, and return what no choice of it is worth more than."""
        self._take_first(host)
        chosen, bound = self._chosen(host)
        walk = self.problem.walk
        if chosen is None or not self._is_better(bound) or self._take(host, chosen) or walk is None:
            return bound
        return self._walked(host, walk, bound)

    def _walked(self, host: int, walk: WalkLimit, bound: float) -> float:
        """Search the best guests whom a walk passes that is short enough."""
        weights, (is_in, is_required) = self._weights_of(host).copy(), self._may_come(host)
        for a, b in self.problem.apart:
            weights[a, b] = weights[b, a] = -np.inf
        task = WalkTask(weights, self.own, host, self.problem.n_guests, is_in, is_required, walk)
        least = -np.inf if self.best is None else self.best[0]
        guests, is_complete = heaviest_walked(task, least, self.until)
        if guests is not None:
            self._take(host, (host, *guests))
        # Of what is ruled out nothing is better than the best.
        return bound if not is_complete else self.best[0] if self.best else -np.inf

    def _take_first(self, host: int) -> None:
        """Take a good choice soon: against it others are measured."""
        is_in, is_required = self._may_come(host)
        weights = self._penalized(self._weights_of(host))
        walk = self.problem.walk

        def fits(chosen: Array) -> bool:
            # Each walk may take a while to work out: what is not looked at does not count as found.
            if walk is not None and self._is_over():
                return False
            return walk is None or walk.fits(host, tuple(int(one) for one in chosen if one != host))

        found = swapped(weights, self.own, self.k, is_in, is_required, fits)
        if found and found[0] > -self.penalty / 2:
            self._take(host, found[1])

    def _chosen(self, host: int | None) -> tuple[tuple[int, ...] | None, float]:
        """Return the heaviest choice without regard to a walk, and what bounds all of them."""
        weights, (is_in, is_required) = self._weights_of(host), self._may_come(host)
        if is_narrow(self.bags, self.k):
            penalized = self._penalized(weights)
            found = heaviest_subgraph(penalized, self.own, self.k, self.bags, is_in, is_required)
            is_found = found is not None and found[0] > -self.penalty / 2
            return (found[1], found[0]) if found and is_found else (None, -np.inf)
        apart = [CoverCut(pair, (1.0, 1.0), 1) for pair in self.problem.apart]
        limit_s = self.until - time.perf_counter()
        answer = solve_model(weights, self.own, self.k, is_in, is_required, apart, limit_s=limit_s)
        return answer.chosen, answer.bound
