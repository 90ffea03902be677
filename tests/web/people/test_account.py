"""One's own account: shown on every page, a new password in the page, what ends and what goes on by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.domain.kinds import AccessRole
from app.services.people.staff import change_account, person_named
from tests.web.page_words import read, words_of
from tests.web.signing_in import NAME, PASSWORD, Clock, Signed, let_in, signed_in, token_of, try_in

if TYPE_CHECKING:
    from flask import Flask

FRESH = "lampe turnt, leise"
PAGES = (
    "/",
    "/companies",
    "/tours",
    "/tours/rundgang-2024-04-24",
    "/tours/planner",
    "/daten",
    "/api/?f=html",
)
PAGES += ("/help", "/imprint", "/nowhere", "/daten/spalten")


@pytest.fixture
def person(desk: Flask, clock: Clock) -> Signed:
    """Somebody of an organization with a password of his own, signed in."""
    name = f"Person {clock.at:%f}"
    with desk.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM staff WHERE name = :name"), {"name": name})
    let_in(desk, name, PASSWORD, AccessRole.ANALYST, "wmg")
    return signed_in(desk, name)


def changed(person: Signed, old: str = PASSWORD, new: str = FRESH, again: str | None = None) -> int:
    given = {"old": old, "new": new, "again": new if again is None else again}
    return person.fill("/account/password", **given).status_code


@pytest.mark.parametrize("address", PAGES)
def test_every_page_says_who_reads_it_or_lets_him_sign_in(desk: Flask, person: Signed, address: str) -> None:
    visitor = desk.test_client().get(f"{address}{'&' if '?' in address else '?'}lang=en")
    shown = visitor.get_data(as_text=True)
    assert 'class="sign-in" href="/login"' in shown
    assert "/account" not in shown
    html = person.client.get(f"{address}{'&' if '?' in address else '?'}lang=en").get_data(as_text=True)
    assert "Person 000000" in html
    assert '<span class="menu-place">WMG</span>' in html
    assert "Analyst" in html
    assert 'action="/logout"' in html
    assert "/accounts" not in html
    assert 'class="sign-in"' not in html


@pytest.mark.parametrize("address", [*PAGES, "/tours/rundgang-2024-04-24/walk", "/login"])
def test_every_page_links_to_help_and_to_what_the_law_asks_for(desk: Flask, address: str) -> None:
    html = desk.test_client().get(address).get_data(as_text=True)
    for name in ("/help", "/accessibility", "/privacy", "/imprint"):
        assert f'href="{name}"' in html


def test_who_belongs_to_no_organization_is_shown_so(desk: Flask) -> None:
    html = signed_in(desk).client.get("/tours?lang=de").get_data(as_text=True)
    assert f"{NAME}" in html
    assert "ohne Organisation" in html


def test_a_new_password_ends_all_other_sessions_and_begins_this_one_anew(desk: Flask, person: Signed) -> None:
    name = "Person 000000"
    other = signed_in(desk, name)
    before = person.client.get_cookie("session")
    assert before
    assert changed(person) == 302
    after = person.client.get_cookie("session")
    assert after
    assert after.value != before.value
    assert "The password is changed." in words_of(read(person.client, "/account?lang=en"))
    assert other.client.get("/account").status_code == 302
    thief = desk.test_client()
    thief.set_cookie("session", before.value)
    assert thief.get("/account").status_code == 302
    # The page's old token is none any more.
    assert person.fill("/account/password").status_code == 400
    assert try_in(desk.test_client(), name).status_code == 403
    assert try_in(desk.test_client(), name, FRESH).status_code == 302


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"old": "wrong"}, 403, "The current password is wrong."),
        ({"again": "another one"}, 400, "differ; type the same one twice"),
        ({"new": "short"}, 400, "12 to 200 characters"),
        ({"new": "password1234"}, 400, "easy to guess"),
        ({"old": ""}, 403, "The current password is wrong."),
    ],
)
def test_what_changes_no_password_says_why(
    desk: Flask, person: Signed, given: dict[str, str], status: int, sentence: str
) -> None:
    fields = {"old": PASSWORD, "new": FRESH, "again": given.get("new", FRESH), **given}
    answer = person.fill("/account/password", **fields)
    assert answer.status_code == status
    assert sentence in answer.get_data(as_text=True)
    assert person.client.get("/account").status_code == 200
    assert try_in(desk.test_client(), "Person 000000").status_code == 302


def test_wrong_old_passwords_are_limited_like_those_at_signing_in(desk: Flask, person: Signed) -> None:
    assert [changed(person, old="wrong") for _ in range(6)] == [403] * 5 + [429]
    assert changed(person) == 429


def test_a_new_role_ends_the_session_that_had_the_old_one(desk: Flask, person: Signed) -> None:
    with desk.extensions["engine"].begin() as held:
        change_account(held, person_named(held, "Person 000000"), AccessRole.STAFF, "wag")
    assert person.client.get("/account").status_code == 302
    again = signed_in(desk, "Person 000000")
    assert "Wolfsburg AG · Staff" in words_of(read(again.client, "/tours?lang=en"))


def test_an_analyst_is_told_in_a_page_what_is_not_for_analysts(person: Signed) -> None:
    answer = person.client.get("/walkways?lang=en")
    assert answer.status_code == 403
    assert "This needs the role Staff." in answer.get_data(as_text=True)
    assert person.client.get("/accounts").status_code == 403
    data = person.client.get("/api/tours/rundgang-2024-04-24/wish?lang=de")
    assert data.json["code"] == "Forbidden"
    assert data.json["description"] == "Dafür braucht man die Rolle Mitarbeit."


def test_an_analyst_sees_no_drafts(desk: Flask, person: Signed) -> None:
    assert "/tours/planner/" not in read(person.client, "/tours")
    assert "/tours/planner/" in read(signed_in(desk).client, "/tours")


def test_no_password_comes_into_records_or_logs(
    desk: Flask, person: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    assert changed(person, old="wrong old one, of me") == 403
    assert changed(person) == 302
    with desk.extensions["engine"].connect() as held:
        rows = held.execute(text("SELECT audit_entry::text FROM audit_entry WHERE table_name = 'staff'"))
        audit = rows.scalars().all()
    assert any("Person 000000" in row for row in audit)
    told = "".join([*audit, caplog.text])
    assert not any(each in told for each in (FRESH, PASSWORD, "wrong old one", "argon2"))
    assert "password-changed" in caplog.text


def test_the_token_of_the_form_is_asked_for(desk: Flask, person: Signed) -> None:
    given = {"old": PASSWORD, "new": FRESH, "again": FRESH}
    assert person.client.post("/account/password", data=given).status_code == 400
    foreign = token_of(desk.test_client(), "/login")
    assert person.client.post("/account/password", data={**given, "csrf_token": foreign}).status_code == 400
