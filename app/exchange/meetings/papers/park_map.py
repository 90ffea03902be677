"""A park as a drawing with the number of each plot in it: the numbers of the board and of all papers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree as ET

import shapely
from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry

from app.exchange.tours.drawing import (
    Around,
    Canvas,
    View,
    draw_label,
    draw_land,
    named_streets,
)
from app.exchange.tours.map_labels import Label, Room, street_labels
from app.exchange.xml_text import added

# Half the height of a number, in parts of the way from its place to the plot's border.
_NUMBER_SHARE = 1.1
_LEAST_NUMBER, _MOST_NUMBER = 1.9, 3.4
_AS_WIDE = 0.9
_TOLERANCE_M = 1.0
_STREET_NAMES_APART = 60.0


@dataclass(frozen=True)
class BoardEntry:
    """A company of a park: its name, the numbers of its plots, and the address of its places."""

    name: str
    numbers: tuple[int, ...]
    address: str = ""


@dataclass(frozen=True)
class ParkBoard:
    """A park on a day.

    Attributes
    ----------
    park, park_name : str
    on : date
    around : Around
        Its plots, and streets and buildings around; for the drawing.
    numbers : mapping of str to int
        Of each plot of the day, by its key.
    entries : sequence of BoardEntry
        The companies, in order of names.
    attribution : str
        Whose data it is drawn from.
    hosts : frozenset of str
        Keys of plots that stand out.
    """

    park: str
    park_name: str
    on: date
    around: Around
    numbers: Mapping[str, int]
    entries: Sequence[BoardEntry]
    attribution: str = ""
    hosts: Collection[str] = frozenset()


def park_svg(board: ParkBoard, canvas: Canvas, title: str, style: str | None = None) -> str:
    """Return the drawing as an SVG element, with `style` within it for paper."""
    plots = board.around.plots
    bounds = plots.total_bounds if len(plots) else (0.0, 0.0, 1.0, 1.0)
    view = View.around(bounds, canvas, has_round_scale=False)
    size = {"viewBox": f"0 0 {canvas.width:g} {canvas.height:g}", "role": "img", "aria-label": title}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "walk-map", **size})
    if style:
        added(root, "title", title)
        added(root, "style", style)
    draw_land(root, board.around, view, plots["key"].isin(board.hosts).to_numpy(dtype=bool))
    room = Room(shapely.box(1, 1, canvas.width - 1, canvas.height - 1))
    numbers = _numbers(board, view, room)
    streets = named_streets(board.around.walkways, view)
    for label in street_labels(streets, 0.9 * canvas.letter, room, apart=_STREET_NAMES_APART):
        draw_label(root, label, "street-name", 0.9 * canvas.letter)
    for label, letter in numbers:
        _draw_number(root, label, letter)
    return ET.tostring(root, "unicode")


def _numbers(board: ParkBoard, view: View, room: Room) -> list[tuple[Label, float]]:
    """Return the numbers with their sizes, each in its plot where that is widest."""
    found = []
    plots = board.around.plots
    for key, shape in zip(plots["key"], plots.geometry, strict=True):
        text = str(board.numbers[key])
        place, radius_m = _widest(shape)
        radius = radius_m / view.m_per_unit
        letter = min(_MOST_NUMBER, max(_LEAST_NUMBER, _NUMBER_SHARE * 2 * radius / (0.6 + 0.6 * len(text))))
        [point] = view.cut([place])
        if not point.is_empty:
            found.append((Label(text, point.x, point.y), letter))
            half = 0.35 * letter * len(text)
            room.taken.append(
                shapely.box(point.x - half, point.y - letter / 2, point.x + half, point.y + letter / 2)
            )
    return found


def _widest(shape: BaseGeometry) -> tuple[Point, float]:
    """Return where a plot is widest, and how far its border is from there."""
    largest: Polygon = max(shapely.get_parts(shape), key=shapely.area)
    line = shapely.maximum_inscribed_circle(largest, tolerance=_TOLERANCE_M)
    # An oblong is as wide in many places: numbers of equal plots shall stand in a row.
    middle = largest.centroid
    is_as_wide = largest.contains(middle) and middle.distance(largest.boundary) > _AS_WIDE * line.length
    return middle if is_as_wide else shapely.get_point(line, 0), float(line.length)


def _draw_number(root: ET.Element, label: Label, letter: float) -> None:
    for name in ("plot-number is-halo", "plot-number"):
        place = {"x": f"{label.x:.2f}", "y": f"{label.y + 0.36 * letter:.2f}", "font-size": f"{letter:.2f}"}
        added(root, "text", label.text, **{"class": name, "text-anchor": "middle", **place})
