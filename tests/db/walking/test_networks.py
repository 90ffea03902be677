"""The walk network out of the database: kept while the data stay, snapped to as PostGIS does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, Engine, insert, text

from app.analysis.walking.snapping import MAX_ACCESS_M
from app.analysis.walking.walks import shortest_walks
from app.db.companies.companies import companies_on
from app.db.models import Walkway
from app.services.walking.networks import network_on
from tests.scenes import EAST, NORTH
from tests.stored import days, ewkb

DAY = date(2024, 4, 24)


def store_street(connection: Connection, key: str, *xy: tuple[float, float], **values: object) -> None:
    line = ewkb(shapely.LineString(np.add(xy, (EAST, NORTH))))
    row = {"key": key, "kind": "street", "access": "public", "geometry": line, "valid": days(), **values}
    connection.execute(insert(Walkway).values(row))


def test_a_network_is_made_once_until_the_data_change(connection: Connection) -> None:
    store_street(connection, "a", (0, 0), (100, 0), kerb="raised", surface="gravel")
    once = network_on(connection, DAY)
    assert network_on(connection, DAY) is once
    network = once.network
    assert (network.key.tolist(), network.kerb.tolist()) == (["a"], ["raised"])
    assert network.surface.tolist() == ["gravel"]
    assert once.subgraph() is once.subgraph()
    store_street(connection, "b", (100, 0), (200, 0), access="permission")
    assert network_on(connection, DAY).network.access.tolist() == ["public", "permission"]


def test_days_have_networks_of_their_own(connection: Connection) -> None:
    store_street(connection, "a", (0, 0), (100, 0), valid=days("2024-05-01"))
    assert len(network_on(connection, DAY).network) == 0
    assert len(network_on(connection, date(2024, 5, 1)).network) == 1


def test_threads_share_one_network(loaded_engine: Engine) -> None:
    def found(_: int) -> int:
        with loaded_engine.connect() as connection:
            return id(network_on(connection, DAY))

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(found, range(12)))) == 1


NEAREST = """
SELECT w.key, ST_Distance(w.geometry, p.point) AS access_m,
       ST_LineLocatePoint(w.geometry, p.point) * w.length_m AS measure_m
FROM (SELECT ST_GeomFromWKB(:point, 25832) AS point) p, walkway w
WHERE w.valid @> CAST(:on AS date) AND w.access = 'public' AND w.key = ANY(:keys)
ORDER BY access_m, w.key LIMIT 1
"""


def test_companies_snap_to_where_postgis_finds_the_nearest_point(loaded_connection: Connection) -> None:
    cached = network_on(loaded_connection, DAY)
    network = cached.network
    places = companies_on(loaded_connection, DAY).geometry.to_numpy()
    assert len(places) > 20
    found = shortest_walks(cached.subgraph(), places)
    keys = network.key[found.subgraph.component == found.component].tolist()
    for place, edge, measure_m, access_m in zip(
        places, found.snapped.edge, found.snapped.measure_m, found.snapped.access_m, strict=True
    ):
        values = {"point": shapely.to_wkb(place), "on": DAY, "keys": keys}
        nearest = loaded_connection.execute(text(NEAREST), values).one()
        if nearest.access_m > MAX_ACCESS_M:
            assert edge == -1
            continue
        assert access_m == pytest.approx(nearest.access_m, abs=0.02)
        # At a corner the ends of two edges are equally near; otherwise it is the same edge.
        is_corner = min(measure_m, network.length_m[edge] - measure_m) < 0.05
        assert is_corner or network.key[edge] == nearest.key
        if network.key[edge] == nearest.key:
            assert measure_m == pytest.approx(nearest.measure_m, abs=0.05)
