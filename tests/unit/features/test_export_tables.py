"""Exports as tables, for programs and for Excel: the same values, and no text that is computed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TEXT
from app.errors import DataError, InputError
from app.exchange.collections.csv_text import harmless, point_on
from app.exchange.collections.tables import read_workbook
from app.exchange.collections.workbook import check_rows
from tests.unit.features.export_rows import NAMES, SHAPES, expected, made


@pytest.mark.parametrize("name", NAMES)
def test_csv_holds_the_same(name: str) -> None:
    export, parts = made(name, 11, 4)
    rows = list(csv.DictReader(io.StringIO("".join(export.lines("csv")), newline="")))
    wanted = expected(parts, export.contract)
    assert [row["id"] for row in rows] == [row["id"] for row in wanted]
    for row, values in zip(rows, wanted, strict=True):
        for column, kind in export.contract.columns.items():
            text, known = row[column], values[column]
            if known is None:
                assert text == ""
            elif kind in {NUMBER, INTEGER}:
                assert float(text) == known
            else:
                assert text == (str(known).lower() if kind == FLAG else str(known))
    shapes = shapely.from_wkt([row["geometry"] for row in rows])
    assert shapely.equals_exact(shapes, np.concatenate([part.geometry.to_numpy() for _, part in parts])).all()


def in_excel(value: Any, kind: str) -> str:
    """Return the cell of a value in a CSV file for a German Excel, as that program's manual has it."""
    if value is None:
        return ""
    shown = {
        FLAG: lambda: "WAHR" if value else "FALSCH",
        NUMBER: lambda: repr(float(value)).replace(".", ","),
        INTEGER: lambda: f"{value:d}",
        DAY: value.__str__,
        # Apostrophes before what would be computed do not save it: Excel takes the first one off.
        TEXT: lambda: f"'{value}" if re.match(r"'*[=+\-@\t\r\n]", value) else value,
    }
    return shown[kind]()


@pytest.mark.parametrize("name", NAMES)
def test_excel_csv_opens_in_a_german_excel(name: str) -> None:
    export, parts = made(name, 11, 4)
    text = "".join(export.lines("excel.csv"))
    assert text.startswith("\ufeffid;")
    rows = list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=";"))
    kinds = export.contract.columns
    told = [{column: row[column] for column in kinds} for row in rows]
    wanted = expected(parts, export.contract)
    assert len(wanted) == 15
    assert told == [{column: in_excel(row[column], kind) for column, kind in kinds.items()} for row in wanted]
    assert all(5 < float(row["lon"].replace(",", ".")) < 12 for row in rows)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "'=", "''@"])
def test_no_text_that_begins_a_formula_is_computed(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"


@given(st.text())
def test_no_text_is_computed(text: str) -> None:
    told = harmless(text)
    assert told in {text, f"'{text}"}
    assert told[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


@pytest.mark.parametrize("name", NAMES)
def test_the_workbook_holds_the_same(tmp_path: Path, name: str) -> None:
    export, parts = made(name, 11, 4)
    export.write(tmp_path / "x.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    head, *rows = book[name].iter_rows()
    assert [cell.value for cell in head] == ["id", *export.contract.columns, "lon", "lat"]
    assert not any(cell.data_type == "f" for row in rows for cell in row)
    wanted = expected(parts, export.contract)
    assert len(rows) == len(wanted)
    for row, values in zip(rows, wanted, strict=True):
        found = dict(zip([cell.value for cell in head], [cell.value for cell in row], strict=True))
        for column, known in values.items():
            cell = found[column]
            cell = cell.date() if isinstance(cell, datetime) else cell
            assert cell == (known.replace("\x01", "\ufffd") if isinstance(known, str) else known)


def test_more_than_a_sheet_holds_is_refused() -> None:
    check_rows(1_048_575)
    with pytest.raises(InputError, match=r"1048575 rows, but there are 1048576"):
        check_rows(1_048_576)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("x" * 32_765 + "äöü", "x" * 32_765 + "äö"),
        ("🏭" * 20_000, "🏭" * 16_383),
        ("x" + "🏭" * 16_383, "x" + "🏭" * 16_383),
        ("xy" + "🏭" * 16_383, "xy" + "🏭" * 16_382),
    ],
)
def test_a_cell_holds_the_most_that_excel_takes(tmp_path: Path, text: str, held: str) -> None:
    """Excel counts what lies beyond the first 65,536 characters of Unicode as two."""
    export, parts = made("companies", 1)
    parts[0][1]["name"] = [text]
    replace(export, members={**export.members, "note": text}).write(tmp_path / "x.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    head, row = book["companies"].iter_rows(values_only=True)
    assert row[head.index("name")] == held
    assert held in {told for _, told in book["Über diese Daten"].iter_rows(values_only=True)}
    assert sum(2 if ord(character) > 0xFFFF else 1 for character in held) <= 32_767
    table = read_workbook(tmp_path / "x.xlsx", export.contract)
    assert table.cut_texts == {(0, "name")}
    assert table.cut(text) == held


def test_whole_numbers_typed_as_texts_are_read_up_to_the_last_that_excel_holds(tmp_path: Path) -> None:
    export, _ = made("plots", 2)
    export.write(tmp_path / "x.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    column = [cell.value for cell in book["plots"][1]].index("label") + 1
    book["plots"].cell(2, column).value = 2**53 - 1
    book.save(tmp_path / "x.xlsx")
    assert read_workbook(tmp_path / "x.xlsx", export.contract).rows[0]["label"] == "9007199254740991"
    book["plots"].cell(2, column).value = 2**53
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(DataError, match="label"):
        read_workbook(tmp_path / "x.xlsx", export.contract)


@given(st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, max_size=9))
def test_a_point_lies_on_each_geometry(kinds: list[str]) -> None:
    shapes = np.array([SHAPES[kind] for kind in kinds])
    points = point_on(shapes.copy())
    assert (shapely.get_type_id(points) == shapely.GeometryType.POINT).all()
    assert (shapely.distance(points, shapes) < 1e-6).all()


def test_days_before_excels_first_are_texts(tmp_path: Path) -> None:
    days = [date(1887, 5, 1), date(1899, 12, 31), date(1900, 1, 1), date(1900, 3, 1), date(2024, 4, 24)]
    export, parts = made("plots", len(days))
    parts[0][1]["valid_from"] = days
    export.write(tmp_path / "x.xlsx", "xlsx")
    head, *rows = openpyxl.load_workbook(tmp_path / "x.xlsx")["plots"].iter_rows(values_only=True)
    told = [row[head.index("valid_from")] for row in rows]
    assert told[:2] == ["01.05.1887", "31.12.1899"]
    assert [each.date() for each in told[2:] if isinstance(each, datetime)] == days[2:]
