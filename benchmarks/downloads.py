"""Time large answers by two kinds of gunicorn's workers: ``python -m benchmarks.downloads [N_PLOTS]``.

The service's own worker (waitress holds the connections) against gunicorn's plain one with threads, each with
one process, one after the other and then the other way round; every answer is read whole by a quick client.
"""

from __future__ import annotations

import http.client
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import URL

from benchmarks.api_servers import PEERS, served
from benchmarks.database import private_database, store_fabric
from benchmarks.fabric import make_fabric
from benchmarks.measured import seconds, table

N_PLOTS, N_RUNS = 100_000, 3
PATHS = {
    "items, GeoJSON, pages of 10,000": "/api/collections/plots/items?limit=10000",
    "GeoJSON": "/exports/plots.geojson",
    "GeoPackage, made": "/exports/plots.gpkg",
    "GeoPackage, kept": "/exports/plots.gpkg",
}
WORKERS = {"this project": "app.cli.server.web_worker.Worker", "gthread": "gthread"}


def main(n_plots: int = N_PLOTS) -> None:
    """Print seconds and megabytes a second of both, and their ratio."""
    with private_database() as connection, tempfile.TemporaryDirectory() as folder:
        store_fabric(connection, make_fabric(n_plots).rings)
        url = connection.engine.url.render_as_string(hide_password=False)
        took: dict[str, dict[str, list[float]]] = {name: {path: [] for path in PATHS} for name in WORKERS}
        for n, name in enumerate([*WORKERS, *reversed(WORKERS)]):
            _time(url, Path(folder) / str(n), name, took[name])
    rows = []
    for path in PATHS:
        ours, plain = (min(took[name][path]) for name in WORKERS)
        rows.append((path, seconds(ours), seconds(plain), f"{ours / plain:.2f}"))
    print(f"{n_plots:,} plots; load {os.getloadavg()[0]:.1f} at the end\n")
    print(table(("answer", *(f"{name}: s" for name in WORKERS), "ratio"), rows))


def _time(url: str, folder: Path, name: str, took: dict[str, list[float]]) -> None:
    folder.mkdir()
    serve = partial(_serve, PEERS[0].serve, WORKERS[name], folder)
    with served(replace(PEERS[0], serve=serve), url, folder) as port:
        for path, address in PATHS.items():
            n_runs = 1 if path.endswith("made") else N_RUNS
            took[path] += [_read(port, address) for _ in range(n_runs)]


def _serve(
    plain: Callable[..., tuple[list[str], dict[str, str]]],
    worker: str,
    folder: Path,
    database: URL,
    port: int,
    _: Path,
) -> tuple[list[str], dict[str, str]]:
    command, environment = plain(database, port, folder)
    # Each has its own files that are kept, so that each has to make them.
    return [*command, "--worker-class", worker], {**environment, "APP_VAR_DIR": str(folder)}


def _read(port: int, address: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    began_s = time.perf_counter()
    connection.request("GET", address)
    response = connection.getresponse()
    if response.status != http.HTTPStatus.OK or not np.sum(
        [len(each) for each in iter(lambda: response.read(2**18), b"")]
    ):
        raise RuntimeError(f"{address}: {response.status}")
    connection.close()
    return time.perf_counter() - began_s


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
