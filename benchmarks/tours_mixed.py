"""Tours with everything mixed, against PyVRP and CP-SAT: ``python -m benchmarks.tours_mixed [--tours 400]``.

Every tour draws, by its number alone: 20 to 60 stops; least walking, shortest time or most value; windows or
none; visits inside the matrix or beside it; walks that cost otherwise back; a fixed first stop, a fixed last
one, a round; optional stops. Told are the shares proved, and as good as the best known of all solvers.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from app.analysis.tours.problem import Objective, Problem, Stop, Window
from benchmarks.tours import OURS, Found, best_known, gap, measured, table
from benchmarks.tours_problems import PACE_M_S, STARTS_S, Case, street_lengths_m, windows_of

SOLVERS = (OURS, "PyVRP", "CP-SAT")
SIZES = (20, 30, 40, 50, 60)
# Of the time that a tour with optional stops would take if it visited them all.
SHARE_OF_TIME = 0.6
FAR_S = 10**6


def mixed(seed: int) -> Case:
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
    names = ("windows", "service", "one way", "first", "last", "round")
    drawn = (has_windows, has_service, is_one_way, first is not None, has_last, is_round)
    told = ", ".join(name for name, is_so in zip(names, drawn, strict=True) if is_so)
    return Case(str(objective), f"{n}/{seed}: {told}", problem)


def _stop(
    rng: np.random.Generator, i: int, dwell_s: int, windows: tuple[Window, ...], ends_s: int | None
) -> Stop:
    """Return a stop; where time is short seven in ten are optional, and all whose hours come too late."""
    is_optional, value = rng.random() < 0.7, float(rng.integers(1, 11))
    if ends_s is None or not (is_optional or any(window.closes_s > ends_s for window in windows)):
        return Stop(f"stop {i}", dwell_s, windows)
    return Stop(f"stop {i}", dwell_s, windows, value)


def rows(found: dict[str, list[Found]], drawn: Sequence[Case]) -> list[tuple[object, ...]]:
    """Return a row a solver: tours found, proved, as good as the best known, gaps, seconds."""
    best = best_known(found)
    told = []
    for solver, answers in found.items():
        gaps = [gap(one, known) for one, known in zip(answers, best, strict=True)]
        some = [one for one in gaps if one is not None]
        n_missed = sum(
            one.worth is None and known is not None for one, known in zip(answers, best, strict=True)
        )
        told.append(
            (
                solver,
                len(drawn),
                n_missed,
                sum(one.is_proved for one in answers),
                sum(one == 0 for one in some),
                f"{100 * np.mean(some):.2f} %",
                f"{np.median([one.seconds for one in answers]):.2f}",
            )
        )
    return told


def main() -> None:
    """Measure and print a table."""
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--tours", type=int, default=400)
    asking.add_argument("--limit-s", type=float, default=1.0)
    asking.add_argument("--solvers", nargs="+", default=list(SOLVERS))
    options = asking.parse_args()
    drawn = [mixed(seed) for seed in range(options.tours)]
    found = {solver: measured(solver, drawn, options.limit_s) for solver in options.solvers}
    head = ("solver", "tours", "none found", "proved", "best known", "gap mean", "s p50")
    print(table(head, rows(found, drawn)))


if __name__ == "__main__":
    main()
