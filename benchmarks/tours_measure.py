"""One solver in a process of its own: ``python -m benchmarks.tours_measure SOLVER CASES.pickle LIMIT_S``."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

from benchmarks.tours_judge import worth
from benchmarks.tours_problems import KINDS, Case, made_up
from benchmarks.tours_solvers import timed


def main(solver: str, cases: Path, limit_s: float) -> None:
    """Print a line of JSON a case: seconds, worth of the order, whether it is proved."""
    for kind in KINDS:  # imports and compiled code are not what is measured
        timed(solver, made_up(kind, 5, 0).problem, 1.0)
    listed: list[Case] = pickle.loads(cases.read_bytes())  # noqa: S301  written by benchmarks.tours
    for case in listed:
        answer, seconds = timed(solver, case.problem, limit_s)
        found = worth(case.problem, answer.order) if answer.order else None
        line = {"seconds": seconds, "worth": found, "is_proved": answer.is_proved, "bound": answer.bound}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
