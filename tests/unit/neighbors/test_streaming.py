"""Streaming gives what computing in memory gives, bit by bit, by whatever means and from whatever file."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
import shapely.affinity
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.adjacency import PlotArrays, Tolerances, typed_neighbors, typed_pairs_of_arrays
from app.analysis.repair import repaired
from app.cli.neighbors.compute import compute
from app.domain.kinds import Relation
from app.errors import DataError, InputError
from app.exchange.neighbors.pair_files import COLUMNS, MEASURES
from app.services.land.plot_reading import Reading
from app.services.neighbors.streaming import Streamed, stream_neighbors
from app.services.neighbors.tiled_pairs import NeighborRequest, Resources
from tests.scenes import CRS, EAST, NORTH, plots_frame, rectangle, seven_plots
from tests.unit.adjacency.fabrics import blocks
from tests.unit.neighbors.streamed_pairs import rows_of, streamed

# Room for a few plots, some dozens, a few hundred, all.
LITTLE = [0.004, 0.02, 0.2, 100]


def town(seed: int, n_side: int = 4) -> gpd.GeoDataFrame:
    """Blocks turned and moved by centimetres, a road through all of it, a plot twice, keys without order."""
    rng = np.random.default_rng(seed)
    plots = blocks(seed, n_side)
    turn = np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    shapes = [
        shapely.transform(shape, lambda xy: (xy - [EAST, NORTH]) @ turn.T + rng.uniform(-0.04, 0.04, 2))
        for shape in plots.geometry
    ]
    road = shapely.LineString([(0, 0), (60, 240), (400, 380)]).buffer(3)
    shapes += [road, shapes[0]]
    moved = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy + np.array([EAST, NORTH]))
    keys = [f"plot {n}" for n in rng.permutation(len(moved))]
    return gpd.GeoDataFrame({"key": keys}, geometry=moved, crs=CRS)


def direct(plots: gpd.GeoDataFrame) -> pd.DataFrame:
    """What the engine says of all plots at once."""
    ordered = plots.sort_values("key")
    pairs = typed_pairs_of_arrays(PlotArrays.from_geometries(ordered.geometry.to_numpy()), Tolerances())
    keys = ordered.key.to_numpy()
    measures = {name: getattr(pairs, name) for name in MEASURES}
    relation = [str(tuple(Relation)[code]) for code in pairs.relation]
    return pd.DataFrame({"focal": keys[pairs.a], "neighbor": keys[pairs.b], "relation": relation, **measures})


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 3), st.sampled_from(LITTLE), st.integers(1, 2))
def test_any_tiles_and_threads_give_the_same_bits(
    seed: int, n_side: int, memory_mb: float, n_threads: int
) -> None:
    plots = town(seed, n_side)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plots.fgb"
        plots.to_file(path, engine="pyogrio")
        found = rows_of(streamed(path, memory_mb, n_threads=n_threads))
    pd.testing.assert_frame_equal(found, direct(plots), check_dtype=False, check_exact=True)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city") / "plots.fgb"
    town(7, 12).to_file(path, engine="pyogrio")
    return path


@pytest.fixture(scope="module")
def city_pairs(city: Path) -> bytes:
    return streamed(city)


def test_the_city_has_every_relation(city: Path, city_pairs: bytes) -> None:
    plots = gpd.read_file(city)
    counts = rows_of(city_pairs).relation.value_counts()
    assert len(plots) > 1_000
    assert set(counts.index) == {str(relation) for relation in Relation}
    pd.testing.assert_frame_equal(rows_of(city_pairs), direct(plots), check_dtype=False, check_exact=True)


@pytest.mark.parametrize("memory_mb", LITTLE)
def test_the_bytes_do_not_depend_on_memory(city: Path, city_pairs: bytes, memory_mb: float) -> None:
    assert streamed(city, memory_mb) == city_pairs


@pytest.mark.parametrize("name", ["plots.gpkg", "plots.fgb", "plots.parquet", "folder"])
def test_the_bytes_depend_neither_on_format_nor_on_order(
    tmp_path: Path, city: Path, city_pairs: bytes, name: str
) -> None:
    plots = gpd.read_file(city).sample(frac=1, random_state=3)
    path = tmp_path / name
    if name == "folder":
        for part, rows in enumerate(np.array_split(np.arange(len(plots)), 5)):
            (path / f"part={part}").mkdir(parents=True)
            plots.iloc[rows].to_parquet(path / f"part={part}" / "plots.parquet", row_group_size=100)
    elif name.endswith(".parquet"):
        plots.to_parquet(path, row_group_size=100)
    else:
        plots.to_file(path, engine="pyogrio")
    assert streamed(path, 0.1) == city_pairs


def test_a_format_that_turns_rings_round_changes_no_more_than_rounding(
    tmp_path: Path, city: Path, city_pairs: bytes
) -> None:
    gpd.read_file(city).to_file(path := tmp_path / "plots.shp", engine="pyogrio")
    pd.testing.assert_frame_equal(rows_of(streamed(path, 0.1)), rows_of(city_pairs), rtol=0, atol=1e-8)


def test_degrees_become_metres_before_tiles_are_laid(tmp_path: Path, city: Path) -> None:
    path = tmp_path / "plots.parquet"
    plots = gpd.read_file(city).to_crs(4326)
    plots.to_parquet(path)
    found = streamed(path, 0.1)
    assert found == streamed(path)
    pd.testing.assert_frame_equal(
        rows_of(found), direct(plots.to_crs("EPSG:25832")), check_dtype=False, check_exact=True
    )


def test_csv_has_the_rows_of_parquet_to_the_millimetre(city: Path, city_pairs: bytes) -> None:
    text = io.BytesIO()
    stream_neighbors(NeighborRequest(Reading(city), Tolerances()), Resources(0.1), text)
    rows = rows_of(city_pairs)
    expected = rows.to_csv(index=False, float_format="%.3f", lineterminator="\n")
    assert text.getvalue().decode() == expected


def test_touch_leaves_out_who_is_across(city: Path, city_pairs: bytes) -> None:
    text = io.BytesIO()
    stream_neighbors(NeighborRequest(Reading(city), Tolerances(), "touch"), Resources(0.1), text)
    rows = rows_of(city_pairs)
    touching = rows[rows.relation != "across"]
    assert text.getvalue().decode() == touching.to_csv(index=False, float_format="%.3f", lineterminator="\n")


def test_what_is_told_is_what_was_done(city: Path, city_pairs: bytes, tmp_path: Path) -> None:
    told: list[float] = []
    out = tmp_path / "pairs.parquet"
    done: Streamed = stream_neighbors(
        NeighborRequest(Reading(city), Tolerances()), Resources(0.1), out, report=told.append
    )
    assert (done.plan.column, done.plan.projected_to) == ("key", None)
    assert done.plan.n_plots == len(gpd.read_file(city))
    assert len(done.plan.tiles) > 10
    counts = rows_of(city_pairs).relation.value_counts()
    assert done.n_by_relation == {relation: counts[str(relation)] for relation in Relation}
    assert told == sorted(told)
    assert told[0] >= 0
    assert told[-1] == 1
    metadata = pq.read_metadata(out).metadata
    assert (metadata[b"snap_m"], metadata[b"relations"]) == (b"0.1", b"all")


@pytest.mark.parametrize("keys", [[30, 4, 100, 2, 7, 1, 5], [0.5, 10.0, 2.0, 3.0, 4.0, 5.0, 6.0]])
def test_numbers_are_ordered_as_numbers(tmp_path: Path, keys: list[float]) -> None:
    path = tmp_path / "plots.parquet"
    seven_plots().assign(key=keys).to_parquet(path)
    rows = rows_of(streamed(path, 0.002))
    assert (rows.focal < rows.neighbor).all()
    assert rows.focal.is_monotonic_increasing
    assert len(rows) == 9


def test_the_frames_face_says_the_same(city: Path, city_pairs: bytes) -> None:
    framed = typed_neighbors(gpd.read_file(city), "key")
    pd.testing.assert_frame_equal(
        rows_of(city_pairs), pd.DataFrame(framed[list(COLUMNS)]), check_dtype=False, check_exact=True
    )


class TestCommand:
    """The options of the command."""

    def run(self, *arguments: object) -> Result:
        return CliRunner(env={"LC_ALL": "C.UTF-8"}).invoke(compute, [str(word) for word in arguments])

    def test_parquet_in_little_memory(self, city: Path, city_pairs: bytes, tmp_path: Path) -> None:
        out = tmp_path / "pairs.PARQUET"
        ran = self.run(city, "--out", out, "--memory-mb", 1, "--threads", 1)
        assert ran.exit_code == 0
        assert out.read_bytes() == city_pairs

    def test_touch_with_evidence(self, city: Path, city_pairs: bytes, tmp_path: Path) -> None:
        out = tmp_path / "pairs.gpkg"
        ran = self.run(city, "--out", out, "--relations", "touch")
        rows = rows_of(city_pairs)
        assert len(gpd.read_file(out)) == (rows.relation != "across").sum()
        assert ran.stderr.splitlines()[-1].split(" (")[0].endswith("across 0")

    @pytest.mark.parametrize("name", ["pairs.csv", "pairs.geojson"])
    def test_repaired_plots_are_told(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "plots.gpkg"
        bow_ties = {f"B{n:02}": shapely.affinity.translate(TestRepair.BOW_TIE, 50 * n) for n in range(12)}
        plots_frame(A=rectangle(9, 0, 20, 9), **bow_ties).to_file(path, engine="pyogrio")
        ran = self.run(path, "--out", tmp_path / name, "--repair")
        said = ran.stderr.splitlines()
        assert [line.split(" (")[0] for line in said[1:11]] == [f"Repaired: B{n:02}" for n in range(10)]
        assert said[11] == "... and 2 more repaired"
        assert "edge 1," in said[12]

    @pytest.mark.parametrize("option", [("--cluster", "local"), ("--resume",)])
    def test_evidence_is_not_streamed(self, city: Path, tmp_path: Path, option: tuple[str, ...]) -> None:
        ran = self.run(city, "--out", tmp_path / "pairs.gpkg", *option)
        assert isinstance(ran.exception, InputError)
        assert "are only for --out in .csv or .parquet" in str(ran.exception)
        assert list(tmp_path.iterdir()) == []


class TestRepair:
    """Invalid boundaries are refused by name, or repaired when asked."""

    BOW_TIE = shapely.transform(
        shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]), lambda xy: xy + np.array([EAST, NORTH])
    )

    def test_they_are_repaired_and_named(self, tmp_path: Path) -> None:
        path, out = tmp_path / "plots.gpkg", tmp_path / "pairs.csv"
        plots_frame(A=rectangle(9, 0, 20, 9), B=self.BOW_TIE).to_file(path, engine="pyogrio")
        with pytest.raises(DataError, match="Plot “B” has an invalid boundary: Self-intersection"):
            stream_neighbors(NeighborRequest(Reading(path), Tolerances()), Resources(), out)
        done = stream_neighbors(
            NeighborRequest(Reading(path, is_repaired=True), Tolerances()), Resources(), out
        )
        assert [key for key, _ in done.plan.repaired] == ["B"]
        # The right wing of the bow tie stands on the rectangle with its whole side.
        assert out.read_text().splitlines()[1] == "A,B,edge,9.000,0.000,,"

    def test_areas_stay_and_the_rest_goes(self) -> None:
        spike = shapely.Polygon([(0, 0), (4, 0), (4, 4), (8, 4), (4, 4), (0, 4)])
        flat = shapely.Polygon([(0, 0), (4, 0), (8, 0)])
        whole = shapely.box(0, 0, 1, 1)
        point = shapely.Point(0, 0)
        given_ = np.array([spike, flat, whole, None, point, self.BOW_TIE], dtype=object)
        mended, reasons = repaired(given_)
        assert list(reasons) == [0, 1, 5]
        assert [mended[row].area for row in (0, 1)] == [16, 0]
        assert mended[5].area == pytest.approx(2 * 9 * 4.5 / 2)
        assert shapely.is_valid(mended[[0, 1, 2, 4, 5]]).all()
        assert all(mended[row] is given_[row] for row in (2, 3, 4))

    def test_what_encloses_nothing_is_refused_all_the_same(self, tmp_path: Path) -> None:
        path = tmp_path / "plots.parquet"
        flat = shapely.Polygon([(EAST, NORTH), (EAST + 4, NORTH), (EAST + 8, NORTH)])
        plots_frame(A=rectangle(9, 0, 20, 9), B=flat).to_parquet(path)
        with pytest.raises(DataError, match=r"A repair leaves nothing of plot “B”.*--leave-out-collapsed"):
            streamed(path, is_repaired=True)
