"""Plots of any number on their way into a store: read, without duplicates, and validated in metres."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from hashlib import blake2b
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.analysis.adjacency import PlotArrays, certainly_valid, double_keys
from app.errors import N_, DataError
from app.exchange.land.geoparquet import GeoParquetSource
from app.exchange.land.ogr import FEATURE_ID
from app.exchange.land.plot_sources import Batch, PlotSource, as_keys
from app.exchange.sorted_runs import merged, read_table
from app.services.land.plot_reading import Mended, Reading, cleaned, same_bytes, sound
from app.services.neighbors.executors import DaskCluster, Executor
from app.services.neighbors.plot_store import (
    Store,
    Stored,
    change_plots,
    plot_table,
    plots_of,
    store_plots,
    stored_of,
)

Report = Callable[[float], None]

LEAST_ROWS, MOST_ROWS = 2**8, 2**16


@dataclass(frozen=True)
class Work:
    """Where work is done, by whom, and on how many points of borders at once by each of them."""

    store: Store
    executor: Executor
    most_points: int


def read_all(source: PlotSource, work: Work, report: Report) -> list[Stored]:
    """Read all plots into files of a store, in the file's own reference system.

    Parameters
    ----------
    source : PlotSource
    work : Work
        Workers read the row groups of GeoParquet each by itself; all else is read here, as one stream.
    report : callable
        Called with the share of plots that are read.

    Returns
    -------
    list of Stored
        One a file, in the order of their numbers; at least one.

    Raises
    ------
    DataError
        When a key or a geometry is missing or not areal, or there are no plots.
    """
    executor, is_named = work.executor, source.column != FEATURE_ID
    if isinstance(executor, DaskCluster) and isinstance(source, GeoParquetSource) and is_named:
        found = _by_workers(source, work.store, executor)
    else:
        found = list(_as_one_stream(source, work, report))
    if not found:
        raise DataError(N_("“%(file)s” contains no features."), file=source.path.name)
    return found


def _as_one_stream(source: PlotSource, work: Work, report: Report) -> Iterator[Stored]:
    # Geometries are objects until they are stored: few at a time.
    most_rows = int(np.clip(work.most_points // 64, LEAST_ROWS, MOST_ROWS))
    n_read, n_points, number = 0, 0, 0
    waiting: list[pa.Table] = []
    for batch in source.batches(most_rows):
        table = _table(batch, source.column, n_read)
        waiting.append(table)
        n_read += table.num_rows
        n_points += pc.sum(table["n_points"]).as_py() or 0
        report(min(1.0, n_read / max(source.n_plots, 1)))
        if n_points >= work.most_points:
            yield store_plots(work.store, number, pa.concat_tables(waiting))
            waiting, n_points, number = [], 0, number + 1
    if n_points:
        yield store_plots(work.store, number, pa.concat_tables(waiting))


def _by_workers(source: GeoParquetSource, store: Store, executor: DaskCluster) -> list[Stored]:
    # Only who asks for a cluster waits for it.
    import dask_geopandas  # noqa: PLC0415
    from dask.delayed import delayed  # noqa: PLC0415

    files, columns = [str(file) for file in source.files], [source.column, source.geometry]
    frame = dask_geopandas.read_parquet(files, columns=columns, split_row_groups=1, index=False)
    store_frame = delayed(_store_frame, pure=False)
    n_before = 0
    tasks: list[Any] = []
    for part, n_rows in zip(frame.to_delayed(), source.rows_of_groups, strict=True):
        if n_rows:
            tasks.append(store_frame(part, store, len(tasks), source.path.name, source.column, n_before))
        n_before += n_rows
    found = dict(executor.results(executor.client.compute(tasks)))
    return [found[number] for number in range(len(tasks))]


def _store_frame(  # noqa: PLR0913, PLR0917  what a worker is sent
    frame: gpd.GeoDataFrame, store: Store, number: int, file: str, column: str, n_before: int
) -> tuple[int, Stored]:
    """Do a worker's part: check and store one row group."""
    keys = as_keys(pa.array(frame[column]), file, column)
    table = _table(Batch(keys, frame.geometry.to_numpy()), column, n_before)
    return number, store_plots(store, number, table)


def _table(batch: Batch, column: str, n_before: int) -> pa.Table:
    plots = cleaned(batch, column, n_before)
    return plot_table(plots.keys, PlotArrays.from_geometries(plots.geometries))


def n_plots_in(stored: list[Stored]) -> int:
    """Return the number of plots in files of a store."""
    return sum(each.n_plots for each in stored)


def without_duplicates(store: Store, stored: list[Stored], column: str, most_bytes: int) -> list[Stored]:
    """Drop plots that are there again, as pages of one service overlap.

    Memory grows with the plots that are there more than once, not with all.

    Raises
    ------
    DataError
        When two plots of one key differ; names some.
    """
    again = _keys_again(store, len(stored), most_bytes)
    if not len(again):
        return stored
    seen: dict[Any, bytes] = {}
    differing: list[str] = []
    left: list[Stored | None] = []
    for number, before in enumerate(stored):
        table = read_table(store.path("read", number))
        is_kept = np.ones(table.num_rows, bool)
        rows = np.flatnonzero(pc.is_in(table["key"], again).to_numpy())
        boundaries = same_bytes(plots_of(table["geometry"].take(rows)))
        for row, key, boundary in zip(rows, table["key"].take(rows).to_pylist(), boundaries, strict=True):
            is_kept[row] = key not in seen
            digest = blake2b(boundary, digest_size=16).digest()
            if seen.setdefault(key, digest) != digest:
                differing.append(str(key))
        left.append(before if is_kept.all() else change_plots(store, number, table.filter(pa.array(is_kept))))
    if differing:
        raise double_keys(column, sorted(set(differing)))
    return _left(store, "read", left)


def _keys_again(store: Store, n_files: int, most_bytes: int) -> pa.Array:
    """Return the keys that are there more than once."""
    runs = [store.path("keys", number) for number in range(n_files)]
    found = []
    for rows in merged(runs, "key", most_bytes, store.folder / "keys"):
        keys = rows["key"].combine_chunks()
        found.append(keys[1:].filter(pc.equal(keys[1:], keys[:-1])))
    return pc.unique(pa.chunked_array(found)) if found else pa.array([])


def validated(work: Work, stored: list[Stored], reading: Reading) -> tuple[list[Stored], Mended]:
    """Validate the boundaries in metres, see `sound`; return what is left, and what was done."""
    rows = [(work.store, number, reading) for number in range(len(stored))]
    done = {number: (left, mended) for number, left, mended in work.executor.each(validate_plots, rows)}
    left = _left(work.store, "plots", [done[number][0] for number in range(len(stored))])
    if not left:
        raise DataError(N_("“%(file)s” contains no features."), file=reading.path.name)
    return left, reduce(Mended.__add__, (done[number][1] for number in range(len(stored))))


def validate_plots(store: Store, number: int, reading: Reading) -> tuple[int, Stored | None, Mended]:
    """Validate one file of plots; where some are changed, write it anew."""
    table = read_table(store.path("plots", number))
    parts = [
        _validated(table.slice(first, MOST_ROWS), reading) for first in range(0, table.num_rows, MOST_ROWS)
    ]
    done = reduce(Mended.__add__, (mended for _, mended in parts))
    if done == Mended():
        return number, stored_of(table), done
    return number, change_plots(store, number, pa.concat_tables([part for part, _ in parts])), done


def _validated(table: pa.Table, reading: Reading) -> tuple[pa.Table, Mended]:
    plots, keys = plots_of(table["geometry"]), table["key"].combine_chunks()
    unclear = np.flatnonzero(~certainly_valid(plots)).astype(np.int32)
    if not len(unclear):
        return table, Mended()
    boundaries, is_left, mended = sound(
        plots.geometries(unclear), keys.take(pa.array(unclear)).to_pandas(), reading
    )
    if mended == Mended():
        return table, mended
    every, is_kept = plots.geometries(np.arange(len(plots), dtype=np.int32)), np.ones(len(plots), bool)
    is_kept[unclear] = is_left
    every[unclear[is_left]] = boundaries
    kept = PlotArrays.from_geometries(every[is_kept])
    return plot_table(keys.filter(pa.array(is_kept)), kept), mended


def _left(store: Store, kind: Literal["read", "plots"], stored: list[Stored | None]) -> list[Stored]:
    left = {number: each for number, each in enumerate(stored) if each is not None}
    store.take_changed(kind, list(left))
    return list(left.values())
