"""Tables of this project read back: CSV for programs, CSV for a German Excel, and the workbook."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import shapely
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.domain.crs import to_storage
from app.domain.frames import NUMBER, TEXT, Contract
from app.errors import N_, DataError
from app.exchange.collections.arrow_rows import GEOMETRY, ID
from app.exchange.collections.csv_text import LON_LAT, as_written
from app.exchange.collections.geojson import check_file
from app.exchange.collections.rows import (
    NOT_OF_KIND,
    PARSERS,
    FileTable,
    RowPlace,
    Spot,
    find_cut_texts,
    number_in,
)
from app.exchange.collections.workbook import cell_text, may_be_cut
from app.exchange.land.encodings import encoding_of
from app.exchange.land.plot_sources import FIRST_INEXACT, inexact

# How far lon and lat may lie from the geometry in the same row: they have seven decimals.
_FAR_M = 0.1
# What openpyxl and the libraries below it raise on damaged workbooks.
NO_BOOK = (
    ArithmeticError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_csv(path: Path, contract: Contract) -> FileTable:
    """Return the rows of a CSV file: with commas as `csv_lines` writes it, with semicolons as Excel saves it.

    With semicolons numbers have decimal commas, and there may be lon and lat in place of the geometry.

    Raises
    ------
    NotFoundError, TooLargeError
        As `app.exchange.collections.geojson.check_file`.
    DataError
        When it is no such table, or a row has no place, two places, or not one value for each column.
    """
    check_file(path)
    delimiter, found = _parsed(path)
    decimal = "," if delimiter == ";" else "."
    rows: list[dict[str, Any]] = []
    places = []
    for n, row in enumerate(found, 1):
        spot = Spot(path.name, n, row.get("key"))
        # A row of another length has either a surplus under None or missing values that are None.
        if None in row or None in row.values():
            raise spot.refuse(
                N_("%(file)s, row %(row)s (%(key)s) does not have exactly one value for each column.")
            )
        if delimiter == ";":
            row = {name: as_written(text) for name, text in row.items()}  # noqa: PLW2901  the same row
        places.append(_place(spot, row, contract, decimal))
        rows.append(_without_places(row))
    return FileTable(rows, places, decimal, is_in_degrees=any(place.is_in_degrees for place in places))


def _parsed(path: Path) -> tuple[str, Iterator[dict[str, Any]]]:
    """Return the delimiter of a table and its rows."""
    with path.open("rb") as file:
        head = file.read(4096)
    try:
        if b"\x00" in head.removeprefix(b"\xff\xfe")[::2]:
            raise ValueError
        text = path.read_text(encoding_of(path))
        header = text.splitlines()[0]
        delimiter = max(",;", key=header.count)
        if delimiter not in header:
            raise ValueError
        csv.field_size_limit(2**31 - 1)  # the text of a boundary with very many corners
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (ValueError, IndexError, csv.Error):
        raise DataError(
            N_("%(file)s is not a table with commas or semicolons as separators."), file=path.name
        ) from None
    return delimiter, iter(rows)


def read_workbook(path: Path, contract: Contract) -> FileTable:
    """Return the rows of the sheet that `write_workbook` writes, or else of the first one.

    Texts that may have been cut are reported by `FileTable.cut_texts`.

    Raises
    ------
    NotFoundError, TooLargeError
        As `app.exchange.collections.geojson.check_file`.
    DataError
        When it is no workbook, or a row has no place.
    """
    check_file(path)
    rows, places = [], []
    for n, cells in enumerate(_cells(path, contract), 1):
        row = {name: _plain(path, cells, name, contract.columns.get(name)) for name in cells}
        places.append(_place(Spot(path.name, n, row.get("key")), row, contract, ","))
        rows.append(_without_places(row))
    cut_texts = find_cut_texts(rows, contract, may_be_cut)
    return FileTable(rows, places, ",", is_in_degrees=True, cut_texts=cut_texts, cut=cell_text)


def _cells(path: Path, contract: Contract) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as stream:
            book = load_workbook(stream, read_only=True, data_only=True)
            sheet = book[contract.name] if contract.name in book.sheetnames else book.worksheets[0]
            lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    except NO_BOOK:
        raise DataError(N_("%(file)s is not an Excel workbook (.xlsx)."), file=path.name) from None
    names = [None if name is None else str(name) for name in (lines or [[]])[0]]
    for line in lines[1:]:
        if any(cell is not None for cell in line):
            yield {name: cell for name, cell in zip(names, line, strict=False) if name is not None}


def _plain(path: Path, cells: Mapping[str, Any], name: str, kind: str | None) -> Any:
    """Return a cell's value; what was typed as a whole number into a column of texts is text."""
    value = cells[name]
    if kind != TEXT or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if abs(value) >= FIRST_INEXACT:
        raise inexact(path.name, name, value)
    return str(int(value)) if float(value).is_integer() else value


def _without_places(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {ID, GEOMETRY, *LON_LAT}}


def _place(spot: Spot, row: Mapping[str, Any], contract: Contract, decimal: str) -> RowPlace:
    """Return where a row lies: by its geometry, by lon and lat, or by both where they agree."""
    shape = _geometry(spot, row[GEOMETRY]) if row.get(GEOMETRY) else None
    point = _point(spot, row, decimal)
    if shape is None and point is None and GEOMETRY not in row:
        raise spot.refuse(
            N_("%(file)s has neither a column “%(geometry)s” nor “lon” and “lat”."), geometry=GEOMETRY
        )
    if shape is None:
        is_point = contract.geometry_types == ("Point",)
        return RowPlace(point if is_point else None, None if is_point else point, is_in_degrees=True)
    if point is not None and point.distance(shape) > _FAR_M:
        raise spot.refuse(
            N_(
                "%(file)s, row %(row)s (%(key)s): lon and lat are %(far)s m away from the "
                "geometry; change both, or clear one of them."
            ),
            far=round(point.distance(shape), 1),
        )
    return RowPlace(shape)


def _point(spot: Spot, row: Mapping[str, Any], decimal: str) -> Any:
    given = [row.get(name) for name in LON_LAT]
    if all(value in {None, ""} for value in given):
        return None
    degrees = []
    for name, value in zip(LON_LAT, given, strict=True):
        number = PARSERS[NUMBER](number_in(spot, name, value, decimal) if isinstance(value, str) else value)
        if number is None:
            raise spot.refuse(NOT_OF_KIND[NUMBER], field=name, value="" if value is None else value)
        degrees.append(number)
    if abs(degrees[0]) > 180 or abs(degrees[1]) > 90:
        raise spot.refuse(
            N_("%(file)s, row %(row)s (%(key)s): lon %(lon)s and lat %(lat)s are not valid degrees."),
            lon=degrees[0],
            lat=degrees[1],
        )
    return to_storage(np.array([shapely.Point(degrees)]))[0]


def _geometry(spot: Spot, text: str) -> Any:
    try:
        return shapely.force_2d(shapely.from_wkt(text))
    except shapely.errors.GEOSException:
        raise spot.refuse(
            N_("%(file)s, row %(row)s (%(key)s): “%(text)s” is not a valid WKT geometry."), text=text
        ) from None
