"""What streaming refuses, wherever in the file it is, and what it takes for granted where nothing is said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.analysis.adjacency import Tolerances
from app.errors import AppError, DataError, InputError, NotFoundError
from app.services.land.plot_reading import Reading
from app.services.neighbors.streaming import stream_neighbors
from app.services.neighbors.tiled_pairs import NeighborRequest, Resources
from tests.scenes import CRS, seven_plots
from tests.unit.adjacency.fabrics import blocks
from tests.unit.neighbors.streamed_pairs import rows_of, streamed


def refused(path: Path, kind: type[AppError], *parts: str, memory_mb: float = 0.01, **asked: str) -> None:
    """One error of the kind, and nothing left."""
    before = sorted(path.parent.rglob("*"))
    out = path.parent / "pairs.csv"
    with pytest.raises(kind) as told:
        stream_neighbors(NeighborRequest(Reading(path, **asked), Tolerances()), Resources(memory_mb), out)
    for part in parts:
        assert part in str(told.value)
    assert sorted(path.parent.rglob("*")) == before


class TestRefusals:
    """Whatever is wrong is found, wherever in the file it is."""

    @pytest.fixture
    def plots(self) -> gpd.GeoDataFrame:
        return blocks(1, 10).sample(frac=1, random_state=1).reset_index(drop=True)

    @pytest.mark.parametrize("name", ["plots.fgb", "plots.parquet"])
    def test_double_keys_in_different_tiles(self, tmp_path: Path, plots: gpd.GeoDataFrame, name: str) -> None:
        plots.loc[[500, 501, 502, 503], "key"] = plots.key[[3, 4, 5, 6]].to_numpy()
        doubles = sorted(plots.key[[3, 4, 5, 6]])[:3]
        path = tmp_path / name
        plots.to_parquet(path) if name.endswith("parquet") else plots.to_file(path, engine="pyogrio")
        refused(path, DataError, f"“key” contains keys more than once ({', '.join(doubles)}, …)")

    def test_a_key_missing_late_in_the_file(self, tmp_path: Path, plots: gpd.GeoDataFrame) -> None:
        plots.loc[599, "key"] = " "
        plots.to_parquet(path := tmp_path / "plots.parquet", row_group_size=100)
        refused(path, DataError, "Plot no. 600 has no key in column “key”.")

    def test_a_geometry_missing_late_in_the_file(self, tmp_path: Path, plots: gpd.GeoDataFrame) -> None:
        plots.loc[599, "geometry"] = None
        plots.to_parquet(path := tmp_path / "plots.parquet", row_group_size=100)
        refused(path, DataError, f"Plot “{plots.key[599]}” has no geometry.")

    def test_no_reference_system(self, tmp_path: Path, plots: gpd.GeoDataFrame) -> None:
        plots.set_crs(None, allow_override=True).to_parquet(path := tmp_path / "plots.parquet")
        refused(path, DataError, "does not state its coordinate reference system")
        assert streamed(path, 0.1, crs=CRS)
        refused(path, DataError, "lie outside", crs="EPSG:4326")

    def test_a_table(self, tmp_path: Path) -> None:
        pd.DataFrame({"key": ["A"]}).to_parquet(path := tmp_path / "plots.parquet")
        refused(path, DataError, "“plots.parquet” is a Parquet file without the metadata of GeoParquet.")

    def test_another_encoding(self, tmp_path: Path) -> None:
        seven_plots().to_parquet(path := tmp_path / "plots.parquet", geometry_encoding="geoarrow")
        refused(path, DataError, "contains geometries as polygon; expected WKB")

    def test_no_rows(self, tmp_path: Path) -> None:
        seven_plots().iloc[:0].to_parquet(path := tmp_path / "plots.parquet")
        refused(path, DataError, "“plots.parquet” contains no features.")

    @pytest.mark.parametrize("share", [0.5, 0.0])
    def test_cut_off(self, tmp_path: Path, plots: gpd.GeoDataFrame, share: float) -> None:
        plots.to_parquet(path := tmp_path / "plots.parquet")
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
        refused(path, DataError, "“plots.parquet” cannot be read: ")

    def test_damaged_within(self, tmp_path: Path, plots: gpd.GeoDataFrame) -> None:
        plots.to_parquet(path := tmp_path / "plots.parquet", row_group_size=100)
        whole = bytearray(path.read_bytes())
        whole[len(whole) // 3 : len(whole) // 3 + 2000] = b"\xff" * 2000
        path.write_bytes(whole)
        refused(path, DataError, "“plots.parquet” cannot be read: ")

    def test_a_folder_of_different_files(self, tmp_path: Path) -> None:
        (folder := tmp_path / "folder").mkdir()
        seven_plots().to_parquet(folder / "a.parquet")
        seven_plots().to_crs(25833).to_parquet(folder / "b.parquet")
        refused(folder, DataError, "“b.parquet” differs from “a.parquet”")

    @pytest.mark.parametrize("columns", [{"key": range(7)}, {"nr": [*"ABCDEFG"]}])
    def test_a_folder_of_different_keys(self, tmp_path: Path, columns: dict[str, Sequence[object]]) -> None:
        (folder := tmp_path / "folder").mkdir()
        seven_plots().to_parquet(folder / "a.parquet")
        seven_plots().drop(columns="key").assign(**columns).to_parquet(folder / "b.parquet")
        refused(folder, DataError, "“b.parquet” differs from “a.parquet” in column “key”.")

    def test_pages_of_different_keys(self, tmp_path: Path) -> None:
        (folder := tmp_path / "folder").mkdir()
        plots = seven_plots().to_crs(4326)
        plots.to_file(folder / "a.geojson")
        plots.assign(key=range(7)).to_file(folder / "b.geojson")
        refused(folder, DataError, "Column “key” mixes text and numbers as keys.")

    def test_a_folder_without_plots(self, tmp_path: Path) -> None:
        (folder := tmp_path / "folder").mkdir()
        refused(folder, DataError, "is a folder")

    def test_no_such_column(self, tmp_path: Path) -> None:
        seven_plots().assign(street="").to_parquet(path := tmp_path / "plots.parquet")
        refused(path, DataError, "“plots.parquet” has no column “nr”; it has: key, street.", key="nr")

    def test_no_file(self, tmp_path: Path) -> None:
        refused(tmp_path / "plots.parquet", NotFoundError, "There is no file")

    def test_a_foreign_folder_in_the_way(self, tmp_path: Path) -> None:
        seven_plots().to_parquet(path := tmp_path / "plots.parquet")
        (tmp_path / "pairs.csv.parts").mkdir()
        (tmp_path / "pairs.csv.parts" / "diary.txt").write_text("mine")
        refused(path, InputError, "pairs.csv.parts” is in the way")
        assert (tmp_path / "pairs.csv.parts" / "diary.txt").read_text() == "mine"


def test_rows_name_plots_without_keys_by_their_number(tmp_path: Path) -> None:
    plots = seven_plots().rename(columns={"key": "owner"})
    (folder := tmp_path / "folder").mkdir()
    plots.iloc[:3].to_parquet(folder / "a.parquet")
    plots.iloc[3:].to_parquet(folder / "b.parquet")
    rows = rows_of(streamed(folder, 0.002))
    named = [
        (plots.owner[focal], plots.owner[neighbor])
        for focal, neighbor in zip(rows.focal, rows.neighbor, strict=True)
    ]
    expected = rows_of_seven(tmp_path)
    assert {frozenset(pair) for pair in named} == expected


def rows_of_seven(folder: Path) -> set[frozenset[str]]:
    seven_plots().to_parquet(path := folder / "seven.parquet")
    rows = rows_of(streamed(path))
    return {frozenset(pair) for pair in zip(rows.focal, rows.neighbor, strict=True)}


def test_geoparquet_without_a_word_about_its_crs_means_degrees(tmp_path: Path) -> None:
    path = tmp_path / "plots.parquet"
    seven_plots().to_crs("OGC:CRS84").to_parquet(path)
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    del geo["columns"]["geometry"]["crs"]
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo)}), path)
    assert len(rows_of(streamed(path))) == 9
