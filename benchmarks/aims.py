"""What was aimed at, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmarks.measured import Measured, seconds, table
from benchmarks.methods import BY_KEY

FABRICS = ("clean", "dirty")
FROM, MILLION = 10_000, 1_000_000


class Faster(NamedTuple):
    """A method of this engine, how it is called, and how many times faster it shall be than which other."""

    key: str
    title: str
    factor: float
    than: str
    least: int = FROM


FASTER = (
    Faster("all_2", "full", 10, "rook"),
    Faster("all_2", "full", 15, "duckdb"),
    Faster("all_2", "full", 40, "postgis"),
    Faster("drawn", "frame to frame", 4, "rook"),
    Faster("file", "GeoPackage to CSV", 2.5, "rook_file", 100_000),
)
# A million plots: which method, how it is called, and at most how many seconds and megabytes.
MILLIONS = (
    ("all_2", "full", 5.0, None),
    ("flat", "full, from flat arrays,", None, 1_500.0),
    ("drawn", "frame to frame, evidence included,", 12.0, 3_500.0),
)
MOST_GROWTH, MOST_RATIO = 1.1, 1.5
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
    for aim in FASTER:
        yield _faster(measured, aim)
    for key, title, most_s, most_mb in MILLIONS:
        if most_s:
            yield _million(measured, key, f"{title} in under {most_s:.0f} s", "seconds", most_s)
        if most_mb:
            yield _million(measured, key, f"{title} in {most_mb / 1000:.1f} GB", "peak_mb", most_mb)
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
        f"from PostGIS and back, indexes included, in at most {MOST_RATIO:g} times the pure COPY and indexes",
        "; ".join(f"{ratio:.2f}" for ratio in ratios),
        _all_at_most(ratios, MOST_RATIO),
    )


def _all_at_most(values: Sequence[float], most: float) -> bool | None:
    return max(values) <= most if values else None


def _faster(measured: Measured, aim: Faster) -> Aim:
    """Compare a method of this engine with another at every size where both were done."""
    ratios = {}
    for row in measured.rows:
        ours = measured.found(aim.key, row.n_plots, row.fabric)
        if row.key == aim.than and row.n_plots >= aim.least and row.found and ours:
            ratios[f"{row.n_plots:,} {row.fabric}"] = row.found["seconds"] / ours["seconds"]
    return Aim(
        f"{aim.title} at least {aim.factor:g} times faster than {BY_KEY[aim.than].title} "
        f"from {aim.least:,} plots on",
        "; ".join(f"{name}: {ratio:.1f}" for name, ratio in ratios.items()),
        min(ratios.values()) >= aim.factor if ratios else None,
    )


def _million(measured: Measured, key: str, text: str, what: str, most: float) -> Aim:
    """Compare the seconds or megabytes that a method takes for a million plots with the most it may."""
    found = {fabric: measured.found(key, MILLION, fabric) for fabric in FABRICS}
    done = {fabric: each[what] for fabric, each in found.items() if each}
    unit = (lambda value: f"{seconds(value)} s") if what == "seconds" else (lambda value: f"{value:,.0f} MB")
    return Aim(
        f"a million plots {text}",
        "; ".join(f"{fabric}: {unit(value)}" for fabric, value in done.items()),
        _all_at_most([*done.values()], most),
    )
