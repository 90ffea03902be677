"""Plots read from a file, every one of them checked: the one way from a file to boundaries in meters.

`open_plots` opens whatever holds plots, `cleaned` checks what can be checked in any reference system, and
`sound` what can be said only where lengths are true. In between, the plots are brought into meters: those of
any number in a store, and those that are held in memory as a frame, `read_frame`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from app.analysis.adjacency import PlotArrays, check_areal, check_geometries, check_keys
from app.analysis.repair import repaired, without_empty_parts
from app.domain.failure_reasons import reason_text
from app.errors import N_, DataError
from app.exchange.land.geoparquet import is_geoparquet, open_geoparquet
from app.exchange.land.plot_sources import Batch, PlotSource, SourceOptions, n_missing_before, open_ogr
from app.exchange.land.wkb import Geometries

Boolean = npt.NDArray[np.bool_]

MOST_ROWS = 2**16
# Plots that are listed by name.
MOST_TOLD = 10


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
    is_without_collapsed : bool
        Whether plots of which a repair leaves nothing are left out instead of refused.
    others : tuple of str
        Further columns to be read, for `read_frame`.
    accepted_m : float, optional
        The accuracy of a change of datum that will do, see `transformation`.
    """

    path: Path
    key: str | None = None
    layer: str | None = None
    crs: str | None = None
    is_repaired: bool = False
    is_without_collapsed: bool = False
    others: tuple[str, ...] = ()
    accepted_m: float | None = None


def open_plots(reading: Reading) -> PlotSource:
    """Return the plots of a file that GDAL reads, or of GeoParquet; see `open_ogr`, `open_geoparquet`."""
    if reading.path.exists() and is_geoparquet(reading.path):
        return open_geoparquet(reading.path, reading.key, reading.crs, reading.others)
    return open_ogr(reading.path, SourceOptions(reading.key, reading.layer, reading.crs, reading.others))


# Keys of plots, each with what GEOS says is wrong with its boundary; of lists where they come from JSON.
Plots = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Mended:
    """What was done to plots: which were repaired, which left out, each with GEOS's reason (see `Plots`)."""

    repaired: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: Mended) -> Mended:
        return Mended(self.repaired + other.repaired, self.left_out + other.left_out)


def repair_notes(repaired: Plots, left_out: Plots, n_again: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what was done to plots as sentences with their values: the first of them by name."""
    for plots, one, more in (
        (repaired, N_("Repaired: %(plot)s (%(reason)s)"), N_("... and %(n)s more repaired")),
        (left_out, N_("Left out: %(plot)s (%(reason)s)"), N_("... and %(n)s more left out")),
    ):
        for plot, reason in plots[:MOST_TOLD]:
            yield one, {"plot": plot, "reason": reason_text(reason)}
        if len(plots) > MOST_TOLD:
            yield more, {"n": len(plots) - MOST_TOLD}
    if n_again:
        yield N_("Rows left out because they repeat a plot: %(n)s"), {"n": n_again}


def cleaned(batch: Batch, column: str, n_before: int) -> Batch:
    """Return plots without empty parts, each with a key and an area.

    Raises
    ------
    DataError
        When a key is missing, or a geometry is missing or not areal.
    """
    missing = n_missing_before(batch.keys)
    if missing is not None:
        raise DataError(
            N_("Plot no. %(row)s has no key in column “%(column)s”."),
            row=n_before + missing + 1,
            column=column,
        )
    geometries = without_empty_parts(batch.geometries)
    check_areal(geometries, batch.keys.to_pandas())
    return Batch(batch.keys, geometries, batch.others)


def sound(geometries: Geometries, keys: pd.Series, reading: Reading) -> tuple[Geometries, Boolean, Mended]:
    """Return valid boundaries, which of the plots are kept, and what was done to them.

    Parameters
    ----------
    geometries : array of polygons and multipolygons
        In meters: a boundary that is valid in degrees need not be so there, nor the other way round.
    keys : Series
    reading : Reading
        Whether to repair, and to leave out plots of which that leaves nothing.

    Raises
    ------
    DataError
        When a boundary is invalid and not to be repaired, or nothing is left of a plot that is to be kept.
    """
    if not reading.is_repaired:
        _check_sound(geometries, keys)
        return geometries, np.ones(len(geometries), bool), Mended()
    mended, reasons = repaired(geometries)
    is_kept = ~np.asarray(shapely.is_empty(mended))
    if not is_kept.all() and not reading.is_without_collapsed:
        row = int(np.flatnonzero(~is_kept)[0])
        raise DataError(
            N_(
                "A repair leaves nothing of plot “%(key)s”, which encloses no area (%(reason)s); "
                "--leave-out-collapsed leaves such plots out."
            ),
            key=keys.iloc[row],
            reason=reason_text(reasons[row]),
        )
    repairs = {row: (str(keys.iloc[row]), reason) for row, reason in reasons.items()}
    check_geometries(mended[is_kept], keys[is_kept])
    kept = tuple(plot for row, plot in repairs.items() if is_kept[row])
    lost = tuple(plot for row, plot in repairs.items() if not is_kept[row])
    return mended[is_kept], is_kept, Mended(kept, lost)


def _check_sound(geometries: Geometries, keys: pd.Series) -> None:
    try:
        check_geometries(geometries, keys)
    except DataError as error:
        raise DataError(N_("%(reason)s --repair repairs such boundaries."), reason=error) from error


def read_frame(reading: Reading) -> tuple[gpd.GeoDataFrame, str, int]:
    """Return all plots of a file in memory, in its own reference system.

    Returns
    -------
    plots : GeoDataFrame
        The column that names a plot, those in `Reading.others`, and `geometry`; areal, not yet known to
        be valid.
    column : str
        The column that names a plot.
    n_again : int
        How many rows repeated a plot that was there already, and the same.

    Raises
    ------
    NotFoundError, InputError, DataError
        As `open_plots` and `cleaned` do, and when there are no plots, they lie outside of their reference
        system, or one key names plots that differ.
    """
    source = open_plots(reading)
    batches, n_read = [], 0
    for batch in source.batches(MOST_ROWS):
        batches.append(cleaned(batch, source.column, n_read))
        n_read += len(batch.keys)
    if not n_read:
        raise DataError(N_("“%(file)s” contains no features."), file=reading.path.name)
    columns = {
        source.column: pa.chunked_array([batch.keys for batch in batches]).to_pandas(),
        **{
            name: pd.Series(
                [value for batch in batches for value in batch.others[n].to_pylist()], dtype=object
            )
            for n, name in enumerate(reading.others)
        },
    }
    geometries = np.concatenate([batch.geometries for batch in batches])
    crs = source.crs.settled(reading.path.name, shapely.total_bounds(geometries))
    plots = gpd.GeoDataFrame(columns, geometry=geometries, crs=crs)
    once = _once_each(plots, source.column)
    return once, source.column, len(plots) - len(once)


def _once_each(plots: gpd.GeoDataFrame, column: str) -> gpd.GeoDataFrame:
    """Return each plot once, as pages of one service overlap; DataError where two of one key differ."""
    if not plots[column].duplicated().any():
        return plots
    boundaries = same_bytes(PlotArrays.from_geometries(plots.geometry.to_numpy()))
    rows = pd.DataFrame(plots.drop(columns="geometry")).assign(boundary=boundaries)
    once = rows.drop_duplicates()
    check_keys(once[column])
    return plots.loc[once.index].reset_index(drop=True)


def same_bytes(plots: PlotArrays) -> Geometries:
    """Return bytes by which boundaries are the same, wherever their rings begin."""
    boundaries = shapely.normalize(plots.geometries(np.arange(len(plots), dtype=np.int32)))
    return np.asarray(shapely.to_wkb(boundaries), dtype=np.object_)
