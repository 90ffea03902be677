"""Typed pairs of plots, from and into flat arrays."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from app.analysis.adjacency.chunks import Threads
from app.analysis.adjacency.engine import typed_pairs
from app.analysis.adjacency.kernels.arrays import Codes, Flags, Floats, Geometries, Ints, Positions, RowArrays
from app.analysis.adjacency.kernels.decision import OVERLAP
from app.analysis.adjacency.kernels.layout import Fabric, fabric_of
from app.analysis.adjacency.kernels.stretches import common_lengths_m
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.tolerances import EPSILON_M, Lengths, Tolerances


@dataclass(frozen=True)
class TypedPairs(RowArrays):
    """Typed pairs of plots, ordered by `a`, then `b`; one entry of every array a pair.

    Attributes
    ----------
    a, b : array of int32, (n_pairs,)
        Positions of plots, ``a < b``.
    relation : array of int8, (n_pairs,)
        Position in `RELATIONS`.
    shared_m, gap_m, facing_m : array of float64, (n_pairs,)
        Metres, NaN where the measure does not apply to the relation; see `typed_neighbors`.
    overlap_m2 : array of float64, (n_pairs,)
        Square metres, NaN but for overlaps.
    """

    a: Positions
    b: Positions
    relation: Codes
    shared_m: Floats
    gap_m: Floats
    facing_m: Floats
    overlap_m2: Floats


def no_report(_done: float) -> None:
    """Take the share of the work that is done; the default of `report`."""


def typed_pairs_of_arrays(
    plots: PlotArrays,
    tolerances: Tolerances = Tolerances(),  # noqa: B008  frozen
    *,
    relations: Literal["all", "touch"] = "all",
    n_threads: int | None = None,
    report: Callable[[float], None] = no_report,
) -> TypedPairs:
    """Return every pair of neighboring plots with its relation and measures, from and into flat arrays.

    Parameters
    ----------
    plots : PlotArrays
        Valid plots in the order of their keys. Nothing is checked here.
    tolerances : Tolerances
        The lengths of the definition.
    relations : "all" or "touch"
        ``touch`` leaves out ``across``, which takes the most time; the other rows are the same.
    n_threads : int, optional
        How many threads compute; all processors if not given. The rows do not depend on it.
    report : callable
        Called with the share of the work that is done, 0 to 1, from time to time.

    Returns
    -------
    TypedPairs
        No rows for no plots. A row depends only on its two plots and on what lies within `reach_m` of either,
        so that it is the same, bit by bit, in every cut-out that holds that surrounding in the same order.

    See Also
    --------
    typed_neighbors : the same from a frame, checked, with evidence.
    evidence : what shows why the pairs found here are neighbors.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely import box
    >>> plots = PlotArrays.from_geometries(np.array([box(0, 0, 20, 20), box(20, 15, 40, 40)]))
    >>> pairs = typed_pairs_of_arrays(plots)
    >>> pairs.a, pairs.b, pairs.shared_m
    (array([0], dtype=int32), array([1], dtype=int32), array([5.]))
    """
    lengths = tolerances.lengths
    if relations == "touch":
        lengths = lengths._replace(across_m=0.0)
    with Threads(n_threads or os.cpu_count() or 1) as threads:
        found = pairs_in(plots, fabric_of(plots, threads), lengths, threads, report)
    report(1.0)
    return found


def pairs_in(
    plots: PlotArrays, fabric: Fabric, lengths: Lengths, threads: Threads, report: Callable[[float], None]
) -> TypedPairs:
    """Return the typed pairs of plots that are laid out already; see `typed_pairs_of_arrays`."""
    typed = typed_pairs(fabric, lengths, threads, report)
    columns = {name: array for name, array in typed._asdict().items() if name != "is_suspect"}
    found = TypedPairs(**columns, overlap_m2=np.full(len(typed.a), np.nan))
    _settle_suspects(plots, fabric, found, np.flatnonzero(typed.is_suspect), lengths.snap_m)
    return found


def _settle_suspects(
    plots: PlotArrays, fabric: Fabric, found: TypedPairs, suspects: Ints, snap_m: float
) -> None:
    """Turn the rows that overlap by more than a sliver into overlaps."""
    if not len(suspects):
        return
    overlap_m2 = _overlap_m2(plots, found.a[suspects], found.b[suspects], snap_m)
    rows = suspects[overlap_m2 > 0]
    found.relation[rows] = OVERLAP
    found.overlap_m2[rows] = overlap_m2[overlap_m2 > 0]
    found.shared_m[rows] = common_lengths_m(fabric, found.a[rows], found.b[rows], snap_m)
    found.gap_m[rows] = np.nan


def _overlap_m2(plots: PlotArrays, a: Positions, b: Positions, snap_m: float) -> Floats:
    """Return the common area of each pair where it is wider than `snap_m` somewhere, else 0.

    Wider: it holds a circle of that diameter, so that eroding half of it leaves something.
    """
    common = shapely.intersection(*moved_pairs(plots, a, b))
    area_m2 = np.asarray(shapely.area(common))
    could_be: Flags = area_m2 > np.pi / 4 * snap_m**2
    core = shapely.buffer(common[could_be], -(snap_m / 2 + EPSILON_M))
    area_m2[~could_be] = 0.0
    area_m2[np.flatnonzero(could_be)[shapely.is_empty(core)]] = 0.0
    return area_m2


def moved_pairs(plots: PlotArrays, a: Positions, b: Positions) -> tuple[Geometries, Geometries]:
    """Return both plots of each pair, moved by whole metres to the origin so that nothing is lost."""
    first = plots.ring_offset[plots.part_offset[plots.plot_offset[a]]]
    origin = np.floor(plots.xy[first])
    return plots.geometries(a, -origin), plots.geometries(b, -origin)
