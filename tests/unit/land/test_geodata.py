"""The shipped data: complete, marked as what they are, and in agreement with each other."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from app.exchange.collections.dataset import COLLECTIONS, Dataset, read_dataset

SHIPPED = Path(__file__).parents[3] / "geodata" / "heinenkamp"
ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


@pytest.fixture(scope="module")
def data() -> Dataset:
    return read_dataset(SHIPPED)


@pytest.fixture(scope="module")
def plots(data: Dataset) -> gpd.GeoDataFrame:
    return data.frames["plots"]


def test_the_collections_have_their_rows(data: Dataset) -> None:
    counts = {name: (len(frame), frame["key"].nunique()) for name, frame in data.frames.items()}
    assert counts == {
        "parks": (2, 2),
        "plots": (91, 87),
        "companies": (40, 40),
        "facilities": (8, 8),
        "walkways": (303, 303),
        "footprints": (152, 152),
    }


@pytest.mark.parametrize("name", [contract.name for contract in COLLECTIONS])
def test_every_file_carries_licence_and_attribution(name: str) -> None:
    document = json.loads((SHIPPED / f"{name}.geojson").read_text("utf-8"))
    assert document["licence"] == "ODbL 1.0"
    assert document["attribution"] == ATTRIBUTION
    assert "crs" not in document


def test_the_readmes_carry_the_notice() -> None:
    for readme in (SHIPPED / "README.md", SHIPPED.parent / "README.md"):
        told = readme.read_text("utf-8")
        assert "© OpenStreetMap contributors" in told
        assert "ODbL 1.0" in told


def test_sizes_are_those_published(data: Dataset) -> None:
    areas = dict(zip(data.frames["parks"]["key"], data.frames["parks"].area, strict=True))
    assert areas["heinenkamp-2"] == pytest.approx(399_900, rel=1e-3)
    walkways = data.frames["walkways"]
    assert walkways.length.sum() == pytest.approx(29_000, rel=0.02)


def test_plots_are_schematic_and_lie_in_their_park(data: Dataset, plots: gpd.GeoDataFrame) -> None:
    assert set(plots["quality"]) == {"schematic"}
    assert plots["parcel_number"].isna().all()
    assert plots["official_area_m2"].isna().all()
    outlines = data.frames["parks"].set_index("key").geometry.buffer(1.0)
    assert plots.geometry.within(outlines.loc[plots["park"]].reset_index(drop=True)).all()


def test_versions_of_a_plot_follow_without_a_gap(plots: gpd.GeoDataFrame) -> None:
    for key, versions in plots.groupby("key"):
        told = list(zip(versions["valid_from"], versions["valid_to"], versions["use_status"], strict=True))
        if len(told) == 1:
            assert told[0][:2] == (None, None), key
            continue
        (first, end, before), (start, last, after) = told
        assert (first, last) == (None, None)
        assert end == start
        assert before == "unknown"
        assert after in {"occupied", "facility"}
        assert versions.geometry.iloc[0].equals_exact(versions.geometry.iloc[1], 0)


def test_a_plot_is_occupied_since_its_first_company(data: Dataset, plots: gpd.GeoDataFrame) -> None:
    companies = data.frames["companies"]
    used = companies[companies["plot"].notna()]
    starts = used.groupby("plot")["valid_from"].agg(lambda days: None if days.isna().any() else min(days))
    occupied = plots[plots["use_status"] == "occupied"].set_index("key")["valid_from"]
    assert occupied.to_dict() == starts.to_dict()


def test_located_companies_lie_on_their_plot_and_the_others_have_none(
    data: Dataset, plots: gpd.GeoDataFrame
) -> None:
    companies = data.frames["companies"]
    located = companies["location_quality"] == "mapped"
    assert (located == companies["plot"].notna()).all()
    assert set(companies["location_quality"]) == {"mapped", "street"}
    boundaries = plots.drop_duplicates("key").set_index("key").geometry
    there = boundaries.loc[companies.loc[located, "plot"]].reset_index(drop=True)
    points = companies.loc[located].geometry.reset_index(drop=True)
    assert (shapely.distance(points.array, there.array) < 1.0).all()


def row(frame: gpd.GeoDataFrame, key: str) -> dict[str, Any]:
    return dict(frame.set_index("key").loc[key])


def test_what_is_known_of_days_is_told_as_exactly_as_it_is_known(data: Dataset) -> None:
    companies = data.frames["companies"]
    unknown = companies["starts_precision"] == "unknown"
    assert (unknown == companies["valid_from"].isna()).all()
    told = {key: row(companies, key) for key in companies["key"]}
    assert told["real-brandgehaege-9"]["valid_to"] == date(2021, 7, 25)
    assert told["kaufland-brandgehaege-9"]["valid_from"] == date(2021, 11, 18)
    assert told["kaufland-brandgehaege-9"]["starts_precision"] == "day"
    assert told["obi-heinenkamp-8"]["valid_to"] == told["hagebaumarkt-heinenkamp-8"]["valid_from"]
    assert told["hagebaumarkt-heinenkamp-8"]["starts_precision"] == "year"
    assert told["es-tec-gmbh-lehmkuhlenfeld-1"]["starts_precision"] == "month"
    assert told["formel-d-gmbh-heinenkamp-2"]["note"].startswith("Ansiedlung vor April 2024")


def test_one_company_has_two_places_and_three_are_one_group(data: Dataset) -> None:
    companies = data.frames["companies"]
    assert companies.loc[companies["company"] == "es-tec-gmbh", "park"].tolist() == [
        "heinenkamp-1",
        "heinenkamp-2",
    ]
    group = companies[companies["group_name"] == "ES-Tec-Gruppe"]
    assert set(group["name"]) == {"ES-Tec GmbH", "GE-T GmbH", "CUBOS"}
    assert len(set(group.loc[group["house_number"] == "16", "geometry"])) == 1


def test_the_truck_parking_is_told_in_full(data: Dataset) -> None:
    parking = row(data.frames["facilities"], "truck-parking")
    assert (parking["capacity"], parking["capacity_reserve"]) == (42, 8)
    assert parking["valid_from"] == date(2023, 9, 26)
    assert parking["plot"] == "HK2-026"
    assert parking["security_level"] == "EU Platin"
    assert parking["location_quality"] == "schematic"
    assert parking["amenities"].split("; ")[0] == "Duschen"
    assert parking["geometry"].geom_type == "Polygon"


def test_no_attendance_is_made_up(data: Dataset) -> None:
    assert [meeting["held_on"] for meeting in data.meetings] == [date(2024, 4, 11), date(2024, 4, 24)]
    roles = [part for meeting in data.meetings for part in meeting["participations"]]
    assert roles == [{"company": "es-tec-gmbh", "role": "hosted"}]


def test_every_source_is_listed_and_used(data: Dataset) -> None:
    listed = {source["title"] for source in data.sources}
    used = {title for frame in data.frames.values() for title in frame["source"]}
    used |= {row["source"] for row in (*data.successions, *data.meetings, *data.tours)}
    assert used - {None} == listed
    assert {s["attribution"] for s in data.sources if s["licence"]} == {ATTRIBUTION}


def test_lists_are_plain_utf8() -> None:
    for path in SHIPPED.iterdir():
        assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert b"\r" not in path.read_bytes()
    with (SHIPPED / "successions.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == 3
