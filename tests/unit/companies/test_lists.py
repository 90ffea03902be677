"""Lists of companies as they come from real life: read, their columns understood, names compared."""

from __future__ import annotations

import doctest
import io
import json
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

import app.analysis.company_names
import app.domain.companies.folding
import app.domain.companies.wz
import app.exchange.companies.wz
from app.analysis.company_names import candidates, core_of
from app.config import PROJECT_DIR
from app.domain.kinds import Precision, WzEdition
from app.domain.period import KnownDay
from app.errors import AppError, DataError, TooLargeError
from app.exchange.companies.columns import (
    ListRow,
    check_fields,
    field_of,
    guess_fields,
    read_rows,
    remembered_fields,
)
from app.exchange.companies.sheets import MOST_BYTES, MOST_ROWS, ListSheet, read_sheet
from app.exchange.companies.wz import find_code, wz_name, wz_names

TABLE = "Firma;Straße;Hausnr.;Branche\r\nMüller & Söhne GmbH;Hohenbüchen;3;Tischlerei\r\n"


def read(content: bytes, name: str = "firmen.csv") -> ListSheet:
    return read_sheet(name, content, field_of)


def rows_of(sheet: ListSheet) -> list[ListRow]:
    return read_rows(sheet, guess_fields(sheet.header, {}), WzEdition.WZ2008)


def book(*lines: list[Any], merged: str = "", formats: dict[str, str] | None = None) -> bytes:
    made, out = Workbook(), io.BytesIO()
    sheet = made.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    if merged:
        sheet.merge_cells(merged)
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850", "mac_roman"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encoding_and_separator_are_found(encoding: str, delimiter: str) -> None:
    sheet = read(TABLE.replace(";", delimiter).encode(encoding))
    assert sheet.header == ("Firma", "Straße", "Hausnr.", "Branche")
    assert sheet.lines == ((2, ("Müller & Söhne GmbH", "Hohenbüchen", "3", "Tischlerei")),)


def test_commas_in_cells_do_not_separate_where_semicolons_do() -> None:
    sheet = read(b"Name;Adresse\nA;Weg 1, Ort\nB;Weg 2, Ort\nC;\n")
    assert [cells for _, cells in sheet.lines] == [("A", "Weg 1, Ort"), ("B", "Weg 2, Ort"), ("C", "")]


def test_excel_may_say_its_separator() -> None:
    assert read(b"sep=,\r\nName,Note\r\nA,x;y\r\n").lines == ((3, ("A", "x;y")),)


def test_titles_above_and_empty_rows_between_are_left_out_and_numbers_stay_those_of_the_file() -> None:
    text = "Firmenliste 2026;;;\n;;;\nFirma;Ort;PLZ;\n;;;\nA;Wolfsburg;38444;\n ; ;;\nB;;;\n"
    sheet = read(text.encode())
    assert sheet.header == ("Firma", "Ort", "PLZ")
    assert [(n, cells[0]) for n, cells in sheet.lines] == [(5, "A"), (7, "B")]


def test_a_merged_header_of_two_lines_is_one() -> None:
    content = book(
        ["Unternehmen im Park", None, None, None],
        ["Firma", "Adresse", None, "Web"],
        [None, "Straße", "Nr.", None],
        ["A", "Wolfsacker", 4, "www.example.org"],
        merged="B2:C2",
    )
    sheet = read(content, "x.xlsx")
    assert sheet.header == ("Firma", "Straße", "Nr.", "Web")
    assert [row.values for row in rows_of(sheet)] == [
        {"name": "A", "street": "Wolfsacker", "house_number": "4", "website": "https://www.example.org"}
    ]


def test_cells_of_a_workbook_are_what_their_reader_sees() -> None:
    content = book(
        ["Firma", "WZ", "seit", "lon", "lat", "Hinweis"],
        ["A", 47.1, date(2021, 7, 26), 10.7461, 52.3716, "+49 und =1"],
        formats={"B2": "0.00"},
    )
    [row] = rows_of(read(content, "x.xlsx"))
    assert not row.problems
    assert row.values["wz_code"] == "47.10"
    assert row.values["first_day"].first.isoformat() == "2021-07-26"
    assert (row.values["lon"], row.values["lat"], row.values["note"]) == (10.7461, 52.3716, "+49 und =1")


def test_a_formula_counts_as_the_value_that_was_saved_with_it() -> None:
    content = book(["Firma", "Branche"], ["A", '=CONCATENATE("x","y")'])
    # Nobody has computed it: there is no value.
    [row] = rows_of(read(content, "x.xlsx"))
    assert row.values == {"name": "A"}


def test_what_looks_like_a_formula_in_a_table_is_text() -> None:
    [row] = rows_of(read(b"Firma;Hinweis\n=1+1;'+49 5361\n"))
    assert row.values == {"name": "=1+1", "note": "+49 5361"}


def test_control_characters_and_odd_spaces_are_tidied() -> None:
    sheet = read("Firma\nA\u00a0 B\u200b\u202ecD\n".encode())
    assert sheet.lines == ((2, ("A BcD",)),)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no rows"),
        (b"Firma;Ort\n", "but no rows"),
        (b"PK\x03\x04nothing", "neither a CSV nor an XLSX"),
        (b"\xd0\xcf\x11\xe0....", "old Excel file"),
        (bytes(range(256)) * 4, "neither a CSV nor an XLSX"),
    ],
)
def test_what_is_no_list_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read(content)


def test_limits_are_told() -> None:
    with pytest.raises(TooLargeError, match="larger than 5 MB"):
        read(b"x" * (MOST_BYTES + 1))
    with pytest.raises(TooLargeError, match=f"more than {MOST_ROWS} rows"):
        read(b"Firma;Ort\n" + b"A;B\n" * (MOST_ROWS + 1))
    with pytest.raises(TooLargeError, match="100 columns"):
        read(b"Firma" + b";a" * 100 + b"\nA;B\n")


def test_twenty_thousand_rows_are_read() -> None:
    text = "Firma;Straße\n" + "".join(f"Muster {n} GmbH;Weg {n}\n" for n in range(20_000))
    rows = rows_of(read(text.encode("cp1252")))
    assert len(rows) == 20_000
    assert rows[-1].values == {"name": "Muster 19999 GmbH", "street": "Weg", "house_number": "19999"}


def test_what_stands_far_below_empty_rows_is_read() -> None:
    assert read(b"Firma;Ort\n" + b";\n" * 60_000 + b"A;B\n").lines == ((60_002, ("A", "B")),)
    content = book(["Firma"], *([None] for _ in range(40)), ["A"])
    assert read(content, "x.xlsx").lines == ((42, ("A",)),)


def test_columns_are_guessed_in_both_languages_and_each_field_once() -> None:
    header = ("Firmenname (lt. Register)", "Straße / Nr.", "Internet-Adresse", "Name", "Telefon intern")
    assert guess_fields(header, {}) == [None, "address", "website", "name", None]
    assert guess_fields(("Company", "Industry", "Street", "No.", "Website"), {}) == [
        *("name", "sector", "street", "house_number", "website")
    ]


def test_what_was_said_of_columns_before_comes_first() -> None:
    header = ("Name", "Bez.", "Kontaktweg")
    remembered = remembered_fields(header, [None, "name", "website"])
    assert guess_fields(("NAME", "bez", "Kontaktweg", "Branche"), remembered) == [
        *(None, "name", "website", "sector")
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (["name", "name"], "two columns"),
        (["sector"], "holds the name"),
        (["name", "lon"], "belong together"),
    ],
)
def test_a_mapping_that_says_too_little_or_too_much_is_refused(fields: list[str], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        check_fields(fields)


def problems_of(row: ListRow) -> list[tuple[str, str]]:
    return [(problem.column, str(problem.error)) for problem in row.problems]


def test_what_cannot_be_read_is_told_by_row_and_column() -> None:
    text = (
        "Firma;WZ;seit;Web;lon;lat\nA;4x;31.02.2020;nirgends;10,7;95\n;47.11;2021;www.a.de;;\n"
        "#BEZUG!;;;;;\n" + "x" * 501 + ";;;;;\n"
    )
    first, second, third, fourth = rows_of(read(text.encode()))
    assert [column for column, _ in problems_of(first)] == ["WZ", "seit", "Web", "lat"]
    assert "expected two to five digits" in problems_of(first)[0][1]
    assert "expected 24.07.2021" in problems_of(first)[1][1]
    assert problems_of(second) == [("", "The row names no company.")]
    assert problems_of(third)[0][1].startswith("“#BEZUG!” is an error of the spreadsheet")
    assert problems_of(fourth)[0][1] == "The text has more than 500 characters."
    assert (first.number, fourth.number) == (2, 5)


def test_codes_days_and_addresses_are_read_as_people_write_them() -> None:
    text = (
        "Firma;WZ;WZ-Ausgabe;seit;Anschrift\n"
        "A;G 4711;WZ 2025;07.2021;Große Str. 3 a, 38444 Wolfsburg\n"
        "B;47.11.1;;2021;Weg\n"
    )
    one, other = rows_of(read(text.encode()))
    assert one.values == {
        "name": "A",
        "wz_code": "47.11",
        "wz_edition": "2025",
        "wz_basis": "stated",
        "first_day": KnownDay(date(2021, 7, 1), Precision.MONTH),
        "street": "Große Str.",
        "house_number": "3 a",
    }
    assert (other.values["wz_edition"], other.values["street"]) == ("2008", "Weg")


def test_a_house_number_may_stand_behind_the_street() -> None:
    [row] = rows_of(read("Firma;Straße\nA;Hohenbüchen 3\n".encode()))
    assert (row.values["street"], row.values["house_number"]) == ("Hohenbüchen", "3")
    [row] = rows_of(read("Firma;Straße;Nr.\nA;Straße 3;5\n".encode()))
    assert (row.values["street"], row.values["house_number"]) == ("Straße 3", "5")


KNOWN = {
    "mueller": ["Müller & Söhne GmbH"],
    "kaufland": ["Kaufland", "real"],
    "hagebau": ["hagebaumarkt Wolfsburg"],
    "akka": ["AKKA"],
}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Mueller und Soehne mbH", "mueller"),
        ("Müller + Söhne Ges. mit beschränkter Haftung", "mueller"),
        ("Söhne & Müller GmbH & Co. KG", "mueller"),
        ("Müler & Söhne AG", "mueller"),
        ("Kauflnad", "kaufland"),
        ("Kaufland Wolfsburg", "kaufland"),
        ("real,-", "kaufland"),
        ("Hagebaumarkt", "hagebau"),
        ("AKKO", None),
        ("Autohaus Wolfsburg", None),
        ("GmbH", None),
    ],
)
def test_names_that_may_mean_one_company_are_found(name: str, key: str | None) -> None:
    [found] = candidates([name], KNOWN)
    assert found[:1] == ([key] if key else []), (core_of(name), found)


def test_all_rows_are_compared_in_little_time_and_memory() -> None:
    names = [f"Muster {n} GmbH" for n in range(5_000)]
    known = {f"k{n}": [f"Muster {n} AG"] for n in range(0, 5_000, 50)}
    found = candidates(names, known)
    assert all(found[n][0] == f"k{n}" for n in range(0, 5_000, 50))


def test_refusals_are_sentences() -> None:
    with pytest.raises(AppError) as refused:
        read(b"")
    assert str(refused.value) == "“firmen.csv” holds no rows."


@pytest.mark.parametrize(
    "module",
    [
        app.analysis.company_names,
        app.domain.companies.folding,
        app.domain.companies.wz,
        app.exchange.companies.wz,
    ],
    ids=lambda module: module.__name__,
)
def test_examples_are_as_they_are_told(module: Any) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def test_codes_of_the_shipped_companies_have_names() -> None:
    companies = json.loads((PROJECT_DIR / "geodata/heinenkamp/companies.geojson").read_text("utf-8"))
    found = {row["properties"]["wz_code"] for row in companies["features"]} - {None}
    assert [code for code in found if not wz_name("2008", code)] == []
    assert wz_name("2008", "47.11.1") == wz_name("2008", "47.11")


def test_names_are_those_of_an_edition_that_ships() -> None:
    lengths = [len(code) for code in wz_names(WzEdition.WZ2008)]
    assert [lengths.count(n) for n in (2, 4, 5)] == [88, 272, 615]
    assert wz_names(WzEdition.WZ2025) == {}
    with pytest.raises(DataError, match="expected two to five digits"):
        find_code("Ingenieurbüros", WzEdition.WZ2025)
