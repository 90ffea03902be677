"""Real extracts of OpenStreetMap against other answers.

They are looked for in the folder that the environment variable REAL_DATA_DIR names.
"""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pytest
from pyproj import Geod
from shapely import Point

from app.analysis.walking.network import make_network
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import Walks, shortest_walks
from app.domain.crs import to_storage
from app.exchange.osm import read_osm

OSM = Path(os.environ.get("REAL_DATA_DIR", "")) / "osm"
HERRENBERG, GATES = OSM / "herrenberg-minimal.osm.pbf", OSM / "herrenberg-barrier-gates.osm.pbf"
MONACO = OSM / "monaco.osm.gz"

# From, to (latitude, longitude), and metres on foot by the shortest way: facts of GraphHopper's own tests
# (graphhopper/graphhopper on GitHub, createMonacoFoot in RoutingAlgorithmWithOSMTest), on its monaco.osm.gz.
MONACO_FOOT = [
    ((43.730729, 7.421288), (43.727697, 7.419199), 1566),
    ((43.727687, 7.418737), (43.74958, 7.436566), 3438),
    ((43.728677, 7.41016), (43.739213, 7.427806), 2085),
    ((43.733802, 7.413433), (43.739662, 7.424355), 1425),
]


def needs(path: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not path.is_file(), reason=f"REAL_DATA_DIR holds no osm/{path.name}")


def on_level_ground(walkways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return public ways on which the quickest walk is the shortest one."""
    return walkways[walkways["access"] == "public"].assign(kind="street", surface=None)


def on_network_m(walks: Walks, i: int, j: int) -> float:
    """Return the length of a walk without the straight bits to and from the network."""
    return float(walks.length_m[i, j] - walks.snapped.access_m[i] - walks.snapped.access_m[j])


def raw_graph(path: Path, walkways: gpd.GeoDataFrame) -> tuple[nx.Graph, dict[int, Point]]:
    """Return the file's own nodes and the steps between them, of the ways that were read as public.

    Nothing is cut there and nothing joined; a node that not everybody passes is left out.
    """
    keys = {key.split(".")[0] for key in walkways.loc[walkways["access"] == "public", "key"]}
    graph, places, barred = nx.Graph(), dict[int, Point](), set[int]()
    for thing in osmium.FileProcessor(str(path)):
        if isinstance(thing, osmium.osm.Node):
            places[thing.id] = to_storage(Point(thing.location.lon, thing.location.lat))
            if thing.tags.get("access") == "private" or thing.tags.get("foot") == "no":
                barred.add(thing.id)
        elif isinstance(thing, osmium.osm.Way) and f"osm-{thing.id}" in keys:
            for a, b in pairwise(node.ref for node in thing.nodes):
                graph.add_edge(a, b, weight=places[a].distance(places[b]))
    graph.remove_nodes_from(barred)
    return graph, places


@needs(HERRENBERG)
def test_a_real_extract_gives_the_walks_of_its_raw_graph() -> None:
    found = read_osm(HERRENBERG)
    assert (found.tally.n_squares, found.tally.n_gates, found.tally.n_closed) == (14, 3, 3)
    graph, places = raw_graph(HERRENBERG, found.walkways)
    part = sorted(max(nx.connected_components(graph), key=len))
    chosen = [part[i] for i in np.random.default_rng(1).choice(len(part), 25, replace=False)]
    network = make_network(on_level_ground(found.walkways))
    walks = shortest_walks(
        walkable_subgraph(network), np.array([places[one] for one in chosen], dtype=object)
    )
    assert (walks.snapped.access_m < 0.05).all()
    for i, start in enumerate(chosen):
        lengths = nx.single_source_dijkstra_path_length(graph, start, weight="weight")
        for j in range(i):
            assert walks.length_m[i, j] == pytest.approx(lengths[chosen[j]], abs=0.3)


@needs(GATES)
def test_negative_ids_and_gates_on_ways_are_read() -> None:
    """Nobody says of these gates that they are closed to anybody."""
    found = read_osm(GATES)
    assert (found.tally.n_ways, found.tally.n_gates, found.tally.n_lost) == (16, 0, 0)
    assert any(key.startswith("osm--") for key in found.walkways["key"])


@needs(MONACO)
@pytest.mark.parametrize(("start", "end", "published_m"), MONACO_FOOT)
def test_the_published_walks_in_monaco(
    start: tuple[float, float], end: tuple[float, float], published_m: int
) -> None:
    """Squares are walked along their outline, as that engine does."""
    assert monaco_m(start, end) == pytest.approx(published_m, rel=0.005)


@needs(MONACO)
def test_crossing_the_square_before_the_palace_shortens_the_walk_that_starts_there() -> None:
    (start, end, published_m), *others = MONACO_FOOT
    assert monaco_m(start, end, crosses_squares=True) == pytest.approx(1521, abs=1)
    for start, end, published_m in others:
        assert monaco_m(start, end, crosses_squares=True) == pytest.approx(published_m, rel=0.005)


def monaco_m(start: tuple[float, float], end: tuple[float, float], *, crosses_squares: bool = False) -> float:
    walkways = on_level_ground(read_osm(MONACO, crosses_squares=crosses_squares).walkways)
    places = [to_storage(Point(lon, lat)) for lat, lon in (start, end)]
    walks = shortest_walks(walkable_subgraph(make_network(walkways)), np.array(places, dtype=object))
    ellipsoid: float = Geod(ellps="GRS80").inv(start[1], start[0], end[1], end[0])[2]
    # Metres on the map to metres on the ground: Monaco lies off the middle of the map's zone.
    return on_network_m(walks, 0, 1) * ellipsoid / places[0].distance(places[1])
