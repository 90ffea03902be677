"""Walk networks from OpenStreetMap: what is read of a file, by hand, and what of a file is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from app.analysis.walking.network import make_network
from app.analysis.walking.walkable import walkable_subgraph
from app.cli import main
from app.domain.frames import WALKWAYS
from app.errors import DataError, NotFoundError
from app.exchange.collections.geojson import read_features
from app.exchange.osm import OsmTally, read_osm
from tests.unit.osm.osm_files import Way, extract, node_xml, spot, walks_between, way_xml, written

# Nodes 1 to 9, a ten-thousandth of a degree apart on a grid; what the ways are, says their name.
NODES: dict[int, tuple[float, float]] = dict(
    enumerate([(0, 0), (1, 0), (2, 0), (1, 1), (1, -1), (2, 1), (0, 1), (0, 2), (3, 0)], 1)
)
WAYS: list[Way] = [
    (10, [1, 2, 3, 9], {"highway": "residential", "name": "Lange Straße", "surface": "asphalt"}),
    (11, [5, 2, 4], {"highway": "steps"}),
    (12, [4, 6], {"highway": "service", "access": "private"}),
    (13, [6, 3], {"highway": "footway", "footway": "crossing"}),
    (14, [4, 7], {"highway": "track", "foot": "yes", "access": "no"}),
    (15, [1, 7], {"highway": "motorway"}),
    (16, [1, 8], {"highway": "cycleway", "foot": "no"}),
    (17, [7, 8], {"building": "wall"}),
]
FOOT = {"highway": "footway"}


@pytest.mark.parametrize("name", ["small.osm", "small.osm.gz", "small.osm.bz2", "interpreter", "map.xml"])
def test_ways_are_cut_where_they_meet_and_say_what_they_are(tmp_path: Path, name: str) -> None:
    found = read_osm(extract(tmp_path, NODES, WAYS, name=name))
    walkways = found.walkways.set_index("key")
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
    assert found.tally == OsmTally(n_ways=5)


def test_a_file_without_anything_to_walk_is_refused(tmp_path: Path) -> None:
    for ways in ([], WAYS[-3:]):
        with pytest.raises(DataError, match="contains no walkable ways"):
            read_osm(extract(tmp_path, NODES, ways))
    for name in ("none.osm", "none.osm.gz"):
        with pytest.raises(NotFoundError):
            read_osm(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "other.osm",
            json.dumps({"type": "FeatureCollection", "features": []}),
            "is not an OpenStreetMap extract",
        ),
        ("cut.osm.pbf", '<?xml version="1.0"?><osm version="0.6"><node id="1" ', "cannot be read"),
        ("page.osm", "<html></html>", "cannot be read"),
        ("old.osm", '<osm version="0.5"></osm>', "cannot be read"),
        ("no.osm", "", "is empty"),
    ],
)
def test_what_is_no_extract_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        read_osm(path)


def test_files_may_be_in_any_order_and_ids_negative(tmp_path: Path) -> None:
    """As editors save them before they are uploaded."""
    ways = [way_xml(-5, [-1, -2, 3], FOOT), way_xml(7, [3, -9], FOOT)]
    nodes = [node_xml(3, 2, 0), node_xml(-1, 0, 0), node_xml(-9, 3, 0), node_xml(-2, 1, 0)]
    walkways = read_osm(written(tmp_path, *ways, *nodes)).walkways
    assert sorted(walkways["key"]) == ["osm--5.1", "osm-7.1"]
    assert walks_between(walkways, (0, 0), (3, 0)).length_m[0, 1] == pytest.approx(20.42, abs=0.02)


# --- what the file lacks


def test_a_way_is_cut_where_a_node_is_missing_and_told(tmp_path: Path) -> None:
    """No straight line over the gap; of which nothing is left, that is lost."""
    spots = {1: (0.0, 0.0), 3: (20.0, 0.0), 4: (30.0, 0.0)}
    found = read_osm(extract(tmp_path, spots, [(10, [1, 2, 3, 4], FOOT), (11, [1, 2], FOOT)]))
    assert found.walkways["key"].tolist() == ["osm-10.1"]
    assert found.walkways.length.tolist() == [pytest.approx(68.08, abs=0.02)]
    assert found.tally == OsmTally(n_ways=1, n_cut=1, n_lost=1)


def test_what_overpass_answers_is_read(tmp_path: Path) -> None:
    """``out geom`` tells coordinates at the way, ``out center`` a point beside it."""
    nds = "".join(f'<nd ref="{n}" lat="{52.38 + n * 1e-4}" lon="10.76"/>' for n in (1, 2, 3))
    bounds = '<bounds minlat="52" minlon="10" maxlat="53" maxlon="11"/>'
    member = f'<relation id="1"><member type="way" ref="10" role="outer">{nds}</member></relation>'
    for name, within, beside in (("geom", bounds, ""), ("relation", "", member), ("center", "", "")):
        given = f'<way id="10">{within}{nds}<tag k="highway" v="path"/></way>{beside}'
        found = read_osm(written(tmp_path, given, name=f"{name}.osm"))
        assert found.walkways.length.tolist() == [pytest.approx(22.25, abs=0.02)], name
    bare = '<way id="10"><center lat="52.38" lon="10.76"/><nd ref="1"/><nd ref="2"/>'
    bare += '<tag k="highway" v="path"/></way>'
    with pytest.raises(DataError, match="contains 1 walkable way, but not its coordinates"):
        read_osm(written(tmp_path, bare))
    nodes = node_xml(1, 0, 0) + node_xml(2, 0, 1)
    assert len(read_osm(written(tmp_path, nodes + bare)).walkways) == 1


# --- who may walk


@pytest.mark.parametrize(
    ("tags", "access"),
    [
        *[
            ({"access": value}, "permission")
            for value in ("private", "no", "permit", "military", "emergency")
        ],
        *[({"access": value}, "permission") for value in ("employees", "delivery", "restricted")],
        *[({"access": value}, "public") for value in ("yes", "customers", "destination", "agricultural")],
        *[({"foot": value}, "permission") for value in ("private", "permit", "military", "emergency")],
        *[({"foot": value}, "public") for value in ("yes", "customers", "destination", "discouraged")],
        ({"access": "private", "foot": "yes"}, "public"),
        ({"access": "yes", "foot": "private"}, "permission"),
        ({"access": "private;customers"}, "public"),
    ],
)
def test_access_is_told_as_the_wiki_has_it(tmp_path: Path, tags: dict[str, str], access: str) -> None:
    found = read_osm(extract(tmp_path, NODES, [(10, [1, 2], {"highway": "service", **tags})]))
    assert found.walkways["access"].tolist() == [access]


# --- joined by nodes


def test_a_tunnel_is_not_joined_to_the_street_above_it(tmp_path: Path) -> None:
    """The two have nodes on one spot, and each is cut there: by ways of their own, of their own height."""
    spots = {1: (-3, 0), 2: (0, 0), 3: (3, 0), 4: (0, -3), 5: (0, 0), 6: (0, 3), 7: (2, 2), 8: (-2, 2)}
    ways: list[Way] = [
        (10, [1, 2, 3], {"highway": "residential"}),
        (11, [4, 5, 6], {"highway": "footway", "tunnel": "yes", "layer": "-1"}),
        (12, [2, 7], FOOT),
        (13, [5, 8], {"highway": "footway", "tunnel": "yes", "layer": "-1"}),
    ]
    found = read_osm(extract(tmp_path, spots, ways))
    assert found.tally == OsmTally(n_ways=4, n_apart=1)
    subgraph = walkable_subgraph(make_network(found.walkways))
    component = dict(zip(found.walkways["key"], subgraph.component, strict=True))
    assert component["osm-10.1"] == component["osm-10.2"] == component["osm-12.1"]
    assert component["osm-11.1"] == component["osm-11.2"] == component["osm-13.1"]
    assert component["osm-10.1"] != component["osm-11.1"]
    joined = [(number, [2 if node == 5 else node for node in nodes], tags) for number, nodes, tags in ways]
    assert (
        len(
            np.unique(
                walkable_subgraph(make_network(read_osm(extract(tmp_path, spots, joined)).walkways)).component
            )
        )
        == 1
    )


def test_one_node_after_another_on_one_spot_goes_on(tmp_path: Path) -> None:
    spots = {1: (0, 0), 2: (1, 0), 3: (1, 0), 4: (2, 0), 5: (1, 1), 6: (1, -1)}
    ways: list[Way] = [
        (10, [1, 2, 3, 4], FOOT),
        (11, [2, 5], FOOT),
        (12, [3, 6], FOOT),
        (13, [4, 4, 1], FOOT),
    ]
    walkways = read_osm(extract(tmp_path, spots, ways)).walkways
    assert (walkways.length > 0).all()
    assert len(np.unique(walkable_subgraph(make_network(walkways)).component)) == 1
    assert walks_between(walkways, (0, 0), (2, 0)).length_m[0, 1] == pytest.approx(
        spot(0, 0).distance(spot(2, 0)), abs=0.1
    )


# --- the prompt


def at_prompt(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["app", "walkway", "read", *words])
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_the_prompt_makes_a_file_of_walkways_and_tells_what_it_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given, out = extract(tmp_path, NODES, [*WAYS, (18, [9, 99], FOOT)]), tmp_path / "walkways.geojson"
    assert at_prompt(monkeypatch, str(given), "--out", str(out)) == 0
    assert json.loads(out.read_text("utf-8"))["attribution"].startswith("© OpenStreetMap")
    assert sorted(read_features(out, WALKWAYS)["key"]) == sorted(read_osm(given).walkways["key"])
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Read: ways 5, squares 0 (along their outline only 0)."
    assert told[2] == "Missing in the extract: ways cut at gaps 0, ways lost 1."
    assert told[-1].startswith("8 walkways written to")


def test_the_prompt_refuses_what_holds_nothing_and_writes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "walkways.geojson"
    assert at_prompt(monkeypatch, str(extract(tmp_path, NODES, WAYS[-1:])), "--out", str(out)) == 3
    assert "contains no walkable ways" in capsys.readouterr().err
    assert not out.exists()
