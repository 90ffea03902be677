"""Exports over HTTP: every collection of every day, cached, compressed, refused in one sentence."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pyogrio
import pytest
import shapely
from sqlalchemy import Connection, text

from app.config import Settings
from app.db.engine import make_engine
from app.domain.frames import CONTRACTS
from app.services.features.exporting import COLLECTIONS
from tests.waiting import on_one_day

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.web.conftest import MakeApp

ON = "2024-04-24"


def fetched(client: FlaskClient, address: str) -> dict[str, Any]:
    answer = client.get(f"/exports/{address}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = json.loads(answer.data)
    return told


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_collection_keeps_rfc_7946_and_its_contract(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/exports/{name}.geojson?on={ON}")
    assert answer.content_type == "application/geo+json"
    document = json.loads(answer.data)
    assert next(iter(document)) == "type"
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    assert document["name"] == name
    assert document["state"] == ON
    assert document["licence"] == "ODbL 1.0"
    assert document["attribution"] == "© OpenStreetMap contributors, ODbL 1.0"
    features = document["features"]
    assert features
    ids = [feature["id"] for feature in features]
    assert len(set(ids)) == len(ids)
    assert all(isinstance(identity, str) for identity in ids)
    contract = CONTRACTS[name]
    for feature in features:
        assert list(feature) == ["type", "id", "properties", "geometry"]
        assert list(feature["properties"]) == list(contract.columns)
        assert feature["id"] == "~".join(str(feature["properties"][column]) for column in contract.key)
        assert feature["geometry"]["type"] in contract.geometry_types
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        west, south, east, north = shape.bounds
        assert 10.71 < west <= east < 10.77
        assert 52.36 < south <= north < 52.39
    assert pyogrio.read_info(answer.data)["features"] == len(features)


def test_what_is_schematic_says_so(client: FlaskClient) -> None:
    assert "schematisch, kein Kataster" in fetched(client, f"plots.geojson?on={ON}")["note"]
    assert "Lage ungefähr" in fetched(client, f"companies.geojson?on={ON}")["note"]


def names(client: FlaskClient, address: str) -> set[str]:
    return {feature["properties"]["name"] for feature in fetched(client, address)["features"]}


def test_the_day_moves_everything(client: FlaskClient) -> None:
    before, after = (
        names(client, "companies.geojson?on=2021-01-01"),
        names(client, "companies.geojson?on=2022-01-01"),
    )
    assert before ^ after == {"real", "Kaufland"}
    assert "real" in before
    day_before = fetched(client, "facilities.geojson?on=2023-09-25")["features"]
    opening = fetched(client, "facilities.geojson?on=2023-09-26")["features"]
    assert {f["id"] for f in opening} - {f["id"] for f in day_before} == {"truck-parking"}


def test_without_a_day_it_is_today(client: FlaskClient) -> None:
    assert on_one_day(lambda day: fetched(client, "plots.geojson")["state"] == day.isoformat())


def test_a_park_is_a_part(client: FlaskClient) -> None:
    parts = [fetched(client, f"plots.geojson?on={ON}&park=heinenkamp-{n}")["features"] for n in (1, 2)]
    assert [len(part) for part in parts] == [48, 39]
    assert parts[0] + parts[1] == fetched(client, f"plots.geojson?on={ON}")["features"]
    assert fetched(client, f"plots.geojson?on={ON}&park=heinenkamp-2")["park"] == "heinenkamp-2"


def test_a_download_has_a_name(client: FlaskClient) -> None:
    answer = client.get(f"/exports/plots.geojson?on={ON}&park=heinenkamp-2&download=1")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=plots-heinenkamp-2-{ON}.geojson"
    assert "Content-Disposition" not in client.get(f"/exports/plots.geojson?on={ON}").headers


def test_what_is_unchanged_is_not_sent_again(client: FlaskClient) -> None:
    address = f"/exports/plots.geojson?on={ON}"
    answer = client.get(address)
    assert "no-cache" in answer.headers["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    tags = {
        client.get(f"/exports/{part}").headers["ETag"]
        for part in (
            f"plots.geojson?on={ON}",
            "plots.geojson?on=2024-04-25",
            f"plots.geojson?on={ON}&park=heinenkamp-1",
            f"companies.geojson?on={ON}",
        )
    }
    assert len(tags) == 4


def test_compressed_is_the_same_and_cached_alike(client: FlaskClient) -> None:
    address = f"/exports/plots.geojson?on={ON}"
    plain = client.get(address)
    headers = {"Accept-Encoding": "gzip"}
    packed = client.get(address, headers=headers)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    again = client.get(address, headers={**headers, "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_head_tells_the_same_headers(client: FlaskClient) -> None:
    address = f"/exports/plots.geojson?on={ON}"
    head, full = client.head(address), client.get(address)
    assert head.data == b""
    assert head.headers["ETag"] == full.headers["ETag"]


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("plots.geojson?on=2024-02-30", 400, "2024-02-30"),
        ("plots.geojson?on=24.04.2024", 400, "24.04.2024"),
        ("plots.geojson?park=nowhere", 404, "nowhere"),
        ("plots.geojson?park=%00", 404, "heinenkamp-1"),
        ("plots.geojson?form=csv", 400, "form"),
        ("plots.geojson?use_status=nothing", 400, "use_status"),
        ("plots.gpkg?official_area_m2=wide", 400, "official_area_m2"),
        ("plots.csv?official_area_m2=wide", 400, "official_area_m2"),
        ("plots.gpkg?filter=area_m2%20%3E", 400, ""),
        ("plots.gpkg?limit=10", 400, "limit"),
        ("nothing.geojson", 404, "nothing"),
        ("plots.nothing", 404, "gpkg, geojson, xlsx, excel.csv, csv, parquet, fgb, shp.zip"),
        ("plots.gal", 404, "gpkg"),
        ("adjacency.nothing", 404, "edges.csv, graphml, gal"),
        ("plots", 404, "gpkg"),
        ("plots.geojson?on=" + "9" * 5000, 400, "9999"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    client: FlaskClient, address: str, status: int, told: str
) -> None:
    answer: TestResponse = client.get(f"/exports/{address}")
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    error = answer.get_json()["error"]
    assert told in error
    assert "\n" not in error
    assert len(error) < 400
    assert client.put("/exports/plots.geojson").status_code == 405


@pytest.fixture
def own(
    make_app: MakeApp, settings: Settings, fresh_database_url: str
) -> Iterator[tuple[FlaskClient, Connection]]:
    """A client of an application on an empty database, and a connection that changes it at once."""
    engine = make_engine(fresh_database_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield make_app(replace(settings, database_url=fresh_database_url)).test_client(), connection
    engine.dispose()


@pytest.fixture(scope="module")
def empty(make_app: MakeApp, settings: Settings, database_url: str) -> Flask:
    """The application on an empty database, which is only read."""
    return make_app(replace(settings, database_url=database_url))


@pytest.mark.parametrize("name", COLLECTIONS)
def test_an_empty_database_gives_collections_without_features(empty: Flask, name: str) -> None:
    assert fetched(empty.test_client(), f"{name}.geojson")["features"] == []


def test_a_change_is_sent_at_once(own: tuple[FlaskClient, Connection]) -> None:
    client, connection = own
    address = f"/exports/parks.geojson?on={ON}"
    before = client.get(address)
    connection.execute(
        text(
            "WITH made AS (INSERT INTO park (key) VALUES ('p') RETURNING park_id)"
            " INSERT INTO park_version (park_id, name, geometry, valid) SELECT park_id, :name,"
            " ST_GeomFromText('POLYGON((6e5 58e5,6e5 59e5,7e5 58e5,6e5 58e5))', 25832), '(,)' FROM made"
        ),
        {"name": "</script><img src=x> ${1} `"},
    )
    after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    (park,) = json.loads(after.data)["features"]
    assert park["properties"]["name"] == "</script><img src=x> ${1} `"
    assert date.fromisoformat(json.loads(after.data)["state"]) == date(2024, 4, 24)
