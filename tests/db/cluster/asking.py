"""Questions to a private cluster."""

from __future__ import annotations

import psycopg

from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine


def ask(cluster: Cluster, question: str) -> object:
    engine = make_engine(cluster.url())
    try:
        with engine.connect() as connection:
            return connection.exec_driver_sql(question).scalar_one()
    finally:
        engine.dispose()


def as_service(cluster: Cluster) -> psycopg.Connection:
    return psycopg.connect(cluster.url().replace("+psycopg", ""))
