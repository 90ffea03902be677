"""Where borders run together: stretches within `snap_m` of another plot's border."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from app.analysis.adjacency.tolerances import EPSILON_M
from tests.reference.adjacency_numpy.segments import (
    Bounds,
    Candidates,
    Floats,
    Ints,
    Rows,
    Segments,
    Views,
    chunks,
    views,
)

# Segments that meet at a greater angle cross or part, they do not run together. Wide enough for the tilt
# that centimetres of noise give to short segments, narrow enough that borders parting at a junction do not
# count as common beyond it.
NEAR_PARALLEL = math.sin(math.radians(15))

CHUNK = 50_000


@dataclass(frozen=True)
class Stretches(Rows):
    """Disjoint stretches of segments, `t0` to `t1` metres along `segment`, each of one `group`."""

    group: Ints
    t0: Floats
    t1: Floats


@dataclass(frozen=True)
class Contact(Rows):
    """What is common to two plots, seen from the border of plot `a`; one entry an ordered pair."""

    a: Ints
    b: Ints
    length_m: Floats
    gap_m: Floats


def near_views(segments: Segments, snap_m: float) -> Views:
    """Return the stretches of near-parallel segments of other plots within `snap_m` of each segment.

    The viewer is a segment; a stretch is measured by perpendicular projection, so that it ends where the
    other border ends and not `snap_m` later.
    """
    boxes = segments.boxes(snap_m / 2 + EPSILON_M)
    tree = shapely.STRtree(boxes)
    found = [
        _near(segments, tree.query(boxes[rows]), rows.start, snap_m) for rows in chunks(len(boxes), CHUNK)
    ]
    return Views.joined(found)


def _near(segments: Segments, pairs: Ints, offset: int, snap_m: float) -> Views:
    base, seen = pairs[0] + offset, pairs[1]
    sine = segments.dx[base] * segments.dy[seen] - segments.dy[base] * segments.dx[seen]
    kept = (segments.plot[base] != segments.plot[seen]) & (np.abs(sine) <= NEAR_PARALLEL)
    candidates = Candidates(base, base, seen).take(kept)
    reach_m = snap_m + EPSILON_M
    along = Bounds(0.0, segments.length_m[candidates.base])
    return views(segments, candidates, along, Bounds(-reach_m, reach_m))


def merged(group: Ints, t0: Floats, t1: Floats) -> Stretches:
    """Return the unions of the intervals `t0` to `t1` of each group, ordered by group and start.

    Intervals less than a micrometre apart become one.
    """
    step = np.repeat([1, -1], len(group))
    groups, t = np.tile(group, 2), np.concatenate([t0, t1])
    order = np.lexsort((t - EPSILON_M * (step > 0), groups))
    depth = np.cumsum(step[order])
    starts, ends = order[(depth == 1) & (step[order] > 0)], order[depth == 0]
    return Stretches(groups[starts], t[starts], t[ends])


def shared_stretches(segments: Segments, near: Views) -> Stretches:
    """Return the stretches common with another plot; the group is ``segment * n_plots + other plot``."""
    return merged(near.viewer * segments.n_plots + segments.plot[near.seen], near.t0, near.t1)


def contacts(segments: Segments, near: Views, stretches: Stretches) -> Contact:
    """Return the common length and the largest gap for each ordered pair of plots in contact, in order.

    The gap is taken from borders that face each other: the far side of a plot thinner than the tolerance
    is near, too, but no gap.
    """
    n_plots = segments.n_plots
    segment, other = np.divmod(stretches.group, n_plots)
    pairs, position = np.unique(segments.plot[segment] * n_plots + other, return_inverse=True)
    length_m = np.bincount(position, weights=stretches.t1 - stretches.t0, minlength=len(pairs)).astype(
        np.float64
    )
    facing = near.take(near.is_opposed)
    gap_m = np.zeros(len(pairs))
    pair_of_view = segments.plot[facing.viewer] * n_plots + segments.plot[facing.seen]
    np.maximum.at(gap_m, np.searchsorted(pairs, pair_of_view), np.maximum(facing.h0, facing.h1))
    return Contact(pairs // n_plots, pairs % n_plots, length_m, gap_m)


def open_stretches(segments: Segments, near: Views) -> Stretches:
    """Return the stretches that no other plot's border covers; the group is the segment.

    Only these can see across a street: the rest looks at a plot in contact.
    """
    facing = near.take(near.is_opposed)
    every, zero = np.arange(len(segments)), np.zeros(len(segments))
    covered = merged(
        np.concatenate([facing.viewer, every, every]),
        np.concatenate([facing.t0, zero, segments.length_m]),
        np.concatenate([facing.t1, zero, segments.length_m]),
    )
    between = covered.group[1:] == covered.group[:-1]
    return Stretches(covered.group[1:][between], covered.t1[:-1][between], covered.t0[1:][between])
