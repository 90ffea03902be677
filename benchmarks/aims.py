"""What was aimed at, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.measured import Measured, seconds, table
from benchmarks.methods import BY_KEY

FABRICS = ("clean", "dirty")
FASTER = (("rook", 10), ("duckdb", 15), ("postgis", 40))
FROM, MILLION = 10_000, 1_000_000
MOST_S, MOST_MB, MOST_GROWTH, MOST_RATIO = 5.0, 1_500.0, 1.1, 3.0
HEAD = ("aim", "measured", "reached")


@dataclass(frozen=True)
class Aim:
    """An aim, the figures that speak for or against it, and whether it is reached; None: not measured."""

    text: str
    measured: str
    is_reached: bool | None


def aims(measured: Measured) -> str:
    """Return the aims as a Markdown section."""
    rows = [(aim.text, aim.measured or "not measured", _verdict(aim.is_reached)) for aim in _aims(measured)]
    return (
        f"\n## Aims\n\n“Full” means this engine with all relations and two threads.\n\n{table(HEAD, rows, 3)}"
    )


def _verdict(is_reached: bool | None) -> str:
    return {None: "-", True: "yes", False: "**no**"}[is_reached]


def growth(measured: Measured) -> str:
    """Return how time grows with the number of plots, as a sentence for each fabric."""
    return "\n" + "".join(
        f"- Growth from {small:,} to {large:,} plots, {fabric}: N^{exponent:.2f} with {_threads(n)}.\n"
        for fabric in FABRICS
        for n in (1, 2)
        for small, large, exponent in _exponents(measured, f"all_{n}", fabric)
    )


def _threads(n: int) -> str:
    return f"{n} thread{'s' * (n > 1)}"


def _exponents(measured: Measured, key: str, fabric: str) -> Iterator[tuple[int, int, float]]:
    """Yield the exponent of growth from `FROM` to the largest size, if there are two sizes."""
    done = [
        (row.n_plots, row.found["seconds"])
        for row in measured.rows
        if (row.key, row.fabric) == (key, fabric) and row.found and row.n_plots >= FROM
    ]
    if len(done) > 1:
        (small, quick_s), (large, slow_s) = done[0], done[-1]
        yield small, large, float(np.log(slow_s / quick_s) / np.log(large / small))


def _aims(measured: Measured) -> Iterator[Aim]:
    for key, factor in FASTER:
        yield _faster(measured, key, factor)
    yield from _million(measured)
    exponents = {
        f"{fabric}, {_threads(n)}": exponent
        for fabric in FABRICS
        for n in (1, 2)
        for _, _, exponent in _exponents(measured, f"all_{n}", fabric)
    }
    yield Aim(
        f"growth no worse than N^{MOST_GROWTH}",
        "; ".join(f"{name}: {exponent:.2f}" for name, exponent in exponents.items()),
        _all_at_most([*exponents.values()], MOST_GROWTH),
    )
    ratios = [each["rebuild_s"] / each["pure_s"] for each in measured.stored]
    yield Aim(
        f"from PostGIS and back, indexes included, in under {MOST_RATIO:.0f} times the pure COPY and indexes",
        "; ".join(f"{ratio:.2f}" for ratio in ratios),
        _all_at_most(ratios, MOST_RATIO),
    )


def _all_at_most(values: Sequence[float], most: float) -> bool | None:
    return max(values) <= most if values else None


def _faster(measured: Measured, key: str, factor: int) -> Aim:
    """Compare the full answer with a method at every size from `FROM` on where both were done."""
    ratios = {}
    for row in measured.rows:
        ours = measured.found("all_2", row.n_plots, row.fabric)
        if row.key == key and row.n_plots >= FROM and row.found and ours:
            ratios[f"{row.n_plots:,} {row.fabric}"] = row.found["seconds"] / ours["seconds"]
    return Aim(
        f"full at least {factor} times faster than {BY_KEY[key].title} from {FROM:,} plots on",
        "; ".join(f"{name}: {ratio:.1f}" for name, ratio in ratios.items()),
        min(ratios.values()) >= factor if ratios else None,
    )


def _million(measured: Measured) -> Iterator[Aim]:
    found = {fabric: measured.found("all_2", MILLION, fabric) for fabric in FABRICS}
    done = {fabric: each for fabric, each in found.items() if each}
    yield Aim(
        f"a million plots full in under {MOST_S:.0f} s on two cores",
        "; ".join(f"{fabric}: {seconds(each['seconds'])} s" for fabric, each in done.items()),
        _all_at_most([each["seconds"] for each in done.values()], MOST_S),
    )
    flat = {fabric: measured.found("flat", MILLION, fabric) for fabric in FABRICS}
    given = {fabric: each for fabric, each in flat.items() if each}
    yield Aim(
        f"and in {MOST_MB / 1000:.1f} GB, the whole process, from flat arrays",
        "; ".join(f"{fabric}: {each['peak_mb']:,.0f} MB" for fabric, each in given.items()),
        _all_at_most([each["peak_mb"] for each in given.values()], MOST_MB),
    )
