"""KML and GeoJSON of a tour: read back by GDAL, texts stay texts."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest

from app.domain.crs import STORAGE_CRS
from app.exchange.tours.geojson import tour_features
from app.exchange.tours.kml import NAMESPACE, kml
from tests.papers import HOSTILE, hostile_papers, papers, round_papers

K = f"{{{NAMESPACE}}}"


def test_gdal_reads_kml(tmp_path: Path) -> None:
    path = tmp_path / "tour.kml"
    path.write_bytes(kml(papers()))
    layers = [name for name, _ in pyogrio.list_layers(path)]
    assert len(layers) == 2
    stops, legs = (gpd.read_file(path, layer=name).to_crs(STORAGE_CRS) for name in layers)
    assert list(stops["Name"]) == ["1 Firma Eins", "2 Parkplatz", "3 Firma Drei"]
    assert max(a.distance(b.point) for a, b in zip(stops.geometry, papers().stops, strict=True)) < 0.02
    assert [round(length, 1) for length in legs.length] == [300.0, 300.0, 40.0]


def test_kml_ids_are_unique_and_styles_exist() -> None:
    root = ET.fromstring(kml(round_papers()))
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    used = {element.text for element in root.iter(f"{K}styleUrl")}
    assert used == {"#walk", "#straight"}
    assert {f"#{style.attrib['id']}" for style in root.iter(f"{K}Style")} >= used


def test_kml_times_are_those_of_the_timetable() -> None:
    root = ET.fromstring(kml(papers()))
    begins = [datetime.fromisoformat(e.text or "") for e in root.iter(f"{K}begin")]
    assert begins == [stop.arrives_at for stop in papers().stops]


@pytest.mark.parametrize("write", [kml, tour_features])
def test_hostile_texts_stay_texts(write: object) -> None:
    data = write(hostile_papers())  # type: ignore[operator]
    assert b"<img" not in data if write is kml else json.loads(data)["name"] == HOSTILE
    if write is kml:
        assert ET.fromstring(data).findtext(f"{K}Document/{K}name") == HOSTILE.replace("\x07", "\ufffd")


def test_gdal_reads_geojson(tmp_path: Path) -> None:
    path = tmp_path / "tour.geojson"
    path.write_bytes(tour_features(papers()))
    frame = gpd.read_file(path).to_crs(STORAGE_CRS)
    stops, legs = frame[frame["kind"] == "stop"], frame[frame["kind"] == "leg"]
    assert list(stops["name"]) == [stop.name for stop in papers().stops]
    assert legs["length_m"].round(1).tolist() == legs.length.round(1).tolist() == [300.0, 300.0, 40.0]
    assert legs["is_on_network"].tolist() == [True, True, False]


def test_geojson_keeps_to_rfc_7946() -> None:
    told = json.loads(tour_features(papers()))
    assert told["type"] == "FeatureCollection"
    assert "crs" not in told
    assert told["attribution"]
    for feature in told["features"]:
        assert set(feature) == {"type", "id", "properties", "geometry"}
        vertices = feature["geometry"]["coordinates"]
        for lon, lat in vertices if feature["geometry"]["type"] == "LineString" else [vertices]:
            assert 10 < lon < 12
            assert 52 < lat < 53
            assert round(lon, 7) == lon
    first = told["features"][0]["properties"]
    assert (first["arrives_at"], first["begins_at"]) == (
        "2024-04-24T13:05:00+02:00",
        "2024-04-24T13:10:00+02:00",
    )
    assert (first["wait_min"], first["dwell_min"]) == (5, 10)
    second = told["features"][1]["properties"]
    assert (second["pause_at"], second["pause_min"], second["wait_min"]) == (
        "2024-04-24T13:35:00+02:00",
        10,
        0,
    )
