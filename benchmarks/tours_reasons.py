"""How long it takes to say why stops were left out: ``python -m benchmarks.tours_reasons N_TOURS``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from app.analysis.tours import left_out_reasons, solve
from benchmarks.tours_problems import KINDS, made_up

SIZES = (8, 12, 16, 25)
# What a page waits for.
PLAN_LIMIT_S, LIMIT_S = 1.0, 2.5
HEAD = ("tour", "stops", "tours", "left out", "told why", "proved", "s p50", "s p95", "s most")


def measured(n_tours: int) -> Iterator[dict[str, Any]]:
    """Yield for each tour with optional stops how many were left out, how many told why, and the time."""
    for kind in (kind for kind in KINDS if kind.is_optional):
        for n in SIZES:
            for seed in range(n_tours):
                problem = made_up(kind, n, seed).problem
                plan = solve(problem, limit_s=PLAN_LIMIT_S)
                started = time.perf_counter()
                found = left_out_reasons(problem, plan, limit_s=LIMIT_S)
                seconds = time.perf_counter() - started
                yield {
                    "kind": kind.name,
                    "n": n,
                    "left_out": n - len(plan.order),
                    "told": len({reason.stop for reason in found}),
                    "proved": len({reason.stop for reason in found if reason.is_smallest}),
                    "seconds": seconds,
                }


def rows(found: Sequence[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    """Yield a row of the table for each kind and size."""
    for kind, n in dict.fromkeys((one["kind"], one["n"]) for one in found):
        mine = [one for one in found if (one["kind"], one["n"]) == (kind, n)]
        seconds = [one["seconds"] for one in mine]
        left_out = sum(one["left_out"] for one in mine)
        known = (f"{sum(one[name] for one in mine)}" for name in ("told", "proved"))
        shares = (f"{np.percentile(seconds, share):.3f}" for share in (50, 95))
        yield kind, n, len(mine), left_out, *known, *shares, f"{max(seconds):.3f}"


if __name__ == "__main__":
    # Imports and compiled code are not what is measured.
    list(measured(1))
    for line in measured(int(sys.argv[1])):
        print(json.dumps(line), flush=True)
