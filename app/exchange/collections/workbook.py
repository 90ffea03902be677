"""Rows as an Excel workbook: a sheet with the rows, and one that describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from app.domain.frames import DAY, NUMBER, TEXT, Contract
from app.errors import N_, InputError
from app.exchange.collections.arrow_rows import ID, shapes_of
from app.exchange.collections.csv_text import LON_LAT, degrees_of, point_on
from app.exchange.xml_text import xml_text

MOST_ROWS = 2**20 - 1  # Excel's sheet, without the line of names
LONGEST_TEXT = 32_767  # of a cell, in units of UTF-16

# Shown as a German Excel shows them; the value in the cell is a day or number all the same.
_SHOWN = {DAY: "dd.mm.yyyy", NUMBER: "#,##0.0##"}
_WIDTHS = {TEXT: 22, DAY: 12, NUMBER: 13}
_DEGREES = "0.0000000"
# Excel's days begin with this one; an earlier one can only be written as text.
_FIRST_DAY = date(1900, 1, 1)


def check_rows(n_rows: int) -> None:
    """Refuse more rows than a sheet of Excel holds.

    Raises
    ------
    InputError
    """
    if n_rows > MOST_ROWS:
        raise InputError(
            N_(
                "An Excel sheet holds %(most)s rows, but there are %(n)s: narrow down the "
                "selection, or use GeoPackage or CSV."
            ),
            most=MOST_ROWS,
            n=n_rows,
        )


def cell_text(text: str) -> str:
    """Return what a cell can hold of a text, never half a character."""
    units = xml_text(text).encode("utf-16-le")
    return units[: 2 * LONGEST_TEXT].decode("utf-16-le", errors="ignore")


def may_be_cut(text: str) -> bool:
    """Return whether a cell holds a text so long that there may have been more of it."""
    # A character takes up to two units.
    return len(text.encode("utf-16-le")) > 2 * (LONGEST_TEXT - 2)


def write_workbook(
    path: Path,
    batches: Iterable[pa.RecordBatch],
    contract: Contract,
    about: tuple[str, Mapping[str, str]],
    columns: tuple[str, Sequence[Sequence[str]]],
) -> None:
    """Write rows as a workbook, row by row.

    Texts are texts whatever they begin with; days and numbers are such, but days before 1900, which Excel
    does not know, are texts. Outlines do not fit into cells:
    ``lon`` and ``lat`` of a point on each stand for them.

    Parameters
    ----------
    path : Path
        A file that is not there yet.
    batches : iterable of record batches
        As `app.exchange.collections.arrow_rows.record_batches` yields them; at most `MOST_ROWS` rows.
    contract : Contract
    about : (str, mapping)
        Name of the second sheet, and its lines: titles to metadata of the rows.
    columns : (str, sequence of sequences of str)
        Name of the third sheet, and its lines: what the columns mean, with a heading; without lines it is
        left out.
    """
    book = Workbook(write_only=True)
    try:
        _write_rows(book, batches, contract)
        _write_about(book.create_sheet(about[0]), about[1])
        if columns[1]:
            _write_columns(book.create_sheet(columns[0]), columns[1])
        book.save(path)
    except BaseException:
        _throw_away(book)
        raise


def _throw_away(book: Workbook) -> None:
    """Remove the temporary files of sheets that were begun; openpyxl keeps them until the end."""
    for sheet in book.worksheets:
        writer: Any = getattr(sheet, "_writer", None)
        if writer is not None and Path(writer.out).exists():
            if not sheet.closed:
                sheet.close()
            writer.cleanup()


def _write_rows(book: Workbook, batches: Iterable[pa.RecordBatch], contract: Contract) -> None:
    sheet = book.create_sheet(contract.name)
    sheet.freeze_panes = "B2"
    kinds = [TEXT, *contract.columns.values()]
    for n, kind in enumerate([*kinds, NUMBER, NUMBER], 1):
        sheet.column_dimensions[get_column_letter(n)].width = _WIDTHS.get(kind, 10)
    names = [ID, *contract.columns, *LON_LAT]
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}1"
    sheet.append([_heading(sheet, name) for name in names])
    put = [*(_filled(sheet, kind) for kind in kinds), *(_filled(sheet, NUMBER, _DEGREES) for _ in LON_LAT)]
    for batch in batches:
        columns = [batch.column(n).to_pylist() for n in range(len(kinds))]
        for row in zip(*columns, *degrees_of(point_on(shapes_of(batch))), strict=True):
            sheet.append([fill(value) for fill, value in zip(put, row, strict=True)])


def _filled(sheet: Any, kind: str, form: str | None = None) -> Callable[[Any], Any]:
    """Return a function that puts a value into a cell of a column; the same cell serves all its rows."""
    cell = WriteOnlyCell(sheet)
    cell.number_format = form or _SHOWN.get(kind, "General")

    def fill(value: Any) -> Any:
        if value is None:
            return None
        if kind == DAY and value < _FIRST_DAY:
            return _early(sheet, value)
        cell.value = cell_text(value) if kind == TEXT else value
        if kind == TEXT:
            # A text stays one: otherwise “=1+1” would be computed.
            cell.data_type = "s"
        return cell

    return fill


def _early(sheet: Any, day: date) -> Any:
    """Return a cell with a day before Excel's first, as a German Excel would show it."""
    return WriteOnlyCell(sheet, f"{day.day:02}.{day.month:02}.{day.year:04}")


def _heading(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _write_columns(sheet: Any, columns: Sequence[Sequence[str]]) -> None:
    for letter, width in zip("ABCD", (22, 30, 14, 100), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    heading, *lines = columns
    sheet.append([_heading(sheet, text) for text in heading])
    for line in lines:
        cells = [WriteOnlyCell(sheet, text) for text in line]
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)


def _write_about(sheet: Any, about: Mapping[str, str]) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 90
    for word, text in about.items():
        cell = WriteOnlyCell(sheet, cell_text(text))
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append([_heading(sheet, word), cell])
