"""GeoJSON to the letter of RFC 7946, and back without loss."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from app.domain.crs import STORAGE_CRS, to_storage, to_wgs84
from app.domain.frames import ADJACENCY, FOOTPRINTS, PLOTS, empty_frame
from app.errors import AppError, DataError, NotFoundError
from app.exchange.collections.geojson import feature_collection, read_features
from tests.scenes import rectangle

LIFE = {"valid_from": date(2020, 1, 1), "valid_to": None}
HOSTILE = "<img src=x onerror=alert(1)></script>${1}`\"'\\ \u2028 Straße 🌳"


def plots(**changed: Any) -> gpd.GeoDataFrame:
    row = {
        **dict.fromkeys(PLOTS.columns),
        "key": "A",
        "park": "park",
        "use_status": "unknown",
        "quality": "schematic",
        **LIFE,
    }
    boundary = changed.pop("geometry", rectangle(0, 0, 50, 40))
    return gpd.GeoDataFrame([{**row, **changed}], geometry=[boundary], crs=STORAGE_CRS)[
        [*PLOTS.columns, "geometry"]
    ]


def document(frame: gpd.GeoDataFrame, contract: Any = PLOTS, **options: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads("".join(feature_collection(frame, contract, {"name": "x"}, **options)))
    return told


def numbers(value: Any) -> list[float]:
    return [value] if isinstance(value, float | int) else [n for part in value for n in numbers(part)]


def test_the_document_keeps_the_rfc() -> None:
    hole = rectangle(0, 0, 50, 40).difference(rectangle(10, 10, 20, 20))
    for boundary in (hole, hole.reverse(), shapely.MultiPolygon([hole, rectangle(60, 0, 70, 10)])):
        told = document(plots(geometry=boundary))
        assert told["type"] == "FeatureCollection"
        assert "crs" not in told
        (feature,) = told["features"]
        assert list(feature) == ["type", "id", "properties", "geometry"]
        assert feature["id"] == "A"
        coordinates = numbers(feature["geometry"]["coordinates"])
        assert all(round(number, 7) == number for number in coordinates)
        assert all(10 < x < 11 for x in coordinates[::2])
        assert all(52 < y < 53 for y in coordinates[1::2])
        # The geodesic area has the sign of the ring: an oracle apart from shapely's orientation.
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        for part in shapely.get_parts(shape):
            assert Geod(ellps="WGS84").polygon_area_perimeter(*part.exterior.xy)[0] > 0
            for ring in part.interiors:
                assert Geod(ellps="WGS84").polygon_area_perimeter(*ring.xy)[0] < 0


def test_values_are_what_json_has() -> None:
    frame = plots(label=HOSTILE, official_area_m2=float("nan"), area_m2=2000.00049)
    (feature,) = document(frame)["features"]
    assert feature["properties"] == {
        **dict.fromkeys(PLOTS.columns),
        "key": "A",
        "park": "park",
        "label": HOSTILE,
        "use_status": "unknown",
        "area_m2": 2000.0,
        "quality": "schematic",
        "valid_from": "2020-01-01",
    }


def test_ids_tell_the_day_over_history_only() -> None:
    both = pd.concat([plots(valid_from=None, valid_to=date(2020, 1, 1)), plots()], ignore_index=True)
    frame = gpd.GeoDataFrame(both, crs=STORAGE_CRS)
    assert [f["id"] for f in document(frame, is_history=True)["features"]] == ["A@..", "A@2020-01-01"]
    pair = {**dict.fromkeys(ADJACENCY.columns), "focal": "A", "neighbor": "B"}
    border = gpd.GeoDataFrame(
        [pair], geometry=[shapely.LineString([(6e5, 58e5), (6e5, 58e5 + 9)])], crs=STORAGE_CRS
    )
    assert document(border, ADJACENCY)["features"][0]["id"] == "A~B"


def test_no_rows_are_a_collection_without_features() -> None:
    assert document(empty_frame(PLOTS))["features"] == []


def test_more_rows_than_a_chunk_are_all_there_one_a_line() -> None:
    frame = gpd.GeoDataFrame(
        pd.concat([plots(key=f"P{n}") for n in range(1201)], ignore_index=True), crs=STORAGE_CRS
    )
    text = "".join(feature_collection(frame, PLOTS, {}))
    assert [f["id"] for f in json.loads(text)["features"]] == [f"P{n}" for n in range(1201)]
    assert len(text.splitlines()) == 1201 + 2


def test_gdal_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "plots.geojson"
    path.write_text(
        "".join(feature_collection(plots(label=HOSTILE), PLOTS, {"licence": "ODbL 1.0"})), "utf-8"
    )
    read = pyogrio.read_dataframe(path)
    assert read.crs.to_epsg() == 4326
    assert read.label.tolist() == [HOSTILE]
    assert read.to_crs(STORAGE_CRS).geometry[0].hausdorff_distance(rectangle(0, 0, 50, 40)) < 0.02


@given(st.lists(st.tuples(st.floats(-3e5, 3e5), st.floats(-4e5, 4e5)), min_size=3, max_size=8))
def test_seven_decimals_come_back_as_they_were(offsets: list[tuple[float, float]]) -> None:
    """What was read from seven decimals is written as the same seven decimals, anywhere in the zone."""
    degrees = np.round(
        np.array([to_wgs84(shapely.Point(6e5 + x, 57e5 + y)).coords[0] for x, y in offsets]), 7
    )
    hull = shapely.MultiPoint(degrees).convex_hull
    if hull.geom_type != "Polygon":
        return
    boundary = shapely.orient_polygons(hull)
    (feature,) = document(plots(geometry=to_storage(boundary)))["features"]
    assert np.array_equal(np.array(feature["geometry"]["coordinates"][0]), shapely.get_coordinates(boundary))


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "footprints.geojson"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


SQUARE = [[[10.73, 52.37], [10.74, 52.37], [10.74, 52.38], [10.73, 52.38], [10.73, 52.37]]]
BOW = [[[10.73, 52.37], [10.74, 52.38], [10.74, 52.37], [10.73, 52.38], [10.73, 52.37]]]
GOOD = {"key": "F1", "kind": "building", "valid_from": "2020-01-01", "valid_to": None}


def collection(properties: Any = GOOD, coordinates: Any = SQUARE, kind: str = "Polygon") -> str:
    geometry = {"type": kind, "coordinates": coordinates}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def test_a_written_file_is_read(tmp_path: Path) -> None:
    frame = read_features(written(tmp_path, collection()), FOOTPRINTS)
    assert frame.loc[0, ["key", "kind", "name", "valid_from"]].tolist() == [
        "F1",
        "building",
        None,
        date(2020, 1, 1),
    ]
    assert frame.crs.to_epsg() == 25832


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("no json", "not a GeoJSON FeatureCollection"),
        ("{", "not a GeoJSON FeatureCollection"),
        (b"{\xff", "not a GeoJSON FeatureCollection"),
        ("[" * 100_000, "not a GeoJSON FeatureCollection"),
        ('{"a":' * 100_000, "not a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "contains no rows"),
        ('{"type": "FeatureCollection", "features": [null]}', "feature 1 is not a GeoJSON feature"),
        (collection(coordinates=BOW), r"\(F1\): the geometry is invalid \(Self-intersection"),
        (collection(coordinates=[[[0, 0], [1, 1]]]), "the geometry cannot be read"),
        (collection(coordinates=[]), "has no geometry"),
        (
            collection(coordinates=[[[6e5, 58e5], [6e5, 59e5], [7e5, 59e5], [6e5, 58e5]]]),
            "not longitude and latitude",
        ),
        (collection(kind="Point", coordinates=[10.7, 52.4]), "is a Point, not a Polygon / MultiPolygon"),
        (collection({"kind": "building"}), "no column “key”"),
        (collection({**GOOD, "key": "a b"}), r"row 1 \(a b\), key: “a b” is not a valid key"),
        (collection({**GOOD, "key": 7}), "“7” is not text"),
        (collection({**GOOD, "kind": "tower"}), "kind: “tower” is not one of building, parking"),
        (collection({**GOOD, "kind": None}), "kind is missing"),
        (collection({**GOOD, "valid_from": "2024-02-30"}), "“2024-02-30” is not a valid date"),
        (collection({**GOOD, "valid_to": "2020-01-01"}), "contains no days"),
        (collection({**GOOD, "name": "a\x00b"}), "name: .* is not text"),
        (collection({**GOOD, "valid_form": "2020-01-01"}), "column “valid_form”"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(DataError, match=told) as refusal:
        read_features(written(tmp_path, text), FOOTPRINTS)
    assert "\n" not in str(refusal.value)
    assert "footprints.geojson" in str(refusal.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        read_features(tmp_path / "none.geojson", FOOTPRINTS)


def test_much_of_nothing_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "footprints.geojson"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(AppError, match="not a GeoJSON FeatureCollection"):
        read_features(path, FOOTPRINTS)
