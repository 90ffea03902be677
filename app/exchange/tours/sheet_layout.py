"""How high the map of a visit sheet may be, so that map and timetable share the first page well."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

# A map under which all of the timetable fits, one under which some of it does, and the largest.
LEAST_MAP_MM, GOOD_MAP_MM, MOST_MAP_MM = 66.0, 96.0, 130.0


def map_height_mm(room_mm: float, rows_mm: Sequence[float]) -> float:
    """Return the height that keeps a short timetable on the first page.

    Where that cannot be, as many stops stay as leave the map a good height, and the map gets what they
    leave: no stop goes to the next page while there is room for it.

    Parameters
    ----------
    room_mm : float
        What the first page has for map and stops together.
    rows_mm : sequence of float
        The heights of the stops, each with the walk that leads on; may be empty.
    """
    sums_mm = list(accumulate(rows_mm, initial=0.0))
    if room_mm - sums_mm[-1] >= LEAST_MAP_MM:
        return min(room_mm - sums_mm[-1], MOST_MAP_MM)
    most_mm = max((some for some in sums_mm if room_mm - some >= GOOD_MAP_MM), default=0.0)
    return min(room_mm - most_mm, MOST_MAP_MM)
