"""Borders as flat arrays of segments, and how one segment looks from another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely

from app.analysis.adjacency.tolerances import EPSILON_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Rows:
    """Arrays of one length, taken together row by row."""

    def take(self, chosen: Any) -> Self:
        """Return the rows picked by a mask, an index array or a slice."""
        return replace(self, **{name: array[chosen] for name, array in self._arrays().items()})

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {name: value for name, value in vars(self).items() if isinstance(value, np.ndarray)}

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of one or more `parts`, one after the other."""
        names = parts[0]._arrays()
        return replace(parts[0], **{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})


@dataclass(frozen=True)
class Segments(Rows):
    """Border segments, the plot's interior on their left; all arrays have one entry a segment.

    `x`, `y` is the start in metres from the local origin, `dx`, `dy` the unit direction,
    `plot` the position, among `n_plots`, of the plot the segment bounds. The outward normal is ``(dy, -dx)``.
    """

    x: Floats
    y: Floats
    dx: Floats
    dy: Floats
    length_m: Floats
    plot: Ints
    n_plots: int

    def __len__(self) -> int:
        return len(self.x)

    def at(self, index: Ints, t: Floats, h: Floats | float = 0.0) -> tuple[Floats, Floats]:
        """Return the points `t` metres along segments `index` and `h` metres outward of them."""
        x = self.x[index] + t * self.dx[index] + h * self.dy[index]
        y = self.y[index] + t * self.dy[index] - h * self.dx[index]
        return x, y

    def boxes(self, grown_m: float) -> Geometries:
        """Return the bounding boxes of all segments, grown by `grown_m`."""
        end_x, end_y = self.x + self.length_m * self.dx, self.y + self.length_m * self.dy
        return shapely.box(
            np.minimum(self.x, end_x) - grown_m,
            np.minimum(self.y, end_y) - grown_m,
            np.maximum(self.x, end_x) + grown_m,
            np.maximum(self.y, end_y) + grown_m,
        )


@dataclass(frozen=True)
class Views(Rows):
    """Stretches of segments seen from others, each a straight line h(t) in the viewer's frame.

    `viewer` and `seen` are positions given by the caller (a viewer) and of segments (the seen).
    `t0` < `t1` run in metres along the viewer's segment, `h0`, `h1` are the outward distances there.
    `is_opposed` says that the seen segment runs the other way, so turns its outside to the viewer.
    """

    viewer: Ints
    seen: Ints
    t0: Floats
    t1: Floats
    h0: Floats
    h1: Floats
    is_opposed: Flags


def border_segments(geometries: Geometries) -> Segments:
    """Return the border segments of polygons and multipolygons, holes included.

    Segments shorter than a micrometre have no direction and are left out.
    """
    parts, plot_of_part = shapely.get_parts(geometries, return_index=True)
    oriented = shapely.orient_polygons(parts, exterior_cw=False)
    rings, part_of_ring = shapely.get_rings(oriented, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    steps = np.diff(points, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    kept = (ring[1:] == ring[:-1]) & (lengths > EPSILON_M)
    directions = steps[kept] / lengths[kept, None]
    return Segments(
        x=points[:-1, 0][kept],
        y=points[:-1, 1][kept],
        dx=directions[:, 0],
        dy=directions[:, 1],
        length_m=lengths[kept],
        plot=plot_of_part[part_of_ring[ring[:-1][kept]]].astype(np.int64),
        n_plots=len(geometries),
    )


@dataclass(frozen=True)
class Candidates(Rows):
    """Pairs of segments worth a look: `base` gives the frame, `seen` is looked at, `viewer` names the row."""

    viewer: Ints
    base: Ints
    seen: Ints


@dataclass(frozen=True)
class Bounds:
    """A closed interval for each candidate pair, or one for all; metres."""

    low: Floats | float
    high: Floats | float


def views(segments: Segments, pairs: Candidates, along: Bounds, outward: Bounds) -> Views:
    """Return what is left of the segments seen within windows along the base segments.

    Parameters
    ----------
    segments : Segments
        All segments.
    pairs : Candidates
        n pairs of positions of segments.
    along, outward : Bounds
        The window of each pair: metres along, and metres outward of, the base segment.

    Returns
    -------
    Views
        At most n rows; stretches that project to nothing are left out.
    """
    (start_t, start_h), (end_t, end_h) = _in_frame(segments, pairs.base, pairs.seen)
    from_t, to_t = _inside(start_t, end_t, along)
    from_h, to_h = _inside(start_h, end_h, outward)
    u0, u1 = np.maximum(from_t, from_h), np.minimum(to_t, to_h)
    # A segment that runs the other way is turned, so that t rises.
    is_opposed = end_t < start_t
    u0, u1, is_there = np.where(is_opposed, u1, u0), np.where(is_opposed, u0, u1), u1 > u0
    t0, t1 = (start_t + u * (end_t - start_t) for u in (u0, u1))
    h0, h1 = (start_h + u * (end_h - start_h) for u in (u0, u1))
    return Views(pairs.viewer, pairs.seen, t0, t1, h0, h1, is_opposed).take(is_there & (t1 - t0 > 1e-9))


def _in_frame(
    segments: Segments, base: Ints, seen: Ints
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return (t, h) of the starts and of the ends of `seen` in the frames of `base`."""
    dx, dy = segments.dx[base], segments.dy[base]
    x, y = segments.x[seen] - segments.x[base], segments.y[seen] - segments.y[base]
    run_x, run_y = segments.dx[seen] * segments.length_m[seen], segments.dy[seen] * segments.length_m[seen]
    t, h = x * dx + y * dy, x * dy - y * dx
    return (t, h), (t + run_x * dx + run_y * dy, h + run_x * dy - run_y * dx)


def _inside(v0: Floats, v1: Floats, bounds: Bounds) -> tuple[Floats, Floats]:
    """Return the part of u in [0, 1] where v0 + u (v1 - v0) lies within the bounds; none is (1, 0)."""
    change = v1 - v0
    is_flat = change == 0
    divisor = np.where(is_flat, 1.0, change)
    a, b = (bounds.low - v0) / divisor, (bounds.high - v0) / divisor
    flat_out = is_flat & ((v0 < bounds.low) | (v0 > bounds.high))
    first = np.where(is_flat, 0.0, np.minimum(a, b))
    last = np.where(is_flat, 1.0, np.maximum(a, b))
    return np.where(flat_out, 1.0, np.maximum(first, 0)), np.where(flat_out, 0.0, np.minimum(last, 1))


def chunks(n: int, size: int) -> Iterator[slice]:
    """Yield slices that cover n rows, at least one, so that not all candidates are held at once."""
    for start in range(0, max(n, 1), size):
        yield slice(start, min(start + size, n))


def counted(counts: Ints) -> tuple[Ints, Ints]:
    """Return for each row, `counts` times, its position and the number of the repetition from 0."""
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
