"""Plots read from a file in batches, so that memory does not grow with the file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely
from pyproj import CRS

from app.errors import N_, DataError
from app.exchange.ogr import FEATURE_ID, check_file, key_column, layer_to_read, parse_crs, readable, told

Geometries = npt.NDArray[np.object_]


class Batch(NamedTuple):
    """Some plots of a file, in its order; a geometry may be None.

    `keys` is an Arrow array of strings, 64-bit integers or floats.
    """

    keys: pa.Array
    geometries: Geometries


class PlotSource(Protocol):
    """A file, or a folder of files, with plots."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def column(self) -> str:
        """The column that names a plot, `FEATURE_ID` for the feature's number."""

    @property
    def crs(self) -> CRS | None:
        """The reference system of the coordinates."""

    @property
    def n_plots(self) -> int:
        """How many there are, as the file says: only for telling how far reading is."""

    def batches(self, most_rows: int) -> Iterator[Batch]:
        """Yield all plots in the file's order, `most_rows` at a time."""


@dataclass(frozen=True)
class OgrSource:
    """A layer of a file that GDAL reads. See `PlotSource`."""

    path: Path
    layer: str
    column: str
    crs: CRS | None
    n_plots: int

    def batches(self, most_rows: int) -> Iterator[Batch]:
        """Yield all plots in the file's order.

        Raises
        ------
        DataError
            When the file breaks off.
        """
        is_numbered = self.column == FEATURE_ID
        with ExitStack() as stack:
            opened = pyogrio.raw.open_arrow(
                stack.enter_context(readable(self.path)),
                layer=self.layer,
                columns=[] if is_numbered else [self.column],
                return_fids=is_numbered,
                batch_size=most_rows,
                use_pyarrow=True,
            )
            told_of, reader = told(self.path, _entered, stack, opened)
            name = told_of["fid_column"] or "OGC_FID" if is_numbered else self.column
            shape = told_of["geometry_name"] or "wkb_geometry"
            while (rows := told(self.path, next, reader, None)) is not None:
                yield Batch(as_keys(rows.column(name)), self._shapes(rows.column(shape)))

    def _shapes(self, wkb: pa.Array) -> Geometries:
        found: Geometries = told(self.path, shapely.from_wkb, wkb.to_numpy(zero_copy_only=False))
        return found


def _entered(stack: ExitStack, opened: AbstractContextManager[tuple[dict[str, str], Iterator[pa.Table]]]):  # type: ignore[no-untyped-def]
    return stack.enter_context(opened)


def open_layer(path: Path, key: str | None, layer: str | None, crs: str | None) -> OgrSource:
    """Return the plots of a file that GDAL reads.

    Parameters
    ----------
    path : Path
    key : str, optional
        Column that names a plot; otherwise the first known one, or else the feature id.
    layer, crs : str, optional
        The layer to read, and the reference system where the file does not state it or is wrong.

    Raises
    ------
    NotFoundError, InputError, DataError
        As `read_layer` does.
    """
    check_file(path)
    with readable(path) as source, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = layer_to_read(path, source, layer)
        info = told(path, pyogrio.read_info, source, layer=chosen, force_feature_count=True)
    if info["features"] == 0:
        raise DataError(N_("“%(file)s” holds no features."), file=path.name)
    column = chosen_column(list(info["fields"]), key, path.name)
    stated = parse_crs(crs if crs is not None else info["crs"]) if crs or info["crs"] else None
    return OgrSource(path, chosen, column, stated, int(info["features"]))


def chosen_column(columns: list[str], key: str | None, file: str) -> str:
    """Return the column that names the plots, as `key_column` chooses it."""
    return key_column(gpd.GeoDataFrame(columns=columns, geometry=[]), key, file) or FEATURE_ID


def as_keys(column: pa.Array) -> pa.Array:
    """Return a column as keys: whole numbers and numbers as such, all else as text."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    if pa.types.is_floating(column.type):
        return column.cast(pa.float64())
    return column.cast(pa.string())


def n_missing_before(keys: pa.Array) -> int | None:
    """Return the position of the first key that is missing or blank, None if there is none."""
    if pa.types.is_string(keys.type):
        is_missing = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(keys, "")), "")
    else:
        is_missing = pc.is_null(keys, nan_is_null=True)
    first = pc.index(is_missing, True).as_py()
    return None if first < 0 else int(first)
