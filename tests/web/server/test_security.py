"""What answers carry so that browsers refuse the rest, and what is done to hostile text."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import brotli
import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.request import connection
from tests.databases import copy_of, loaded
from tests.web.conftest import MakeApp

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

PAGES = ("/", "/tours", "/tours/rundgang-2024-04-24", "/daten", "/nirgends")
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>${alert(3)}`\"'"


def policy_of(client: FlaskClient, address: str) -> dict[str, list[str]]:
    """Return the Content-Security-Policy of `address`, sources by directive."""
    header = client.get(address, buffered=True).headers["Content-Security-Policy"]
    return {name: sources for name, *sources in (part.split() for part in header.split("; "))}


@pytest.mark.parametrize("address", [*PAGES, "/healthz", "/static/css/theme.css", "/exports/parks.geojson"])
def test_every_answer_is_protected(client: FlaskClient, address: str) -> None:
    """Pages, data, files and refusals alike."""
    headers = client.get(address, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    policy = policy_of(client, address)
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["connect-src"] == policy["font-src"] == policy["form-action"] == ["'self'"]
    assert policy["img-src"] == ["'self'", "data:"]
    assert not re.search(r"unsafe|https?:|\*", headers["Content-Security-Policy"])


@pytest.mark.parametrize("address", PAGES)
def test_every_inline_part_carries_the_nonce_of_its_answer(client: FlaskClient, address: str) -> None:
    """A nonce is of one answer only, and no other script, style or handler is written into a page."""
    response = client.get(address)
    html = response.get_data(as_text=True)
    nonce = re.search(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])
    assert nonce
    inline = re.findall(r"<(?:script|style)\b(?![^>]*\bsrc=)([^>]*)>", html)
    assert inline
    for attributes in inline:
        assert f'nonce="{nonce[1]}"' in attributes or 'type="application/json"' in attributes
    assert not re.search(r"<[a-z][^>]*\s(?:on[a-z]+|style)=", html)
    assert nonce[1] not in client.get(address).get_data(as_text=True)


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_loaded_from_another_host(client: FlaskClient, address: str) -> None:
    """Other hosts appear as links that a reader may follow, nowhere else."""
    html = client.get(address).get_data(as_text=True)
    for tag in re.findall(r"<(?:script|link|img|iframe|source|form)\b[^>]*>", html):
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", tag), tag
    for tag in re.findall(r'<a\b[^>]*href="https?://[^>]*>', html):
        assert "noopener" in tag, tag


def test_configured_base_map_is_the_only_foreign_host(
    make_app: MakeApp, settings: Settings, loaded_url: str
) -> None:
    """Its tiles are images; a placeholder for mirrors becomes a wildcard of that host."""
    url = "https://{s}.tiles.example/{z}/{x}/{y}.png"
    changed = replace(settings, database_url=loaded_url, basemap_url=url, basemap_attribution="© Example")
    policy = policy_of(make_app(changed).test_client(), "/tours")
    assert policy["img-src"] == ["'self'", "data:", "https://*.tiles.example"]
    assert [name for name, sources in policy.items() if "https://*.tiles.example" in sources] == ["img-src"]


@pytest.fixture(scope="module")
def hostile_client(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[FlaskClient]:
    """A client on data whose every text that pages show is hostile."""
    with copy_of(cluster, loaded) as url:
        engine = make_engine(url)
        with engine.begin() as held:
            values = {"text": HOSTILE, "address": "javascript:alert(4)"}
            held.execute(text("UPDATE tour SET title = :text || key, note = :text"), values)
            held.execute(text("UPDATE tour_stop SET name = :text, note = :text"), values)
            held.execute(text("UPDATE park_version SET name = :text || park_id"), values)
            held.execute(
                text(
                    "UPDATE source SET title = :text || source_id, url = :address, "
                    "licence = :text, attribution = :text"
                ),
                values,
            )
        engine.dispose()
        yield make_app(replace(settings, database_url=url)).test_client()


@pytest.mark.parametrize("address", ["/tours", "/tours/rundgang-2024-04-24", "/daten"])
def test_hostile_text_is_shown_as_text(hostile_client: FlaskClient, address: str) -> None:
    """No tag, no attribute and no address of it survives."""
    html = hostile_client.get(address).get_data(as_text=True)
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "<img src=x" not in html
    assert "<script>" not in html
    assert "javascript:" not in html


def test_what_a_reader_types_is_text(client: FlaskClient) -> None:
    """In refusals, in the language links and in the path."""
    for address in (f"/daten?on={HOSTILE}", f"/daten?park={HOSTILE}", f"/{HOSTILE}", f"/tours?q={HOSTILE}"):
        html = client.get(address).get_data(as_text=True)
        assert "<img" not in html.replace('<img src="/static/img/mark.svg', "")
        assert "<script>" not in html


def test_a_request_cannot_write(app: Flask) -> None:
    """Its transaction is read-only, and the next user of the pooled connection is not bound by that."""
    with app.test_request_context("/"), pytest.raises(InternalError, match="read-only transaction"):
        connection().execute(text("DELETE FROM tour_leg"))
    with app.extensions["engine"].connect() as held:
        assert held.execute(text("SHOW transaction_read_only")).scalar_one() == "off"


# --- files and caches


def test_versioned_files_are_kept_for_ever(client: FlaskClient) -> None:
    """The version is that of the content; any other is asked for again."""
    html = client.get("/tours").get_data(as_text=True)
    versioned = re.findall(r'(?:href|src)="(/static/[^"]+\?v=[0-9a-f]{12})"', html)
    assert len(versioned) >= 4
    for address in versioned:
        with client.get(address) as response:
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable", address
    for address in (versioned[0].partition("?")[0], re.sub(r"v=.*", "v=0123456789ab", versioned[0])):
        with client.get(address) as response:
            assert response.headers["Cache-Control"] == "no-cache"


def test_import_map_names_every_module(app: Flask, client: FlaskClient) -> None:
    """And each address answers with JavaScript."""
    import json
    from pathlib import Path

    html = client.get("/tours").get_data(as_text=True)
    found = re.search(r'<script type="importmap"[^>]*>(.*?)</script>', html)
    assert found
    modules = json.loads(found[1])["imports"]
    folder = Path(app.static_folder or "") / "js"
    named = {f"#{file.relative_to(folder).with_suffix('').as_posix()}" for file in folder.rglob("*.js")}
    # Read by the map of many plots alone.
    named |= {"@mapbox/vector-tile", "@mapbox/point-geometry", "pbf"}
    assert modules.keys() == named
    for address in modules.values():
        with client.get(address) as response:
            assert response.mimetype == "text/javascript"


def test_pages_are_nobody_elses(client: FlaskClient) -> None:
    """A page holds its nonce and the reader's language: shared caches keep off."""
    response = client.get("/tours")
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response.headers["Vary"]


@pytest.mark.parametrize("address", ["/tours", "/static/css/theme.css", "/exports/plots.geojson"])
@pytest.mark.parametrize(("method", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_text_is_compressed(client: FlaskClient, address: str, method: str, unpack: object) -> None:
    """Pages, files, data: the same bytes after unpacking."""
    with client.get(address, headers={"Accept-Encoding": method}) as packed, client.get(address) as plain:
        assert packed.headers["Content-Encoding"] == method
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert len(packed.data) < len(plain.data) / 2
        unpacked = unpack(packed.data)  # type: ignore[operator]
        if address != "/tours":  # pages differ by their nonces
            assert unpacked == plain.data


@pytest.mark.parametrize(
    "address", ["/static/css/theme.css", "/exports/plots.geojson", "/exports/tours.geojson"]
)
@pytest.mark.parametrize("method", ["br", "gzip", "identity"])
def test_unchanged_answers_are_304(client: FlaskClient, address: str, method: str) -> None:
    """Under every encoding, with the tag of any encoding."""
    with client.get(address, headers={"Accept-Encoding": method}) as first:
        tag = first.headers["ETag"]
    for again in (method, "br"):
        with client.get(address, headers={"Accept-Encoding": again, "If-None-Match": tag}) as response:
            assert response.status_code == 304
            assert response.data == b""
    with client.get(address, headers={"Accept-Encoding": method, "If-None-Match": '"other"'}) as response:
        assert response.status_code == 200
