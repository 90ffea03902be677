"""Time windows, and walks that can be begun within one only; shared by the engines of walks and of tours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Window:
    """A stretch of time, both ends included; ``opens_s <= closes_s``."""

    opens_s: int
    closes_s: int


@dataclass(frozen=True)
class Way:
    """Another walk between two stops, to be begun within a window only (through a gate, over a yard).

    Attributes
    ----------
    start, end : int
        Stops, in walking direction.
    walk_s : int
    length_m : float
    departs : Window
        When one may set out.
    """

    start: int
    end: int
    walk_s: int
    length_m: float
    departs: Window
