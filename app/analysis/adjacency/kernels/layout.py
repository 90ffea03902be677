"""Borders laid out for the sweep: plots that lie near each other lie near each other in memory, too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.adjacency.chunks import LARGE_CHUNK, Threads, joined
from app.analysis.adjacency.kernels.arrays import Codes, Floats, Ints, Records
from app.analysis.adjacency.kernels.box_tree import Tree, tree_of
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.machine_code import compiled

# A run is what is found or passed over at once: long enough to keep the tree small, short enough that its box
# says where it is.
LONGEST_RUN = 8

# Columns and rows of the curve: with 65,536 of them, plots of a country still lie in cells of their own.
N_COLUMNS = 1 << 16


# The first segment of a run and the one after its last; the rank of its plot; the number of its ring.
RUN = np.dtype([("first", np.int32), ("last", np.int32), ("plot", np.int32), ("ring", np.int32)])
# The first run of a plot and the one after its last; where the plot was given.
PLOT = np.dtype([("first", np.int32), ("last", np.int32), ("position", np.int32)])


class Fabric(NamedTuple):
    """The borders of plots; a plot goes by its rank, its place along a curve that fills the plane.

    Segment i leads from vertex i to vertex i + 1, the interior on its left; the last vertex of a closed ring
    starts none, and some vertices are no ring's. A run is a few segments of one ring, one after the other.

    Parameters
    ----------
    x, y : float64, one a vertex
        Coordinates as given.
    runs : records of `RUN`
        Ordered by the ranks of their plots.
    plots : records of `PLOT`
        One a rank.
    run_boxes, plot_boxes : Tree
        Boxes of runs and of plots.
    """

    x: Floats
    y: Floats
    runs: Records
    plots: Records
    run_boxes: Tree
    plot_boxes: Tree


def fabric_of(given: PlotArrays, threads: Threads) -> Fabric:
    """Return the layout of plots: rings closed, from a corner that is theirs alone, interior on the left.

    Vertices less than a micrometre from the one before have no direction and are left out.
    """
    given = normal(given)
    plot_ring = given.part_offset[given.plot_offset]
    box = np.empty((len(given), 4))
    fill_boxes(given.xy, given.ring_offset, plot_ring, box)
    plots = np.empty(len(given), dtype=PLOT)
    plots["position"] = np.argsort(_curve_places(box))
    # Every ring may need a point to close it.
    n_vertices = np.diff(given.ring_offset[plot_ring]) + np.diff(plot_ring)
    start = np.concatenate([[0], np.cumsum(n_vertices[plots["position"]])]).astype(np.int64)
    x, y = np.empty((2, start[-1]))
    is_shell = np.zeros(len(given.ring_offset) - 1, dtype=np.int8)
    is_shell[given.part_offset[:-1]] = 1
    borders = _Borders(given.xy, given.ring_offset, plot_ring, is_shell, start, x, y, plots)
    runs, run_boxes = _laid_out(borders, threads)
    return Fabric(x, y, runs, plots, tree_of(run_boxes), tree_of(box[plots["position"]]))


class _Borders(NamedTuple):
    """Plots as given (`xy` to `is_shell`), where the vertices of each rank start, and what to fill."""

    xy: Floats
    ring_offset: Ints
    plot_ring: Ints
    is_shell: Codes
    start: Ints
    x: Floats
    y: Floats
    plots: Records


def _laid_out(borders: _Borders, threads: Threads) -> tuple[Records, Floats]:
    """Fill vertices and plots; return runs and their boxes."""
    laid = threads.in_chunks(
        lambda first, last: _laid_chunk(borders, first, last), len(borders.plots), LARGE_CHUNK
    )
    parts, n_before = [*laid], 0
    for nth, (runs, _) in enumerate(parts):
        chunk = borders.plots[nth * LARGE_CHUNK : (nth + 1) * LARGE_CHUNK]
        chunk["first"] += n_before
        chunk["last"] += n_before
        n_before += len(runs)
    boxes = np.concatenate([boxes for _, boxes in parts]) if parts else np.empty((0, 4))
    return joined([runs for runs, _ in parts], RUN), boxes


def _laid_chunk(borders: _Borders, first: int, last: int) -> tuple[Records, Floats]:
    """Fill the vertices of the plots of ranks `first` to `last` (left out); return their runs and boxes."""
    n_vertices = int(borders.start[last] - borders.start[first])
    # A ring of n vertices has less than n / LONGEST_RUN + 1 runs.
    position = borders.plots["position"][first:last]
    n_rings = int((borders.plot_ring[position + 1] - borders.plot_ring[position]).sum())
    runs = np.empty(n_vertices // LONGEST_RUN + n_rings, dtype=RUN)
    boxes = np.empty((len(runs), 4))
    n_runs = _lay_out(borders, first, last, runs, boxes)
    return runs[:n_runs].copy(), boxes[:n_runs].copy()


def ranks_of(fabric: Fabric) -> Ints:
    """Return the rank of each plot by its position."""
    rank = np.empty(len(fabric.plots), dtype=np.int64)
    rank[fabric.plots["position"]] = np.arange(len(rank))
    return rank


def normal(given: PlotArrays) -> PlotArrays:
    """Return the same arrays in the one form that the kernels are compiled for."""
    offsets = (given.ring_offset, given.part_offset, given.plot_offset)
    return PlotArrays(
        np.require(given.xy, np.float64, ["C", "W"]),
        *(np.require(offset, np.int64, ["C", "W"]) for offset in offsets),
    )


def _curve_places(boxes: Floats) -> Ints:
    """Return how far along Hilbert's curve the middles of boxes lie."""
    places = np.empty(len(boxes), np.int64)
    if len(boxes):
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        low = middle.min(axis=0)
        size = max(float((middle.max(axis=0) - low).max()), 1.0)
        _fill_places(((middle - low) * ((N_COLUMNS - 1) / size)).astype(np.int64), places)
    return places


@compiled
def _fill_places(cells: Ints, places: Ints) -> None:
    """Write how far along Hilbert's curve cells (column, row) lie."""
    for nth in range(len(cells)):
        x, y, place, side = cells[nth, 0], cells[nth, 1], 0, N_COLUMNS // 2
        while side:
            right, upper = (x & side) != 0, (y & side) != 0
            place = 4 * place + (3 - upper if right else upper)
            # In the two lower quarters the curve is laid over, in the right one the other way round.
            if not upper:
                if right:
                    x, y = N_COLUMNS - 1 - x, N_COLUMNS - 1 - y
                x, y = y, x
            side //= 2
        places[nth] = place


@compiled
def fill_boxes(xy: Floats, ring_offset: Ints, plot_ring: Ints, boxes: Floats) -> None:
    """Write (left, bottom, right, top) of each plot, whose rings start at `plot_ring`."""
    for plot in range(len(boxes)):
        left, bottom, right, top = np.inf, np.inf, -np.inf, -np.inf
        for point in range(ring_offset[plot_ring[plot]], ring_offset[plot_ring[plot + 1]]):
            left, right = min(left, xy[point, 0]), max(right, xy[point, 0])
            bottom, top = min(bottom, xy[point, 1]), max(top, xy[point, 1])
        boxes[plot, 0], boxes[plot, 1], boxes[plot, 2], boxes[plot, 3] = left, bottom, right, top


@compiled
def _lay_out(borders: _Borders, first_rank: int, last_rank: int, runs: Records, boxes: Floats) -> int:
    """Write vertices, runs and their boxes of some plots, runs counted from 0; return how many there are."""
    x, y, plots, n_runs = borders.x, borders.y, borders.plots, 0
    for rank in range(first_rank, last_rank):
        position, end = plots[rank]["position"], borders.start[rank]
        plots[rank]["first"] = n_runs
        for ring in range(borders.plot_ring[position], borders.plot_ring[position + 1]):
            first = end
            end = _lay_ring(borders, ring, first)
            n_segments = max(end - first - 1, 0)
            n_new = (n_segments + LONGEST_RUN - 1) // LONGEST_RUN
            for nth in range(n_new):
                run = runs[n_runs]
                run["first"] = first + nth * n_segments // n_new
                run["last"] = first + (nth + 1) * n_segments // n_new
                run["plot"], run["ring"] = rank, ring
                _box_of_run(x, y, run["first"], run["last"], boxes[n_runs])
                n_runs += 1
        plots[rank]["last"] = n_runs
    return n_runs


@compiled
def _box_of_run(x: Floats, y: Floats, first: int, last: int, box: Floats) -> None:
    """Write the box around vertices `first` to `last`."""
    box[0], box[1], box[2], box[3] = x[first], y[first], x[first], y[first]
    for vertex in range(first + 1, last + 1):
        box[0], box[2] = min(box[0], x[vertex]), max(box[2], x[vertex])
        box[1], box[3] = min(box[1], y[vertex]), max(box[3], y[vertex])


@compiled
def _lay_ring(borders: _Borders, ring: int, at: int) -> int:
    """Write a closed ring from vertex `at` on; return the vertex after it."""
    xy, first, last = borders.xy, borders.ring_offset[ring], borders.ring_offset[ring + 1]
    if last - first > 1 and xy[first, 0] == xy[last - 1, 0] and xy[first, 1] == xy[last - 1, 1]:
        last -= 1
    if last - first < 2:
        return at
    start, doubled_area = first, 0.0
    for point in range(first, last):
        here, there = xy[point], xy[point + 1 if point + 1 < last else first]
        # Relative to one point of the ring, so that nothing is lost far from the origin.
        doubled_area += (here[0] - xy[first, 0]) * (there[1] - xy[first, 1])
        doubled_area -= (there[0] - xy[first, 0]) * (here[1] - xy[first, 1])
        if here[0] < xy[start, 0] or (here[0] == xy[start, 0] and here[1] < xy[start, 1]):
            start = point
    step = 1 if (doubled_area > 0) == (borders.is_shell[ring] != 0) else -1
    return _lay_points(xy, first, last, start, step, borders.x, borders.y, at)


@compiled
def _lay_points(
    xy: Floats, first: int, last: int, start: int, step: int, x: Floats, y: Floats, at: int
) -> int:
    """Write the points of a ring from `start` round to `start`, without those on the one before."""
    n_points, end = last - first, at
    for nth in range(n_points):
        point = first + (start - first + step * nth) % n_points
        if nth and _is_near(xy[point, 0], xy[point, 1], x[end - 1], y[end - 1]):
            continue
        x[end], y[end] = xy[point, 0], xy[point, 1]
        end += 1
    while end - at > 1 and _is_near(x[end - 1], y[end - 1], x[at], y[at]):
        end -= 1
    x[end], y[end] = x[at], y[at]
    return end + 1


@compiled
def _is_near(x0: float, y0: float, x1: float, y1: float) -> bool:
    return (x1 - x0) ** 2 + (y1 - y0) ** 2 <= EPSILON_M**2
