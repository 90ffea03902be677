"""Check the stored data: rules over several rows, and whether what is derived is up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection

from app.db.integrity import Finding, findings
from app.db.tours.records import unplanned
from app.errors import N_, NN_
from app.services.neighbors.stored_pairs import n_stale_pairs
from app.services.tours.plan_rows import ENGINE as TOUR_ENGINE


def check(connection: Connection, report: Callable[[str], None] = lambda _: None) -> Iterator[Finding]:
    """Yield everything that is wrong with the stored data; nothing where all is well.

    Parameters
    ----------
    connection : Connection
        Only read; what is derived is computed anew in memory.
    report : callable
        Told the name of each step when it begins.
    """
    report(N_("Rules"))
    yield from findings(connection)
    report(N_("Tours"))
    for key in unplanned(connection, TOUR_ENGINE, datetime.now(UTC)):
        yield Finding(
            N_(
                "The legs of tour %(tour)s are missing or out of date: run “python -m app tour plan --all”; "
                "if that does not help, the tour is no longer feasible as planned: change it in the planner."
            ),
            {"tour": key},
        )
    report(N_("Neighbors"))
    n_stale = n_stale_pairs(connection)
    if n_stale:
        template = NN_(
            "%(n)s neighbor pair is out of date: run “python -m app neighbors rebuild”.",
            "%(n)s neighbor pairs are out of date: run “python -m app neighbors rebuild”.",
        )
        yield Finding(template, {"n": n_stale})
