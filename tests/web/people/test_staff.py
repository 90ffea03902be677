"""Signing in, and that whatever changes something asks for it and for the page's token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.domain.kinds import AccessRole
from app.web.roles import BY_SECRET_ADDRESS, CHANGES_NOTHING, needed_role
from tests.web.signing_in import NAME, PASSWORD, signed_in, token_of, try_in

if TYPE_CHECKING:
    from flask import Flask

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
# These take POST and change nothing but who is asked.
OPEN = {"planning.plan", "planning.explain", "features.search", "exports.download"}
# Of who is not signed in yet.
SIGNING_IN = {"staff.sign_in", "staff.give_code", "password_link.use"}
# Of who has none, by an address that is secret, and of everybody, by a form.
WITHOUT_ACCOUNT = {*BY_SECRET_ADDRESS, "corrections.send"}


def changing_routes(app: Flask) -> list[tuple[str, str, str]]:
    """Return method, address and endpoint of each route that may change something."""
    routes = []
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<int:\w+>", "1", str(rule))
        address = re.sub(r"<any\((\w+)[^>]*>", r"\1", address)
        address = re.sub(r"<\w+>", "rundgang-2024-04-24", address)
        routes += [(method, address, rule.endpoint) for method in sorted(CHANGING & (rule.methods or set()))]
    return routes


def test_all_that_is_open_is_listed_here(desk: Flask) -> None:
    assert CHANGES_NOTHING == OPEN
    assert {"answers.give", "answers.stop", "answers.check_company", "door.take"} == BY_SECRET_ADDRESS
    assert len(changing_routes(desk)) >= 10


def test_whatever_changes_something_is_refused_without_signing_in(desk: Flask) -> None:
    for method, address, endpoint in changing_routes(desk):
        if endpoint in {*OPEN, *SIGNING_IN, *WITHOUT_ACCOUNT}:
            continue
        client = desk.test_client()
        token = token_of(client, "/login")
        response = client.open(address, method=method, headers={"X-CSRFToken": token}, json={})
        assert response.status_code == 401, (method, address)
        if not response.is_json:
            assert "<h1>Nicht angemeldet</h1>" in response.get_data(as_text=True), address


def test_whatever_changes_something_is_refused_without_the_token(desk: Flask) -> None:
    client = signed_in(desk).client
    for method, address, endpoint in changing_routes(desk):
        if endpoint in OPEN | BY_SECRET_ADDRESS or needed_role(endpoint) is AccessRole.ADMIN:
            continue
        for headers in ({}, {"X-CSRFToken": "forged"}):
            response = client.open(f"{address}?lang=en", method=method, headers=headers, json={})
            assert response.status_code == 400, (method, address)
            assert "out of date" in response.get_data(as_text=True)


def test_what_only_staff_reads_leads_to_signing_in_and_back(desk: Flask) -> None:
    client = desk.test_client()
    response = client.get("/walkways?lang=en")
    assert response.status_code == 302
    assert response.headers["Location"] == "/login?next=/walkways?lang%3Den"
    assert client.get("/api/tours/rundgang-2024-04-24/wish").status_code == 401
    response = try_in(client, after="&next=/walkways")
    assert response.headers["Location"] == "/walkways"
    assert client.get("/walkways").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "x", "/a%0d%0ab"]
)
def test_signing_in_leads_to_no_other_site(desk: Flask, elsewhere: str) -> None:
    response = try_in(desk.test_client(), after=f"&next={elsewhere}")
    assert response.headers["Location"] == "/tours"


@pytest.mark.parametrize(
    ("name", "password"), [(NAME, "wrong"), ("Nobody", PASSWORD), ("", ""), (NAME, "x" * 5000)]
)
def test_a_wrong_name_or_password_is_told_the_same(desk: Flask, name: str, password: str) -> None:
    client = desk.test_client()
    response = try_in(client, name, password)
    assert response.status_code == 403
    assert "Name or password is wrong." in response.get_data(as_text=True)
    assert client.get("/walkways").status_code == 302


def test_a_form_with_a_character_no_text_can_hold_is_not_read(desk: Flask) -> None:
    assert try_in(desk.test_client(), "a\x00b").status_code == 400


def test_a_name_is_known_in_any_case(desk: Flask) -> None:
    assert try_in(desk.test_client(), f"  {NAME.upper()} ").status_code == 302


def test_the_cookie_is_kept_from_scripts_and_other_sites(desk: Flask) -> None:
    cookie = try_in(desk.test_client()).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    with desk.test_client() as client:
        page = client.get("/login", base_url="https://localhost")
        assert "Secure" in page.headers["Set-Cookie"]


def test_who_is_not_signed_in_gets_no_cookie(desk: Flask) -> None:
    client = desk.test_client()
    for address in ("/tours", "/static/css/theme.css", "/exports/parks.geojson", "/api/changes"):
        with client.get(address) as response:
            assert "Set-Cookie" not in response.headers, address
    with client.get("/static/css/theme.css") as response:
        assert "Cookie" not in response.headers.get("Vary", "")


def test_no_password_is_kept_anywhere(desk: Flask) -> None:
    with desk.extensions["engine"].connect() as held:
        staff = held.execute(text("SELECT staff::text FROM staff")).scalars().all()
        audit = held.execute(text("SELECT coalesce(after, before)::text FROM audit_entry")).scalars().all()
    assert all("$argon2id$" in row and PASSWORD not in row for row in staff)
    assert not any("argon2" in row for row in audit)
