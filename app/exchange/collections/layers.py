"""Geodata of this project read back: GeoPackage, FlatGeobuf, zipped Shapefiles and GeoParquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from app.domain.crs import STORAGE_CRS
from app.domain.failure_reasons import quoted
from app.domain.frames import Contract
from app.domain.transformation import transformation
from app.errors import N_, AppError, DataError
from app.exchange.collections.arrow_rows import ID, row_schema
from app.exchange.collections.geojson import check_file
from app.exchange.collections.geoparquet import BBOX
from app.exchange.collections.rows import FileTable, RowPlace, find_cut_texts
from app.exchange.collections.shapefile import cut, may_be_cut, short_names
from app.exchange.land.geoparquet import geometry_metadata
from app.exchange.land.ogr import read_with_gdal, readable
from app.exchange.land.wkb import shapes_of_wkb


def read_gpkg(path: Path, contract: Contract) -> FileTable:
    """Return the rows of a GeoPackage written by `app.exchange.collections.geofiles`.

    Raises
    ------
    NotFoundError, TooLargeError
        As `app.exchange.collections.geojson.check_file`.
    DataError
        When it is no GeoPackage, has no layer of the collection's name or no reference system.
    """
    check_file(path)
    with path.open("rb") as file:
        is_sqlite = file.read(16) == b"SQLite format 3\x00"
    try:
        names = _layers(path) if is_sqlite else []
    except AppError:
        names = []
    if contract.name not in names:
        raise DataError(
            N_("%(file)s is not a GeoPackage with a layer “%(layer)s”."), file=path.name, layer=contract.name
        )
    return FileTable(*_layer(path, contract.name))


def read_fgb(path: Path, contract: Contract) -> FileTable:
    """Return the rows of a FlatGeobuf, the only layer it has; raises as `read_gpkg`."""
    check_file(path)
    return FileTable(*_layer(path, _layers(path)[0]))


def read_shapefiles(path: Path, contract: Contract) -> FileTable:
    """Return the rows of zipped Shapefiles, their columns under their whole names; raises as `read_gpkg`.

    Texts that may have been cut are reported by `FileTable.cut_texts`.
    """
    check_file(path)
    whole = {short: name for name, short in short_names(row_schema(contract).names).items()}
    rows: list[dict[str, Any]] = []
    places: list[RowPlace] = []
    for layer in _layers(path):
        found, placed = _layer(path, layer)
        rows += [
            {whole.get(name, name): value for name, value in row.items() if whole.get(name) != ID}
            for row in found
        ]
        places += placed
    cut_texts = find_cut_texts(rows, contract, may_be_cut)
    return FileTable(rows, places, cut_texts=cut_texts, cut=cut)


def read_parquet(path: Path, contract: Contract) -> FileTable:
    """Return the rows of a GeoParquet file; raises as `read_gpkg`."""
    check_file(path)
    try:
        table = pq.read_table(path)
        geometry, crs = geometry_metadata(path, pq.read_metadata(path))
    except (pa.ArrowException, OSError):
        raise DataError(N_("%(file)s is not a Parquet file."), file=path.name) from None
    kept = [name for name in table.column_names if name != BBOX]
    return FileTable(*_rows(path, table.select(kept), geometry, crs))


def _layers(path: Path) -> list[str]:
    with readable(path) as source:
        found = [str(name) for name, kind in read_with_gdal(path, pyogrio.list_layers, source) if kind]
    if not found:
        raise DataError(N_("“%(file)s” contains no geometries."), file=path.name)
    return found


def _layer(path: Path, layer: str) -> tuple[list[dict[str, Any]], list[RowPlace]]:
    with readable(path) as source:
        metadata, table = read_with_gdal(path, pyogrio.read_arrow, source, layer=layer)
    geometry = metadata["geometry_name"] or "wkb_geometry"
    return _rows(path, table, geometry, metadata["crs"])


def _rows(
    path: Path, table: pa.Table, geometry: str, crs: Any
) -> tuple[list[dict[str, Any]], list[RowPlace]]:
    if crs is None:
        raise DataError(N_("%(file)s does not state its coordinate reference system."), file=path.name)
    with _damage_in_words(path):
        return _typed(path, table, geometry, crs)


def _typed(
    path: Path, table: pa.Table, geometry: str, crs: Any
) -> tuple[list[dict[str, Any]], list[RowPlace]]:
    names = [name for name in table.column_names if name not in {ID, geometry}]
    keys = table["key"].combine_chunks() if "key" in names else pa.nulls(table.num_rows)
    shapes = shapely.force_2d(shapes_of_wkb(table[geometry].combine_chunks(), keys))
    placed = _in_storage(path, shapes, CRS.from_user_input(crs))
    return table.select(names).to_pylist(), [RowPlace(shape) for shape in placed]


@contextmanager
def _damage_in_words(path: Path) -> Iterator[None]:
    """Turn what values give that cannot be into a sentence: columns twice, days that no calendar has."""
    try:
        yield
    except UnicodeDecodeError:
        raise DataError(N_("“%(file)s” is not in UTF-8; save it as UTF-8."), file=path.name) from None
    except (ArithmeticError, CRSError, LookupError, ValueError, pa.ArrowException) as error:
        reason = quoted(type(error).__module__.split(".")[0], error)
        raise DataError(N_("“%(file)s” cannot be read: %(reason)s."), file=path.name, reason=reason) from None


def _in_storage(path: Path, shapes: Any, crs: CRS) -> Any:
    target = CRS.from_user_input(STORAGE_CRS)
    if crs == target:
        return shapes
    return transformation(crs, target, shapely.total_bounds(shapes), path.name).moved(shapes)
