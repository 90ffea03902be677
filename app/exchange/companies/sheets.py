"""Sheets as people send them, CSV or XLSX: every cell a text, the names found, empty rows left out."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from app.errors import N_, DataError, TooLargeError
from app.exchange.collections.csv_text import as_written
from app.exchange.collections.tables import NO_BOOK

MOST_BYTES = 5 * 2**20
MOST_ROWS = 25_000
MOST_COLUMNS = 100
# A workbook is compressed: what is packed into it could be any size.
_MOST_UNPACKED_BYTES = 2**28
# Of text that is not UTF-8: Windows, the old prompt of DOS, the old Mac.
_ENCODINGS = ("cp1252", "cp850", "mac_roman")
# What is beyond ASCII in lists of German firms; in the wrong encoding it is something else.
_USUAL = frozenset("äöüÄÖÜßéèêëáàâçñóôíïúåøæÉ€§°²–—„“”‚’…\xa0")
_DELIMITERS = (";", ",", "\t", "|")
# The line of names stands among the first ones; above it may be a title.
_N_SEARCHED = 15
_N_SAMPLED = 200
_OLD_BOOK = b"\xd0\xcf\x11\xe0"

Line = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class ListSheet:
    """The cells of a list.

    Attributes
    ----------
    header : tuple of str
        What the columns are called; one without a name is called by its letter, as in a spreadsheet.
    lines : tuple of (int, tuple of str)
        Number in the file, and one text a column.
    """

    header: tuple[str, ...]
    lines: tuple[Line, ...]


def read_sheet(name: str, content: bytes, is_known: Callable[[str], object]) -> ListSheet:
    """Return the cells of a file.

    Parameters
    ----------
    name : str
        What refusals call it.
    content : bytes
    is_known : callable
        Of a text whether it looks like the name of a column: by this the line of names is found.

    Raises
    ------
    TooLargeError
        For more bytes, rows or columns than are read.
    DataError
        When it is no such file, or holds no rows.
    """
    if len(content) > MOST_BYTES:
        raise TooLargeError(N_("“%(file)s” is larger than %(most)s MB."), file=name, most=MOST_BYTES // 2**20)
    if content.startswith(_OLD_BOOK):
        raise DataError(N_("“%(file)s” is an old Excel file (.xls); save it as .xlsx or CSV."), file=name)
    is_book = content.startswith(b"PK")
    numbered = _book_lines(name, content) if is_book else _csv_lines(name, content)
    filled = ((n, cells) for n, cells in numbered if any(cells))
    # One more than could be rows, so that too many are seen.
    lines = list(islice(filled, MOST_ROWS + _N_SEARCHED + 1))
    return _sheet(name, lines, is_known)


def _sheet(name: str, lines: Sequence[Line], is_known: Callable[[str], object]) -> ListSheet:
    if not lines:
        raise DataError(N_("“%(file)s” holds no rows."), file=name)
    n_skipped, names = _header([cells for _, cells in lines[:_N_SEARCHED]], is_known)
    rows = lines[n_skipped:]
    width = max(
        n + 1 for cells in (names, *(cells for _, cells in rows)) for n, cell in enumerate(cells) if cell
    )
    if len(rows) > MOST_ROWS or width > MOST_COLUMNS:
        raise TooLargeError(
            N_("“%(file)s” has more than %(rows)s rows or %(columns)s columns."),
            file=name,
            rows=MOST_ROWS,
            columns=MOST_COLUMNS,
        )
    if not rows:
        raise DataError(N_("“%(file)s” holds the names of columns, but no rows."), file=name)
    return ListSheet(
        tuple(_unique(_filled(names, width))), tuple((n, _filled(cells, width)) for n, cells in rows)
    )


def _filled(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return (*cells[:width], *[""] * (width - len(cells)))


def _unique(names: Iterable[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for n, name in enumerate(names):
        called = name or _letter(n)
        seen[called] += 1
        yield called if seen[called] == 1 else f"{called} ({seen[called]})"


def _letter(n: int) -> str:
    return chr(ord("A") + n) if n < 26 else f"{_letter(n // 26 - 1)}{_letter(n % 26)}"


def _header(lines: Sequence[tuple[str, ...]], is_known: Callable[[str], object]) -> tuple[int, Sequence[str]]:
    """Return how many lines the names of the columns end, and the names.

    Names may be in two lines, where cells of the upper one stand above several columns.
    """
    best, n_best = (0, lines[0]), 0
    for n, line in enumerate(lines):
        for names in (line, _below(lines[n - 1], line) if n else line):
            n_known = len({is_known(name) for name in names} - {None, False})
            if n_known > n_best:
                best, n_best = (n + 1, names), n_known
    if n_best:
        return best
    # Nothing is known: names are the first line that is more than a title.
    n = next((n for n, line in enumerate(lines) if sum(map(bool, line)) > 1), 0)
    return n + 1, lines[n]


def _below(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    width = max(len(upper), len(lower))
    return tuple(
        below or above for above, below in zip(_filled(upper, width), _filled(lower, width), strict=True)
    )


def _tidy(text: str) -> str:
    """Return a text in one line, its letters in one piece, without characters that nobody sees."""
    whole = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(one for one in whole if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Cn"})


def _csv_lines(name: str, content: bytes) -> Iterator[Line]:
    text = _decoded(name, content)
    told = re.match(r"sep=(.)\r?\n", text)
    try:
        delimiter = told[1] if told else _delimiter(text)
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for n, cells in enumerate(records, 1):
            if n > 1 or not told:
                yield n, tuple(_tidy(as_written(cell.strip())) if cell else "" for cell in cells)
    except csv.Error:
        raise DataError(
            N_("“%(file)s” cannot be read as a table; save it as CSV or XLSX."), file=name
        ) from None


def _decoded(name: str, content: bytes) -> str:
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = max((content.decode(one, errors="replace") for one in _ENCODINGS), key=_plausibility)
    if "\x00" in text:
        raise DataError(N_("“%(file)s” is neither a CSV nor an XLSX file."), file=name)
    return text


def _plausibility(text: str) -> int:
    """Return how much of a text is usual in German, less what is not."""
    odd = [one for one in text if not one.isascii()]
    return sum(1 if one in _USUAL else -1 for one in odd)


def _delimiter(text: str) -> str:
    """Return what separates the cells: that by which most rows get equally many, and of equal ones most."""
    sample = "\n".join(text.splitlines()[:_N_SAMPLED])

    def evenness(delimiter: str) -> tuple[int, int]:
        records = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        widths = Counter(len(cells) for cells in records if len(cells) > 1)
        width, n_rows = widths.most_common(1)[0] if widths else (1, 0)
        return n_rows, width

    return max(_DELIMITERS, key=evenness)


def _book_lines(name: str, content: bytes) -> Iterator[Line]:
    """Yield the lines of the first sheet of a workbook that has some; formulas are values."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > _MOST_UNPACKED_BYTES:
            raise TooLargeError(
                N_("“%(file)s” is larger than %(most)s MB."), file=name, most=_MOST_UNPACKED_BYTES // 2**20
            )
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets or book.worksheets:
            # What a file says of its size is often wrong.
            sheet.reset_dimensions()
            lines = ((n, tuple(map(_text, cells))) for n, cells in enumerate(sheet.iter_rows(), 1))
            first = next((line for line in lines if any(line[1])), None)
            if first is not None:
                yield first
                yield from lines
                return
    except NO_BOOK:
        raise DataError(N_("“%(file)s” is neither a CSV nor an XLSX file."), file=name) from None


def _text(cell: Any) -> str:
    """Return the text of a cell of a workbook, as its reader sees it."""
    value = cell.value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        decimals = re.fullmatch(r"0\.(0+)", cell.number_format or "")
        return f"{value:.{len(decimals[1])}f}" if decimals else f"{value:.12g}"
    return "" if value is None else _tidy(str(value))
