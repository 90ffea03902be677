"""Save and plan tours while 20,000 plots are imported: ``python -m benchmarks.load [N_PLOTS]``.

The service runs as ``make run`` starts it, on a private database with the shipped data; the import is the
command of the prompt. Every save that was refused is repeated. What is printed: how long each request took,
how many were refused, and whether all that was acknowledged is stored.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from threading import Event

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import Connection, text

from app.cli.server.webserver import serving
from app.config import Settings
from app.domain.crs import STORAGE_CRS
from app.services.people.staff import add_staff
from app.services.setup.first_start import prepare_database
from benchmarks.database import private_database
from benchmarks.fabric import make_fabric
from benchmarks.measured import seconds, table
from benchmarks.staff_client import Answer, StaffClient

N_PLOTS, N_SAVERS, N_PLANNERS, N_READERS = 20_000, 12, 2, 2
LONGEST_S = 3.0
NAME, PASSWORD = "Erika Muster", "correct horse battery"
# From where the fabric lies to beside Heinenkamp.
MOVED_M = (16_000.0, 6_000.0)
STOPS = (
    {"company": "sturm-isotech-heinenkamp-2", "dwell_min": 20},
    {"facility": "truck-parking", "dwell_min": 15},
    {"company": "bildhauerei-scheer-heinenkamp-2", "dwell_min": 20},
)
WISH = {
    "park": "heinenkamp-2", "on": "2024-04-24", "earliest": "13:00", "latest": "16:00", "stops": [*STOPS],
}  # fmt: skip


@dataclass
class Asked:
    """What one kind of request was answered."""

    took_s: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def add(self, ask: Callable[..., Answer], *given: object) -> Answer:
        """Ask, and note how long it took."""
        began_s = time.perf_counter()
        answer = ask(*given)
        self.took_s.append(time.perf_counter() - began_s)
        self.statuses.append(answer.status)
        return answer


def main(n_plots: int = N_PLOTS) -> None:
    """Print the table and what was lost: nothing, if all is well."""
    with tempfile.TemporaryDirectory() as folder, private_database() as connection:
        prepare_database(connection, lambda _: None)
        add_staff(connection, NAME, PASSWORD)
        connection.commit()
        url = connection.engine.url.render_as_string(hide_password=False)
        file = Path(folder) / "plots.gpkg"
        many_plots(n_plots).to_file(file)
        with _service(Path(folder), url) as address:
            asked, saved, import_s = _measured(address, url, file)
        print(f"Import of {n_plots:,} plots: {seconds(import_s)} s; load {os.getloadavg()[0]:.1f}\n")
        print(table(("request", "answers", "503", "other", "p50 s", "p95 s", "most s", "over 3 s"), asked))
        print(f"{len(saved)} saves acknowledged, {_n_lost(connection, saved)} of them lost.")


def many_plots(n_plots: int) -> gpd.GeoDataFrame:
    """Return made-up plots beside Heinenkamp, named by the column ``key``."""
    rings = make_fabric(n_plots).rings + np.array(MOVED_M)
    keys = [f"X-{n:06d}" for n in range(n_plots)]
    return gpd.GeoDataFrame({"key": keys}, geometry=shapely.polygons(rings), crs=STORAGE_CRS)


@contextmanager
def _service(folder: Path, url: str) -> Iterator[str]:
    settings = Settings.from_environment({"APP_VAR_DIR": str(folder)})
    with socket.create_server(("127.0.0.1", 0)) as listener, serving(settings, listener, url) as server:
        server.wait_for_answer()
        yield server.address


def _measured(address: str, url: str, file: Path) -> tuple[list[tuple[object, ...]], list[str], float]:
    """Return the rows of the table, the keys that were acknowledged, and how long the import took."""
    kinds = {name: Asked() for name in ("save", "plan", "neighbors")}
    saved: list[str] = []
    is_over = Event()
    people = [StaffClient(address, NAME, PASSWORD) for _ in range(N_SAVERS + N_PLANNERS + N_READERS)]

    def save(person: StaffClient) -> None:
        while not is_over.is_set():
            given = {"wish": WISH, "title": f"Rundgang {len(saved)}"}
            answer = kinds["save"].add(person.ask, "POST", "api/tours", given)
            if answer.status == HTTPStatus.CREATED:
                saved.append(answer.told["key"])
            time.sleep(0.5)

    def plan(person: StaffClient) -> None:
        while not is_over.is_set():
            kinds["plan"].add(person.ask, "POST", "api/tours/plan?quick=1", WISH)
            time.sleep(0.1)

    def read(person: StaffClient) -> None:
        while not is_over.is_set():
            kinds["neighbors"].add(person.ask, "GET", "api/collections/adjacency/items?limit=10")
            time.sleep(0.1)

    work = [save] * N_SAVERS + [plan] * N_PLANNERS + [read] * N_READERS
    with ThreadPoolExecutor(len(people)) as pool:
        done = [pool.submit(each, person) for each, person in zip(work, people, strict=True)]
        import_s = _imported(url, file)
        is_over.set()
        for each in done:
            each.result()
    return [_row(name, asked) for name, asked in kinds.items()], saved, import_s


def _imported(url: str, file: Path) -> float:
    given = ["--key", "key", "--park", "heinenkamp-2"]
    began_s = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "app", "import", "plots", str(file), *given],
        env={**os.environ, "DATABASE_URL": url},
        check=True,
    )
    return time.perf_counter() - began_s


def _row(name: str, asked: Asked) -> tuple[object, ...]:
    took_s, statuses = np.array(asked.took_s), np.array(asked.statuses)
    is_busy = statuses == HTTPStatus.SERVICE_UNAVAILABLE
    told = [seconds(float(each)) for each in (*np.percentile(took_s, (50, 95)), took_s.max())]
    n_other = int((~is_busy & (statuses >= HTTPStatus.BAD_REQUEST)).sum())
    return (name, len(took_s), int(is_busy.sum()), n_other, *told, int((took_s > LONGEST_S).sum()))


def _n_lost(connection: Connection, saved: list[str]) -> int:
    stored = set(connection.execute(text("SELECT key FROM tour JOIN tour_leg USING (tour_id)")).scalars())
    return len(set(saved) - stored)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
