"""The parts of an OpenStreetMap file that walking needs: ways, areas of relations, nodes with their tags.

The file is read twice, ways and then nodes, so that it may be in any order and ids may be negative.
"""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium

from app.domain.failure_reasons import quoted
from app.errors import N_, DataError, NotFoundError
from app.exchange.osm.tags import Tags, is_walked

_HEAD_BYTES = 64
# What Overpass writes into ways and relations beside what the format knows: a center, members' coordinates.
_BEYOND_FORMAT = ("Unknown element in <way>", "Unknown element in <relation>", "No element inside <member>")
_CENTERS = re.compile(rb"<center\b[^>]*/>")
_MEMBERS = re.compile(rb"(<member\b[^>]*[^/>])>.*?</member>", re.DOTALL)

LonLat = tuple[float, float]


@dataclass(frozen=True)
class OsmWay:
    """A way: its nodes in order, and its tags."""

    number: int
    nodes: tuple[int, ...]
    tags: Tags


@dataclass(frozen=True)
class OsmArea:
    """An area that a relation puts together: its rings in parts, by the ids of ways."""

    number: int
    tags: Tags
    members: tuple[int, ...]


@dataclass
class Extract:
    """What was read.

    Attributes
    ----------
    ways : dict of int to OsmWay
        Ways to walk, and the ways that areas are made of.
    areas : list of OsmArea
        Areas to walk that relations put together.
    places : dict of int to (float, float)
        Longitude and latitude of the nodes of ways; a node that the file lacks is not there.
    node_tags : dict of int to mapping
        Of these nodes, where they have any.
    """

    ways: dict[int, OsmWay] = field(default_factory=dict)
    areas: list[OsmArea] = field(default_factory=list)
    places: dict[int, LonLat] = field(default_factory=dict)
    node_tags: dict[int, Tags] = field(default_factory=dict)

    @property
    def walked(self) -> Iterator[OsmWay]:
        """The ways to walk, in order of their ids."""
        return (way for _, way in sorted(self.ways.items()) if is_walked(way.tags))


def read_extract(path: Path) -> Extract:
    """Read what walking needs of a file.

    Parameters
    ----------
    path : Path
        .osm.pbf, .osm, .osm.gz or .osm.bz2, by whatever name; what Overpass answers as XML, too.

    Raises
    ------
    NotFoundError, DataError
        When the file is missing, empty, or no extract.
    """
    kind = _kind(path)
    try:
        return _read(lambda: osmium.io.File(str(path), kind))
    except (RuntimeError, ValueError) as error:
        if not str(error).startswith(_BEYOND_FORMAT):
            raise _refused(path, error) from None
    try:
        plain = _plain_xml(path, kind)
        return _read(lambda: osmium.io.FileBuffer(plain, "osm"))
    except (RuntimeError, ValueError) as error:
        raise _refused(path, error) from None


def _kind(path: Path) -> str:
    """Return the format that a file begins like, as osmium calls it."""
    if not path.is_file():
        raise NotFoundError(N_("There is no file %(file)s."), file=path)
    if path.stat().st_size == 0:
        raise DataError(N_("%(file)s is empty."), file=path.name)
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"\x1f\x8b"):
        return "osm.gz"
    if head.startswith(b"BZh"):
        return "osm.bz2"
    if b"OSMHeader" in head:
        return "osm.pbf"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "osm"
    raise DataError(
        N_("“%(file)s” is not an OpenStreetMap extract (.osm.pbf, .osm, .osm.gz or .osm.bz2)."),
        file=path.name,
    )


def _refused(path: Path, error: Exception) -> DataError:
    return DataError(
        N_("“%(file)s” cannot be read as an OpenStreetMap extract: %(reason)s."),
        file=path.name,
        reason=quoted("osmium", error),
    )


def _plain_xml(path: Path, kind: str) -> bytes:
    text = path.read_bytes()
    if kind != "osm":
        text = (gzip.decompress if kind == "osm.gz" else bz2.decompress)(text)
    return _MEMBERS.sub(rb"\1/>", _CENTERS.sub(b"", text))


def _read(source: Callable[[], Any]) -> Extract:
    extract = Extract()
    for thing in _things(source, osmium.osm.WAY | osmium.osm.RELATION):
        if thing.is_relation():
            _take_area(extract, thing)
        elif thing.visible and is_walked(tags := dict(thing.tags)):
            _take_way(extract, thing, tags)
    wanted = {number for area in extract.areas for number in area.members} - extract.ways.keys()
    for thing in _things(source, osmium.osm.WAY) if wanted else ():
        if thing.visible and thing.id in wanted:
            _take_way(extract, thing, {})
    _take_nodes(extract, source)
    return extract


def _things(source: Callable[[], Any], kinds: Any) -> Iterator[Any]:
    yield from osmium.FileProcessor(source(), kinds)


def _take_area(extract: Extract, relation: Any) -> None:
    tags = dict(relation.tags)
    if relation.visible and tags.get("type") == "multipolygon" and is_walked(tags):
        members = tuple(member.ref for member in relation.members if member.type == "w")
        extract.areas.append(OsmArea(relation.id, tags, members))


def _take_way(extract: Extract, way: Any, tags: Tags) -> None:
    extract.ways[way.id] = OsmWay(way.id, tuple(node.ref for node in way.nodes), tags)
    for node in way.nodes:
        # Overpass puts coordinates at the way (out geom).
        if node.location.valid():
            extract.places[node.ref] = (node.location.lon, node.location.lat)


def _take_nodes(extract: Extract, source: Callable[[], Any]) -> None:
    wanted = {node for way in extract.ways.values() for node in way.nodes}
    for node in _things(source, osmium.osm.NODE) if wanted else ():
        if node.id not in wanted or not node.visible or not node.location.valid():
            continue
        extract.places[node.id] = (node.location.lon, node.location.lat)
        if len(node.tags):
            extract.node_tags[node.id] = dict(node.tags)
