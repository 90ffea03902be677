"""Extracts of OpenStreetMap written by tests."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely import Point

from app.analysis.walking.network import make_network
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import Walks, shortest_walks
from app.domain.crs import to_storage

# A ten-thousandth of a degree is a step of 11.13 m to the north and of 6.80 m to the east here.
LON, LAT, STEP = 10.76, 52.38, 1e-4

Spots = dict[int, tuple[float, float]]
Way = tuple[int, list[int], dict[str, str]]


def node_xml(number: int, x: float, y: float, tags: dict[str, str] | None = None) -> str:
    told = f'<node id="{number}" version="1" lat="{LAT + y * STEP:.7f}" lon="{LON + x * STEP:.7f}"'
    return f"{told}>{tag_xml(tags)}</node>" if tags else f"{told}/>"


def way_xml(number: int, nodes: list[int], tags: dict[str, str]) -> str:
    refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
    return f'<way id="{number}" version="1">{refs}{tag_xml(tags)}</way>'


def tag_xml(tags: dict[str, str] | None) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in (tags or {}).items())


def written(folder: Path, *xml: str, name: str = "small.osm") -> Path:
    """Write parts of XML as one extract, packed as its name says."""
    text = f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{"".join(xml)}</osm>'.encode()
    packed = {".gz": gzip.compress, ".bz2": bz2.compress}.get(Path(name).suffix, bytes)
    path = folder / name
    path.write_bytes(packed(text))
    return path


def extract(
    folder: Path,
    spots: Spots,
    ways: list[Way],
    node_tags: dict[int, dict[str, str]] | None = None,
    name: str = "small.osm",
) -> Path:
    """Write an extract of nodes at (x, y) steps and ways over them."""
    nodes = [node_xml(number, *xy, (node_tags or {}).get(number)) for number, xy in spots.items()]
    return written(folder, *nodes, *(way_xml(*way) for way in ways), name=name)


def spot(x: float, y: float) -> Point:
    """Return where a node is in EPSG:25832."""
    point: Point = to_storage(Point(round(LON + x * STEP, 7), round(LAT + y * STEP, 7)))
    return point


def walks_between(walkways: gpd.GeoDataFrame, *spots: tuple[float, float]) -> Walks:
    """Return the walks without leave between places given in steps."""
    places = np.array([spot(*xy) for xy in spots], dtype=object)
    return shortest_walks(walkable_subgraph(make_network(walkways)), places)
