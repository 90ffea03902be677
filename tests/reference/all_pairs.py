"""The definition of neighbors, plainly: every pair of plots, every pair of their segments, no index.

Nothing of the engine is used but its lengths. Boxes are compared, all with all: plots are no nearer to each
other than their boxes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from app.analysis.adjacency import Tolerances

# What rounding may take from a limit that is met exactly in decimal numbers, metres.
ROUNDING_M = 1e-6
NEAR_PARALLEL = math.sin(math.radians(15))


class Row(NamedTuple):
    """A relation with its measures, NaN where one does not apply."""

    relation: str
    shared_m: float = math.nan
    gap_m: float = math.nan
    facing_m: float = math.nan
    overlap_m2: float = math.nan


@dataclass(frozen=True)
class Border:
    """The n segments of a plot, interior on the left: starts (n, 2), unit directions (n, 2), lengths (n,)."""

    start: np.ndarray
    along: np.ndarray
    length_m: np.ndarray

    @property
    def outward(self) -> np.ndarray:
        return np.stack([self.along[:, 1], -self.along[:, 0]], axis=1)


@dataclass(frozen=True)
class Lines:
    """Segments seen from segment `viewer`, from (t0, h0) to (t1, h1): metres along it and outward of it."""

    viewer: np.ndarray
    seen: np.ndarray
    t0: np.ndarray
    h0: np.ndarray
    t1: np.ndarray
    h1: np.ndarray
    is_opposed: np.ndarray

    def taken(self, rows: np.ndarray) -> Lines:
        return Lines(*(values[rows] for values in vars(self).values()))


def neighbors(
    geometries: np.ndarray,
    tolerances: Tolerances = Tolerances(),  # noqa: B008  frozen
    *,
    is_touch_only: bool = False,
) -> dict[tuple[int, int], Row]:
    """Return the row of every pair of positions a < b that are neighbors."""
    plots = shapely.transform(geometries, lambda xy: xy - np.floor(shapely.total_bounds(geometries)[:2]))
    borders = [border_of(plot) for plot in plots]
    boxes = shapely.bounds(plots)
    found = {}
    for a in range(len(plots)):
        for b in a + 1 + np.flatnonzero(is_near(boxes[a], boxes[a + 1 :], tolerances.snap_m + ROUNDING_M)):
            if (row := touch(plots[a], plots[b], borders[a], borders[b], tolerances)) is not None:
                found[a, int(b)] = row
    if is_touch_only:
        return found
    seen_m = sights(borders, boxes, tolerances)
    for (a, b), there_m in seen_m.items():
        facing_m = min(there_m, seen_m.get((b, a), 0.0))
        if a < b and (a, b) not in found and facing_m >= tolerances.facing_m - ROUNDING_M:
            found[a, b] = Row("across", gap_m=plots[a].distance(plots[b]), facing_m=facing_m)
    return found


def border_of(plot: shapely.Geometry) -> Border:
    """Return the segments of a polygon or multipolygon, those without length left out."""
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(plot), exterior_cw=False))
    lines = [shapely.get_coordinates(ring) for ring in rings]
    start, step = (
        np.concatenate(values) for values in ([x[:-1] for x in lines], [np.diff(x, axis=0) for x in lines])
    )
    length_m = np.hypot(step[:, 0], step[:, 1])
    kept = length_m > ROUNDING_M
    return Border(start[kept], step[kept] / length_m[kept, None], length_m[kept])


def is_near(box: np.ndarray, others: np.ndarray, reach_m: float) -> np.ndarray:
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    return (low <= high + reach_m).all(axis=1)


def touch(
    plot: shapely.Geometry, other: shapely.Geometry, a: Border, b: Border, tolerances: Tolerances
) -> Row | None:
    """Return overlap, edge or corner, None for plots farther apart than `snap_m`."""
    snap_m = tolerances.snap_m
    if (distance_m := plot.distance(other)) > snap_m + ROUNDING_M:
        return None
    there, back = alongside(a, b, snap_m), alongside(b, a, snap_m)
    common = plot.intersection(other)
    if common.area > 0 and not common.buffer(-(snap_m / 2 + ROUNDING_M)).is_empty:
        any_m = min(united_m(there), united_m(back))
        return Row("overlap", shared_m=any_m, overlap_m2=common.area)
    there, back = there.taken(there.is_opposed), back.taken(back.is_opposed)
    if (shared_m := min(united_m(there), united_m(back))) >= tolerances.edge_m - ROUNDING_M:
        gap_m = np.concatenate([[0.0], there.h0, there.h1, back.h0, back.h1]).max()
        return Row("edge", shared_m=shared_m, gap_m=gap_m)
    return Row("corner", gap_m=distance_m)


def alongside(a: Border, b: Border, snap_m: float) -> Lines:
    """Return where segments of b run along with segments of a, within `snap_m` of them."""
    lines = seen_from(a, b)
    run_t, run_h = lines.t1 - lines.t0, lines.h1 - lines.h0
    lines = lines.taken(np.abs(run_h) <= NEAR_PARALLEL * np.hypot(run_t, run_h))
    reach_m = snap_m + ROUNDING_M
    return clipped(lines, a.length_m, np.full(len(lines.t0), -reach_m), reach_m)


def seen_from(a: Border, b: Border) -> Lines:
    """Return all segments of b from all segments of a."""
    viewer, seen = (index.ravel() for index in np.indices((len(a.length_m), len(b.length_m))))
    to_start = b.start[seen] - a.start[viewer]
    to_end = to_start + b.along[seen] * b.length_m[seen, None]
    (t0, t1), (h0, h1) = (
        [(to * direction[viewer]).sum(axis=1) for to in (to_start, to_end)]
        for direction in (a.along, a.outward)
    )
    return Lines(viewer, seen, t0, h0, t1, h1, t1 < t0)


def clipped(lines: Lines, length_m: np.ndarray, low_h: np.ndarray, high_h: float) -> Lines:
    """Return the parts of lines in front of their viewers between two heights, turned so that t rises."""
    first, last = np.zeros(len(lines.t0)), np.ones(len(lines.t0))
    with np.errstate(divide="ignore", invalid="ignore"):
        for start, end, low, high in (
            (lines.t0, lines.t1, 0.0, length_m[lines.viewer]),
            (lines.h0, lines.h1, low_h, high_h),
        ):
            u = np.sort([(low - start) / (end - start), (high - start) / (end - start)], axis=0)
            is_flat = end == start
            is_out = is_flat & ((start < low) | (start > high))
            first = np.maximum(first, np.where(is_flat, np.where(is_out, 2.0, 0.0), u[0]))
            last = np.minimum(last, np.where(is_flat, 1.0, u[1]))
    from_u, to_u = np.where(lines.is_opposed, (last, first), (first, last))
    (t0, t1), (h0, h1) = (
        [start + u * (end - start) for u in (from_u, to_u)]
        for start, end in ((lines.t0, lines.t1), (lines.h0, lines.h1))
    )
    parts = Lines(lines.viewer, lines.seen, t0, h0, t1, h1, lines.is_opposed)
    return parts.taken((first < last) & (t1 - t0 > 1e-9))


def united_m(lines: Lines) -> float:
    """Return the length that lines cover on their viewers, nothing counted twice."""
    total_m, viewer, reached = 0.0, -1, 0.0
    for own, t0, t1 in sorted(zip(lines.viewer, lines.t0, lines.t1, strict=True)):
        if own != viewer:
            viewer, reached = own, 0.0
        total_m += max(t1 - max(t0, reached), 0.0)
        reached = max(reached, t1)
    return total_m


def sights(borders: list[Border], boxes: np.ndarray, tolerances: Tolerances) -> dict[tuple[int, int], float]:
    """Return how many metres of the border of each plot see which other plot, looking straight out."""
    seen_m: dict[tuple[int, int], float] = {}
    reach_m = tolerances.across_m + tolerances.snap_m
    for a, border in enumerate(borders):
        near = np.flatnonzero(is_near(boxes[a], boxes, reach_m))
        plot = np.repeat(near, [len(borders[b].length_m) for b in near])
        around = Border(*(np.concatenate([getattr(borders[b], name) for b in near]) for name in vars(border)))
        lines = seen_from(border, around)
        # Behind itself a border meets only what faces it; the rest must stand truly in front.
        is_facing = lines.is_opposed & (plot[lines.seen] != a)
        low_h = np.where(is_facing, -tolerances.snap_m - ROUNDING_M, ROUNDING_M)
        parts = clipped(lines, border.length_m, low_h, tolerances.across_m + ROUNDING_M)
        for viewer in np.unique(parts.viewer):
            for b, length_m in nearest(parts.taken(parts.viewer == viewer), plot):
                if b != a:
                    seen_m[a, b] = seen_m.get((a, b), 0.0) + length_m
    return seen_m


def nearest(lines: Lines, plot: np.ndarray) -> list[tuple[int, float]]:
    """Return which plot is the nearest over what length: asked between all ends and crossings of lines."""
    slope = (lines.h1 - lines.h0) / (lines.t1 - lines.t0)
    base = lines.h0 - slope * lines.t0
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = ((base[:, None] - base) / (slope - slope[:, None])).ravel()
    inside = (crossing > lines.t0.min()) & (crossing < lines.t1.max())
    t = np.unique(np.concatenate([lines.t0, lines.t1, crossing[inside]]))
    middle = (t[1:] + t[:-1]) / 2
    h = np.where(
        (lines.t0 < middle[:, None]) & (middle[:, None] < lines.t1), base + slope * middle[:, None], np.inf
    )
    lowest = h.argmin(axis=1)
    is_any = np.isfinite(h.min(axis=1))
    return list(zip(plot[lines.seen[lowest[is_any]]].tolist(), np.diff(t)[is_any].tolist(), strict=True))
