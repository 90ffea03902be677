"""Accounts looked after by admins, and links by which people set their passwords."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.domain.kinds import AccessRole
from app.services.people.passwords import hashed
from tests.web.page_words import read, words_of
from tests.web.signing_in import PASSWORD, Clock, Signed, let_in, signed_in, token_of, try_in

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

FRESH = "lampe turnt, leise"


@pytest.fixture
def admin(desk: Flask, clock: Clock) -> Signed:
    """The only admin, and nobody else but who is let in at first."""
    with desk.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM audit_entry"))
        held.execute(text("DELETE FROM staff WHERE name <> 'Erika Muster'"))
    let_in(desk, "Ada", PASSWORD, AccessRole.ADMIN, "wmg")
    return signed_in(desk, "Ada")


def number_of(app: Flask, name: str) -> int:
    with app.extensions["engine"].connect() as held:
        query = text("SELECT staff_id FROM staff WHERE name = :name")
        return int(held.execute(query, {"name": name}).scalar_one())


def added(admin: Signed, name: str = "Neu", role: str = "staff", organization: str = "wag") -> str:
    """Add an account; return the path of its link."""
    answer = admin.fill("/accounts", name=name, role=role, organization=organization)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return link_in(answer)


def link_in(answer: TestResponse) -> str:
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r"http://localhost(/password/[\w-]{43})<", answer.get_data(as_text=True))
    assert found
    return found[1]


def set_by(app: Flask, link: str, new: str = FRESH, again: str | None = None) -> int:
    """Open a link as a person without an account does, and send a password."""
    client = app.test_client()
    page = client.get(link)
    if page.status_code != 200:
        return page.status_code
    given = {"csrf_token": token_of(client, link), "new": new, "again": new if again is None else again}
    return client.post(link, data=given).status_code


def test_an_account_is_added_and_its_person_sets_the_password(desk: Flask, admin: Signed) -> None:
    link = added(admin)
    listed = words_of(read(admin.client, "/accounts?lang=en"))
    assert re.search(r"Ada WMG Admin .*Erika Muster no organization Staff .*Neu Wolfsburg AG Staff", listed)
    # Nobody knows a password before.
    assert try_in(desk.test_client(), "Neu", "").status_code == 403
    assert set_by(desk, link, "short") == 400
    assert set_by(desk, link, FRESH, "another one of that") == 400
    assert set_by(desk, link) == 302
    client = desk.test_client()
    assert try_in(client, "Neu", FRESH).status_code == 302
    assert "Wolfsburg AG · Staff" in words_of(read(client, "/tours?lang=en"))
    # It was good once.
    assert set_by(desk, link) == 404


def test_looking_at_a_link_changes_nothing(desk: Flask, admin: Signed) -> None:
    link = added(admin)
    for _ in range(3):
        assert desk.test_client().get(link).status_code == 200
    assert desk.test_client().post(link, data={"new": FRESH, "again": FRESH}).status_code == 400
    assert set_by(desk, link) == 302


def test_a_link_holds_three_days_and_a_newer_one_takes_its_place(
    desk: Flask, admin: Signed, clock: Clock
) -> None:
    first = added(admin)
    newer = link_in(admin.fill(f"/accounts/{number_of(desk, 'Neu')}/link"))
    assert desk.test_client().get(first).status_code == 404
    clock.go_on(days=2, hours=23, minutes=59)
    assert desk.test_client().get(newer).status_code == 200
    clock.go_on(minutes=1)
    assert set_by(desk, newer) == 404


def test_links_that_are_none_all_look_alike(desk: Flask, admin: Signed) -> None:
    used = added(admin)
    set_by(desk, used)
    pages = [desk.test_client().get(each) for each in (used, f"/password/{'a' * 43}", "/password/x")]
    assert {page.status_code for page in pages} == {404}
    assert len({re.sub(r'nonce="[^"]+"|/password/[\w-]+', "", p.get_data(as_text=True)) for p in pages}) == 1


def test_a_link_for_a_forgotten_password_ends_sessions_when_it_is_used(desk: Flask, admin: Signed) -> None:
    let_in(desk, "Otto", PASSWORD)
    otto = signed_in(desk, "Otto")
    link = link_in(admin.fill(f"/accounts/{number_of(desk, 'Otto')}/link"))
    assert otto.client.get("/account").status_code == 200
    assert set_by(desk, link) == 302
    assert otto.client.get("/account").status_code == 302
    assert try_in(desk.test_client(), "Otto").status_code == 403


def test_role_and_organization_are_changed_and_sessions_begin_anew(desk: Flask, admin: Signed) -> None:
    let_in(desk, "Otto", PASSWORD)
    otto = signed_in(desk, "Otto")
    address = f"/accounts/{number_of(desk, 'Otto')}"
    assert admin.fill(address, role="analyst", organization="wmg").status_code == 302
    assert "The account is changed." in words_of(read(admin.client, f"{address}?lang=en"))
    assert otto.client.get("/account").status_code == 302
    assert "WMG · Analyst" in words_of(read(signed_in(desk, "Otto").client, "/tours?lang=en"))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"role": "visitor", "organization": ""}, 400),
        ({"role": "king", "organization": ""}, 400),
        ({"role": "staff", "organization": "nobody"}, 404),
    ],
)
def test_what_there_is_not_is_not_given(
    desk: Flask, admin: Signed, given: dict[str, str], status: int
) -> None:
    number = number_of(desk, "Erika Muster")
    assert admin.fill(f"/accounts/{number}", **given).status_code == status
    assert admin.fill("/accounts", name="Neu", **given).status_code == status
    assert admin.fill("/accounts/0", role="staff").status_code == 404
    assert "Neu" not in read(admin.client, "/accounts?lang=de").replace("Neues", "")


def test_a_name_that_is_taken_is_told(admin: Signed) -> None:
    answer = admin.fill("/accounts", name="ERIKA  muster", role="staff", organization="")
    assert answer.status_code == 409
    assert "can already sign in" in answer.get_data(as_text=True)


def test_the_last_admin_stays_one(desk: Flask, admin: Signed) -> None:
    address = f"/accounts/{number_of(desk, 'Ada')}"
    for answer in (
        admin.fill(address, role="staff", organization="wmg"),
        admin.fill(f"{address}/deactivate"),
    ):
        assert answer.status_code == 409
        assert "“Ada” is the last admin" in answer.get_data(as_text=True)
    assert read(admin.client, "/accounts")
    # One who is deactivated does not count.
    let_in(desk, "Adam", PASSWORD, AccessRole.ADMIN)
    assert admin.fill(f"/accounts/{number_of(desk, 'Adam')}/deactivate").status_code == 302
    assert admin.fill(f"{address}/deactivate").status_code == 409


def test_of_two_admins_one_may_go(desk: Flask, admin: Signed) -> None:
    let_in(desk, "Adam", PASSWORD, AccessRole.ADMIN)
    adam = signed_in(desk, "Adam")
    ada = number_of(desk, "Ada")
    answer = admin.fill(f"/accounts/{ada}", role="analyst", organization="wag")
    assert answer.headers["Location"] == "/account"
    # Her session goes on, as what she is now.
    assert "Wolfsburg AG · Analyst" in words_of(read(admin.client, "/account?lang=en"))
    assert admin.client.get("/accounts").status_code == 403
    assert adam.fill(f"/accounts/{ada}/deactivate").status_code == 302
    assert admin.client.get("/account").status_code == 302


def test_who_is_deactivated_is_out_and_comes_back(desk: Flask, admin: Signed) -> None:
    link = added(admin)
    set_by(desk, link)
    neu = signed_in(desk, "Neu", password=FRESH)
    address = f"/accounts/{number_of(desk, 'Neu')}"
    pending = link_in(admin.fill(f"{address}/link"))
    assert admin.fill(f"{address}/deactivate").status_code == 302
    assert neu.client.get("/account").status_code == 302
    assert set_by(desk, pending) == 404
    assert try_in(desk.test_client(), "Neu", FRESH).status_code == 403
    assert "deactivated" in words_of(read(admin.client, "/accounts?lang=en"))
    assert admin.fill(f"{address}/activate").status_code == 302
    assert try_in(desk.test_client(), "Neu", FRESH).status_code == 302


def test_access_is_ended_from_afar(desk: Flask, admin: Signed) -> None:
    let_in(desk, "Otto", PASSWORD)
    otto = signed_in(desk, "Otto")
    otto.fill("/account/tokens", name="QGIS", days="30")
    address = f"/accounts/{number_of(desk, 'Otto')}"
    assert "Open sessions 1 API tokens 1" in words_of(read(admin.client, f"{address}?lang=en"))
    assert admin.fill(f"{address}/end-access").status_code == 302
    assert "Open sessions 0 API tokens 0" in words_of(read(admin.client, f"{address}?lang=en"))
    assert otto.client.get("/account").status_code == 302
    assert try_in(desk.test_client(), "Otto").status_code == 302


def test_every_change_of_an_account_is_recorded_without_secrets(
    desk: Flask, admin: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    link = added(admin)
    address = f"/accounts/{number_of(desk, 'Neu')}"
    admin.fill(address, role="admin", organization="wmg")
    admin.fill(f"{address}/deactivate")
    set_by(desk, link)
    with desk.extensions["engine"].connect() as held:
        query = "SELECT actor, table_name, after ->> 'role', after ->> 'is_active' FROM audit_entry"
        rows = [tuple(row) for row in held.execute(text(f"{query} ORDER BY audit_entry_id"))]
        kept = held.execute(text("SELECT audit_entry::text FROM audit_entry")).scalars().all()
    assert rows == [
        ("Ada", "staff", "staff", "true"),
        ("Ada", "password_link", None, None),
        ("Ada", "staff", "admin", "true"),
        ("Ada", "staff", "admin", "false"),
        ("Ada", "password_link", None, None),
    ]
    told = "".join([*kept, caplog.text])
    assert link.rpartition("/")[2] not in told
    assert "hash" not in told
    assert 'account-deactivated name="Ada" account="Neu"' in caplog.text


def test_a_hash_of_somebody_else_is_no_password(desk: Flask, admin: Signed) -> None:
    added(admin)
    assert try_in(desk.test_client(), "Neu", hashed(FRESH, "Neu")).status_code == 403
