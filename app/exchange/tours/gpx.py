"""GPX 1.1: a tour for hand-held devices and walking apps.

Waypoints are the stops by name; the route leads over them and every turn between; the track is the
walk itself, a segment a leg. Of a route with more points than devices take, the turns that shape it
least are left out; the track has all. Elements come in the order that the schema asks for.
Source: https://www.topografix.com/GPX/1/1/
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.etree import ElementTree as ET

from shapely import Point

from app.domain.localizer import Localizer, localizer_for
from app.domain.tours import Direction, PlannedStop, TourPlan
from app.errors import N_
from app.exchange.tours.descriptions import ODBL, degrees, iso_utc, lon_lat, numbered, stop_text
from app.exchange.xml_text import added, document

MEDIA_TYPE = "application/gpx+xml"
NAMESPACE = "http://www.topografix.com/GPX/1/1"
SCHEMA = "http://www.topografix.com/GPX/1/1/gpx.xsd"
# Hand-held devices take no more of a route; a track has no such limit.
MOST_ROUTE_POINTS = 250
CREATOR = "Nachbarschaft Heinenkamp"

_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


def gpx(papers: TourPlan) -> bytes:
    """Return a tour as a GPX 1.1 document in UTF-8; positions in WGS 84 with 7 decimals.

    The same papers give the same bytes. A tour without legs has no track, and its route the stops only.
    """
    localizer = localizer_for(papers.language)
    ET.register_namespace("xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root = ET.Element(
        "gpx",
        {
            "version": "1.1",
            "creator": CREATOR,
            "xmlns": NAMESPACE,
            _LOCATION: f"{NAMESPACE} {SCHEMA}",
        },
    )
    _add_metadata(root, papers)
    for stop in papers.places:
        _add_stop(root, "wpt", stop, localizer, papers.toured_on)
    _add_route(root, papers, localizer)
    if papers.legs:
        _add_track(root, papers)
    return document(root)


def _add_metadata(root: ET.Element, papers: TourPlan) -> None:
    metadata = added(root, "metadata")
    added(metadata, "name", papers.title)
    parts = [papers.park_name, papers.note, papers.attribution]
    added(metadata, "desc", " · ".join(text for text in parts if text))
    if papers.attribution:
        copyright_ = added(metadata, "copyright", author=papers.attribution)
        if "ODbL" in papers.licence:
            added(copyright_, "license", ODBL)
    _add_link(metadata, papers)
    added(metadata, "time", iso_utc(papers.changed_at))
    _add_bounds(metadata, papers)


def _add_bounds(metadata: ET.Element, papers: TourPlan) -> None:
    shown = lon_lat(
        [
            *(stop.point.coords[0] for stop in papers.places),
            *(vertex for leg in papers.legs for vertex in leg.line),
        ]
    )
    (west, south), (east, north) = shown.min(axis=0), shown.max(axis=0)
    sides = {"minlat": south, "minlon": west, "maxlat": north, "maxlon": east}
    added(metadata, "bounds", **{name: degrees(side) for name, side in sides.items()})


def _add_link(parent: ET.Element, papers: TourPlan) -> None:
    if papers.address:
        link = added(parent, "link", href=papers.address)
        added(link, "text", papers.title)


def _add_stop(parent: ET.Element, tag: str, stop: PlannedStop, localizer: Localizer, on: date) -> None:
    waypoint = _add_point(parent, tag, stop.point)
    added(waypoint, "name", numbered(stop, localizer))
    text = stop_text(stop, localizer, on)
    if text:
        added(waypoint, "desc", text)
    added(waypoint, "sym", "Flag, Blue")
    added(waypoint, "type", localizer.translate(N_("Stop") if stop.position else N_("Meeting point")))


def _add_route(root: ET.Element, papers: TourPlan, localizer: Localizer) -> None:
    route = added(root, "rte")
    added(route, "name", papers.title)
    _add_link(route, papers)
    kept = _listed_directions(papers)
    for stop in papers.places:
        _add_stop(route, "rtept", stop, localizer, papers.toured_on)
        leg = papers.leg_from(stop.position)
        for turn in leg.turns if leg else ():
            if id(turn) in kept:
                added(_add_point(route, "rtept", turn.point), "desc", turn.text)
    if papers.is_round and papers.legs:
        _add_stop(route, "rtept", papers.places[0], localizer, papers.toured_on)


def _listed_directions(papers: TourPlan) -> set[int]:
    """Return the identities of the turns a route has room for beside its stops: those that shape it most.

    The turn whose triangle with the points before and after it is the smallest goes first (Visvalingam).
    """
    turns = [turn for leg in papers.legs for turn in leg.turns]
    room = max(MOST_ROUTE_POINTS - len(papers.places) - bool(papers.is_round and papers.legs), 0)
    route: list[PlannedStop | Direction] = []
    for stop in papers.places:
        leg = papers.leg_from(stop.position)
        route += [stop, *(leg.turns if leg else ())]
    route += papers.places[:1]
    for _ in range(len(turns) - room):
        inner = (n for n in range(1, len(route) - 1) if isinstance(route[n], Direction))
        del route[min(inner, key=lambda n: _triangle_m2(route[n - 1 : n + 2]))]
    return {id(turn) for turn in route if isinstance(turn, Direction)}


def _triangle_m2(corners: Sequence[PlannedStop | Direction]) -> float:
    (ax, ay), (bx, by), (cx, cy) = ((each.point.x, each.point.y) for each in corners)
    return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2


def _add_track(root: ET.Element, papers: TourPlan) -> None:
    track = added(root, "trk")
    added(track, "name", papers.title)
    for leg in papers.legs:
        segment = added(track, "trkseg")
        for lon, lat in lon_lat(leg.line):
            added(segment, "trkpt", lat=degrees(lat), lon=degrees(lon))


def _add_point(parent: ET.Element, tag: str, point: Point) -> ET.Element:
    ((lon, lat),) = lon_lat([point.coords[0]])
    return added(parent, tag, lat=degrees(lat), lon=degrees(lon))
