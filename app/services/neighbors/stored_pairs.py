"""Keep the stored neighbor pairs right: rebuilt from the plots' whole history, or updated after an edit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from sqlalchemy import Connection

from app.analysis.adjacency import (
    ENGINE,
    PlotArrays,
    Tolerances,
    TypedPairs,
    evidence,
    typed_pairs_of_arrays,
)
from app.analysis.pair_runs import (
    Changes,
    changes,
    difference,
    epochs,
    grown,
    merged,
    outside,
    redrawn,
    runs,
    sight_boxes,
)
from app.db.neighbors import pair_rows as stored
from app.domain.lifetimes import MEASURES, Geometries, Ints, PairRows, Span, Versions

# Added to the reach of windows: the spatial index keeps boxes in single precision.
MARGIN_M = 1.0

# An edit of more boundaries than a few, and of more than this share of all, costs less as a rebuild.
FEW, SHARE = 1_000, 0.05

# A rebuild draws and stores this many rows at once, in stripes of this breadth.
PIECE, STRIPE_M = 25_000, 2_000.0


def rebuild_neighbors(
    connection: Connection,
    tolerances: Tolerances | None = None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Compute all neighbor pairs of all days anew and put them in the place of the stored ones.

    The plots of all parks are one coverage. Between two days on which a boundary came or went
    nothing can change, so each such epoch is computed once, and a pair that stays as it is over
    several epochs becomes one row. Decisions of persons live elsewhere and stay.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    tolerances : Tolerances, optional
        Those of the design where not given.
    report : callable, optional
        Called with (epochs done, epochs in all).

    Returns
    -------
    int
        Rows stored; 0 where there are no plots.
    """
    tolerances = tolerances or Tolerances()
    stored.lock_pairs(connection)
    versions = stored.all_versions(connection)
    rows = all_pairs(versions, tolerances, report)
    stored.replace_pairs(connection, len(rows), _pieces(versions, rows, tolerances), ENGINE)
    return len(rows)


def all_pairs(
    versions: Versions,
    tolerances: Tolerances | None = None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> PairRows:
    """Return the neighbor pairs of all days; see `rebuild_neighbors`, which stores them."""
    periods = epochs(versions)
    rows = PairRows.none()
    for done, period in enumerate(periods, start=1):
        rows = runs(PairRows.joined([rows, epoch_pairs(versions, period, tolerances or Tolerances())]))
        report(done, len(periods))
    return rows


def n_stale_pairs(connection: Connection) -> int:
    """Return how many stored rows of pairs are wrong, and how many are missing; nothing is written."""
    versions = stored.all_versions(connection)
    rows, engines = stored.pairs_among(connection, versions.version_id)
    if engines - {ENGINE}:
        return len(rows)
    gone, come = difference(rows, all_pairs(versions), np.empty(0, np.int64))
    return len(gone) + len(come)


@contextmanager
def neighbors_updated(connection: Connection, plots: Iterable[str]) -> Iterator[None]:
    """Keep the stored pairs up to date while the body changes versions of `plots`, named by their keys.

    Where no pairs are stored yet there is nothing to keep: `rebuild_neighbors` makes them.
    """
    keys = sorted(set(plots))
    is_stored = stored.stored_engine(connection) is not None
    before = stored.versions_of(connection, keys) if is_stored else Versions.none()
    yield
    if is_stored:
        update_neighbors(connection, before, stored.versions_of(connection, keys))


def update_neighbors(
    connection: Connection, before: Versions, after: Versions, tolerances: Tolerances | None = None
) -> int:
    """Bring the stored pairs up to date after an edit, by computing its surroundings only.

    A boundary that comes or goes can change a pair of others, too, by standing between them. Whatever
    it changes lies within reach of it; and what decides about a pair lies within reach of both plots.
    So the plots near the changed boundaries are paired anew, seen among all that stands around them,
    for the days of the edit, and only rows that differ from the stored ones are written. The table then
    holds the same rows as after `rebuild_neighbors`.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit; the edit belongs to the same.
    before, after : Versions
        The versions of the plots concerned, before and after the edit. More of them do no harm.
    tolerances : Tolerances, optional
        Those of the rebuild; those of the design where not given.

    Returns
    -------
    int
        Rows deleted and stored; 0 where the edit changed no boundary's days.
    """
    edit = changes(before, after)
    if not len(edit):
        return 0
    tolerances = tolerances or Tolerances()
    stored.lock_pairs(connection)
    if len(edit) > FEW and len(edit) > SHARE * stored.n_versions(connection):
        return rebuild_neighbors(connection, tolerances)
    near, window = _surroundings(
        connection, edit, np.union1d(before.version_id, after.version_id), tolerances
    )
    old, engines = stored.pairs_among(connection, near)
    if engines - {ENGINE}:
        return rebuild_neighbors(connection, tolerances)
    anew = [epoch_pairs(window, period, tolerances) for period in epochs(window, edit.days)]
    among = [rows.take(np.isin(rows.focal, near) & np.isin(rows.neighbor, near)) for rows in anew]
    new = runs(PairRows.joined([outside(old, edit.days), *among]))
    gone, come = difference(old, new, redrawn(before, after))
    stored.change_pairs(connection, gone, come, _evidence(window, come, tolerances), ENGINE)
    return len(gone) + len(come)


def _surroundings(
    connection: Connection, edit: Changes, edited: Ints, tolerances: Tolerances
) -> tuple[Ints, Versions]:
    """Return the ids of the versions whose pairs an edit may change, and all that can matter to those."""
    reach_m = tolerances.reach_m + MARGIN_M
    near = stored.versions_in(connection, merged(grown(edit.box, reach_m)), edit.days, edited)
    boxes = sight_boxes(near.bounds, reach_m)
    return near.version_id, stored.versions_in(connection, boxes, edit.days, near.version_id)


def epoch_pairs(versions: Versions, period: Span, tolerances: Tolerances) -> PairRows:
    """Return the typed pairs of the versions that hold during `period`, which none begins or ends in."""
    alive = versions.take(versions.alive(*period))
    pairs = typed_pairs_of_arrays(PlotArrays.from_geometries(alive.geometry), tolerances)
    starts, ends = (np.full(len(pairs.a), day, np.int32) for day in period)
    return PairRows(
        row_id=np.zeros(len(pairs.a), np.int64),
        focal=alive.version_id[pairs.a],
        neighbor=alive.version_id[pairs.b],
        relation=pairs.relation,
        **{name: getattr(pairs, name) for name in MEASURES},
        starts=starts,
        ends=ends,
    )


def _pieces(
    versions: Versions, rows: PairRows, tolerances: Tolerances
) -> Iterator[tuple[PairRows, Geometries]]:
    """Yield `rows` with their evidence piece by piece, those of one place on earth together."""
    focal = _positions(versions, rows.focal)
    left, bottom = versions.bounds[focal, :2].T
    order = np.lexsort((left, np.floor(bottom / STRIPE_M)))
    for start in range(0, len(rows), PIECE):
        some = rows.take(order[start : start + PIECE])
        yield some, _evidence(versions, some, tolerances)


def _evidence(versions: Versions, rows: PairRows, tolerances: Tolerances) -> Geometries:
    """Return what shows why each pair are neighbors; it follows from the two boundaries and the relation."""
    one, other = _positions(versions, rows.focal), _positions(versions, rows.neighbor)
    used = np.unique(np.append(one, other))
    a, b = (np.searchsorted(used, positions).astype(np.int32) for positions in (one, other))
    pairs = TypedPairs(a, b, rows.relation, *(getattr(rows, name) for name in MEASURES))
    return evidence(PlotArrays.from_geometries(versions.geometry[used]), pairs, tolerances)


def _positions(versions: Versions, version_ids: Ints) -> Ints:
    """Return where the versions with these ids stand."""
    order = np.argsort(versions.version_id)
    return order[np.searchsorted(versions.version_id, version_ids, sorter=order)]
