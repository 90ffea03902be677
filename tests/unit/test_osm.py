"""Walk networks from OpenStreetMap: a small extract worked out by hand, real ones against other answers.

The real ones are looked for in the folder that the environment variable REAL_DATA_DIR names.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Geod
from shapely import Point

from app.analysis.walking.network import make_network
from app.analysis.walking.walks import Walks, shortest_walks
from app.cli import main
from app.domain.crs import to_storage
from app.domain.frames import WALKWAYS
from app.errors import DataError, NotFoundError
from app.exchange.geojson import read_features
from app.exchange.osm import read_osm

OSM = Path(os.environ.get("REAL_DATA_DIR", "")) / "osm"
HERRENBERG = OSM / "herrenberg-minimal.osm.pbf"
MONACO = [OSM / name for name in ("monaco.osm.pbf", "monaco.osm.gz", "monaco.osm")]

# From, to (latitude, longitude), and metres on foot by the shortest way: facts of GraphHopper's own tests
# (graphhopper/graphhopper on GitHub, createMonacoFoot in RoutingAlgorithmWithOSMTest), on its monaco.osm.gz.
MONACO_FOOT = [
    ((43.730729, 7.421288), (43.727697, 7.419199), 1566),
    ((43.727687, 7.418737), (43.74958, 7.436566), 3438),
    ((43.728677, 7.41016), (43.739213, 7.427806), 2085),
    ((43.733802, 7.413433), (43.739662, 7.424355), 1425),
]

# Nodes 1 to 9, a ten-thousandth of a degree apart on a grid; what the ways are, says their name.
NODES = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1), 5: (1, -1), 6: (2, 1), 7: (0, 1), 8: (0, 2), 9: (3, 0)}
WAYS: list[tuple[int, list[int], dict[str, str]]] = [
    (10, [1, 2, 3, 9], {"highway": "residential", "name": "Lange Straße", "surface": "asphalt"}),
    (11, [5, 2, 4], {"highway": "steps"}),
    (12, [4, 6], {"highway": "service", "access": "private"}),
    (13, [6, 3], {"highway": "footway", "footway": "crossing"}),
    (14, [4, 7], {"highway": "track", "foot": "yes", "access": "no"}),
    (15, [1, 7], {"highway": "motorway"}),
    (16, [1, 8], {"highway": "cycleway", "foot": "no"}),
    (17, [7, 8], {"building": "wall"}),
]


def extract(folder: Path, ways: list[tuple[int, list[int], dict[str, str]]], name: str = "small.osm") -> Path:
    """Write an extract in the XML of OpenStreetMap."""
    nodes = "".join(
        f'<node id="{i}" version="1" lat="{52.37 + y * 1e-4:.7f}" lon="{10.72 + x * 1e-4:.7f}"/>'
        for i, (x, y) in NODES.items()
    )
    told = "".join(
        f'<way id="{i}" version="1">'
        + "".join(f'<nd ref="{node}"/>' for node in refs)
        + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        + "</way>"
        for i, refs, tags in ways
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{nodes}{told}</osm>'
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["small.osm", "small.osm.gz"])
def test_ways_are_cut_where_they_meet_and_say_what_they_are(tmp_path: Path, name: str) -> None:
    walkways = read_osm(extract(tmp_path, WAYS, name)).set_index("key")
    assert sorted(walkways.index) == [
        *("osm-10.1", "osm-10.2", "osm-10.3", "osm-11.1", "osm-11.2", "osm-12.1", "osm-13.1", "osm-14.1"),
    ]
    assert walkways.loc["osm-10.1", ["kind", "name", "surface", "access"]].tolist() == [
        *("street", "Lange Straße", "asphalt", "public"),
    ]
    assert walkways.loc["osm-11.2", "kind"] == "steps"
    assert walkways.loc["osm-12.1", ["kind", "access"]].tolist() == ["street", "permission"]
    assert walkways.loc["osm-13.1", "kind"] == "crossing"
    assert walkways.loc["osm-14.1", ["kind", "access"]].tolist() == ["path", "public"]
    network = make_network(walkways.reset_index())
    assert (len(network), network.n_nodes) == (8, 8)


def test_an_extract_without_ways_is_empty_and_another_file_is_refused(tmp_path: Path) -> None:
    assert len(read_osm(extract(tmp_path, []))) == 0
    assert len(read_osm(extract(tmp_path, WAYS[-3:]))) == 0
    for name in ("none.osm", "none.osm.gz"):
        with pytest.raises(NotFoundError):
            read_osm(tmp_path / name)
    other = tmp_path / "other.osm"
    other.write_text(json.dumps({"type": "FeatureCollection", "features": []}), encoding="utf-8")
    with pytest.raises(DataError):
        read_osm(other)


def test_the_prompt_makes_a_file_of_walkways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, out = extract(tmp_path, WAYS), tmp_path / "walkways.geojson"
    monkeypatch.setattr(sys, "argv", ["app", "walkway", "read", str(given), "--out", str(out)])
    with pytest.raises(SystemExit) as left:
        main()
    assert not left.value.code
    assert json.loads(out.read_text("utf-8"))["attribution"].startswith("© OpenStreetMap")
    assert sorted(read_features(out, WALKWAYS)["key"]) == sorted(read_osm(given)["key"])


def on_level_ground(walkways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return public ways on which the quickest walk is the shortest one."""
    return walkways[walkways["access"] == "public"].assign(kind="street", surface=None)


def on_network_m(walks: Walks, i: int, j: int) -> float:
    """Return the length of a walk without the straight bits to and from the network."""
    return float(walks.length_m[i, j] - walks.snapped.access_m[i] - walks.snapped.access_m[j])


@pytest.mark.skipif(not HERRENBERG.is_file(), reason=f"REAL_DATA_DIR holds no osm/{HERRENBERG.name}")
def test_a_real_extract_gives_the_walks_of_the_uncut_ways() -> None:
    """In the other graph every vertex of every way is a node: nothing is cut, ways join by coordinates."""
    walkways = on_level_ground(read_osm(HERRENBERG))
    lines = pyogrio.read_dataframe(HERRENBERG, layer="lines").set_index("osm_id").geometry
    graph, corner = nx.Graph(), {}
    for way in sorted({key.split("-")[1].split(".")[0] for key in walkways["key"]}):
        metric = shapely.get_coordinates(to_storage(lines[way]))
        names = [tuple(vertex) for vertex in np.round(shapely.get_coordinates(lines[way]), 7)]
        corner.update(zip(names, metric, strict=True))
        for (a, xy), (b, other) in pairwise(zip(names, metric, strict=True)):
            graph.add_edge(a, b, weight=float(np.hypot(*(xy - other))))
    part = sorted(max(nx.connected_components(graph), key=len))
    chosen = [part[i] for i in np.random.default_rng(1).choice(len(part), 12, replace=False)]
    walks = shortest_walks(
        make_network(walkways), np.array([Point(corner[one]) for one in chosen], dtype=object)
    )
    assert (walks.snapped.access_m < 0.01).all()
    for i, start in enumerate(chosen):
        lengths = nx.single_source_dijkstra_path_length(graph, start, weight="weight")
        for j in range(i):
            assert walks.length_m[i, j] == pytest.approx(lengths[chosen[j]], abs=0.1)


def monaco() -> Path:
    """Return the extract of Monaco; skips the test without one."""
    given = next((path for path in MONACO if path.is_file()), None)
    if given is None:
        pytest.skip("REAL_DATA_DIR holds no osm/monaco.osm.pbf or osm/monaco.osm.gz")
    return given


@pytest.mark.parametrize(("start", "end", "published_m"), MONACO_FOOT)
def test_the_published_walks_in_monaco(
    start: tuple[float, float], end: tuple[float, float], published_m: int
) -> None:
    walkways = on_level_ground(read_osm(monaco()))
    places = [to_storage(Point(lon, lat)) for lat, lon in (start, end)]
    walks = shortest_walks(make_network(walkways), np.array(places, dtype=object))
    ellipsoid = Geod(ellps="GRS80").inv(start[1], start[0], end[1], end[0])[2]
    # Metres on the map to metres on the ground: Monaco lies off the middle of the map's zone.
    scale = ellipsoid / places[0].distance(places[1])
    assert on_network_m(walks, 0, 1) * scale == pytest.approx(published_m, rel=0.005)
