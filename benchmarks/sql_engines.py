"""Neighbors asked of databases: the plots in tables with indexes first, then the question alone."""

# ruff: noqa: PLC0415  a process imports only what it measures

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from benchmarks import simple_sql
from benchmarks.database import driver, private_database

SEDONA_PAIRS = """
SELECT a.key AS a, b.key AS b FROM plots a, plots b
WHERE ST_DWithin(a.geometry, b.geometry, 0.1) AND a.key < b.key
"""
SEDONA_LENGTHS = """
SELECT a.key AS a, b.key AS b, ST_Length(ST_Intersection(ST_Boundary(a.geometry), ST_Buffer(b.geometry, 0.1)))
FROM plots a, plots b
WHERE ST_DWithin(a.geometry, b.geometry, 0.1) AND a.key < b.key
"""
POSTGIS_TABLES = (
    "CREATE TEMP TABLE plots (plot int PRIMARY KEY, geometry geometry, reach geometry)",
    "CREATE TEMP TABLE segments (plot int, x float8, y float8, dx float8, dy float8, length_m float8)",
)
POSTGIS_INDEXES = (
    "CREATE INDEX ON plots USING gist (geometry)",
    "CREATE INDEX ON segments (plot)",
    "ANALYZE plots",
    "ANALYZE segments",
)


@contextmanager
def in_sedona(plots: gpd.GeoDataFrame) -> Iterator[Any]:
    """Yield a sedonadb connection with the plots in memory."""
    import sedonadb

    connection = sedonadb.connect()
    connection.create_data_frame(plots).to_memtable().to_view("plots", overwrite=True)
    yield connection


def ask_sedona(connection: Any, query: str) -> pd.DataFrame:
    """Return the answer of a query."""
    return connection.sql(query).to_pandas()


@contextmanager
def in_duckdb(plots: gpd.GeoDataFrame) -> Iterator[Any]:
    """Yield a DuckDB in memory, with the spatial extension that a wheel carries."""
    import duckdb

    (extension,) = files("duckdb_extension_spatial").glob("extensions/*/spatial.duckdb_extension")
    tables = simple_sql.sql_tables(plots.geometry.to_numpy())
    with duckdb.connect(config={"memory_limit": "8GB"}) as connection:
        connection.execute(f"LOAD '{extension}'")
        for name, columns in tables.items():
            connection.register(f"given_{name}", pd.DataFrame(columns))
        connection.execute(
            "CREATE TABLE plots AS SELECT plot, ST_GeomFromWKB(geometry) AS geometry,"
            " ST_GeomFromWKB(reach) AS reach FROM given_plots"
        )
        connection.execute("CREATE TABLE segments AS SELECT * FROM given_segments")
        yield connection


def typed_duckdb(connection: Any) -> pd.DataFrame:
    """Return the pairs of the plain typed SQL."""
    *steps, pairs = simple_sql.statements()
    for statement in (*simple_sql.drops(), *steps):
        connection.execute(statement)
    return connection.execute(pairs).df()


@contextmanager
def in_postgis(plots: gpd.GeoDataFrame) -> Iterator[Any]:
    """Yield a connection to a private PostGIS with the plots in indexed tables."""
    tables = simple_sql.sql_tables(plots.geometry.to_numpy())
    with private_database() as connection:
        raw = driver(connection)
        for statement in POSTGIS_TABLES:
            raw.execute(statement)
        for name, columns in tables.items():
            _fill(raw, name, columns)
        for statement in POSTGIS_INDEXES:
            raw.execute(statement)
        yield connection


def _fill(raw: Any, name: str, columns: simple_sql.Table) -> None:
    with raw.cursor().copy(f"COPY {name} FROM STDIN") as copy:
        for row in zip(*(column.tolist() for column in columns.values()), strict=True):
            copy.write_row([value.hex() if isinstance(value, bytes) else value for value in row])


def postgis_mb(prepared: Any) -> float:
    """Return the most memory that the server process of the connection ever held, its caches included."""
    ((process,),) = driver(prepared).execute("SELECT pg_backend_pid()").fetchall()
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def typed_postgis(prepared: Any) -> pd.DataFrame:
    """Return the pairs of the plain typed SQL."""
    raw = driver(prepared)
    *steps, pairs = simple_sql.statements()
    for statement in simple_sql.drops():
        raw.execute(statement)
    for name, statement in zip(simple_sql.STEPS, steps, strict=True):
        raw.execute(statement)
        raw.execute(f"ANALYZE {name}")
    return _kinds(raw.execute(pairs).fetchall())


def _kinds(rows: list[Any]) -> pd.DataFrame:
    return pd.DataFrame([row[:3] for row in rows], columns=["a", "b", "relation"])
