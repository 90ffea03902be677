"""What the pages refuse, and a service in trouble: one sentence and a way back, never a trace."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection

from app import create_app
from app.api import exports
from app.api.concurrency import exporting_slot
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.domain.kinds import AccessRole
from app.errors import SetupError
from app.web.roles import NEEDED
from tests.databases import copy_of
from tests.web.conftest import MakeApp
from tests.web.page_words import read, words_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/nirgends", 404, "Unter dieser Adresse gibt es nichts."),
        ("/tours/nirgends", 404, "Es gibt keinen Rundgang „nirgends“."),
        ("/daten?on=2024-02-30", 400, "„2024-02-30“ ist kein Tag; erwartet wird JJJJ-MM-TT"),
        ("/daten?on=gestern", 400, "„gestern“ ist kein Tag"),
        ("/daten?park=nirgends", 404, "Es gibt kein Gewerbegebiet „nirgends“"),
        ("/?on=2024-02-30", 400, "„2024-02-30“ ist kein Tag"),
    ],
)
def test_bad_address_is_told_in_one_sentence(
    client: FlaskClient, address: str, status: int, said: str
) -> None:
    """As a page, with a way back."""
    html = read(client, address, status)
    assert said in words_of(html)
    assert 'href="/"' in html
    assert "Traceback" not in html


def test_refusal_is_json_where_data_are_asked_for(client: FlaskClient) -> None:
    """Under /api and /exports, in the language asked for."""
    for address in ("/api/nirgends", "/exports/nirgends.geojson", "/exports/plots.geojson?on=2024-02-30"):
        response = client.get(address)
        assert response.mimetype == "application/json"
        assert set(response.json) == {"code", "description", "error"}
    client.set_cookie("lang", "en")
    assert client.get("/api/nirgends").json["error"] == "There is nothing at this address."


def test_pages_can_only_be_read(client: FlaskClient) -> None:
    """405 names the methods that are allowed."""
    response = client.post("/tours", data={"title": "x"})
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "Diese Adresse lässt sich nur lesen." in words_of(response.get_data(as_text=True))


def test_unforeseen_error_shows_a_number_and_no_trace(
    make_app: MakeApp,
    settings: Settings,
    loaded_url: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log holds the trace under the number that the reader sees."""
    monkeypatch.setitem(NEEDED, "broken", AccessRole.VISITOR)
    app = make_app(replace(settings, database_url=loaded_url))

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("innermost secret")

    with caplog.at_level(logging.ERROR):
        html = read(app.test_client(), "/broken", 500)
    number = re.search(r"unter der Nummer ([0-9a-f]{8}) festgehalten", html)
    assert number
    assert "secret" not in html
    assert number[1] in caplog.text
    assert "innermost secret" in caplog.text


def test_absent_database_is_told(
    make_app: MakeApp, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """503 on pages, in data and for the watchman; the password stays out of the log."""
    url = "postgresql+psycopg://someone:sesame@127.0.0.1:9/none"
    client = make_app(replace(settings, database_url=url)).test_client()
    assert "Die Datenbank antwortet zurzeit nicht." in words_of(read(client, "/tours", 503))
    assert client.get("/healthz").json["error"] == "Die Datenbank antwortet zurzeit nicht."
    assert client.get("/exports/plots.geojson").status_code == 503
    assert "sesame" not in caplog.text


def test_database_without_tables_is_told(
    make_app: MakeApp, settings: Settings, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """503 as well: whoever looks after the service has to set it up."""
    with copy_of(cluster, empty) as url:
        client = make_app(replace(settings, database_url=url)).test_client()
        shown = words_of(read(client, "/tours", 503))
    assert "Die Datenbank ist nicht für diese Version des Dienstes eingerichtet." in shown
    assert "does not exist" in caplog.text


@pytest.mark.parametrize(
    ("lang", "said", "again"),
    [
        ("de", "Es werden gerade andere große Downloads", "Noch einmal versuchen"),
        ("en", "Other large downloads are being prepared", "Try again"),
    ],
)
def test_a_busy_service_is_told_with_a_way_to_ask_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, lang: str, said: str, again: str
) -> None:
    """The third large download at a time is refused: on a page, where somebody looks at it."""
    monkeypatch.setattr(exports, "LARGE_ROWS", 0)
    # Each of another day: what was made once is kept, and given without a turn.
    on = {"de": "2024-04-24", "en": "2024-04-25"}[lang]
    address = f"/exports/plots.gpkg?on={on}&lang={lang}"
    with exporting_slot(), exporting_slot():
        response = client.get(address, headers={"Accept": "text/html,*/*"})
    html = response.get_data(as_text=True)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert said in words_of(html)
    assert re.search(f'href="([^"]+)">{again}<', html)[1] == address.replace("&", "&amp;")  # type: ignore[index]
    assert client.get(address).status_code == 200


def empty(connection: Connection) -> None:
    """Fill a template with nothing."""


def test_no_database_named(settings: Settings) -> None:
    """An application cannot be made of nothing."""
    with pytest.raises(SetupError, match="set DATABASE_URL"):
        create_app(settings)


def test_healthz(client: FlaskClient) -> None:
    """Well, and never from a cache."""
    response = client.get("/healthz")
    assert response.json == {"status": "ok"}
    assert response.headers["Cache-Control"] == "no-store"
