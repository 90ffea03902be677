"""Rebuild the stored neighbor pairs from the plots' whole history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import Range

from app.analysis.adjacency import ENGINE, Tolerances, typed_neighbors
from app.db import adjacency as stored
from app.domain.crs import STORAGE_SRID
from app.domain.period import Period

MEASURES = ("shared_m", "gap_m", "facing_m", "overlap_m2")
Pair = tuple[int, int]


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
        Told (epochs done, epochs in all).

    Returns
    -------
    int
        Rows stored; 0 where there are no plots.
    """
    versions = stored.plot_versions(connection)
    periods = epochs(versions)
    runs: dict[Pair, list[dict[str, Any]]] = {}
    for done, period in enumerate(periods, start=1):
        for row in epoch_pairs(versions, period, tolerances or Tolerances()):
            extend(runs.setdefault((row["focal_version_id"], row["neighbor_version_id"]), []), row, period)
        report(done, len(periods))
    rows = [to_stored(row) for run in runs.values() for row in run]
    stored.replace_adjacency(connection, rows)
    return len(rows)


def epochs(versions: gpd.GeoDataFrame) -> list[Period]:
    """Return the periods, in order, within which no plot version begins or ends."""
    if versions.empty:
        return []
    days: list[date] = sorted({day for day in (*versions.valid_from, *versions.valid_to) if day is not None})
    bounds: list[date | None] = [None, *days, None]
    return [Period(starts, ends) for starts, ends in pairwise(bounds)]


def epoch_pairs(
    versions: gpd.GeoDataFrame, period: Period, tolerances: Tolerances
) -> Iterator[dict[str, Any]]:
    """Yield the typed pairs of the versions that hold during `period`, which none begins or ends in."""
    alive = [
        Period(starts, ends).overlaps(period)
        for starts, ends in zip(versions.valid_from, versions.valid_to, strict=True)
    ]
    plots = versions.loc[alive]
    version_ids = dict(zip(plots.key, plots.plot_version_id, strict=True))
    for pair in typed_neighbors(plots, "key", tolerances).itertuples(index=False):
        yield {
            "focal_version_id": int(version_ids[pair.focal]),
            "neighbor_version_id": int(version_ids[pair.neighbor]),
            "relation": str(pair.relation),
            **{measure: getattr(pair, measure) for measure in MEASURES},
            "geometry": pair.geometry,
        }


def extend(run: list[dict[str, Any]], row: dict[str, Any], period: Period) -> None:
    """Add a pair's row of one epoch to its run, lengthening the last row where nothing changed."""
    last = run[-1] if run else None
    if last and last["period"].ends_on == period.starts_on and is_same(last, row):
        last["period"] = Period(last["period"].starts_on, period.ends_on)
    else:
        run.append({**row, "period": period})


def is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Say whether two rows of one pair agree in relation and, to a hundredth of a millimetre, in measures."""
    mine, theirs = ([row[measure] for measure in MEASURES] for row in (one, other))
    return one["relation"] == other["relation"] and np.allclose(
        mine, theirs, rtol=0, atol=1e-5, equal_nan=True
    )


def to_stored(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the columns of the table: NaN as null, geometry as EWKT's binary form."""
    period = row.pop("period")
    measures = {measure: None if pd.isna(row[measure]) else float(row[measure]) for measure in MEASURES}
    geometry = shapely.to_wkb(shapely.set_srid(row["geometry"], STORAGE_SRID), hex=True, include_srid=True)
    valid = Range(period.starts_on, period.ends_on, bounds="[)")
    return {**row, **measures, "geometry": geometry, "valid": valid, "engine": ENGINE}
