"""``python -m app import | export | check`` as a person meets them: files, sentences, exit codes."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import Engine, text

from app.cli import main
from app.db.changes import state_of_data
from app.db.engine import make_engine
from app.db.land.plots import plots_on
from app.domain.crs import STORAGE_CRS
from app.services.features.exporting import COLLECTIONS
from app.services.setup.first_start import SHIPPED
from tests.scenes import rectangle

Run = Callable[..., tuple[int, str, str]]
ON = "2024-04-24"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cli_env: dict[str, str]) -> Run:
    """Run a command on a loaded database of the test's own: (exit code, output, messages)."""
    for name, value in cli_env.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["app", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def engine(cli_env: dict[str, str]) -> Iterator[Engine]:
    made = make_engine(cli_env["DATABASE_URL"])
    yield made
    made.dispose()


def state(engine: Engine) -> str:
    with engine.connect() as connection:
        return state_of_data(connection)


def test_every_collection_in_every_format_is_read_by_gdal(run: Run, tmp_path: Path) -> None:
    ogrinfo = shutil.which("ogrinfo")
    for name in COLLECTIONS:
        counts = set()
        for form in ("geojson", "gpkg", "csv"):
            out = tmp_path / f"{name}.{form}"
            assert run("export", name, "--out", out, "--on", ON)[0] == 0
            counts.add(pyogrio.read_info(out)["features"])
            if ogrinfo and form != "csv":
                done = subprocess.run(
                    [ogrinfo, "-so", "-al", out], capture_output=True, text=True, check=True
                )
                assert "ERROR" not in done.stderr
        assert len(counts) == 1, name
        info = pyogrio.read_info(tmp_path / f"{name}.gpkg", layer=name)
        assert info["crs"] == STORAGE_CRS
        assert info["layer_metadata"]["licence"] == "ODbL 1.0"
        assert info["layer_metadata"]["state"] == ON
        assert "© OpenStreetMap contributors, ODbL 1.0" in info["layer_metadata"]["DESCRIPTION"]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_geopackage_has_types_and_the_last_digit(run: Run, tmp_path: Path) -> None:
    run("export", "facilities", "--out", tmp_path / "f.gpkg", "--on", ON)
    run("export", "facilities", "--out", tmp_path / "f.csv", "--on", ON)
    stored = pyogrio.read_dataframe(tmp_path / "f.gpkg")
    types = dict(
        zip(*(pyogrio.read_info(tmp_path / "f.gpkg")[k] for k in ("fields", "ogr_types")), strict=True)
    )
    assert types["valid_from"] == "OFTDate"
    assert types["capacity"] == "OFTInteger"
    assert stored.set_index("key").loc["truck-parking", "capacity"] == 42
    assert stored.set_index("key")["capacity"].isna().sum() == 7
    with (tmp_path / "f.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [
        shapely.from_wkt(row["geometry"]).equals_exact(g, 0)
        for row, g in zip(rows, stored.geometry, strict=True)
    ] == [True] * 8
    assert "lon" not in rows[0]


def test_points_in_a_table_have_degrees(run: Run) -> None:
    code, told, _ = run("export", "companies", "--format", "csv", "--on", ON)
    assert code == 0
    rows = list(csv.DictReader(told.splitlines()))
    points = gpd.GeoSeries.from_wkt([row["geometry"] for row in rows], crs=STORAGE_CRS).to_crs("EPSG:4326")
    degrees = np.array([[float(row["lon"]), float(row["lat"])] for row in rows])
    assert np.abs(shapely.get_coordinates(points) - degrees).max() < 1e-7
    assert {row["key"]: row["wz_code"] for row in rows}["avia-xpress-wolfsacker-4"] == "47.30"


def test_all_of_it_comes_back_from_an_empty_database(
    run: Run, tmp_path: Path, fresh_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    assert run("export", "dataset", "--out", folder)[0] == 0
    history = ("--history", "--format", "geojson", "--out")
    loaded = {name: run("export", name, *history, tmp_path / name)[0] for name in COLLECTIONS}
    assert set(loaded.values()) == {0}
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    code, told, _ = run("import", "dataset", folder)
    assert code == 0, told
    assert "plots: 91 new, 0 changed, 0 unchanged" in told
    for name in COLLECTIONS:
        run("export", name, *history, tmp_path / "again")
        before, after = (json.loads((tmp_path / file).read_text("utf-8")) for file in (name, "again"))
        before.pop("generated_from")
        after.pop("generated_from")
        assert before == after, name
    assert run("check")[:2] == (0, "Everything is in order.\n")


def test_an_import_is_recorded_and_neighbors_follow(run: Run, tmp_path: Path, engine: Engine) -> None:
    out = tmp_path / "plots.geojson"
    run("export", "plots", "--out", out, "--on", ON)
    document = json.loads(out.read_text("utf-8"))
    (moved,) = [f for f in document["features"] if f["id"] == "HK2-001"]
    # Half of the plot: its outline cut in two, the western part kept.
    shape = shapely.from_geojson(json.dumps(moved["geometry"]))
    west, south, east, north = shape.bounds
    half = shapely.set_precision(shape & shapely.box(west, south, (west + east) / 2, north), 1e-7)
    document["features"] = [{**moved, "geometry": json.loads(shapely.to_geojson(half))}]
    out.write_text(json.dumps(document), "utf-8")

    before = state(engine)
    code, _, told = run("import", "plots", out)
    assert code == 5
    assert "HK2-001" in told
    assert state(engine) == before
    assert run("import", "plots", out, "--valid-from", "2025-01-01", "--dry-run")[0] == 0
    assert state(engine) == before
    code, told, _ = run("import", "plots", out, "--valid-from", "2025-01-01")
    assert (code, told) == (0, "plots: 0 new, 1 changed, 0 unchanged\n")
    assert run("check")[0] == 0
    with engine.connect() as connection:
        noted = "FROM audit_entry WHERE table_name = 'plot_version' AND before IS NOT NULL"
        actors = connection.execute(text(f"SELECT DISTINCT actor {noted}")).scalars().all()
    assert len(actors) == 1


def test_parcels_from_elsewhere(run: Run, tmp_path: Path) -> None:
    parcels = tmp_path / "parcels.gpkg"
    frame = gpd.GeoDataFrame({"nr": ["9_1"]}, geometry=[rectangle(0, 0, 40, 50)], crs="EPSG:25832")
    frame.to_crs("EPSG:4326").to_file(parcels, driver="GPKG")
    told = ("import", "plots", parcels, "--key", "nr", "--park", "heinenkamp-1", "--quality", "cadastre")
    code, out, _ = run(*told, "--source", "ALKIS", "--licence", "dl-de/by-2-0", "--attribution", "© LGLN")
    assert code == 0
    assert "48 plots of heinenkamp-1 are not in the file and stay as they are." in out
    assert "plots: 1 new, 0 changed, 0 unchanged" in out
    document = json.loads(run("export", "plots", "--on", ON)[1])
    assert document["licence"] == "ODbL 1.0; dl-de/by-2-0"
    assert document["attribution"] == "© OpenStreetMap contributors, ODbL 1.0; © LGLN"
    (plot,) = [f["properties"] for f in document["features"] if f["id"] == "9_1"]
    assert (plot["quality"], plot["source"]) == ("cadastre", "ALKIS")
    assert plot["area_m2"] == pytest.approx(2000, abs=0.01)


def test_parcels_on_another_datum_are_told_how_they_were_moved(
    run: Run, tmp_path: Path, engine: Engine
) -> None:
    corner = [(3618100, 5805100), (3618400, 5805400), (3618500, 5805300), (3618200, 5805000)]
    parcels = tmp_path / "parcels.gpkg"
    frame = gpd.GeoDataFrame({"nr": ["9_2"]}, geometry=[shapely.Polygon(corner)], crs="EPSG:31467")
    frame.to_file(parcels, driver="GPKG")
    told = ("import", "plots", parcels, "--key", "nr", "--park", "heinenkamp-1", "--accept-accuracy", "3")
    code, out, _ = run(*told, "--accept-overlaps")
    assert code == 0
    assert re.search(r"^Transformed by DHDN to ETRS89 \(\d\).*, accurate to [\d.]+ m$", out, re.MULTILINE)
    before = state(engine)
    code, _, err = run(*told, "--crs", "EPSG:25832")
    assert code == 2
    assert "states EPSG:31467" in err
    assert run("import", "plots", parcels, "--crs", "EPSG:31467")[0] == 2
    assert state(engine) == before


def test_a_way_typed_with_latitude_first(run: Run, engine: Engine) -> None:
    before = state(engine)
    code, _, err = run(
        "walkway", "add", "gate", "--kind", "gate", "--from", "52.3731,10.749", "--to", "52.374,10.749"
    )
    assert code == 2
    assert "“gate” lies" in err
    assert "swapped (10.749, 52.3736)" in err
    assert state(engine) == before


def zeros(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    return path


def test_what_is_wrong_is_told_in_one_sentence_and_changes_nothing(
    run: Run, tmp_path: Path, engine: Engine
) -> None:
    good = tmp_path / "good.gpkg"
    gpd.GeoDataFrame({"nr": [1]}, geometry=[rectangle(0, 0, 9, 9)], crs=STORAGE_CRS).to_file(
        good, driver="GPKG"
    )
    placeless = tmp_path / "placeless.gpkg"
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        gpd.GeoDataFrame({"nr": [1]}, geometry=[rectangle(0, 0, 9, 9)]).to_file(placeless, driver="GPKG")
    empty, text_file = tmp_path / "empty.geojson", tmp_path / "text.csv"
    empty.touch()
    text_file.write_text("no table\nat all\n", "utf-8")
    elsewhere = ("--key", "nr", "--park", "heinenkamp-1")
    before = state(engine)
    for code, told, *arguments in (
        (4, "nothing", "export", "nothing"),
        (2, "2024-02-30", "export", "plots", "--on", "2024-02-30"),
        (4, "nowhere", "export", "plots", "--park", "nowhere"),
        (2, "--history", "export", "plots", "--on", ON, "--history"),
        (2, "plots.docx", "export", "plots", "--out", tmp_path / "plots.docx"),
        (2, "cannot be written", "export", "plots", "--out", tmp_path / "none" / "plots.gpkg"),
        (2, "cannot be written", "export", "plots", "--out", tmp_path / "none" / "plots.csv"),
        (2, "standard output", "export", "plots", "--format", "gpkg"),
        (2, "--out", "export", "dataset"),
        (4, "no folder", "import", "dataset", tmp_path / "none"),
        (4, "no file", "import", "dataset", tmp_path),
        (4, "no file", "import", "plots", tmp_path / "none.geojson"),
        (3, "is empty", "import", "companies", empty),
        (3, "not a table", "import", "companies", text_file),
        (3, "not a GeoPackage with a layer “companies”", "import", "companies", good),
        (3, "not a GeoPackage with a layer “plots”", "import", "plots", zeros(tmp_path / "zeros.gpkg")),
        (3, "not a GeoJSON", "import", "plots", zeros(tmp_path / "zeros.geojson")),
        (3, "not a table", "import", "plots", zeros(tmp_path / "zeros.csv")),
        (3, "zeros.gpkg", "import", "plots", tmp_path / "zeros.gpkg", *elsewhere),
        (2, "both --key COLUMN and --park KEY", "import", "plots", good, "--key", "nr"),
        (4, "nowhere", "import", "plots", good, "--key", "nr", "--park", "nowhere"),
        (3, "no column “id”", "import", "plots", good, "--key", "id", "--park", "heinenkamp-1"),
        (3, "reference system", "import", "plots", placeless, *elsewhere),
        (2, "EPSG:nix", "import", "plots", placeless, *elsewhere, "--crs", "EPSG:nix"),
        (2, "2024-02-30", "import", "plots", good, *elsewhere, "--valid-from", "2024-02-30"),
    ):
        found, out, error = run(*arguments)
        sentences = [line for line in error.splitlines() if not line.startswith("==> ")]
        assert (found, len(sentences), out) == (code, 1, ""), (arguments, error)
        assert told in sentences[0]
    assert state(engine) == before


def test_parcels_are_repaired_left_out_and_named_at_the_prompt(
    run: Run, tmp_path: Path, engine: Engine
) -> None:
    parcels = tmp_path / "parcels.parquet"
    left, bottom, right, top = rectangle(0, 0, 40, 50).bounds
    bow_tie = shapely.Polygon([(left, bottom), (right, top), (right, bottom), (left, top)])
    flat = shapely.Polygon([(right, bottom), (right, top), (right, bottom)])
    columns = {"flst": ["9/1", "9/2", "9/1"]}
    gpd.GeoDataFrame(columns, geometry=[bow_tie, flat, bow_tie], crs=STORAGE_CRS).to_parquet(parcels)
    told = ("import", "plots", parcels, "--key", "flst", "--park", "heinenkamp-1", "--repair")
    before = state(engine)
    code, _, err = run(*told)
    assert code == 3
    assert "A repair leaves nothing of plot “9/2”" in err
    assert run(*told, "--leave-out-collapsed", "--complete", "--valid-from", ON)[0] == 2
    assert state(engine) == before
    code, out, _ = run(*told, "--leave-out-collapsed")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("Repaired: 9/1 (Self-intersection")
    assert lines[1].startswith("Left out: 9/2 (")
    assert lines[2:4] == [
        "Rows left out because they repeat a plot: 1",
        "A “/” in a key is stored as “-”: 9/1 is 9-1",
    ]
    assert "plots: 1 new, 0 changed, 0 unchanged" in out


def test_plots_on_stored_ones_are_named_before_they_are_accepted(
    run: Run, tmp_path: Path, engine: Engine
) -> None:
    with engine.connect() as connection:
        stored = plots_on(connection, date.fromisoformat(ON), "heinenkamp-1").iloc[0]
    file = tmp_path / "part.gpkg"
    half = shapely.box(*stored.geometry.bounds) & stored.geometry
    gpd.GeoDataFrame({"nr": ["77"]}, geometry=[half], crs=STORAGE_CRS).to_file(file, driver="GPKG")
    told = ("import", "plots", file, "--key", "nr", "--park", "heinenkamp-1", "--valid-from", ON)
    before = state(engine)
    code, _, error = run(*told)
    assert (code, f"77 – {stored.key}" in error) == (5, True)
    assert "--complete" in error
    assert run(*told, "--dry-run")[0] == 5
    assert state(engine) == before
    assert run(*told, "--accept-overlaps")[0] == 0
    assert f"{stored.key} and 77 overlap" in run("check")[1]


def test_an_option_for_files_from_elsewhere_is_not_ignored(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "plots.gpkg"
    assert run("export", "plots", "--out", own, "--on", ON)[0] == 0
    for option in (("--complete",), ("--repair",), ("--source", "ALKIS"), ("--quality", "cadastre")):
        code, _, error = run("import", "plots", own, *option)
        assert code == 2, option
        assert "both --key COLUMN and --park KEY" in error


def test_a_full_run_without_a_trace(cli_env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "app", "import", "plots", str(SHIPPED / "README.md")]
    done = subprocess.run(command, env=cli_env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
