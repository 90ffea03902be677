"""What a file asks of a walking tour, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.domain.tours import MOST_STOPS, Array, Problem
from app.errors import N_, TooLargeError


@dataclass(frozen=True)
class ProblemFile:
    """A problem and how its file writes it.

    Attributes
    ----------
    title : str
        The problem's own, or its file's name.
    problem : Problem
    n_units : int
        So many of the problem's seconds are one in the file: published problems have times with decimals.
    has_clock : bool
        Whether times are seconds from midnight, so that they can be written as clock times.
    """

    title: str
    problem: Problem
    n_units: int = 1
    has_clock: bool = False


def check_size(n_stops: int, name: str) -> None:
    """Refuse a file of more stops than are planned, before any of them is read.

    Raises
    ------
    TooLargeError
    """
    if n_stops > MOST_STOPS:
        raise TooLargeError(
            N_("%(file)s has %(n)s stops; a tour can have at most %(most)s."),
            file=name,
            n=n_stops,
            most=MOST_STOPS,
        )


def straight_distances(points: Array) -> Array:
    """Return the distances between points, shape (n, 2), as an array of shape (n, n)."""
    apart = points[:, None] - points[None, :]
    found: Array = np.hypot(apart[..., 0], apart[..., 1])
    return found
