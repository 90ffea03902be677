"""How often somebody may try to sign in, from where, and what is written down of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.config import Settings
from app.errors import TooManyError
from app.services.people.attempts import Attempt, note_attempt
from app.services.people.staff import name_key
from app.web.people.sign_in_log import log_event
from tests.web.conftest import MakeApp
from tests.web.signing_in import NAME, PASSWORD, Clock, signed_in, try_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

MUCH = f"wrong, and no {PASSWORD}"


@pytest.fixture
def lines(desk: Flask, caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What is logged of signing in while a test runs."""
    with caplog.at_level(logging.INFO, logger="app.sign_in"):
        found: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
        logging.getLogger("app.sign_in").addHandler(handler)
        yield found
        logging.getLogger("app.sign_in").removeHandler(handler)


def client_at(app: Flask, address: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def failures(client: FlaskClient, n: int, name: str = NAME) -> list[int]:
    return [try_in(client, name, MUCH).status_code for _ in range(n)]


def test_after_five_failures_nothing_is_compared_for_a_quarter_of_an_hour(desk: Flask, clock: Clock) -> None:
    client = desk.test_client()
    assert failures(client, 5) == [403] * 5
    refused = try_in(client)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "900"
    # Another name from there, and the same name from elsewhere, are not shut out.
    assert try_in(client, "Somebody else", "wrong").status_code == 403
    assert try_in(client_at(desk, "192.0.2.7")).status_code == 302
    clock.go_on(minutes=14, seconds=59)
    assert try_in(client).status_code == 429
    clock.go_on(seconds=1)
    assert try_in(client).status_code == 302


def test_refused_tries_do_not_renew_the_lock(desk: Flask, clock: Clock) -> None:
    client = desk.test_client()
    assert failures(client, 5) == [403] * 5
    for _ in range(14):
        clock.go_on(minutes=1)
        assert failures(client, 2) == [429] * 2
    clock.go_on(minutes=1)
    assert try_in(client).status_code == 302


@pytest.mark.parametrize(
    "spelling",
    [
        f"{NAME} ",
        f"\t{NAME.replace(' ', '   ')}\u00a0\u2003",
        NAME.upper(),
        NAME.replace("s", "\u017f"),  # a long s, which is an s in any other case
        f"{NAME}{' ' * 500}",
    ],
)
def test_a_name_is_one_however_it_is_typed(desk: Flask, clock: Clock, spelling: str) -> None:
    client = desk.test_client()
    assert failures(client, 4) == [403] * 4
    assert failures(client, 1, spelling) == [403]
    assert try_in(client).status_code == 429
    assert try_in(client, spelling).status_code == 429
    clock.go_on(minutes=15)
    assert try_in(client, spelling).status_code == 302


def test_letters_in_one_piece_and_in_two_are_the_same() -> None:
    assert name_key("Jo\u0308rg  MÜLLER") == name_key(" jörg müller") == name_key("JÖRG Mu\u0308LLER")
    assert name_key("Straße") == name_key("STRASSE")
    assert name_key("Jorg") != name_key("Jörg")


def test_an_origin_that_tries_many_names_is_shut_out(desk: Flask, clock: Clock) -> None:
    client = desk.test_client()
    codes = [try_in(client, f"name {n}", "wrong").status_code for n in range(21)]
    assert codes == [403] * 20 + [429]


def test_a_name_tried_from_everywhere_is_shut_out(desk: Flask, clock: Clock) -> None:
    codes = [failures(client_at(desk, f"192.0.2.{n}"), 5) for n in range(10)]
    assert codes == [[403] * 5] * 10
    assert try_in(client_at(desk, "192.0.2.99")).status_code == 429


def test_addresses_of_one_network_are_one_origin(desk: Flask, clock: Clock) -> None:
    for n in range(5):
        assert failures(client_at(desk, f"2001:db8:1:2::{n:x}"), 1) == [403]
    assert try_in(client_at(desk, "2001:db8:1:2:ffff::1")).status_code == 429
    assert failures(client_at(desk, "2001:db8:1:3::1"), 1) == [403]
    assert failures(client_at(desk, "::ffff:192.0.2.1"), 5) == [403] * 5
    assert failures(client_at(desk, "192.0.2.1"), 1) == [429]


def test_only_a_trusted_proxy_says_where_a_reader_is(
    desk: Flask, make_app: MakeApp, settings: Settings, clock: Clock
) -> None:
    url = desk.extensions["engine"].url.render_as_string(hide_password=False)
    trusting = make_app(replace(settings, database_url=url, trusted_proxies=(ip_network("10.0.0.0/8"),)))
    trusting.extensions["clock"] = clock

    def try_for(app: Flask, peer: str, reader: str) -> int:
        client = client_at(app, peer)
        client.environ_base["HTTP_X_FORWARDED_FOR"] = reader
        return try_in(client, password=MUCH).status_code

    # Whoever is no proxy gets nothing by naming ever new readers.
    assert [try_for(desk, "192.0.2.1", f"198.51.100.{n}") for n in range(6)] == [403] * 5 + [429]
    assert [try_for(trusting, "192.0.2.2", f"198.51.100.{n}") for n in range(6)] == [403] * 5 + [429]
    # Readers of a proxy are told apart, and what they put before its word counts for nothing.
    assert [try_for(trusting, "10.0.0.1", f"203.0.113.{n}, 198.51.100.9") for n in range(6)] == [403] * 5 + [
        429
    ]
    assert try_for(trusting, "10.0.0.1", "198.51.100.8") == 403


def test_success_forgets_failures(desk: Flask, clock: Clock) -> None:
    client = desk.test_client()
    for _ in range(2):
        assert failures(client, 4) == [403] * 4
        assert try_in(client).status_code == 302
        client = desk.test_client()


def test_of_many_attempts_at_once_no_more_are_let_through(desk: Flask, clock: Clock) -> None:
    def is_let_through(_: int) -> bool:
        with desk.extensions["engine"].begin() as held:
            try:
                note_attempt(held, Attempt("n", "o", clock.at))
            except TooManyError:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(is_let_through, range(24))) == 5


def test_nothing_that_was_typed_is_kept_of_attempts(desk: Flask, clock: Clock) -> None:
    try_in(desk.test_client(), PASSWORD, MUCH)
    try_in(client_at(desk, "192.0.2.77"), NAME, MUCH)
    with desk.extensions["engine"].connect() as held:
        rows = held.execute(text("SELECT sign_in_failure::text FROM sign_in_failure")).scalars().all()
    assert len(rows) == 2
    assert not any(each in row for row in rows for each in (PASSWORD, "Erika", "127.0", "192.0"))
    clock.go_on(days=1, minutes=1)
    try_in(desk.test_client(), "Otto", MUCH)
    with desk.extensions["engine"].connect() as held:
        assert held.execute(text("SELECT count(*) FROM sign_in_failure")).scalar_one() == 1


def test_each_event_is_one_line_without_secrets(desk: Flask, clock: Clock, lines: list[str]) -> None:
    failures(desk.test_client(), 1, f'Nobody\n[2026] signed-in name="{NAME}"')
    failures(desk.test_client(), 6, NAME.upper())
    with desk.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM sign_in_failure"))
    signed = signed_in(desk)
    signed.fill("/logout")
    events = [line.split()[0] for line in lines]
    assert events == ["sign-in-refused"] * 7 + ["signed-in", "signed-out"]
    assert "name=" not in lines[0]
    assert all(f'name="{NAME}"' in line for line in lines[1:])
    assert 'reason="too-many-attempts"' in lines[6]
    told = "\n".join(lines)
    assert not any(each in told for each in (PASSWORD, MUCH, "Nobody", "127.0.0.1", signed.token))
    assert all(line.isprintable() for line in lines)


def test_a_name_cannot_forge_a_line(desk: Flask, clock: Clock, lines: list[str]) -> None:
    log_event("signed-out", name='a"\n\u2028[x] signed-in')
    assert lines == ['signed-out name="a\\"\\n\\u2028[x] signed-in"']
