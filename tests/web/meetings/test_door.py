"""The door of a meeting: its link lives one day, phones note companies there, and nothing else."""

from __future__ import annotations

import json
import logging
import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from app.db.meetings.participation import axes_of, events_of
from app.domain.meetings.door import event_of, read_report
from app.domain.meetings.participation import fold
from app.services.meetings.door.entries import take_in
from app.services.meetings.door.links import door_of
from tests.db.meetings.mail_scene import KEY
from tests.web.meetings.conftest import Scene
from tests.web.signing_in import Signed, signed_in

DAY = date(2026, 6, 10)
NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)
PHONES = ("phone-0000000a", "phone-0000000b", "phone-0000000c")
NOTED = "SELECT event_id FROM participation_event WHERE value ->> 'note' = :note"
STAFF_PAGE = f"/meetings/{KEY}/door?lang=de"


@dataclass
class Door:
    """A meeting on its day, its staff, and the address that they made."""

    scene: Scene
    staff: Signed
    address: str

    @property
    def token(self) -> str:
        return self.address.removeprefix("/door/")

    def config(self) -> dict[str, Any]:
        page = self.scene.client.get(f"{self.address}?lang=de").get_data(as_text=True)
        found = re.search(r'id="door-page">(.*?)</script>', page)
        assert found
        config: dict[str, Any] = json.loads(found[1])
        return config

    def send(self, *entries: dict[str, Any], **more: Any) -> Any:
        body = more.pop("body", {"entries": list(entries), **more.pop("given", {})})
        headers = more.pop("headers", None) or {"X-Door-Page": self.config()["page"]}
        options = {"json": body, "headers": headers, **more}
        return self.scene.client.post(f"{self.address}/events?lang=en", **options)

    def presence(self, name: str = "alpha") -> tuple[Any, ...] | None:
        query = (
            "SELECT presence, presence_basis FROM participation JOIN company USING (company_id)"
            " WHERE key = :name"
        )
        return next(iter(self.scene.rows(query, name=name)), None)

    def n_events(self) -> int:
        return int(self.scene.rows("SELECT count(*) FROM participation_event")[0][0])


def entry(
    counter: int = 1, company: str | None = "alpha", device: str = PHONES[0], **more: Any
) -> dict[str, Any]:
    return {
        "event_id": str(uuid.uuid4()),
        "kind": "presence",
        "company": company,
        "counter": counter,
        "device": device,
        "client_time": "2026-06-10T12:03:00+02:00",
        **more,
    }


def note(text: str = "Werkstatt Nord", **more: Any) -> dict[str, Any]:
    return entry(**{"company": None, "kind": "note", "note": text, **more})


@pytest.fixture
def day(scene: Scene) -> Scene:
    """It is noon of the meeting's day; the database knows days that are over."""
    scene.change(
        "UPDATE meeting SET held_on = :day, starts_at = :at, ends_at = :end",
        day=DAY, at=NOON, end=NOON + timedelta(hours=2),
    )  # fmt: skip
    scene.at = NOON
    return scene


@pytest.fixture
def staff(day: Scene) -> Signed:
    return signed_in(day.app)


@pytest.fixture
def door(day: Scene, staff: Signed) -> Door:
    """The link of the day is made."""
    return Door(day, staff, made(staff))


def page(staff: Signed) -> str:
    return unescape(staff.client.get(STAFF_PAGE).get_data(as_text=True))


def made(staff: Signed) -> str:
    assert act(staff, "") == 303
    found = re.search(r'value="http://localhost(/door/[\w-]{22})"', page(staff))
    assert found
    return found[1]


def act(staff: Signed, more: str, **form: str) -> int:
    answer = staff.client.post(
        f"/meetings/{KEY}/door{more}?lang=de", data={"csrf_token": staff.token, **form}
    )
    return answer.status_code


def test_the_link_opens_on_its_day_alone_and_is_a_qr_code(door: Door) -> None:
    assert "data:image/svg+xml" in page(door.staff)
    answers = {}
    for hours in (-13, -11, 0, 11.9, 12.1):
        door.scene.at = NOON + timedelta(hours=hours)
        answer = door.scene.client.get(f"{door.address}?lang=de")
        answers[hours] = answer.status_code
        assert answer.headers["Cache-Control"] == "no-store"
    # Midnight of Berlin is 22 o'clock of UTC.
    assert answers == {-13: 409, -11: 200, 0: 200, 11.9: 200, 12.1: 404}
    door.scene.at = NOON + timedelta(hours=12.1)
    assert "bis Mitternacht" in door.scene.client.get(f"{door.address}?lang=de").get_data(as_text=True)
    door.scene.at = NOON


def test_a_link_before_the_day_can_be_made_and_opens_later(day: Scene) -> None:
    day.at = NOON - timedelta(days=3)
    address = made(signed_in(day.app))
    early = day.client.get(f"{address}?lang=de")
    assert early.status_code == 409
    assert "10.06.2026" in early.get_data(as_text=True)
    day.at = NOON
    assert day.client.get(address).status_code == 200


def test_a_revoked_link_opens_nothing_and_a_new_one_does(door: Door) -> None:
    sent = entry()
    headers = {"X-Door-Page": door.config()["page"]}
    assert act(door.staff, "/revoke") == 303
    assert door.scene.client.get(door.address).status_code == 404
    answer = door.send(sent, headers=headers)
    assert (answer.status_code, answer.json["is_closed"]) == (404, True)
    assert door.n_events() == 0
    first, door.address = door.address, made(door.staff)
    assert door.address != first
    assert door.send(sent).status_code == 200
    # Making one more takes the one before away.
    second, door.address = door.address, made(door.staff)
    assert door.scene.client.get(second).status_code == 404
    assert door.scene.client.get(door.address).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"state": "draft"}, 409),
        ({"state": "cancelled"}, 409),
        ({"ends_at": None, "starts_at": None, "held_on": "2026-06-09"}, 409),
    ],
)
def test_no_link_for_what_is_not_announced_or_over(
    day: Scene, staff: Signed, change: dict[str, Any], status: int
) -> None:
    for name, value in change.items():
        day.change(f"UPDATE meeting SET {name} = :value", value=value)
    assert act(staff, "") == status
    assert day.rows("SELECT count(*) FROM door_link") == [(0,)]


def test_only_staff_makes_and_revokes_and_with_the_token(day: Scene, staff: Signed) -> None:
    for more in ("", "/revoke", "/walk-ins"):
        assert day.client.post(f"/meetings/{KEY}/door{more}").status_code == 401
        assert staff.client.post(f"/meetings/{KEY}/door{more}").status_code == 400
    assert day.client.get(f"/meetings/{KEY}/door").status_code == 302


def test_the_page_names_companies_only_and_reaches_nobody_else(door: Door) -> None:
    answer = door.scene.client.get(f"{door.address}?lang=de")
    shown = answer.get_data(as_text=True)
    assert [one["name"] for one in door.config()["companies"]] == ["alpha GmbH", "beta GmbH", "gamma GmbH"]
    # To be read by people: nothing of them until one searches.
    assert "GmbH" not in re.sub(r"<script.*?</script>", "", shown, flags=re.DOTALL)
    for other in ("nachbar.example", "Empfang"):
        assert other not in shown
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in door.scene.client.get(door.address).headers
    answer = door.send()
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_answers_are_shown_without_what_was_noted_of_them(door: Door) -> None:
    given = {"answer": "accepted", "heads": "3", "how": "phone", "note": "Frau Muster rief an"}
    form = {"csrf_token": door.staff.token, "invitation": str(door.scene.number("alpha")), **given}
    assert door.staff.client.post(f"/meetings/{KEY}/invitations/answer", data=form).status_code == 303
    [event] = door.config()["events"]
    assert (event["kind"], event["company"]) == ("answer", "alpha")
    assert event["value"] == {"answer": "accepted", "heads": 3}


def test_reading_changes_nothing(door: Door) -> None:
    before = door.scene.all_rows()
    for method in ("GET", "HEAD", "OPTIONS"):
        door.scene.client.open(door.address, method=method)
        assert door.scene.client.open(f"{door.address}/events", method=method).status_code in (200, 405)
    door.send()
    assert door.scene.all_rows() == before


def test_sent_twice_is_there_once(door: Door) -> None:
    sent = entry()
    for _ in range(3):
        assert door.send(sent).status_code == 200
    assert door.send(sent, entry(2, "beta")).status_code == 200
    assert door.n_events() == 2
    assert door.presence() == ("present", "door")
    # The same id with something else in it is still what it was.
    assert door.send({**sent, "company": "gamma"}).status_code == 200
    assert door.presence("gamma") is None


def test_others_are_told_and_only_when_there_is_something_new(door: Door) -> None:
    state = door.config()["state"]
    assert door.send(given={"state": state}).json == {"state": state}
    told = door.send(entry(), given={"state": state}).json
    assert [(one["company"], one["device"]) for one in told["events"]] == [("alpha", PHONES[0])]
    assert door.send(given={"state": state}).json == told
    assert door.send(given={"state": told["state"]}).json == {"state": told["state"]}


def test_two_doors_note_one_guest_and_one_takes_it_back(door: Door) -> None:
    first, second = entry(1), entry(1, device=PHONES[1])
    back = entry(2, of=first["event_id"])
    # Taken back before it came: in whatever order.
    for each in (back, second, first):
        assert door.send(each).status_code == 200
    assert door.presence() == ("present", "door")
    assert door.send(entry(3, of=second["event_id"])).status_code == 200
    assert door.presence() is None


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"company": "nobody"}, 400, "no company of this meeting"),
        ({"kind": "answer"}, 422, "kind"),
        ({"kind": "close", "company": None}, 422, "kind"),
        ({"value": {"presence": "absent"}}, 422, "only the fields"),
        ({"actor": "staff"}, 422, "only the fields"),
        ({"device": "server"}, 422, "device"),
        ({"counter": 0}, 422, "counter"),
        ({"counter": 1.5}, 422, "counter"),
        ({"counter": 2**53}, 422, "counter"),
        ({"counter": 10_001}, 409, "counts too far ahead"),
        ({"event_id": "1"}, 422, "event_id"),
        ({"event_id": str(uuid.UUID(int=10 << 100)).upper()}, 422, "event_id"),
        ({"client_time": "noon"}, 422, "client_time"),
        ({"company": None}, 422, "company"),
        ({"note": "a person"}, 422, "note"),
        ({"kind": "note", "company": None}, 422, "note"),
        ({"kind": "note", "company": None, "note": "  "}, 422, "note"),
        ({"kind": "note", "company": None, "note": "x" * 121}, 422, "note"),
        ({"kind": "note", "company": "alpha", "note": "Firma"}, 422, "company"),
    ],
)
def test_nothing_else_is_taken_over(door: Door, wrong: dict[str, Any], status: int, words: str) -> None:
    before = door.scene.all_rows()
    answer = door.send(entry(1, "beta"), {**entry(), **wrong})
    assert (answer.status_code, answer.json["is_closed"]) == (status, False)
    assert words in answer.json["error"]
    # Not even the one that is right.
    after = door.scene.all_rows()
    assert {name for name in after if after[name] != before[name]} <= {"sign_in_failure"}


@pytest.mark.parametrize("body", [[], "x", {}, {"entries": None}, {"entries": [1]}, {"entries": [], "x": 1}])
def test_what_is_no_report_is_refused(door: Door, body: Any) -> None:
    answer = door.send(body=body)
    assert answer.status_code == 422
    assert answer.json["error"].startswith("Nothing was taken over")


def test_too_many_at_once_are_refused(door: Door) -> None:
    assert door.send(*(entry(n) for n in range(1, 202))).status_code == 422
    assert door.send(*(entry(n) for n in range(1, 201))).status_code == 200


def test_only_json_with_the_pages_token_is_taken(door: Door) -> None:
    own = {"X-Door-Page": door.config()["page"]}
    text = json.dumps({"entries": [entry()]})
    for options, status in (
        ({"headers": {}, "json": {"entries": [entry()]}}, 403),
        ({"headers": {"X-Door-Page": "0" * 64}, "json": {"entries": [entry()]}}, 403),
        ({"headers": own, "data": text, "content_type": "text/plain"}, 400),
        ({"headers": own, "data": {"entries": text}}, 400),
    ):
        answer = door.scene.client.post(f"{door.address}/events", **options)  # type: ignore[arg-type]
        assert answer.status_code == status
    assert door.n_events() == 0


def test_only_what_was_noted_at_the_door_can_be_taken_back_there(door: Door) -> None:
    given = {"answer": "accepted", "heads": "1", "how": "phone", "note": "rief an"}
    form = {"csrf_token": door.staff.token, "invitation": str(door.scene.number("alpha")), **given}
    door.staff.client.post(f"/meetings/{KEY}/invitations/answer", data=form)
    [(answered,)] = door.scene.rows("SELECT event_id FROM participation_event")
    refused = door.send(entry(2, of=str(answered)))
    assert (refused.status_code, "taken back" in refused.json["error"]) == (409, True)
    mine = entry(2, "beta")
    door.send(mine)
    assert door.send(entry(3, "alpha", of=mine["event_id"])).status_code == 409
    assert door.scene.answer("alpha") == ("accepted", 1, "staff")
    assert door.presence("beta") == ("present", "door")


def test_an_entry_of_another_meeting_is_refused(door: Door) -> None:
    sent = entry()
    door.send(sent)
    door.scene.change(
        "INSERT INTO meeting (key, park_id, title, held_on, state, organizers)"
        " SELECT 'another', park_id, 'Another', held_on, 'announced', organizers FROM meeting"
    )
    door.scene.change(
        "INSERT INTO participation_event"
        " (event_id, meeting_id, company_id, kind, value, counter, device, actor)"
        " SELECT gen_random_uuid(), (SELECT meeting_id FROM meeting WHERE key = 'another'), company_id, kind,"
        " value, counter, device, actor FROM participation_event"
    )
    [(foreign,)] = door.scene.rows(
        "SELECT event_id FROM participation_event WHERE event_id <> :own", own=sent["event_id"]
    )
    answer = door.send({**entry(2, "beta"), "event_id": str(foreign)})
    assert (answer.status_code, "another meeting" in answer.json["error"]) == (409, True)
    assert door.presence("beta") is None


def test_who_was_not_invited_is_found_and_noted(door: Door) -> None:
    door.scene.change(
        "WITH made AS (INSERT INTO company (key) VALUES ('delta') RETURNING company_id)"
        " INSERT INTO company_version (company_id, name, starts_precision, valid)"
        " SELECT company_id, 'delta GmbH', 'unknown', '(,)' FROM made"
    )
    assert door.send(entry(1, "delta")).status_code == 400
    door.scene.change("INSERT INTO meeting_park SELECT meeting_id, park_id FROM meeting")
    door.scene.change(
        "INSERT INTO occupancy"
        " (key, company_id, park_id, location_quality, starts_precision, valid, geometry)"
        " SELECT 'delta-1', company_id, park_id, 'street', 'unknown', '(,)',"
        " ST_SetSRID(ST_MakePoint(612000, 5808000), 25832) FROM company, park WHERE company.key = 'delta'"
    )
    assert "delta GmbH" in [one["name"] for one in door.config()["companies"]]
    assert door.send(entry(1, "delta")).status_code == 200
    assert door.presence("delta") == ("present", "door")


def n_cases(door: Door) -> int:
    """Return how many change sets have something in the log."""
    query = (
        "SELECT count(DISTINCT change_set_id) FROM change_set JOIN audit_entry USING (change_set_id)"
        " WHERE business_case = 'meeting' AND table_name = 'participation_event'"
    )
    return int(door.scene.rows(query)[0][0])


def test_a_firm_that_nobody_knows_waits_for_the_office(door: Door) -> None:
    before = n_cases(door)
    sent = note("  Werkstatt   Nord ")
    assert door.send(sent, note("Zelte Süd", counter=2), note("Irrtum", counter=3)).status_code == 200
    shown = page(door.staff)
    assert "Wer ist das?" in shown
    assert "Werkstatt Nord" in shown
    assert "3 Unternehmen" in unescape(
        door.staff.client.get(f"/meetings/{KEY}?lang=de").get_data(as_text=True)
    )
    assert "3 Unternehmen" not in door.scene.client.get(f"/meetings/{KEY}?lang=de").get_data(as_text=True)
    # It is nobody's part yet.
    assert door.scene.rows("SELECT count(*) FROM participation") == [(0,)]
    assert act(door.staff, "/walk-ins", note=sent["event_id"], company="") == 400
    assert act(door.staff, "/walk-ins", note=sent["event_id"], company="nobody") == 400
    assert act(door.staff, "/walk-ins", note=sent["event_id"], company="gamma") == 303
    assert door.presence("gamma") == ("present", "door")
    assert act(door.staff, "/walk-ins", note=sent["event_id"], company="gamma") == 409
    [dropped] = door.scene.rows(
        "SELECT event_id FROM participation_event WHERE value ->> 'note' = 'Zelte Süd'"
    )
    assert act(door.staff, "/walk-ins", note=str(dropped[0]), drop="1") == 303
    assert act(door.staff, "/walk-ins", note="x", drop="1") == 409
    [mistaken] = door.scene.rows(NOTED, note="Irrtum")
    back = note(counter=9, note=None, of=str(mistaken[0]))
    assert door.send(back).status_code == 200
    assert "Wer ist das?" not in page(door.staff)
    assert n_cases(door) == before + 2


def test_guesses_and_floods_are_slowed_down(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [door.scene.client.get(f"/door/{'x' * 21}{n % 10}").status_code for n in range(61)]
    assert answers[:60] == [404] * 60
    assert answers[-1] == 429
    monkeypatch.setattr("app.web.meetings.door.page._MOST_REPORTS", (2, 2, 2))
    assert [door.send(entry(n)).status_code for n in (1, 2, 3)] == [200, 200, 429]
    # Who only asks is answered.
    assert door.send().status_code == 200


@pytest.fixture
def breaking(door: Door, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("app.web.meetings.door.page.door_log", broken)
    monkeypatch.setitem(door.scene.app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(door.scene.app.config, "TESTING", False)
    return door


def test_the_token_is_in_no_log(breaking: Door, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert breaking.scene.client.get(breaking.address).status_code == 500
    assert "/door/<token>" in caplog.text
    assert breaking.token not in caplog.text
    for rows in breaking.scene.all_rows().values():
        assert not any(breaking.token in row for row in rows)


def simulated(rng: random.Random) -> list[dict[str, Any]]:
    """Return what three phones note of three companies: there, taken back, twice, unknown firms."""
    noted: list[dict[str, Any]] = []
    for counter in range(1, 13):
        device = rng.choice(PHONES)
        mine = [one for one in noted if "of" not in one and one["kind"] == "presence"]
        one: dict[str, Any]
        if mine and rng.random() < 0.35:
            taken = rng.choice(mine)
            one = entry(counter, taken["company"], device, of=taken["event_id"])
        elif rng.random() < 0.15:
            one = note(f"Firma {counter}", counter=counter, device=device)
        else:
            one = entry(counter, rng.choice(("alpha", "beta", "gamma")), device)
        noted.append({**one, "event_id": str(uuid.UUID(int=rng.getrandbits(128), version=4))})
    return noted


def test_a_thousand_orders_of_arrival_lead_to_one_state(door: Door) -> None:
    """Through the log's own fold, in parts, some sent twice; the last orders also through the database."""
    rng = random.Random(20260610)
    engine = door.scene.app.extensions["engine"]
    for n_log in range(10):
        noted = simulated(rng)
        events = read_report({"entries": noted}).entries
        states = set()
        for order in range(100):
            arriving = [*events, *rng.sample(events, 4)]
            rng.shuffle(arriving)
            if order < 3:
                states.add(_stored_state(engine, door, arriving))
            else:
                states.add(_folded(arriving))
        assert len(states) == 1, f"log {n_log}"


def _folded(entries: list[Any]) -> str:
    axes = fold(
        event_of(one, None if one.company is None else "abg".index(one.company[0])) for one in entries
    )
    return repr(sorted((number, one.presence.value) for number, one in axes.items()))


def _stored_state(engine: Any, door: Door, entries: list[Any]) -> str:
    with engine.connect() as held:
        opened = door_of(held, door.token, NOON)
        names = dict(door.scene.rows("SELECT company_id, key FROM company"))
        for at in range(0, len(entries), 5):
            take_in(held, opened, entries[at : at + 5])
        assert len(events_of(held, opened["meeting_id"])) == len({one.event_id for one in entries})
        axes = axes_of(held, opened["meeting_id"])
        held.rollback()
    return repr(sorted(("abg".index(names[number][0]), one.presence) for number, one in axes.items()))
