"""Borders laid out for the sweep: plots that lie near each other lie near each other in memory, too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.adjacency.arrays import Floats, Ints, Positions
from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.adjacency.tree import Tree, tree_of

# A run is what is found or passed over at once: long enough to keep the tree small, short enough that its box
# says where it is.
LONGEST_RUN = 8


class Fabric(NamedTuple):
    """The borders of n plots; a plot goes by its rank, its place along a curve that fills the plane.

    Segment i leads from vertex i to vertex i + 1, the interior on its left; the last vertex of a closed ring
    starts none. A run is a few segments of one ring, one after the other.

    Parameters
    ----------
    x, y : float64, one a vertex
        Coordinates as given.
    run_first, run_last : int32, one a run
        Its first segment and the one after its last.
    run_plot, run_ring : int32, one a run
        The rank of its plot, the number of its ring.
    plot_run : int32, n + 1
        The first run of each plot.
    position : int32, n
        Where a plot of this rank was given.
    runs, plots : Tree
        Boxes of runs and of plots.
    """

    x: Floats
    y: Floats
    run_first: Positions
    run_last: Positions
    run_plot: Positions
    run_ring: Positions
    plot_run: Positions
    position: Positions
    runs: Tree
    plots: Tree


def fabric_of(plots: PlotArrays) -> Fabric:
    """Return the layout of plots: rings closed, from a corner that is theirs alone, interior on the left.

    Vertices less than a micrometre from the one before have no direction and are left out.
    """
    plot_ring = plots.part_offset[plots.plot_offset]
    plot_box = _plot_boxes(plots.xy, plots.ring_offset, plot_ring)
    position = np.argsort(_curve_places(plot_box), kind="stable")
    is_shell = np.zeros(len(plots.ring_offset) - 1, dtype=np.bool_)
    is_shell[plots.part_offset[:-1]] = True
    n_points = np.diff(plots.ring_offset)
    # Every ring may need a point to close it.
    x, y = np.empty((2, len(plots.xy) + len(n_points)))
    runs = np.empty((4, int((n_points // LONGEST_RUN + 1).sum())), dtype=np.int32)
    run_box = np.empty((runs.shape[1], 4))
    plot_run = np.empty(len(plots) + 1, dtype=np.int32)
    n_vertices, n_runs = _lay_out(
        plots.xy, plots.ring_offset, plot_ring, is_shell, position, x, y, runs, run_box, plot_run
    )
    rows = [np.ascontiguousarray(row[:n_runs]) for row in runs]
    return Fabric(
        x[:n_vertices],
        y[:n_vertices],
        *rows,
        plot_run,
        position.astype(np.int32),
        tree_of(run_box[:n_runs]),
        tree_of(plot_box[position]),
    )


def _curve_places(boxes: Floats) -> Ints:
    """Return how far along Morton's curve the middles of boxes lie."""
    if not len(boxes):
        return np.empty(0, np.int64)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    low = middle.min(axis=0)
    size = max(float((middle.max(axis=0) - low).max()), 1.0)
    column, row = ((middle - low) * (65535 / size)).astype(np.int64).T
    return _spread(column) | _spread(row) << 1


def _spread(number: Ints) -> Ints:
    """Return 16-bit numbers with a zero before each binary digit."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        number = (number | number << shift) & mask
    return number


@compiled
def _plot_boxes(xy: Floats, ring_offset: Ints, plot_ring: Ints) -> Floats:
    """Return (left, bottom, right, top) of each plot; a plot without points lies nowhere."""
    boxes = np.empty((len(plot_ring) - 1, 4))
    for plot in range(len(boxes)):
        left, bottom, right, top = np.inf, np.inf, -np.inf, -np.inf
        for point in range(ring_offset[plot_ring[plot]], ring_offset[plot_ring[plot + 1]]):
            left, right = min(left, xy[point, 0]), max(right, xy[point, 0])
            bottom, top = min(bottom, xy[point, 1]), max(top, xy[point, 1])
        boxes[plot, 0], boxes[plot, 1], boxes[plot, 2], boxes[plot, 3] = left, bottom, right, top
    return boxes


@compiled
def _lay_out(
    xy: Floats,
    ring_offset: Ints,
    plot_ring: Ints,
    is_shell: Ints,
    position: Ints,
    x: Floats,
    y: Floats,
    runs: Positions,
    run_box: Floats,
    plot_run: Positions,
) -> tuple[int, int]:
    """Fill the arrays of a `Fabric`; return how many vertices and runs there are."""
    n_vertices, n_runs = 0, 0
    for rank in range(len(position)):
        plot_run[rank] = n_runs
        for ring in range(plot_ring[position[rank]], plot_ring[position[rank] + 1]):
            first = n_vertices
            n_vertices = _lay_ring(xy, ring_offset[ring], ring_offset[ring + 1], is_shell[ring], x, y, first)
            n_segments = max(n_vertices - first - 1, 0)
            n_new = (n_segments + LONGEST_RUN - 1) // LONGEST_RUN
            for nth in range(n_new):
                runs[0, n_runs] = first + nth * n_segments // n_new
                runs[1, n_runs] = first + (nth + 1) * n_segments // n_new
                runs[2, n_runs], runs[3, n_runs] = rank, ring
                _box_of_run(x, y, runs[0, n_runs], runs[1, n_runs], run_box[n_runs])
                n_runs += 1
    plot_run[len(position)] = n_runs
    return n_vertices, n_runs


@compiled
def _box_of_run(x: Floats, y: Floats, first: int, last: int, box: Floats) -> None:
    """Write the box around vertices `first` to `last`."""
    box[0], box[1], box[2], box[3] = x[first], y[first], x[first], y[first]
    for vertex in range(first + 1, last + 1):
        box[0], box[2] = min(box[0], x[vertex]), max(box[2], x[vertex])
        box[1], box[3] = min(box[1], y[vertex]), max(box[3], y[vertex])


@compiled
def _lay_ring(xy: Floats, first: int, last: int, is_shell: bool, x: Floats, y: Floats, at: int) -> int:
    """Write a closed ring from vertex `at` on; return the vertex after it."""
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
    step = 1 if (doubled_area > 0) == is_shell else -1
    return _lay_points(xy, first, last, start, step, x, y, at)


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
