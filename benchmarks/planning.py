"""Time what a page waits for when a wish changes: ``python -m benchmarks.planning``.

A real server over a database with the shipped park answers ``POST /api/tours/plan``. The table goes into
``benchmarks/README.md`` between its marks.
"""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np

from app.services.setup.first_start import SHIPPED, prepare_database
from benchmarks.api_servers import PEERS, served
from benchmarks.database import private_database
from benchmarks.tours import table, write_section

MARKS = ("<!-- planning -->", "<!-- /planning -->")
PARK, DAY = "heinenkamp-2", "2024-04-24"
SIZES = (8, 12, 16, 20, 25)
N_CHANGES, AIM_MS = 20, 200.0
KINDS = ("shortest walk", "shortest time, windows", "most value in two hours")
# How long a change rests on the page before it is asked about.
REST_MS = 50.0
HEAD = (
    *("tour", "stops", "changes", "kB", "within 200 ms", "proved at once"),
    *("p50 ms", "p95 ms", "most ms"),
)

FIRST_MINUTE, LAST_MINUTE = 13 * 60, 21 * 60


class Answer(NamedTuple):
    """A status, the milliseconds until the whole answer was read, and what it says."""

    status: int
    ms: float
    body: bytes

    @property
    def plan(self) -> dict[str, Any]:
        """The plan, empty where none is told."""
        return json.loads(self.body) if self.status == http.HTTPStatus.OK else {}


Wish = dict[str, Any]
Stop = dict[str, Any]
Row = tuple[object, ...]


def main() -> None:
    """Measure, and write the report's section."""
    with private_database() as connection, tempfile.TemporaryDirectory() as folder:
        prepare_database(connection, lambda _: None)
        connection.commit()
        url = connection.engine.url.render_as_string(hide_password=False)
        with served(PEERS[0], url, Path(folder)) as port:
            rows = list(_measured(port))
    write_section("\n".join([_head(), table(HEAD, rows), _verdict(rows)]), MARKS)


def _measured(port: int) -> Iterator[Row]:
    """Yield a row for each kind of tour and number of stops."""
    places = _places(port)
    for kind in KINDS:
        for n in SIZES:
            rng = np.random.default_rng([n, KINDS.index(kind)])
            chosen = [[places[i] for i in rng.permutation(len(places))[:n]] for _ in range(N_CHANGES)]
            wishes = [_wish(kind, stops, rng) for stops in chosen]
            _answered(port, wishes[:2])
            yield kind, n, *_figures(_answered(port, wishes))


def _answered(port: int, wishes: Sequence[Wish]) -> list[Answer]:
    """Return the answers, one wish after the other."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    answers = []
    for wish in wishes:
        body = json.dumps(wish)
        started = time.perf_counter()
        asking.request("POST", "/api/tours/plan?quick=1", body, {"Content-Type": "application/json"})
        answer = asking.getresponse()
        told = answer.read()
        answers.append(Answer(answer.status, 1000 * (time.perf_counter() - started), told))
    asking.close()
    return answers


def _places(port: int) -> list[Stop]:
    """Return the park's companies that have a place to go to on the day, then its plots."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asking.request("GET", f"/api/collections/companies/items?limit=1000&datetime={DAY}")
    found = json.loads(asking.getresponse().read())
    companies: list[Stop] = [{"company": feature["properties"]["key"]} for feature in found["features"]]
    alone = [_wish(KINDS[0], [company], np.random.default_rng(0)) for company in companies]
    statuses = [answer.status for answer in _answered(port, alone)]
    plots = gpd.read_file(SHIPPED / "plots.geojson").query("park == @PARK").drop_duplicates("key")
    doors = plots.geometry.representative_point()
    named = [
        {"name": key, "lon": door.x, "lat": door.y} for key, door in zip(plots["key"], doors, strict=True)
    ]
    welcome = [one for one, status in zip(companies, statuses, strict=True) if status == http.HTTPStatus.OK]
    return [*welcome, *named]


def _wish(kind: str, places: Sequence[Stop], rng: np.random.Generator) -> Wish:
    """Return a wish as the page sends it; of every three stops of a tour with windows one has none."""
    stops = [{**place, "dwell_min": int(rng.integers(1, 4)) * 5} for place in places]
    wish: Wish = {"park": PARK, "on": DAY, "earliest": "13:00", "latest": "21:00", "stops": stops}
    if kind == "shortest walk":
        return {**wish, "objective": "walking"}
    if kind == "most value in two hours":
        worth = [{**stop, "is_optional": True, "value": int(rng.integers(1, 11))} for stop in stops]
        return {**wish, "objective": "value", "latest": "15:00", "stops": worth}
    # Hours of four hours around a time at which one tour at least can be there.
    minute = FIRST_MINUTE
    for i, stop in enumerate(stops):
        opens = max(FIRST_MINUTE, minute - int(rng.integers(30, 180)))
        if i % 3:
            stop["windows"] = [[_clock(opens), _clock(min(opens + 240, LAST_MINUTE))]]
        minute += stop["dwell_min"] + 5
    return {**wish, "objective": "duration"}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _figures(answers: Sequence[Answer]) -> Row:
    planned = [answer for answer in answers if answer.plan.get("status") == "planned"]
    n_soon = sum(answer.ms + REST_MS < AIM_MS for answer in planned)
    n_proved = sum(answer.plan["is_proved"] for answer in planned)
    kb = np.mean([len(answer.body) for answer in answers]) / 1000
    took_ms = np.array([answer.ms for answer in answers])
    return (
        len(answers),
        f"{kb:.0f}",
        f"{n_soon} of {len(answers)}",
        f"{n_proved} of {len(answers)}",
        *(f"{ms:.0f}" for ms in (*np.percentile(took_ms, [50, 95]), took_ms.max())),
    )


def _head() -> str:
    return f"""## A change on the planner's page

Made by `python -m benchmarks.planning`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load
{os.getloadavg()[0]:.1f} at the end.

What the page waits for: `POST /api/tours/plan?quick=1` over HTTP, from sending to the last byte, one
request after the other, to gunicorn with one process over the shipped park ({PARK}, {DAY}), companies
and plots chosen anew for each request: nothing is remembered but the walk network. The answer holds the
timetable, all legs with their lines, and directions. *Within 200 ms*: a plan is there, the {REST_MS:.0f} ms
counted that a change rests before it is asked about; the aim is all. *Proved at once*: nothing more is
asked; else the page shows this plan and asks for up to a second for a better one or the proof.
"""


def _verdict(rows: Sequence[Row]) -> str:
    n_soon, n_all = (sum(int(str(row[4]).split(" of ")[i]) for row in rows) for i in (0, 1))
    said = "reached" if n_soon == n_all else "**not reached**"
    return f"\n- Every change shows the new plan within 200 ms: {n_soon} of {n_all}: {said}."


if __name__ == "__main__":
    main()
