"""Tiles: parts of a coverage small enough for memory, each with all that decides about its plots.

The argument. A row of the answer belongs to the plot with the smaller key, its focal plot; a plot belongs to
the one tile that the lower left corner of its bounding box lies in. So every row belongs to exactly one tile.
What decides about a row lies within `reach_m` of its focal plot: the other plot touches it or stands no
farther away than a border sees; what hides one from the other stands between the two, hence nearer still;
what covers the border that is looked at lies within the snapping distance of a place that is seen. A tile
therefore holds the plots that belong to it and, as its halo, every plot whose bounding box comes within
`reach_m` of the bounding box of one of them. Rows of plots in the halo are left to their own tile. So the
answer is the same whatever the tiles are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Places remembered of a tile to cut it by.
SAMPLES_A_TILE = 256
# A plot longer than this share of its tile's longer side is looked at by itself, so that one long road does
# not widen the halo all around the tile.
LARGE_SHARE = 1 / 8


@dataclass(frozen=True)
class Tiling:
    """The plane cut in two again and again (a k-d tree); its leaves are the tiles.

    Node i cuts at `at[i]` across axis `axis[i]` (0: x, 1: y). Places below lie in `below[i]`, all others in
    `above[i]`: the number of a node, or of tile t written as ``-1 - t``. Node 0 is the root; without any node
    there is one tile.

    Parameters
    ----------
    axis, below, above : lists of int
    at : list of float
    boxes : list of (left, bottom, right, top)
        The part of the sampled bounds that each tile covers.
    """

    axis: list[int]
    at: list[float]
    below: list[int]
    above: list[int]
    boxes: list[tuple[float, float, float, float]]

    def __len__(self) -> int:
        return len(self.boxes)

    def tiles(self, corners: Floats) -> Ints:
        """Return the tile of each of n places, (n, 2)."""
        node = np.full(len(corners), 0 if self.axis else -1)
        axis, at, below, above = (np.array(x) for x in (self.axis, self.at, self.below, self.above))
        while len(rows := np.flatnonzero(node >= 0)):
            of = node[rows]
            is_below = corners[rows, axis[of]] < at[of]
            node[rows] = np.where(is_below, below[of], above[of])
        return (-1 - node).astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Return what `Tiling(**...)` takes, ready for JSON."""
        return asdict(self)


def sampled(corners: Floats, n_points: Ints, stride: int) -> Floats:
    """Return the corners of the plots that hold every `stride`-th point of a batch, once for each such point.

    So every sample stands for as many points, wherever they are many.

    Parameters
    ----------
    corners : array, (n, 2)
        Lower left corner of each plot.
    n_points : array of ints, (n,)
        Points on the border of each plot.
    stride : int

    Examples
    --------
    >>> sampled(np.array([[0.0, 0.0], [9.0, 9.0]]), np.array([3, 9]), 4).tolist()
    [[9.0, 9.0], [9.0, 9.0], [9.0, 9.0]]
    """
    passed = np.cumsum(n_points) // stride
    n_samples = np.diff(passed, prepend=0)
    return np.repeat(corners, n_samples, axis=0)


def tiling_of(samples: Floats, most_samples: int, bounds: tuple[float, float, float, float]) -> Tiling:
    """Return a tiling in which no tile holds more than `most_samples` samples, unless they lie in one place.

    Parameters
    ----------
    samples : array, (n, 2)
        As `sampled` gives them.
    most_samples : int
    bounds : (left, bottom, right, top)
        Of all plots.

    Examples
    --------
    >>> tiling = tiling_of(np.array([[1.0, 1.0], [2.0, 1.0], [8.0, 1.0], [9.0, 1.0]]), 2, (0, 0, 10, 5))
    >>> len(tiling), tiling.tiles(np.array([[0.0, 0.0], [9.5, 4.0]])).tolist()
    (2, [0, 1])
    """
    tiling = Tiling([], [], [], [], [])
    _grow(tiling, samples, most_samples, bounds)
    return tiling


def _grow(tiling: Tiling, samples: Floats, most_samples: int, box: tuple[float, float, float, float]) -> int:
    """Add a tile, or a node and what is below it; return its number."""
    cut = _cut(samples, box) if len(samples) > most_samples else None
    if cut is None:
        tiling.boxes.append(box)
        return -len(tiling.boxes)
    axis, at = cut
    node = len(tiling.axis)
    tiling.axis.append(axis)
    tiling.at.append(at)
    tiling.below.append(0)
    tiling.above.append(0)
    low, high = list(box), list(box)
    low[axis + 2], high[axis] = at, at
    is_below = samples[:, axis] < at
    tiling.below[node] = _grow(tiling, samples[is_below], most_samples, _box(low))
    tiling.above[node] = _grow(tiling, samples[~is_below], most_samples, _box(high))
    return node


def _box(sides: list[float]) -> tuple[float, float, float, float]:
    left, bottom, right, top = sides
    return left, bottom, right, top


def _cut(samples: Floats, box: tuple[float, float, float, float]) -> tuple[int, float] | None:
    """Return axis and place of a cut with samples on both sides, across the longer side where it can be."""
    longer = 0 if box[2] - box[0] >= box[3] - box[1] else 1
    for axis in (longer, 1 - longer):
        values = samples[:, axis]
        at = float(np.partition(values, len(values) // 2)[len(values) // 2])
        if not (values < at).any():
            larger = values[values > at]
            if not len(larger):
                continue
            at = float(larger.min())
        return axis, at
    return None


@dataclass(frozen=True)
class Halos:
    """Where the plots of each tile lie: boxes that together hold the bounding boxes of all of them.

    Parameters
    ----------
    tile : array of ints, (n,)
        The tile of each box.
    boxes : array, (n, 4)
    """

    tile: Ints
    boxes: Floats

    @classmethod
    def joined(cls, parts: list[Self], n_tiles: int) -> Self:
        """Return the halos of plots given in parts: one box for a tile's usual plots, one for each large.

        The first `n_tiles` boxes of every part are those of the usual plots, as `halos_of` gives them.
        """
        usual = _emptied(n_tiles)
        for part in parts:
            usual = _widened(usual, np.arange(n_tiles), part.boxes[:n_tiles])
        tile = [np.arange(n_tiles), *(part.tile[n_tiles:] for part in parts)]
        return cls(np.concatenate(tile), np.concatenate([usual, *(part.boxes[n_tiles:] for part in parts)]))

    def members(self, boxes: Floats, reach_m: float) -> tuple[Ints, Ints]:
        """Return which plots are needed in which tiles: plots and tiles, a row for each such pair.

        Parameters
        ----------
        boxes : array, (n, 4)
            Bounding boxes of plots.
        reach_m : float
            How far from a plot anything may be and still matter.

        Returns
        -------
        plot, tile : arrays of ints
            Ordered by tile, then plot; every plot is needed at least in its own tile.
        """
        there = np.isfinite(self.boxes).all(axis=1)
        grown = self.boxes[there] + reach_m * np.array([-1, -1, 1, 1])
        halos: Any = shapely.box(*grown.T)
        plot, found = shapely.STRtree(halos).query(shapely.box(*boxes.T))
        rows = np.unique(np.column_stack([self.tile[there][found], plot]), axis=0)
        return rows[:, 1], rows[:, 0]


def halos_of(tiling: Tiling, tile: Ints, boxes: Floats) -> Halos:
    """Return where some plots lie, for `Halos.joined`.

    Parameters
    ----------
    tiling : Tiling
    tile : array of ints, (n,)
        The tile of each plot.
    boxes : array, (n, 4)
        The bounding box of each plot.
    """
    left, bottom, right, top = np.array(tiling.boxes).T
    side_m = np.maximum(right - left, top - bottom)
    length_m = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    is_large = length_m > LARGE_SHARE * side_m[tile]
    usual = _widened(_emptied(len(tiling)), tile[~is_large], boxes[~is_large])
    return Halos(
        np.concatenate([np.arange(len(tiling)), tile[is_large]]), np.concatenate([usual, boxes[is_large]])
    )


def _emptied(n_tiles: int) -> Floats:
    return np.tile([np.inf, np.inf, -np.inf, -np.inf], (n_tiles, 1))


def _widened(boxes: Floats, tile: Ints, added: Floats) -> Floats:
    """Return the boxes of tiles made wide enough for more boxes."""
    low, high = boxes[:, :2].copy(), boxes[:, 2:].copy()
    np.minimum.at(low, tile, added[:, :2])
    np.maximum.at(high, tile, added[:, 2:])
    return np.concatenate([low, high], axis=1)
