"""The longest walk of a meeting: who can be visited together within it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.analysis.machine_code import compiled
from app.errors import N_, InputError

Array = np.ndarray[Any, Any]

# The exact order of more guests needs more memory than a page may take.
MOST_WALKED = 18


@dataclass(frozen=True)
class WalkLimit:
    """A walk from the host past all guests that takes at most `limit_s`.

    Attributes
    ----------
    duration_s : callable
        Takes the host and its guests, gives the least time of such a walk, visits included; `inf` where there
        is none. One guest less never takes longer.
    limit_s : float
    least_visit_s : float
        Each further guest takes at least so much longer.
    """

    duration_s: Callable[[int, tuple[int, ...]], float]
    limit_s: float
    least_visit_s: float = 0.0

    def fits(self, host: int, guests: tuple[int, ...]) -> bool:
        """Return whether a walk is short enough."""
        return self.duration_s(host, guests) <= self.limit_s

    def may_fit(self, host: int, guests: tuple[int, ...], n_guests: int) -> bool:
        """Return whether a walk past these and others, `n_guests` in all, is not ruled out."""
        more_s = self.least_visit_s * (n_guests - len(guests))
        return self.duration_s(host, guests) + more_s <= self.limit_s

    def smallest_too_long(self, host: int, guests: tuple[int, ...]) -> tuple[int, ...]:
        """Return guests of a walk that is too long, who make too long any walk past as many.

        None of them can be spared.
        """
        kept = list(guests)
        for guest in guests:
            fewer = tuple(one for one in kept if one != guest)
            if not self.may_fit(host, fewer, len(guests)):
                kept.remove(guest)
        return tuple(kept)


def walk_limit(
    walk_s: Array, dwell_s: Array, limit_s: float, *, host_dwell_s: float = 0.0, is_round: bool = False
) -> WalkLimit:
    """Return the limit of walks whose times are known, for up to `MOST_WALKED` guests.

    Parameters
    ----------
    walk_s : array of float, shape (n, n)
        From company to company; `inf` where one cannot walk. Passing a company without a visit is allowed.
    dwell_s : array of float, shape (n,)
        How long a visit lasts.
    limit_s : float
    host_dwell_s : float
        How long the host's own part lasts.
    is_round : bool
        Walk back to the host at the end.

    Examples
    --------
    >>> import numpy as np
    >>> limit = walk_limit(np.array([[0, 60, 90], [60, 0, 40], [90, 40, 0]]), np.full(3, 300), 900)
    >>> limit.duration_s(0, (1, 2)), limit.fits(0, (1, 2))
    (700.0, True)
    """
    shortest = _closed(np.asarray(walk_s, dtype=float))

    def duration_s(host: int, guests: tuple[int, ...]) -> float:
        if len(guests) > MOST_WALKED:
            raise InputError(
                N_("The shortest walk is worked out for up to %(most)s guests, not %(n)s."),
                most=MOST_WALKED,
                n=len(guests),
            )
        places = [host, *guests]
        walked = _shortest_s(shortest[np.ix_(places, places)], is_round=is_round)
        return host_dwell_s + float(np.asarray(dwell_s)[list(guests)].sum()) + walked

    return WalkLimit(duration_s, limit_s, max(0.0, float(np.min(dwell_s))))


def _closed(walk_s: Array) -> Array:
    """Return the walks with every other company as a possible way point (Floyd and Warshall)."""
    shortest = walk_s.copy()
    for by in range(len(shortest)):
        shortest = np.minimum(shortest, shortest[:, by, None] + shortest[None, by])
    np.fill_diagonal(shortest, 0.0)
    return shortest


def _shortest_s(walk_s: Array, *, is_round: bool) -> float:
    """Return the shortest walk from place 0 through all others (Held and Karp)."""
    n = len(walk_s) - 1
    if n == 0:
        return 0.0
    reached = np.empty((1 << n, n))
    _fill_reached(walk_s, reached)
    return float(np.min(reached[-1] + (walk_s[1:, 0] if is_round else 0.0)))


@compiled
def _fill_reached(walk_s: Array, reached: Array) -> None:
    """Fill in when each place is reached at the earliest as the last of each set."""
    n = reached.shape[1]
    for seen in range(1, reached.shape[0]):
        for last in range(n):
            if not seen >> last & 1:
                reached[seen, last] = np.inf
                continue
            before = seen & ~(1 << last)
            best = walk_s[0, last + 1] if before == 0 else np.inf
            for other in range(n):
                if before >> other & 1:
                    best = min(best, reached[before, other] + walk_s[other + 1, last + 1])
            reached[seen, last] = best
