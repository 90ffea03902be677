"""A second factor: set up with a phone, asked for at signing in, and removed."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from app.services.people.second_factor import ISSUER, factor_state, remove_factor, secret_cipher
from app.services.people.staff import person_named
from tests.web.signing_in import NAME, PASSWORD, Clock, Signed, let_in, signed_in, token_of, try_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


class Phone:
    """An app for one-time passwords by RFC 6238, on the clock of the test."""

    def __init__(self, clock: Clock, secret: str) -> None:
        self.clock, self.key = clock, base64.b32decode(secret)

    def code(self, steps: int = 0) -> str:
        """Return what it shows, or will show some half minutes later."""
        step = int(self.clock.at.timestamp()) // 30 + steps
        digest = hmac.digest(self.key, step.to_bytes(8, "big"), "sha1")
        start = digest[-1] & 15
        return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def text_of(answer: TestResponse) -> str:
    return unescape(answer.get_data(as_text=True))


def secret_on(signed: Signed) -> str:
    found = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", text_of(signed.client.get("/second-factor")))
    assert found
    return found[1]


def give_code(client: FlaskClient, code: str) -> TestResponse:
    token = token_of(client, "/login/code")
    return client.post("/login/code?lang=en", data={"csrf_token": token, "code": code})


def is_in(client: FlaskClient) -> bool:
    return client.get("/walkways").status_code == 200


@pytest.fixture
def office(desk: Flask, clock: Clock) -> Iterator[Flask]:
    """`desk` on a clock that only the test moves; nobody has a second factor yet."""
    with desk.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM second_factor"))
    yield desk
    with desk.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM second_factor"))


@pytest.fixture
def phone(office: Flask, clock: Clock) -> Phone:
    """The phone of somebody who has just set up the second factor; a minute later."""
    signed = signed_in(office)
    assert signed.fill("/second-factor/begin").status_code == 302
    made = Phone(clock, secret_on(signed))
    assert signed.fill("/second-factor/confirm", code=made.code()).status_code == 200
    clock.go_on(minutes=1)
    return made


def test_it_is_set_up_by_a_picture_and_a_code(office: Flask, clock: Clock) -> None:
    signed = signed_in(office)
    assert "It is not set up." in text_of(signed.client.get("/second-factor?lang=en"))
    signed.fill("/second-factor/begin")
    page = signed.client.get("/second-factor?lang=en")
    assert page.headers["Cache-Control"] == "no-store"
    assert 'src="data:image/svg+xml' in text_of(page)
    secret = secret_on(signed)
    with office.extensions["engine"].connect() as held:
        cipher = office.extensions["cipher"]
        address = factor_state(held, person_named(held, NAME), cipher).address
    assert address
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [secret], "issuer": [ISSUER]}
    # Nobody is asked for a code before it is known to be right.
    assert signed.fill("/second-factor/confirm", code="000000").status_code == 403
    assert try_in(office.test_client()).headers["Location"] == "/tours"
    assert secret_on(signed) == secret
    answer = signed.fill("/second-factor/confirm", code=Phone(clock, secret).code())
    assert len(set(re.findall(r"<code>((?:[0-9a-f]{4}-){3}[0-9a-f]{4})</code>", text_of(answer)))) == 8
    again = text_of(signed.client.get("/second-factor?lang=en"))
    assert secret not in again
    assert "Recovery codes left: 8." in again
    assert signed.fill("/second-factor/begin").status_code == 409
    assert signed.fill("/second-factor/confirm", code=Phone(clock, secret).code(1)).status_code == 409


def test_the_password_alone_lets_nobody_in(office: Flask, phone: Phone) -> None:
    client = office.test_client()
    answer = try_in(client, after="&next=/walkways")
    assert answer.headers["Location"] == "/login/code?next=/walkways"
    assert not is_in(client)
    assert client.post("/sessions/end-others").status_code in {400, 401}
    assert give_code(client, "000000").status_code == 403
    assert not is_in(client)
    answer = give_code(client, f" {phone.code()[:3]} {phone.code()[3:]} ")
    assert answer.status_code == 302
    assert is_in(client)


def test_a_wrong_password_is_told_before_a_code_is_asked_for(office: Flask, phone: Phone) -> None:
    assert try_in(office.test_client(), password="wrong").status_code == 403


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_holds_half_a_minute_before_and_after(
    office: Flask, phone: Phone, steps: int, is_right: bool
) -> None:
    phone.clock.go_on(minutes=5)
    client = office.test_client()
    try_in(client)
    assert (give_code(client, phone.code(steps)).status_code == 302) is is_right


def test_no_code_is_taken_twice(office: Flask, phone: Phone) -> None:
    for _ in range(2):
        first, second = office.test_client(), office.test_client()
        code = phone.code()
        try_in(first)
        try_in(second)
        assert give_code(first, code).status_code == 302
        assert give_code(second, code).status_code == 403
        assert give_code(second, phone.code(-1)).status_code == 403
        phone.clock.go_on(minutes=1)
        assert give_code(second, phone.code()).status_code == 302
        phone.clock.go_on(minutes=20)


def test_wrong_codes_are_limited_like_wrong_passwords(office: Flask, phone: Phone) -> None:
    client = office.test_client()
    try_in(client)
    codes = [give_code(client, "000000").status_code for _ in range(5)]
    assert codes == [403] * 4 + [429]
    assert give_code(client, phone.code()).status_code == 429
    phone.clock.go_on(minutes=15)
    try_in(client)
    assert give_code(client, phone.code()).status_code == 302


def test_the_code_is_awaited_for_five_minutes(office: Flask, phone: Phone) -> None:
    client = office.test_client()
    try_in(client)
    token = token_of(client, "/login/code")
    phone.clock.go_on(minutes=5, seconds=1)
    answer = client.post("/login/code", data={"csrf_token": token, "code": phone.code()})
    assert answer.headers["Location"].startswith("/login?")
    assert not is_in(client)


def test_without_a_password_no_code_is_asked_for(office: Flask, phone: Phone) -> None:
    client = office.test_client()
    assert client.get("/login/code").headers["Location"].startswith("/login?")
    answer = client.post("/login/code", data={"csrf_token": token_of(client, "/login"), "code": phone.code()})
    assert answer.headers["Location"].startswith("/login?")
    assert client.post("/login/code", data={"code": phone.code()}).status_code == 400


@pytest.mark.parametrize("code", ["", "１２３４５６", "é" * 6, "1" * 4000, "-", "None"])
def test_what_is_no_code_is_wrong(office: Flask, phone: Phone, code: str) -> None:
    client = office.test_client()
    try_in(client)
    assert give_code(client, code).status_code == 403


def test_a_recovery_code_stands_in_once(office: Flask, clock: Clock) -> None:
    signed = signed_in(office)
    signed.fill("/second-factor/begin")
    phone = Phone(clock, secret_on(signed))
    page = text_of(signed.fill("/second-factor/confirm", code=phone.code()))
    first, second, *_ = re.findall(r"<code>([0-9a-f-]{19})</code>", page)
    for code, status in ((first, 302), (first, 403), (second.upper().replace("-", " "), 302)):
        client = office.test_client()
        try_in(client)
        assert give_code(client, code).status_code == status
    assert "Recovery codes left: 6." in text_of(signed.client.get("/second-factor?lang=en"))


def test_under_another_secret_key_no_code_is_right_and_recovery_codes_are(
    office: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    signed = signed_in(office)
    signed.fill("/second-factor/begin")
    phone = Phone(clock, secret_on(signed))
    page = text_of(signed.fill("/second-factor/confirm", code=phone.code()))
    recovery = re.findall(r"<code>([0-9a-f-]{19})</code>", page)
    clock.go_on(minutes=1)
    monkeypatch.setitem(office.extensions, "cipher", secret_cipher("a key that nobody had then"))
    for code, status in ((phone.code(), 403), (recovery[0], 302)):
        client = office.test_client()
        try_in(client)
        assert give_code(client, code).status_code == status
    assert f"the second factor of {NAME} was made under another secret key" in caplog.text


def test_a_secret_that_cannot_be_read_is_made_anew(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = signed_in(office)
    signed.fill("/second-factor/begin")
    before = secret_on(signed)
    monkeypatch.setitem(office.extensions, "cipher", secret_cipher("a key that nobody had then"))
    assert "It is not set up." in text_of(signed.client.get("/second-factor?lang=en"))
    signed.fill("/second-factor/begin")
    assert secret_on(signed) != before


def test_it_is_removed_by_a_code_only(office: Flask, phone: Phone) -> None:
    client = office.test_client()
    try_in(client)
    give_code(client, phone.code())
    signed = Signed(client, token_of(client, "/second-factor"))
    assert signed.fill("/second-factor/remove", code="000000").status_code == 403
    assert signed.fill("/second-factor/remove", code=phone.code()).status_code == 403
    phone.clock.go_on(minutes=1)
    assert signed.fill("/second-factor/remove", code=phone.code()).status_code == 302
    assert "The second factor has been removed." in text_of(client.get("/second-factor?lang=en"))
    assert try_in(office.test_client()).headers["Location"] == "/tours"


def test_whoever_looks_after_the_service_removes_it(office: Flask, phone: Phone) -> None:
    with office.extensions["engine"].begin() as held:
        remove_factor(held, person_named(held, NAME))
    assert try_in(office.test_client()).headers["Location"] == "/tours"


def test_who_was_removed_meanwhile_is_not_let_in(office: Flask, clock: Clock) -> None:
    let_in(office, "Rita", PASSWORD)
    signed = signed_in(office, "Rita")
    signed.fill("/second-factor/begin")
    phone = Phone(clock, secret_on(signed))
    signed.fill("/second-factor/confirm", code=phone.code())
    clock.go_on(minutes=1)
    client = office.test_client()
    try_in(client, "Rita")
    token = token_of(client, "/login/code")
    with office.extensions["engine"].begin() as held:
        held.execute(text("UPDATE staff SET is_active = false WHERE name = 'Rita'"))
    client.post("/login/code", data={"csrf_token": token, "code": phone.code()})
    assert not is_in(client)


def test_the_secret_is_in_no_record_and_no_log(
    office: Flask, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    signed = signed_in(office)
    signed.fill("/second-factor/begin")
    secret = secret_on(signed)
    phone = Phone(clock, secret)
    page = text_of(signed.fill("/second-factor/confirm", code=phone.code()))
    clock.go_on(minutes=1)
    codes = [*re.findall(r"<code>([0-9a-f-]{19})</code>", page), phone.code()]
    client = office.test_client()
    try_in(client)
    give_code(client, codes[-1])
    with office.extensions["engine"].connect() as held:
        audit = held.execute(text("SELECT audit_entry::text FROM audit_entry")).scalars().all()
        (row,) = held.execute(text("SELECT second_factor::text FROM second_factor")).scalars()
    with client.session_transaction() as session:
        kept = str(dict(session))
    kept += "".join([*audit, caplog.text])
    assert not any(each in kept for each in (secret, *codes))
    assert secret not in row
    assert not any(each in row or each.replace("-", "") in row for each in codes)
    assert "second-factor-set-up" in caplog.text
