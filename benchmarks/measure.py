"""One measurement in a process of its own: ``python -m benchmarks.measure METHOD FABRIC.npz REPEATS``."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.fabric import Ints, make_fabric
from benchmarks.methods import CRS, METHODS, Found, Method

RELATIONS = ("edge", "corner", "across")


def main(key: str, fabric: Path, repeats: int) -> None:
    """Print as JSON: seconds, memory before and at its peak, pairs, what was missed."""
    method = next(method for method in METHODS if method.key == key)
    method.find(frame(make_fabric(30).rings))  # imports, compiled code: not a matter of size
    with np.load(fabric) as file:
        plots = frame(file["rings"])
        truth = {relation: file[relation] for relation in RELATIONS}
    before_mb = peak_mb()
    seconds, result = timed(method, plots, repeats)
    after_mb = peak_mb()
    print(
        json.dumps(
            {
                "seconds": seconds,
                "before_mb": before_mb,
                "peak_mb": after_mb,
                **judged(method.read(result), truth, len(plots)),
            }
        )
    )


def frame(rings: np.ndarray) -> gpd.GeoDataFrame:
    """Return plots with their position as key."""
    return gpd.GeoDataFrame({"key": np.arange(len(rings))}, geometry=shapely.polygons(rings), crs=CRS)


def timed(method: Method, plots: gpd.GeoDataFrame, repeats: int) -> tuple[float, Any]:
    """Return the shortest time of some runs, and the last result."""
    times = []
    for _ in range(repeats):
        started = perf_counter()
        result = method.find(plots)
        times.append(perf_counter() - started)
    return min(times), result


def peak_mb() -> float:
    """Return the most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def judged(found: Found, truth: dict[str, Ints], n_plots: int) -> dict[str, Any]:
    """Return how many pairs were found, and what is wrong with them.

    `missed` is the share of the true edge pairs that are not among the pairs. Where a method tells relations,
    `n_wrong` counts the true pairs of all relations that it tells otherwise or not, and those it made up.
    """
    pairs = _numbers(np.stack([found.a, found.b], axis=1), n_plots)
    edge = _numbers(truth["edge"], n_plots)
    n_missed = int((~np.isin(edge, pairs)).sum())
    result = {"n_pairs": len(np.unique(pairs)), "missed": n_missed / len(edge), "n_wrong": None}
    if found.relation is not None:
        told = {relation: np.sort(pairs[found.relation == relation]) for relation in (*RELATIONS, "overlap")}
        kinds = [relation for relation in RELATIONS if len(told[relation]) or relation != "across"]
        result["n_wrong"] = len(told["overlap"]) + sum(
            len(np.setxor1d(told[relation], _numbers(truth[relation], n_plots))) for relation in kinds
        )
    return result


def _numbers(pairs: Ints, n_plots: int) -> Ints:
    """Return one number a pair, whichever plot comes first."""
    ordered = np.sort(pairs.astype(np.int64), axis=1)
    return ordered[:, 0] * n_plots + ordered[:, 1]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
