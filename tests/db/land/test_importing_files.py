"""Import of files as the world has them: through the same reading as neighbors are computed from."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection

from app.db.companies.companies import companies_on
from app.db.land.plots import plots_on
from app.db.versions import Tally
from app.domain.crs import STORAGE_CRS, to_wgs84
from app.domain.feature_query import FeatureQuery, Span
from app.errors import AppError
from app.exchange.collections.files import write_file
from app.services.features.exporting import take_out
from app.services.features.importing import import_file, store_collection
from app.services.land.foreign_plots import ImportOptions, read_foreign_plots
from tests.scenes import rectangle
from tests.stored import store_park

ON = date(2024, 4, 24)
CIRCLED = (
    "CURVEPOLYGON (COMPOUNDCURVE ((620000 5805000, 620100 5805000), "
    "CIRCULARSTRING (620100 5805000, 620150 5805050, 620100 5805100), "
    "(620100 5805100, 620000 5805100, 620000 5805000)))"
)
Import = Callable[..., Tally]


@pytest.fixture
def park(connection: Connection) -> Connection:
    """A connection to a database that holds one park, “park”."""
    store_park(connection)
    return connection


@pytest.fixture
def told() -> list[str]:
    """What an import says of the plots."""
    return []


@pytest.fixture
def brought(park: Connection, told: list[str]) -> Import:
    """Import plots of a foreign file."""

    def imported(path: Path, key: str = "key", **reading: Any) -> Tally:
        frame = read_foreign_plots(
            park,
            path,
            ImportOptions(key=key, park="park", source="s", **reading),
            None,
            lambda template, **values: told.append(template % values),
        )
        return store_collection(park, "plots", frame)

    return imported


@pytest.fixture
def taken_out(loaded_connection: Connection, tmp_path: Path) -> Callable[[str, str], Path]:
    """Export a collection as it is on a day."""

    def written(name: str, form: str) -> Path:
        out = tmp_path / f"{name}.{form}"
        write_file(out, form, take_out(loaded_connection, FeatureQuery(name, Span.on(ON))))
        return out

    return written


def stored(park: Connection) -> pd.DataFrame:
    return plots_on(park, None).set_index("key")


def table(path: Path, rows: dict[str, str], encoding: str = "utf-8", **others: list[str]) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", *others, "WKT"])
        writer.writerows(
            [key, *more, wkt] for (key, wkt), *more in zip(rows.items(), *others.values(), strict=True)
        )
    return path


def two(**columns: list[Any]) -> gpd.GeoDataFrame:
    """Two parcels of 2,000 m² side by side."""
    return gpd.GeoDataFrame(
        columns, geometry=[rectangle(0, 0, 40, 50), rectangle(40, 0, 80, 50)], crs=STORAGE_CRS
    )


class TestBoundaries:
    """The same checks and repairs, at the same place, as `neighbors compute`."""

    def test_arcs_become_chords(self, park: Connection, brought: Import, tmp_path: Path) -> None:
        assert brought(table(tmp_path / "p.csv", {"A": CIRCLED}), crs="EPSG:25832") == Tally(n_new=1)
        # A square and half a disc; chords of four degrees take a thousandth of it away.
        assert stored(park).area_m2["A"] == pytest.approx(100**2 + np.pi * 50**2 / 2, rel=1e-3)

    def test_empty_parts_are_dropped(self, park: Connection, brought: Import, tmp_path: Path) -> None:
        wkt = f"MULTIPOLYGON ({rectangle(0, 0, 40, 50).wkt.removeprefix('POLYGON ')}, EMPTY)"
        brought(table(tmp_path / "p.csv", {"A": wkt}), crs="EPSG:25832")
        assert stored(park).area_m2["A"] == 2000

    def test_validity_is_that_in_metres(
        self, park: Connection, brought: Import, told: list[str], tmp_path: Path
    ) -> None:
        west, south = to_wgs84(shapely.Point(620000, 5805000)).coords[0]
        shell = shapely.box(west, south, west + 0.1, south + 0.1).exterior
        hole = [(west + 0.05, south), (west + 0.04, south + 0.02), (west + 0.06, south + 0.02)]
        path = tmp_path / "p.geojson"
        gpd.GeoDataFrame({"key": ["A"]}, geometry=[shapely.Polygon(shell, [hole])], crs=4326).to_file(path)
        assert gpd.read_file(path).is_valid.all()
        with pytest.raises(AppError, match=r"^Plot “A” has an invalid boundary: Self-intersection"):
            brought(path)
        assert brought(path, is_repaired=True) == Tally(n_new=1)
        assert told[0].startswith("Repaired: A (Self-intersection")

    def test_what_collapses_is_told_and_may_be_left_out(
        self, park: Connection, brought: Import, told: list[str], tmp_path: Path
    ) -> None:
        flat = "POLYGON ((620000 5805000, 620009 5805009, 620000 5805000, 620000 5805000))"
        path = table(tmp_path / "p.csv", {"A": rectangle(0, 0, 40, 50).wkt, "B": flat})
        with pytest.raises(AppError, match=r"leaves nothing of plot “B”.*--leave-out-collapsed"):
            brought(path, crs="EPSG:25832", is_repaired=True)
        done = brought(path, crs="EPSG:25832", is_repaired=True, is_without_collapsed=True)
        assert done == Tally(n_new=1)
        assert told[0].startswith("Left out: B (")

    def test_empty_parts_in_a_file_of_our_own_form(
        self, loaded_connection: Connection, taken_out: Callable[[str, str], Path]
    ) -> None:
        path = taken_out("plots", "csv")
        text = path.read_text("utf-8")
        wkt = next(csv.DictReader(text.splitlines()))["geometry"]
        spoilt = f"MULTIPOLYGON ({wkt.removeprefix('POLYGON ')}, EMPTY)"
        path.write_text(text.replace(wkt, spoilt), "utf-8")
        import_file(loaded_connection, "plots", path, ON)
        shapes = plots_on(loaded_connection, ON).geometry
        assert not shapely.is_empty(shapely.get_parts(shapes.to_numpy())).any()

    def test_overlapping_pages(
        self, park: Connection, brought: Import, told: list[str], tmp_path: Path
    ) -> None:
        (tmp_path / "pages").mkdir()
        plots = two(key=["A", "B"])
        plots.to_file(tmp_path / "pages" / "1.gml")
        plots.iloc[1:].to_file(tmp_path / "pages" / "2.gml")
        assert brought(tmp_path / "pages", crs="EPSG:25832") == Tally(n_new=2)
        assert told == ["Rows left out because they repeat a plot: 1"]

    @pytest.mark.parametrize("name", ["p.parquet", "p.gpkg", "p.fgb"])
    def test_any_form_and_rows_that_repeat(
        self, park: Connection, brought: Import, told: list[str], tmp_path: Path, name: str
    ) -> None:
        plots = two(key=["A", "B"], nr=["1", "2"])
        twice = pd.concat([plots, plots.iloc[1:]])
        path = tmp_path / name
        twice.to_parquet(path) if name == "p.parquet" else twice.to_file(path)
        assert brought(path, parcel_number="nr") == Tally(n_new=2)
        assert told == ["Rows left out because they repeat a plot: 1"]

    def test_rows_of_one_key_with_other_attributes_differ(self, brought: Import, tmp_path: Path) -> None:
        plots = two(key=["A", "B"], nr=["1", "2"])
        pd.concat([plots, plots.iloc[1:].assign(nr="3")]).to_file(tmp_path / "p.gpkg")
        with pytest.raises(AppError, match=r"“key” contains keys more than once \(B\)"):
            brought(tmp_path / "p.gpkg", parcel_number="nr")


class TestNumbers:
    """Keys and parcel numbers keep every digit; numbers are read as they were meant, or refused."""

    def test_whole_numbers_with_a_gap(self, park: Connection, brought: Import, tmp_path: Path) -> None:
        frame = two(key=["A", "B"]).to_crs(4326).__geo_interface__
        frame["features"][0]["properties"]["flst"] = 33154001000230005
        frame["features"][1]["properties"]["flst"] = None
        (tmp_path / "p.geojson").write_text(json.dumps(frame))
        brought(tmp_path / "p.geojson", parcel_number="flst")
        assert stored(park).parcel_number["A"] == "33154001000230005"
        assert pd.isna(stored(park).parcel_number["B"])

    @pytest.mark.parametrize(("key", "more"), [("fsk", {}), ("name", {"parcel_number": "fsk"})])
    def test_numbers_that_lost_digits(
        self, brought: Import, tmp_path: Path, key: str, more: dict[str, str]
    ) -> None:
        frame = two(name=["A", "B"]).to_crs(4326).__geo_interface__
        for n, feature in enumerate(frame["features"]):
            feature["properties"]["fsk"] = 33154001000230004001 + n
        (tmp_path / "p.geojson").write_text(json.dumps(frame))
        with pytest.raises(AppError, match="stores column “fsk” as floating-point numbers"):
            brought(tmp_path / "p.geojson", key, **more)

    def test_a_parcel_number_as_key(
        self, park: Connection, brought: Import, told: list[str], tmp_path: Path
    ) -> None:
        path = tmp_path / "p.gpkg"
        two(flst=["12/3", "12/4"]).to_file(path)
        assert brought(path, "flst") == Tally(n_new=2)
        assert stored(park).parcel_number.to_dict() == {"12-3": "12/3", "12-4": "12/4"}
        assert told == ["A “/” in a key is stored as “-”: 12/3 is 12-3"]
        assert brought(path, "flst") == Tally(n_unchanged=2)
        two(flst=["12/3", "12-3"]).to_file(path)
        with pytest.raises(AppError, match="12-3"):
            brought(path, "flst")

    @pytest.mark.parametrize(
        ("given", "wanted"),
        [("2001,5", 2001.5), ("2.001,5", 2001.5), ("2,001.5", 2001.5), ("2001.5", 2001.5), ("0,125", 0.125)],
    )
    def test_decimal_commas(
        self, park: Connection, brought: Import, tmp_path: Path, given: str, wanted: float
    ) -> None:
        path = table(tmp_path / "p.csv", {"A": rectangle(0, 0, 40, 50).wkt}, flaeche=[given])
        brought(path, crs="EPSG:25832", official_area="flaeche")
        assert stored(park).official_area_m2["A"] == wanted

    @pytest.mark.parametrize("given", ["2.001", "2,001", "-12,500"])
    def test_thousands_or_decimals(self, brought: Import, tmp_path: Path, given: str) -> None:
        path = table(tmp_path / "p.csv", {"A": rectangle(0, 0, 40, 50).wkt}, flaeche=[given])
        with pytest.raises(
            AppError, match=f"official_area_m2: “{given}” is ambiguous, thousands or decimals"
        ):
            brought(path, crs="EPSG:25832", official_area="flaeche")

    def test_a_table_in_latin_1(self, park: Connection, brought: Import, tmp_path: Path) -> None:
        path = table(
            tmp_path / "p.csv", {"A": rectangle(0, 0, 40, 50).wkt}, "cp1252", Größe=["2000"], Nr=["Ä 1"]
        )
        brought(path, crs="EPSG:25832", official_area="größe", parcel_number="nr")
        assert stored(park)[["official_area_m2", "parcel_number"]].to_numpy().tolist() == [[2000, "Ä 1"]]


def edited(path: Path, **values: Any) -> str:
    """Change cells of the first row of a workbook; return its key."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    for name, value in values.items():
        sheet.cell(2, names.index(name) + 1).value = value
    book.save(path)
    return str(sheet.cell(2, names.index("key") + 1).value)


class TestTablesWithoutOutlines:
    """A workbook is edited and brought back; what it cannot hold stays as it is stored."""

    def test_an_attribute_from_a_day_on(
        self, loaded_connection: Connection, taken_out: Callable[[str, str], Path]
    ) -> None:
        path = taken_out("plots", "xlsx")
        key = edited(path, label="Neu")
        before = plots_on(loaded_connection, ON).set_index("key")
        done = import_file(loaded_connection, "plots", path, ON)
        assert done == Tally(n_changed=1, n_unchanged=len(before) - 1)
        after = plots_on(loaded_connection, ON).set_index("key")
        assert after.label[key] == "Neu"
        assert after.geometry[key].equals(before.geometry[key])

    def test_whole_numbers_in_a_column_of_texts(
        self, loaded_connection: Connection, taken_out: Callable[[str, str], Path]
    ) -> None:
        path = taken_out("companies", "xlsx")
        key = edited(path, house_number=12)
        import_file(loaded_connection, "companies", path, ON)
        assert companies_on(loaded_connection, ON).set_index("key").house_number[key] == "12"

    def test_what_is_new_needs_an_outline(
        self, loaded_connection: Connection, taken_out: Callable[[str, str], Path]
    ) -> None:
        path = taken_out("plots", "xlsx")
        edited(path, key="HK9-001")
        with pytest.raises(AppError, match=r"HK9-001.*can only change what is already stored"):
            import_file(loaded_connection, "plots", path)

    def test_a_moved_point_is_refused(
        self, loaded_connection: Connection, taken_out: Callable[[str, str], Path]
    ) -> None:
        path = taken_out("plots", "xlsx")
        edited(path, lon=10.0)
        with pytest.raises(AppError, match=r"lon and lat are .* m away from the geometry"):
            import_file(loaded_connection, "plots", path)

    def test_as_a_german_excel_saves_it(
        self, loaded_connection: Connection, taken_out: Callable[[str, str], Path]
    ) -> None:
        """Windows-1252 in place of UTF-8, days as 24.04.2024, and a plain ending."""
        path = taken_out("companies", "excel.csv")
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
        days = [rows[0].index(name) for name in ("valid_from", "valid_to")]
        for row in rows[1:]:
            for day in days:
                row[day] = ".".join(reversed(row[day].split("-"))) if row[day] else ""
        saved = path.with_name("companies.csv")
        with saved.open("w", encoding="cp1252", errors="strict", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows)
        assert import_file(loaded_connection, "companies", saved) == Tally(n_unchanged=len(rows) - 1)

    @pytest.mark.parametrize(("form", "note"), [("shp.zip", "ä" * 200), ("xlsx", "🏭" * 20_000)])
    def test_a_text_too_long_for_the_form(
        self,
        connection: Connection,
        loaded_connection: Connection,
        taken_out: Callable[[str, str], Path],
        form: str,
        note: str,
    ) -> None:
        path = taken_out("companies", "gpkg")
        gpd.read_file(path).iloc[:1].assign(note=note).to_file(path, layer="companies")
        assert import_file(loaded_connection, "companies", path, ON) == Tally(n_changed=1)
        cut = taken_out("companies", form)
        assert import_file(loaded_connection, "companies", cut).n_changed == 0
        with pytest.raises(AppError, match="note: this format cuts long texts off"):
            import_file(connection, "companies", cut)


def test_features_saved_by_another_program(
    loaded_connection: Connection, taken_out: Callable[[str, str], Path]
) -> None:
    """The id of a feature is a property then, as it is a column of a GeoPackage."""
    path = taken_out("companies", "geojson")
    document = json.loads(path.read_text("utf-8"))
    for feature in document["features"]:
        feature["properties"]["id"] = feature.pop("id")
    path.write_text(json.dumps(document), "utf-8")
    done = import_file(loaded_connection, "companies", path)
    assert done == Tally(n_unchanged=len(document["features"]))


class TestPoints:
    """A company lies where its geometry is, or where lon and lat are, and never in two places."""

    def rows(self, path: Path) -> tuple[list[str], list[dict[str, str]]]:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            return list(reader.fieldnames or []), list(reader)

    def save(self, path: Path, names: list[str], rows: list[dict[str, str]]) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)

    def test_lon_and_lat_alone_do(
        self, loaded_connection: Connection, taken_out: Callable[[str, str], Path]
    ) -> None:
        path = taken_out("companies", "csv")
        names, rows = self.rows(path)
        self.save(path, names[:-1], rows)
        assert import_file(loaded_connection, "companies", path) == Tally(n_unchanged=len(rows))

    def test_a_contradiction_is_refused(
        self, loaded_connection: Connection, taken_out: Callable[[str, str], Path]
    ) -> None:
        path = taken_out("companies", "csv")
        names, rows = self.rows(path)
        rows[0]["lon"] = str(float(rows[0]["lon"]) + 0.001)
        self.save(path, names, rows)
        with pytest.raises(AppError, match=r"row 1 .*: lon and lat are 6\d\.\d m away from the geometry"):
            import_file(loaded_connection, "companies", path)

    def test_neither(self, loaded_connection: Connection, taken_out: Callable[[str, str], Path]) -> None:
        path = taken_out("companies", "csv")
        names, rows = self.rows(path)
        self.save(path, names[:-3], rows)
        with pytest.raises(AppError, match="neither a column “geometry” nor “lon” and “lat”"):
            import_file(loaded_connection, "companies", path)
