"""A list of guests with the fields that letters are merged from, as a table for Excel and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.exchange.collections.csv_text import harmless
from app.exchange.collections.workbook import cell_text

_WIDEST = 60


@dataclass(frozen=True)
class MergeRow:
    """One invitation; the names of its fields, in German, are those of the columns."""

    firma: str
    gruppe: str = ""
    ansprechperson: str = ""
    funktion: str = ""
    einladung: str = ""
    mail: str = ""
    telefon: str = ""
    anschrift_1: str = ""
    anschrift_2: str = ""
    anschrift_3: str = ""
    anschrift_4: str = ""
    grund: str = ""
    grundstuecke: str = ""
    hinweise: str = ""
    treffen: str = ""
    tag: str = ""
    uhrzeit: str = ""
    ort: str = ""
    gastgeber: str = ""
    link: str = ""
    eingeladen: str = ""


COLUMNS = tuple(one.name for one in fields(MergeRow))


def merge_csv(rows: Sequence[MergeRow]) -> bytes:
    """Return the list as a German Excel opens it: semicolons, UTF-8 with its mark; no cell is computed."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(COLUMNS)
    writer.writerows([harmless(text) for text in _texts(row).values()] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def merge_workbook(rows: Sequence[MergeRow]) -> bytes:
    """Return the list as a workbook; every cell is text."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Einladungen"
    sheet.append(COLUMNS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for n, row in enumerate(rows, 2):
        for column, text in enumerate(_texts(row).values(), 1):
            cell = sheet.cell(n, column, cell_text(text))
            cell.data_type = "s"
    for n, name in enumerate(COLUMNS, 1):
        longest = max([len(name), *(len(_texts(row)[name]) for row in rows)])
        sheet.column_dimensions[get_column_letter(n)].width = min(longest + 2, _WIDEST)
    sheet.freeze_panes = "B2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _texts(row: MergeRow) -> Mapping[str, str]:
    return {name: str(text) for name, text in asdict(row).items()}
