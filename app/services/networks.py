"""The walk network of a day, kept in the process until the data change."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import Lock

from sqlalchemy import Connection

from app.analysis.walking.network import Network, make_network
from app.db.changes import state_of_data
from app.db.walkways import walkways_on

# Days of one state of the data that people look at, at the same time.
_MOST_KEPT = 8

_kept: OrderedDict[tuple[str, date], Network] = OrderedDict()
_lock = Lock()


def network_on(connection: Connection, on: date) -> Network:
    """Return the walk network of a day, edges that need leave included.

    Who walks it without leave gets its public part from `app.analysis.walking.ground.ground_for`.
    The network of a day is made once for a state of the data and shared by all threads: nobody may
    change it. The least recently used beyond a few are forgotten.

    Parameters
    ----------
    connection : Connection
    on : date

    Returns
    -------
    Network
        Edges in the order of their keys; empty where there are none.
    """
    wanted = (state_of_data(connection), on)
    with _lock:
        found = _kept.get(wanted)
        if found is not None:
            _kept.move_to_end(wanted)
            return found
    found = make_network(walkways_on(connection, on))
    with _lock:
        found = _kept.setdefault(wanted, found)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return found
