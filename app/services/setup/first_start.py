"""From any database to one that can be served: schema, shipped data, neighbors, tours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from app.analysis.adjacency import ENGINE
from app.db.changes import act_as
from app.db.migrate import is_current, upgrade
from app.db.neighbors.adjacency import is_computed
from app.db.tours.records import unplanned
from app.domain.kinds import BusinessCase
from app.errors import N_, AppError
from app.services.features.importing import is_empty, load_dataset
from app.services.neighbors.stored_pairs import rebuild_neighbors
from app.services.tours.plan_rows import ENGINE as TOUR_ENGINE
from app.services.tours.storing import plan_legs

SHIPPED = Path(__file__).parents[3] / "geodata" / "heinenkamp"

# Who stores the data that ship, in the list of changes.
_PERSON = "Nachbarschaft Heinenkamp"

_log = logging.getLogger(__name__)


def prepare_database(connection: Connection, report: Callable[[str], None], shipped: Path = SHIPPED) -> None:
    """Do what is missing, and nothing else: a prepared database costs a few queries.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit: all of this happens, or nothing.
    report : callable
        Told the name of each step when it begins.
    shipped : Path
        The data folder for an empty database.
    """
    if not is_current(connection):
        report("Tables")
        upgrade(connection)
    if is_empty(connection):
        report("Data of Heinenkamp I and II" if shipped == SHIPPED else N_("Data of the demo"))
        # With it begins what is known.
        act_as(connection, _PERSON, BusinessCase.IMPORT)
        load_dataset(connection, shipped)
    if not is_computed(connection, ENGINE):
        report("Neighbors")
        rebuild_neighbors(connection)
    if outdated := unplanned(connection, TOUR_ENGINE, datetime.now(UTC)):
        report("Tours")
        plan_anew(connection, outdated)


def plan_anew(connection: Connection, keys: Sequence[str]) -> None:
    """Plan tours anew as they are stored; those that are not possible so any more keep their plan.

    The log names these, and so does `app.services.setup.checking.check` until somebody changes them.
    """
    for key in keys:
        try:
            with connection.begin_nested():
                plan_legs(connection, key)
        except AppError as error:
            _log.warning("tour %s keeps its plan of an older version: %s", key, error)
    for key in unplanned(connection, TOUR_ENGINE, datetime.now(UTC)):
        _log.warning("tour %s is not possible any more as it was planned: change it in the planner", key)
