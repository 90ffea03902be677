"""Import: what would lie on something stored under another key is refused, unless that is accepted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Polygon
from sqlalchemy import Connection, text

from app.db.companies.companies import companies_on
from app.db.features.readers import frame_on
from app.db.land.overlaps import overlaps
from app.db.land.plots import plots_on
from app.db.versions import StoreOptions, Tally
from app.domain.crs import STORAGE_CRS
from app.domain.frames import CONTRACTS
from app.errors import ConflictError
from app.services.features.importing import store_all_plots, store_collection
from app.services.land.foreign_plots import ImportOptions, read_foreign_plots
from tests.db.good_frames import company, plot
from tests.scenes import placed, rectangle
from tests.stored import store_park

DAY = date(2024, 1, 1)


@pytest.fixture
def park(connection: Connection) -> Connection:
    """A connection to a database that holds one park, “park”, with the plot A of 50 by 50 m."""
    store_park(connection)
    store_collection(connection, "plots", plot())
    return connection


def keys_of(connection: Connection) -> set[str]:
    return set(plots_on(connection, None)["key"])


@pytest.mark.parametrize(
    "boundary",
    [
        rectangle(10, 10, 20, 20),
        rectangle(0, 0, 50, 50),
        rectangle(-9, 0, 0.3, 50),
        rectangle(-9, -9, 60, 60),
    ],
)
def test_a_new_plot_on_a_stored_one_is_named(park: Connection, boundary: Polygon) -> None:
    with pytest.raises(ConflictError) as told, park.begin_nested():
        store_collection(park, "plots", plot(boundary, key="B"))
    assert "B – A" in str(told.value)
    assert "--complete" in str(told.value)
    assert keys_of(park) == {"A"}
    assert (
        store_collection(park, "plots", plot(boundary, key="B"), StoreOptions(accepts_overlaps=True)).n_new
        == 1
    )
    # What overlaps already may be delivered again.
    assert store_collection(park, "plots", plot(boundary, key="B")) == Tally(n_unchanged=1)
    assert (
        store_collection(park, "plots", plot(boundary, key="B", label="b"), StoreOptions(DAY)).n_changed == 1
    )


def test_a_boundary_that_grows_onto_another_is_named(park: Connection) -> None:
    store_collection(park, "plots", plot(rectangle(50, 0, 90, 50), key="B"))
    for left in (49.95, 45, 20):  # within the tolerance; then over it, more and more
        grown = plot(rectangle(left, 0, 90, 50), key="B")
        if left > 49:
            assert store_collection(park, "plots", grown, StoreOptions(DAY)).n_changed == 1
            continue
        with pytest.raises(ConflictError, match="B – A"), park.begin_nested():
            store_collection(park, "plots", grown, StoreOptions(date(2024, 2, 1)))
    some = plot(rectangle(45, 0, 90, 50), key="B")
    store_collection(park, "plots", some, StoreOptions(date(2024, 2, 1), accepts_overlaps=True))
    with pytest.raises(ConflictError, match="B – A"):
        store_collection(
            park, "plots", plot(rectangle(20, 0, 90, 50), key="B"), StoreOptions(date(2024, 3, 1))
        )


def test_days_edges_and_the_files_own_overlaps_are_no_matter(park: Connection) -> None:
    beside = plot(rectangle(50, 0, 90, 50), key="B")
    assert store_collection(park, "plots", beside).n_new == 1
    park.execute(text("UPDATE plot_version SET valid = daterange(NULL, '2020-01-01') WHERE label IS NULL"))
    later = plot(rectangle(0, 0, 30, 30), key="C", valid_from=date(2020, 1, 1))
    twins = pd.concat([later, plot(rectangle(10, 0, 40, 30), key="D", valid_from=date(2020, 1, 1))])
    assert store_collection(park, "plots", twins).n_new == 2


def test_pairs_are_those_of_shapely(park: Connection) -> None:
    boxes = {
        f"P{x}{y}": rectangle(x * 30, y * 30, x * 30 + 30 + 0.07 * x, y * 30 + 30 + 3 * (y % 2))
        for x in range(4)
        for y in range(4)
    }
    for key, boundary in boxes.items():
        store_collection(park, "plots", plot(boundary, key=key), StoreOptions(accepts_overlaps=True))
    asked = sorted(boxes)[::3]
    boundaries = boxes | {"A": rectangle(0, 0, 50, 50)}
    expected = {
        (one, other): (boundaries[one] & boundaries[other]).area
        for one in asked
        for other in boundaries.keys() - set(asked)
        if not (boundaries[one] & boundaries[other]).buffer(-0.05).is_empty
    }
    assert len(expected) > 5
    assert overlaps(park, "plots", asked) == pytest.approx(expected)


def test_a_complete_file_on_another_parks_plot(park: Connection, tmp_path: Path) -> None:
    store_park(park, "other")
    file = tmp_path / "new.gpkg"
    frame = gpd.GeoDataFrame({"nr": ["9"]}, geometry=[rectangle(20, 0, 90, 50)], crs=STORAGE_CRS)
    frame.to_file(file, driver="GPKG")
    read = read_foreign_plots(park, file, ImportOptions("nr", "other", "new"), DAY)
    with pytest.raises(ConflictError, match=r"9 – A\.") as told, park.begin_nested():
        store_all_plots(park, read, DAY, [])
    assert "--complete" not in str(told.value)
    assert store_all_plots(park, read, DAY, [], accepts_overlaps=True)[0].n_new == 1


def test_a_firm_a_facility_a_way_a_park_twice_at_one_spot(loaded_connection: Connection) -> None:
    for name in ("companies", "facilities", "walkways", "parks"):
        stored = frame_on(loaded_connection, name, date(2024, 4, 24))
        again = stored.iloc[[0]].assign(key="again")
        if name == "companies":
            again = again.assign(company="again")
        with pytest.raises(ConflictError, match=f"^{name}.*again – "), loaded_connection.begin_nested():
            store_collection(loaded_connection, name, again)
        way = StoreOptions(accepts_overlaps=True)
        assert store_collection(loaded_connection, name, again, way) == Tally(n_new=1), name


def test_firms_in_one_house_and_crossing_ways_are_usual(park: Connection) -> None:
    store_collection(park, "companies", company(plot="A"))
    other = company(plot="A", key="d-a", company="d", name="D")
    assert store_collection(park, "companies", other).n_new == 1
    way = {**dict.fromkeys(CONTRACTS["walkways"].columns), "kind": "footway", "access": "public"}
    for key, line in {
        "w1": [(0, 0), (100, 0)],
        "w2": [(50, -50), (50, 50)],
        "w3": [(100, 0), (150, 0)],
        "w4": [(0, 0), (100, 4)],
    }.items():
        row = gpd.GeoDataFrame([{**way, "key": key}], geometry=[placed(LineString(line))], crs=STORAGE_CRS)
        assert store_collection(park, "walkways", row).n_new == 1, key
    half = gpd.GeoDataFrame(
        [{**way, "key": "w5"}], geometry=[placed(LineString([(0, 0), (40, 0)]))], crs=STORAGE_CRS
    )
    with pytest.raises(ConflictError, match="w5 – w1"):
        store_collection(park, "walkways", half)
    assert len(companies_on(park, None)) == 2
