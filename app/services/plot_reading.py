"""Plots read from a file into a store, every one of them checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.analysis.adjacency import PlotArrays, check_geometries
from app.analysis.repair import repaired
from app.errors import N_, DataError
from app.exchange.geoparquet import GeoParquetSource, is_geoparquet, open_geoparquet
from app.exchange.ogr import FEATURE_ID
from app.exchange.plot_sources import Batch, PlotSource, as_keys, n_missing_before, open_layer
from app.services.crews import Cluster, OneProcess
from app.services.plot_store import Store, Stored, plot_table, store_plots

Report = Callable[[float], None]

LEAST_ROWS, MOST_ROWS = 2**8, 2**16


@dataclass(frozen=True)
class Reading:
    """A file of plots and how to read it.

    Parameters
    ----------
    path : Path
    key, layer, crs : str, optional
        The column that names a plot, the layer, and the reference system where the file's own will not do.
    is_repaired : bool
        Whether invalid boundaries are repaired instead of refused.
    """

    path: Path
    key: str | None = None
    layer: str | None = None
    crs: str | None = None
    is_repaired: bool = False


def open_plots(reading: Reading) -> PlotSource:
    """Return the plots of a file that GDAL reads, or of GeoParquet; see `open_layer`, `open_geoparquet`."""
    if reading.path.exists() and is_geoparquet(reading.path):
        return open_geoparquet(reading.path, reading.key, reading.crs)
    return open_layer(reading.path, reading.key, reading.layer, reading.crs)


@dataclass(frozen=True)
class Work:
    """Where work is done, by whom, and on how many points of borders at once by each of them."""

    store: Store
    crew: OneProcess | Cluster
    most_points: int


@dataclass(frozen=True)
class Origin:
    """The column that keys are from, how many plots came before, and whether boundaries are repaired."""

    column: str
    n_before: int
    is_repaired: bool


def read_all(
    source: PlotSource, work: Work, report: Report, *, is_repaired: bool
) -> tuple[list[Stored], list[str]]:
    """Read all plots into files of a store.

    Parameters
    ----------
    source : PlotSource
    work : Work
        Workers read the row groups of GeoParquet each by itself; all else is read here, as one stream.
    report : callable
        Told the share of plots that are read.
    is_repaired : bool
        Whether invalid boundaries are repaired instead of refused.

    Returns
    -------
    stored : list of Stored
        One a file, in the order of their numbers; at least one.
    repaired : list of str
        The plots that were, with the reason.

    Raises
    ------
    DataError
        When a key or a geometry is missing or of no use, or there are no plots.
    """
    crew, is_named = work.crew, source.column != FEATURE_ID
    if isinstance(crew, Cluster) and isinstance(source, GeoParquetSource) and is_named:
        found = _by_workers(source, work.store, crew, is_repaired=is_repaired)
    else:
        found = list(_as_one_stream(source, work, report, is_repaired=is_repaired))
    if not found:
        raise DataError(N_("“%(file)s” holds no features."), file=source.path.name)
    return [stored for stored, _ in found], [told for _, mended in found for told in mended]


def _as_one_stream(
    source: PlotSource, work: Work, report: Report, *, is_repaired: bool
) -> Iterator[tuple[Stored, list[str]]]:
    # Geometries are objects until they are stored: few at a time.
    most_rows = int(np.clip(work.most_points // 64, LEAST_ROWS, MOST_ROWS))
    n_read, n_points, number = 0, 0, 0
    waiting: list[pa.Table] = []
    mended: list[str] = []
    for batch in source.batches(most_rows):
        table, told = checked(batch, Origin(source.column, n_read, is_repaired))
        waiting.append(table)
        mended += told
        n_read += table.num_rows
        n_points += pc.sum(table["n_points"]).as_py() or 0
        report(min(1.0, n_read / max(source.n_plots, 1)))
        if n_points >= work.most_points:
            yield store_plots(work.store, number, pa.concat_tables(waiting)), mended
            waiting, mended, n_points, number = [], [], 0, number + 1
    if n_points:
        yield store_plots(work.store, number, pa.concat_tables(waiting)), mended


def _by_workers(
    source: GeoParquetSource, store: Store, crew: Cluster, *, is_repaired: bool
) -> list[tuple[Stored, list[str]]]:
    # Only who asks for a cluster waits for it.
    import dask_geopandas  # noqa: PLC0415
    from dask.delayed import delayed  # noqa: PLC0415

    files, columns = [str(file) for file in source.files], [source.column, source.geometry]
    frame = dask_geopandas.read_parquet(files, columns=columns, split_row_groups=1, index=False)
    store_frame = delayed(_store_frame, pure=False)
    n_before = 0
    tasks: list[Any] = []
    for part, n_rows in zip(frame.to_delayed(), source.rows_of_groups, strict=True):
        origin = Origin(source.column, n_before, is_repaired)
        if n_rows:
            tasks.append(store_frame(part, store, len(tasks), origin))
        n_before += n_rows
    found = {number: told for number, *told in crew.results(crew.client.compute(tasks))}
    return [found[number] for number in range(len(tasks))]


def _store_frame(
    frame: gpd.GeoDataFrame, store: Store, number: int, origin: Origin
) -> tuple[int, Stored, list[str]]:
    """Do a worker's part: check and store one row group."""
    batch = Batch(as_keys(pa.array(frame[origin.column])), frame.geometry.to_numpy())
    table, mended = checked(batch, origin)
    return number, store_plots(store, number, table), mended


def checked(batch: Batch, origin: Origin) -> tuple[pa.Table, list[str]]:
    """Return plots as a table for a store, and which were repaired, with the reason.

    Raises
    ------
    DataError
        When a key is missing, or a geometry is missing, not areal, or invalid and not to be repaired.
    """
    missing = n_missing_before(batch.keys)
    if missing is not None:
        raise DataError(
            N_("Plot no. %(row)s has no key in column “%(column)s”."),
            row=origin.n_before + missing + 1,
            column=origin.column,
        )
    keys, geometries = batch.keys.to_pandas(), batch.geometries
    told: list[str] = []
    if origin.is_repaired:
        geometries, reasons = repaired(geometries)
        told = [f"{keys[row]} ({reason})" for row, reason in reasons.items()]
    check_geometries(geometries, keys)
    return plot_table(batch.keys, PlotArrays.from_geometries(geometries)), told
