"""Signing in by an OpenID Connect provider: a real one, of this machine, as it is asked over the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from app.config import OpenIdProvider, Settings
from app.db.cluster.embedded import Cluster
from app.domain.kinds import AccessRole
from app.services.people import identities, second_factor
from app.services.people.identities import Identity
from app.services.people.staff import deactivate
from tests.databases import copy_of, loaded
from tests.openid.provider import back_from, serving_openid
from tests.web.page_words import read, words_of
from tests.web.signing_in import PASSWORD, Signed, let_in, signed_in, try_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.services.people.staff import Person
    from tests.web.conftest import MakeApp

BACK = "http://localhost/login/openid/return"
FAILED = "Signing in with Park-Konto did not succeed; please try again."
UNKNOWN = "No account here is connected with yours at Park-Konto."


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with serving_openid(BACK) as found:
        yield found


@pytest.fixture(scope="module")
def configured(
    cluster: Cluster, make_app: MakeApp, settings: Settings, provider: OpenIdProvider
) -> Iterator[Flask]:
    """The application with the provider, on data of the module's own."""
    with copy_of(cluster, loaded) as url:
        app = make_app(replace(settings, database_url=url, openid_provider=provider))
        yield app
        app.extensions["engine"].dispose()


@pytest.fixture
def desk(configured: Flask) -> Flask:
    """The same, with nobody who may sign in."""
    with configured.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM sign_in_failure"))
        held.execute(text("DELETE FROM staff"))
    return configured


def known(
    app: Flask, name: str, subject: str | None = None, email: str | None = None, issuer: str | None = None
) -> Person:
    """Let somebody sign in, connected with whom the provider knows."""
    person = let_in(app, name, PASSWORD, AccessRole.STAFF, "wmg")
    issuer = issuer or app.extensions["settings"].openid_provider.issuer
    with app.extensions["engine"].begin() as held:
        identities.connect(held, person, Identity(issuer, subject, email))
    return person


def begun(client: FlaskClient, address: str = "/login/openid") -> str:
    """Follow the button; return where it leads."""
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.headers["Location"]


def returned(client: FlaskClient, address: str) -> TestResponse:
    """Open the address to which the provider sends the browser."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}&lang=en")


def come_back(client: FlaskClient, subject: str, address: str = "/login/openid") -> TestResponse:
    """Sign in by the provider; return what we answer."""
    return returned(client, back_from(begun(client, address), subject, BACK))


def refusal_of(client: FlaskClient, answer: TestResponse) -> str:
    """Return the sentence by which somebody is not let in, on the page of signing in."""
    assert answer.headers["Location"].startswith("/login?next=")
    found = re.search(r'role="alert">([^<]+)<', read(client, f"{answer.headers['Location']}&lang=en"))
    assert found
    assert client.get("/account").status_code == 302
    return words_of(found[1])


def refused(app: Flask, subject: str) -> str:
    client = app.test_client()
    return refusal_of(client, come_back(client, subject))


def count(app: Flask, table: str) -> int:
    with app.extensions["engine"].connect() as held:
        return int(held.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_it_is_offered_only_where_it_is_configured(staffed: Flask, desk: Flask) -> None:
    page = read(desk.test_client(), "/login?lang=de&next=/daten")
    assert 'href="/login/openid?next=/daten"' in page
    assert "Mit Park-Konto anmelden" in page
    assert "login/openid" not in read(staffed.test_client(), "/login")
    for address in ("/login/openid", "/login/openid/return"):
        assert staffed.test_client().get(address).status_code == 404


def test_the_question_has_state_nonce_and_a_challenge(desk: Flask, provider: OpenIdProvider) -> None:
    address = begun(desk.test_client())
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{provider.issuer}/auth?")
    assert asked["redirect_uri"] == [BACK]
    assert asked["code_challenge_method"] == ["S256"]
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 20


def test_a_verified_address_opens_its_account(desk: Flask, caplog: pytest.LogCaptureFixture) -> None:
    known(desk, "Ada", email="ada@park.example")
    client = desk.test_client()
    answer = come_back(client, "u-1", "/login/openid?next=/daten")
    assert answer.headers["Location"] == "/daten"
    assert "Ada" in words_of(read(client, "/account?lang=en"))
    assert "WMG · Staff" in words_of(read(client, "/tours?lang=en"))
    assert 'signed-in name="Ada"' in caplog.text
    assert "park.example" not in caplog.text
    # An open session as any other, and no attempt that would count.
    assert (count(desk, "staff_session"), count(desk, "sign_in_failure")) == (1, 0)
    # Who is in already need not go there.
    assert client.get("/login/openid").headers["Location"] == "/tours"


def test_a_subject_opens_its_account_and_an_address_passed_on_does_not(desk: Flask) -> None:
    known(desk, "Ada", subject="u-1", email="ada@park.example")
    assert come_back(desk.test_client(), "u-1").headers["Location"] == "/tours"
    assert UNKNOWN in refused(desk, "u-3")


def test_a_subject_of_another_issuer_opens_nothing(desk: Flask) -> None:
    known(desk, "Ada", subject="u-1", email="ada@park.example", issuer="https://elsewhere.example")
    assert UNKNOWN in refused(desk, "u-1")
    # Nor is it shown as one of this issuer.
    let_in(desk, "Chef", PASSWORD, AccessRole.ADMIN)
    with desk.extensions["engine"].connect() as held:
        number = held.execute(text("SELECT staff_id FROM staff WHERE name = 'Ada'")).scalar_one()
    assert "u-1" not in read(signed_in(desk, "Chef").client, f"/accounts/{number}")


@pytest.mark.parametrize("subject", ["u-2", "u-4"])
def test_nobody_gets_an_account_by_it_nor_by_an_address_that_nobody_verified(
    desk: Flask, subject: str, caplog: pytest.LogCaptureFixture
) -> None:
    known(desk, "Otto", email="otto@park.example")
    sentence = refused(desk, subject)
    assert UNKNOWN in sentence
    assert sentence.endswith(f"with your identifier there: {subject}")
    assert 'sign-in-refused reason="openid-without-account"' in caplog.text
    assert subject not in caplog.text
    assert (count(desk, "staff"), count(desk, "staff_session")) == (1, 0)


def test_who_is_deactivated_stays_out(desk: Flask) -> None:
    person = known(desk, "Ada", subject="u-1")
    let_in(desk, "Adam", PASSWORD, AccessRole.ADMIN)
    with desk.extensions["engine"].begin() as held:
        deactivate(held, person)
    assert UNKNOWN in refused(desk, "u-1")


def test_a_second_factor_is_asked_for(desk: Flask) -> None:
    person = known(desk, "Ada", subject="u-1")
    cipher, at = desk.extensions["cipher"], desk.extensions["clock"]()
    with desk.extensions["engine"].begin() as held:
        second_factor.begin_factor(held, person, cipher)
        held.execute(text("UPDATE second_factor SET confirmed_at = :at"), {"at": at})
    client = desk.test_client()
    answer = come_back(client, "u-1", "/login/openid?next=/daten")
    assert answer.headers["Location"] == "/login/code?next=/daten"
    assert client.get("/account").status_code == 302
    assert "six-digit code" in read(client, "/login/code?next=/daten&lang=en")


def test_what_another_browser_brought_back_is_refused(desk: Flask, caplog: pytest.LogCaptureFixture) -> None:
    known(desk, "Ada", subject="u-1")
    mine, theirs = desk.test_client(), desk.test_client()
    brought = parse_qs(urlsplit(back_from(begun(theirs), "u-1", BACK)).query)
    code, iss = brought["code"][0], brought["iss"][0]
    state = parse_qs(urlsplit(begun(mine)).query)["state"][0]
    for query in (
        {"code": code, "state": brought["state"][0], "iss": iss},
        {"code": code, "iss": iss},
        {},
        {"code": code, "state": state, "iss": iss},  # whose verifier is another
    ):
        answer = mine.get("/login/openid/return", query_string=query | {"lang": "en"})
        assert refusal_of(mine, answer) == FAILED, query
    assert code not in caplog.text
    # Only the last was an attempt: anybody can lead a reader to the others.
    assert count(desk, "sign_in_failure") == 1


def test_who_gives_up_at_the_provider_is_told(desk: Flask, provider: OpenIdProvider) -> None:
    client = desk.test_client()
    state = parse_qs(urlsplit(begun(client)).query)["state"][0]
    query = {"error": "access_denied", "state": state, "iss": provider.issuer, "lang": "en"}
    answer = client.get("/login/openid/return", query_string=query)
    assert refusal_of(client, answer) == FAILED


def test_an_answer_in_the_name_of_another_issuer_is_refused(desk: Flask) -> None:
    known(desk, "Ada", subject="u-1")
    client = desk.test_client()
    address = back_from(begun(client), "u-1", BACK)
    for other in ("&iss=https%3A%2F%2Felsewhere.example", ""):
        forged = re.sub(r"&iss=[^&]+", other, address)
        assert forged != address
        assert refusal_of(client, returned(client, forged)) == FAILED
        address = back_from(begun(client), "u-1", BACK)
    assert returned(client, address).headers["Location"] == "/tours"


def test_a_state_is_good_once(desk: Flask) -> None:
    known(desk, "Ada", subject="u-1")
    client = desk.test_client()
    address = back_from(begun(client), "u-1", BACK)
    with client.session_transaction() as session:
        before = dict(session)
    assert returned(client, address).headers["Location"] == "/tours"
    # In the session that began, it leads on; put back into a browser that kept its cookie, to nothing.
    assert returned(client, address).headers["Location"] == "/tours"
    again = desk.test_client()
    with again.session_transaction() as session:
        session.update(before)
    assert refusal_of(again, returned(again, address)) == FAILED


def test_signing_in_begins_another_session_and_what_was_planted_goes(desk: Flask) -> None:
    known(desk, "Ada", subject="u-1")
    client = desk.test_client()
    address = back_from(begun(client), "u-1", BACK)
    with client.session_transaction() as session:
        session["planted"] = "x"
        token = session.get("csrf_token")
    returned(client, address)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert not any(name.startswith("_state_") for name in session)
        assert session.get("csrf_token") is None or session["csrf_token"] != token


def test_who_is_signed_in_stays_who_it_is(desk: Flask) -> None:
    known(desk, "Ada", subject="u-1")
    let_in(desk, "Otto", PASSWORD)
    client = desk.test_client()
    address = back_from(begun(client), "u-1", BACK)
    assert try_in(client, "Otto").status_code == 302
    assert returned(client, address).status_code == 302
    assert "Otto" in words_of(read(client, "/account"))


def test_failed_attempts_count_with_those_by_password(desk: Flask) -> None:
    assert {refused(desk, "u-4")[:20] for _ in range(20)} == {UNKNOWN[:20]}
    assert refused(desk, "u-4").startswith("Too many failed attempts")
    let_in(desk, "Otto", PASSWORD)
    assert try_in(desk.test_client(), "Otto").status_code == 429


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "x" * 9])
def test_it_leads_to_no_other_site(desk: Flask, elsewhere: str) -> None:
    known(desk, "Ada", subject="u-1")
    answer = come_back(desk.test_client(), "u-1", f"/login/openid?next={elsewhere}")
    assert answer.headers["Location"] == "/tours"


def test_a_long_address_to_go_on_to_is_left_out_rather_than_the_sign_in(desk: Flask) -> None:
    known(desk, "Ada", subject="u-1")
    answer = come_back(desk.test_client(), "u-1", f"/login/openid?next=/daten?{'x' * 3000}")
    assert answer.headers["Location"] == "/tours"


def app_with(make_app: MakeApp, desk: Flask, **changes: object) -> Flask:
    settings: Settings = desk.extensions["settings"]
    assert settings.openid_provider
    provider = replace(settings.openid_provider, **changes)  # type: ignore[arg-type]
    return make_app(replace(settings, openid_provider=provider, trusted_hosts=("localhost",)))


def test_a_provider_that_calls_itself_otherwise_is_not_gone_to(
    desk: Flask, make_app: MakeApp, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_with(make_app, desk, issuer=provider.issuer.replace("127.0.0.1", "localhost"))
    client = app.test_client()
    assert refusal_of(client, client.get("/login/openid?lang=en")) == FAILED
    assert 'reason="openid: another_issuer"' in caplog.text


def test_a_wrong_secret_and_a_provider_that_is_down_are_told(desk: Flask, make_app: MakeApp) -> None:
    assert refused(app_with(make_app, desk, client_secret="x"), "u-1") == FAILED
    client = app_with(make_app, desk, issuer="http://127.0.0.1:9").test_client()
    assert refusal_of(client, client.get("/login/openid?lang=en")) == (
        "Park-Konto does not answer; please try again later, or use name and password."
    )


def test_under_a_name_of_another_nobody_is_led_there(desk: Flask, make_app: MakeApp) -> None:
    app = app_with(make_app, desk)
    assert app.test_client().get("/login/openid").status_code == 302
    assert app.test_client().get("/login/openid", headers={"Host": "evil.example"}).status_code == 400


def test_an_admin_connects_an_account_in_the_page(desk: Flask) -> None:
    let_in(desk, "Chef", PASSWORD, AccessRole.ADMIN)
    ada, otto = (let_in(desk, name, PASSWORD).staff_id for name in ("Ada", "Otto"))
    admin: Signed = signed_in(desk, "Chef")
    assert admin.fill(f"/accounts/{ada}/identity", email=" ADA@park.example ", subject="").status_code == 302
    assert 'value="ada@park.example"' in read(admin.client, f"/accounts/{ada}")
    taken = admin.fill(f"/accounts/{otto}/identity", email="ada@park.example", subject="u-2")
    assert taken.status_code == 409
    assert "already belongs to the account “Ada”" in words_of(taken.get_data(as_text=True))
    for given in ({"email": "ada"}, {"subject": "x" * 256}, {"email": f"{'a' * 250}@b.de"}):
        assert admin.fill(f"/accounts/{otto}/identity", **given).status_code == 400, given
    client = desk.test_client()
    assert come_back(client, "u-1").headers["Location"] == "/tours"
    # Who is connected no longer is in no longer.
    assert admin.fill(f"/accounts/{ada}/identity").status_code == 302
    assert client.get("/account").status_code == 302
    assert UNKNOWN in refused(desk, "u-1")


def test_an_admin_who_connects_himself_goes_on_in_a_new_session(desk: Flask) -> None:
    number = let_in(desk, "Chef", PASSWORD, AccessRole.ADMIN).staff_id
    admin, elsewhere = signed_in(desk, "Chef"), signed_in(desk, "Chef")
    assert admin.fill(f"/accounts/{number}/identity", subject="u-1").headers["Location"] == "/account"
    assert "The account is changed." in words_of(read(admin.client, "/account?lang=en"))
    assert elsewhere.client.get("/account").status_code == 302


def test_without_a_provider_nobody_is_connected(staffed: Flask) -> None:
    number = let_in(staffed, "Chef", PASSWORD, AccessRole.ADMIN).staff_id
    admin = signed_in(staffed, "Chef")
    assert "/identity" not in read(admin.client, f"/accounts/{number}")
    assert admin.fill(f"/accounts/{number}/identity", subject="u-1").status_code == 404
