"""Plots read from a file in batches, so that memory does not grow with the file."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio

from app.errors import N_, DataError
from app.exchange.land.archives import are_pages, files_in, parts_of, several
from app.exchange.land.file_crs import FileCrs, file_crs
from app.exchange.land.ogr import (
    FEATURE_ID,
    check_file,
    find_column,
    key_column,
    layer_to_read,
    read_with_gdal,
    readable,
)
from app.exchange.land.wkb import Geometries, shapes_of_wkb

# From here on not every whole number is a float of its own.
FIRST_INEXACT = 2**53


class Batch(NamedTuple):
    """Some plots of a file, in its order; a geometry may be None.

    `keys` is an Arrow array of strings or 64-bit integers; `others` are further columns that were asked for.
    """

    keys: pa.Array
    geometries: Geometries
    others: tuple[pa.Array, ...] = ()


class PlotSource(Protocol):
    """A file, or a folder of files, with plots."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def column(self) -> str:
        """The column that names a plot, `FEATURE_ID` for the feature's number."""

    @property
    def crs(self) -> FileCrs:
        """What is known of the reference system of the coordinates."""

    @property
    def n_plots(self) -> int:
        """How many there are, as the file states: only for progress."""

    def batches(self, most_rows: int) -> Iterator[Batch]:
        """Yield all plots in the file's order, `most_rows` at a time."""


@dataclass(frozen=True)
class OgrSource:
    """A layer of a file that GDAL reads. See `PlotSource`."""

    path: Path
    layer: str
    column: str
    crs: FileCrs
    n_plots: int
    others: tuple[str, ...] = ()
    part: str | None = None

    def batches(self, most_rows: int) -> Iterator[Batch]:
        """Yield all plots in the file's order.

        Raises
        ------
        DataError
            When the file breaks off.
        """
        is_numbered = self.column == FEATURE_ID
        wanted = dict.fromkeys([*self.others] if is_numbered else [self.column, *self.others])
        with ExitStack() as stack:
            opened = pyogrio.raw.open_arrow(
                stack.enter_context(readable(self.path, self.part)),
                layer=self.layer,
                columns=list(wanted),
                return_fids=is_numbered,
                batch_size=most_rows,
                use_pyarrow=True,
            )
            metadata, reader = read_with_gdal(self.path, _entered, stack, opened)
            name = metadata["fid_column"] or "OGC_FID" if is_numbered else self.column
            shape = metadata["geometry_name"] or "wkb_geometry"
            while (rows := read_with_gdal(self.path, next, reader, None)) is not None:
                keys = as_keys(rows.column(name), self.path.name, name)
                others = tuple(exact(rows.column(other), self.path.name, other) for other in self.others)
                yield Batch(keys, self.crs.in_x_y(shapes_of_wkb(rows.column(shape), keys)), others)


def _entered(stack: ExitStack, opened: AbstractContextManager[tuple[dict[str, str], Iterator[pa.Table]]]):  # type: ignore[no-untyped-def]
    return stack.enter_context(opened)


@dataclass(frozen=True)
class PagedSource:
    """Plots in files of one form, as a service gives them page by page. See `PlotSource`."""

    path: Path
    pages: tuple[OgrSource, ...]

    @property
    def column(self) -> str:
        """The column that names a plot, in all pages."""
        return self.pages[0].column

    @property
    def crs(self) -> FileCrs:
        """What is known of the reference system of all pages."""
        return self.pages[0].crs

    @property
    def n_plots(self) -> int:
        """How many rows there are; pages may overlap."""
        return sum(page.n_plots for page in self.pages)

    def batches(self, most_rows: int) -> Iterator[Batch]:
        """Yield all plots, page after page; DataError where keys are numbers in one and text in another."""
        key_types = set()
        for page in self.pages:
            for batch in page.batches(most_rows):
                key_types.add(batch.keys.type)
                if len(key_types) > 1:
                    raise DataError(
                        N_("Column “%(column)s” mixes text and numbers as keys."), column=self.column
                    )
                yield batch


@dataclass(frozen=True)
class SourceOptions:
    """What is asked of a file: see `open_ogr`."""

    key: str | None = None
    layer: str | None = None
    crs: str | None = None
    others: tuple[str, ...] = ()


def open_ogr(path: Path, asked: SourceOptions) -> PlotSource:
    """Return the plots of a file that GDAL reads, of a zip archive or folder of one, or of its pages.

    Parameters
    ----------
    path : Path
        A file of a form in `app.exchange.land.ogr.DRIVERS`; an archive or folder may hold other files
        beside.
    asked : SourceOptions
        The column that names a plot, otherwise the first known one or else the feature id; the layer to
        read; the reference system where the file does not state it or is wrong; further columns to be read.

    Raises
    ------
    NotFoundError
        When there is no such file or layer.
    InputError
        When the reference system is none, or the layer must be named.
    DataError
        When the file is empty, no geodata, cut off, has no features or no such columns, or pages differ.
    """
    if path.is_dir() and path.suffix.lower() != ".gdb":
        files = files_in(path)
        if len(files) > 1 and not are_pages(files):
            raise several(path, files)
        return _paged(path, tuple(_open_part(file, None, asked) for file in files))
    check_file(path)
    parts = parts_of(path) if path.suffix.lower() == ".zip" else [None]
    return _paged(path, tuple(_open_part(path, part, asked) for part in parts))


def _paged(path: Path, pages: tuple[OgrSource, ...]) -> PlotSource:
    if not pages:
        raise DataError(N_("“%(file)s” is a folder; expected a file with plots."), file=path)
    if len(pages) == 1:
        return pages[0]
    for page in pages:
        if (page.column, page.crs) != (pages[0].column, pages[0].crs):
            raise DataError(
                N_("“%(file)s” differs from “%(first)s” in its key column or reference system."),
                file=page.part or page.path.name,
                first=pages[0].part or pages[0].path.name,
            )
    if pages[0].column == FEATURE_ID:
        raise DataError(
            N_("“%(file)s” has several pages; give with --key the column that names a plot."), file=path.name
        )
    return PagedSource(path, pages)


def _open_part(path: Path, part: str | None, asked: SourceOptions) -> OgrSource:
    """Return the plots of one file, or of one in an archive."""
    check_file(path)
    with readable(path, part) as source, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = layer_to_read(path, source, asked.layer)
        info = read_with_gdal(path, pyogrio.read_info, source, layer=chosen, force_feature_count=True)
    if info["features"] == 0:
        raise DataError(N_("“%(file)s” contains no features."), file=path.name)
    names = list(info["fields"])
    column = key_column(names, asked.key, path.name)
    crs = file_crs(path, info["crs"], asked.crs, part)
    others = tuple(find_column(names, other, path.name) for other in asked.others)
    return OgrSource(path, chosen, column, crs, int(info["features"]), others, part)


def as_keys(column: pa.Array, file: str, name: str) -> pa.Array:
    """Return a column as keys: a column of whole numbers as 64-bit integers, all else as text."""
    keys = exact(column, file, name)
    if pa.types.is_floating(keys.type):
        return pa.array([number_text(number) for number in keys.to_pylist()], pa.string())
    return keys if pa.types.is_integer(keys.type) else keys.cast(pa.string())


def number_text(number: float | None) -> str | None:
    """Return a number as text, a whole one without a decimal point; None for none."""
    if number is None or math.isnan(number):
        return None
    return str(int(number)) if float(number).is_integer() else str(number)


def exact(column: pa.Array, file: str, name: str) -> pa.Array:
    """Return a column as it is, having seen that its numbers have all their digits.

    Raises
    ------
    DataError
        When a number is so large that a float does not hold all of its digits, or text is not in UTF-8.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    if not pa.types.is_floating(column.type):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            raise DataError(N_("“%(file)s” is not in UTF-8; save it as UTF-8."), file=file) from None
        return column
    largest = np.nanmax(np.abs(column.to_numpy(zero_copy_only=False)), initial=0)
    if largest >= FIRST_INEXACT:
        raise inexact(file, name, largest)
    return column.cast(pa.float64())


def inexact(file: str, column: str, number: float) -> DataError:
    """Return the refusal of numbers that have lost digits."""
    return DataError(
        N_(
            "“%(file)s” stores column “%(column)s” as floating-point numbers, which cannot hold "
            "all digits of %(value)s; expected text."
        ),
        file=file,
        column=column,
        value=f"{number:.6g}",
    )


def n_missing_before(keys: pa.Array) -> int | None:
    """Return the position of the first key that is missing or blank, None if there is none."""
    if pa.types.is_string(keys.type):
        is_missing = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(keys, "")), "")
    else:
        is_missing = pc.is_null(keys, nan_is_null=True)
    first = pc.index(is_missing, True).as_py()
    return None if first < 0 else int(first)
