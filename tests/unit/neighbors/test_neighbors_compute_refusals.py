"""``python -m app neighbors compute`` on what cannot be: one sentence, the right code, nothing written."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Polygon

from tests.scenes import CRS, placed, plots_frame, rectangle, seven_plots
from tests.unit.at_the_prompt import Ran
from tests.unit.neighbors.plot_files import SEVEN, write
from tests.waiting import LAST_RESORT_S


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
        refused(compute("plots.gpkg"), 3, "“plots.gpkg” contains no features.")

    @pytest.mark.parametrize("name", ["plots.geojson", "plots.gpkg", "plots.txt", "plots.shp", "plots.zip"])
    def test_no_geodata(self, compute: Callable[..., Ran], name: str) -> None:
        Path(name).write_text("Dear all, please find attached the plots.\n" * 20)
        refused(compute(name), 3, f"“{name}” ")

    def test_table_without_geometries(self, compute: Callable[..., Ran]) -> None:
        Path("plots.csv").write_text("key,area\nA,1\n")
        refused(compute("plots.csv"), 3, "“plots.csv” contains no geometries.")

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
        refused(compute("plots.geojson"), 3, "lie outside", "--crs EPSG:25832")
        assert compute("plots.geojson", "--crs", "EPSG:25832", out="-").out == SEVEN

    @pytest.mark.parametrize("crs", ["EPSG:25832", "EPSG:2154", "EPSG:27700"])
    def test_degrees_that_say_they_are_metres(self, compute: Callable[..., Ran], crs: str) -> None:
        write(seven_plots().to_crs(4326).set_crs(crs, allow_override=True), "plots.gpkg")
        refused(compute("plots.gpkg"), 3, "lie outside", crs)

    def test_unknown_crs(self, compute: Callable[..., Ran]) -> None:
        write(seven_plots(), "plots.gpkg")
        refused(
            compute("plots.gpkg", "--crs", "EPSG:0"), 2, "“EPSG:0” is not a valid coordinate reference system"
        )

    def test_missing_key_column(self, compute: Callable[..., Ran]) -> None:
        write(seven_plots().assign(street=""), "plots.gpkg")
        refused(compute("plots.gpkg", "--key", "nr"), 3, "has no column “nr”; it has: key, street.")

    def test_double_keys(self, compute: Callable[..., Ran]) -> None:
        write(seven_plots().assign(key=[*"AABBCCD"]), "plots.gpkg")
        refused(compute("plots.gpkg"), 3, "“key” contains keys more than once (A, B, C)")

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
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=LAST_RESORT_S,
        preexec_fn=in_little_memory,
        check=False,
    )
    assert ran.returncode == 3
    assert ran.stderr.startswith(f"“{name}” contains no geodata")
    assert not (tmp_path / "edges.csv").exists()
