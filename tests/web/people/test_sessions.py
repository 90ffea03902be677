"""Sessions of staff: where they begin, where they end, and the list of one's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, text

from app.db.changes import data_version
from app.services.people.staff import remove_staff, set_password
from app.web.people.staff import device_of
from tests.web.signing_in import PASSWORD, Clock, let_in, signed_in, try_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.1 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
)


def is_in(client: FlaskClient) -> bool:
    return client.get("/walkways").status_code == 200


def n_sessions(app: Flask) -> int:
    with app.extensions["engine"].connect() as held:
        return int(held.execute(text("SELECT count(*) FROM staff_session")).scalar_one())


@pytest.fixture
def office(desk: Flask, clock: Clock) -> Flask:
    """`desk` on a clock that only the test moves, without the sessions of other tests."""
    with desk.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM staff_session"))
    return desk


def test_signing_out_ends_the_session_even_for_who_kept_the_cookie(office: Flask) -> None:
    signed = signed_in(office)
    kept = signed.client.get_cookie("session")
    assert kept
    assert signed.fill("/logout").status_code == 302
    assert n_sessions(office) == 0
    thief = office.test_client()
    thief.set_cookie("session", kept.value)
    assert not is_in(signed.client)
    assert not is_in(thief)


def test_a_session_ends_when_it_is_idle(office: Flask, clock: Clock) -> None:
    client = signed_in(office).client
    for _ in range(3):
        clock.go_on(hours=11, minutes=59)
        assert is_in(client)
    clock.go_on(hours=12)
    assert not is_in(client)


def test_a_session_ends_after_a_week_of_use(office: Flask, clock: Clock) -> None:
    client = signed_in(office).client
    for _ in range(7 * 4 - 1):
        clock.go_on(hours=6)
        assert is_in(client)
    clock.go_on(hours=6)
    assert not is_in(client)


def test_sessions_that_ended_are_removed_when_somebody_signs_in(office: Flask, clock: Clock) -> None:
    signed_in(office)
    signed_in(office)
    clock.go_on(hours=11)
    signed_in(office)
    assert n_sessions(office) == 3
    clock.go_on(hours=1)
    signed_in(office)
    assert n_sessions(office) == 2


def test_a_new_password_and_removal_end_all_sessions_of_the_person(office: Flask) -> None:
    let_in(office, "Otto", PASSWORD)
    clients = [signed_in(office, "Otto").client for _ in range(2)]
    another = signed_in(office).client
    with office.extensions["engine"].begin() as held:
        set_password(held, "otto ", "another long password")
    assert [is_in(client) for client in (*clients, another)] == [False, False, True]
    assert try_in(clients[0], "Otto").status_code == 403
    assert try_in(clients[0], "Otto", "another long password").status_code == 302
    with office.extensions["engine"].begin() as held:
        remove_staff(held, "Otto")
    assert [is_in(client) for client in (*clients, another)] == [False, False, True]
    assert try_in(clients[0], "Otto", "another long password").status_code == 403


def test_pages_show_at_once_that_a_session_has_ended(office: Flask, clock: Clock) -> None:
    client = signed_in(office).client
    assert 'action="/logout"' in client.get("/tours").get_data(as_text=True)
    clock.go_on(hours=12)
    client.get("/walkways")
    assert 'action="/logout"' not in client.get("/tours").get_data(as_text=True)


def test_use_is_written_down_once_a_minute_and_is_no_change_of_data(office: Flask, clock: Clock) -> None:
    client = signed_in(office).client
    written: list[str] = []
    engine = office.extensions["engine"]

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE"):
            written.append(statement)

    with engine.connect() as held:
        before = data_version(held)
    event.listen(engine, "before_cursor_execute", note)
    for _ in range(3):
        clock.go_on(seconds=59)
        assert is_in(client)
        assert is_in(client)
        clock.go_on(seconds=1)
    event.remove(engine, "before_cursor_execute", note)
    assert len(written) == 2
    with engine.connect() as held:
        assert data_version(held) == before
        seen = held.execute(text("SELECT last_seen_at FROM staff_session")).scalar_one()
    assert (clock.at - seen).total_seconds() <= 61


def test_reading_goes_on_while_another_request_notes_the_use(office: Flask, clock: Clock) -> None:
    client = signed_in(office).client
    clock.go_on(minutes=5)
    with office.extensions["engine"].begin() as held:
        held.execute(text("SELECT * FROM staff_session FOR UPDATE"))
        assert is_in(client)


def test_the_list_shows_own_sessions_and_ends_them(office: Flask, clock: Clock) -> None:
    let_in(office, "Paul", PASSWORD)
    other = signed_in(office, "Paul", EDGE)
    phone = signed_in(office, user_agent=SAFARI)
    clock.go_on(minutes=90)
    desktop = signed_in(office, user_agent=FIREFOX)
    html = desktop.client.get("/sessions?lang=en").get_data(as_text=True)
    assert re.findall(r"<strong>([^<]+)</strong>", html) == ["Firefox, Windows", "Safari, iPhone"]
    assert "5\u00a0Jan\u00a02026, 10:30" in html
    assert "5\u00a0Jan\u00a02026, 09:00" in html
    (end,) = re.findall(r'action="(/sessions/[0-9a-f]{64}/end)"', html)
    # Nobody ends another person's, not even with its address.
    assert other.fill(end).status_code == 404
    assert is_in(phone.client)
    assert desktop.fill(end).status_code == 302
    assert "The session has been ended." in desktop.client.get("/sessions?lang=en").get_data(as_text=True)
    assert [is_in(each.client) for each in (phone, desktop, other)] == [False, True, True]
    assert desktop.fill(end).status_code == 404


def test_all_others_are_ended_at_once(office: Flask) -> None:
    desktop, phone, tablet = (signed_in(office) for _ in range(3))
    assert desktop.fill("/sessions/end-others").status_code == 302
    assert [is_in(each.client) for each in (desktop, phone, tablet)] == [True, False, False]
    assert "End all others" not in desktop.client.get("/sessions?lang=en").get_data(as_text=True)


def test_signing_in_again_on_a_device_leaves_one_session(office: Flask) -> None:
    client = signed_in(office).client
    old = client.get_cookie("session")
    assert old
    page = client.get("/sessions").get_data(as_text=True)
    (token,) = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
    given = {"csrf_token": token, "name": "Erika Muster", "password": PASSWORD}
    assert client.post("/login", data=given).status_code == 302
    assert n_sessions(office) == 1
    assert is_in(client)
    client.set_cookie("session", old.value)
    assert not is_in(client)


def test_the_page_is_kept_by_nobody_and_german_by_default(office: Flask) -> None:
    response = signed_in(office).client.get("/sessions?lang=de")
    assert response.headers["Cache-Control"] == "no-store"
    assert "Meine Anmeldungen" in response.get_data(as_text=True)


def test_no_token_and_no_address_is_kept(office: Flask) -> None:
    client = signed_in(office, user_agent=FIREFOX).client
    with client.session_transaction() as session:
        token = session["_user_id"]
        assert "_id" not in session
    with office.extensions["engine"].connect() as held:
        (row,) = held.execute(text("SELECT staff_session::text FROM staff_session")).scalars()
        tables = held.execute(text("SELECT table_name FROM audit_entry")).scalars().all()
    assert token not in row
    assert "127.0.0.1" not in row
    assert "Mozilla" not in row
    assert "staff_session" not in tables


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX, "Firefox, Windows"),
        (SAFARI, "Safari, iPhone"),
        (EDGE, "Edge, Linux"),
        ("curl/8.5.0", "curl"),
        ("<script>alert(1)</script>" * 50, ""),
        ("", ""),
    ],
)
def test_a_device_is_named_by_browser_and_system(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
