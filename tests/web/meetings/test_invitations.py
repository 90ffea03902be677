"""The page of staff: a round of mails seen before, tried on oneself and sent; answers and what came in."""

from __future__ import annotations

import email
import re
from datetime import timedelta
from email.policy import default
from html import unescape

import pytest

from app.exchange.meetings.mail import bounce_address
from app.services.meetings.inbox import take_in
from tests.db.meetings.mail_scene import AT, KEY, SECRET, SENDER, UID, invite
from tests.unit.meetings.answers import gmail_reply, returned_mail
from tests.web.meetings.conftest import NAMES, Scene
from tests.web.signing_in import Signed

PAGE = f"/meetings/{KEY}/invitations"


def shown(staff: Signed, address: str = PAGE) -> str:
    answer = staff.client.get(f"{address}?lang=de")
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def template_of(page: str) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    return found[1]


def forget_mails(scene: Scene) -> None:
    scene.change("DELETE FROM outbox")


def mails(scene: Scene) -> list[tuple[str, str, str]]:
    return scene.rows("SELECT recipient, kind, state FROM outbox ORDER BY mail_id")  # type: ignore[return-value]


def content(scene: Scene, recipient: str) -> str:
    """Return the text of the mail to somebody."""
    [(message,)] = scene.rows("SELECT message FROM outbox WHERE recipient = :to", to=recipient)
    parsed = email.message_from_bytes(bytes(message), policy=default)
    part = parsed.get_body(("plain",))  # type: ignore[attr-defined]
    return f"{parsed['Subject']}\n{part.get_content()}"


def test_the_page_says_that_no_server_is_set_and_what_waits(scene: Scene, staff: Signed) -> None:
    page = shown(staff)
    assert "SMTP_HOST" in page
    assert "3 Mails warten auf den Versand." in page
    for name in NAMES:
        assert f"{name} GmbH" in page


def test_a_round_is_seen_tried_on_oneself_and_sent(scene: Scene, staff: Signed) -> None:
    forget_mails(scene)
    address = f"{PAGE}/invitation"
    page = shown(staff, address)
    assert page.count('type="checkbox"') == 3
    assert page.count(" checked") == 3
    own = template_of(page).replace("herzlich", "sehr herzlich")
    chosen = {"template": own, "invitation": [str(scene.number(name)) for name in ("alpha", "beta")]}
    preview = staff.fill(address, **chosen, step="preview")  # type: ignore[arg-type]
    text = unescape(preview.get_data(as_text=True))
    assert "Einladung: Treffen bei Müller am 22.04.2027" in text
    assert "sehr herzlich" in text
    assert mails(scene) == []
    # Nobody sees by a preview or a sample a link that answers in the name of another one.
    assert "/answer/" not in text
    staff.fill(address, **chosen, step="me", me="erika@agentur.example")  # type: ignore[arg-type]
    assert mails(scene) == [("erika@agentur.example", "invitation", "queued")]
    assert "/answer/" not in content(scene, "erika@agentur.example")
    forget_mails(scene)
    assert staff.fill(address, **chosen, step="send").status_code == 303  # type: ignore[arg-type]
    assert mails(scene) == [
        ("alpha@nachbar.example", "invitation", "queued"),
        ("beta@nachbar.example", "invitation", "queued"),
    ]
    sent = content(scene, "alpha@nachbar.example")
    assert "sehr herzlich" in sent
    assert scene.address("alpha") in sent
    assert scene.address("beta") not in sent
    [link] = set(re.findall(r"https?://\S+(/answer/[\w-]+)(?=\s)", sent))
    assert scene.client.get(link).status_code == 200


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"template": "Betreff: x\n\n{Link} {Gehalt}"}, "„{Gehalt}“"),
        ({"template": "Hallo"}, "Betreff"),
        ({"template": "Betreff: x\n\nKommt!"}, "{Link}"),
        ({"template": "Betreff: x\n\n{Link}", "invitation": "999"}, "niemand ausgewählt"),
    ],
)
def test_what_cannot_be_sent_is_told_and_nothing_is(
    scene: Scene, staff: Signed, given: dict[str, str], told: str
) -> None:
    forget_mails(scene)
    form = {"csrf_token": staff.token, "invitation": str(scene.number("alpha")), "step": "send", **given}
    answer = staff.client.post(f"{PAGE}/invitation?lang=de", data=form)
    assert answer.status_code == 400
    page = unescape(answer.get_data(as_text=True))
    assert told in page
    # What was typed is still there.
    assert template_of(page).replace("\r\n", "\n").strip() == given["template"].strip()
    assert mails(scene) == []


def test_only_the_silent_are_reminded_and_by_hand(scene: Scene, staff: Signed) -> None:
    scene.change("UPDATE outbox SET state = 'sent', sent_at = now()")
    form = {"invitation": str(scene.number("alpha")), "answer": "declined", "how": "phone", "note": "Urlaub"}
    staff.fill(f"{PAGE}/answer", **form)
    page = shown(staff, f"{PAGE}/reminder")
    assert " checked" not in page
    assert "alpha GmbH: hat geantwortet" in " ".join(re.sub(r"<[^>]+>", "", page).split())
    chosen = [str(scene.number(name)) for name in NAMES]
    sent = staff.fill(f"{PAGE}/reminder", template=template_of(page), step="send", invitation=chosen)  # type: ignore[arg-type]
    assert sent.status_code == 303
    reminded = [to for to, kind, _ in mails(scene) if kind == "reminder"]
    assert reminded == ["beta@nachbar.example", "gamma@nachbar.example"]


def test_an_answer_by_phone_is_noted_as_a_change_set(scene: Scene, staff: Signed) -> None:
    form = {"answer": "accepted", "heads": "2", "how": "phone", "note": "ab 15 Uhr"}
    assert staff.fill(f"{PAGE}/answer", invitation=str(scene.number("alpha")), **form).status_code == 303
    assert scene.answer("alpha") == ("accepted", 2, "staff")
    assert "Telefon: ab 15 Uhr" in shown(staff)
    query = "SELECT person, business_case FROM change_set ORDER BY change_set_id DESC LIMIT 1"
    assert scene.rows(query) == [("Erika Muster", "meeting")]
    actor = "SELECT actor, staff_id IS NOT NULL FROM participation_event"
    assert scene.rows(actor) == [("staff", True)]
    assert staff.fill(f"{PAGE}/answer", invitation=str(scene.number("alpha")), answer="").status_code == 400


def test_an_uncertain_mail_waits_for_a_person(scene: Scene, staff: Signed) -> None:
    scene.change("UPDATE outbox SET state = 'uncertain' WHERE recipient LIKE 'alpha%'")
    scene.change("UPDATE outbox SET state = 'uncertain' WHERE recipient LIKE 'beta%'")
    page = shown(staff)
    found = re.findall(r'formaction="([^"]+/(?:arrived|again))"', page)
    assert len(found) == 4
    assert staff.fill(found[0]).status_code == 303
    assert staff.fill(found[3]).status_code == 303
    assert [state for _, _, state in mails(scene)] == ["sent", "queued", "queued"]
    assert staff.fill(found[1]).status_code == 409


def test_who_is_this_is_asked_and_answered(scene: Scene, staff: Signed) -> None:
    with scene.app.extensions["engine"].begin() as held:
        take_in(held, gmail_reply(uid=UID, attendee="mailto:chef@anderswo.example"), SECRET, AT)
        to = bounce_address(scene.number("gamma"), SENDER, SECRET)
        take_in(held, returned_mail(to), SECRET, AT)
    page = shown(staff)
    assert "chef@anderswo.example" in page
    assert "Die Adresse nimmt keine Mail an (5.1.1)." in page
    actions = re.findall(r'action="([^"]+/inbound/[0-9]+)"', page)
    assert len(actions) == 2
    assert staff.fill(actions[0], invitation=str(scene.number("beta"))).status_code == 303
    assert scene.answer("beta") == ("accepted", None, "calendar")
    assert staff.fill(actions[1]).status_code == 303
    assert "/inbound/" not in shown(staff)
    assert staff.fill(actions[1]).status_code == 404


def test_who_answered_within_a_minute_is_marked(scene: Scene, staff: Signed) -> None:
    scene.change("UPDATE outbox SET state = 'sent', sent_at = :at", at=scene.at - timedelta(seconds=5))
    page = scene.client.get(scene.address("alpha")).get_data(as_text=True)
    own = re.search(r'name="page" value="([0-9a-f]+)"', page)
    assert own
    scene.client.post(scene.address("alpha"), data={"page": own[1], "answer": "declined"})
    assert "Womöglich hat ein Programm geantwortet." in shown(staff)


def test_a_mail_of_another_meeting_is_not_decided_on_here(scene: Scene, staff: Signed) -> None:
    assert staff.fill(f"{PAGE}/mails/4711/again").status_code == 404
    assert staff.client.get("/meetings/none/invitations").status_code == 404


def test_each_agency_writes_to_its_own_contacts_and_sees_no_others(scene: Scene, staff: Signed) -> None:
    forget_mails(scene)
    scene.change(
        "UPDATE contact SET shared = company_id = (SELECT company_id FROM company WHERE key = 'beta'),"
        " organization_id = (SELECT organization_id FROM organization WHERE key = 'wmg')"
        " WHERE company_id IN (SELECT company_id FROM company WHERE key IN ('alpha', 'beta'))"
    )
    for address in (PAGE, f"{PAGE}/invitation"):
        page = shown(staff, address)
        assert "alpha GmbH" in page
        assert "alpha@nachbar.example" not in page
        assert "beta@nachbar.example" in page
    chosen = [str(scene.number(name)) for name in NAMES]
    text = template_of(shown(staff, f"{PAGE}/invitation"))
    staff.fill(f"{PAGE}/invitation", template=text, step="send", invitation=chosen)  # type: ignore[arg-type]
    assert [to for to, _, _ in mails(scene)] == ["beta@nachbar.example", "gamma@nachbar.example"]


def test_only_staff_of_the_organizing_agencies_writes(scene: Scene, staff: Signed) -> None:
    scene.change(
        "INSERT INTO meeting_organization SELECT :meeting, organization_id FROM organization"
        " WHERE key = 'wmg'",
        meeting=scene.meeting_id,
    )
    number = str(scene.number("alpha"))
    text = template_of(shown(staff, f"{PAGE}/reminder"))
    for answer in (
        staff.fill(f"{PAGE}/reminder", template=text, step="send", invitation=number),
        staff.fill(f"{PAGE}/answer", invitation=number, answer="accepted"),
        staff.fill(f"{PAGE}/mails/1/again"),
        staff.fill(f"{PAGE}/inbound/1"),
    ):
        assert answer.status_code == 403
    assert scene.answer("alpha") is None


def test_a_letter_is_no_mail(scene: Scene, staff: Signed) -> None:
    with scene.app.extensions["engine"].begin() as held:
        invite(held, scene.meeting_id, "delta", basis="public_source")
    page = " ".join(re.sub(r"<[^>]+>", "", shown(staff, f"{PAGE}/invitation")).split())
    assert "delta GmbH: " in page


def test_what_came_in_is_shown_as_text(scene: Scene, staff: Signed) -> None:
    evil = "<img src=x onerror=alert(1)>"
    raw = f"From: a@b.example\r\nSubject: {evil}\r\n\r\n{evil}\r\n".encode()
    with scene.app.extensions["engine"].begin() as held:
        take_in(held, raw, SECRET, AT)
    assert evil not in staff.client.get(PAGE).get_data(as_text=True)
    assert evil in shown(staff)


def test_corrections_of_visitors_and_companies_are_one_queue(scene: Scene, staff: Signed) -> None:
    visitor = scene.client
    page = visitor.get("/companies/alpha/correction?lang=de").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    given = {
        "csrf_token": token[1],
        "name": "alpha GmbH",
        "sector": "Logistik",
        "website": "https://a.example",
    }
    assert visitor.post("/companies/alpha/correction", data=given).status_code == 303
    queue = unescape(staff.client.get("/corrections?lang=de").get_data(as_text=True))
    assert "von einem Besucher der Seite" in queue
    [first, second] = [number for (number,) in scene.rows("SELECT correction_id FROM correction ORDER BY 1")]
    assert staff.fill(f"/corrections/{first}/correct").status_code == 303
    assert staff.fill(f"/corrections/{second}/refuse").status_code == 303
    stored = "SELECT sector, website FROM company_version JOIN company USING (company_id) WHERE key = 'alpha'"
    assert scene.rows(stored) == [("Logistik", None)]
    decided = "SELECT field, state, change_set_id IS NOT NULL, said_by FROM correction ORDER BY correction_id"
    assert scene.rows(decided) == [("sector", "accepted", True, None), ("website", "refused", False, None)]
    [(person, intent)] = scene.rows(
        "SELECT person, intent FROM change_set JOIN correction USING (change_set_id)"
    )
    assert (person, intent) == ("Erika Muster", "correct")
    assert staff.fill(f"/corrections/{first}/refuse").status_code == 409


def test_what_has_changed_since_is_a_new_version(scene: Scene, staff: Signed) -> None:
    scene.change(
        "INSERT INTO correction (company_id, field, proposed, received_at)"
        " SELECT company_id, 'name', 'Alpha SE', :at FROM company WHERE key = 'alpha'",
        at=AT,
    )
    [(number,)] = scene.rows("SELECT correction_id FROM correction")
    assert staff.fill(f"/corrections/{number}/change").status_code == 303
    query = (
        "SELECT name, lower(valid)::text FROM company_version JOIN company USING (company_id)"
        " WHERE key = 'alpha' ORDER BY valid"
    )
    assert scene.rows(query) == [("alpha GmbH", None), ("Alpha SE", "2027-03-01")]


def test_visitors_are_slowed_down(scene: Scene) -> None:
    visitor = scene.client
    page = visitor.get("/companies/alpha/correction").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    codes = [
        visitor.post(
            "/companies/alpha/correction", data={"csrf_token": token[1], "other": f"Hinweis {n}"}
        ).status_code
        for n in range(21)
    ]
    assert codes == [303] * 20 + [429]
