"""Every form of a file that GIS read, read back by readers that are not ours; and what all forms keep to."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.domain.frames import CONTRACTS, DAY, PLOTS, TEXT
from app.errors import InputError, NotFoundError
from app.exchange.collections.arrow_rows import Part, record_batches
from app.exchange.collections.files import Export, format_of, write_file
from app.exchange.collections.forms import FORMS, forms_of
from app.exchange.collections.geofiles import MOST_INDEXED
from app.exchange.collections.shapefile import cut, short_names
from tests.unit.features.export_rows import MEMBERS, NAMES, expected, made, plain, rows_of, same


@pytest.mark.parametrize("form", ["gpkg", "fgb", "parquet"])
@pytest.mark.parametrize("name", NAMES)
def test_gis_forms_hold_the_same(tmp_path: Path, name: str, form: str) -> None:
    export, parts = made(name, 20, 1, 9)
    export.write(tmp_path / f"x.{form}", form)
    read = gpd.read_parquet if form == "parquet" else gpd.read_file
    frame = read(tmp_path / f"x.{form}").sort_values("id", ignore_index=True)
    wanted = pd.concat([part for _, part in parts], ignore_index=True)
    same(plain(frame, export.contract), expected(parts, export.contract))
    assert frame.crs.to_epsg() == 25832
    assert list(frame.columns)[: 1 + len(export.contract.columns)] == ["id", *export.contract.columns]
    assert shapely.equals_exact(frame.geometry.to_numpy(), wanted.geometry.to_numpy()).all()


@pytest.mark.parametrize("form", ["gpkg", "fgb", "parquet", "xlsx", "shp.zip", "csv", "excel.csv"])
@pytest.mark.parametrize("name", ["plots", "adjacency"])
def test_no_rows_are_a_file_without_rows(tmp_path: Path, name: str, form: str) -> None:
    export, _ = made(name)
    path = tmp_path / f"x.{form}"
    export.write(path, form)
    if form == "xlsx":
        assert openpyxl.load_workbook(path)[name].max_row == 1
    elif form.endswith("csv"):
        assert len(path.read_text("utf-8").splitlines()) == 1
    else:
        frame = gpd.read_parquet(path) if form == "parquet" else gpd.read_file(first_layer(path))
        assert len(frame) == 0
        assert frame.crs.to_epsg() == 25832


def first_layer(path: Path) -> str:
    if path.suffix != ".zip":
        return str(path)
    with zipfile.ZipFile(path) as packed:
        return f"/vsizip/{path}/{next(name for name in packed.namelist() if name.endswith('.shp'))}"


def test_what_is_said_of_the_rows_is_in_the_files(tmp_path: Path) -> None:
    export, _ = made("plots", 3)
    for form in ("gpkg", "fgb", "parquet", "xlsx", "shp.zip"):
        export.write(tmp_path / f"x.{form}", form)
    about = {**MEMBERS, "crs": "EPSG:25832"}
    for form in ("gpkg", "fgb"):
        told = pyogrio.read_info(tmp_path / f"x.{form}")["layer_metadata"]
        assert about.items() <= told.items()
        assert "© <A> & „B“" in told["DESCRIPTION"]
    metadata = pq.read_metadata(tmp_path / "x.parquet").metadata
    assert {name: metadata[name.encode()].decode() for name in about} == about
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["Über diese Daten"]
    assert ("Namensnennung", "© <A> & „B“") in sheet.values
    with zipfile.ZipFile(tmp_path / "x.shp.zip") as packed:
        readme = packed.read("LIESMICH.txt").decode()
    assert "Namensnennung: © <A> & „B“" in readme
    assert "official_area_m2 = official_a" in readme


def test_geoparquet_reads_only_what_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.exchange.collections.geoparquet.GROUP_ROWS", 10)
    path = tmp_path / "x.parquet"
    contract = CONTRACTS["walkways"]
    ids, frame = rows_of(contract, 40)
    frame.geometry = [shapely.LineString([(6e5 + n, 58e5), (6e5 + n + 0.5, 58e5 + 1)]) for n in range(40)]
    parts = [(ids[k : k + 8], frame.iloc[k : k + 8]) for k in range(0, 40, 8)]
    export = Export(contract, MEMBERS, lambda: iter(()), lambda: iter(parts), lambda: iter(()), lambda: 40)
    export.write(path, "parquet")
    assert pq.ParquetFile(path).num_row_groups == 4
    found = gpd.read_parquet(path, bbox=(6e5 + 9.2, 58e5, 6e5 + 12.1, 58e5 + 1))
    assert sorted(found["id"]) == ids[9:13]
    geo = json.loads(pq.read_metadata(path).metadata[b"geo"])
    column = geo["columns"]["geometry"]
    assert geo["version"] == "1.1.0"
    assert column["geometry_types"] == ["LineString"]
    assert column["bbox"] == list(frame.total_bounds)
    assert column["covering"]["bbox"]["ymax"] == ["bbox", "ymax"]
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 25832}


def test_a_flatgeobuf_has_an_index_where_that_costs_little_memory(tmp_path: Path) -> None:
    export, parts = made("plots", 5)
    export.write(tmp_path / "x.fgb", "fgb")
    export_of_many = replace(export, n_rows=lambda: MOST_INDEXED + 1)
    export_of_many.write(tmp_path / "y.fgb", "fgb")
    fast = [
        pyogrio.read_info(tmp_path / name)["capabilities"]["fast_spatial_filter"]
        for name in ("x.fgb", "y.fgb")
    ]
    assert fast == [True, False]
    frame = gpd.read_file(tmp_path / "y.fgb")
    same(plain(frame, export.contract), expected(parts, export.contract))


@pytest.mark.parametrize("name", NAMES)
def test_shapefiles_hold_what_they_can(tmp_path: Path, name: str) -> None:
    export, parts = made(name, 11, 4)
    path = tmp_path / "x.shp.zip"
    export.write(path, "shp.zip")
    with zipfile.ZipFile(path) as packed:
        layers = [file for file in packed.namelist() if file.endswith(".shp")]
        assert {f"{file[:-4]}.cpg" for file in layers} < set(packed.namelist())
        readme = packed.read("LIESMICH.txt").decode()
    frames = {file: gpd.read_file(f"/vsizip/{path}/{file}") for file in layers}
    for file, frame in frames.items():
        assert file in readme
        assert frame.crs.to_epsg() == 25832
        assert len({kind.removeprefix("Multi") for kind in frame.geom_type}) == 1
    short = short_names(["id", *export.contract.columns])
    wanted = {row["id"]: row for row in expected(parts, export.contract)}
    found = [row for frame in frames.values() for row in frame.to_dict("records")]
    assert {row["id"] for row in found} == set(wanted)
    for row in found:
        for column, kind in export.contract.columns.items():
            known, cell = wanted[row["id"]][column], row[short[column]]
            if kind == TEXT:
                # A DBF has no empty text apart from an unknown one.
                assert (None if pd.isna(cell) else cell) == (None if known is None else cut(known).rstrip())
            elif known is not None:
                assert (pd.Timestamp(cell).date() if kind == DAY else cell) == pytest.approx(known, abs=1e-3)


@given(st.text(max_size=40), st.integers(200, 254))
def test_texts_are_cut_between_characters(text: str, n_before: int) -> None:
    """Each character that is left whole, in the 254 bytes of a DBF's longest text."""
    whole = "x" * n_before + text
    left = cut(whole)
    assert whole.startswith(left)
    assert len(left.encode()) <= 254
    assert left == whole or len(whole[: len(left) + 1].encode()) > 254


@given(st.lists(st.text("ab_", min_size=1, max_size=14), unique=True, max_size=40))
def test_short_names_are_short_and_different(names: list[str]) -> None:
    short = short_names(names)
    assert len(set(short.values())) == len(names)
    assert all(len(name) <= 10 for name in short.values())


def test_a_failure_while_reading_is_told_as_it_is(tmp_path: Path) -> None:
    def broken() -> Iterator[Part]:
        yield rows_of(PLOTS, 2)
        yield rows_of(PLOTS, 2)
        raise NotFoundError("the third part is not there")

    export = Export(PLOTS, MEMBERS, lambda: iter(()), broken, broken, lambda: 0)
    for form in forms_of("plots"):
        if form.name == "geojson":
            continue
        with pytest.raises(NotFoundError, match="third part"):
            write_file(tmp_path / f"x.{form.name}", form.name, export)
        assert list(tmp_path.iterdir()) == []


def test_only_one_part_is_held(tmp_path: Path) -> None:
    """The next part is not asked for before the one before is converted."""
    alive = 0

    def counted() -> Iterator[Part]:
        nonlocal alive
        for n in range(5):
            alive += 1
            yield rows_of(PLOTS, 2, 2 * n)

    batches = record_batches(counted(), PLOTS)
    for n, _ in enumerate(batches, 1):
        assert alive == n


def test_names_say_the_form() -> None:
    assert [format_of(Path(f"a.{name}")) for name in FORMS] == list(FORMS)
    assert format_of(Path("a.json")) == "geojson"
    assert format_of(Path("-")) == "geojson"
    assert format_of(Path("a.txt"), "gal") == "gal"
    with pytest.raises(InputError, match="known formats"):
        format_of(Path("a.txt"))
    with pytest.raises(NotFoundError, match=r"graphml.*gpkg"):
        write_file(Path("x.graphml"), "graphml", made("plots", 1)[0])


GPKG_CHECK = "/usr/bin/python3"


@pytest.mark.parametrize("name", NAMES)
def test_the_geopackage_is_valid(tmp_path: Path, name: str) -> None:
    export, _ = made(name, 12)
    export.write(tmp_path / "x.gpkg", "gpkg")
    command = [GPKG_CHECK, "-m", "osgeo_utils.samples.validate_gpkg", str(tmp_path / "x.gpkg")]
    if subprocess.run([GPKG_CHECK, "-c", "import osgeo_utils"], check=False, capture_output=True).returncode:
        pytest.skip("GDAL's programs are not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
