"""Parcel fabrics of any size whose neighbors are known by construction.

Blocks between streets are cut again and again into rectangles, so that borders meet in T-junctions without
common vertices. All coordinates are multiples of `UNIT_M`, so that no length comes near a threshold of the
definition: common borders are 1.5 m or longer, facings 9 m or less or else 10.5 m or more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

UNIT_M = 1.5
EDGE_UNITS, FACING_UNITS = 1, 7
EAST_M, NORTH_M = 600_000.0, 5_800_000.0
TURN_RAD = 0.3

# Dirt: each plot is moved as a whole, and each of its vertices besides. Two plots come at most 6 cm apart or
# over each other, less than the 10 cm that count as touching.
SHIFT_M, JITTER_M = 0.02, 0.01

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fabric:
    """Plots and the truth about them.

    Attributes
    ----------
    rings : array of float64, (n, n_points, 2)
        One closed ring a plot, in EPSG:25832, in no order.
    edge, corner, across : array of int64, (n_pairs, 2)
        Positions of the plots of all pairs, the smaller first, ordered.
    """

    rings: Floats
    edge: Ints
    corner: Ints
    across: Ints


@dataclass
class Rectangles:
    """Rectangles in units: `low`, `high` (n, 2) are corners, `before`, `after` (n, 2) the lines they end at.

    Axis 0 is x, axis 1 is y. A line is one cut or one street between two blocks.
    """

    low: Ints
    high: Ints
    before: Ints
    after: Ints


def make_fabric(n_plots: int, *, is_dirty: bool = False, seed: int = 1) -> Fabric:
    """Return `n_plots` plots between streets of 12 to 19.5 m, about ten a block.

    Parameters
    ----------
    n_plots : int
    is_dirty : bool
        Turned by `TURN_RAD`, with gaps and overlaps of centimetres, with vertices of its own on every side,
        doubled vertices, and every other ring reversed.
    seed : int
        The same seed gives the same fabric.
    """
    rng = np.random.default_rng(seed)
    rectangles = _cut(_blocks(n_plots, rng), n_plots, rng)
    place = rng.permutation(n_plots)
    edge, corner, across = (np.sort(place[pairs], axis=1) for pairs in _truth(rectangles))
    rings = np.empty((n_plots, 5, 2))
    rings[place] = _corners(rectangles) * UNIT_M
    if is_dirty:
        rings = _dirtied(rings, rng)
    rings += np.array([EAST_M, NORTH_M])
    return Fabric(np.round(rings, 4), *(pairs[np.lexsort(pairs.T[::-1])] for pairs in (edge, corner, across)))


def _blocks(n_plots: int, rng: np.random.Generator) -> Rectangles:
    """Return a grid of blocks; each line between two of them is a street."""
    n_side = max(1, int(np.ceil(np.sqrt(n_plots / 10))))
    low, high = [], []
    for _ in range(2):
        size, street = rng.integers(48, 81, n_side), rng.integers(8, 14, n_side)
        start = np.concatenate([[0], np.cumsum(size + street)[:-1]])
        low.append(start)
        high.append(start + size)
    column, row = (index.ravel() for index in np.meshgrid(np.arange(n_side), np.arange(n_side)))
    n_lines = (n_side + 1) * n_side
    across_x, across_y = row * (n_side + 1) + column, n_lines + column * (n_side + 1) + row
    return Rectangles(
        np.stack([low[0][column], low[1][row]], axis=1),
        np.stack([high[0][column], high[1][row]], axis=1),
        np.stack([across_x, across_y], axis=1),
        np.stack([across_x + 1, across_y + 1], axis=1),
    )


def _cut(parts: Rectangles, n_plots: int, rng: np.random.Generator) -> Rectangles:
    """Cut the longest rectangles across until there are `n_plots`."""
    if len(parts.low) > n_plots:
        kept = slice(n_plots)
        return Rectangles(parts.low[kept], parts.high[kept], parts.before[kept], parts.after[kept])
    while (n_missing := n_plots - len(parts.low)) > 0:
        sides = parts.high - parts.low
        longest = np.argsort(-sides.max(axis=1), kind="stable")
        chosen = longest[: min(n_missing, max(1, len(longest) // 2))]
        _cut_each(parts, chosen, rng)
    return parts


def _cut_each(parts: Rectangles, chosen: Ints, rng: np.random.Generator) -> None:
    """Cut each chosen rectangle across its longer axis; the farther half is appended."""
    axis = (parts.high - parts.low)[chosen].argmax(axis=1)
    low, high = parts.low[chosen, axis], parts.high[chosen, axis]
    at = low + np.rint((high - low) * rng.uniform(0.35, 0.65, len(chosen))).astype(np.int64)
    line = max(parts.before.max(), parts.after.max()) + 1 + np.arange(len(chosen))
    farther = [side[chosen].copy() for side in (parts.low, parts.high, parts.before, parts.after)]
    nth = np.arange(len(chosen))
    farther[0][nth, axis], farther[2][nth, axis] = at, line
    parts.high[chosen, axis], parts.after[chosen, axis] = at, line
    parts.low, parts.high, parts.before, parts.after = (
        np.concatenate([old, new])
        for old, new in zip((parts.low, parts.high, parts.before, parts.after), farther, strict=True)
    )


def _truth(parts: Rectangles) -> tuple[Ints, Ints, Ints]:
    """Return the pairs of edge, corner and across."""
    found = [_along_lines(parts, axis) for axis in (0, 1)]
    return tuple(np.concatenate([pairs[kind] for pairs in found]) for kind in range(3))  # type: ignore[return-value]


def _along_lines(parts: Rectangles, axis: int) -> tuple[Ints, Ints, Ints]:
    """Return the pairs that meet at, or face each other over, lines across `axis`.

    Along a line both sides are partitions of the same interval: between two neighboring ends of either
    partition there is one plot on each side.
    """
    other = 1 - axis
    span = int(parts.high.max()) + 1
    near, far = (line[:, axis] * span + parts.low[:, other] for line in (parts.after, parts.before))
    both = _is_in(parts.after[:, axis], parts.before[:, axis])
    opposite = _is_in(parts.before[:, axis], parts.after[:, axis])
    a, b = (np.flatnonzero(has)[np.argsort(keys[has])] for has, keys in ((both, near), (opposite, far)))
    start = np.sort(np.concatenate([near[a], far[b]]))
    start = start[np.append(True, np.diff(start) > 0)]
    pair = np.stack(
        [
            a[np.searchsorted(near[a], start, "right") - 1],
            b[np.searchsorted(far[b], start, "right") - 1],
        ]
    )
    n_units = np.minimum(parts.high[pair[0], other], parts.high[pair[1], other]) - start % span
    is_street = parts.low[pair[1], axis] > parts.high[pair[0], axis]
    cross = np.flatnonzero(_is_in(start, near[a]) & _is_in(start, far[b]) & ~is_street)
    cross = cross[(cross > 0) & (start[cross - 1] // span == start[cross] // span)]
    corner = np.concatenate(
        [
            [pair[0][cross - 1], pair[1][cross]],
            [pair[0][cross], pair[1][cross - 1]],
        ],
        axis=1,
    )
    is_edge, is_across = ~is_street & (n_units >= EDGE_UNITS), is_street & (n_units >= FACING_UNITS)
    return pair[:, is_edge].T, corner.T, pair[:, is_across].T


def _is_in(values: Ints, others: Ints) -> npt.NDArray[np.bool_]:
    """Return which values are among others; by sorting, numpy's own way by hashing is slow for so many."""
    found = np.sort(others)
    return found[np.searchsorted(found, values).clip(max=len(found) - 1)] == values


def _corners(parts: Rectangles) -> Floats:
    """Return closed rings, counter-clockwise, in units."""
    x0, y0 = parts.low.T
    x1, y1 = parts.high.T
    return np.stack([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]).transpose(2, 0, 1).astype(np.float64)


def _dirtied(rings: Floats, rng: np.random.Generator) -> Floats:
    """Return rings of 10 points: corners, a point on every side, one point twice; moved, turned, reversed."""
    corners, following = rings[:, :-1], rings[:, 1:]
    between = corners + (following - corners) * rng.uniform(0.3, 0.7, (*corners.shape[:2], 1))
    points = np.stack([corners, between], axis=2).reshape(len(rings), 8, 2)
    points += rng.uniform(-JITTER_M, JITTER_M, points.shape)
    points += rng.uniform(-SHIFT_M, SHIFT_M, (len(rings), 1, 2))
    points = np.concatenate([points[:, :4], points[:, 3:], points[:, :1]], axis=1)
    points[::2] = points[::2, ::-1]
    sine, cosine = np.sin(TURN_RAD), np.cos(TURN_RAD)
    return points @ np.array([[cosine, sine], [-sine, cosine]])
