"""The page of an invitation: people answer there without an account, and no program does."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest

from tests.db.meetings.mail_scene import STARTS_AT
from tests.web.meetings.conftest import NAMES, Scene
from tests.web.meetings.scanners import company_fields, page_field, scan


def page_of(scene: Scene, name: str, more: str = "") -> str:
    return scene.client.get(f"{scene.address(name)}{more}?lang=de").get_data(as_text=True)


def hidden(scene: Scene, name: str) -> str:
    return page_field(page_of(scene, name))


def send(scene: Scene, name: str, more: str = "", /, **given: str):  # type: ignore[no-untyped-def]
    form = {"page": hidden(scene, name), **given}
    return scene.client.post(f"{scene.address(name)}{more}?lang=de", data=form)


def test_who_has_the_link_answers_and_changes_it_on_any_device(scene: Scene) -> None:
    assert send(scene, "alpha", answer="accepted", heads="3").status_code == 303
    assert scene.answer("alpha") == ("accepted", 3, "link")
    # Another browser, without a cookie.
    page = page_of(scene, "alpha")
    assert "zugesagt, 3 Personen" in page
    assert 'value="accepted" required checked' in page
    assert send(scene, "alpha", answer="declined").status_code == 303
    assert scene.answer("alpha") == ("declined", None, "link")
    log = scene.rows("SELECT value ->> 'answer', actor FROM participation_event ORDER BY counter")
    assert log == [("accepted", "link"), ("declined", "link")]
    assert scene.answer("beta") is None


def test_the_page_shows_the_meeting_and_nobody_else(scene: Scene) -> None:
    page = unescape(page_of(scene, "alpha"))
    for told in ("Treffen bei Müller", "22.04.2027", "14:00", "Halle 3", "alpha GmbH"):
        assert told in page
    for other in ("beta", "gamma", "nachbar.example"):
        assert other not in page


def test_the_address_reaches_nobody_else(scene: Scene) -> None:
    for more in ("", "/unsubscribe"):
        answer = scene.client.get(f"{scene.address('alpha')}{more}")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_an_answer_by_https_needs_neither_cookie_nor_referer(scene: Scene) -> None:
    form = {"page": hidden(scene, "alpha"), "answer": "accepted"}
    answer = scene.client.post(scene.address("alpha"), data=form, base_url="https://park.example")
    assert answer.status_code == 303
    assert scene.answer("alpha") == ("accepted", 1, "link")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"answer": "accepted"},
        {"answer": "accepted", "page": "0" * 64},
        {"page": "own"},
        {"page": "own", "answer": "yes"},
        {"page": "own", "answer": "none"},
        {"page": "own", "answer": "accepted", "heads": "0"},
        {"page": "own", "answer": "accepted", "heads": "21"},
        {"page": "own", "answer": "accepted", "heads": "²"},
        {"page": "own", "answer": "accepted", "heads": "0000000019999"},
        {"page": "own", "answer": "accepted", "heads": "1" + "0" * 5000},
        {"page": "own", "answer": "accepted", "heads": "-1"},
    ],
)
def test_what_no_person_sends_changes_nothing(scene: Scene, form: dict[str, str]) -> None:
    own = hidden(scene, "alpha")
    sent = {name: own if value == "own" else value for name, value in form.items()}
    assert scene.client.post(scene.address("alpha"), data=sent).status_code == 400
    assert scene.answer("alpha") is None


def test_a_link_holds_until_the_start(scene: Scene) -> None:
    scene.at = STARTS_AT - timedelta(minutes=1)
    assert send(scene, "alpha", answer="accepted").status_code == 303
    scene.at = STARTS_AT
    page = page_of(scene, "alpha")
    assert 'name="answer"' not in page
    assert "zugesagt" in page
    form = {"page": hidden(scene, "alpha"), "answer": "declined"}
    assert scene.client.post(scene.address("alpha"), data=form).status_code == 409
    assert scene.answer("alpha") == ("accepted", 1, "link")


def test_a_cancelled_meeting_takes_no_answer(scene: Scene) -> None:
    own = hidden(scene, "alpha")
    scene.change("UPDATE meeting SET state = 'cancelled'")
    assert "Dieses Treffen ist abgesagt." in page_of(scene, "alpha")
    form = {"page": own, "answer": "accepted"}
    assert scene.client.post(scene.address("alpha"), data=form).status_code == 409
    assert scene.answer("alpha") is None


def test_after_a_material_change_the_answer_is_asked_for_again(scene: Scene) -> None:
    send(scene, "alpha", answer="accepted")
    scene.change("UPDATE meeting SET sequence = 1")
    page = page_of(scene, "alpha")
    assert "Bitte antworten Sie noch einmal." in page
    assert "checked" not in page
    send(scene, "alpha", answer="accepted")
    [(sequence,)] = scene.rows("SELECT answered_sequence FROM participation")
    assert sequence == 1


def test_the_same_answer_again_is_no_other_one(scene: Scene) -> None:
    for _ in range(3):
        send(scene, "alpha", answer="accepted", heads="2")
    assert scene.rows("SELECT count(*) FROM participation_event") == [(1,)]


@pytest.mark.parametrize(("seconds", "is_soon"), [(59, "true"), (60, None)])
def test_an_answer_right_after_the_mail_came_is_marked(
    scene: Scene, seconds: int, is_soon: str | None
) -> None:
    sent = "UPDATE outbox SET state = 'sent', sent_at = :at"
    scene.change(sent, at=scene.at - timedelta(seconds=seconds))
    send(scene, "alpha", answer="declined")
    assert scene.rows("SELECT value ->> 'is_soon' FROM participation_event") == [(is_soon,)]


def test_a_revoked_or_guessed_link_is_none(scene: Scene) -> None:
    address = scene.address("alpha")
    assert scene.client.get(address).status_code == 200
    scene.change("UPDATE invitation SET revoked_at = now()")
    assert scene.client.get(address).status_code == 404
    assert scene.client.get("/answer/guessed").status_code == 404


def test_who_guesses_is_stopped_and_nobody_else(scene: Scene) -> None:
    codes = [scene.client.get(f"/answer/guess{n}").status_code for n in range(61)]
    assert codes == [404] * 60 + [429]
    assert scene.client.get(scene.address("alpha")).status_code == 200


def test_who_sends_again_and_again_is_stopped(scene: Scene) -> None:
    codes = []
    for n in range(21):
        heads = str(1 + n % 2)
        codes.append(send(scene, "alpha", answer="accepted", heads=heads).status_code)
    assert codes == [303] * 20 + [429]


def test_no_more_invitations_by_the_form(scene: Scene) -> None:
    address = f"{scene.address('alpha')}/unsubscribe"
    assert "sure" in page_of(scene, "alpha", "/unsubscribe")
    own = hidden(scene, "alpha")
    assert scene.client.post(address, data={"page": own}).status_code == 400
    assert scene.client.post(address, data={"sure": "1"}).status_code == 400
    assert scene.rows("SELECT count(*) FROM contact_channel WHERE suppressed_at IS NOT NULL") == [(0,)]
    assert scene.client.post(address, data={"page": own, "sure": "1"}).status_code == 200
    stopped = "SELECT value FROM contact_channel WHERE suppressed_at IS NOT NULL"
    assert scene.rows(stopped) == [("alpha@nachbar.example",)]
    assert len(scene.rows("SELECT hash FROM suppression")) == 1
    assert "alpha" not in str(scene.rows("SELECT s::text FROM suppression s"))


def test_no_more_invitations_by_the_mail_programs_own_button(scene: Scene) -> None:
    address = f"{scene.address('alpha')}/unsubscribe"
    form = {"List-Unsubscribe": "One-Click"}
    assert scene.client.post(address, data=form).status_code == 200
    assert scene.client.post(address, data=form).status_code == 200
    assert len(scene.rows("SELECT hash FROM suppression")) == 1


def test_programs_that_open_follow_and_press_everything_change_nothing(scene: Scene) -> None:
    before = scene.all_rows()
    for name in NAMES:
        assert scan(scene.client, scene.address(name)) > 30
    after = scene.all_rows()
    # What is counted are the requests themselves.
    assert after.pop("sign_in_failure")
    before.pop("sign_in_failure")
    assert after == before


def test_a_company_says_that_all_is_right(scene: Scene) -> None:
    assert send(scene, "alpha", "/company", right="1").status_code == 303
    row = "SELECT field, state, said_by FROM correction"
    assert scene.rows(row) == [("confirmed", "accepted", scene.number("alpha"))]


def test_a_company_proposes_and_nothing_changes_before_staff_decides(scene: Scene) -> None:
    given = company_fields(page_of(scene, "alpha")) | {"name": "Alpha & Söhne", "other": "Tor 2"}
    assert send(scene, "alpha", "/company", **given).status_code == 303
    row = "SELECT field, proposed, state FROM correction ORDER BY correction_id"
    assert scene.rows(row) == [("name", "Alpha & Söhne", "open"), ("other", "Tor 2", "open")]
    [(name,)] = scene.rows(
        "SELECT name FROM company_version JOIN company USING (company_id) WHERE key = 'alpha'"
    )
    assert name == "alpha GmbH"


def test_text_of_a_guest_is_text(scene: Scene) -> None:
    evil = "<script>alert(1)</script>"
    given = company_fields(page_of(scene, "alpha")) | {"name": evil * 20}
    answer = send(scene, "alpha", "/company", **given)
    assert answer.status_code == 400
    assert evil not in answer.get_data(as_text=True)
