"""``python -m app neighbors compute``: files in, files out, and one sentence for whatever cannot be."""

from __future__ import annotations

import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import MultiPolygon, Polygon

from app.analysis.adjacency import Tolerances, typed_neighbors
from app.cli import main
from app.services.plot_files import read_plots
from tests.scenes import CRS, placed, plots_frame, rectangle, seven_plots

COLUMNS = ["focal", "neighbor", "relation", "shared_m", "gap_m", "facing_m", "overlap_m2"]
SEVEN = """\
focal,neighbor,relation,shared_m,gap_m,facing_m,overlap_m2
A,B,edge,50.000,0.000,,
A,C,edge,50.000,0.030,,
A,D,edge,50.000,0.000,,
A,S,across,,12.000,43.000,
B,C,corner,,0.030,,
B,D,corner,,0.000,,
B,E,edge,30.000,0.000,,
C,G,across,,12.000,42.970,
G,S,edge,50.000,0.000,,
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def compute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Run the command in an empty folder, in English, as the program's entry does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(plots: str | Path, *options: str, out: str = "edges.csv") -> Ran:
        arguments = ["app", "neighbors", "compute", str(plots), "--out", out, *options]
        monkeypatch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit) as end:
            main()
        spoken = capsys.readouterr()
        return Ran(int(end.value.code or 0), spoken.out, spoken.err)

    return run


def write(plots: gpd.GeoDataFrame, name: str, **options: object) -> Path:
    path = Path(name)
    pyogrio.write_dataframe(plots, path, **options)
    return path


def refused(ran: Ran, code: int, *parts: str) -> None:
    """One sentence, the right exit code, and nothing written."""
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.endswith("\n")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    for part in parts:
        assert part in ran.err
    assert not Path("edges.csv").exists()
    assert list(Path().glob(".*")) == []


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


class TestRefusals:
    """Bad input: one sentence, the right code, no output."""

    def test_missing_file(self, compute: Callable[..., Ran]) -> None:
        refused(compute("missing.gpkg"), 4, "There is no file “missing.gpkg”.")

    def test_folder(self, compute: Callable[..., Ran], tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        refused(compute("folder"), 3, "“folder” is a folder")

    def test_empty_file(self, compute: Callable[..., Ran]) -> None:
        Path("plots.geojson").touch()
        refused(compute("plots.geojson"), 3, "“plots.geojson” is empty.")

    def test_no_features(self, compute: Callable[..., Ran]) -> None:
        write(seven_plots().iloc[:0], "plots.gpkg", geometry_type="Polygon")
        refused(compute("plots.gpkg"), 3, "“plots.gpkg” holds no features.")

    @pytest.mark.parametrize("name", ["plots.geojson", "plots.gpkg", "plots.txt", "plots.shp", "plots.zip"])
    def test_no_geodata(self, compute: Callable[..., Ran], name: str) -> None:
        Path(name).write_text("Dear all, please find attached the plots.\n" * 20)
        refused(compute(name), 3, f"“{name}” ")

    def test_table_without_geometries(self, compute: Callable[..., Ran]) -> None:
        Path("plots.csv").write_text("key,area\nA,1\n")
        refused(compute("plots.csv"), 3, "“plots.csv” holds no geometries.")

    def test_self_intersection(self, compute: Callable[..., Ran]) -> None:
        bow_tie = placed(Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]))
        write(plots_frame(A=rectangle(20, 0, 30, 9), B=bow_tie), "plots.gpkg")
        refused(compute("plots.gpkg"), 3, "Plot “B” has an invalid boundary: Self-intersection")

    def test_missing_crs(self, compute: Callable[..., Ran]) -> None:
        with pytest.warns(UserWarning, match="crs"):
            write(gpd.GeoDataFrame({"key": ["A"]}, geometry=[rectangle(0, 0, 9, 9)]), "plots.shp")
        refused(compute("plots.shp"), 3, "--crs EPSG:25832")
        assert compute("plots.shp", "--crs", "EPSG:25832").code == 0

    def test_metres_that_say_they_are_degrees(self, compute: Callable[..., Ran]) -> None:
        members = seven_plots().__geo_interface__
        Path("plots.geojson").write_text(json.dumps(members))
        refused(compute("plots.geojson"), 3, "lie outside of", "--crs EPSG:25832")
        assert compute("plots.geojson", "--crs", "EPSG:25832", out="-").out == SEVEN

    @pytest.mark.parametrize("crs", ["EPSG:25832", "EPSG:2154", "EPSG:27700"])
    def test_degrees_that_say_they_are_metres(self, compute: Callable[..., Ran], crs: str) -> None:
        write(seven_plots().to_crs(4326).set_crs(crs, allow_override=True), "plots.gpkg")
        refused(compute("plots.gpkg"), 3, "lie outside of", crs)

    def test_unknown_crs(self, compute: Callable[..., Ran]) -> None:
        write(seven_plots(), "plots.gpkg")
        refused(compute("plots.gpkg", "--crs", "EPSG:0"), 2, "“EPSG:0” is not a coordinate reference system")

    def test_missing_key_column(self, compute: Callable[..., Ran]) -> None:
        write(seven_plots().assign(street=""), "plots.gpkg")
        refused(compute("plots.gpkg", "--key", "nr"), 3, "has no column “nr”; it has: key, street.")

    def test_double_keys(self, compute: Callable[..., Ran]) -> None:
        write(seven_plots().assign(key=[*"AABBCCD"]), "plots.gpkg")
        refused(compute("plots.gpkg"), 3, "“key” holds keys more than once (A, B, C)")

    def test_missing_keys(self, compute: Callable[..., Ran]) -> None:
        write(seven_plots().assign(key=[*"ABCDE", None, "G"]), "plots.gpkg")
        refused(compute("plots.gpkg"), 3, "Plot no. 6 has no key in column “key”.")

    def test_missing_geometry(self, compute: Callable[..., Ran]) -> None:
        plots = seven_plots()
        write(plots.set_geometry([*plots.geometry[:6], None], crs=CRS), "plots.gpkg", geometry_type="Polygon")
        refused(compute("plots.gpkg"), 3, "Plot “G” has no geometry.")

    def test_lines(self, compute: Callable[..., Ran]) -> None:
        plots = seven_plots()
        write(plots.set_geometry(plots.boundary), "plots.gpkg")
        refused(compute("plots.gpkg"), 3, "expected polygons")

    def test_a_point_among_polygons(self, compute: Callable[..., Ran]) -> None:
        plots = seven_plots()
        mixed = plots.set_geometry([*plots.geometry[:6], plots.geometry[6].centroid], crs=CRS)
        write(mixed, "plots.gpkg", geometry_type="Unknown")
        refused(compute("plots.gpkg"), 3, "Plot “G” is a Point")

    def test_several_layers(self, compute: Callable[..., Ran]) -> None:
        write(seven_plots(), "plots.gpkg", layer="now")
        write(seven_plots().iloc[:4], "plots.gpkg", layer="then", append=True)
        refused(compute("plots.gpkg"), 2, "choose one with --layer: now, then.")
        refused(compute("plots.gpkg", "--layer", "soon"), 4, "has no layer “soon”; it has: now, then.")
        assert compute("plots.gpkg", "--layer", "now", out="-").out == SEVEN

    def test_nas(self, compute: Callable[..., Ran]) -> None:
        Path("plots.xml").write_text(
            '\ufeff<?xml version="1.0"?>\n<!-- made by <hand> -->\n'
            '<AX_Bestandsdatenauszug xmlns="http://www.adv-online.de/namespaces/adv/gid/6.0"/>'
        )
        refused(compute("plots.xml"), 3, "is an ALKIS extract in NAS")

    def test_cut_off(self, compute: Callable[..., Ran]) -> None:
        whole = write(seven_plots(), "whole.gml").read_bytes()
        Path("plots.gml").write_bytes(whole[: len(whole) // 2])
        refused(compute("plots.gml"), 3, "“plots.gml” is cut off")

    def test_gzip(self, compute: Callable[..., Ran]) -> None:
        Path("plots.gml.gz").write_bytes(b"\x1f\x8b\x08\x00rest")
        refused(compute("plots.gml.gz"), 3, "unpack it first")

    @pytest.mark.parametrize("value", ["-1", "0", "nan", "inf"])
    def test_lengths(self, compute: Callable[..., Ran], value: str) -> None:
        write(seven_plots(), "plots.gpkg")
        refused(compute("plots.gpkg", "--across-m", value), 2, "across_m is")

    @pytest.mark.parametrize("out", ["nowhere/edges.csv", ".", "edges.xyz", "edges"])
    def test_out_that_cannot_be_written(self, compute: Callable[..., Ran], out: str) -> None:
        write(seven_plots(), "plots.gpkg")
        refused(compute("plots.gpkg", out=out), 2, "“" + out)

    def test_out_over_the_plots(self, compute: Callable[..., Ran]) -> None:
        before = write(seven_plots(), "plots.gpkg").read_bytes()
        refused(compute("plots.gpkg", out="plots.gpkg"), 2, "is the file of plots itself")
        assert Path("plots.gpkg").read_bytes() == before


@pytest.mark.parametrize("name", ["zeros.geojson", "zeros.csv", "zeros.gml", "zeros.zip"])
def test_two_hundred_megabytes_of_nothing_are_refused_in_little_memory(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as stream:
        stream.truncate(200 * 2**20)

    def in_little_memory() -> None:
        # Addresses, not pages: the libraries alone take about one gigabyte of them.
        resource.setrlimit(resource.RLIMIT_DATA, (1500 * 2**20, 1500 * 2**20))

    ran = subprocess.run(
        [sys.executable, "-m", "app", "neighbors", "compute", name, "--out", "edges.csv"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=30,
        preexec_fn=in_little_memory,
        check=False,
    )
    assert ran.returncode == 3
    assert ran.stderr.startswith(f"“{name}” is no geodata")
    assert not (tmp_path / "edges.csv").exists()


def test_plots_beside_a_folder_that_may_not_be_written_are_read(tmp_path: Path) -> None:
    path = write(seven_plots(), str(tmp_path / "plots.gml"))
    (tmp_path / "plots.gfs").write_text("<GMLFeatureClassList/>")
    copy = shutil.copy(path, tmp_path / "copy.gml")
    assert len(read_plots(Path(copy)).frame) == len(read_plots(path).frame) == 7
    assert not (tmp_path / "copy.gfs").exists()
