"""Storing rows over time: what is new, what closes an older row, what contradicts."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Polygon, affinity
from sqlalchemy import Connection, text

from app.db.changes import act_as
from app.db.companies.companies import companies_on, store_companies
from app.db.land.plots import plots_on, store_plots
from app.db.versions import StoreOptions, Tally
from app.domain.crs import STORAGE_CRS
from app.domain.frames import PLOTS, empty_frame
from app.errors import ConflictError, DataError, NotFoundError
from app.services.features.importing import store_collection
from tests.db.good_frames import company, plot
from tests.scenes import rectangle
from tests.stored import store_park

NEW, CHANGED, SAME = Tally(n_new=1), Tally(n_changed=1), Tally(n_unchanged=1)
DAY = date(2024, 1, 1)
SHIFTED = rectangle(0, 0, 50, 60)


@pytest.fixture
def park(connection: Connection) -> Connection:
    """A connection to a database that holds one park, “park”."""
    store_park(connection)
    return connection


def periods(connection: Connection) -> list[tuple[date | None, date | None, float]]:
    frame = plots_on(connection, None)
    return list(zip(frame.valid_from, frame.valid_to, frame.area_m2.round(), strict=True))


def test_a_change_closes_what_held_and_opens_what_holds(park: Connection) -> None:
    assert store_plots(park, plot()) == NEW
    assert store_plots(park, plot()) == SAME
    assert store_plots(park, plot(SHIFTED), StoreOptions(DAY)) == CHANGED
    assert periods(park) == [(None, DAY, 2500), (DAY, None, 3000)]
    # Told once more it is there already, on that day and later.
    assert store_plots(park, plot(SHIFTED), StoreOptions(DAY)) == SAME
    assert store_plots(park, plot(SHIFTED), StoreOptions(date(2025, 1, 1))) == SAME


def test_a_contradiction_is_a_conflict(park: Connection) -> None:
    store_plots(park, plot())
    for frame, way, told in (
        (plot(SHIFTED), StoreOptions(), r"A \(all days\)"),
        (plot(label="other"), StoreOptions(), r"A \(all days\)"),
        (plot(valid_from=DAY), StoreOptions(), rf"A \(\[{DAY}, …\)\)"),
    ):
        with pytest.raises(ConflictError, match=rf"{told} conflicts with what is stored \(all days\)"):
            store_plots(park, frame, way)
    store_plots(park, plot(SHIFTED), StoreOptions(DAY))
    with pytest.raises(ConflictError, match="conflicts"):
        store_plots(park, plot(rectangle(0, 0, 9, 9)), StoreOptions(DAY))


def test_two_rows_of_one_file_may_follow_but_not_overlap(park: Connection) -> None:
    follow = pd.concat([plot(valid_to=DAY), plot(SHIFTED, valid_from=DAY)], ignore_index=True)
    assert store_plots(park, gpd.GeoDataFrame(follow, crs=STORAGE_CRS)) == Tally(n_new=2)
    overlap = pd.concat([plot(key="B"), plot(SHIFTED, key="B", valid_from=DAY)], ignore_index=True)
    with pytest.raises(ConflictError, match=r"B \(.*\) conflicts with another row of it"):
        store_plots(park, gpd.GeoDataFrame(overlap, crs=STORAGE_CRS))


def test_an_end_may_be_told_later(park: Connection) -> None:
    store_plots(park, plot(valid_from=DAY))
    ended = date(2025, 1, 1)
    assert store_plots(park, plot(valid_from=DAY, valid_to=ended)) == CHANGED
    assert periods(park) == [(DAY, ended, 2500)]
    follow = pd.concat([plot(key="B"), plot(key="B", valid_to=DAY), plot(SHIFTED, key="B", valid_from=DAY)])
    store_plots(park, gpd.GeoDataFrame(follow.iloc[:1], crs=STORAGE_CRS))
    told = store_plots(park, gpd.GeoDataFrame(follow.iloc[1:], crs=STORAGE_CRS))
    assert told == Tally(n_new=1, n_changed=1)


def test_a_change_within_a_told_period_keeps_its_end(park: Connection) -> None:
    store_plots(park, plot(valid_to=date(2030, 1, 1)))
    store_plots(park, plot(SHIFTED), StoreOptions(DAY))
    assert periods(park) == [(None, DAY, 2500), (DAY, date(2030, 1, 1), 3000)]


def test_the_order_of_corners_is_no_change(park: Connection) -> None:
    store_plots(park, plot())
    square = rectangle(0, 0, 50, 50)
    turned = Polygon(square.exterior.coords[2:-1] + square.exterior.coords[:3])
    assert store_plots(park, plot(turned)) == SAME
    assert store_plots(park, plot(square.reverse())) == SAME
    with pytest.raises(ConflictError):
        store_plots(park, plot(affinity.translate(square, 0.01)))
    # Rounded to the decimals of GeoJSON it is the same boundary.
    moved = affinity.translate(square, 0.0001, 0.0001)
    assert store_plots(park, plot(moved), StoreOptions(is_rounded=True)) == SAME


def test_names_that_are_not_stored_are_told(park: Connection) -> None:
    with pytest.raises(NotFoundError, match="“nowhere”"):
        store_plots(park, plot(park="nowhere"))
    with pytest.raises(NotFoundError, match="c-a lies on the plot “Z”"):
        store_companies(park, company(plot="Z"))
    store_plots(park, plot())
    store_park(park, "other")
    with pytest.raises(ConflictError, match="does not change its park"):
        store_plots(park, plot(park="other"))


def test_the_database_has_the_last_word(park: Connection) -> None:
    with pytest.raises(DataError, match="ck_company_version_wz_is_whole"):
        store_companies(park, company(wz_code="71.12"))


def test_a_firm_is_told_once(park: Connection) -> None:
    two = pd.concat([company(), company(key="c-b", name="D")], ignore_index=True)
    with pytest.raises(DataError, match=r"two rows give different values for name \(“C”, “D”\)"):
        store_companies(park, gpd.GeoDataFrame(two, crs=STORAGE_CRS))
    store_companies(park, company())
    act_as(park, "Erika Muster")
    assert store_companies(park, company(website="https://c.example")) == Tally(n_changed=1, n_unchanged=1)
    assert companies_on(park, None).website.tolist() == ["https://c.example"]
    before = park.execute(text("SELECT before ->> 'website', actor FROM audit_entry")).all()
    assert [tuple(row) for row in before] == [(None, "Erika Muster")]


def test_no_rows_store_nothing(park: Connection) -> None:
    assert store_collection(park, "plots", empty_frame(PLOTS)) == Tally()


def test_where_a_fact_comes_from_is_no_part_of_it(park: Connection) -> None:
    """The same delivery under another name, or a later one that says the same, opens no version."""
    store_collection(park, "plots", plot(source="parcels_old.gpkg"))
    assert store_collection(park, "plots", plot(source="parcels_new.gpkg"), StoreOptions(DAY)) == SAME
    assert store_collection(park, "plots", plot(source="parcels_new.gpkg")) == SAME
    assert periods(park) == [(None, None, 2500)]
    assert plots_on(park, None)["source"].tolist() == ["parcels_old.gpkg"]


def test_a_place_that_is_known_still_is_noted_not_opened_anew(park: Connection) -> None:
    told = {"as_of": "2025-01", "source": "then", "starts_precision": "year", "valid_from": date(2020, 1, 1)}
    store_collection(park, "companies", company(**told))
    later = {**told, "as_of": "2026-05", "source": "now"}
    assert store_collection(park, "companies", company(**later), StoreOptions(DAY)) == CHANGED
    assert store_collection(park, "companies", company(**later), StoreOptions(DAY)) == SAME
    row = companies_on(park, None).iloc[0]
    assert row[["as_of", "source", "starts_precision", "valid_from"]].tolist() == [
        "2026-05",
        "now",
        "year",
        date(2020, 1, 1),
    ]
    assert store_collection(park, "companies", company(**{**later, "as_of": None, "source": None})) == SAME
    exact = {**later, "starts_precision": "day"}
    assert store_collection(park, "companies", company(**exact)) == CHANGED
    assert len(companies_on(park, None)) == 1


def test_a_firm_that_was_told_wrongly_is_corrected(park: Connection) -> None:
    store_companies(park, company(valid_to=DAY))
    assert store_companies(park, company(name="Right", valid_to=DAY)) == Tally(n_changed=1, n_unchanged=1)
    assert companies_on(park, None)["name"].tolist() == ["Right"]
