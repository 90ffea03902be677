"""One question, every form: the same ids and the same values, whoever reads the file."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import openpyxl
import pandas as pd
import pytest
import shapely

from app.domain.frames import CONTRACTS, DAY, FLAG, INTEGER, NUMBER, TEXT
from app.exchange.collections.forms import FORMS, forms_of
from app.exchange.collections.shapefile import short_names

if TYPE_CHECKING:
    from flask.testing import FlaskClient

Rows = dict[str, dict[str, Any]]

ASKED = "datetime=2024-04-24"


def fetched(client: FlaskClient, address: str) -> bytes:
    answer = client.get(f"/exports/{address}")
    assert answer.status_code == 200, answer.text
    return answer.data


def of_geojson(data: bytes, _: Path) -> Rows:
    return {feature["id"]: feature["properties"] for feature in json.loads(data)["features"]}


def of_gis(data: bytes, path: Path) -> Rows:
    path.write_bytes(data)
    return of_frame(gpd.read_file(path))


def of_parquet(data: bytes, path: Path) -> Rows:
    path.write_bytes(data)
    return of_frame(gpd.read_parquet(path))


def of_frame(frame: pd.DataFrame) -> Rows:
    assert frame.columns[0] == "id"
    rows = {row.pop("id"): row for row in frame.drop(columns="geometry").to_dict("records")}
    assert len(rows) == len(frame)
    return rows


def of_csv(data: bytes, _: Path) -> Rows:
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return {row.pop("id"): row for row in rows}


def of_excel_csv(data: bytes, _: Path) -> Rows:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";")
    words = {"WAHR": "true", "FALSCH": "false"}
    told = (
        {name: re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", words.get(cell, cell)) for name, cell in row.items()}
        for row in rows
    )
    return {row.pop("id"): row for row in told}


def of_workbook(data: bytes, _: Path) -> Rows:
    (names, *rows) = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].values
    return {str(row[0]): dict(zip(names[1:], row[1:], strict=True)) for row in rows}


READERS: Mapping[str, Callable[[bytes, Path], Rows]] = {
    "gpkg": of_gis,
    "fgb": of_gis,
    "parquet": of_parquet,
    "csv": of_csv,
    "excel.csv": of_excel_csv,
    "xlsx": of_workbook,
}


def plain(value: Any, kind: str) -> Any:
    """Return what a reader gave as JSON has it."""
    if value in {None, ""} or pd.isna(value):
        return None
    if kind == DAY:
        day = value if isinstance(value, datetime) else pd.Timestamp(value)
        return day.date().isoformat()
    if kind == FLAG:
        return str(value).lower() in {"true", "1", "1.0"}
    return {NUMBER: float, INTEGER: lambda number: int(float(number)), TEXT: str}[kind](value)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_form_has_the_same_ids_and_values(client: FlaskClient, tmp_path: Path, name: str) -> None:
    columns = CONTRACTS[name].columns
    wanted = of_geojson(fetched(client, f"{name}.geojson?{ASKED}"), tmp_path)
    assert wanted
    for form, read in READERS.items():
        rows = read(fetched(client, f"{name}.{form}?{ASKED}"), tmp_path / f"{name}.{form}")
        assert sorted(rows) == sorted(wanted), form
        for identity, properties in wanted.items():
            found = {column: plain(rows[identity][column], kind) for column, kind in columns.items()}
            assert found == pytest.approx(properties, abs=1.1e-3), (form, identity)


def test_all_forms_are_read_here() -> None:
    others = {"geojson", "shp.zip", "edges.csv", "graphml", "gal"}
    assert set(FORMS) == set(READERS) | others


@pytest.mark.parametrize("name", CONTRACTS)
def test_shapefiles_have_the_same_ids(client: FlaskClient, tmp_path: Path, name: str) -> None:
    wanted = of_geojson(fetched(client, f"{name}.geojson?{ASKED}"), tmp_path)
    path = tmp_path / "x.shp.zip"
    path.write_bytes(fetched(client, f"{name}.shp.zip?{ASKED}"))
    with zipfile.ZipFile(path) as packed:
        layers = [file for file in packed.namelist() if file.endswith(".shp")]
        assert "Stand: 2024-04-24" in packed.read("LIESMICH.txt").decode()
    frames = [gpd.read_file(f"/vsizip/{path}/{file}") for file in layers]
    assert {identity for frame in frames for identity in frame["id"]} == set(wanted)
    short = short_names(["id", *CONTRACTS[name].columns])
    assert set(short.values()) <= set(frames[0].columns)


def test_the_graphs_have_the_same_pairs(client: FlaskClient) -> None:
    wanted = of_geojson(fetched(client, f"adjacency.geojson?{ASKED}"), Path())
    edges = pd.read_csv(io.BytesIO(fetched(client, f"adjacency.edges.csv?{ASKED}")))
    assert set(edges["id"]) == set(wanted)
    assert len(edges) == 2 * len(wanted)
    graph = nx.read_graphml(io.BytesIO(fetched(client, f"adjacency.graphml?{ASKED}")))
    assert {data["id"] for *_, data in graph.edges(data=True)} == set(wanted)
    plots = of_geojson(fetched(client, f"plots.geojson?{ASKED}"), Path())
    assert set(graph.nodes) == set(plots)
    head, *lines = fetched(client, f"adjacency.gal?{ASKED}").decode().splitlines()
    assert head == f"0 {len(plots)} plots key"
    pairs = {
        "~".join(sorted((key.split()[0], other)))
        for key, row in zip(lines[::2], lines[1::2], strict=True)
        for other in row.split()
    }
    assert pairs == set(wanted)


def test_a_part_is_the_same_part_in_every_form(client: FlaskClient, tmp_path: Path) -> None:
    """Park, day, a property, a box and a filter together; and all of history."""
    box = "bbox=10.735,52.36,10.76,52.385"
    for asked in (
        f"on=2024-04-24&park=heinenkamp-1&{box}&filter=area_m2%20%3E%204000&quality=schematic",
        "datetime=../..&use_status=occupied",
        "datetime=2019-01-01/2022-01-01",
    ):
        wanted = of_geojson(fetched(client, f"plots.geojson?{asked}"), tmp_path)
        assert len(wanted) > 3
        for form, read in READERS.items():
            assert set(read(fetched(client, f"plots.{form}?{asked}"), tmp_path / f"{form}.{form}")) == set(
                wanted
            )
        (tmp_path / "gpkg.gpkg").unlink()
    items = client.get("/api/collections/plots/items?datetime=2019-01-01/2022-01-01&limit=1000").json
    assert {feature["id"] for feature in items["features"]} == set(wanted)


def test_files_say_what_was_asked(client: FlaskClient, tmp_path: Path) -> None:
    asked = "on=2024-04-24&park=heinenkamp-1&use_status=occupied"
    told = json.loads(fetched(client, f"plots.geojson?{asked}"))
    about = {"state": "2024-04-24", "park": "heinenkamp-1", "selection": "use_status=occupied"}
    assert about.items() <= told.items()
    answer = client.get(f"/exports/plots.xlsx?{asked}")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=plots-heinenkamp-1-2024-04-24-selection.xlsx"
    )
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["Über diese Daten"]
    assert {("Auswahl", "use_status=occupied"), ("Lizenz", "ODbL 1.0")} <= set(sheet.values)


@pytest.mark.parametrize("form", [form.name for form in forms_of("adjacency")])
def test_headers_name_licence_and_type_and_what_is_unchanged_is_not_sent(
    client: FlaskClient, form: str
) -> None:
    address = f"/exports/adjacency.{form}?{ASKED}&download=1"
    answer = client.get(address)
    assert answer.content_type == FORMS[form].media_type
    assert answer.headers["Content-Disposition"] == f"attachment; filename=adjacency-2024-04-24.{form}"
    assert answer.headers["Link"] == '<https://opendatacommons.org/licenses/odbl/1-0/>; rel="license"'
    assert len(answer.data) > 500
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.head(address).headers["ETag"] == answer.headers["ETag"]
    other = client.get(address.replace("04-24", "04-25"))
    assert len(other.data) > 500
    assert other.headers["ETag"] != answer.headers["ETag"]


def test_geometries_are_those_of_the_database(client: FlaskClient, tmp_path: Path) -> None:
    """Metre forms agree to the last digit with one another, and to a centimetre with GeoJSON."""
    frames = {}
    for form in ("gpkg", "fgb", "parquet"):
        path = tmp_path / f"x.{form}"
        path.write_bytes(fetched(client, f"plots.{form}?{ASKED}"))
        read = gpd.read_parquet if form == "parquet" else gpd.read_file
        frames[form] = read(path).set_index("id").sort_index()
    one, *others = frames.values()
    for other in others:
        assert shapely.equals_exact(one.geometry.to_numpy(), other.geometry.to_numpy()).all()
    document = json.loads(fetched(client, f"plots.geojson?{ASKED}"))
    degrees = gpd.GeoDataFrame.from_features(document, crs=4326).set_index("key").sort_index()
    apart_m = degrees.to_crs(25832).geometry.hausdorff_distance(one.geometry)
    assert apart_m.max() < 0.02
