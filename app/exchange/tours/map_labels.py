"""Names on a small drawn map: along their streets, beside their stops, never one over the other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

# Widths of letters in parts of their size; bold ones of the widest common sans-serif fonts.
_LETTER = 0.66
_ALONG = (0.5, 0.38, 0.62, 0.26, 0.74, 0.15, 0.85)
_STRAIGHT = 0.35  # how far a street may bend away below its name, in parts of the letters' size


@dataclass(frozen=True)
class Label:
    """A text in a drawing (y down): where its middle is, or its start or end, and its turn clockwise."""

    text: str
    x: float
    y: float
    turn_deg: float = 0.0
    anchor: str = "middle"


@dataclass
class Room:
    """What of a drawing is taken already; boxes are in its units.

    Attributes
    ----------
    frame : Polygon
        The drawing, in which every label lies wholly.
    taken : list
        Areas over which no further label is put.
    """

    frame: Polygon
    taken: list[BaseGeometry] = field(default_factory=list)

    def take(self, area: BaseGeometry, *, but_for: BaseGeometry | None = None) -> bool:
        """Take an area if it is free, clear of `but_for`, and lies in the frame; return whether it was."""
        blocked = [*self.taken, but_for] if but_for is not None else self.taken
        if not self.frame.contains(area) or any(shapely.intersects(blocked, area)):
            return False
        self.taken.append(area)
        return True


def street_labels(
    streets: Iterable[tuple[str, BaseGeometry]], size: float, room: Room, *, apart: float = 90.0
) -> list[Label]:
    """Return names along streets where there is room, those of one street at least `apart` from each other.

    Parameters
    ----------
    streets : iterable of (str, geometry)
        Names and lines in units of the drawing (y down); pieces of one street under one name.
    size : float
        Of the letters.
    room : Room
        Takes up the names that are put.
    apart : float
        In units of the drawing.
    """
    return [label for name, pieces in streets for label in _of_street(name, pieces, size, room, apart)]


def _of_street(name: str, pieces: BaseGeometry, size: float, room: Room, apart: float) -> list[Label]:
    """Return one street's names, those on its longest stretches first."""
    runs = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.get_parts(pieces))))
    put: list[LineString] = []
    for run in sorted(runs, key=lambda run: -run.length):
        for line in _along(name, run, size):
            is_apart = all(line.distance(other) >= apart for other in put)
            if is_apart and room.take(line.buffer(0.6 * size, cap_style="flat")):
                put.append(line)
    return [_laid(name, line) for line in put]


def _along(name: str, run: LineString, size: float) -> Iterator[LineString]:
    """Yield where a name may lie on one stretch of street, or beside it, as far as that is straight."""
    width = _width(name, size)
    for aside, share in product((0.0, 1.5 * size, -1.5 * size), _ALONG):
        middle = share * run.length
        if width / 2 > middle or middle + width / 2 > run.length:
            continue
        below = substring(run, middle - width / 2, middle + width / 2)
        chord = LineString([below.coords[0], below.coords[-1]])
        if shapely.hausdorff_distance(below, chord) <= _STRAIGHT * size:
            yield _moved(chord, aside)


def _moved(chord: LineString, aside: float) -> LineString:
    """Return a straight line moved at right angles."""
    (x1, y1), (x2, y2) = chord.coords
    across = aside / chord.length
    return translate(chord, (y1 - y2) * across, (x2 - x1) * across)


def _laid(name: str, chord: LineString) -> Label:
    (x1, y1), (x2, y2) = chord.coords
    if x2 < x1:
        x1, y1, x2, y2 = x2, y2, x1, y1
    return Label(name, (x1 + x2) / 2, (y1 + y2) / 2, math.degrees(math.atan2(y2 - y1, x2 - x1)))


def place_labels(
    places: Iterable[tuple[str, Point, float]], size: float, room: Room, walk: BaseGeometry
) -> list[Label]:
    """Return names beside marks: to the right where there is room, else left, above or below; else none.

    Places off the `walk` come first.

    Parameters
    ----------
    places : iterable of (str, Point, float)
        Name, place of the mark in units of the drawing, and half its width.
    size : float
        Of the letters.
    room : Room
        Must hold the marks; takes up the names that are put.
    """
    found = (_beside(name, point, away + size * 0.35, size, room, walk) for name, point, away in places)
    return [label for label in found if label is not None]


def _beside(  # noqa: PLR0913, PLR0917  a label is all of these
    name: str, point: Point, away: float, size: float, room: Room, walk: BaseGeometry
) -> Label | None:
    width, half = _width(name, size), 0.6 * size
    sides = (
        (Label(name, point.x + away, point.y, anchor="start"), (0, width)),
        (Label(name, point.x - away, point.y, anchor="end"), (-width, 0)),
        (Label(name, point.x, point.y - away - half), (-width / 2, width / 2)),
        (Label(name, point.x, point.y + away + half), (-width / 2, width / 2)),
    )
    for but_for, (label, (left, right)) in product((walk, None), sides):
        area = shapely.box(label.x + left, label.y - half, label.x + right, label.y + half)
        if room.take(area, but_for=but_for):
            return label
    return None


def _width(text: str, size: float) -> float:
    return _LETTER * size * len(text)
