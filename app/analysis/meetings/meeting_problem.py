"""What is asked of the next meeting, and what is answered; numbers only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.analysis.meetings.walk_limit import WalkLimit
from app.errors import N_, NN_, InputError

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class NextMeeting:
    """What is asked: companies are named by their index.

    Attributes
    ----------
    weights : array of float, shape (n, n)
        Symmetric: what it is worth that two companies meet for the first time; 0 where they are no neighbors,
        or have met.
    n_guests : int
        Beside the host.
    hosts : tuple of int
        Who may be the host; empty: anybody.
    come_rates : array of float, shape (n,), optional
        How likely a company comes when it is invited; the host does.
    fairness : array of float, shape (n,), optional
        How much a company is due: not invited for long more, invited last time less (negative).
    fairness_weight : float
        What 1 of it is worth in weights of pairs.
    required, excluded : tuple of int
    apart : tuple of (int, int)
        Never invited together.
    near : array of bool, shape (n, n), optional
        Whom (column) a host (row) may invite, such as its neighbors and their neighbors.
    walk : WalkLimit, optional
    """

    weights: Array
    n_guests: int
    hosts: tuple[int, ...] = ()
    come_rates: Array | None = None
    fairness: Array | None = None
    fairness_weight: float = 1.0
    required: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    apart: tuple[tuple[int, int], ...] = ()
    near: Array | None = None
    walk: WalkLimit | None = None


@dataclass(frozen=True)
class Pair:
    """Two companies that meet for the first time, and what that is worth."""

    a: int
    b: int
    weight: float


@dataclass(frozen=True)
class MeetingChoice:
    """A host and its guests.

    Attributes
    ----------
    host : int
    guests : tuple of int
    pairs : tuple of Pair
        Whom it brings together, the most valuable first.
    pairs_value, fairness_value : float
    bound : float
        No choice is worth more.
    is_proved : bool
        No choice is worth more than this one.
    walk_s : float or None
    seconds : float
        Time the search took.
    """

    host: int
    guests: tuple[int, ...]
    pairs: tuple[Pair, ...]
    pairs_value: float
    fairness_value: float
    bound: float
    is_proved: bool
    walk_s: float | None
    seconds: float

    @property
    def companies(self) -> tuple[int, ...]:
        """Host and guests, by index."""
        return tuple(sorted((self.host, *self.guests)))

    @property
    def value(self) -> float:
        """What the choice is worth in all."""
        return self.pairs_value + self.fairness_value

    @property
    def gap(self) -> float | None:
        """By which share another choice could be worth more; None where that has no meaning."""
        if self.is_proved:
            return 0.0
        return (self.bound - self.value) / self.value if self.value > 0 and np.isfinite(self.bound) else None

    def pairs_of(self, company: int) -> tuple[Pair, ...]:
        """Return whom a company of the choice meets for the first time."""
        return tuple(pair for pair in self.pairs if company in (pair.a, pair.b))


def check_meeting(problem: NextMeeting) -> None:
    """Refuse a problem that is malformed or contradicts itself.

    Raises
    ------
    InputError

    Examples
    --------
    >>> import numpy as np
    >>> check_meeting(NextMeeting(np.zeros((3, 3)), 3))
    Traceback (most recent call last):
    app.errors.InputError: A host and 3 guests cannot be chosen from 3 companies.
    """
    n = check_weights(problem.weights)
    for own in (problem.come_rates, problem.fairness):
        if own is not None and (np.shape(own) != (n,) or not np.isfinite(own).all()):
            raise InputError(N_("Come-rates and fairness must be one number a company, %(n)s in all."), n=n)
    if problem.near is not None and np.shape(problem.near) != (n, n):
        raise InputError(N_("Who may be invited by whom must be given for %(n)s × %(n)s companies."), n=n)
    for companies in (problem.hosts, problem.required, problem.excluded, *problem.apart):
        check_companies(companies, n)
    n_left = n - len(set(problem.excluded))
    if problem.n_guests < 1 or problem.n_guests >= n_left:
        raise InputError(
            NN_(
                "A host and %(n)s guest cannot be chosen from %(companies)s companies.",
                "A host and %(n)s guests cannot be chosen from %(companies)s companies.",
            ),
            n=problem.n_guests,
            companies=n_left,
        )


def check_weights(weights: Array) -> int:
    """Refuse weights of pairs that are none, and return of how many things they are.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_weights([[0, 1], [2, 0]])
    Traceback (most recent call last):
    app.errors.InputError: The weight of the pair 0, 1 is not that of 1, 0.
    """
    matrix = np.asarray(weights, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError(
            N_("The weights of pairs must have as many rows as columns; found %(shape)s."),
            shape=" × ".join(map(str, matrix.shape)),
        )
    for i, j in np.argwhere(~np.isfinite(matrix)):
        raise InputError(N_("The weight of the pair %(i)s, %(j)s is no number."), i=i, j=j)
    for i, j in np.argwhere(matrix != matrix.T):
        raise InputError(N_("The weight of the pair %(i)s, %(j)s is not that of %(j)s, %(i)s."), i=i, j=j)
    return len(matrix)


def check_companies(companies: Iterable[int], n: int) -> None:
    """Refuse the index of something that does not exist.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_companies([0, 7], 3)
    Traceback (most recent call last):
    app.errors.InputError: There is no number 7 among 3, counted from 0.
    """
    for company in companies:
        if not 0 <= company < n:
            raise InputError(N_("There is no number %(i)s among %(n)s, counted from 0."), i=company, n=n)
