"""The page of columns: complete, in both languages, and as the data are."""

from __future__ import annotations

import io
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import openpyxl
import pytest

from app.analysis.adjacency import Tolerances
from app.domain.column_words import COLLECTIONS, MEANINGS, OWN_COLUMNS, OWN_MEANINGS, VALUES
from app.domain.frames import CONTRACTS
from app.domain.localizer import localizer_for
from app.services.features.column_guide import column_guide

if TYPE_CHECKING:
    from flask.testing import FlaskClient

ON = "2024-04-24"
EVERY = [(name, column) for name, contract in CONTRACTS.items() for column in contract.columns]


def test_every_column_and_code_is_explained_in_both_languages() -> None:
    assert set(CONTRACTS) == set(COLLECTIONS)
    for collection in CONTRACTS:
        english, german = (column_guide(collection, localizer_for(language)) for language in ("en", "de"))
        assert [column.name for column in english] == list(CONTRACTS[collection].columns)
        for one, other in zip(english, german, strict=True):
            assert one.title
            assert one.kind
            assert one.meaning.endswith(".")
            assert one.meaning != other.meaning, (collection, one.name)
            known = VALUES.get((collection, one.name), ())
            assert list(one.codes) == list(other.codes) == [str(code) for code in known]
            assert all("%(" not in meaning for meaning in (*one.codes.values(), *other.codes.values()))


def test_nothing_is_explained_that_is_not_there() -> None:
    columns = {column for _, column in EVERY}
    assert set(MEANINGS) <= columns
    assert {*OWN_COLUMNS, *OWN_MEANINGS, *VALUES} <= set(EVERY)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_tells_all_of_it(client: FlaskClient, language: str) -> None:
    text = client.get(f"/daten/spalten?lang={language}").text
    for collection in CONTRACTS:
        assert f'id="{collection}"' in text
        for column in column_guide(collection, localizer_for(language)):
            assert f'id="{collection}.{column.name}"' in text
            assert column.meaning.replace("'", "&#39;") in text
    for link in ("/daten", "/api/collections/plots?f=html"):
        assert "/daten/spalten" in client.get(link).text


def test_thresholds_are_those_that_neighbors_are_computed_with() -> None:
    codes = {c.name: c for c in column_guide("adjacency", localizer_for("en"))}["relation"].codes
    lengths = Tolerances()
    assert {field.name for field in fields(lengths)} >= {"snap_m", "edge_m", "across_m", "facing_m"}
    assert f"within {lengths.snap_m:g} m" in codes["edge"]
    assert f"at least {lengths.edge_m:g} m" in codes["edge"]
    assert f"At most {lengths.across_m:g} m" in codes["across"]
    assert f"at least {lengths.facing_m:g} m" in codes["across"]
    _, offered = COLLECTIONS["adjacency"]
    for length_m in (lengths.snap_m, lengths.edge_m, lengths.across_m, lengths.facing_m):
        assert f" {length_m:g} m" in offered


@pytest.mark.parametrize("collection", ["plots", "company-neighbors"])
def test_a_workbook_explains_its_columns(client: FlaskClient, collection: str) -> None:
    answer = client.get(f"/exports/{collection}.xlsx?on={ON}", buffered=True)
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == [collection, "Über diese Daten", "Spalten"]
    head, *lines = ([cell.value for cell in row] for row in book["Spalten"].iter_rows())
    assert head == ["Spalte", "Name", "Art", "Bedeutung"]
    assert [line[0] for line in lines] == list(CONTRACTS[collection].columns)
    if collection == "plots":
        told = dict(zip((line[0] for line in lines), lines, strict=True))
        assert "\nvacant = " in told["use_status"][3]


def features(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/collections/{address}", buffered=True)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["features"]
    return [each["properties"] for each in found]


def test_plots_name_their_occupants_of_the_day(client: FlaskClient) -> None:
    for on in ("2018-01-01", "2021-06-01", ON):
        names: dict[str, set[str]] = {}
        for row in features(client, f"companies/items?limit=1000&datetime={on}"):
            names.setdefault(row["plot"], set()).add(row["name"])
        plots = features(client, f"plots/items?limit=1000&datetime={on}")
        told = {row["key"]: set(row["occupants"].split("; ")) for row in plots if row["occupants"]}
        assert told == {key: found for key, found in names.items() if key is not None}
        assert len(told) > 10


def test_a_version_names_all_that_used_it_in_the_time_asked_for(client: FlaskClient) -> None:
    spans = {"../..": (date.min, date.max), "2021-01-01/2021-12-31": (date(2021, 1, 1), date(2021, 12, 31))}
    for span, (first, last) in spans.items():
        uses = features(client, f"companies/items?limit=1000&datetime={span}")
        n_several = 0
        for plot in features(client, f"plots/items?limit=1000&datetime={span}"):
            begins, ends = max(_day(plot["valid_from"], date.min), first), _day(plot["valid_to"], date.max)
            expected = {
                use["name"]
                for use in uses
                if use["plot"] == plot["key"]
                and max(_day(use["valid_from"], date.min), begins)
                < min(_day(use["valid_to"], date.max), ends)
                and max(_day(use["valid_from"], date.min), begins) <= last
            }
            assert set((plot["occupants"] or "").split("; ")) - {""} == expected
            n_several += len(expected) > 1
        assert n_several > 0


def _day(text: str | None, otherwise: date) -> date:
    return date.fromisoformat(text) if text else otherwise


def test_occupants_can_be_filtered_and_sorted_by(client: FlaskClient) -> None:
    query = {"limit": "1000", "filter": "occupants LIKE '%Kaufland%'", "datetime": ON}
    told = features(client, f"plots/items?{urlencode(query)}")
    assert [row["occupants"] for row in told] == ["Bäckerei Leifert; Kaufland; Phönix-Apotheke"]
    told = features(client, "plots/items?limit=3&sortby=-occupants&properties=occupants")
    assert all(row["occupants"] for row in told)


@pytest.mark.parametrize(("crs", "named"), [("25832", "25832"), ("3857", "3857"), ("4326", "4326")])
def test_items_name_a_reference_system_that_geojson_does_not_have(
    client: FlaskClient, crs: str, named: str
) -> None:
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{crs}"
    told = client.get(f"/api/collections/plots/items?limit=1&crs={uri}").json
    assert told["crs"] == {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{named}"}}
    assert "crs" not in client.get("/api/collections/plots/items?limit=1").json
