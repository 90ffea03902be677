"""KML 2.2: a tour for globes and map programs; stops with their times, the walk leg by leg.

Source: OGC 07-147r2. Written with the standard library: the one KML writer among the packages has
had no release for years, and a tour needs a dozen elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from xml.etree import ElementTree as ET

from app.domain.localizer import Localizer, localizer_for
from app.domain.tours import Leg, PlannedStop, TourPlan
from app.errors import N_
from app.exchange.tours.descriptions import degrees, leg_text, lon_lat, numbered, stop_text, utc
from app.exchange.xml_text import added, document

MEDIA_TYPE = "application/vnd.google-earth.kml+xml"
NAMESPACE = "http://www.opengis.net/kml/2.2"

# Colors are aabbggrr; straight parts beside the network are thinner and half as dense.
_LINES = {"walk": ("ff632e7a", "4"), "straight": ("80632e7a", "2.5")}


def kml(papers: TourPlan) -> bytes:
    """Return a tour as a KML 2.2 document in UTF-8; the same papers give the same bytes."""
    localizer = localizer_for(papers.language)
    root = ET.Element("kml", xmlns=NAMESPACE)
    top = added(root, "Document", id="tour")
    added(top, "name", papers.title)
    parts = [papers.park_name, papers.note, papers.attribution]
    added(top, "description", " · ".join(text for text in parts if text))
    for name, (color, width) in _LINES.items():
        style = added(added(top, "Style", id=name), "LineStyle")
        added(style, "color", color)
        added(style, "width", width)
    _add_stops(top, papers, localizer)
    _add_legs(top, papers, localizer)
    return document(root)


def _add_stops(top: ET.Element, papers: TourPlan, localizer: Localizer) -> None:
    folder = added(top, "Folder", id="stops")
    added(folder, "name", localizer.translate(N_("Stops")))
    for stop in papers.places:
        _add_stop(folder, stop, localizer, papers.toured_on)


def _add_stop(folder: ET.Element, stop: PlannedStop, localizer: Localizer, on: date) -> None:
    mark = added(folder, "Placemark", id=f"stop-{stop.position}" if stop.position else "meeting-point")
    added(mark, "name", numbered(stop, localizer))
    added(mark, "description", stop_text(stop, localizer, on))
    span = added(mark, "TimeSpan")
    added(span, "begin", utc(stop.arrives_at).isoformat())
    added(span, "end", utc(stop.departs_at).isoformat())
    added(added(mark, "Point"), "coordinates", _coordinates((stop.point.coords[0],)))


def _add_legs(top: ET.Element, papers: TourPlan, localizer: Localizer) -> None:
    folder = added(top, "Folder", id="legs")
    added(folder, "name", localizer.translate(N_("Walk")))
    for leg in papers.legs:
        _add_leg(folder, leg, localizer)


def _add_leg(folder: ET.Element, leg: Leg, localizer: Localizer) -> None:
    way = f"{leg.position or '•'} → {leg.to_position or '•'}"
    for n, part in enumerate(leg.parts, 1):
        mark = added(folder, "Placemark", id=f"leg-{leg.position}-{n}")
        added(mark, "name", way)
        added(mark, "description", leg_text(leg, localizer))
        added(mark, "styleUrl", "#walk" if part.is_on_network else "#straight")
        line = added(mark, "LineString")
        added(line, "tessellate", "1")
        added(line, "coordinates", _coordinates(part.line.coords))


def _coordinates(vertices: Iterable[Sequence[float]]) -> str:
    return " ".join(f"{degrees(lon)},{degrees(lat)}" for lon, lat in lon_lat(vertices))
