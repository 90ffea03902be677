"""The decision: which pairs of plots are neighbors, of what kind, in the order of precedence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely

from app.analysis.adjacency.tolerances import EPSILON_M, Tolerances
from app.domain.kinds import Relation
from tests.reference.adjacency_numpy.contact import (
    Contact,
    Stretches,
    contacts,
    near_views,
    open_stretches,
    shared_stretches,
)
from tests.reference.adjacency_numpy.evidence import common_borders, connections, outlines
from tests.reference.adjacency_numpy.segments import (
    Floats,
    Geometries,
    Ints,
    Rows,
    Segments,
    Views,
    border_segments,
)
from tests.reference.adjacency_numpy.sight import Sight, sights

# A relation's code is its position here.
RELATIONS = tuple(Relation)
OVERLAP, EDGE, CORNER, ACROSS = (str(relation) for relation in Relation)


@dataclass(frozen=True)
class Pairs(Rows):
    """Typed pairs of plot positions, `a` < `b`, with measures, NaN where one does not apply."""

    a: Ints
    b: Ints
    relation: Geometries
    shared_m: Floats
    gap_m: Floats
    facing_m: Floats
    overlap_m2: Floats


def typed_pairs(
    geometries: Geometries, tolerances: Tolerances, report: Callable[[float], None]
) -> tuple[Pairs, Geometries]:
    """Return the typed pairs among valid polygons and multipolygons, ordered, and the evidence of each."""
    segments = border_segments(geometries)
    near = near_views(segments, tolerances.snap_m)
    report(0.2)
    borders = Borders.among(segments, near)
    touching = _touching(geometries, borders, tolerances)
    report(0.4)
    sight = sights(
        segments,
        open_stretches(segments, near),
        tolerances.snap_m,
        tolerances.across_m,
        lambda done: report(0.4 + 0.5 * done),
    )
    pairs = Pairs.joined([touching, _across(geometries, sight, touching, tolerances)])
    ordered = pairs.take(np.lexsort((pairs.b, pairs.a)))
    return ordered, _evidence(geometries, ordered, borders)


@dataclass(frozen=True)
class Borders:
    """The stretches that plots have in common.

    `facing` holds borders that turn their outsides to each other: common borders proper. `any` holds, too,
    those that run side by side with the interior on the same hand, as plots that overlap have.
    """

    segments: Segments
    near: Views
    facing: Stretches
    any: Stretches

    @classmethod
    def among(cls, segments: Segments, near: Views) -> Self:
        """Return the common stretches that `near` holds."""
        facing = near.take(near.is_opposed)
        return cls(segments, near, shared_stretches(segments, facing), shared_stretches(segments, near))

    def contact(self, stretches: Stretches) -> Contact:
        """Return lengths and gaps of `stretches` for each ordered pair."""
        return contacts(self.segments, self.near, stretches)


def near_pairs(geometries: Geometries, reach_m: float) -> tuple[Ints, Ints]:
    """Return the positions a < b of all pairs no farther apart than `reach_m`."""
    left, bottom, right, top = shapely.bounds(geometries).T
    grown = shapely.box(left - reach_m, bottom - reach_m, right + reach_m, top + reach_m)
    a, b = shapely.STRtree(geometries).query(grown)
    a, b = a[a < b], b[a < b]
    shapely.prepare(geometries)
    is_near = shapely.dwithin(geometries[a], geometries[b], reach_m)
    return a[is_near], b[is_near]


def _touching(geometries: Geometries, borders: Borders, tolerances: Tolerances) -> Pairs:
    """Return the pairs within `snap_m`: overlap, edge or corner."""
    a, b = near_pairs(geometries, tolerances.snap_m + EPSILON_M)
    edge_m, border_gap_m = _of_both(borders.contact(borders.facing), a, b, len(geometries))
    any_m, _ = _of_both(borders.contact(borders.any), a, b, len(geometries))
    overlap_m2 = _overlap_m2(geometries[a], geometries[b], tolerances.snap_m)
    is_overlap = overlap_m2 > 0
    is_edge = ~is_overlap & (edge_m >= tolerances.edge_m - EPSILON_M)
    is_corner = ~is_overlap & ~is_edge
    gap_m = np.where(is_edge, border_gap_m, np.nan)
    gap_m[is_corner] = shapely.distance(geometries[a[is_corner]], geometries[b[is_corner]])
    return Pairs(
        a,
        b,
        np.select([is_overlap, is_edge], [OVERLAP, EDGE], CORNER).astype(object),
        np.select([is_overlap, is_edge], [any_m, edge_m], np.nan),
        gap_m,
        np.full(len(a), np.nan),
        np.where(is_overlap, overlap_m2, np.nan),
    )


def _of_both(contact: Contact, a: Ints, b: Ints, n_plots: int) -> tuple[Floats, Floats]:
    """Return the smaller common length and the larger gap of the two sides of each pair."""
    there, back = _rows_of(contact, a, b, n_plots), _rows_of(contact, b, a, n_plots)
    length_m, gap_m = np.append(contact.length_m, 0.0), np.append(contact.gap_m, 0.0)
    return np.minimum(length_m[there], length_m[back]), np.maximum(gap_m[there], gap_m[back])


def _rows_of(pairs: Contact | Sight, a: Ints, b: Ints, n_plots: int) -> Ints:
    """Return the row of each ordered pair (a, b) in `pairs`, -1 where it has none."""
    keys, wanted = pairs.a * n_plots + pairs.b, a * n_plots + b
    row = np.searchsorted(keys, wanted)
    return np.where(np.append(keys, -1)[row] == wanted, row, -1)


def _overlap_m2(a: Geometries, b: Geometries, snap_m: float) -> Floats:
    """Return the common area of each pair where it is wider than `snap_m` somewhere, else 0.

    Wider: it holds a circle of that diameter, so that eroding half of it leaves something.
    """
    result = np.zeros(len(a))
    meets = np.flatnonzero(shapely.intersects(a, b) & ~shapely.touches(a, b))
    common = shapely.intersection(a[meets], b[meets])
    area_m2 = shapely.area(common)
    could_be = area_m2 > np.pi / 4 * snap_m**2
    core = shapely.buffer(common[could_be], -(snap_m / 2 + EPSILON_M))
    result[meets[could_be]] = np.where(shapely.is_empty(core), 0.0, area_m2[could_be])
    return result


def _across(geometries: Geometries, sight: Sight, touching: Pairs, tolerances: Tolerances) -> Pairs:
    """Return the pairs that see each other over `facing_m` or more and are not `touching`."""
    n_plots = len(geometries)
    back = _rows_of(sight, sight.b, sight.a, n_plots)
    facing_m = np.minimum(sight.length_m, np.append(sight.length_m, 0.0)[back])
    is_wide = (sight.a < sight.b) & (facing_m >= tolerances.facing_m - EPSILON_M)
    keys = sight.a * n_plots + sight.b
    is_apart = ~np.isin(keys, touching.a * n_plots + touching.b)
    a, b = sight.a[is_wide & is_apart], sight.b[is_wide & is_apart]
    nothing = np.full(len(a), np.nan)
    return Pairs(
        a,
        b,
        np.full(len(a), ACROSS, dtype=object),
        nothing,
        shapely.distance(geometries[a], geometries[b]),
        facing_m[is_wide & is_apart],
        nothing,
    )


def _evidence(geometries: Geometries, pairs: Pairs, borders: Borders) -> Geometries:
    """Return the common border of each pair, or else what shows best why it is a neighbor."""
    evidence = np.full(len(pairs.a), None, dtype=object)
    for relation, stretches in ((EDGE, borders.facing), (OVERLAP, borders.any)):
        rows = pairs.relation == relation
        evidence[rows] = common_borders(borders.segments, stretches, pairs.a[rows], pairs.b[rows])
    a, b = geometries[pairs.a], geometries[pairs.b]
    is_bare = shapely.is_missing(evidence)
    is_area = is_bare & (pairs.relation == OVERLAP)
    is_apart = is_bare & ~is_area
    evidence[is_area] = outlines(a[is_area], b[is_area])
    evidence[is_apart] = connections(a[is_apart], b[is_apart])
    return evidence
