"""Tokens for the API: made and shown once, used, noted, revoked, over; of each only a hash is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.domain.kinds import AccessRole
from app.services.people.staff import deactivate, person_named
from tests.web.page_words import read, words_of
from tests.web.signing_in import PASSWORD, Clock, Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

WISH = "/api/tours/rundgang-2024-04-24/wish"
OPEN = "/api/collections/plots/items?limit=1"


@pytest.fixture
def owner(desk: Flask, clock: Clock) -> Signed:
    """Staff without any token."""
    with desk.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM staff WHERE name = 'Olga'"))
    let_in(desk, "Olga", PASSWORD, AccessRole.STAFF, "wag")
    return signed_in(desk, "Olga")


def made(owner: Signed, name: str = "QGIS", days: str = "90") -> str:
    answer = owner.fill("/account/tokens", name=name, days=days)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r'<code class="secret-text">([^<]+)</code>', answer.get_data(as_text=True))
    assert found
    return found[1]


def asked(app: Flask, token: str, address: str = WISH) -> TestResponse:
    return app.test_client().get(address, headers={"Authorization": f"Bearer {token}"})


def test_a_token_is_shown_once_and_reads_in_its_owners_name(desk: Flask, owner: Signed) -> None:
    token = made(owner)
    assert re.fullmatch(r"nbh_[\w-]{43}", token)
    assert token not in read(owner.client, "/account/tokens")
    assert desk.test_client().get(WISH).status_code == 401
    answer = asked(desk, token)
    assert answer.status_code == 200
    assert answer.json["wish"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert asked(desk, token, OPEN).status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_the_kind_of_authorization_is_known_in_any_case_and_others_are_left_alone(
    desk: Flask, owner: Signed
) -> None:
    token = made(owner)
    for value, status in ((f"bearer  {token} ", 200), (f"Basic {token}", 401), (token, 401)):
        assert desk.test_client().get(WISH, headers={"Authorization": value}).status_code == status
    assert desk.test_client().get(OPEN, headers={"Authorization": "Basic eDp5"}).status_code == 200


@pytest.mark.parametrize("token", ["", "nbh_", "x" * 4000, "nbh_" + "a" * 43, "ä", "a b"])
def test_what_is_no_token_is_refused_even_where_none_is_needed(
    desk: Flask, owner: Signed, token: str
) -> None:
    answer = desk.test_client().get(
        OPEN, headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    )
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["code"] == "NotAuthorized"


def test_a_revoked_token_reads_nothing_any_more(desk: Flask, owner: Signed) -> None:
    keep, lose = made(owner, "keep"), made(owner, "lose")
    page = read(owner.client, "/account/tokens?lang=en")
    (revoke,) = re.findall(r'action="(/account/tokens/\d+/revoke)"[^>]*>[^§]*?“lose”', page)
    stranger = signed_in(desk)
    assert stranger.fill(revoke).status_code == 404
    assert asked(desk, lose).status_code == 200
    assert owner.fill(revoke).status_code == 302
    assert [asked(desk, each).status_code for each in (lose, keep)] == [401, 200]
    assert owner.fill(revoke).status_code == 404


def test_a_token_is_over_after_its_days(desk: Flask, owner: Signed, clock: Clock) -> None:
    token = made(owner, days="30")
    clock.go_on(days=29, hours=23, minutes=59)
    assert asked(desk, token).status_code == 200
    clock.go_on(minutes=1)
    assert asked(desk, token).status_code == 401
    assert "expired" in words_of(read(signed_in(desk, "Olga").client, "/account/tokens?lang=en"))


def test_its_last_use_is_noted_to_the_minute_and_is_no_change_of_data(
    desk: Flask, owner: Signed, clock: Clock
) -> None:
    token = made(owner)
    assert "never used" in words_of(read(owner.client, "/account/tokens?lang=en"))
    state = desk.test_client().get(OPEN).headers["ETag"]
    clock.go_on(hours=1)
    asked(desk, token, OPEN)
    first = clock.at
    clock.go_on(seconds=59)
    asked(desk, token)
    query = text("SELECT last_used_at FROM api_token JOIN staff USING (staff_id) WHERE staff.name = 'Olga'")
    with desk.extensions["engine"].connect() as held:
        assert held.execute(query).scalar_one() == first
    clock.go_on(seconds=1)
    asked(desk, token)
    with desk.extensions["engine"].connect() as held:
        assert held.execute(query).scalar_one() == clock.at
    assert desk.test_client().get(OPEN).headers["ETag"] == state
    assert "last used on 5 Jan 2026, 10:01" in words_of(read(owner.client, "/account/tokens?lang=en"))


def test_who_may_not_sign_in_any_more_has_no_token_either(desk: Flask, owner: Signed) -> None:
    token = made(owner)
    with desk.extensions["engine"].begin() as held:
        deactivate(held, person_named(held, "Olga"))
        held.execute(text("UPDATE staff SET is_active = true WHERE name = 'Olga'"))
    assert asked(desk, token).status_code == 401


def test_a_token_has_the_role_that_its_owner_has_now(desk: Flask, owner: Signed) -> None:
    token = made(owner)
    with desk.extensions["engine"].begin() as held:
        held.execute(text("UPDATE staff SET role = 'analyst' WHERE name = 'Olga'"))
    assert asked(desk, token).status_code == 403
    assert asked(desk, token, OPEN).status_code == 200


def test_a_token_changes_nothing(desk: Flask, owner: Signed) -> None:
    headers = {"Authorization": f"Bearer {made(owner)}"}
    answer = desk.test_client().delete("/api/tours/rundgang-2024-04-24?lang=en", headers=headers)
    assert answer.status_code == 403
    assert answer.json["description"] == "A token only reads; sign in to change something."


@pytest.mark.parametrize(
    ("name", "days", "sentence"),
    [
        (" ", "90", "A name has 1 to 60 characters."),
        ("x" * 61, "90", "A name has 1 to 60 characters."),
        ("QGIS", "3650", "A token is valid for 30, 90, 365 days."),
        ("QGIS", "", "A token is valid for 30, 90, 365 days."),
        ("QGIS", "٣٠", "A token is valid for 30, 90, 365 days."),
    ],
)
def test_what_makes_no_token_says_why(owner: Signed, name: str, days: str, sentence: str) -> None:
    answer = owner.fill("/account/tokens", name=name, days=days)
    assert answer.status_code == 400
    assert sentence in answer.get_data(as_text=True)


def test_nobody_has_tokens_without_end(owner: Signed) -> None:
    for n in range(20):
        made(owner, f"token {n}")
    assert owner.fill("/account/tokens", name="one more", days="30").status_code == 409


def test_no_token_is_kept_anywhere(desk: Flask, owner: Signed, caplog: pytest.LogCaptureFixture) -> None:
    token = made(owner)
    asked(desk, token)
    asked(desk, f"{token}x")
    with desk.extensions["engine"].connect() as held:
        kept = held.execute(text("SELECT api_token::text FROM api_token")).scalars().all()
        hashes = held.execute(text("SELECT token_hash FROM api_token")).scalars().all()
        query = "SELECT audit_entry::text FROM audit_entry WHERE table_name = 'api_token'"
        audit = held.execute(text(query)).scalars().all()
    assert kept
    assert audit
    assert not any(token in row for row in [*kept, *audit, caplog.text])
    assert not any(each in row for each in hashes for row in audit)
    assert "token-made" in caplog.text


def test_the_api_tells_of_tokens(desk: Flask) -> None:
    document = desk.test_client().get("/api/openapi.json").json
    assert document["security"] == [{}, {"token": []}]
    scheme = document["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert "Authorization: Bearer" in read(desk.test_client(), "/api/openapi.html")
