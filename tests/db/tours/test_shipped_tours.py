"""The shipped tours: their sums, their parts, their lengths answered a second time; the prompt."""

from __future__ import annotations

import itertools
import subprocess
import sys
from datetime import date

import networkx as nx
import numpy as np
import pytest
import shapely
from click.testing import CliRunner, Result
from shapely import Point
from sqlalchemy import Connection, text

from app.cli import cli
from app.db.tours.frames import tour_legs_on, tour_stops_on, tours_on
from app.db.tours.records import unplanned
from app.db.versions import Tally
from app.db.walking.walkways import store_walkways, walkways_on
from app.errors import ConflictError, InputError
from app.services.tours.plan_rows import ENGINE
from app.services.tours.shortest_order import order_stops
from app.services.tours.storing import walk_between
from app.services.tours.timetables import tour_plan
from tests.stored import EVER

PARKS = ("heinenkamp-1", "heinenkamp-2")
WALK, ROUND = "rundgang-2024-04-24", "rundgang-heinenkamp-1-brandgehaege"


def test_walkways_come_back_as_stored_and_know_their_park(loaded_connection: Connection) -> None:
    stored = walkways_on(loaded_connection, None)
    assert store_walkways(loaded_connection, stored) == Tally(n_unchanged=303)
    moved = stored.head(1).assign(surface="asphalt", valid_from=date(2026, 1, 1))
    with pytest.raises(ConflictError):
        store_walkways(loaded_connection, moved)
    parks = {park: set(walkways_on(loaded_connection, None, park)["key"]) for park in PARKS}
    statement = text(
        "SELECT w.key FROM walkway w JOIN park_version p ON ST_Distance(w.geometry, p.geometry) = 0"
        " JOIN park ON park.park_id = p.park_id WHERE park.key = :park"
    )
    for park, keys in parks.items():
        assert keys == set(loaded_connection.execute(statement, {"park": park}).scalars())
        assert 0 < len(keys) < 303


def test_the_shipped_tours_and_their_order(loaded_connection: Connection) -> None:
    tours = tours_on(loaded_connection).set_index("key")
    assert tours.index.tolist() == [WALK, ROUND]
    assert tours["time_basis"].tolist() == ["assumed", "assumed"]
    assert tour_stops_on(loaded_connection, tour=WALK)["name"].tolist() == [
        "STURM Isotech", "Lkw-Stellplatz Heinenkamp II", "Bildhauerei Scheer",
    ]  # fmt: skip
    assert tour_plan(loaded_connection, WALK).is_approximate
    order = order_stops(loaded_connection, ROUND)
    assert order.positions == tuple(range(1, 7))
    assert unplanned(loaded_connection, ENGINE, EVER) == []


def test_frames_and_plan_tell_the_same_sums(loaded_connection: Connection) -> None:
    for row in tours_on(loaded_connection).itertuples():
        plan = tour_plan(loaded_connection, row.key)
        legs, stops = (read(loaded_connection, tour=row.key) for read in (tour_legs_on, tour_stops_on))
        for sums in ("length_m", "off_network_m", "walk_min", "dwell_min", "total_min"):
            assert getattr(row, sums) == pytest.approx(getattr(plan, sums))
        assert row.n_stops == len(plan.stops) == len(stops)
        assert legs["length_m"].sum() == pytest.approx(plan.length_m, abs=0.01)
        assert legs["walk_min"].sum() == pytest.approx(plan.walk_min)
        assert legs.geometry.length.tolist() == pytest.approx(legs["length_m"].tolist())
        beside_m = legs["length_m"].sum() - legs["length_m"][legs["is_on_network"].astype(bool)].sum()
        assert beside_m == pytest.approx(plan.off_network_m, abs=0.01)
        assert row.geometry.length == pytest.approx(plan.length_m)
        arrivals = [(stop.arrives_at - plan.starts_at).total_seconds() / 60 for stop in plan.stops]
        assert stops["arrives_min"].tolist() == pytest.approx(arrivals)
        stays_min = (stops["departs_min"] - stops["arrives_min"]).tolist()
        assert stays_min == pytest.approx(stops["dwell_min"].tolist())


def test_parts_follow_each_other_and_keep_to_the_network(loaded_connection: Connection) -> None:
    network = shapely.union_all(walkways_on(loaded_connection, None).geometry.to_numpy()).buffer(0.02)
    for _, parts in tour_legs_on(loaded_connection).groupby(["tour", "position"], sort=False):
        for one, following in itertools.pairwise(parts.geometry):
            assert Point(one.coords[-1]).distance(Point(following.coords[0])) < 1e-6
        for part in parts.itertuples():
            assert network.covers(part.geometry) == part.is_on_network


def test_the_legs_are_as_long_as_networkx_and_postgis_say(loaded_connection: Connection) -> None:
    """Cut the network at the stops in SQL, and let networkx walk it."""
    graph = nx.Graph()
    cut = text(
        "SELECT ST_AsBinary((ST_Dump(ST_Node(ST_Collect(g)))).geom) FROM ("
        "  SELECT geometry AS g FROM walkway UNION ALL"
        "  SELECT (SELECT ST_LongestLine(s.geometry, ST_ClosestPoint(ST_Collect(w.geometry), s.geometry))"
        "          FROM walkway w WHERE w.key = ANY(:served)) FROM tour_stop s) AS cut"
    )
    served = largest_component(loaded_connection)
    for line in shapely.from_wkb(loaded_connection.execute(cut, {"served": served}).scalars().all()):
        ends = [tuple(np.round(xy, 2)) for xy in (line.coords[0], line.coords[-1])]
        if ends[0] != ends[1] and line.length < graph.get_edge_data(*ends, {"weight": np.inf})["weight"]:
            graph.add_edge(*ends, weight=line.length)
    for key in (WALK, ROUND):
        plan = tour_plan(loaded_connection, key)
        stops = tour_stops_on(loaded_connection, tour=key).geometry
        for leg in plan.legs:
            ends = (stops.iloc[position - 1] for position in (leg.position, leg.to_position))
            named = (tuple(np.round(point.coords[0], 2)) for point in ends)
            walked_m = nx.shortest_path_length(graph, *named, weight="weight")
            assert leg.length_m == pytest.approx(walked_m, abs=0.1)


def largest_component(connection: Connection) -> list[str]:
    """Return the keys of the walkways that hang together over most metres, as PostGIS clusters them."""
    statement = text(
        "SELECT array_agg(key) FROM (SELECT key, length_m, ST_ClusterDBSCAN(geometry, 0.01, 1) OVER () AS c"
        " FROM walkway) AS w GROUP BY c ORDER BY sum(length_m) DESC LIMIT 1"
    )
    return connection.execute(statement).scalar_one()


def test_a_walk_between_two_points(loaded_connection: Connection) -> None:
    stops = tour_stops_on(loaded_connection, tour=WALK).geometry
    walk = walk_between(loaded_connection, stops.iloc[0], stops.iloc[1], date(2024, 4, 24))
    assert walk.length_m == pytest.approx(tour_plan(loaded_connection, WALK).legs[0].length_m)


# --- at the prompt ----------------------------------------------------------------------------


def test_tours_at_the_prompt(cli_env: dict[str, str]) -> None:
    def asked(*words: str) -> Result:
        return CliRunner().invoke(cli, ["tour", *words], env=cli_env)

    assert [line.split()[0] for line in asked("list").stdout.splitlines()] == ["Tour", WALK, ROUND]
    shown = asked("show", ROUND).stdout
    assert "ES-Tec GmbH (location approximate)" in shown
    assert "assumed times" in shown
    moved = asked("shift", ROUND, "--minutes", "-30").stdout
    assert moved.strip().endswith("now starts at 13:30, not at 14:00.")
    assert asked("shift", ROUND, "--minutes", "-840").exit_code != 0
    assert "13:30" in asked("list").stdout
    assert asked("plan", "--all").stdout.strip() == "8 legs planned."
    assert asked("plan", WALK, "--shortest").stdout.startswith("Order of stops: 1 2 3;")
    assert "\N{NO-BREAK SPACE}m" in asked("route", "10.72762,52.37315", "10.7320,52.3700").stdout
    for words in (["plan"], ["plan", "--all", "--shortest"], ["route", "10.7,52.3", "here"]):
        assert isinstance(asked(*words).exception, InputError)
    swapped = asked("route", "52.3731,10.72762", "10.7320,52.3700").exception
    assert isinstance(swapped, InputError)
    assert "with the coordinates swapped (10.7276, 52.3731) it would lie at Heinenkamp I" in str(swapped)


def test_an_unknown_tour_at_the_prompt_is_one_sentence(cli_env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "app", "tour", "show", "nowhere"]
    told = subprocess.run(command, env=cli_env, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (4, "")
    assert told.stderr == "There is no tour “nowhere”.\n"
