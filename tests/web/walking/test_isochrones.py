"""Who reaches a place, over the wire."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from app.analysis.walking.paces import ALONE_M_S
from app.analysis.walking.snapping import entrances
from app.analysis.walking.walks import shortest_walks
from app.db.companies.companies import companies_on
from app.db.land.facilities import facilities_on
from app.domain.crs import to_wgs84
from app.services.walking.networks import network_on

DAY = date(2024, 4, 24)
SHOP = "kaufland-brandgehaege-9"


def answer(client, path: str, status: int = 200) -> dict:
    got = client.get(path)
    assert got.status_code == status, got.text
    assert got.mimetype == "application/json"
    return got.get_json()


def minutes_of_walks(connection, company: str) -> dict[str, float]:
    """Return the minutes to every other company and facility, each by the walks of a tour of two."""
    network = network_on(connection, DAY)
    companies, facilities = companies_on(connection, DAY), facilities_on(connection, DAY)
    shapes = np.array([*companies.geometry, *facilities.geometry], dtype=object)
    keys = [*companies["key"], *facilities["key"]]
    doors = entrances(network.subgraph(), shapes)
    start = doors[keys.index(company)]
    return {
        key: shortest_walks(network.subgraph(), np.array([start, door], dtype=object)).cost_m[0, 1]
        / ALONE_M_S
        / 60
        for key, door in zip(keys, doors, strict=True)
    }


def test_who_is_in_reach_is_who_a_tour_reaches_in_time(client, loaded_connection):
    told = answer(client, f"/api/reach?from=company:kaufland&minutes=5,10&on={DAY}")
    expected = minutes_of_walks(loaded_connection, SHOP)
    near = {key: minutes for key, minutes in expected.items() if minutes <= 10}
    got = {place["key"]: place["minutes"] for place in told["places"]}
    assert set(got) == set(near)
    assert all(near[key] <= got[key] + 1e-6 <= near[key] + 0.1 + 1e-6 for key in got)
    assert got[SHOP] == 0
    assert list(got.values()) == sorted(got.values())
    assert {place["kind"] for place in told["places"]} >= {"company", "bus_stop"}


def test_areas_lie_in_one_another_and_hold_what_is_walked(client, loaded_connection):
    told = answer(client, f"/api/reach?from=company:kaufland&minutes=5,10&on={DAY}")
    large, small = told["areas"]["features"]
    assert (large["properties"], small["properties"]) == ({"minutes": 10}, {"minutes": 5})
    outer, inner = shape(large["geometry"]), shape(small["geometry"])
    assert outer.is_valid
    assert inner.is_valid
    assert outer.buffer(3e-5).covers(inner)
    assert outer.area > inner.area > 0
    door = companies_on(loaded_connection, DAY).set_index("key").geometry[SHOP]
    assert inner.covers(shapely.Point(to_wgs84(door.representative_point())))


def test_the_areas_hold_the_companies_in_the_list_and_no_others(client, loaded_connection):
    companies = companies_on(loaded_connection, DAY)
    doors = dict(zip(companies["key"], to_wgs84(companies.geometry.to_numpy()), strict=True))
    for start in list(doors)[::5]:
        told = answer(client, f"/api/reach?from=company:{start}&minutes=5,10&on={DAY}")
        minutes = {place["key"]: place["minutes"] for place in told["places"]}
        for each in told["areas"]["features"]:
            area, step = shape(each["geometry"]), each["properties"]["minutes"]
            inside = {key for key, door in doors.items() if area.intersects(shapely.Point(door))}
            assert inside == {key for key in doors if minutes.get(key, 99) <= step}


def test_a_point_and_the_place_there_reach_the_same(client, loaded_connection):
    door = companies_on(loaded_connection, DAY).set_index("key").geometry[SHOP]
    lon_lat = to_wgs84(door)
    by_key = answer(client, f"/api/reach?from=company:kaufland&on={DAY}")
    by_point = answer(client, f"/api/reach?from={lon_lat.x},{lon_lat.y}&on={DAY}")
    assert by_point["places"] == by_key["places"]


def test_only_the_park_asked_for(client, loaded_connection):
    told = answer(client, f"/api/reach?from=company:kaufland&minutes=60&on={DAY}&park=heinenkamp-2")
    keys = {place["key"] for place in told["places"] if place["kind"] == "company"}
    assert keys == set(companies_on(loaded_connection, DAY, "heinenkamp-2")["key"])
    assert SHOP not in keys


@pytest.mark.parametrize("kind", ["bus_stop", "truck_parking"])
def test_the_nearest_facility_is_nearer_than_every_other(client, loaded_connection, kind):
    told = answer(client, f"/api/reach/nearest?to={kind}&on={DAY}")
    assert told["to"] == kind
    companies = companies_on(loaded_connection, DAY)
    assert {row["company"]["key"] for row in told["companies"]} == set(companies["key"])
    facilities = facilities_on(loaded_connection, DAY)
    keys = set(facilities.loc[facilities["kind"] == kind, "key"])
    for row in told["companies"][:: max(len(told["companies"]) // 4, 1)]:
        walks = minutes_of_walks(loaded_connection, row["company"]["key"])
        nearest = min(walks[key] for key in keys)
        assert nearest <= row["minutes"] + 1e-6 <= nearest + 0.1 + 1e-6
        assert walks[row["facility"]["key"]] == pytest.approx(nearest)


def test_nobody_has_a_nearest_of_what_is_not_there(client):
    told = answer(client, "/api/reach/nearest?to=truck_parking&on=1990-01-01")
    assert told == {"to": "truck_parking", "companies": []}


def test_on_a_day_with_nobody_there_is_still_an_area(client):
    told = answer(client, "/api/reach?from=10.76,52.38&minutes=5&on=1850-01-01")
    assert told["places"] == []
    (area,) = told["areas"]["features"]
    assert shape(area["geometry"]).area > 0


def test_from_far_off_every_way_nobody_is_reached(client):
    told = answer(client, f"/api/reach?from=10.9,52.5&minutes=60&on={DAY}")
    assert told["places"] == []
    assert len(told["areas"]["features"]) == 1


def test_without_steps_nobody_is_nearer(client):
    plain = answer(client, f"/api/reach/nearest?to=bus_stop&on={DAY}")["companies"]
    wheels = answer(client, f"/api/reach/nearest?to=bus_stop&step_free=1&on={DAY}")["companies"]
    minutes = {row["company"]["key"]: row["minutes"] for row in plain}
    assert all(row["minutes"] >= minutes[row["company"]["key"]] for row in wheels)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?from=", 400),
        ("?from=10.7", 400),
        ("?from=nan,52.3", 400),
        ("?from=10.7,95", 400),
        ("?from=100.7,52.3", 400),
        ("?from=10.7,52.3,1", 400),
        ("?from=kaufland", 400),
        ("?from=plot:HK1-001", 400),
        ("?from=company:", 400),
        ("?from=company:x%00", 400),
        ("?company=kaufland", 400),
        ("?from=company:kaufland&lon=10.7", 400),
        ("?from=company:kaufland&step_free=yes", 400),
        ("?from=company:kaufland&minutes=0", 400),
        ("?from=company:kaufland&minutes=5,nan", 400),
        ("?from=company:kaufland&minutes=1,2,3,4,5,6,7", 400),
        ("?from=company:kaufland&minutes=61", 400),
        ("?from=company:kaufland&minutes=%205", 400),
        ("?from=company:kaufland&minutes=1_0", 400),
        ("?from=company:kaufland&on=%20", 400),
        ("?from=%20company:kaufland", 400),
        ("/nearest?to=bus_stop%20", 400),
        ("?from=company:kaufland&on=2024-02-30", 400),
        ("?from=company:nobody", 404),
        ("?from=facility:nowhere", 404),
        ("?from=company:kaufland&park=nowhere", 404),
        ("/nearest", 400),
        ("/nearest?to=airport", 400),
        ("/nearest?to=bus_stop&park=nowhere", 404),
    ],
)
def test_refusals_are_one_sentence(client, query, status):
    told = answer(client, f"/api/reach{query}", status)
    assert set(told) == {"code", "description", "error"}
    assert told["description"] == told["error"]
    assert told["error"].count(".") >= 1
    assert "Traceback" not in told["error"]


@pytest.mark.parametrize("place", ["10.9,52.45", "10.6,52.3"])
def test_a_place_off_the_network_near_the_parks_is_answered(client, place):
    told = answer(client, f"/api/reach?from={place}&minutes=5&on={DAY}")
    assert told["places"] == []
    assert len(told["areas"]["features"]) == 1


@pytest.mark.parametrize("place", ["-69.9,0", "69.9,89.9", "-69.9,-89.9", "69.9,0", "8.9,0.1"])
def test_a_place_far_from_every_park_is_refused(client, place):
    told = answer(client, f"/api/reach?from={place}&minutes=5&on={DAY}&lang=en", 404)
    assert "km from the nearest business park; expected at most 20 km." in told["error"]


def test_swapped_degrees_are_refused_and_the_swap_offered(client):
    english = answer(client, "/api/reach?from=52.37,10.74&lang=en", 404)["error"]
    assert english.startswith("“52.37,10.74” lies 5,935 km")
    assert "with the coordinates swapped (10.74, 52.37) it would lie at Heinenkamp I" in english
    german = answer(client, "/api/reach?from=52.37,10.74&lang=de", 404)["error"]
    assert (
        "vom nächsten Gewerbegebiet entfernt; mit vertauschten Koordinaten (10.74, 52.37) läge es" in german
    )
