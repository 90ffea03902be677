"""Every form of a file, read back by readers that are not ours."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from libpysal.graph import Graph, read_gal

from app.domain.frames import ADJACENCY, CONTRACTS, DAY, FLAG, INTEGER, NUMBER, PLOTS, TEXT, Contract
from app.errors import InputError, NotFoundError
from app.exchange.arrow_rows import Part, record_batches
from app.exchange.csv_text import FORMULA_STARTS, harmless, point_on
from app.exchange.files import Export, format_of, write_file
from app.exchange.forms import FORMS, forms_of
from app.exchange.geofiles import MOST_INDEXED
from app.exchange.shapefile import cut, short_names
from app.exchange.workbook import MOST_ROWS, check_rows

HOSTILE = [
    "</script><img src=x>",
    "=1+1",
    "+1",
    "-1",
    "@x",
    '";a,b',
    "ä" * 200,
    "a\x01b]]>&amp;\nc",
    "'",
    "\t=2",
]
MEMBERS = {
    "name": "x",
    "licence": "ODbL 1.0",
    "attribution": "© <A> & „B“",
    "state": "2024-04-24",
    "note": "n",
}

SHAPES = {
    "Point": shapely.Point(600000.123456789, 5800000),
    "LineString": shapely.LineString([(600000, 5800000), (600030, 5800040)]),
    "MultiLineString": shapely.MultiLineString([[(600000, 5800000), (600030, 5800040)], [(0, 0), (1, 1)]]),
    "Polygon": shapely.box(600000, 5800000, 600010, 5800020),
    "MultiPolygon": shapely.MultiPolygon(
        [shapely.box(6e5, 58e5, 600010, 5800020), shapely.box(7e5, 58e5, 7e5 + 9, 58e5 + 9)]
    ),
    "GeometryCollection": shapely.GeometryCollection(
        [shapely.Point(6e5, 58e5), shapely.LineString([(6e5, 58e5), (6e5, 58e5 + 4)])]
    ),
}


def value(kind: str, n: int, column: str) -> Any:
    """Return the n-th value of a column; every third is unknown, except of what is part of an id."""
    if column in {"key", "focal", "neighbor", "tour"}:
        return f"{column[0]}{n:03}"
    if n % 3 == 2 and kind != FLAG:
        return None
    made = {
        TEXT: HOSTILE[n % len(HOSTILE)],
        DAY: date(2020, 1, 1 + n % 28),
        INTEGER: n,
        NUMBER: n / 7,
        FLAG: n % 2 == 0,
    }
    return made[kind]


def rows_of(contract: Contract, n_rows: int, first: int = 0) -> Part:
    """Return rows whose texts are hostile and whose geometries are of all the contract's types."""
    numbers = range(first, first + n_rows)
    dtypes = {NUMBER: "float64", INTEGER: "Int64", FLAG: bool}
    columns = {
        name: pd.Series([value(kind, n, name) for n in numbers], dtype=dtypes.get(kind, object))
        for name, kind in contract.columns.items()
    }
    kinds = contract.geometry_types
    shapes = gpd.GeoSeries([SHAPES[kinds[n % len(kinds)]] for n in numbers], crs=25832)
    ids = ["~".join(str(columns[key].iloc[n]) for key in contract.key) for n in range(n_rows)]
    return ids, gpd.GeoDataFrame(columns, geometry=shapes)


def made(name: str, *sizes: int) -> tuple[Export, list[Part]]:
    """Return an export of parts of so many rows, and the parts."""
    contract = CONTRACTS[name]
    parts = [rows_of(contract, n, sum(sizes[:k])) for k, n in enumerate(sizes)]
    plots = [rows_of(PLOTS, 3)]

    def features() -> Iterator[str]:
        yield from ()

    count = sum(sizes)
    return Export(contract, MEMBERS, features, lambda: iter(parts), lambda: iter(plots), lambda: count), parts


def expected(parts: list[Part], contract: Contract) -> list[dict[str, Any]]:
    """Return the rows as plain values, computed the long way."""
    rows = []
    for ids, frame in parts:
        for identity, (_, row) in zip(ids, frame.iterrows(), strict=True):
            told = {"id": identity}
            for name, kind in contract.columns.items():
                known = not pd.isna(row[name])
                told[name] = (round(float(row[name]), 3) if kind == NUMBER else row[name]) if known else None
            rows.append(told)
    return rows


def plain(frame: pd.DataFrame, contract: Contract) -> list[dict[str, Any]]:
    """Return a frame that a reader gave as plain values."""
    make = {NUMBER: float, INTEGER: int, FLAG: bool, TEXT: str, DAY: lambda day: pd.Timestamp(day).date()}
    return [
        {"id": row["id"]}
        | {
            name: None if pd.isna(row[name]) else make[kind](row[name])
            for name, kind in contract.columns.items()
        }
        for row in frame.to_dict("records")
    ]


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    assert [row["id"] for row in found] == [row["id"] for row in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one == pytest.approx(other, abs=1e-9)


NAMES = list(CONTRACTS)


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
    monkeypatch.setattr("app.exchange.geoparquet_rows.GROUP_ROWS", 10)
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
def test_csv_holds_the_same(name: str) -> None:
    export, parts = made(name, 11, 4)
    rows = list(csv.DictReader(io.StringIO("".join(export.lines("csv")), newline="")))
    wanted = expected(parts, export.contract)
    assert [row["id"] for row in rows] == [row["id"] for row in wanted]
    for row, values in zip(rows, wanted, strict=True):
        for column, kind in export.contract.columns.items():
            text, known = row[column], values[column]
            if known is None:
                assert text == ""
            elif kind in {NUMBER, INTEGER}:
                assert float(text) == known
            else:
                assert text == (str(known).lower() if kind == FLAG else str(known))
    shapes = shapely.from_wkt([row["geometry"] for row in rows])
    assert shapely.equals_exact(shapes, np.concatenate([part.geometry.to_numpy() for _, part in parts])).all()


@pytest.mark.parametrize("name", NAMES)
def test_excel_csv_opens_in_a_german_excel(name: str) -> None:
    export, parts = made(name, 11, 4)
    text = "".join(export.lines("excel.csv"))
    assert text.startswith("\ufeffid;")
    rows = list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=";"))
    for row, values in zip(rows, expected(parts, export.contract), strict=True):
        assert not any(cell.startswith(FORMULA_STARTS) for cell in row.values())
        for column, kind in export.contract.columns.items():
            if values[column] is None:
                assert row[column] == ""
            elif kind == NUMBER:
                assert "." not in row[column]
                assert float(row[column].replace(",", ".")) == values[column]
            elif kind == TEXT:
                assert row[column].removeprefix("'") == values[column].removeprefix("'")
        assert 5 < float(row["lon"].replace(",", ".")) < 12


@given(st.text())
def test_no_text_is_computed(text: str) -> None:
    told = harmless(text)
    assert told.removeprefix("'") == text or told == text
    assert told[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


@pytest.mark.parametrize("name", NAMES)
def test_the_workbook_holds_the_same(tmp_path: Path, name: str) -> None:
    export, parts = made(name, 11, 4)
    export.write(tmp_path / "x.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    head, *rows = book[name].iter_rows()
    assert [cell.value for cell in head] == ["id", *export.contract.columns, "lon", "lat"]
    assert not any(cell.data_type == "f" for row in rows for cell in row)
    wanted = expected(parts, export.contract)
    assert len(rows) == len(wanted)
    for row, values in zip(rows, wanted, strict=True):
        found = dict(zip([cell.value for cell in head], [cell.value for cell in row], strict=True))
        for column, known in values.items():
            cell = found[column]
            cell = cell.date() if isinstance(cell, datetime) else cell
            assert cell == (known.replace("\x01", "\ufffd") if isinstance(known, str) else known)


def test_more_than_a_sheet_holds_is_refused() -> None:
    check_rows(MOST_ROWS)
    with pytest.raises(InputError, match=r"1048575 rows, and these are 1048576"):
        check_rows(MOST_ROWS + 1)


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


@given(st.text(min_size=100))
def test_texts_are_cut_between_characters(text: str) -> None:
    try:
        n_bytes = len(text.encode())
    except UnicodeEncodeError:
        return
    assert text.startswith(cut(text))
    assert len(cut(text).encode()) <= 254
    assert n_bytes <= 254 or len(cut(text).encode()) > 250


@given(st.lists(st.text("ab_", min_size=1, max_size=14), unique=True, max_size=40))
def test_short_names_are_short_and_different(names: list[str]) -> None:
    short = short_names(names)
    assert len(set(short.values())) == len(names)
    assert all(len(name) <= 10 for name in short.values())


def neighbors() -> tuple[Export, set[frozenset[str]]]:
    """Return pairs of 40 plots, 5 of which have no neighbor, with plots that only pairs name."""
    random = np.random.default_rng(3)
    ids, plots = rows_of(PLOTS, 40)
    keys = list(plots["key"])
    pairs = {frozenset((keys[a], keys[b])) for a, b in random.integers(0, 35, (60, 2)) if a != b}
    pairs.add(frozenset(("k001", "outside")))
    sides = [sorted(pair) for pair in sorted(pairs, key=sorted)]
    _, frame = rows_of(ADJACENCY, len(sides))
    frame["focal"], frame["neighbor"] = zip(*sides, strict=True)
    names = ["~".join(side) for side in sides]
    half = len(sides) // 2
    parts = [(names[:half], frame.iloc[:half]), (names[half:], frame.iloc[half:])]
    both = [(ids[:20], plots.iloc[:20]), (ids[20:], plots.iloc[20:])]
    n = len(sides)
    export = Export(ADJACENCY, MEMBERS, lambda: iter(()), lambda: iter(parts), lambda: iter(both), lambda: n)
    return export, pairs


def test_the_edge_list_becomes_a_graph_of_libpysal() -> None:
    export, pairs = neighbors()
    edges = pd.read_csv(io.StringIO("".join(export.lines("edges.csv"))))
    assert list(edges.columns[:4]) == ["focal", "neighbor", "relation", "weight"]
    graph = Graph.from_adjacency(edges[["focal", "neighbor", "weight"]])
    assert not graph.asymmetry().size
    assert {frozenset(pair) for pair in graph.adjacency.index} == pairs
    assert set(edges["id"]) == {"~".join(sorted(pair)) for pair in pairs}


def test_gal_is_read_by_libpysal(tmp_path: Path) -> None:
    export, pairs = neighbors()
    write_file(tmp_path / "x.gal", "gal", export)
    graph = read_gal(tmp_path / "x.gal")
    assert graph.n == 41
    assert not graph.asymmetry().size
    linked = graph.adjacency[graph.adjacency > 0]
    assert {frozenset(pair) for pair in linked.index} == pairs
    assert len(graph.isolates) == 41 - len(set().union(*pairs))


def test_graphml_is_read_by_networkx(tmp_path: Path) -> None:
    export, pairs = neighbors()
    write_file(tmp_path / "x.graphml", "graphml", export)
    graph = nx.read_graphml(tmp_path / "x.graphml")
    assert not graph.is_directed()
    assert {frozenset(edge) for edge in graph.edges} == pairs
    assert graph.number_of_nodes() == 41
    assert graph.graph["attribution"] == MEMBERS["attribution"]
    assert graph.graph["crs"] == "EPSG:25832"
    _, plots = next(iter(export.plots()))
    for _, plot in plots.iterrows():
        node = graph.nodes[plot["key"]]
        wanted = None if plot["label"] is None else plot["label"].replace("\x01", "\ufffd")
        assert node.get("label") == wanted
        # A corner of the box is no point on it; its middle is.
        assert shapely.Point(node["x_m"], node["y_m"]).distance(plot.geometry) == 0
    for _, frame in export.parts():
        for _, row in frame.iterrows():
            edge = graph.edges[row["focal"], row["neighbor"]]
            assert edge["id"] == f"{row['focal']}~{row['neighbor']}"
            assert edge["is_override"] is bool(row["is_override"])
            assert edge.get("gap_m", 0.0) == pytest.approx(
                0.0 if pd.isna(row["gap_m"]) else row["gap_m"], abs=1e-3
            )


def test_graphs_of_nothing(tmp_path: Path) -> None:
    nothing = Export(ADJACENCY, MEMBERS, lambda: iter(()), lambda: iter(()), lambda: iter(()), lambda: 0)
    write_file(tmp_path / "x.graphml", "graphml", nothing)
    assert nx.read_graphml(tmp_path / "x.graphml").number_of_nodes() == 0
    assert "".join(nothing.lines("gal")) == "0 0 plots key\n"
    assert len("".join(nothing.lines("edges.csv")).splitlines()) == 1


@given(st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, max_size=9))
def test_a_point_lies_on_each_geometry(kinds: list[str]) -> None:
    shapes = np.array([SHAPES[kind] for kind in kinds])
    points = point_on(shapes.copy())
    assert (shapely.get_type_id(points) == shapely.GeometryType.POINT).all()
    assert (shapely.distance(points, shapes) < 1e-6).all()


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
