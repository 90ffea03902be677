"""A private database of the service with a fabric in it, made for a measurement and removed afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import psycopg
import shapely
from sqlalchemy import Connection

from app.db.cluster.embedded import find_cluster
from app.db.engine import make_engine
from app.db.migrate import upgrade
from app.domain.crs import STORAGE_SRID
from benchmarks.fabric import Floats

_FILL = """
INSERT INTO park (key) VALUES ('fabric');
INSERT INTO park_version (park_id, name, geometry, valid)
    SELECT park_id, 'Fabric', (SELECT ST_SetSRID(ST_Extent(geometry)::geometry, 25832) FROM boundary), '(,)'
    FROM park;
INSERT INTO plot (park_id, key)
    SELECT park_id, 'p' || lpad(nth::text, 8, '0') FROM park, boundary ORDER BY nth;
INSERT INTO plot_version (plot_id, geometry, use_status, quality, valid)
    SELECT plot_id, boundary.geometry, 'unknown', 'schematic', '(,)'
    FROM boundary JOIN plot ON key = 'p' || lpad(nth::text, 8, '0') ORDER BY nth;
DROP TABLE boundary;
"""

# What is cheaper made at once after filling a table than row by row.
_HANGING = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = 'plot_version'::regclass AND contype IN ('f', 'x')
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = 'plot_version'::regclass AND NOT indisprimary
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@contextmanager
def private_database() -> Iterator[Connection]:
    """Yield a connection to a new database with the service's tables and settings; nothing is in them."""
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    # The server may run as another user, who must be able to walk through.
    folder.chmod(0o755)
    cluster = find_cluster(folder)
    try:
        with cluster.in_use():
            engine = make_engine(cluster.url(), pool_size=1)
            with engine.begin() as connection:
                upgrade(connection)
            with engine.connect() as connection:
                yield connection
            engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def driver(connection: Connection) -> psycopg.Connection:
    """Return psycopg's own connection."""
    return cast("psycopg.Connection", connection.connection.driver_connection)


def store_fabric(connection: Connection, rings: Floats) -> None:
    """Store one park with the plots of a fabric, keys in the order of `rings`, and commit."""
    raw = driver(connection)
    raw.execute(f"CREATE TEMP TABLE boundary (nth int, geometry geometry(Polygon, {STORAGE_SRID}))")
    with raw.cursor().copy("COPY boundary FROM STDIN") as copy:
        for start in range(0, len(rings), 10_000):
            polygons = shapely.set_srid(shapely.polygons(rings[start : start + 10_000]), STORAGE_SRID)
            wkb = shapely.to_wkb(polygons, hex=True, include_srid=True)
            copy.write("".join(f"{nth}\t{each}\n" for nth, each in enumerate(wkb, start)))
    hanging = raw.execute(_HANGING).fetchall()
    for drop, _ in hanging:
        raw.execute(drop)
    for statement in _FILL.split(";\n"):
        if statement.strip():
            raw.execute(statement)
    for _, make in hanging:
        raw.execute(make)
    raw.commit()
    raw.autocommit = True
    raw.execute("VACUUM ANALYZE plot_version, plot")
    raw.autocommit = False
