"""A file of plots in, a file of neighbors with their evidence out, all in memory; no database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
from pyogrio.errors import DataSourceError
from pyproj import CRS, Proj

from app.domain.crs import WGS84_CRS
from app.errors import N_, DataError, InputError
from app.exchange.ogr import crs_name
from app.services.plot_reading import Reading, read_frame, sound

# Formats that are written as the pairs come, and formats that hold the evidence.
STREAMED = (".csv", ".parquet")
DRIVERS = {".geojson": "GeoJSON", ".gpkg": "GPKG"}

# Lengths in a map projection may differ from those on the ground by this share before it is left.
MOST_DISTORTION = 0.01


@dataclass(frozen=True)
class PlotFile:
    """Plots read from a file, ready to be measured.

    `frame` holds the column `key`, which names a plot, and `geometry` in a projected CRS in metres;
    `projected_to` names that CRS when the file's own would not do, `repaired` and `left_out` the plots that
    were, with the reason; `n_again` is the number of rows that repeated another.
    """

    frame: gpd.GeoDataFrame
    key: str
    projected_to: str | None
    repaired: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    n_again: int = 0


def read_plots(
    path: Path,
    key: str | None = None,
    layer: str | None = None,
    crs: str | None = None,
    *,
    is_repaired: bool = False,
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

    Raises
    ------
    NotFoundError, InputError, DataError
        One sentence for whatever is wrong with the file or its plots.
    """
    return plots_in_metres(Reading(path, key, layer, crs, is_repaired))


def plots_in_metres(reading: Reading) -> PlotFile:
    """Return the plots of a file as `read_plots` does."""
    frame, column, n_again = read_frame(reading)
    metric = metric_crs(frame)
    placed = frame if metric is None else frame.to_crs(metric)
    geometries, is_kept, mended = sound(placed.geometry.to_numpy(), placed[column], reading)
    plots = placed[is_kept].set_geometry(geometries, crs=placed.crs)
    if plots.empty:
        raise DataError(N_("“%(file)s” holds no features."), file=reading.path.name)
    name = crs_name(metric) if metric else None
    return PlotFile(plots, column, name, mended.repaired, mended.left_out, n_again)


def metric_crs(plots: gpd.GeoDataFrame | gpd.GeoSeries) -> CRS | None:
    """Return the CRS to measure in, None for the file's own.

    UTM in the zone of the plots' middle: on ETRS89 where that is made for (EPSG:25828 to 25838), else on
    WGS 84. Codes are put together here, as a search by name also finds variants with northing first.
    """
    lon, lat = _middle(plots)
    if _is_true_to_length(plots.crs, lon, lat):
        return None
    zone = min(int((lon + 180) // 6) + 1, 60)
    if 28 <= zone <= 38:
        european = CRS.from_epsg(25800 + zone)
        area = european.area_of_use
        if area and area.west <= lon <= area.east and area.south <= lat <= area.north:
            return european
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def _middle(plots: gpd.GeoDataFrame | gpd.GeoSeries) -> tuple[float, float]:
    """Return longitude and latitude of the middle of the plots' bounds."""
    left, bottom, right, top = plots.total_bounds
    middle = gpd.GeoSeries.from_xy([(left + right) / 2], [(bottom + top) / 2], crs=plots.crs).to_crs(
        WGS84_CRS
    )
    return float(middle.x[0]), float(middle.y[0])


def _is_true_to_length(crs: CRS, lon: float, lat: float) -> bool:
    """Say whether lengths in the CRS are metres on the ground, which those of Web Mercator are not."""
    if not crs.is_projected or crs.axis_info[0].unit_conversion_factor != 1.0:
        return False
    factors = Proj(crs).get_factors(lon, lat)
    scales = np.array([factors.meridional_scale, factors.parallel_scale])
    return bool((np.abs(scales - 1) <= MOST_DISTORTION).all())


def write_neighbors(neighbors: gpd.GeoDataFrame, out: Path) -> None:
    """Write neighbors to a file, wholly or not at all; the suffix says the format.

    Parameters
    ----------
    neighbors : GeoDataFrame
        As `typed_neighbors` returns it.
    out : Path
        ``.geojson`` (WGS 84) or ``.gpkg``.
    """
    driver = DRIVERS[out.suffix.lower()]
    is_geojson = driver == "GeoJSON"
    placed = neighbors.to_crs(WGS84_CRS) if is_geojson else neighbors
    options = {"RFC7946": "YES"} if is_geojson else {}
    with replacing(out) as partial:
        pyogrio.write_dataframe(
            placed, partial, layer="neighbors", driver=driver, geometry_type="Unknown", **options
        )


def check_out(out: Path, plots: Path) -> None:
    """Raise InputError unless `out` can be written, before anything is computed.

    Its format must be known, its folder there and writable, and it must not be the file of plots itself.
    """
    known = (*STREAMED, *DRIVERS)
    if out.suffix.lower() not in known:
        raise InputError(
            N_("“%(file)s” has no known format; expected a name that ends in %(endings)s."),
            file=out,
            endings=", ".join(known),
        )
    if out.exists() and plots.exists() and out.samefile(plots):
        raise InputError(N_("“%(file)s” is the file of plots itself; choose another --out."), file=out)
    folder = out.parent
    if out.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(N_("“%(file)s” cannot be written: no such folder, or no right to it."), file=out)


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Yield a path beside `out` that takes its place when all went well, and is removed otherwise."""
    partial = out.with_name(f".{out.stem}-{os.getpid()}{out.suffix}")
    try:
        yield partial
        partial.replace(out)
    except (OSError, DataSourceError) as error:
        raise InputError(N_("“%(file)s” cannot be written: %(reason)s."), file=out, reason=error) from None
    finally:
        partial.unlink(missing_ok=True)
