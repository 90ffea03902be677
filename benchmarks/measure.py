"""One measurement in a process of its own: ``python -m benchmarks.measure METHOD FABRIC.npz``."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.fabric import Ints, make_fabric
from benchmarks.methods import BY_KEY, Found, Method

RELATIONS = ("edge", "corner", "across")

# A task is repeated until it took this long in all, or that often; the shortest run counts. Where memory was
# never touched before, a virtual machine must find it first: once more, unless that takes long.
ENOUGH_S, MOST_RUNS, ONCE_MORE_S = 2.0, 50, 12.0


def main(key: str, fabric: Path) -> None:
    """Print a line when the clock starts, then as JSON: seconds, memory at its peak, what was found."""
    method = BY_KEY[key]
    with method.prepare(method.given(make_fabric(30).rings)) as prepared:
        method.find(prepared)  # imports, compiled code: not a matter of size
    with np.load(fabric) as file:
        plots = method.given(file["rings"])
        truth = {relation: file[relation] for relation in RELATIONS}
    with method.prepare(plots) as prepared:
        before_mb = peak_mb()
        print("started", flush=True)
        seconds, result = timed(method, prepared)
        memory_mb = {
            "before_mb": before_mb,
            "peak_mb": peak_mb(),
            "server_mb": method.server_mb(prepared),
        }
        # What was prepared goes, and with it the files of a method that answers in files.
        found = judged(method.read(result), truth, len(plots), method.asked)
    print(json.dumps({"seconds": seconds, **memory_mb, **found}))


def timed(method: Method, prepared: Any) -> tuple[float, Any]:
    """Return the shortest time of some runs, and the last result."""
    times: list[float] = []
    result = None
    while len(times) < MOST_RUNS and (sum(times) < ENOUGH_S or (len(times) == 1 and times[0] < ONCE_MORE_S)):
        result = None  # two results at once would count as memory that the method needs
        started = perf_counter()
        result = method.find(prepared)
        times.append(perf_counter() - started)
    return min(times), result


def peak_mb() -> float:
    """Return the most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def judged(found: Found, truth: dict[str, Ints], n_plots: int, asked: Sequence[str]) -> dict[str, Any]:
    """Return how many pairs were found, and what is wrong with them.

    `missed` is the share of the true pairs of each relation `asked` for that are not found; where a method
    tells relations, told otherwise is not found. `too_many` are the pairs found that are no true pairs of
    what was asked for.
    """
    pairs = _numbers(np.stack([found.a, found.b], axis=1), n_plots)
    true = {relation: _numbers(truth[relation], n_plots) for relation in asked}
    told = {
        relation: pairs if found.relation is None else pairs[found.relation == relation] for relation in asked
    }
    right = np.concatenate([numbers[np.isin(numbers, told[relation])] for relation, numbers in true.items()])
    n_pairs = len(np.unique(pairs))
    missed = {relation: float((~np.isin(true[relation], told[relation])).mean()) for relation in asked}
    return {"n_pairs": n_pairs, "missed": missed, "too_many": n_pairs - len(right)}


def _numbers(pairs: Ints, n_plots: int) -> Ints:
    """Return one number a pair, whichever plot comes first."""
    ordered = np.sort(pairs.astype(np.int64), axis=1)
    return ordered[:, 0] * n_plots + ordered[:, 1]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
