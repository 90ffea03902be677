"""Check the stored data: rules over several rows, and whether what is derived is up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection

from app.db.adjacency import adjacency_on
from app.db.integrity import Finding, findings
from app.db.tour_records import unplanned
from app.errors import N_
from app.services.neighboring import rebuild_neighbors
from app.services.touring import ENGINE as TOUR_ENGINE

MEASURES = ("shared_m", "gap_m", "facing_m", "overlap_m2")


def check(connection: Connection, report: Callable[[str], None] = lambda _: None) -> Iterator[Finding]:
    """Yield everything that is wrong with the stored data; nothing where all is well.

    Parameters
    ----------
    connection : Connection
        Neighbors are computed anew to be compared and then taken back: roll back afterwards.
    report : callable
        Told the name of each step when it begins.
    """
    report(N_("Rules"))
    yield from findings(connection)
    report(N_("Tours"))
    for key in unplanned(connection, TOUR_ENGINE):
        yield Finding(
            N_("The legs of tour %(tour)s are missing or out of date: run “python -m app tour plan --all”."),
            {"tour": key},
        )
    report(N_("Neighbors"))
    n_stale = n_stale_pairs(connection)
    if n_stale:
        template = N_("%(n)s neighbor pairs are out of date: run “python -m app neighbors rebuild”.")
        yield Finding(template, {"n": n_stale})


def n_stale_pairs(connection: Connection) -> int:
    """Return how many stored rows of neighbor pairs differ from what is computed anew."""
    stored = _pairs(connection)
    with connection.begin_nested() as attempt:
        rebuild_neighbors(connection)
        computed = _pairs(connection)
        attempt.rollback()
    return len(stored ^ computed)


def _pairs(connection: Connection) -> set[tuple[Any, ...]]:
    """Return the pairs of all history as rows that compare, measures in millimeters."""
    frame = adjacency_on(connection, None)
    frame[list(MEASURES)] = frame[list(MEASURES)].round(3).astype(object).fillna("")
    columns = ["focal", "neighbor", "relation", *MEASURES, "engine", "valid_from", "valid_to"]
    return set(frame[columns].itertuples(index=False, name=None))
