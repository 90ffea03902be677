"""The forms for ways and leave: what is typed is stored, or stays in the form with one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest

from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.walking.permissions import permissions
from tests.databases import copy_of, loaded
from tests.web.conftest import MakeApp
from tests.web.signing_in import Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask

WAY = {
    "key": "tor-west",
    "kind": "gate",
    "access": "permission",
    "name": "Tor <West>",
    "surface": "",
    "kerb": "",
    "line": "10.7490, 52.3731; 10.7490, 52.3740",
    "valid_from": "",
    "valid_to": "",
}
LEAVE = {
    "walkway": "tor-west",
    "by": "Frau Beispiel",
    "granted_on": "2024-04-01",
    "from": "14:00",
    "until": "15:00",
    "valid_from": "2024-04-24",
    "valid_to": "",
    "tour": "",
    "note": "",
}


@pytest.fixture
def desk(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Flask]:
    with copy_of(cluster, loaded) as url:
        app = make_app(replace(settings, database_url=url))
        let_in(app)
        yield app
        app.extensions["engine"].dispose()


@pytest.fixture
def signed(desk: Flask) -> Signed:
    return signed_in(desk)


def test_a_gate_and_leave_are_added_shown_and_withdrawn(desk: Flask, signed: Signed) -> None:
    assert signed.fill("/walkways", **WAY).status_code == 302
    assert signed.fill("/walkways/permissions", **LEAVE).status_code == 302
    html = signed.client.get("/walkways?lang=en").get_data(as_text=True)
    assert "Tor &lt;West&gt;" in html
    assert "Frau Beispiel, 1\N{NO-BREAK SPACE}Apr\N{NO-BREAK SPACE}2024" in html
    assert "14:00–15:00" in html
    number = re.search(r"/walkways/permissions/(\d+)/withdraw", html)
    assert number
    assert signed.fill(number[0]).status_code == 302
    assert signed.fill(number[0]).status_code == 404
    with desk.extensions["engine"].connect() as held:
        assert permissions(held) == []


def test_what_was_typed_stays_with_the_sentence(signed: Signed) -> None:
    response = signed.fill("/walkways", **{**WAY, "line": "hier; dort", "name": 'A "B"'})
    html = unescape(response.get_data(as_text=True))
    assert response.status_code == 400
    assert "“hier” is not a valid point;" in html
    assert 'value="hier; dort"' in html
    assert 'value="A "B""' in html
    response = signed.fill("/walkways/permissions", **{**LEAVE, "walkway": "nirgends"})
    html = unescape(response.get_data(as_text=True))
    assert response.status_code == 404
    assert "There is no walkway “nirgends”." in html
    for value in ("nirgends", "Frau Beispiel", "2024-04-01", "14:00", "15:00", "2024-04-24"):
        assert f'value="{value}"' in html


def test_a_contradiction_is_told(signed: Signed) -> None:
    assert signed.fill("/walkways", **WAY).status_code == 302
    response = signed.fill("/walkways", **{**WAY, "line": "10.7500, 52.3731; 10.7500, 52.3733"})
    assert response.status_code == 409
    assert "tor-west" in response.get_data(as_text=True)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_field_has_a_label(signed: Signed, lang: str) -> None:
    html = signed.client.get(f"/walkways?lang={lang}").get_data(as_text=True)
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
    fields = set(re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', html))
    assert fields
    assert fields <= labelled


def test_what_was_done_is_said_and_days_are_told_with_the_last_of_them(signed: Signed) -> None:
    """`valid_to` is the first day without leave; whoever reads “1 to 31 May” means both."""

    def said() -> list[str]:
        html = unescape(signed.client.get("/walkways?lang=en").get_data(as_text=True))
        return re.findall(r'role="status">([^<]+)<', html)

    signed.fill("/walkways", **WAY)
    assert said() == ["The way “tor-west” has been added."]
    assert said() == []
    signed.fill("/walkways/permissions", **{**LEAVE, "valid_from": "2026-05-01", "valid_to": "2026-06-01"})
    html = signed.client.get("/walkways?lang=de").get_data(as_text=True)
    assert "The permission has been recorded." in html, "in the language in which it was pressed"
    assert "01.05.2026 – 31.05.2026" in html
    number = re.search(r"/walkways/permissions/(\d+)/withdraw", html)
    assert number
    signed.fill(number[0])
    assert said() == ["The permission has been withdrawn."]


def test_a_way_typed_with_latitude_first_is_refused_and_the_swap_offered(desk: Flask, signed: Signed) -> None:
    swapped = {**WAY, "line": "52.3731, 10.7490; 52.3740, 10.7490"}
    answer = signed.fill("/walkways?lang=en", **swapped)
    assert answer.status_code == 400
    html = unescape(answer.get_data(as_text=True))
    assert "“tor-west” lies " in html
    assert "with the coordinates swapped (10.749, 52.3736)" in html
    assert swapped["line"] in html
    assert 'value="tor-west"' not in signed.client.get("/walkways").get_data(as_text=True)
