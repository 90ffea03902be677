"""Neighbor pairs over time: when they can change, and which days make one row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
import shapely

from app.domain.lifetimes import (
    BEGINNING,
    FOREVER,
    MEASURES,
    Columns,
    Days,
    Flags,
    Floats,
    Ints,
    PairRows,
    Span,
    Versions,
)

# Measures that differ by less are one: a hundredth of a millimetre (square metres alike).
SAME = 1e-5


def epochs(versions: Versions, within: Span = (BEGINNING, FOREVER)) -> list[Span]:
    """Return the periods, in order, of `within` in which no version begins or ends; none for no versions."""
    if not len(versions):
        return []
    first, last = within
    days = np.unique(np.concatenate([versions.starts, versions.ends])).astype(np.int64)
    bounds = [first, *(int(day) for day in days if first < day < last), last]
    return list(pairwise(bounds))


def runs(rows: PairRows) -> PairRows:
    """Return `rows` with those joined to one that follow each other day on day and are equal otherwise.

    A run has the id and measures of its first row. Ordered by focal, neighbor, first day.
    """
    rows = rows.take(np.lexsort((rows.starts, rows.neighbor, rows.focal)))
    if not len(rows):
        return rows
    goes_on = _repeats_previous(rows) & (rows.ends[:-1] == rows.starts[1:])
    first = np.flatnonzero(np.append(True, ~goes_on))
    last = np.append(first[1:], len(rows)) - 1
    return replace(rows.take(first), ends=rows.ends[last])


def _repeats_previous(rows: PairRows) -> Flags:
    """Return for each row but the first whether pair, relation and measures are those of the row before."""
    same = (
        (rows.focal[1:] == rows.focal[:-1])
        & (rows.neighbor[1:] == rows.neighbor[:-1])
        & (rows.relation[1:] == rows.relation[:-1])
    )
    for name in MEASURES:
        measure = getattr(rows, name)
        same &= np.isclose(measure[1:], measure[:-1], rtol=0, atol=SAME, equal_nan=True)
    return np.asarray(same)


def outside(rows: PairRows, days: Span) -> PairRows:
    """Return the parts of `rows` before and after `days`; a row that holds all along makes two."""
    first, last = days
    before, after = rows.take(rows.starts < first), rows.take(rows.ends > last)
    return PairRows.joined(
        [
            replace(before, ends=np.minimum(before.ends, first).astype(np.int32)),
            replace(after, starts=np.maximum(after.starts, last).astype(np.int32)),
        ]
    )


def difference(old: PairRows, new: PairRows, redrawn: Ints) -> tuple[Ints, PairRows]:
    """Return the ids of `old` rows that are gone, and the `new` rows to store for `new` to hold.

    Pairs of the versions with the ids `redrawn` are stored anew in any case: their evidence lies elsewhere.
    """
    both = PairRows.joined([old, new])
    is_new = np.arange(len(both)) >= len(old)
    order = np.lexsort((is_new, both.starts, both.neighbor, both.focal))
    both, is_new = both.take(order), is_new[order]
    stays = np.zeros(len(both), dtype=bool)
    if len(both):
        again = _repeats_previous(both) & is_new[1:] & ~is_new[:-1]
        again &= ~np.isin(both.focal[1:], redrawn) & ~np.isin(both.neighbor[1:], redrawn)
        again &= (both.starts[1:] == both.starts[:-1]) & (both.ends[1:] == both.ends[:-1])
        stays[1:] |= again
        stays[:-1] |= again
    return both.row_id[~is_new & ~stays], both.take(is_new & ~stays)


@dataclass(frozen=True)
class Changes(Columns):
    """Boundaries that came or went: `box` (n, 4) in metres, on the days from `starts` to before `ends`."""

    starts: Days
    ends: Days
    box: Floats

    @classmethod
    def none(cls) -> Self:
        """Return no changes."""
        days = np.empty(0, np.int32)
        return cls(days, days, np.empty((0, 4)))

    @property
    def days(self) -> Span:
        """From the first day to the last on which anything changed."""
        return int(self.starts.min()), int(self.ends.max())


def changes(before: Versions, after: Versions) -> Changes:
    """Return where and when boundaries came or went as the versions `before` became those `after`."""
    was, became, is_moved = _matched(before, after)
    gone = np.append(np.setdiff1d(np.arange(len(before)), was), was[is_moved])
    come = np.append(np.setdiff1d(np.arange(len(after)), became), became[is_moved])
    was, became = was[~is_moved], became[~is_moved]
    parts = [
        _of(before.take(gone)),
        _of(after.take(come)),
        *_period_changes(before.take(was), after.take(became)),
    ]
    found = Changes.joined(parts)
    return found.take(found.starts < found.ends)


def redrawn(before: Versions, after: Versions) -> Ints:
    """Return the ids of versions whose boundary was corrected in place."""
    was, _, is_moved = _matched(before, after)
    return before.version_id[was[is_moved]]


def _matched(before: Versions, after: Versions) -> tuple[Ints, Ints, Flags]:
    """Return the positions of the versions that both have, and which of them have another boundary."""
    _, was, became = np.intersect1d(before.version_id, after.version_id, return_indices=True)
    return was, became, ~shapely.equals_identical(before.geometry[was], after.geometry[became])


def _of(versions: Versions) -> Changes:
    return Changes(versions.starts, versions.ends, versions.bounds)


def _period_changes(before: Versions, after: Versions) -> list[Changes]:
    """Return the days that only one of two periods of a version has, whose boundary stayed."""
    is_apart = (before.ends <= after.starts) | (after.ends <= before.starts)
    was, became = before.take(~is_apart), after.take(~is_apart)
    return [
        _of(before.take(is_apart)),
        _of(after.take(is_apart)),
        Changes(np.minimum(was.starts, became.starts), np.maximum(was.starts, became.starts), was.bounds),
        Changes(np.minimum(was.ends, became.ends), np.maximum(was.ends, became.ends), was.bounds),
    ]


def grown(box: Floats, reach_m: float) -> Floats:
    """Return boxes (n, 4), in metres, grown by `reach_m` on every side.

    Examples
    --------
    >>> grown(np.array([[0.0, 0.0, 10.0, 20.0]]), 30.0).tolist()
    [[-30.0, -30.0, 40.0, 50.0]]
    """
    return np.asarray(box + np.array([-reach_m, -reach_m, reach_m, reach_m]))


def sight_boxes(box: Floats, reach_m: float) -> Floats:
    """Return boxes that hold all that can matter to any pair of plots with the boxes `box`.

    What decides about a pair lies within `reach_m` of both: no sight line is longer.

    Examples
    --------
    >>> sight_boxes(np.array([[0.0, 0.0, 10.0, 10.0], [30.0, 0.0, 40.0, 10.0]]), 20.0).tolist()
    [[10.0, -20.0, 30.0, 30.0]]
    """
    wide = grown(box, reach_m)
    shapes = np.asarray(shapely.box(*wide.T))
    one, other = shapely.STRtree(shapes).query(shapes)
    one, other = one[one != other], other[one != other]
    low = np.full((len(box), 2), np.inf)
    high = np.full((len(box), 2), -np.inf)
    np.minimum.at(low, one, np.maximum(wide[one, :2], wide[other, :2]))
    np.maximum.at(high, one, np.minimum(wide[one, 2:], wide[other, 2:]))
    return merged(np.hstack([low, high])[np.isfinite(low[:, 0])])


def merged(box: Floats) -> Floats:
    """Return few boxes that cover `box`, (n, 4): one around each heap of boxes that meet.

    Examples
    --------
    >>> merged(np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 3.0, 3.0], [9.0, 9.0, 10.0, 10.0]])).tolist()
    [[0.0, 0.0, 3.0, 3.0], [9.0, 9.0, 10.0, 10.0]]
    """
    heaps = shapely.get_parts(shapely.union_all(shapely.box(*box.T)))
    return np.asarray(shapely.bounds(heaps)).reshape(-1, 4)
