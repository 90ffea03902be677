"""Files as the world has them: the same answer, or the same sentence, whatever is written of it."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from tests.scenes import seven_plots
from tests.unit.at_the_prompt import Ran
from tests.unit.neighbors.plot_files import SEVEN, write

OUTPUTS = ["edges.csv", "edges.parquet", "edges.geojson", "edges.gpkg"]
EAST, NORTH = 618_000, 5_803_000
# The border between these two is an arc of 50 m radius, bulging by 10 m: 2·130·atan(10/50) = 102.6 m.
ARC = f"CIRCULARSTRING ({EAST} {NORTH}, {EAST + 10} {NORTH + 50}, {EAST} {NORTH + 100})"
BACK = f"CIRCULARSTRING ({EAST} {NORTH + 100}, {EAST + 10} {NORTH + 50}, {EAST} {NORTH})"
CURVED = {
    "west": f"CURVEPOLYGON (COMPOUNDCURVE (({EAST} {NORTH + 100}, {EAST - 100} {NORTH + 100}, "
    f"{EAST - 100} {NORTH}, {EAST} {NORTH}), {ARC}))",
    "east": f"CURVEPOLYGON (COMPOUNDCURVE ({BACK}, "
    f"({EAST} {NORTH}, {EAST + 100} {NORTH}, {EAST + 100} {NORTH + 100}, {EAST} {NORTH + 100})))",
}


def pairs(name: str) -> pd.DataFrame:
    if name.endswith(".csv"):
        return pd.read_csv(name)
    return pd.read_parquet(name) if name.endswith(".parquet") else pyogrio.read_dataframe(name)


def table(name: str, rows: dict[str, str], encoding: str = "utf-8", **others: list[str]) -> str:
    """Write boundaries in WKT, a plot a row."""
    with Path(name).open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", *others, "WKT"])
        writer.writerows(
            [key, *more, wkt] for (key, wkt), *more in zip(rows.items(), *others.values(), strict=True)
        )
    return name


def as_geojson(name: str, **plots: list[list[list[float]]]) -> str:
    features = [
        {"type": "Feature", "properties": {"key": key}, "geometry": {"type": "Polygon", "coordinates": rings}}
        for key, rings in plots.items()
    ]
    Path(name).write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return name


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


# A hole touches the shell in a point of a parallel, which is an arc in metres: valid in degrees only.
POINTED = [box(10, 52, 10.1, 52.1), [[10.05, 52], [10.04, 52.02], [10.06, 52.02], [10.05, 52]]]
FLAT = [[[10.2, 52], [10.3, 52.1], [10.2, 52], [10.2, 52]]]


@pytest.mark.parametrize("out", OUTPUTS)
class TestEveryOutput:
    """What is read does not depend on what is written."""

    def test_arcs(self, compute: Callable[..., Ran], out: str) -> None:
        assert compute(table("plots.csv", CURVED), "--crs", "EPSG:25832", out=out).code == 0
        assert pairs(out)[["focal", "neighbor", "relation"]].to_numpy().tolist() == [["east", "west", "edge"]]
        assert pairs(out).shared_m[0] == pytest.approx(102.6, abs=0.05)

    def test_an_empty_part_is_dropped(self, compute: Callable[..., Ran], out: str) -> None:
        rows = {
            "A": "MULTIPOLYGON (((620000 5800000, 620040 5800000, 620040 5800040, 620000 5800040, "
            "620000 5800000)), EMPTY)",
            "B": "POLYGON ((620040 5800000, 620080 5800000, 620080 5800040, 620040 5800040, 620040 5800000))",
        }
        assert compute(table("plots.csv", rows), "--crs", "EPSG:25832", out=out).code == 0
        assert pairs(out).shared_m.tolist() == [40.0]

    def test_validity_is_that_in_metres(self, compute: Callable[..., Ran], out: str) -> None:
        path = as_geojson("plots.geojson", A=POINTED, B=[box(10.1, 52, 10.2, 52.1)])
        ran = compute(path, out=out)
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert ran.err.startswith("Plot “A” has an invalid boundary: Self-intersection at 57")
        assert ran.err.endswith(" --repair repairs such boundaries.\n")
        ran = compute(path, "--repair", out=out)
        assert ran.code == 0
        assert "Repaired: A (Self-intersection at 57" in ran.err
        assert pairs(out).relation.tolist() == ["edge"]

    def test_what_a_repair_leaves_nothing_of(self, compute: Callable[..., Ran], out: str) -> None:
        path = as_geojson("plots.geojson", A=[box(10, 52, 10.1, 52.1)], B=[box(10.1, 52, 10.2, 52.1)], C=FLAT)
        ran = compute(path, "--repair", out=out)
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert "A repair leaves nothing of plot “C”" in ran.err
        assert "--leave-out-collapsed" in ran.err
        ran = compute(path, "--repair", "--leave-out-collapsed", out=out)
        assert ran.code == 0
        assert "Left out: C (" in ran.err
        assert "2 plots, pairs: overlap 0, edge 1" in ran.err
        assert pairs(out).focal.tolist() == ["A"]

    def test_a_number_that_lost_digits_is_no_key(self, compute: Callable[..., Ran], out: str) -> None:
        features = seven_plots().to_crs(4326).__geo_interface__
        for n, feature in enumerate(features["features"]):
            feature["properties"]["key"] = 33154001000230004001 + n
        Path("plots.geojson").write_text(json.dumps(features))
        ran = compute("plots.geojson", out=out)
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert "stores column “key” as floating-point numbers" in ran.err

    def test_whole_numbers_are_exact(self, compute: Callable[..., Ran], out: str) -> None:
        keys = range(33154001000230005, 33154001000230012)
        write(seven_plots().assign(key=list(keys)), "plots.gpkg")
        assert compute("plots.gpkg", out=out).code == 0
        assert set(pairs(out).focal) | set(pairs(out).neighbor) == set(keys)

    def test_rows_that_say_the_same_again_count_once(self, compute: Callable[..., Ran], out: str) -> None:
        plots = seven_plots()
        turned = plots.iloc[2:5].set_geometry(plots.geometry[2:5].map(started_elsewhere))
        write(pd.concat([plots, turned]), "plots.gpkg")
        ran = compute("plots.gpkg", out=out)
        assert "Rows left out because they repeat a plot: 3" in ran.err
        assert "7 plots, pairs: overlap 0, edge 5, corner 2, across 2" in ran.err
        turned.geometry = turned.geometry.translate(0.1)
        write(pd.concat([plots, turned]), "plots.gpkg")
        ran = compute("plots.gpkg", out=out)
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert "“key” contains keys more than once (C, D, E)" in ran.err


def started_elsewhere(polygon: shapely.Polygon) -> shapely.Polygon:
    ring = list(polygon.exterior.coords)[:-1]
    return shapely.Polygon([*ring[2:], *ring[:2]])


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_tables_as_spreadsheets_save_them(compute: Callable[..., Ran], encoding: str) -> None:
    plots = seven_plots()
    rows = {f"{key} Müllerstraße": shape.wkt for key, shape in zip(plots.key, plots.geometry, strict=True)}
    table("plots.csv", rows, encoding, Straße=["–"] * 7)
    assert compute("plots.csv", "--crs", "EPSG:25832").code == 0
    assert Path("edges.csv").read_text("utf-8").splitlines()[1].startswith("A Müllerstraße,B Müllerstraße,")


def test_text_that_is_not_in_utf_8_is_one_sentence(compute: Callable[..., Ran]) -> None:
    features = json.dumps(seven_plots().to_crs(4326).__geo_interface__, ensure_ascii=False)
    Path("plots.geojson").write_bytes(features.replace('"A"', '"Ä"').encode("latin-1"))
    ran = compute("plots.geojson")
    assert (ran.code, ran.err) == (3, "“plots.geojson” is not in UTF-8; save it as UTF-8.\n")


def test_a_boundary_that_cannot_be_read_is_named(compute: Callable[..., Ran]) -> None:
    rows = {"A": seven_plots().geometry[0].wkt, "B": "TIN (((0 0, 0 1, 1 0, 0 0)))"}
    ran = compute(table("plots.csv", rows), "--crs", "EPSG:25832")
    assert (ran.code, ran.err) == (3, "The boundary of plot “B” cannot be read.\n")


def packed(name: str, folder: str, *files: Path) -> str:
    with zipfile.ZipFile(name, "w") as archive:
        for file in files:
            archive.write(file, f"{folder}{file.name}")
    return name


class TestArchives:
    """A zip is read whatever lies in it beside the data."""

    @pytest.mark.parametrize("folder", ["", "Flurstücke/", "a/b/"])
    @pytest.mark.parametrize("name", ["plots.shp", "plots.gpkg", "plots.gml", "plots.geojson", "plots.fgb"])
    def test_a_folder_and_a_readme(self, compute: Callable[..., Ran], name: str, folder: str) -> None:
        write(seven_plots(), name)
        Path("LIESMICH.txt").write_text("Flurstücke, Stand 2024", "utf-8")
        Path("metadata.xml").write_text("<metadata/>")
        files = [*Path().glob("plots.*"), Path("LIESMICH.txt"), Path("metadata.xml")]
        ran = compute(packed("delivery.zip", folder, *files))
        assert ran.err.splitlines()[-1].startswith("7 plots, pairs: overlap 0, edge 5, corner 2")

    def test_several_are_refused_by_name(self, compute: Callable[..., Ran]) -> None:
        files = [write(seven_plots(), name) for name in ("a.gpkg", "b.gpkg")]
        ran = compute(packed("plots.zip", "", *files))
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert "“plots.zip” contains several data files (a.gpkg, b.gpkg)" in ran.err

    def test_no_data(self, compute: Callable[..., Ran]) -> None:
        Path("LIESMICH.txt").write_text("Nichts")
        ran = compute(packed("plots.zip", "", Path("LIESMICH.txt")))
        assert ran.err.startswith("“plots.zip” contains no geodata that can be read here")

    def test_nas_within(self, compute: Callable[..., Ran]) -> None:
        Path("plots.xml").write_text('<AX_Bestandsdatenauszug xmlns="http://www.adv-online.de/gid/6.0"/>')
        assert "is an ALKIS extract in NAS" in compute(packed("plots.zip", "x/", Path("plots.xml"))).err


@pytest.mark.parametrize("suffix", ["geojson", "gml"])
@pytest.mark.parametrize("is_zip", [True, False])
class TestPages:
    """Pages of one service lie in a folder or an archive, and overlap."""

    def given(self, pages: list[gpd.GeoDataFrame], suffix: str, *, is_zip: bool) -> str:
        Path("pages").mkdir()
        for n, page in enumerate(pages):
            write(page, f"pages/page{n}.{suffix}")
        files = [path for path in Path("pages").iterdir() if path.suffix == f".{suffix}"]
        return packed("pages.zip", "pages/", *files) if is_zip else "pages"

    @pytest.mark.parametrize("out", OUTPUTS)
    def test_what_is_in_two_is_taken_once(
        self, compute: Callable[..., Ran], suffix: str, is_zip: bool, out: str
    ) -> None:
        plots = seven_plots()
        path = self.given([plots.iloc[:4], plots.iloc[2:5], plots.iloc[4:]], suffix, is_zip=is_zip)
        ran = compute(path, "--crs", "EPSG:25832", "--key", "key", out=out)
        assert "Rows left out because they repeat a plot: 3" in ran.err
        assert "7 plots, pairs: overlap 0, edge 5, corner 2, across 2" in ran.err
        if out == "edges.csv":
            assert Path(out).read_text() == SEVEN

    def test_what_differs_is_refused_by_name(
        self, compute: Callable[..., Ran], suffix: str, is_zip: bool
    ) -> None:
        plots = seven_plots()
        moved = plots.iloc[3:].set_geometry(plots.geometry.iloc[3:].translate(1, 0))
        ran = compute(
            self.given([plots.iloc[:4], moved], suffix, is_zip=is_zip), "--crs", "EPSG:25832", "--key", "key"
        )
        assert ran.code == 3
        assert "“key” contains keys more than once (D)" in ran.err
