"""Plots from GeoParquet: one file, or a folder of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from app.domain.crs import WGS84_CRS
from app.domain.failure_reasons import failure_reason
from app.errors import N_, DataError
from app.exchange.land.file_crs import FileCrs, file_crs
from app.exchange.land.ogr import FEATURE_ID, find_column, key_column
from app.exchange.land.plot_sources import Batch, as_keys, exact
from app.exchange.land.wkb import shapes_of_wkb

P = ParamSpec("P")
R = TypeVar("R")

SUFFIXES = {".parquet", ".geoparquet", ".pq"}


@dataclass(frozen=True)
class GeoParquetSource:
    """Plots in GeoParquet files of one form. See `PlotSource`.

    Parameters
    ----------
    path : Path
        The file or the folder.
    files : tuple of Path
        The files, in the order of their names.
    column, geometry : str
        The columns with keys and with geometries.
    crs : FileCrs
    rows_of_groups : tuple of int
        How many plots each row group holds, file after file.
    """

    path: Path
    files: tuple[Path, ...]
    column: str
    geometry: str
    crs: FileCrs
    rows_of_groups: tuple[int, ...]
    others: tuple[str, ...] = ()

    @property
    def n_plots(self) -> int:
        """How many plots there are."""
        return sum(self.rows_of_groups)

    def batches(self, most_rows: int) -> Iterator[Batch]:
        """Yield all plots, file after file; DataError where one breaks off."""
        named = [] if self.column == FEATURE_ID else [self.column]
        columns = list(dict.fromkeys([*named, *self.others, self.geometry]))
        first_row = 0
        for path in self.files:
            # What is read in advance would be kept until the file is read to its end.
            with _read(path, pq.ParquetFile, path, pre_buffer=False) as file:
                rows = file.iter_batches(most_rows, columns=columns, use_threads=False)
                while (some := _read(path, next, rows, None)) is not None:
                    yield self._batch(path, some, first_row)
                    first_row += some.num_rows

    def _batch(self, path: Path, rows: pa.RecordBatch, first_row: int) -> Batch:
        if self.column == FEATURE_ID:
            keys = pa.array(range(first_row, first_row + rows.num_rows), pa.int64())
        else:
            keys = as_keys(rows.column(self.column), path.name, self.column)
        others = tuple(exact(rows.column(name), path.name, name) for name in self.others)
        return Batch(keys, shapes_of_wkb(rows.column(self.geometry), keys), others)


def is_geoparquet(path: Path) -> bool:
    """Return whether a path is to be read as GeoParquet: by its suffix, or as a folder of such files."""
    return path.suffix.lower() in SUFFIXES or (path.is_dir() and bool(parquet_files(path)))


def parquet_files(path: Path) -> list[Path]:
    """Return the Parquet files of a folder and the folders in it, or the file itself, by name."""
    if not path.is_dir():
        return [path]
    found = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    return sorted(file for file in found if not file.name.startswith(("_", ".")))


def open_geoparquet(
    path: Path, key: str | None, crs: str | None, others: Sequence[str] = ()
) -> GeoParquetSource:
    """Return the plots of a GeoParquet file, or of all files of a folder.

    Raises
    ------
    InputError
        When `crs` is none.
    DataError
        When a file is no GeoParquet with geometries in WKB, differs from the first in its reference system,
        or there is no column `key` or one of `others`.
    """
    files = parquet_files(path)
    heads = [_read(file, pq.read_metadata, file) for file in files]
    metadata = [geometry_metadata(file, head) for file, head in zip(files, heads, strict=True)]
    for file, other in zip(files, metadata, strict=True):
        if other != metadata[0]:
            raise DataError(
                N_("“%(file)s” differs from “%(first)s” in its geometry column or reference system."),
                file=file.name,
                first=files[0].name,
            )
    rows = tuple(head.row_group(group).num_rows for head in heads for group in range(head.num_row_groups))
    if not sum(rows):
        raise DataError(N_("“%(file)s” contains no features."), file=path.name)
    geometry, stated = metadata[0]
    names = [name for name in heads[0].schema.to_arrow_schema().names if name != geometry]
    column = key_column(names, key, path.name)
    found = tuple(find_column(names, other, path.name) for other in others)
    _check_columns(files, heads, [column, *found])
    known = file_crs(path, stated, crs)
    return GeoParquetSource(path, tuple(files), column, geometry, known, rows, found)


def _check_columns(files: Sequence[Path], heads: Sequence[pq.FileMetaData], columns: Sequence[str]) -> None:
    """Raise DataError unless all files have the columns, as whole numbers or as others."""
    schemas = [head.schema.to_arrow_schema() for head in heads]
    for file, schema in zip(files, schemas, strict=True):
        for column in columns:
            if column != FEATURE_ID and (
                column not in schema.names or _is_whole(schema, column) != _is_whole(schemas[0], column)
            ):
                raise DataError(
                    N_("“%(file)s” differs from “%(first)s” in column “%(column)s”."),
                    file=file.name,
                    first=files[0].name,
                    column=column,
                )


def _is_whole(schema: pa.Schema, column: str) -> bool:
    return bool(pa.types.is_integer(schema.field(column).type))


def geometry_metadata(path: Path, head: pq.FileMetaData) -> tuple[str, CRS | None]:
    """Return the geometry column and reference system that a file's metadata name."""
    try:
        geo = json.loads((head.metadata or {})[b"geo"])
        column = geo["primary_column"]
        described = geo["columns"][column]
        is_wkb = described["encoding"] == "WKB"
    except (KeyError, TypeError, ValueError):
        raise DataError(
            N_("“%(file)s” is a Parquet file without the metadata of GeoParquet."), file=path.name
        ) from None
    if not is_wkb:
        raise DataError(
            N_("“%(file)s” contains geometries as %(encoding)s; expected WKB."),
            file=path.name,
            encoding=str(described["encoding"])[:40],
        )
    # Without a word about it, GeoParquet means longitude and latitude.
    crs = described.get("crs", WGS84_CRS)
    return column, None if crs is None else CRS.from_user_input(crs)


def _read(path: Path, read: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    """Call a function that reads; its failure becomes a sentence."""
    try:
        return read(*args, **options)
    except (pa.ArrowException, OSError) as error:
        reason = failure_reason(error, "Arrow")
        raise DataError(N_("“%(file)s” cannot be read: %(reason)s."), file=path.name, reason=reason) from None
