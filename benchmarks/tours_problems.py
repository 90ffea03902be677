"""Tours to plan: through made-up streets at right angles, through the shipped park, and from files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np

from app.analysis.tours.problem import Array, Objective, Problem, Stop, Window
from app.analysis.walking.network import make_network
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import shortest_walks
from app.domain.crs import STORAGE_CRS
from app.exchange.tours.problems.files import read_problem

PARK = Path(__file__).parents[1] / "geodata" / "heinenkamp"
SIZES = (8, 12, 16, 25, 50)
PACE_M_S = 1.1
STARTS_S = 13 * 3600
WIDE_M = 600.0
# So many minutes for the visits of an afternoon's tour with optional stops.
VALUE_MINUTES = 120


@dataclass(frozen=True)
class Case:
    """A problem with the kind of problems it belongs to."""

    kind: str
    name: str
    problem: Problem


@dataclass(frozen=True)
class Kind:
    """A kind of tour.

    Attributes
    ----------
    name : str
    objective : Objective
    has_windows, is_optional : bool
    """

    name: str
    objective: Objective
    has_windows: bool = False
    is_optional: bool = False


KINDS = (
    Kind("least walking", Objective.WALKING),
    Kind("least walking, windows", Objective.WALKING, has_windows=True),
    Kind("shortest time, windows", Objective.DURATION, has_windows=True),
    Kind("most value in two hours", Objective.VALUE, is_optional=True),
    Kind("most value in two hours, windows", Objective.VALUE, has_windows=True, is_optional=True),
)


def made_up(kind: Kind, n: int, seed: int) -> Case:
    """Return a tour of a kind with `n` stops; every third goes along the shipped park's walk network."""
    rng = np.random.default_rng([seed, n, KINDS.index(kind)])
    place = "park" if seed % 3 == 2 else "streets"
    length_m = _park_lengths_m(rng, n) if place == "park" else street_lengths_m(rng, n)
    walk_s = np.ceil(length_m / PACE_M_S).astype(int)
    dwell_s = rng.integers(1, 4, n) * 300
    windows = windows_of(rng, walk_s, dwell_s) if kind.has_windows else [()] * n
    values = rng.integers(1, 11, n)
    stops = tuple(
        Stop(f"stop {i}", int(dwell_s[i]), windows[i], float(values[i]) if kind.is_optional else None)
        for i in range(n)
    )
    problem = Problem(stops, walk_s, length_m.round(1), objective=kind.objective, starts_s=STARTS_S)
    if kind.is_optional:
        problem = replace(problem, ends_s=STARTS_S + 60 * VALUE_MINUTES)
    return Case(kind.name, f"{place} {n}/{seed}", problem)


def street_lengths_m(rng: np.random.Generator, n: int) -> Array:
    """Return metres between places along made-up streets at right angles."""
    places_m = rng.uniform(0, WIDE_M, (n, 2))
    lengths: Array = np.abs(places_m[:, None] - places_m[None]).sum(axis=2)
    return lengths


def _park_lengths_m(rng: np.random.Generator, n: int) -> Array:
    network = make_network(gpd.read_file(PARK / "walkways.geojson").to_crs(STORAGE_CRS))
    plots = gpd.read_file(PARK / "plots.geojson").to_crs(STORAGE_CRS)
    doors = plots.geometry.representative_point().to_numpy()
    length_m = shortest_walks(walkable_subgraph(network), doors).length_m
    # A door too far from every path is reached from nowhere: it is in no tour.
    is_reached = np.isfinite(length_m).sum(axis=0) > 1
    drawn = [i for i in rng.permutation(len(doors)) if is_reached[i]][:n]
    lengths: Array = length_m[np.ix_(drawn, drawn)]
    return lengths


def windows_of(
    rng: np.random.Generator, walk_s: Array, dwell_s: Array, order: Array | None = None
) -> list[tuple[Window, ...]]:
    """Return hours of half an hour to two hours that one tour at least meets; every fourth stop has none."""
    order = rng.permutation(len(dwell_s)) if order is None else order
    begins_s, now_s = np.zeros(len(dwell_s), dtype=int), STARTS_S
    for here, there in pairwise((*order, -1)):
        begins_s[here] = now_s
        now_s += int(dwell_s[here] + (walk_s[here, there] if there >= 0 else 0))
    windows: list[tuple[Window, ...]] = []
    for begin_s, dwell in zip(begins_s, dwell_s, strict=True):
        long_s = int(rng.integers(2, 9)) * 900
        opens_s = max(STARTS_S, int(begin_s) - int(rng.integers(0, long_s)))
        closes_s = max(opens_s + long_s, int(begin_s + dwell))
        windows.append((Window(opens_s, closes_s),) if rng.random() < 0.75 else ())
    return windows


def from_files(folder: Path) -> Iterator[Case]:
    """Yield the problems of a folder's files, in order of their names; other files are passed over."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in {".tsp", ".txt", ".tw", ".json", ".dat", ".op"}:
            yield Case(f"files: {path.parent.name}", path.stem, read_problem(path).problem)
