"""What a file asks of a walking tour, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Times = tuple[int, int]


@dataclass(frozen=True)
class DocumentStop:
    """A stop as a file tells it; times in the whole numbers of `ProblemDocument`."""

    name: str
    dwell_s: int = 0
    windows: tuple[Times, ...] = ()
    value: float | None = None
    position: int | None = None


@dataclass(frozen=True)
class DocumentWay:
    """A walk with hours as a file tells it."""

    start: int
    end: int
    walk_s: int
    length_m: float
    departs: Times


@dataclass(frozen=True)
class ProblemDocument:
    """What a file asks for, with every number in seconds and metres; the words are the planner's.

    Attributes
    ----------
    title : str
        The problem's own, or its file's name.
    stops : tuple of DocumentStop
    walk_s : array of int, shape (n, n)
        -1 where one cannot walk.
    length_m : array of float, shape (n, n)
    objective : str
        ``walking``, ``duration`` or ``value``.
    n_units : int
        So many of the times here are one in the file: published problems have times with decimals.
    pause : (int, (int, int)) or None
        How long, and when it begins.
    has_clock : bool
        Whether times are seconds from midnight, so that they can be told as clock times.
    """

    title: str
    stops: tuple[DocumentStop, ...]
    walk_s: Array
    length_m: Array
    objective: str = "walking"
    ways: tuple[DocumentWay, ...] = ()
    first: int | None = None
    last: int | None = None
    is_round: bool = False
    orders: tuple[tuple[int, int], ...] = ()
    starts_s: int = 0
    ends_s: int | None = None
    max_walk_m: float | None = None
    pause: tuple[int, Times] | None = None
    n_units: int = 1
    has_clock: bool = False
