"""The neighborhood index over time as a drawing: what is certain as a band, what is likely as a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 240, 44, 12, 12, 28
# What is certain at least, what is likely, what is certain at most.
Shares = tuple[float, float, float]
_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Tick:
    """A mark of an axis: where, and what stands there."""

    at: float
    value: float


@dataclass(frozen=True)
class IndexChart:
    """Values of ``d`` of SVG paths in a box of `WIDTH` by `HEIGHT`; years and shares along the axes."""

    band: str
    line: str
    years: tuple[Tick, ...]
    shares: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM
    right: int = WIDTH - RIGHT


def index_chart(points: Sequence[tuple[date, Shares | None]]) -> IndexChart | None:
    """Return the drawing of an index; None with less than two days of which there is one.

    Examples
    --------
    >>> nobody, some = (0.0, 0.0, 0.0), (0.1, 0.1, 0.2)
    >>> chart = index_chart([(date(2024, 1, 1), nobody), (date(2025, 1, 1), some)])
    >>> chart.line
    'M44.0,212.0L708.0,112.0'
    >>> index_chart([(date(2024, 1, 1), None)]) is None
    True
    """
    known = [(day, index) for day, index in points if index is not None]
    if len(known) < 2:
        return None
    first, last = known[0][0].toordinal(), known[-1][0].toordinal()
    highest = max(high for _, (_, _, high) in known)
    step = next(step for step in _STEPS if highest <= 5 * step)
    n_steps = max(1, -(-round(highest * 1e9) // round(step * 1e9)))
    top = n_steps * step

    def x(day: int) -> float:
        return LEFT + (day - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - share / top * (HEIGHT - TOP - BOTTOM)

    def path(values: Sequence[tuple[date, float]]) -> str:
        return "L".join(f"{x(day.toordinal()):.1f},{y(share):.1f}" for day, share in values)

    lower = path([(day, low) for day, (low, _, _) in known])
    upper = path([(day, high) for day, (_, _, high) in reversed(known)])
    years = [date(year, 1, 1) for year in range(known[0][0].year, known[-1][0].year + 1)]
    return IndexChart(
        band=f"M{lower}L{upper}Z",
        line="M" + path([(day, likely) for day, (_, likely, _) in known]),
        years=tuple(Tick(x(day.toordinal()), day.year) for day in years if first <= day.toordinal() <= last),
        shares=tuple(Tick(y(n * step), n * step) for n in range(n_steps + 1)),
    )
