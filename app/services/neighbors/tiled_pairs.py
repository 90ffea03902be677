"""Neighbors of any number of plots in a given memory: the steps from a file to sorted pairs, in tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from app.analysis.adjacency import Tolerances
from app.analysis.tiling import SAMPLES_A_TILE, Halos, tiling_of
from app.domain.kinds import Relation
from app.domain.transformation import metric_crs, transformation
from app.exchange.land.file_crs import crs_name, may_be_swapped
from app.exchange.land.ogr import FEATURE_ID
from app.exchange.land.plot_sources import PlotSource
from app.exchange.sorted_runs import BLOCK_ROWS, merged, n_blocks_of, schema_of
from app.services.land.plot_reading import Plots, Reading, open_plots
from app.services.neighbors.executors import Executor, return_memory
from app.services.neighbors.plot_loading import (
    Report,
    Work,
    n_plots_in,
    read_all,
    validated,
    without_duplicates,
)
from app.services.neighbors.plot_store import (
    Store,
    Stored,
    corners_of,
    deal_plots,
    halos_in,
    pair_tile,
    project_plots,
    write_tiling,
)

# What one point of a border takes at most while its plot is worked on, found by measuring: plots are read as
# objects, and the sweep keeps its own layout of them.
BYTES_A_POINT = 400

# Shares of the work at which progress is reported.
READ, DEALT, PAIRED = 0.3, 0.4, 0.85


@dataclass(frozen=True)
class NeighborRequest:
    """What is asked for: all that decides about the answer.

    Parameters
    ----------
    reading : Reading
        The file and how to read it.
    tolerances : Tolerances
    relations : "all" or "touch"
    """

    reading: Reading
    tolerances: Tolerances
    relations: Literal["all", "touch"] = "all"


@dataclass(frozen=True)
class Resources:
    """What a computation may use; it never decides about the answer.

    Parameters
    ----------
    memory_mb : float
        Memory for plots and pairs, beyond what the program itself takes.
    n_threads : int, optional
    cluster : str, optional
        See `executor_for`.
    """

    memory_mb: float = 1024
    n_threads: int | None = None
    cluster: str | None = None

    def most_points(self, n_at_once: int) -> int:
        """Return how many points of borders may be worked on by each of several tasks at once."""
        return max(1, int(self.memory_mb * 2**20 / (BYTES_A_POINT * n_at_once)))


@dataclass(frozen=True)
class TilePlan:
    """What there is to do once the plots are dealt to tiles, and what to report of them.

    `operation` names the change of datum that was made on the way, empty for none, and `accuracy_m` how
    accurate it is (None: nobody states it).
    """

    column: str
    projected_to: str | None
    n_plots: int
    tiles: list[int]
    repaired: Plots = ()
    left_out: Plots = ()
    n_again: int = 0
    operation: str = ""
    accuracy_m: float | None = None
    may_be_swapped: bool = False


def prepare(
    request: NeighborRequest, resources: Resources, store: Store, executor: Executor, report: Report
) -> TilePlan:
    """Read the plots, check them and deal them to tiles.

    Raises
    ------
    NotFoundError, InputError, DataError
        One sentence for whatever is wrong with the file or its plots.
    """
    work = Work(store.emptied(), executor, resources.most_points(executor.n_at_once))
    source = open_plots(request.reading)
    stored = read_all(source, work, _part(report, 0, READ))
    n_read = n_plots_in(stored)
    if source.column != FEATURE_ID:
        stored = without_duplicates(store, stored, source.column, _merge_bytes(resources))
    n_again = n_read - n_plots_in(stored)
    stored, placing = _in_metres(source, work, stored, request.reading.accepted_m)
    stored, mended = validated(work, stored, request.reading)
    tiles = _deal(work, stored, request.tolerances.reach_m, _part(report, READ, DEALT))
    return TilePlan(
        column=source.column,
        n_plots=n_plots_in(stored),
        tiles=tiles,
        repaired=mended.repaired,
        left_out=mended.left_out,
        n_again=n_again,
        **placing,
    )


def _part(report: Report, first: float, last: float) -> Report:
    return lambda done: report(first + (last - first) * done)


def _merge_bytes(resources: Resources) -> int:
    return int(resources.memory_mb * 2**18)


def _in_metres(
    source: PlotSource, work: Work, stored: list[Stored], accepted_m: float | None
) -> tuple[list[Stored], dict[str, Any]]:
    """Bring all plots into a reference system that is true to length; return what `TilePlan` says of it."""
    bounds, file = _bounds(stored), source.path.name
    crs = source.crs.settled(file, bounds)
    placing: dict[str, Any] = {"projected_to": None, "may_be_swapped": may_be_swapped(crs, bounds)}
    target = metric_crs(crs, bounds, file)
    if target is None:
        work.store.take_as_read()
        return stored, placing
    operation = transformation(crs, target, bounds, file, accepted_m)
    rows = [(work.store, number, operation.pipeline) for number in range(len(stored))]
    moved = list(work.executor.each(project_plots, rows))
    placing |= {"projected_to": crs_name(target), "operation": operation.name}
    placing["accuracy_m"] = operation.accuracy_m
    return moved, placing


def _bounds(stored: list[Stored]) -> tuple[float, float, float, float]:
    """Return the bounds of all plots."""
    left, bottom, right, top = zip(*(each.bounds for each in stored), strict=True)
    return min(left), min(bottom), max(right), max(top)


def _deal(work: Work, stored: list[Stored], reach_m: float, report: Report) -> list[int]:
    """Lay the tiles and write the plots of each; return the tiles that have any."""
    store, numbers = work.store, range(len(stored))
    stride = max(1, work.most_points // SAMPLES_A_TILE)
    samples = np.concatenate([corners_of(store, number, stride) for number in numbers])
    tiling = tiling_of(samples, max(1, work.most_points // stride), _bounds(stored))
    halos = Halos.joined([halos_in(store, number, tiling) for number in numbers], len(tiling))
    write_tiling(store, tiling, halos)
    rows = [(store, number, reach_m) for number in numbers]
    for done, _ in enumerate(work.executor.each(deal_plots, rows), 1):
        report(done / len(stored))
    store.forget_plots()
    return [tile for tile in range(len(tiling)) if store.tile(tile).exists()]


def pair_tiles(
    request: NeighborRequest, plan: TilePlan, store: Store, executor: Executor, report: Report
) -> None:
    """Compute the pairs of each tile that has none yet."""
    left = [tile for tile in plan.tiles if not store.path("pairs", tile).exists()]
    n_done = len(plan.tiles) - len(left)
    rows = [(store, tile, request.tolerances, request.relations, executor.n_threads) for tile in left]
    for _ in executor.each(pair_tile, rows):
        n_done += 1
        report(DEALT + (PAIRED - DEALT) * n_done / len(plan.tiles))


class SortedPairs:
    """The pairs of all tiles in order, read anew each time, and the relations in them, counted in passing."""

    def __init__(self, store: Store, plan: TilePlan, resources: Resources, report: Report) -> None:
        self.plan = plan
        self.n_by_relation = dict.fromkeys(Relation, 0)
        self._runs = [store.path("pairs", tile) for tile in plan.tiles]
        self._store, self._resources, self._report = store, resources, report

    @property
    def key_type(self) -> pa.DataType:
        """The Arrow type of the keys."""
        return schema_of(self._runs[0]).field("focal").type

    def __iter__(self) -> Iterator[pa.Table]:
        return_memory()
        most_rows, n_given = BLOCK_ROWS * sum(n_blocks_of(run) for run in self._runs), 0
        self.n_by_relation = dict.fromkeys(Relation, 0)
        for rows in merged(self._runs, "focal", _merge_bytes(self._resources), self._store.folder):
            counts = np.bincount(rows["relation"].to_numpy(), minlength=len(Relation))
            for relation, n in zip(Relation, counts, strict=True):
                self.n_by_relation[relation] += int(n)
            n_given += rows.num_rows
            self._report(n_given / most_rows)
            yield rows
