"""The way from PostGIS and back, and single edits: ``python -m benchmarks.stored N_PLOTS N_EDITS``."""

from __future__ import annotations

import io
import json
import sys
from time import perf_counter

from sqlalchemy import Connection

from app.db.neighbors.pair_rows import emptied_table
from app.services.neighbors.stored_pairs import rebuild_neighbors
from benchmarks.database import driver, private_database, store_fabric
from benchmarks.edits import time_edits
from benchmarks.fabric import make_fabric
from benchmarks.measure import peak_mb

COLUMNS = """(focal_version_id, neighbor_version_id, relation, shared_m, gap_m, facing_m, overlap_m2,
geometry, valid, engine)"""


def main(n_plots: int, n_edits: int) -> None:
    """Print a line, then as JSON: seconds of a rebuild and of storing alone, milliseconds of edits."""
    print("started", flush=True)
    with private_database() as warm:
        store_fabric(warm, make_fabric(30).rings)
        rebuild_neighbors(warm)  # compiled code
    with private_database() as connection:
        store_fabric(connection, make_fabric(n_plots, is_dirty=True).rings)
        started = perf_counter()
        n_rows = rebuild_neighbors(connection)
        connection.commit()
        rebuild_s, memory_mb = perf_counter() - started, peak_mb()
        pure_s = _stored_again(connection)
        times = time_edits(connection, n_plots, n_edits)
        server = _server(connection)
    found = {
        "server": server,
        "n_plots": n_plots,
        "n_rows": n_rows,
        "rebuild_s": rebuild_s,
        "peak_mb": memory_mb,
        "pure_s": pure_s,
    }
    print(json.dumps({**found, "edits": times}))


def _server(connection: Connection) -> str:
    """Return which server it is."""
    asked = (
        "SELECT 'PostgreSQL ' || current_setting('server_version') || ', PostGIS ' || postgis_lib_version()"
    )
    ((name,),) = driver(connection).execute(asked).fetchall()
    return str(name)


def _stored_again(connection: Connection) -> float:
    """Return how long it takes to copy the stored rows into the empty table and make its indexes."""
    raw = driver(connection)
    rows = io.BytesIO()
    with raw.cursor().copy(f"COPY adjacency {COLUMNS} TO STDOUT (FORMAT binary)") as copy:
        for piece in copy:
            rows.write(piece)
    started = perf_counter()
    with (
        emptied_table(raw),
        raw.cursor().copy(f"COPY adjacency {COLUMNS} FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.write(rows.getbuffer())
    raw.commit()
    took_s = perf_counter() - started
    raw.autocommit = True
    raw.execute("VACUUM ANALYZE adjacency")
    raw.autocommit = False
    return took_s


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
