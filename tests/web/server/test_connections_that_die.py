"""A connection to the database that dies while a request is answered: words, and nothing else than words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import flask
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from app import create_app, request
from app.api import client_disconnect
from app.config import Settings
from app.db.engine import make_engine
from app.domain.kinds import AccessRole
from app.web.roles import NEEDED

KILL = {"X-Kill": "1"}
Killer = Callable[[Connection], None]


@pytest.fixture
def kill(loaded_url: str) -> Iterator[Killer]:
    """A function that ends the server's side of a connection, and returns when it has ended."""
    engine = make_engine(loaded_url)

    def end(held: Connection) -> None:
        driver = held.connection.driver_connection
        assert driver is not None
        with engine.connect() as killing:
            ended = text("SELECT pg_terminate_backend(:pid, 60000)")
            assert killing.execute(ended, {"pid": driver.info.backend_pid}).scalar_one()

    yield end
    engine.dispose()


@pytest.fixture
def app(
    settings: Settings, loaded_url: str, kill: Killer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """The application; a request with the header `KILL` loses its connections when its answer is ready."""
    monkeypatch.setitem(NEEDED, "reading", AccessRole.VISITOR)
    made = create_app(replace(settings, database_url=loaded_url))

    @made.after_request
    def lose(response: Response) -> Response:
        for name in ("connection", "autocommit_connection"):
            if "X-Kill" in flask.request.headers and name in flask.g:
                kill(flask.g.get(name))
        return response

    @made.get("/api/reading")
    def reading() -> str:
        request.connection().execute(text("SELECT 1"))
        request.autocommit_connection().execute(text("SELECT 1"))
        return "read"

    yield made
    made.extensions["engine"].dispose()


@pytest.mark.parametrize(
    ("language", "told"),
    [("de", "Die Datenbank antwortet zurzeit nicht."), ("en", "The database does not answer at the moment.")],
)
def test_a_connection_that_dies_before_it_is_closed_is_told(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, language: str, told: str
) -> None:
    with caplog.at_level(logging.INFO, "app"):
        response = client.get(f"/api/reading?lang={language}", headers=KILL)
    assert response.status_code == 503
    assert response.get_json()["error"] == told
    assert response.headers["Retry-After"] == "60"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert [record.exc_info for record in caplog.records if record.name == "app"] == [None]
    assert client.get(f"/api/reading?lang={language}").text == "read"


@pytest.mark.parametrize("path", ["/", "/api/collections/plots/items", "/tours", "/neighbors"])
def test_on_every_page_and_resource(client: FlaskClient, path: str) -> None:
    alive, dead = client.get(path), client.get(path, headers=KILL)
    # Where no transaction was open, nothing is lost, and nobody need know.
    assert dead.status_code in {alive.status_code, 503}
    assert b"Traceback" not in dead.data
    assert client.get(path).status_code == alive.status_code


@pytest.mark.parametrize("form", ["geojson", "csv", "gpkg"])
def test_an_export_is_whole_or_is_seen_to_be_broken_off(
    settings: Settings, loaded_url: str, kill: Killer, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is read when the connection dies: what is made from it stays right."""

    def close(held: Connection) -> None:
        if not held.closed:
            kill(held)
        request.close(held)

    made = create_app(replace(settings, database_url=loaded_url))
    whole = made.test_client().get(f"/exports/plots.{form}").data
    monkeypatch.setattr(client_disconnect, "close", close)
    response = made.test_client().get(f"/exports/plots.{form}")
    assert response.status_code == 200
    assert len(response.data) == len(whole)
    response.close()
    made.extensions["engine"].dispose()
