"""The longest walk of a meeting: who can be visited together within it."""

from __future__ import annotations

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
    """A walk from the host past all guests that takes at most `limit_s`; see `walk_limit`.

    Attributes
    ----------
    walk_s : array of float, shape (n, n)
        The shortest walks, whatever company they pass.
    dwell_s : array of float, shape (n,)
    limit_s, host_dwell_s : float
    is_round : bool
    """

    walk_s: Array
    dwell_s: Array
    limit_s: float
    host_dwell_s: float = 0.0
    is_round: bool = False

    def duration_s(self, host: int, guests: tuple[int, ...]) -> float:
        """Return the least time of a walk, visits included; `inf` where there is none.

        Raises
        ------
        InputError
            For more than `MOST_WALKED` guests.
        """
        if len(guests) > MOST_WALKED:
            raise InputError(
                N_("The shortest walk is worked out for up to %(most)s guests, not %(n)s."),
                most=MOST_WALKED,
                n=len(guests),
            )
        places = [host, *guests]
        walked_s = _shortest_s(self.walk_s[np.ix_(places, places)], is_round=self.is_round)
        return self.host_dwell_s + float(self.dwell_s[list(guests)].sum()) + walked_s

    def fits(self, host: int, guests: tuple[int, ...]) -> bool:
        """Return whether a walk is short enough."""
        return self.duration_s(host, guests) <= self.limit_s

    def may_fit(self, host: int, guest: int, n_guests: int) -> bool:
        """Return whether a walk past one guest, with others `n_guests` in all, is not ruled out."""
        more_s = (n_guests - 1) * float(self.dwell_s.min())
        return self.duration_s(host, (guest,)) + more_s <= self.limit_s


def walk_limit(
    walk_s: Array, dwell_s: Array, limit_s: float, *, host_dwell_s: float = 0.0, is_round: bool = False
) -> WalkLimit:
    """Return the limit of walks whose times are known, for up to `MOST_WALKED` guests.

    Parameters
    ----------
    walk_s : array of float, shape (n, n)
        From company to company; `inf` where one cannot walk. Passing a company without a visit is allowed.
    dwell_s : array of float, shape (n,)
        How long a visit lasts; 0 or more.
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
    dwell = np.asarray(dwell_s, dtype=float)
    return WalkLimit(_closed(np.asarray(walk_s, dtype=float)), dwell, limit_s, host_dwell_s, is_round)


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
