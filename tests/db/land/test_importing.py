"""Import: a data folder, a file of our own, a file from elsewhere; all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import Polygon
from sqlalchemy import Connection, text

from app.db.companies.companies import companies_on, store_companies
from app.db.companies.successions import successions
from app.db.land.plots import other_keys, plots_on, store_plots
from app.db.versions import StoreOptions, Tally
from app.domain.crs import STORAGE_CRS
from app.domain.feature_query import FeatureQuery, Span
from app.domain.kinds import BoundaryQuality
from app.errors import AppError, ConflictError, NotFoundError
from app.exchange.collections.files import READ, write_file
from app.services.features.exporting import export_dataset, take_out
from app.services.features.importing import (
    import_dataset,
    import_file,
    is_empty,
    load_dataset,
    store_all_plots,
    store_collection,
)
from app.services.land.foreign_plots import ImportOptions, read_foreign_plots
from app.services.neighbors.stored_pairs import rebuild_neighbors
from app.services.setup.first_start import SHIPPED
from tests.db.good_frames import company, plot
from tests.scenes import rectangle
from tests.stored import store_park

DAY = date(2024, 1, 1)


@pytest.fixture
def park(connection: Connection) -> Connection:
    """A connection to a database that holds one park, “park”."""
    store_park(connection)
    return connection


def test_the_shipped_data_are_stored_once(connection: Connection) -> None:
    assert is_empty(connection)
    seen: list[str] = []
    counts = load_dataset(connection, SHIPPED, seen.append)
    assert counts["plots"] == 91
    assert counts["companies"] == 40
    assert seen[0] == "parks"
    assert not is_empty(connection)
    again = import_dataset(connection, SHIPPED)
    assert {name: tally.n_unchanged for name, tally in again.items()} == counts
    assert all(tally.n_new == tally.n_changed == 0 for tally in again.values())


def test_a_folder_comes_back_byte_for_byte(connection: Connection, tmp_path: Path) -> None:
    load_dataset(connection, SHIPPED)
    export_dataset(connection, tmp_path)
    files = {path.name for path in SHIPPED.iterdir()} - {"README.md"}
    assert {path.name for path in tmp_path.iterdir()} == files
    for name in files:
        assert (tmp_path / name).read_bytes() == (SHIPPED / name).read_bytes(), name


def test_on_one_day_there_is_what_there_was(loaded_connection: Connection) -> None:
    def names(on: str) -> set[str]:
        return set(companies_on(loaded_connection, date.fromisoformat(on)).name)

    assert {"real"} == names("2021-01-01") & {"real", "Kaufland"}
    assert {"real"} == names("2021-07-24") & {"real", "Kaufland"}
    assert set() == names("2021-07-25") & {"real", "Kaufland"}
    assert {"Kaufland"} == names("2021-11-18") & {"real", "Kaufland"}
    assert {"Obi"} == names("2016-12-31") & {"Obi", "hagebaumarkt"}
    assert {"hagebaumarkt"} == names("2017-01-01") & {"Obi", "hagebaumarkt"}
    told = [(row["predecessor"], row["successor"], row["kind"]) for row in successions(loaded_connection)]
    assert told == [("obi", "hagebaumarkt", "replacement"), ("real", "kaufland", "replacement")]

    def use(key: str, on: str) -> str:
        frame = plots_on(loaded_connection, date.fromisoformat(on)).set_index("key")
        return str(frame.loc[key, "use_status"])

    assert [use("HK2-026", day) for day in ("2023-09-25", "2023-09-26")] == ["unknown", "facility"]
    assert [use("HK1-001", day) for day in ("2021-08-01", "2022-01-01")] == ["occupied", "occupied"]


Spoil = Callable[[Path], object]


def without(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def replaced(name: str, old: str, new: str) -> Spoil:
    def spoil(folder: Path) -> None:
        before = (folder / name).read_text("utf-8")
        assert old in before
        (folder / name).write_text(before.replace(old, new), "utf-8")

    return spoil


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (without("plots.geojson"), "There is no file .*plots.geojson"),
        (replaced("plots.geojson", '"HK1-003"', '"HK1-002"'), "HK1-002 .* conflicts with"),
        (replaced("companies.geojson", '"plot":"HK1-024"', '"plot":"HK9-999"'), "plot “HK9-999”"),
        (replaced("facilities.geojson", '"capacity":42', '"capacity":42.5'), "capacity: “42.5”"),
        (replaced("successions.csv", "2021-11-18", "2021-11-31"), "successions.csv, row 3, happened_on"),
        (replaced("successions.csv", "real,kaufland", "real,nobody"), "“nobody”"),
        (replaced("successions.csv", "replacement", "end"), "succession: .* ck_succession_kind"),
        (replaced("sources.csv", "title,url", "titel,url"), "sources.csv must begin with the columns title"),
        (replaced("meetings.json", '"es-tec-gmbh"', '"nobody"'), "“nobody”"),
        (replaced("meetings.json", '"held_on"', '"held"'), "held_on is missing"),
        (replaced("meetings.json", '"hosted"', '"slept"'), "participations: expected a list"),
        (replaced("tours.json", '"park"', '"area"'), "tours.json, row 1 .*: park is missing"),
        (replaced("tours.json", "[", "{"), "tours.json is not a JSON list"),
        (replaced("tours.json", '"truck-parking"', '"bar"'), "bar"),
    ],
)
def test_a_spoilt_folder_is_refused_in_one_sentence(
    connection: Connection, tmp_path: Path, spoil: Spoil, told: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(SHIPPED, folder)
    spoil(folder)
    with pytest.raises(AppError, match=told) as refusal:
        load_dataset(connection, folder)
    assert "\n" not in str(refusal.value)
    with pytest.raises(NotFoundError, match="no folder"):
        load_dataset(connection, tmp_path / "nowhere")


@pytest.mark.parametrize("form", READ)
@pytest.mark.parametrize("name", ["parks", "plots", "companies", "facilities", "walkways", "footprints"])
def test_an_export_is_known_again(
    loaded_connection: Connection, tmp_path: Path, name: str, form: str
) -> None:
    export = take_out(loaded_connection, FeatureQuery(name))
    out = tmp_path / f"{name}.{form}"
    write_file(out, form, export)
    assert import_file(loaded_connection, name, out) == Tally(n_unchanged=export.n_rows())


def test_a_files_notices_come_with_its_sources(
    connection: Connection, loaded_connection: Connection, tmp_path: Path
) -> None:
    out = tmp_path / "parks.geojson"
    write_file(out, "geojson", take_out(loaded_connection, FeatureQuery("parks", Span.on(date(2024, 4, 24)))))
    import_file(connection, "parks", out)
    rows = connection.execute(text("SELECT licence, attribution FROM source")).all()
    assert [tuple(row) for row in rows] == [("ODbL 1.0", "© OpenStreetMap contributors, ODbL 1.0")]


def foreign(folder: Path) -> Path:
    """Write two parcels of 2,000 m² side by side."""
    boundaries = [rectangle(0, 0, 40, 50), rectangle(40, 0, 80, 50)]
    columns = {"flstkennz": ["03_1", "03_2"], "nummer": ["12/3", None], "flaeche": [2001.0, np.nan]}
    gpd.GeoDataFrame(columns, geometry=boundaries, crs=STORAGE_CRS).to_file(
        folder / "parcels.gpkg", driver="GPKG"
    )
    return folder / "parcels.gpkg"


def test_parcels_from_elsewhere_are_stored(park: Connection, tmp_path: Path) -> None:
    reading = ImportOptions(
        key="flstkennz", park="park", source="ALKIS", parcel_number="nummer", official_area="flaeche"
    )
    frame = read_foreign_plots(park, foreign(tmp_path), reading, None)
    assert store_collection(park, "plots", frame) == Tally(n_new=2)
    stored = plots_on(park, None).astype(object).where(lambda f: f.notna(), None)
    assert stored[
        ["key", "parcel_number", "official_area_m2", "use_status", "quality", "source"]
    ].to_numpy().tolist() == [
        ["03_1", "12/3", 2001.0, "unknown", "schematic", "ALKIS"],
        ["03_2", None, None, "unknown", "schematic", "ALKIS"],
    ]
    assert store_collection(park, "plots", frame) == Tally(n_unchanged=2)
    assert other_keys(park, "park", DAY, ["03_1"]) == ["03_2"]


def test_a_new_boundary_keeps_what_its_file_does_not_tell(park: Connection, tmp_path: Path) -> None:
    told = {"key": "03_1", "use_status": "occupied", "street": "Weg", "official_area_m2": 2000.0}
    store_plots(park, plot(**told))
    reading = ImportOptions(key="flstkennz", park="park", source="ALKIS")
    frame = read_foreign_plots(park, foreign(tmp_path), reading, DAY)
    assert store_collection(park, "plots", frame, StoreOptions(DAY)) == Tally(n_new=1, n_changed=1)
    row = plots_on(park, DAY).set_index("key").loc["03_1"]
    assert row[["use_status", "street", "official_area_m2", "area_m2"]].tolist() == [
        "occupied",
        "Weg",
        2000.0,
        2000.0,
    ]


def test_a_foreign_file_without_its_columns_is_refused(park: Connection, tmp_path: Path) -> None:
    path = foreign(tmp_path)
    for reading, told in (
        (ImportOptions(key="nr", park="park", source="s"), "nr"),
        (ImportOptions(key="nummer", park="park", source="s"), "no key"),
        (ImportOptions(key="flstkennz", park="nowhere", source="s"), "nowhere"),
        (ImportOptions(key="flstkennz", park="park", source="s", parcel_number="nr"), "no column “nr”"),
        (
            ImportOptions(key="flstkennz", park="park", source="s", official_area="nummer"),
            "official_area_m2: “12/3”",
        ),
    ):
        with pytest.raises(AppError, match=told):
            read_foreign_plots(park, path, reading, None)


def delivery(path: Path, **boundaries: Polygon) -> Path:
    frame = gpd.GeoDataFrame({"fsk": list(boundaries)}, geometry=list(boundaries.values()), crs=STORAGE_CRS)
    frame.to_file(path, driver="GPKG")
    return path


def test_the_same_parcels_in_another_file_are_the_same(park: Connection, tmp_path: Path) -> None:
    """Neither the file's name nor a quality that is not told again makes an unchanged parcel a new one."""
    old = delivery(tmp_path / "old.gpkg", S1=rectangle(0, 0, 40, 50), S2=rectangle(40, 0, 80, 50))
    new = delivery(tmp_path / "new.gpkg", S1=rectangle(0, 0, 39, 50), S2=rectangle(40, 0, 80, 50))
    for path, day, quality in ((old, date(2020, 1, 1), BoundaryQuality.CADASTRE), (new, DAY, None)):
        reading = ImportOptions(key="fsk", park="park", source=path.name, quality=quality)
        frame = read_foreign_plots(park, path, reading, day)
        tally = store_collection(park, "plots", frame, StoreOptions(day))
    assert tally == Tally(n_changed=1, n_unchanged=1)
    rows = plots_on(park, None)
    assert rows[["key", "quality"]].to_numpy().tolist() == [
        ["S1", "cadastre"],
        ["S1", "schematic"],
        ["S2", "cadastre"],
    ]


def test_a_file_of_all_of_a_park_ends_what_it_does_not_name(park: Connection, tmp_path: Path) -> None:
    """S10 is divided; S11 stays; who used S10 is told; the neighbors are those of a rebuild."""
    day = date(2020, 1, 1)
    old = delivery(tmp_path / "old.gpkg", S10=rectangle(0, 0, 80, 50), S11=rectangle(80, 0, 99, 50))
    parts = {"S10_1": rectangle(0, 0, 40, 50), "S10_2": rectangle(40, 0, 80, 50)}
    new = delivery(tmp_path / "new.gpkg", **parts, S11=rectangle(80, 0, 99, 50))
    frame = read_foreign_plots(park, old, ImportOptions("fsk", "park", "old"), day)
    store_collection(park, "plots", frame, StoreOptions(day))
    store_companies(park, company(plot="S10"))
    rebuild_neighbors(park)
    frame = read_foreign_plots(park, new, ImportOptions("fsk", "park", "new"), DAY)
    told = store_all_plots(park, frame, DAY, other_keys(park, "park", DAY, frame["key"]))
    assert told == (Tally(n_new=2, n_changed=1, n_unchanged=1), ["c-a"])
    periods = plots_on(park, None).set_index("key")[["valid_from", "valid_to"]]
    assert periods.loc["S10"].tolist() == [day, DAY]
    assert periods.loc["S11"].tolist() == [day, None]
    assert periods.loc["S10_1"].tolist() == periods.loc["S10_2"].tolist() == [DAY, None]
    pairs = "SELECT focal_version_id, neighbor_version_id, relation, valid FROM adjacency ORDER BY 1, 2, 4"
    kept = park.execute(text(pairs)).all()
    rebuild_neighbors(park)
    assert kept
    assert park.execute(text(pairs)).all() == kept
    with pytest.raises(ConflictError, match="S10_1 begins on 2024-01-01"):
        store_all_plots(park, frame.iloc[1:], DAY, ["S10_1"])
