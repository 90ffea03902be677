"""``python -m app neighbors compute``: files in, files out, whatever format and reference system."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import MultiPolygon

from app.analysis.adjacency import Tolerances, typed_neighbors
from app.services.neighbors.plot_files import read_plots
from tests.scenes import CRS, seven_plots
from tests.unit.at_the_prompt import Ran
from tests.unit.neighbors.plot_files import COLUMNS, SEVEN, write

FORMATS = ["plots.gpkg", "plots.shp", "plots.fgb", "plots.gml", "plots.geojson"]


@pytest.mark.parametrize("name", FORMATS)
def test_any_format_gives_the_seven_plots(compute: Callable[..., Ran], name: str) -> None:
    write(seven_plots(), name)
    before = {path.name for path in Path().iterdir()}
    ran = compute(name)
    assert ran.code == 0
    assert Path("edges.csv").read_text() == SEVEN
    assert {path.name for path in Path().iterdir()} == before | {"edges.csv"}
    assert ran.out == ""
    assert "7 plots, pairs: overlap 0, edge 5, corner 2, across 2" in ran.err
    assert "Plots are named by: key" in ran.err


def test_a_zip_of_a_shapefile_is_read_too(compute: Callable[..., Ran]) -> None:
    write(seven_plots(), "plots.shp")
    with zipfile.ZipFile("plots.zip", "w") as packed:
        for path in Path().glob("plots.*"):
            if path.suffix != ".zip":
                packed.write(path)
    assert compute("plots.zip").code == 0
    assert Path("edges.csv").read_text() == SEVEN


def test_degrees_are_projected_and_it_is_said_to_what(compute: Callable[..., Ran]) -> None:
    write(seven_plots().to_crs(4326), "plots.geojson", COORDINATE_PRECISION=9)
    ran = compute("plots.geojson", out="-")
    read, exact = pd.read_csv(StringIO(ran.out)), pd.read_csv(StringIO(SEVEN))
    assert read[COLUMNS[:3]].equals(exact[COLUMNS[:3]])
    # Rounded degrees move the end of the border of D, 2 cm inside of A, before or behind that of A.
    np.testing.assert_allclose(read[COLUMNS[3:]], exact[COLUMNS[3:]], atol=0.0205)
    assert "Projected to EPSG:25832 (ETRS89 / UTM zone 32N)" in ran.err


@pytest.mark.parametrize(
    ("crs", "chosen"),
    [
        ("EPSG:3857", "EPSG:25832 (ETRS89 / UTM zone 32N)"),
        ("EPSG:4258", "EPSG:25832 (ETRS89 / UTM zone 32N)"),
        ("EPSG:31467", None),
        ("EPSG:25832", None),
        ("EPSG:25833", None),
    ],
)
def test_only_a_crs_that_is_not_true_to_length_is_left(tmp_path: Path, crs: str, chosen: str | None) -> None:
    path = write(seven_plots().to_crs(crs), str(tmp_path / "plots.gpkg"))
    plots = read_plots(path)
    assert plots.projected_to == chosen
    found = typed_neighbors(plots.frame, plots.key)
    assert found.shared_m.iloc[0] == pytest.approx(50, rel=0.005)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (10.8, 52.4, 25832),
        (13.4, 52.5, 25833),
        (6.0001, 50.8, 25832),
        (-74, 40.7, 32618),
        (151.2, -33.9, 32756),
    ],
)
def test_the_utm_zone_is_that_of_the_plots(tmp_path: Path, lon: float, lat: float, epsg: int) -> None:
    square = gpd.GeoDataFrame(
        {"key": ["A"]}, geometry=[shapely.box(lon, lat, lon + 0.001, lat + 0.001)], crs=4326
    )
    assert read_plots(write(square, str(tmp_path / "plots.geojson"))).frame.crs.to_epsg() == epsg


def test_file_and_frame_give_the_same(compute: Callable[..., Ran]) -> None:
    write(seven_plots(), "plots.gpkg")
    compute("plots.gpkg", "--snap-m", "0.02", "--facing-m", "5", "--across-m", "20", "--edge-m", "31")
    direct = typed_neighbors(seven_plots(), "key", Tolerances(0.02, 20, 5, 31))
    read = pd.read_csv("edges.csv")
    assert list(read.columns) == COLUMNS
    assert list(zip(read.focal, read.neighbor, read.relation, strict=True)) == list(
        zip(direct.focal, direct.neighbor, direct.relation, strict=True)
    )
    np.testing.assert_allclose(read[COLUMNS[3:]], direct[COLUMNS[3:]], atol=0.0005)


@pytest.mark.parametrize("name", ["edges.geojson", "edges.gpkg"])
def test_evidence_goes_with_formats_that_hold_it(compute: Callable[..., Ran], name: str) -> None:
    write(seven_plots(), "plots.gpkg")
    assert compute("plots.gpkg", out=name).code == 0
    read = pyogrio.read_dataframe(name).to_crs(CRS)
    assert len(read) == 9
    edges = read[read.relation == "edge"]
    assert edges.length.to_numpy() == pytest.approx(edges.shared_m.to_numpy(), abs=0.02)


def test_geojson_out_is_rfc_7946(compute: Callable[..., Ran]) -> None:
    write(seven_plots(), "plots.gpkg")
    compute("plots.gpkg", out="edges.geojson")
    document = json.loads(Path("edges.geojson").read_text())
    assert "crs" not in document
    lon, lat = document["features"][0]["geometry"]["coordinates"][0][:2]
    assert (10 < lon < 11, 52 < lat < 53) == (True, True)


def test_a_known_column_names_the_plots_in_a_stated_order(compute: Callable[..., Ran]) -> None:
    plots = seven_plots().rename(columns={"key": "FLSTKENNZ"}).assign(oid=range(7))
    write(plots, "plots.gpkg")
    assert "Plots are named by: FLSTKENNZ" in compute("plots.gpkg").err
    assert "Plots are named by: oid" in compute("plots.gpkg", "--key", "OID").err


def test_without_a_known_column_the_feature_id_names_the_plots(compute: Callable[..., Ran]) -> None:
    write(seven_plots().rename(columns={"key": "owner"}), "plots.fgb", SPATIAL_INDEX="NO")
    ran = compute("plots.fgb", out="-")
    assert "Plots are named by: feature id" in ran.err
    assert next(csv.DictReader(StringIO(ran.out)))["focal"] == "0"


def test_keys_are_written_as_they_are(compute: Callable[..., Ran]) -> None:
    plots = seven_plots().assign(key=['a,"b"', "Ä ö", "031234___00012______", "4", "5", "6", "7"])
    write(plots, "plots.gpkg")
    compute("plots.gpkg")
    with Path("edges.csv").open(encoding="utf-8", newline="") as stream:
        keys = {row[name] for row in csv.DictReader(stream) for name in ("focal", "neighbor")}
    assert keys == set(plots.key)


def test_plots_without_neighbors_give_the_header_only(compute: Callable[..., Ran]) -> None:
    write(seven_plots().iloc[:1], "plots.gpkg")
    assert compute("plots.gpkg", out="-").out == ",".join(COLUMNS) + "\n"


def test_multipolygons_and_a_third_dimension_are_welcome(compute: Callable[..., Ran]) -> None:
    plots = seven_plots()
    plots = plots.set_geometry(
        [MultiPolygon([shapely.force_3d(polygon, 70.0)]) for polygon in plots.geometry]
    )
    write(plots, "plots.gpkg")
    assert compute("plots.gpkg", out="-").out == SEVEN


def test_an_old_result_stays_when_the_new_one_is_refused(compute: Callable[..., Ran]) -> None:
    Path("edges.csv").write_text("old")
    assert compute("missing.gpkg").code == 4
    assert Path("edges.csv").read_text() == "old"


def test_plots_beside_a_folder_that_may_not_be_written_are_read(tmp_path: Path) -> None:
    path = write(seven_plots(), str(tmp_path / "plots.gml"))
    (tmp_path / "plots.gfs").write_text("<GMLFeatureClassList/>")
    copy = shutil.copy(path, tmp_path / "copy.gml")
    assert len(read_plots(Path(copy)).frame) == len(read_plots(path).frame) == 7
    assert not (tmp_path / "copy.gfs").exists()
