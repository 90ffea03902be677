"""Plan the same tours with this planner and others: ``python -m benchmarks.tours [--files FOLDER]``.

Writes its section of benchmarks/README.md, between the markers for tours.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pickle
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks import tours_reasons
from benchmarks.tours_judge import is_minimized
from benchmarks.tours_problems import KINDS, SIZES, Case, from_files, made_up
from benchmarks.tours_solvers import PROVING, SOLVERS

REPORT = Path(__file__).with_name("README.md")
MARKS = ("<!-- tours -->", "<!-- /tours -->")
OURS = "this planner"
LIMIT_S = 1.0
N_CASES, N_ALONE, N_EXPLAINED = 3, 50, 10
LIBRARIES = ("pyvrp", "pyvroom", "ortools", "numba", "numpy")
# Worse by less than this is not worse: lengths go to some solvers in decimetres.
ROUNDING = 1e-3


@dataclass(frozen=True)
class Found:
    """What a solver said to one case."""

    case: Case
    seconds: float
    worth: float | None
    is_proved: bool
    bound: float | None

    @property
    def size(self) -> int:
        """Return the number of stops."""
        return len(self.case.problem.stops)


def main() -> None:
    """Measure, and write the report's section."""
    options = _options()
    made = [made_up(kind, n, seed) for kind in KINDS for n in SIZES for seed in range(options.cases)]
    alone = [made_up(kind, n, seed) for kind in KINDS for n in SIZES[:-1] for seed in range(options.alone)]
    files = list(from_files(options.files)) if options.files else []
    found = {solver: measured(solver, [*made, *files], options.limit_s) for solver in SOLVERS}
    section = "\n".join(
        [
            _head(options),
            compared(found),
            _alone(measured(OURS, alone, options.limit_s)),
            _worse(found),
            _explained(options.explained),
        ]
    )
    if options.dry:
        print(section)
    else:
        write_section(section)


def _options() -> argparse.Namespace:
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--files", type=Path, help="Folder of TSPTW, orienteering or TSPLIB files.")
    asking.add_argument("--limit-s", type=float, default=LIMIT_S)
    asking.add_argument("--cases", type=int, default=N_CASES, help="Made-up tours a kind and size.")
    asking.add_argument("--alone", type=int, default=N_ALONE, help="The same for this planner alone.")
    asking.add_argument(
        "--explained", type=int, default=N_EXPLAINED, help="Tours a kind and size to explain."
    )
    asking.add_argument("--dry", action="store_true", help="Print the section instead of writing it.")
    return asking.parse_args()


def measured(solver: str, cases: Sequence[Case], limit_s: float) -> list[Found]:
    """Return what a solver says to each case, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.pickle"
        file.write_bytes(pickle.dumps(list(cases)))
        command = [sys.executable, "-m", "benchmarks.tours_measure", solver, str(file), str(limit_s)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [Found(case, **line) for case, line in zip(cases, lines, strict=True)]


def _explained(n_tours: int) -> str:
    """Return how long reasons take, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.tours_reasons", str(n_tours)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return f"""
### Why stops were left out

All reasons of a tour, within {tours_reasons.LIMIT_S:g} s, which is what the page waits for. *Told why*:
of how many of the stops left out a change was told that lets them in, what they displace, or that no single
change suffices. *Proved*: of how many at least one of these is proved to be the smallest of its kind.

{table(tours_reasons.HEAD, list(tours_reasons.rows(found)))}"""


def compared(found: dict[str, list[Found]]) -> str:
    """Return the table of all solvers, a row a kind, size and solver."""
    best = best_known(found)
    rows = []
    for kind, size in dict.fromkeys((one.case.kind, one.size) for one in found[OURS]):
        for solver, answers in found.items():
            mine = [i for i, one in enumerate(answers) if (one.case.kind, one.size) == (kind, size)]
            rows.append(
                (
                    kind,
                    size,
                    solver,
                    *_figures(solver, [answers[i] for i in mine], [best[i] for i in mine]),
                )
            )
    head = (
        "tour",
        "stops",
        "solver",
        "tours",
        "none found",
        "proved",
        "best known",
        "gap mean",
        "gap most",
        "s p50",
        "s p99",
    )
    return f"\n{table(head, rows)}"


def best_known(found: dict[str, list[Found]]) -> list[float | None]:
    """Return the best worth of each case, whoever found it."""
    best: list[float | None] = []
    for answers in zip(*found.values(), strict=True):
        worths = [one.worth for one in answers if one.worth is not None]
        choose = min if is_minimized(answers[0].case.problem) else max
        best.append(choose(worths) if worths else None)
    return best


def gap(one: Found, best: float | None) -> float | None:
    """Return how much worse an answer is than the best known, as a share of that; None without an answer."""
    if one.worth is None or best is None:
        return None
    apart = abs(one.worth - best)
    return 0.0 if apart <= ROUNDING * max(1.0, abs(best)) else apart / max(abs(best), 1e-9)


def _figures(solver: str, mine: list[Found], best: list[float | None]) -> tuple[str, ...]:
    gaps = [gap(one, known) for one, known in zip(mine, best, strict=True)]
    told = [one for one in gaps if one is not None]
    seconds = [one.seconds for one in mine]
    return (
        str(len(mine)),
        str(sum(one.worth is None and known is not None for one, known in zip(mine, best, strict=True))),
        _percent(sum(one.is_proved for one in mine) / len(mine)) if solver in PROVING else "-",
        _percent(sum(one == 0 for one in told) / len(mine)),
        f"{100 * np.mean(told):.2f} %" if told else "-",
        f"{100 * max(told):.2f} %" if told else "-",
        f"{np.percentile(seconds, 50):.3f}",
        f"{np.percentile(seconds, 99):.3f}",
    )


def _percent(share: float) -> str:
    # Rounded down: “100 %” means all.
    return f"{math.floor(100 * share + 1e-9)} %"


def _alone(found: list[Found]) -> str:
    """Return this planner's times on many tours."""
    rows = []
    for kind, size in dict.fromkeys((one.case.kind, one.size) for one in found):
        mine = [one for one in found if (one.case.kind, one.size) == (kind, size)]
        seconds = np.array([one.seconds for one in mine])
        proved = np.array([one.is_proved for one in mine])
        within = [f"{int((proved & (seconds < most)).sum())} of {len(mine)}" for most in (0.1, 1.0)]
        rows.append(
            (
                kind,
                size,
                *within,
                *(f"{np.percentile(seconds, share):.3f}" for share in (50, 95, 99)),
                f"{seconds.max():.3f}",
            )
        )
    head = ("tour", "stops", "proved < 0.1 s", "proved < 1 s", "s p50", "s p95", "s p99", "s most")
    return f"\n### This planner on many tours\n\n{table(head, rows)}\n\n### Aims\n\n{_aims(found)}"


def _aims(found: list[Found]) -> str:
    small = [one for one in found if one.size <= 16]
    quick = sum(one.is_proved and one.seconds < 0.1 for one in small)
    big = [one for one in found if one.size == 25 and any(stop.windows for stop in one.case.problem.stops)]
    soon = sum(one.is_proved and one.seconds < 1.0 for one in big)
    return (
        f"- Up to 16 stops proved in under 100 ms: {quick} of {len(small)}: "
        f"{_verdict(quick == len(small))}.\n"
        f"- 25 stops with windows proved in under 1 s in 95 of 100: {soon} of {len(big)}: "
        f"{_verdict(soon >= 0.95 * len(big))}."
    )


def _worse(found: dict[str, list[Found]]) -> str:
    """Return on which cases another solver found something better."""
    best = best_known(found)
    worse = [
        f"{one.case.kind}, {one.case.name} ({100 * (gap(one, known) or 1.0):.2f} %)"
        for one, known in zip(found[OURS], best, strict=True)
        if known is not None and gap(one, known) != 0
    ]
    told = "; ".join(worse) if worse else "none"
    return (
        f"- Never worse than the best other on any tour of the comparison: {_verdict(not worse)}; "
        f"worse on: {told}."
    )


def _verdict(is_reached: bool) -> str:
    return "reached" if is_reached else "**not reached**"


def _head(options: argparse.Namespace) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"""## Tours

Made by `python -m benchmarks.tours`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load
{os.getloadavg()[0]:.1f} after the comparison; {libraries}.

Tours start and end where they like; visits last 5 to 15 minutes; two of three go along made-up streets at
right angles (600 m wide), the third along the walk network that ships. Windows last 30 minutes to two
hours, every fourth stop has none. Every solver has {options.limit_s:g} s a tour, one thread, and a process
of its own that has loaded (and compiled) everything before; PyVRP and OR-Tools routing use all of it,
CP-SAT ends when it has proved. An order counts by the best times it can have, reckoned apart from all
solvers. *None found*: no tour that keeps the wish, where another solver found one. *Best known*: as good as
the best of all. The gap is to that, over the tours that were found. VROOM does not count waiting. This
planner takes a first tour of many stops from PyVRP, within its time."""


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; numbers to the right."""
    lines = [head, ["---" if name in {"tour", "solver"} else "---:" for name in head], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def write_section(section: str, marks: tuple[str, str] = MARKS) -> None:
    """Put the section between its marks in the report, at its end where there are none."""
    begin, end = marks
    text = REPORT.read_text("utf-8") if REPORT.exists() else "# Measured\n"
    if begin not in text:
        text = f"{text.rstrip()}\n\n{begin}\n{end}\n"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    REPORT.write_text(marked.sub(lambda _: f"{begin}\n{section}\n{end}", text), "utf-8")


if __name__ == "__main__":
    main()
