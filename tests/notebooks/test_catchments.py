"""Notebook 3 against the walks of tours, each between two doors, and areas against PostGIS."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import numpy as np
import pytest
import requests
from sqlalchemy import Connection, text

from app.analysis.walking.cached_network import CachedNetwork
from app.analysis.walking.paces import ALONE_M_S, STEP_FREE_M_S, WalkProfile
from app.analysis.walking.snapping import entrances
from app.analysis.walking.walks import shortest_walks
from app.db.companies.companies import companies_on
from app.db.land.facilities import facilities_on
from app.services.walking.networks import network_on
from tests.notebooks.running import Run
from tests.waiting import LAST_RESORT_S

DAY = date(2024, 4, 24)
PACES_M_S = {"minutes": ALONE_M_S, "minutes_step_free": STEP_FREE_M_S}


def test_walking_catchments(run_notebook, live_server, loaded_connection) -> None:
    run = run_notebook("03_walking_catchments", SERVICE=live_server)
    check_walks(run, loaded_connection)
    check_areas(run, loaded_connection, live_server)
    assert "https://" not in run.value("drawn.get_root().render()")


def walked_min(connection: Connection, pace: str) -> dict[str, dict[str, float]]:
    """Return the minutes from every bus stop and the truck parking to every firm."""
    network = network_on(connection, DAY)
    firms, facilities = companies_on(connection, DAY), facilities_on(connection, DAY)
    facilities = facilities[facilities["kind"] != "fuel"]
    doors, places = (entrances(network.subgraph(), np.asarray(rows.geometry)) for rows in (firms, facilities))
    return {
        place: {
            firm: pair_min(network, there, door, pace) for firm, door in zip(firms["key"], doors, strict=True)
        }
        for place, there in zip(facilities["key"], places, strict=True)
    }


def pair_min(network: CachedNetwork, start, end, pace: str) -> float:
    profile = WalkProfile(is_step_free=pace == "minutes_step_free")
    walks = shortest_walks(network.subgraph(profile), np.array([start, end], dtype=object))
    return float(walks.cost_m[0, 1]) / PACES_M_S[pace] / 60


def check_walks(run: Run, connection: Connection) -> None:
    expected = walked_min(connection, "minutes")
    told = {(row["place"], row["firm"]): row["minutes"] for row in run.rows("walks")}
    near = {(place, firm): t for place, to in expected.items() for firm, t in to.items() if t <= 10}
    assert set(told) == set(near)
    assert all(near[pair] <= told[pair] + 1e-6 <= near[pair] + 0.1 + 2e-6 for pair in near)
    by_place = run.value("by_place[['firms in 5 min', 'firms in 10 min']].T.to_dict()")
    assert by_place == {
        place: {f"firms in {m} min": sum(t <= m for t in to.values()) for m in (5, 10)}
        for place, to in expected.items()
    }
    parking = run.value("list(drivers['firm'])")
    assert set(parking) == {firm for firm, t in expected["truck-parking"].items() if t <= 10}
    check_nearest_stops(run, expected, walked_min(connection, "minutes_step_free"))


def check_nearest_stops(run: Run, on_foot: dict, step_free: dict) -> None:
    stops = [place for place in on_foot if place.startswith("stop-")]
    assert len(stops) == 5
    rows = {row["key"]: row for row in run.rows("stops.reset_index()")}
    for name, minutes in (("minutes", on_foot), ("minutes_step_free", step_free)):
        least = {firm: min(minutes[stop][firm] for stop in stops) for firm in rows}
        assert len(least) == len(on_foot["truck-parking"])
        assert all(least[firm] <= row[name] + 1e-6 <= least[firm] + 0.1 + 2e-6 for firm, row in rows.items())
        column = {"minutes": "on foot", "minutes_step_free": "step-free"}[name]
        classes = Counter(
            "up to 5 min" if t <= 5 else "up to 10 min" if t <= 10 else "more than 10 min"
            for t in least.values()
        )
        assert run.value(f"by_pace['{column}'].to_dict()") == dict(classes)
    assert run.value("by_park.loc['both parks'].tolist()")[:2] == [23, 13]


def check_areas(run: Run, connection: Connection, service: str) -> None:
    area = text("SELECT ST_Area(ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON(:shape), 4326), 25832)) / 10000")
    asked = {"from": "facility:truck-parking", "minutes": "5,10", "on": DAY.isoformat()}
    answer = requests.get(f"{service}api/reach", params=asked, timeout=LAST_RESORT_S).json()
    for feature in answer["areas"]["features"]:
        (found_ha,) = connection.execute(area.bindparams(shape=json.dumps(feature["geometry"]))).one()
        minutes = feature["properties"]["minutes"]
        assert run.value(f"by_place.loc['truck-parking', 'ha in {minutes:.0f} min']") == pytest.approx(
            found_ha, rel=1e-6
        )
