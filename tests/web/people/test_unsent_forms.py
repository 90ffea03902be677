"""A form whose session has ended, without scripts: signed in again, what was typed is sent."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.web.people.test_second_factor import Phone, office, phone
from tests.web.signing_in import NAME, PASSWORD, Clock, Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

__all__ = ["office", "phone"]

MOVE = "/companies/kaufland/departure"
TYPED = {"last_day": "31.12.2027", "reason": "Schluss <ist> Schluss", "step": "preview"}
SAME_SITE = {"Origin": "http://localhost"}


@pytest.fixture
def ended(desk: Flask) -> Signed:
    """Somebody whose session has ended while a form was open."""
    signed = signed_in(desk)
    end_all(desk)
    return signed


def end_all(app: Flask) -> None:
    with app.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM staff_session"))


def sent(signed: Signed, headers: dict[str, str] = SAME_SITE) -> TestResponse:
    given = {"csrf_token": signed.token, **TYPED}
    return signed.client.post(f"{MOVE}?lang=en", data=given, headers=headers)


def hidden(answer: TestResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.get_data(as_text=True))
    return {name: unescape(value) for name, value in found}


def test_what_was_typed_is_sent_after_signing_in_again(ended: Signed) -> None:
    asked = sent(ended)
    assert asked.status_code == 401
    assert "Your session has ended. Sign in to go on" in asked.get_data(as_text=True)
    wrong = ended.client.post("/login?lang=en", data={**hidden(asked), "name": NAME, "password": "x"})
    assert wrong.status_code == 403
    again = ended.client.post("/login?lang=en", data={**hidden(wrong), "name": NAME, "password": PASSWORD})
    assert again.status_code == 200
    kept = hidden(again)
    assert {name: kept[name] for name in TYPED} == TYPED
    assert f'action="{MOVE}?lang=en"' in again.get_data(as_text=True)
    seen = ended.client.post(f"{MOVE}?lang=en", data=kept)
    assert seen.status_code == 200
    assert "What follows" in seen.get_data(as_text=True)
    assert "Schluss &lt;ist&gt; Schluss" in seen.get_data(as_text=True)


def test_a_second_factor_is_asked_for_in_between(office: Flask, phone: Phone, clock: Clock) -> None:
    del clock
    client = office.test_client()
    given = {"csrf_token": token(client.get("/login")), **TYPED}
    asked = client.post(f"{MOVE}?lang=en", data=given, headers=SAME_SITE)
    code = client.post("/login?lang=en", data={**hidden(asked), "name": NAME, "password": PASSWORD})
    assert 'id="code"' in code.get_data(as_text=True)
    again = client.post("/login/code?lang=en", data={**hidden(code), "code": phone.code(1)})
    assert hidden(again)["last_day"] == TYPED["last_day"]


def token(answer: TestResponse) -> str:
    return hidden(answer)["csrf_token"]


def test_nobody_else_gets_what_was_typed(desk: Flask, ended: Signed) -> None:
    let_in(desk, "Ben", PASSWORD)
    asked = sent(ended)
    answer = ended.client.post("/login", data={**hidden(asked), "name": "Ben", "password": PASSWORD})
    assert answer.status_code == 302


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://other.example"}])
def test_what_another_site_sent_is_not_kept(ended: Signed, headers: dict[str, str]) -> None:
    answer = sent(ended, headers)
    assert answer.status_code == 401
    assert "unsent" not in answer.get_data(as_text=True)


def test_what_was_made_up_is_not_taken(ended: Signed) -> None:
    given = {**hidden(sent(ended)), "name": NAME, "password": PASSWORD, "unsent": "made.up"}
    assert ended.client.post("/login", data=given).status_code == 302


def test_a_page_asks_who_is_signed_in(desk: Flask) -> None:
    signed = signed_in(desk)
    told = signed.client.get("/session")
    assert told.get_json()["name"] == NAME
    assert told.headers["Cache-Control"] == "no-store"
    assert signed.fill(MOVE, last_day="", step="edit").status_code == 200
    end_all(desk)
    assert signed.client.get("/session").get_json() == {
        "person": None,
        "name": None,
        "token": None,
    }
