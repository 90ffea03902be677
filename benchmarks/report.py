"""What was measured, as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.aims import aims, growth
from benchmarks.measured import Measured, Row, seconds, table
from benchmarks.methods import BY_KEY, METHODS

PACKAGES = (
    *("numpy", "numba", "shapely", "geopandas", "libpysal", "sedonadb", "duckdb", "duckdb-extension-spatial"),
    *("psycopg", "scipy"),
)
SHORT = {"edge": "e", "corner": "c", "across": "a"}

# What a person wrote below this line stays when the tables are measured anew.
BY_HAND = "## Notes"


def keep(path: Path, measured: Measured) -> None:
    """Write the report in the place of the one before; notes made by hand stay."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    _, mark, notes = before.partition(f"{BY_HAND}\n")
    path.write_text(report(measured) + (f"\n{mark}{notes}" if mark else ""), encoding="utf-8")


def report(measured: Measured) -> str:
    """Return all tables as Markdown."""
    parts = [
        _head(measured),
        _legend(),
        "## Pairs of plots in memory",
        READING.format(limit_s=measured.limit_s),
        _comparison(measured.rows),
        growth(measured),
        *((_stored(measured.stored), _edits(measured.stored)) if measured.stored else ()),
        aims(measured),
    ]
    return "\n".join(parts)


def _head(measured: Measured) -> str:
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    server = "".join(f", {measured.stored[0]['server']}" for _ in measured.stored[:1])
    return (
        "# Neighbors, measured\n\n"
        "Made by `python -m benchmarks.adjacency` (`make benchmarks`).\n\n"
        f"- **Date**: {measured.started_at:%Y-%m-%d %H:%M} UTC; load {measured.load:.1f} before the run, "
        f"{os.getloadavg()[0]:.1f} at its end\n"
        f"- **Machine**: {cpu}, {os.cpu_count()} cores, {memory_gb:.0f} GB, "
        f"{platform.system()} {platform.release()}\n"
        f"- **Versions**: Python {platform.python_version()}{server}, "
        f"{', '.join(f'{name} {_version(name)}' for name in PACKAGES)}\n"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _legend() -> str:
    return table(["method", "what it tells"], ([method.title, method.answers] for method in METHODS), 2)


READING = """
Made-up parcels whose neighbors are known by construction: blocks between streets, cut again and again,
with T-junctions. *Dirty*: turned, gaps and overlaps of centimetres, a vertex of its own on every side,
doubled vertices, every other ring reversed.

Every measurement has its own process, which has met every function once before; the shortest of up to
fifty runs that together take two seconds, of two where one takes up to twelve. Stopped after
{limit_s:.0f} s; not run where the size before says it would take longer. GeoDataFrames are given, or
the coordinates of all rings as one array (*flat arrays*); tables and indexes of databases are made before
the clock starts. Memory is the peak of the whole process, imports and plots included; of PostGIS, client
and the one server process together.

**missed**: share of the true pairs of **e**dge, **c**orner, **a**cross that a method means to find and
does not (where it tells relations, told otherwise is missed). **too many**: pairs that are none of what
it means to find. The tree's boxes are candidates only.
"""


def _comparison(rows: Sequence[Row]) -> str:
    head = ["plots", "method"]
    for fabric in ("clean", "dirty"):
        head += [f"{fabric}: s", "pairs/s", "MB", "missed", "too many"]
    lines: dict[tuple[int, str], list[str]] = {}
    for row in rows:
        lines.setdefault((row.n_plots, row.key), []).extend(_cells(row))
    return table(head, ([f"{n:,}", BY_KEY[key].title, *cells] for (n, key), cells in lines.items()), 2)


def _cells(row: Row) -> list[str]:
    found = row.found
    if found is None:
        return [row.why, "", "", "", ""]
    missed = " ".join(f"{SHORT[relation]} {_percent(share)}" for relation, share in found["missed"].items())
    return [
        seconds(found["seconds"]),
        f"{found['n_pairs'] / found['seconds']:,.0f}",
        f"{found['peak_mb'] + found['server_mb']:,.0f}",
        missed if any(found["missed"].values()) else "0",
        f"{found['too_many']:,}",
    ]


def _percent(share: float) -> str:
    return f"{share:.0%}" if share in {0.0, 1.0} or 0.005 <= share <= 0.995 else f"{share:.2%}"


def _stored(stored: Sequence[dict[str, Any]]) -> str:
    head = [
        "plots (dirty)",
        "rows",
        "from PostGIS and back, s",
        "pure COPY and indexes, s",
        "ratio",
        "peak MB",
    ]
    rows = (
        [
            f"{each['n_plots']:,}",
            f"{each['n_rows']:,}",
            seconds(each["rebuild_s"]),
            seconds(each["pure_s"]),
            f"{each['rebuild_s'] / each['pure_s']:.2f}",
            f"{each['peak_mb']:,.0f}",
        ]
        for each in stored
    )
    return (
        "\n## From PostGIS and back\n\n"
        "Read all plots, type the pairs, draw their evidence, fill `adjacency`, make its indexes,\n"
        "constraints and foreign keys, commit; against COPY of the same rows into the same empty\n"
        "table, with the same indexes, constraints and foreign keys made after.\n\n"
        f"{table(head, rows, 0)}"
    )


def _edits(stored: Sequence[dict[str, Any]]) -> str:
    head = [
        "plots",
        "edit",
        "times",
        *(f"{part} {p}" for part in ("neighbors", "whole") for p in ("p50", "p99")),
    ]
    rows = [
        [
            f"{each['n_plots']:,}",
            kind,
            len(times["whole"]),
            *(f"{np.percentile(times[part], p):.1f}" for part in ("neighbors", "whole") for p in (50, 99)),
        ]
        for each in stored
        for kind, times in each["edits"].items()
    ]
    return (
        "\n## Single edits, milliseconds\n\n"
        "Each in its own transaction, of a plot taken by chance. *neighbors*: what keeping the pairs\n"
        "right takes; *whole*: edit, neighbors and commit.\n\n"
        f"{table(head, rows, 2)}"
    )
