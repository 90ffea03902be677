"""The walk network of a day, cached in the process until the data change."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from app.analysis.walking.cached_network import CachedNetwork
from app.analysis.walking.network import make_network
from app.cache import Cache
from app.db.changes import state_of_data
from app.db.walking.walkways import walkways_on

# Days of one state of the data that people look at, at the same time.
_networks = Cache[tuple[str, date], CachedNetwork](8)


def network_on(connection: Connection, on: date) -> CachedNetwork:
    """Return the walk network of a day, edges that need permission included.

    Its `subgraph()` is what everybody walks without permission. The network of a day is made once for a
    state of the data and shared by all threads: nobody may change it. The least recently used beyond a
    few are forgotten.

    Parameters
    ----------
    connection : Connection
    on : date

    Returns
    -------
    CachedNetwork
        Edges in the order of their keys; empty where there are none.
    """
    wanted = (state_of_data(connection), on)
    return _networks.get_or_make(wanted, lambda: CachedNetwork(make_network(walkways_on(connection, on))))
