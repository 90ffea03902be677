"""Saving and planning while somebody else writes: nobody is held up by who waits, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
from sqlalchemy import Connection, Engine, text

from app.config import Settings
from app.db import engine as engines
from app.db.changes import lock_tours
from app.db.cluster.embedded import Cluster
from app.db.neighbors import pair_rows
from app.domain.crs import STORAGE_CRS
from app.domain.frames import PLOTS
from app.services.features.importing import store_collection
from benchmarks.load import many_plots
from tests.databases import copy_of, loaded
from tests.waiting import LAST_RESORT_S, wait_until_locked
from tests.web.conftest import MakeApp
from tests.web.signing_in import Signed, let_in, signed_in
from tests.web.tours.tour_requests import a_wish, asked

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

# `benchmarks.load` has 20,000 plots. Pairs of more than `MANY` are stored in the way for very many.
N_PLOTS, N_PEOPLE, MANY = 1_000, 12, 500


@pytest.fixture
def app(
    cluster: Cluster, make_app: MakeApp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """The application on data of the test's own; who waits for a lock waits as long as it is held."""
    monkeypatch.setattr(engines, "LOCK_TIMEOUT_MS", 0)
    with copy_of(cluster, loaded) as url:
        made = make_app(replace(settings, database_url=url))
        let_in(made)
        yield made
        made.extensions["engine"].dispose()


@pytest.fixture
def engine(app: Flask) -> Engine:
    found: Engine = app.extensions["engine"]
    return found


def people_of(app: Flask, n: int) -> list[Signed]:
    """Return clients that have signed in once, in as many windows."""
    first = signed_in(app)
    cookie = first.client.get_cookie("session")
    assert cookie
    clients = [app.test_client() for _ in range(n)]
    for client in clients:
        client.set_cookie("session", cookie.value)
    return [Signed(client, first.token) for client in clients]


def save(person: Signed, title: str) -> TestResponse:
    return person.ask("POST", "/api/tours", {"wish": a_wish(), "title": title})


def done(ask: Callable[..., TestResponse], *given: object) -> TestResponse:
    """Ask, and again where the answer says to come again; return the last answer."""
    while (answer := ask(*given)).status_code == 503:
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.get_json()["error"].endswith(".")
        time.sleep(0.05)
    return answer


def saved_key(person: Signed, title: str) -> str:
    answer = done(save, person, title)
    assert answer.status_code == 201, answer.get_json()
    key: str = answer.get_json()["key"]
    return key


def all_of(pool: ThreadPoolExecutor, work: Callable[..., Any], *rows: Any) -> list[Any]:
    """Return what comes of work done by many at once; whoever is held up ends the test."""
    done = [pool.submit(work, *row) for row in zip(*rows, strict=True)]
    return [each.result(LAST_RESORT_S) for each in done]


def stored_tours(connection: Connection) -> dict[str, int]:
    """Return how many legs each tour has."""
    statement = "SELECT key, count(leg.tour_id) FROM tour LEFT JOIN tour_leg leg USING (tour_id) GROUP BY key"
    return {row[0]: row[1] for row in connection.execute(text(statement))}


def test_an_import_holds_up_neither_saves_nor_planning_nor_readers(
    app: Flask, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People save before it ends, while it holds all that it will ever hold; it ends when they have."""
    monkeypatch.setattr(pair_rows, "MANY", MANY)
    frame = plots_for(many_plots(N_PLOTS))
    n_pairs = _n_pairs(engine)
    people = people_of(app, N_PEOPLE)
    is_begun, is_stored, may_end = Event(), Event(), Event()

    def imports() -> int:
        with engine.begin() as connection:
            is_begun.set()
            tally = store_collection(connection, "plots", frame)
            is_stored.set()
            assert may_end.wait(LAST_RESORT_S)
        return tally.n_new

    def saves_beside(person: Signed, title: str) -> list[str]:
        keys = [saved_key(person, f"{title} beside it")]
        assert is_stored.wait(LAST_RESORT_S)
        return [*keys, saved_key(person, f"{title} at its end")]

    def reads(path: str) -> int:
        return app.test_client().get(path).status_code

    with ThreadPoolExecutor(N_PEOPLE) as pool, ThreadPoolExecutor(1) as importing, ExitStack() as ending:
        ending.callback(may_end.set)
        ended: Future[int] = importing.submit(imports)
        assert is_begun.wait(LAST_RESORT_S)
        saved = all_of(pool, saves_beside, people, [f"Walk {n}" for n in range(N_PEOPLE)])
        assert asked(app.test_client(), a_wish()).status_code == 200
        paths = ["/api/companies/kaufland/neighbors", "/api/collections/adjacency/items", "/", "/tours"]
        assert set(all_of(pool, reads, paths)) == {200}
        assert _n_pairs(engine) == n_pairs
        assert not ended.done()
        may_end.set()
        assert ended.result() == N_PLOTS

    keys = [key for each in saved for key in each]
    with engine.connect() as connection:
        legs = stored_tours(connection)
        assert [legs[key] for key in keys] == [2] * len(set(keys)) == [2] * 2 * N_PEOPLE
        n_plots = "SELECT count(*) FROM plot_version JOIN plot USING (plot_id) WHERE key LIKE 'X-%'"
        assert connection.execute(text(n_plots)).scalar_one() == N_PLOTS
    assert _n_pairs(engine) > n_pairs + MANY


def plots_for(drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return plots of Heinenkamp II with the columns that are stored."""
    given = {"park": "heinenkamp-2", "use_status": "unknown", "quality": "schematic"}
    blank = {name: None for name in PLOTS.columns if name != "key"}
    return gpd.GeoDataFrame(drawn.assign(**{**blank, **given}), geometry="geometry", crs=STORAGE_CRS)


def _n_pairs(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM adjacency")).scalar_one())


def test_whoever_waits_to_save_keeps_nobody_from_planning(app: Flask, engine: Engine) -> None:
    """More saves wait for a lock than may be planned at once: who plans does not wait, and all are saved."""
    people, others = people_of(app, 3), iter(people_of(app, 6))
    tours = [save(person, f"Mine {n}").get_json()["key"] for n, person in enumerate(people)]
    change = {"wish": a_wish()}
    work: list[tuple[Signed, str, str, object]] = []
    for n, (person, key) in enumerate(zip(people, tours, strict=True)):
        work += [
            (person, "PUT", f"/api/tours/{key}", {**change, "title": f"Changed {n}"}),
            (next(others), "POST", f"/api/tours/{key}/copy", None),
            (next(others), "POST", "/api/tours", {"wish": a_wish(), "title": f"New {n}"}),
        ]
    with ThreadPoolExecutor(len(work)) as pool:
        with engine.begin() as busy:
            lock_tours(busy)
            waiting = [
                pool.submit(done, partial(person.ask, seen=1), method, path, given)
                for person, method, path, given in work
            ]
            wait_until_locked(engine, len(work))
            for what in ("plan", "explain"):
                assert asked(app.test_client(), a_wish(), what).status_code == 200
            assert not any(each.done() for each in waiting)
        statuses = [each.result(LAST_RESORT_S).status_code for each in waiting]
    assert statuses == [200, 201, 201] * 3


def test_a_reader_waits_for_no_lock_for_long(
    app: Flask, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What locks a whole table, as an upgrade does, is told to readers, too, and takes no thread for long."""
    monkeypatch.setattr(engines, "LOCK_TIMEOUT_MS", 1)
    app.extensions["engine"].dispose()
    with engine.connect() as upgrading, upgrading.begin():
        upgrading.execute(text("LOCK TABLE adjacency IN ACCESS EXCLUSIVE MODE"))
        answer = app.test_client().get("/api/collections/adjacency/items?lang=en")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "15"
        assert answer.get_json()["error"].startswith("Somebody else is changing the same data")
        assert app.test_client().get("/api/collections/plots/items").status_code == 200
    assert app.test_client().get("/api/collections/adjacency/items").status_code == 200
