"""Tours with everything mixed, against PyVRP and CP-SAT: ``python -m benchmarks.tours_mixed``.

Every tour draws, by its number alone: 20 to 60 stops; least walking, shortest time or most value; windows or
none; visits inside the matrix or beside it; walks that cost otherwise back; a fixed first stop, a fixed last
one, a round; optional stops. Told are the shares proved, and as good as the best known of all solvers.

All solvers are asked for a tour one after the other, in this process; the planner of another checkout
(``--before FOLDER``) in a process of its own. Answers are kept, a file a tour: who stops it can go on later.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.analysis.tours.problem import Objective, Problem, Stop, Window
from benchmarks.tours import OURS, Found, best_known, gap, table, write_section
from benchmarks.tours_judge import worth
from benchmarks.tours_problems import KINDS, PACE_M_S, STARTS_S, Case, made_up, street_lengths_m, windows_of
from benchmarks.tours_solvers import timed

SOLVERS = (OURS, "PyVRP", "CP-SAT")
BEFORE = "this planner, before"
MARKS = ("<!-- tours mixed -->", "<!-- /tours mixed -->")
FOLDER = Path("var") / "tours_mixed"
HEAD = """## Tours with everything mixed

Made by `python -m benchmarks.tours_mixed`. Each tour draws what is asked for: 20 to 60 stops, what it is to
be good at, hours, visits that are part of the walk matrix, walks that cost otherwise back, a fixed first or
last stop, a round; where value counts seven in ten stops are optional, in six tenths of the time that all
would take. Every solver has {limit_s:g} s a tour and one thread, and all are asked for a tour before the next
one comes. *None found*: no tour that keeps the wish, where another solver found one. *Best known*: as good as
the best of all."""
# So many tours are given to another checkout at once: starting it takes some seconds.
N_AT_ONCE = 20
SIZES = (20, 30, 40, 50, 60)
# Of the time that a tour with optional stops would take if it visited them all.
SHARE_OF_TIME = 0.6
FAR_S = 10**6


# What another checkout runs: its own measurement, which goes on where the planner breaks down.
MEASURE = """
import sys, traceback
from pathlib import Path
from app.analysis.tours import problem
from app.domain import kinds
from benchmarks import tours_measure
from benchmarks.tours_solvers import Answer, timed

# Where objectives and windows lived in older checkouts.
if not hasattr(kinds, "Objective"):
    kinds.Objective, sys.modules["app.domain.clocks"] = problem.Objective, problem

def kept(*asked):
    try:
        return timed(*asked)
    except Exception:
        traceback.print_exc(limit=-1)
        return Answer(()), 0.0

tours_measure.timed = kept
tours_measure.main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
"""
# What a solver said: seconds, worth, is_proved, bound; "failed" where it broke down.
Answers = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Mixed(Case):
    """A tour and what was drawn for it."""

    drawn: tuple[str, ...]


def mixed(seed: int) -> Mixed:
    """Return the tour of a number."""
    rng = np.random.default_rng([12, seed])
    n = SIZES[seed % len(SIZES)]
    objective = list(Objective)[seed // len(SIZES) % 3]
    has_windows, has_service, is_one_way, has_first, has_last, is_round = rng.random(6) < 0.5
    length_m = street_lengths_m(rng, n)
    if is_one_way:
        length_m = length_m * rng.uniform(1, 1.5, (n, n))
    walk_s, dwell_s = np.ceil(length_m / PACE_M_S).astype(int), rng.integers(1, 4, n) * 300
    if has_service:
        length_m = length_m + (dwell_s * PACE_M_S)[:, None]
        walk_s, dwell_s = walk_s + dwell_s[:, None], np.zeros(n, dtype=int)
    # One tour at least keeps the hours, that in this order.
    order = rng.permutation(n)
    windows = windows_of(rng, walk_s, dwell_s, order) if has_windows else [()] * n
    is_round &= not has_last
    first, last = int(order[0]) if has_first or is_round else None, int(order[-1]) if has_last else None
    ends_s = None
    if objective == Objective.VALUE:
        near_s = np.sort(walk_s + np.eye(n, dtype=int) * FAR_S, axis=1)[:, :4].mean()
        ends_s = STARTS_S + int(SHARE_OF_TIME * (dwell_s.sum() + n * near_s))
    stops = tuple(
        _stop(rng, i, int(dwell_s[i]), () if i in (first, last) else windows[i], ends_s) for i in range(n)
    )
    problem = Problem(
        stops,
        walk_s,
        length_m.round(1),
        objective=objective,
        first=first,
        last=last,
        is_round=bool(is_round),
        starts_s=STARTS_S,
        ends_s=ends_s,
    )
    features = {
        "windows": has_windows,
        "service in the matrix": has_service,
        "one way": is_one_way,
        "first": first is not None,
        "last": has_last,
        "round": is_round,
    }
    drawn = tuple(name for name, is_so in features.items() if is_so)
    return Mixed(str(objective), f"{n}/{seed}: {', '.join(drawn)}", problem, drawn)


def _stop(
    rng: np.random.Generator, i: int, dwell_s: int, windows: tuple[Window, ...], ends_s: int | None
) -> Stop:
    """Return a stop; where time is short seven in ten are optional, and all whose hours come too late."""
    is_optional, value = rng.random() < 0.7, float(rng.integers(1, 11))
    if ends_s is None or not (is_optional or any(window.closes_s > ends_s for window in windows)):
        return Stop(f"stop {i}", dwell_s, windows)
    return Stop(f"stop {i}", dwell_s, windows, value)


def ask(folder: Path, seeds: Sequence[int], solvers: Sequence[str], limit_s: float) -> None:
    """Ask each solver for each tour, one solver after the other, as far as that was not done before."""
    for seed in seeds:
        answers, case = answers_in(folder, seed), mixed(seed)
        for solver in (solver for solver in solvers if solver not in answers):
            try:
                answer, seconds = timed(solver, case.problem, limit_s)
            except Exception as error:
                answers[solver] = failed(error)
                continue
            found = worth(case.problem, answer.order) if answer.order else None
            answers[solver] = {
                "seconds": seconds, "worth": found, "is_proved": answer.is_proved, "bound": answer.bound,
            }  # fmt: skip
        keep(folder, seed, answers)


def ask_before(folder: Path, seeds: Sequence[int], checkout: Path, limit_s: float) -> None:
    """Ask the planner of another checkout, as far as that was not done before."""
    left = [seed for seed in seeds if BEFORE not in answers_in(folder, seed)]
    if not left:
        return
    lines = _lines_of(checkout, [mixed(seed) for seed in left], limit_s)
    for seed, line in zip(left, lines, strict=True):
        # What broke down took no time; see `MEASURE`.
        answer = line if line["seconds"] else failed("in another checkout")
        keep(folder, seed, answers_in(folder, seed) | {BEFORE: answer})


def _lines_of(checkout: Path, cases: Sequence[Case], limit_s: float) -> list[dict[str, Any]]:
    """Return what it says to each case."""
    with tempfile.TemporaryDirectory() as holding:
        file = Path(holding) / "cases.pickle"
        # Of a class that the other checkout knows.
        file.write_bytes(pickle.dumps([Case(case.kind, case.name, case.problem) for case in cases]))
        command = [sys.executable, "-c", MEASURE, OURS, str(file), str(limit_s)]
        done = subprocess.run(command, cwd=checkout, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def failed(why: object) -> dict[str, Any]:
    """Return the answer of a solver that broke down."""
    return {"seconds": 0.0, "worth": None, "is_proved": False, "bound": None, "failed": repr(why)}


def answers_in(folder: Path, seed: int) -> Answers:
    """Return what was answered so far."""
    file = folder / f"{seed:03}.json"
    answers: Answers = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return answers


def keep(folder: Path, seed: int, answers: Answers) -> None:
    """Keep the answers to a tour, all or nothing."""
    file = folder / f"{seed:03}.json"
    unfinished = file.with_suffix(".part")
    unfinished.write_text(json.dumps(answers), "utf-8")
    unfinished.replace(file)


def report(folder: Path, seeds: Sequence[int]) -> str:
    """Return the tables of all tours that every solver was asked for."""
    listed = [(mixed(seed), answers_in(folder, seed)) for seed in seeds]
    solvers = list(dict.fromkeys(solver for _, answers in listed for solver in answers))
    listed = [(case, answers) for case, answers in listed if all(solver in answers for solver in solvers)]
    cases = [case for case, _ in listed]
    found = {
        solver: [
            Found(case, **{name: value for name, value in answers[solver].items() if name != "failed"})
            for case, answers in listed
        ]
        for solver in solvers
    }
    n_failed = {solver: sum("failed" in answers[solver] for _, answers in listed) for solver in solvers}
    head = (
        "solver",
        "tours",
        "none found",
        "broke down",
        "proved",
        "best known",
        "gap mean",
        "s p50",
        "s p99",
    )
    kinds = table(("tour", "tours", *solvers), _kind_rows(found, cases))
    return f"{table(head, _rows(found, n_failed))}\n\nAs good as the best known:\n\n{kinds}"


def _rows(found: dict[str, list[Found]], n_failed: dict[str, int]) -> list[tuple[object, ...]]:
    """Return a row a solver: tours found, proved, as good as the best known, gaps, seconds."""
    best = best_known(found)
    told = []
    for solver, answers in found.items():
        gaps = [gap(one, known) for one, known in zip(answers, best, strict=True)]
        some = [one for one in gaps if one is not None]
        n_missed = sum(
            one.worth is None and known is not None for one, known in zip(answers, best, strict=True)
        )
        seconds = [one.seconds for one in answers]
        told.append(
            (
                solver,
                len(answers),
                n_missed,
                n_failed[solver],
                sum(one.is_proved for one in answers),
                sum(one == 0 for one in some),
                f"{100 * np.mean(some):.2f} %" if some else "-",
                f"{np.percentile(seconds, 50):.2f}",
                f"{np.percentile(seconds, 99):.2f}",
            )
        )
    return told


def _kind_rows(found: dict[str, list[Found]], cases: Sequence[Mixed]) -> list[tuple[object, ...]]:
    """Return how often each solver was as good as the best known, a row a kind of tour."""
    best = best_known(found)
    kinds: dict[str, list[int]] = {}
    for i, case in enumerate(cases):
        for kind in (case.kind, f"{len(case.problem.stops)} stops", *case.drawn):
            kinds.setdefault(kind, []).append(i)
    return [
        (kind, len(mine), *(sum(gap(answers[i], best[i]) == 0 for i in mine) for answers in found.values()))
        for kind, mine in sorted(kinds.items())
    ]


def main() -> None:
    """Ask for what is missing, and print the tables (``--write``: into the report, too)."""
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--tours", type=int, default=400)
    asking.add_argument("--begin", type=int, default=0, help="The number of the first tour.")
    asking.add_argument("--limit-s", type=float, default=1.0)
    asking.add_argument("--solvers", nargs="*", default=list(SOLVERS))
    asking.add_argument("--before", type=Path, help="Another checkout, whose planner is asked, too.")
    asking.add_argument("--into", type=Path, default=FOLDER, help="Where answers are kept.")
    asking.add_argument("--write", action="store_true", help="Write the tables into the report.")
    options = asking.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:  # imports and compiled code are not what is measured
        for solver in options.solvers:
            timed(solver, made_up(kind, 5, 0).problem, 1.0)
    seeds = range(options.begin, options.begin + options.tours)
    for begin in range(0, options.tours, N_AT_ONCE):
        at_once = seeds[begin : begin + N_AT_ONCE]
        ask(options.into, at_once, options.solvers, options.limit_s)
        if options.before:
            ask_before(options.into, at_once, options.before, options.limit_s)
    told = report(options.into, seeds)
    print(told)
    if options.write:
        write_section(f"{HEAD.format(limit_s=options.limit_s)}\n\n{told}", MARKS)


if __name__ == "__main__":
    main()
