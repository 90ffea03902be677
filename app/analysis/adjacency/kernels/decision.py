"""The decision: which pairs of plots are neighbors, and of what kind, in the order of precedence.

How far two plots are from each other.
"""

from __future__ import annotations

import math

import numpy as np

from app.analysis.adjacency.kernels.arrays import Floats, Ints, Positions, Record, Records
from app.analysis.adjacency.kernels.buffers import Buffers
from app.analysis.adjacency.kernels.layout import Fabric
from app.analysis.adjacency.kernels.overlap import may_overlap
from app.analysis.adjacency.kernels.sweep import INSIDE
from app.analysis.adjacency.tolerances import EPSILON_M, Lengths
from app.analysis.machine_code import compiled
from app.domain.kinds import Relation

# A relation's code is its position here.
RELATIONS = tuple(Relation)
OVERLAP, EDGE, CORNER, ACROSS = range(len(RELATIONS))

# A typed pair of positions, a < b; NaN where a measure does not apply. `is_suspect` says that the two may
# overlap after all: what is written then holds if they do not.
PAIR = np.dtype(
    [
        ("a", np.int32),
        ("b", np.int32),
        ("relation", np.int8),
        ("is_suspect", np.int8),
        ("shared_m", np.float64),
        ("gap_m", np.float64),
        ("facing_m", np.float64),
    ]
)


def decided(
    fabric: Fabric,
    buffers: Buffers,
    rows: Records,
    start: Ints,
    filed: Positions,
    first: int,
    last: int,
    lengths: Lengths,
) -> Records:
    """Return the typed pairs whose lesser rank is `first` to `last` (left out).

    Parameters
    ----------
    fabric, buffers
        The borders of all plots, and a thread's buffers.
    rows : records of `MEETING`
        Both ways of all pairs, or one of them.
    start, filed : int64, int32
        The numbers of the rows by the lesser rank, and where each rank's start in `filed`.
    first, last : int
        Which ranks.
    lengths : Lengths
        The lengths of the definition.
    """
    pairs = np.empty(start[last] - start[first], dtype=PAIR)
    return pairs[: _fill(fabric, buffers, rows, start, filed, first, last, lengths, pairs)].copy()


@compiled
def _fill(
    fabric: Fabric,
    buffers: Buffers,
    rows: Records,
    start: Ints,
    filed: Positions,
    first: int,
    last: int,
    lengths: Lengths,
    pairs: Records,
) -> int:
    """Write the typed pairs; return how many there are."""
    n_pairs = 0
    for low in range(first, last):
        nth, end = start[low], start[low + 1]
        sort_filed(rows, filed, nth, end)
        while nth < end:
            here = rows[filed[nth]]
            n_ways = 2 if nth + 1 < end and _is_same_pair(here, rows[filed[nth + 1]]) else 1
            there = rows[filed[nth + n_ways - 1]]
            if _decide(fabric, buffers, here, there, n_ways, pairs[n_pairs], lengths):
                n_pairs += 1
            nth += n_ways
    return n_pairs


@compiled
def _is_same_pair(here: Record, there: Record) -> bool:
    return here["a"] == there["b"] and here["b"] == there["a"]


@compiled
def _decide(
    fabric: Fabric, buffers: Buffers, here: Record, there: Record, n_ways: int, pair: Record, lengths: Lengths
) -> bool:
    """Write the relation of a pair of plots, met both ways or one way; return whether it has any."""
    a, b = min(here["a"], here["b"]), max(here["a"], here["b"])
    near_m2 = min(here["near_m2"], there["near_m2"])
    is_touching = near_m2 <= (lengths.snap_m + EPSILON_M) ** 2
    facing_m = min(here["facing_m"], there["facing_m"]) if n_ways == 2 else 0.0
    if not is_touching and (lengths.across_m == 0 or facing_m < lengths.facing_m - EPSILON_M):
        return False
    place_a, place_b = fabric.plots[a]["position"], fabric.plots[b]["position"]
    pair["a"], pair["b"], pair["is_suspect"] = min(place_a, place_b), max(place_a, place_b), 0
    pair["shared_m"], pair["facing_m"] = math.nan, math.nan
    if not is_touching:
        pair["relation"], pair["facing_m"], pair["gap_m"] = ACROSS, facing_m, distance(fabric, a, b)
        return True
    shared_m = min(here["shared_m"], there["shared_m"]) if n_ways == 2 else 0.0
    if shared_m >= lengths.edge_m - EPSILON_M:
        pair["relation"], pair["shared_m"] = EDGE, shared_m
        pair["gap_m"] = max(here["gap_m"], there["gap_m"])
    else:
        pair["relation"], pair["gap_m"] = CORNER, math.sqrt(max(near_m2, 0.0))
    if near_m2 == INSIDE or may_overlap(fabric, buffers, a, b, lengths.snap_m):
        pair["is_suspect"] = 1
    return True


@compiled
def count_by_lesser(rows: Records, counts: Ints) -> None:
    """Add to `counts`, by the lesser plot of each row, how many rows there are."""
    for nth in range(len(rows)):
        counts[min(rows[nth]["a"], rows[nth]["b"])] += 1


@compiled
def file_by_lesser(rows: Records, free: Ints, filed: Positions) -> None:
    """Write the number of each row to `filed`, by the lesser plot; `free` says where next."""
    for nth in range(len(rows)):
        low = min(rows[nth]["a"], rows[nth]["b"])
        filed[free[low]] = nth
        free[low] += 1


@compiled
def sort_filed(rows: Records, filed: Positions, first: int, last: int) -> None:
    """Sort the numbers of rows of one plot by the greater plot."""
    # By steps that shrink to one: a street may have thousands of neighbors.
    step = 1
    while step < (last - first) // 3:
        step = 3 * step + 1
    while step:
        for nth in range(first + step, last):
            at, number = nth, filed[nth]
            greater = _greater(rows[number])
            while at - step >= first and _greater(rows[filed[at - step]]) > greater:
                filed[at] = filed[at - step]
                at -= step
            filed[at] = number
        step //= 3


@compiled
def _greater(row: Record) -> int:
    return max(row["a"], row["b"])


@compiled
def distance(fabric: Fabric, a: int, b: int) -> float:
    """Return the least distance of the borders of two plots that do not meet, metres."""
    best_m2 = math.inf
    for run in range(fabric.plots[a]["first"], fabric.plots[a]["last"]):
        for other in range(fabric.plots[b]["first"], fabric.plots[b]["last"]):
            if gap_m2(fabric.run_boxes.box[run], fabric.run_boxes.box[other]) <= best_m2:
                best_m2 = _nearer(fabric.x, fabric.y, fabric.runs[run], fabric.runs[other], best_m2)
    return math.sqrt(best_m2)


@compiled
def gap_m2(a: Floats, b: Floats) -> float:
    """Return the square of the distance of two boxes, a hair less so that rounding passes over nothing."""
    x = max(a[0] - b[2], b[0] - a[2], 0.0)
    y = max(a[1] - b[3], b[1] - a[3], 0.0)
    return (x * x + y * y) * (1 - 1e-9)


@compiled
def _nearer(x: Floats, y: Floats, run: Record, other: Record, best_m2: float) -> float:
    """Return the square of the distance of two runs, or `best_m2` if that is less."""
    for s in range(run["first"], run["last"]):
        # A run ends with a vertex that may come near a segment of another one.
        for c in range(other["first"], other["last"] + 1):
            best_m2 = min(best_m2, _point_m2(x[c], y[c], x[s], y[s], x[s + 1], y[s + 1]))
    for c in range(other["first"], other["last"]):
        for s in range(run["first"], run["last"] + 1):
            best_m2 = min(best_m2, _point_m2(x[s], y[s], x[c], y[c], x[c + 1], y[c + 1]))
    return best_m2


@compiled
def _point_m2(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:
    """Return the square of the distance of a point from a segment."""
    run_x, run_y, from_x, from_y = x1 - x0, y1 - y0, x - x0, y - y0
    along, length_m2 = from_x * run_x + from_y * run_y, run_x * run_x + run_y * run_y
    if along <= 0:
        return from_x * from_x + from_y * from_y
    if along >= length_m2:
        return (x - x1) * (x - x1) + (y - y1) * (y - y1)
    beside = from_x * run_y - from_y * run_x
    return beside * beside / length_m2
