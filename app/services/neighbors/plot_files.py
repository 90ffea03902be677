"""A file of plots in, a file of neighbors with their evidence out, all in memory; no database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyproj import CRS

from app.domain.crs import WGS84_CRS
from app.domain.transformation import Operation, metric_crs, transformation
from app.errors import N_, DataError, InputError
from app.exchange.atomic_files import replacing
from app.exchange.land.file_crs import crs_name, may_be_swapped
from app.services.land.plot_reading import Plots, Reading, read_frame, sound

# Formats that are written as the pairs come, and formats that hold the evidence.
STREAMED = (".csv", ".parquet")
DRIVERS = {".geojson": "GeoJSON", ".gpkg": "GPKG"}


@dataclass(frozen=True)
class PlotFile:
    """Plots read from a file, ready to be measured.

    `frame` holds the column `key`, which names a plot, and `geometry` in a projected CRS in metres;
    `projected_to` names that CRS when the file's own would not do, `repaired` and `left_out` the plots that
    were, with the reason; `n_again` is the number of rows that repeated another. `operation` is how that CRS
    was reached; `may_be_swapped` says that the plots would lie in Germany with longitude and latitude
    swapped.
    """

    frame: gpd.GeoDataFrame
    key: str
    projected_to: str | None
    repaired: Plots = ()
    left_out: Plots = ()
    n_again: int = 0
    operation: Operation | None = None
    may_be_swapped: bool = False


def read_plots(  # noqa: PLR0913  each an option of the prompt
    path: Path,
    key: str | None = None,
    layer: str | None = None,
    crs: str | None = None,
    *,
    is_repaired: bool = False,
    accepted_m: float | None = None,
) -> PlotFile:
    """Return the plots of a file; checked, and in metres.

    Parameters
    ----------
    path : Path
        Any file with polygons that GDAL reads.
    key : str, optional
        Column that names a plot; otherwise the first of `KEY_COLUMNS` there is, or else the feature id.
    layer, crs : str, optional
        The layer to read, and the reference system where the file does not state it or is wrong.
    is_repaired : bool
        Whether invalid boundaries are repaired instead of refused.
    accepted_m : float, optional
        As `transformation` takes it.

    Raises
    ------
    NotFoundError, InputError, DataError
        One sentence for whatever is wrong with the file or its plots.
    """
    return plots_in_metres(Reading(path, key, layer, crs, is_repaired, accepted_m=accepted_m))


def plots_in_metres(reading: Reading) -> PlotFile:
    """Return the plots of a file as `read_plots` does."""
    frame, column, n_again = read_frame(reading)
    operation, name, bounds = None, None, frame.total_bounds
    is_odd = may_be_swapped(frame.crs, bounds)
    metric = metric_crs(frame.crs, bounds, reading.path.name)
    if metric is not None:
        operation = transformation(frame.crs, metric, bounds, reading.path.name, reading.accepted_m)
        moved = operation.moved(frame.geometry.to_numpy())
        frame, name = frame.set_geometry(moved).set_crs(metric, allow_override=True), crs_name(metric)
    geometries, is_kept, mended = sound(frame.geometry.to_numpy(), frame[column], reading)
    plots = frame[is_kept].set_geometry(geometries, crs=frame.crs)
    if plots.empty:
        raise DataError(N_("“%(file)s” contains no features."), file=reading.path.name)
    return PlotFile(plots, column, name, mended.repaired, mended.left_out, n_again, operation, is_odd)


def evidence_operation(
    plots: gpd.GeoDataFrame, out: Path, file: str, accepted_m: float | None = None
) -> Operation | None:
    """Return how evidence of plots comes into the reference system of `out`; None where it stays in theirs.

    Raises
    ------
    DataError
        As `transformation`, naming `file`.
    """
    if DRIVERS[out.suffix.lower()] != "GeoJSON":
        return None
    return transformation(plots.crs, CRS.from_user_input(WGS84_CRS), plots.total_bounds, file, accepted_m)


def write_neighbors(neighbors: gpd.GeoDataFrame, out: Path, operation: Operation | None = None) -> None:
    """Write neighbors to a file, wholly or not at all; the suffix says the format.

    Parameters
    ----------
    neighbors : GeoDataFrame
        As `typed_neighbors` returns it.
    out : Path
        ``.geojson`` (WGS 84) or ``.gpkg``.
    operation : Operation, optional
        As `evidence_operation` returns it, which is asked without.
    """
    placed, options = neighbors, {}
    operation = operation or evidence_operation(neighbors, out, out.name)
    if operation is not None:
        moved = operation.moved(neighbors.geometry.to_numpy())
        placed, options = (
            neighbors.set_geometry(moved).set_crs(WGS84_CRS, allow_override=True),
            {"RFC7946": "YES"},
        )
    with replacing(out) as partial:
        pyogrio.write_dataframe(
            placed,
            partial,
            layer="neighbors",
            driver=DRIVERS[out.suffix.lower()],
            geometry_type="Unknown",
            **options,
        )


def check_out(out: Path, plots: Path) -> None:
    """Raise InputError unless `out` can be written, before anything is computed.

    Its format must be known, its folder there and writable, and it must not be the file of plots itself.
    """
    known = (*STREAMED, *DRIVERS)
    if out.suffix.lower() not in known:
        raise InputError(
            N_("“%(file)s” is not in a known format; expected a name that ends in %(endings)s."),
            file=out,
            endings=", ".join(known),
        )
    if out.exists() and plots.exists() and out.samefile(plots):
        raise InputError(N_("“%(file)s” is the file of plots itself; choose another --out."), file=out)
    folder = out.parent
    if out.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(
            N_("“%(file)s” cannot be written: there is no such folder, or permission is denied."), file=out
        )
