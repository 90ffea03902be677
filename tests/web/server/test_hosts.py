"""Names, TLS and who is told of weaknesses: what depends on where the service stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from app.config import Settings
from tests.web.conftest import MakeApp
from tests.web.signing_in import Clock, try_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

ADDRESSES = (
    "/",
    "/login",
    "/tours",
    "/static/css/theme.css",
    "/exports/parks.geojson",
    "/healthz",
    "/nirgends",
)
PROXY = "10.1.2.3"


@pytest.fixture(scope="module")
def placed(make_app: MakeApp, settings: Settings, loaded_url: str) -> Flask:
    """The application as it stands behind a proxy, under two names, with a contact."""
    return make_app(
        replace(
            settings,
            database_url=loaded_url,
            trusted_proxies=(ip_network("10.0.0.0/8"),),
            trusted_hosts=("park.example", ".wob.example"),
            security_contact="mailto:it@park.example",
        )
    )


def told_by_proxy(app: Flask, **told: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = PROXY
    client.environ_base.update({f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in told.items()})
    return client


@pytest.mark.parametrize(
    "host", ["park.example", "PARK.example:8443", "heinenkamp.wob.example", "wob.example"]
)
def test_the_service_answers_under_its_names(placed: Flask, host: str) -> None:
    assert placed.test_client().get("/tours", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "park.example.evil.example", "xwob.example", "localhost", "a b", "<script>", ""]
)
def test_another_name_is_refused_in_words(placed: Flask, host: str) -> None:
    for address in ADDRESSES:
        answer = placed.test_client().get(f"{address}?lang=en", headers={"Host": host}, buffered=True)
        assert answer.status_code == 400, address
        words = answer.get_json()["error"] if answer.is_json else answer.get_data(as_text=True)
        assert "This service does not answer under the name" in words
        assert "<script>alert" not in words
    assert placed.test_client().post("/login", headers={"Host": host}).status_code == 400


def test_the_proxy_says_the_name(placed: Flask) -> None:
    assert told_by_proxy(placed, host="park.example").get("/tours").status_code == 200
    assert told_by_proxy(placed, host="evil.example").get("/tours").status_code == 400
    forged = {"Host": "evil.example", "X-Forwarded-Host": "park.example"}
    assert placed.test_client().get("/tours", headers=forged).status_code == 400


@pytest.mark.parametrize("host", ["any.example", "a b", ""])
def test_without_names_any_is_answered(app: Flask, host: str) -> None:
    assert app.test_client().get("/tours", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_behind_tls_browsers_are_told_to_stay_there(placed: Flask, address: str) -> None:
    client = told_by_proxy(placed, host="park.example", proto="https")
    answer = client.get(address, buffered=True)
    assert answer.headers.getlist("Strict-Transport-Security") == ["max-age=31536000"]
    plain = {"Host": "park.example", "X-Forwarded-Proto": "https"}
    answer = placed.test_client().get(address, headers=plain, buffered=True)
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    ("told", "name", "path"),
    [
        ({"proto": "https"}, "__Host-session", "/"),
        ({"proto": "https", "prefix": "/hk"}, "__Secure-session", "/hk"),
        ({"proto": "http"}, "session", "/"),
    ],
)
def test_the_cookie_is_bound_to_the_host_behind_tls(
    placed: Flask, told: dict[str, str], name: str, path: str
) -> None:
    answer = told_by_proxy(placed, host="park.example", **told).get("/login")
    (cookie,) = (each for each in answer.headers.getlist("Set-Cookie") if "session=" in each)
    assert cookie.startswith(f"{name}=")
    words = set(cookie.split("; ")[1:])
    assert {f"Path={path}", "HttpOnly", "SameSite=Lax"} <= words
    assert ("Secure" in words) == (told["proto"] == "https")
    assert not any(word.startswith("Domain") for word in words)


def test_a_cookie_of_plain_http_signs_nobody_in_behind_tls(desk: Flask) -> None:
    client = desk.test_client()
    assert try_in(client).status_code == 302
    kept = client.get_cookie("session")
    assert kept
    behind = desk.test_client()
    behind.set_cookie("session", kept.value)
    assert behind.get("/walkways", base_url="https://localhost").status_code == 302


def test_data_may_be_read_by_other_pages_and_nothing_else(client: FlaskClient) -> None:
    policies = {
        "/exports/parks.geojson": "cross-origin",
        "/api/collections/plots/items": "cross-origin",
        "/": "same-origin",
        "/login": "same-origin",
        "/static/css/theme.css": "same-origin",
        "/tours/rundgang-2024-04-24": "same-origin",
    }
    for address, policy in policies.items():
        headers = client.get(address, buffered=True).headers
        assert headers.getlist("Cross-Origin-Resource-Policy") == [policy], address


def test_whom_to_tell_of_weaknesses_is_told(placed: Flask) -> None:
    placed.extensions["clock"] = Clock()
    answer = told_by_proxy(placed, host="park.example", proto="https").get("/.well-known/security.txt")
    assert answer.mimetype == "text/plain"
    told = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
    assert told.pop("Expires") == datetime(2026, 4, 5, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    assert told == {
        "Contact": "mailto:it@park.example",
        "Preferred-Languages": "de, en",
        "Canonical": "https://park.example/.well-known/security.txt",
    }


def test_where_nobody_is_named_none_is_made_up(client: FlaskClient) -> None:
    answer = client.get("/.well-known/security.txt?lang=en")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.get_data(as_text=True)
