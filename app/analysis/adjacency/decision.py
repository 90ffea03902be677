"""The decision: which pairs of plots are neighbors, and of what kind, in the order of precedence."""

from __future__ import annotations

import math

import numpy as np

from app.analysis.adjacency.apart import distance
from app.analysis.adjacency.arrays import Ints, Positions, Records
from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.desk import Desk
from app.analysis.adjacency.layout import Fabric
from app.analysis.adjacency.overlap import may_overlap
from app.analysis.adjacency.sweep import INSIDE, Lengths
from app.analysis.adjacency.tolerances import EPSILON_M
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


@compiled
def count_meetings(fabric: Fabric, rows: Records, counts: Ints) -> None:
    """Add to `counts`, by the lesser position of the two plots, how many rows there are."""
    for nth in range(len(rows)):
        row = rows[nth]
        counts[min(fabric.position[row["a"]], fabric.position[row["b"]])] += 1


@compiled
def file_meetings(fabric: Fabric, rows: Records, free: Ints, filed: Positions) -> None:
    """Write the number of each row to `filed`, by the lesser position; `free` says where next."""
    for nth in range(len(rows)):
        row = rows[nth]
        low = min(fabric.position[row["a"]], fabric.position[row["b"]])
        filed[free[low]] = nth
        free[low] += 1


@compiled
def decided(
    fabric: Fabric,
    desk: Desk,
    rows: Records,
    start: Ints,
    filed: Positions,
    first: int,
    last: int,
    lengths: Lengths,
) -> Records:
    """Return the typed pairs whose lesser position is `first` to `last` (left out), ordered.

    Parameters
    ----------
    fabric, desk
        The borders of all plots, and a thread's desk.
    rows : records of `MEETING`
        Both ways of all pairs, or one of them.
    start, filed : int64, int32
        The numbers of the rows of each lesser position, and where they start in `filed`.
    first, last : int
        Which positions.
    lengths : Lengths
        The lengths of the definition.
    """
    pairs = np.empty(start[last] - start[first], dtype=PAIR)
    n_pairs = 0
    for low in range(first, last):
        mine = filed[start[low] : start[low + 1]]
        _sort_by_other(fabric, rows, mine)
        nth = 0
        while nth < len(mine):
            here = rows[mine[nth]]
            n_ways = 1
            if nth + 1 < len(mine) and _is_same_pair(here, rows[mine[nth + 1]]):
                n_ways = 2
            there = rows[mine[nth + n_ways - 1]]
            if _decide(fabric, desk, here, there, n_ways, pairs[n_pairs], lengths):
                n_pairs += 1
            nth += n_ways
    return pairs[:n_pairs].copy()


@compiled
def _sort_by_other(fabric: Fabric, rows: Records, numbers: Positions) -> None:
    """Sort the numbers of rows of one plot by the position of the other plot."""
    others = np.empty(len(numbers), dtype=np.int64)
    for nth in range(len(numbers)):
        row = rows[numbers[nth]]
        others[nth] = max(fabric.position[row["a"]], fabric.position[row["b"]])
    numbers[:] = numbers[np.argsort(others)]


@compiled
def _is_same_pair(here: Records, there: Records) -> bool:
    return bool(here["a"] == there["b"] and here["b"] == there["a"])


@compiled
def _decide(
    fabric: Fabric, desk: Desk, here: Records, there: Records, n_ways: int, pair: Records, lengths: Lengths
) -> bool:
    """Write the relation of a pair of plots, met both ways or one way; return whether it has any."""
    a, b = here["a"], here["b"]
    near_m2 = min(here["near_m2"], there["near_m2"])
    is_touching = near_m2 <= (lengths.snap_m + EPSILON_M) ** 2
    pair["a"] = min(fabric.position[a], fabric.position[b])
    pair["b"] = max(fabric.position[a], fabric.position[b])
    pair["is_suspect"] = 0
    pair["shared_m"], pair["gap_m"], pair["facing_m"] = math.nan, math.nan, math.nan
    if is_touching:
        shared_m = min(here["shared_m"], there["shared_m"]) if n_ways == 2 else 0.0
        if shared_m >= lengths.edge_m - EPSILON_M:
            pair["relation"], pair["shared_m"] = EDGE, shared_m
            pair["gap_m"] = max(here["gap_m"], there["gap_m"])
        else:
            pair["relation"], pair["gap_m"] = CORNER, math.sqrt(max(near_m2, 0.0))
        is_suspect = near_m2 == INSIDE or may_overlap(fabric, desk, min(a, b), max(a, b), lengths.snap_m)
        pair["is_suspect"] = 1 if is_suspect else 0
        return True
    facing_m = min(here["facing_m"], there["facing_m"]) if n_ways == 2 else 0.0
    if lengths.across_m == 0 or facing_m < lengths.facing_m - EPSILON_M:
        return False
    pair["relation"], pair["facing_m"] = ACROSS, facing_m
    pair["gap_m"] = distance(fabric, a, b)
    return True
