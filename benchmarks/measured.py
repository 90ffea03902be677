"""What a run has measured so far, and how figures are set."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True)
class Row:
    """A method on a fabric: what `benchmarks.measure` found, or why it found nothing."""

    key: str
    n_plots: int
    fabric: str
    found: dict[str, Any] | None = None
    why: str = ""

    def with_found(self, found: dict[str, Any]) -> Self:
        """Return the same row measured."""
        return replace(self, found=found)

    def without(self, why: str) -> Self:
        """Return the same row with a reason why nothing was measured."""
        return replace(self, why=why)


@dataclass
class Measured:
    """All that was measured so far, and since when."""

    limit_s: float
    rows: list[Row] = field(default_factory=list)
    stored: list[dict[str, Any]] = field(default_factory=list)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    def found(self, key: str, n_plots: int, fabric: str) -> dict[str, Any] | None:
        """Return what was found of a method on a fabric, None where it was not measured."""
        for row in self.rows:
            if (row.key, row.n_plots, row.fabric) == (key, n_plots, fabric):
                return row.found
        return None


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], n_left: int = 1) -> str:
    """Return a Markdown table; columns after the first `n_left` are set to the right."""
    lines = [head, ["---"] * n_left + ["---:"] * (len(head) - n_left), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def seconds(value: float) -> str:
    """Return seconds with two or three digits that count."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
