"""The servers that are compared: each a process of its own on a free port, over the same database.

Every server has one process (this project's and pygeoapi's gunicorn with four threads, TiPg's uvicorn with
its event loop) and no cache of answers is switched on, this project's tiles in memory least of all: these are
measured once more, apart. The peers read a plain table `bench_plots` that holds the plots' columns and
boundaries, with a primary key and indexes of the boundaries and of the areas; this project reads its own
tables, which keep plots over time.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import yaml
from sqlalchemy import URL, make_url

PEER_TABLE = """
CREATE TABLE bench_plots AS
    SELECT plot_version_id AS id, plot.key, park.key AS park, label, street, use_status, parcel_number,
           official_area_m2, v.area_m2, quality, v.geometry::geometry(Polygon, 25832) AS geometry
    FROM plot_version v JOIN plot USING (plot_id) JOIN park USING (park_id) ORDER BY plot.key;
ALTER TABLE bench_plots ADD PRIMARY KEY (key);
CREATE INDEX ON bench_plots USING gist (geometry);
CREATE INDEX ON bench_plots (area_m2);
"""
_WAIT_S = 90
_STORAGE = "http://www.opengis.net/def/crs/EPSG/0/25832"


@dataclass(frozen=True)
class Peer:
    """A server: what it is called, how it is started, and where it answers each question.

    Attributes
    ----------
    name : str
        As in the table; the package's name.
    serve : callable
        ``(database, port, folder) -> (command, environment)``.
    items : str
        Path of the plots' items.
    tile : str
        Path of a tile, with ``{z}``, ``{x}`` and ``{y}``.
    language : str
        The value of ``filter-lang``.
    """

    name: str
    serve: Callable[[URL, int, Path], tuple[list[str], dict[str, str]]]
    items: str
    tile: str
    language: str = "cql2-text"


def _ours(database: URL, port: int, _: Path) -> tuple[list[str], dict[str, str]]:
    command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", "4"]
    given = {"DATABASE_URL": database.render_as_string(hide_password=False), "APP_TILE_CACHE_MB": "0"}
    command += ["--config", "python:app.cli.server.gunicorn_config"]
    return [*command, "--bind", f"127.0.0.1:{port}"], given


def _ours_keeping_tiles(database: URL, port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    command, given = _ours(database, port, folder)
    return command, {**given, "APP_TILE_CACHE_MB": ""}


def _tipg(database: URL, port: int, _: Path) -> tuple[list[str], dict[str, str]]:
    socket_folder = quote(str(database.query["host"]), safe="")
    given = f"postgresql://{database.username}@{socket_folder}:5432/{database.database}"
    command = [sys.executable, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log"]
    return command, {"DATABASE_URL": given, "TIPG_DB_TABLES": '["public.bench_plots"]'}


def _pygeoapi(database: URL, port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    config, openapi = folder / "pygeoapi.yml", folder / "openapi.yml"
    config.write_text(yaml.safe_dump(_pygeoapi_config(database, port)), encoding="utf-8")
    environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    program = str(Path(sys.executable).with_name("pygeoapi"))
    make = [program, "openapi", "generate", str(config), "--output-file", str(openapi)]
    subprocess.run(make, check=True, env={**os.environ, **environment}, capture_output=True)
    command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", "4"]
    return [*command, "--bind", f"127.0.0.1:{port}", "pygeoapi.flask_app:APP"], environment


def _pygeoapi_config(database: URL, port: int) -> dict[str, object]:
    place = {
        "host": str(database.query["host"]),
        "port": 5432,
        "dbname": database.database,
        "user": database.username,
        "password": "",
        "search_path": ["public"],
    }
    table = {"data": place, "id_field": "key", "table": "bench_plots", "geom_field": "geometry"}
    features = {"type": "feature", "name": "PostgreSQL", "storage_crs": _STORAGE, **table}
    tiles = {
        "type": "tile",
        "name": "MVT-postgresql",
        "storage_crs": _STORAGE,
        **table,
        "options": {"zoom": {"min": 0, "max": 22}},
        "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
    }
    limits = {"default_items": 10, "max_items": 10_000, "on_exceed": "throttle"}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": False,
            "languages": ["en-US"],
            "pretty_print": False,
            "limits": limits,
            "map": {"url": "http://127.0.0.1/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": _metadata(),
        "resources": {
            "plots": {
                "type": "collection",
                "title": "Plots",
                "description": "Plots",
                "keywords": ["plots"],
                "links": [],
                "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
                "limits": limits,
                "providers": [features, tiles],
            }
        },
    }


def _metadata() -> dict[str, object]:
    return {
        "identification": {
            "title": "Plots",
            "description": "Plots",
            "keywords": ["plots"],
            "keywords_type": "theme",
            "terms_of_service": "none",
            "url": "http://127.0.0.1",
        },
        "license": {"name": "none", "url": "http://127.0.0.1"},
        "provider": {"name": "benchmark", "url": "http://127.0.0.1"},
        "contact": {"name": "benchmark", "email": "nobody@localhost"},
    }


PEERS = (
    Peer(
        "this project",
        _ours,
        "/api/collections/plots/items",
        "/api/collections/plots/tiles/WebMercatorQuad/{z}/{y}/{x}",
    ),
    Peer(
        "tipg",
        _tipg,
        "/collections/public.bench_plots/items",
        "/collections/public.bench_plots/tiles/WebMercatorQuad/{z}/{x}/{y}",
    ),
    Peer(
        "pygeoapi",
        _pygeoapi,
        "/collections/plots/items",
        "/collections/plots/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt",
        language="cql-text",
    ),
)


# This project as it is set up by itself.
KEEPS_TILES = replace(PEERS[0], serve=_ours_keeping_tiles)


@contextmanager
def served(peer: Peer, database: str, folder: Path) -> Iterator[int]:
    """Run a server; yield its port once it answers.

    Raises
    ------
    RuntimeError
        When it does not within a minute and a half, with the end of what it said.
    """
    port = _free_port()
    command, environment = peer.serve(make_url(database), port, folder)
    log = folder / f"{peer.name.replace(' ', '_')}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=_environment(environment), stdout=said, stderr=said)
        try:
            _wait(process, f"http://127.0.0.1:{port}{peer.items}?limit=1", log)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=20)


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONWARNINGS": "ignore", **given}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until_s = time.monotonic() + _WAIT_S
    while time.monotonic() < until_s and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=20):  # noqa: S310  our own address
                return
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{address}: {error.code} {error.read()[:300]!r}") from error
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{address} does not answer: {log.read_text(encoding='utf-8')[-600:]}")
