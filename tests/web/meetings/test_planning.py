"""A meeting of the shipped park: from its host in three actions to the sent list, and how it goes on."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from app.db.companies.companies import company_ids
from app.domain.meetings import EventKind
from app.services.meetings.participation import record_by_staff
from tests.web.signing_in import Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask

HOST = "hornbach"
FORM = {"title": "Treffen im Frühjahr", "day": "22.04.2027", "starts": "14:00", "ends": "16:00"}


@pytest.fixture(scope="module")
def erika(staffed: Flask) -> Signed:
    """Somebody of the staff, signed in."""
    return signed_in(staffed)


def rows(app: Flask, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with app.extensions["engine"].connect() as held:
        return [tuple(row) for row in held.execute(text(query), values)]


def planned(who: Signed, **changed: str) -> str:
    """Plan a meeting; return its key."""
    given = {**FORM, "host": HOST, "park-heinenkamp-1": "yes", **changed}
    answer = who.fill("/meetings/new", **given)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    found = re.search(r"/meetings/([^/?]+)", answer.location)
    assert found
    return found[1]


def page(who: Signed, address: str) -> str:
    mark = "&" if "?" in address else "?"
    answer = who.client.get(f"{address}{mark}lang=en")
    assert answer.status_code == 200, answer.get_data(as_text=True)[-3000:]
    return answer.get_data(as_text=True)


def ticked(shown: str) -> list[str]:
    return re.findall(r'name="tick" value="([^"]+)" checked', shown)


def send(who: Signed, key: str, shown: str, keys: list[str], **why: str) -> Any:
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen
    data = {"csrf_token": who.token, "seen": seen[1], "tick": keys, **why}
    return who.client.post(f"/meetings/{key}/guests?lang=en", data=data)


def test_the_list_is_that_of_the_neighbors_on_the_day(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Nachbarn")
    shown = page(erika, f"/meetings/{key}/guests")
    answer = erika.client.get(f"/api/companies/{HOST}/neighbors?on=2027-04-22&lang=en").get_json()
    members = [one["members"] for one in answer["neighbors"] if one["members"]]
    assert ticked(shown) == [each[0]["key"] for each in members]
    assert all(
        one["reason"] in shown for one in answer["neighbors"] if one["members"] and "(" not in one["reason"]
    )


def test_three_actions_lead_from_the_host_to_the_list_as_it_was_sent(staffed: Flask, erika: Signed) -> None:
    assert f"/meetings/new?host={HOST}" in page(erika, f"/companies/{HOST}")
    key = planned(erika)
    shown = page(erika, f"/meetings/{key}/guests")
    first, *others = ticked(shown)
    answer = send(erika, key, shown, others, **{f"why-{first}": "closed in April"})
    assert answer.status_code == 302
    [(frozen, version)] = rows(
        staffed,
        "SELECT rows, data_version FROM invitation_list JOIN meeting USING (meeting_id) WHERE key = :key",
        key=key,
    )
    assert version > 0
    assert [row["key"] for row in frozen if row["is_invited"]] == others
    assert [row["why_not"] for row in frozen if not row["is_invited"]] == ["closed in April"]
    invited = rows(
        staffed,
        "SELECT c.key, p.invited_via FROM participation p JOIN meeting m USING (meeting_id)"
        " JOIN company c USING (company_id) WHERE m.key = :key AND invited_at IS NOT NULL",
        key=key,
    )
    assert {name for name, _ in invited} >= set(others)
    assert {way for _, way in invited} == {"letter"}
    [(cases,)] = rows(
        staffed,
        "SELECT count(*) FROM change_set JOIN audit_entry USING (change_set_id)"
        " WHERE business_case = 'meeting' AND table_name = 'invitation_list'",
    )
    assert cases >= 1
    # Sent is sent: the same list again invites nobody twice.
    again = page(erika, f"/meetings/{key}/guests")
    assert ticked(again) == [first]
    assert "As it was sent" in again
    assert "closed in April" in again


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("scope=second", "neighbor of"),
        ("scope=distance&within=150", "away"),
        ("scope=walk&within=5", "minutes on foot"),
        ("scope=park", "in the same business park"),
    ],
)
def test_wider_lists_hold_more_and_say_why(erika: Signed, query: str, words: str) -> None:
    key = planned(erika, title=f"Weiter {query[6:9]}")
    few, more = (page(erika, f"/meetings/{key}/guests?{each}") for each in ("scope=neighbors", query))
    assert words in more
    assert HOST not in ticked(more)
    assert len(ticked(more)) == len(set(ticked(more)))
    if "park" in query or "second" in query:
        assert set(ticked(few)) < set(ticked(more))


def test_companies_on_no_plot_are_listed_apart_and_the_host_is_not_its_own_guest(erika: Signed) -> None:
    key = planned(erika, title="Allein", host="es-tec-gmbh")
    shown = page(erika, f"/meetings/{key}/guests?scope=park")
    assert "Put on a plot" in shown
    assert "es-tec-gmbh" not in ticked(shown)


def test_firms_of_one_group_get_one_invitation(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Gruppen")
    keys = ticked(page(erika, f"/meetings/{key}/guests?scope=park"))
    groups = rows(
        staffed,
        "SELECT c.key, group_name FROM company c JOIN company_version v USING (company_id)"
        " WHERE group_name IS NOT NULL AND valid @> DATE '2027-04-22'",
    )
    of = dict(groups)
    listed = [of[one] for one in keys if one in of]
    assert listed
    assert len(listed) == len(set(listed))


def test_a_list_that_is_another_one_meanwhile_is_not_sent(erika: Signed) -> None:
    key = planned(erika, title="Anders")
    shown = page(erika, f"/meetings/{key}/guests")
    answer = send(erika, key, shown.replace('name="seen" value="', 'name="seen" value="0'), ticked(shown))
    assert answer.status_code == 409
    assert "another one now" in answer.get_data(as_text=True)


def test_files_hold_the_merge_fields(erika: Signed) -> None:
    key = planned(erika, title="=Datei")
    shown = page(erika, f"/meetings/{key}/guests")
    send(erika, key, shown, ticked(shown))
    content = erika.client.get(f"/meetings/{key}/guests/list.csv").data
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert [line["eingeladen"] for line in lines] == ["ja"] * len(lines)
    assert all("/answer/" in line["link"] and line["grund"] for line in lines)
    assert {line["treffen"] for line in lines} == {"'=Datei"}
    book = load_workbook(io.BytesIO(erika.client.get(f"/meetings/{key}/guests/list.xlsx").data))
    [header, *cells] = book.worksheets[0].values
    assert header[0] == "firma"
    assert [row[0] for row in cells] == [line["firma"] for line in lines]
    for name in ("letters", "labels"):
        answer = erika.client.get(f"/meetings/{key}/guests/{name}.pdf")
        assert answer.data.startswith(b"%PDF-"), answer.get_data(as_text=True)[-2000:]


def test_sequence_rises_only_for_what_guests_have_in_their_calendars(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Kalender")

    def sequence() -> tuple[int, str]:
        [found] = rows(staffed, "SELECT sequence, uid FROM meeting WHERE key = :key", key=key)
        return found[0], found[1]

    assert erika.fill(f"/meetings/{key}/state/announced").status_code == 302
    before = sequence()
    given = {**FORM, "host": HOST, "park-heinenkamp-1": "yes"}
    assert erika.fill(f"/meetings/{key}/edit", **{**given, "title": "Kalender!"}).status_code == 302
    assert sequence() == before
    assert erika.fill(f"/meetings/{key}/edit", **{**given, "starts": "15:00"}).status_code == 302
    assert sequence() == (before[0] + 1, before[1])
    assert erika.fill(f"/meetings/{key}/state/cancelled").status_code == 302
    assert sequence() == (before[0] + 2, before[1])
    assert erika.fill(f"/meetings/{key}/state/announced").status_code == 409


def test_a_meeting_is_not_held_before_its_day_nor_announced_without_a_time(erika: Signed) -> None:
    key = planned(erika, title="Später", starts="", ends="")
    assert erika.fill(f"/meetings/{key}/state/announced").status_code == 400
    assert erika.fill(f"/meetings/{key}/state/held").status_code == 409


def test_a_copy_has_the_same_times_of_day_in_another_season(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Reihe", program="14:00 Begrüßung\n14:15 Rundgang | feste Schuhe")
    answer = erika.fill(f"/meetings/{key}/copy", day="18.11.2027")
    assert answer.status_code == 302
    [(day, clock, series, uids)] = rows(
        staffed,
        "SELECT max(held_on), max(to_char(starts_at AT TIME ZONE 'Europe/Berlin', 'HH24:MI')),"
        " max(series_key), count(DISTINCT uid) FROM meeting WHERE title = 'Reihe'",
    )
    assert (day, clock, series, uids) == (date(2027, 11, 18), "14:00", key, 2)
    items = rows(
        staffed,
        "SELECT to_char(i.starts_at AT TIME ZONE 'Europe/Berlin', 'YYYY-MM-DD HH24:MI'), i.title, i.note"
        " FROM meeting_item i JOIN meeting m USING (meeting_id) WHERE m.title = 'Reihe'"
        " AND held_on = '2027-11-18' ORDER BY position",
    )
    assert items == [
        ("2027-11-18 14:00", "Begrüßung", None),
        ("2027-11-18 14:15", "Rundgang", "feste Schuhe"),
    ]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"day": "2027"}, "A meeting has a day"),
        ({"starts": "25:00"}, "no time of day"),
        ({"ends": "13:00"}, "later than the beginning"),
        ({"host": "Nobody Ltd"}, "no company or place"),
        ({"title": " "}, "fill in this field"),
        ({"park-heinenkamp-1": None}, "at least one business park"),
        ({"capacity": "many"}, "no whole number"),
        ({"capacity": "²"}, "no whole number"),
        ({"capacity": "1234567890"}, "no whole number"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    staffed: Flask, erika: Signed, changed: dict[str, str | None], words: str
) -> None:
    before = rows(staffed, "SELECT count(*) FROM meeting")
    given = {**FORM, "host": HOST, "park-heinenkamp-1": "yes", **changed}
    answer = erika.fill("/meetings/new", **{name: text for name, text in given.items() if text is not None})
    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)
    assert rows(staffed, "SELECT count(*) FROM meeting") == before


def test_visitors_see_what_is_announced_and_nobody_of_the_guests(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Öffentlich", note_internal="only for us", program="14:00 Begrüßung")
    visitor = staffed.test_client()
    assert visitor.get(f"/meetings/{key}").status_code == 404
    erika.fill(f"/meetings/{key}/state/announced")
    shown = visitor.get(f"/meetings/{key}?lang=en").get_data(as_text=True)
    assert "Begrüßung" in shown
    assert "only for us" not in shown
    assert "invited" not in shown
    assert visitor.get(f"/meetings/{key}/guests").status_code in (302, 401, 403)
    assert "Öffentlich" in visitor.get("/meetings").get_data(as_text=True)


def test_only_organizing_agencies_change_a_meeting(staffed: Flask, erika: Signed) -> None:
    with staffed.extensions["engine"].begin() as held:
        held.execute(
            text(
                "INSERT INTO organization (key, name, short_name) VALUES ('one', 'One', 'One'),"
                " ('two', 'Two', 'Two') ON CONFLICT DO NOTHING"
            )
        )
    let_in(staffed, "Otto Beispiel", organization="two")
    otto = signed_in(staffed, "Otto Beispiel")
    [(one,), (two,)] = rows(
        staffed, "SELECT organization_id FROM organization WHERE key IN ('one', 'two') ORDER BY key"
    )
    key = planned(otto, title="Zwei Stellen", **{f"organization-{one}": "yes", f"organization-{two}": "yes"})
    assert otto.fill(f"/meetings/{key}/state/announced").status_code == 302
    assert erika.fill(f"/meetings/{key}/state/cancelled").status_code == 403
    assert rows(staffed, "SELECT state FROM meeting WHERE key = :key", key=key) == [("announced",)]


def test_what_somebody_else_saved_is_not_written_over_unseen(erika: Signed) -> None:
    key = planned(erika, title="Zugleich")
    seen = re.search(r'name="seen" value="([^"]+)"', page(erika, f"/meetings/{key}/edit"))
    assert seen
    given = {**FORM, "title": "Zugleich", "host": HOST, "park-heinenkamp-1": "yes", "seen": seen[1]}
    assert erika.fill(f"/meetings/{key}/edit", **{**given, "place": "Halle 1"}).status_code == 302
    answer = erika.fill(f"/meetings/{key}/edit", **{**given, "place": "Halle 2"})
    assert answer.status_code == 409
    now = re.search(r'name="seen" value="([^"]+)"', answer.get_data(as_text=True))
    assert now
    given["seen"] = now[1]
    assert erika.fill(f"/meetings/{key}/edit", **{**given, "place": "Halle 2"}).status_code == 302


def last_change(app: Flask) -> int:
    [(number,)] = rows(app, "SELECT max(change_set_id) FROM change_set")
    return int(number)


def take_back(who: Signed, number: int) -> Any:
    return who.fill(f"/changes/{number}/undo")


def test_undo_takes_a_plan_back_and_undo_of_that_brings_it_again(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Zurück", program="14:00 Begrüßung")
    everything = (
        "SELECT m.title, p.part, i.title FROM meeting m JOIN participation p USING (meeting_id)"
        " JOIN meeting_item i USING (meeting_id) WHERE m.key = :key"
    )
    before = rows(staffed, everything, key=key)
    assert before == [("Zurück", "host", "Begrüßung")]
    assert take_back(erika, last_change(staffed)).status_code == 302
    assert rows(staffed, everything, key=key) == []
    assert take_back(erika, last_change(staffed)).status_code == 302
    assert rows(staffed, everything, key=key) == before


def test_undo_of_a_new_host_says_so_in_the_log_and_the_sequence_rises(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Gastgeber")
    erika.fill(f"/meetings/{key}/state/announced")
    given = {**FORM, "title": "Gastgeber", "park-heinenkamp-1": "yes"}
    erika.fill(f"/meetings/{key}/edit", **given, host="mediamarkt", place="Halle 9")
    parts = (
        "SELECT c.key, part FROM participation JOIN meeting m USING (meeting_id)"
        " JOIN company c USING (company_id) WHERE m.key = :key ORDER BY 1"
    )
    assert rows(staffed, parts, key=key) == [("hornbach", "guest"), ("mediamarkt", "host")]
    events = "SELECT count(*) FROM participation_event JOIN meeting USING (meeting_id) WHERE key = :key"
    [(n_before,)] = rows(staffed, events, key=key)
    assert take_back(erika, last_change(staffed)).status_code == 302
    assert rows(staffed, parts, key=key) == [("hornbach", "host")]
    [(n_after,)] = rows(staffed, events, key=key)
    assert n_after == n_before + 2
    assert rows(staffed, "SELECT sequence, place FROM meeting WHERE key = :key", key=key) == [(2, None)]


def test_what_was_sent_cannot_be_undone(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Gesendet")
    made = last_change(staffed)
    shown = page(erika, f"/meetings/{key}/guests")
    send(erika, key, shown, ticked(shown))
    for number in (last_change(staffed), made):
        assert take_back(erika, number).status_code in (400, 409)
    assert rows(
        staffed,
        "SELECT count(*) FROM invitation_list JOIN meeting USING (meeting_id) WHERE key = :key",
        key=key,
    ) == [(1,)]


def remember(app: Flask, held_on: str, host: str, came: str) -> None:
    """Store a meeting that was held, with a host and a guest who was invited and came."""
    with app.extensions["engine"].begin() as held:
        query = (
            "INSERT INTO meeting (key, park_id, title, held_on, organizers, state) SELECT :key, park_id, 'T',"
            " CAST(:day AS date), '{}', 'held' FROM park WHERE key = 'heinenkamp-1' RETURNING meeting_id"
        )
        number = held.execute(text(query), {"key": f"past-{held_on}", "day": held_on}).scalar_one()
        held.execute(
            text(
                "INSERT INTO meeting_park SELECT meeting_id, park_id FROM meeting WHERE meeting_id = :number"
            ),
            {"number": number},
        )
        ids = company_ids(held)
        record_by_staff(held, number, EventKind.PART, {ids[host]: {"part": "host"}})
        record_by_staff(held, number, EventKind.INVITE, {ids[came]: {"at": f"{held_on}T09:00:00+01:00"}})
        record_by_staff(held, number, EventKind.PRESENCE, {ids[came]: {"presence": "present"}})


def test_lists_are_narrowed_down_by_what_was_before(staffed: Flask, erika: Signed) -> None:
    remember(staffed, "2026-05-05", HOST, "mediamarkt")
    key = planned(erika, title="Wieder")
    whole = ticked(page(erika, f"/meetings/{key}/guests"))
    assert {"mediamarkt", "subway"} <= set(whole)
    for only in ("never_met", "not_invited"):
        shown = page(erika, f"/meetings/{key}/guests?only={only}")
        assert ticked(shown) == [one for one in whole if one != "mediamarkt"]
    shown = page(erika, f"/meetings/{key}/guests")
    assert "last invited on" in shown
    later = planned(erika, title="Später wieder", day="06.05.2028")
    assert "mediamarkt" in ticked(page(erika, f"/meetings/{later}/guests?only=not_invited"))
    assert "mediamarkt" not in ticked(page(erika, f"/meetings/{later}/guests?only=never_met"))


def test_who_is_new_and_whom_a_company_follows_is_said(staffed: Flask, erika: Signed) -> None:
    remember(staffed, "2016-06-01", "v8-fitness", "obi")
    key = planned(erika, title="Neue", day="01.06.2017", host="v8-fitness")
    shown = page(erika, f"/meetings/{key}/guests?scope=park&only=new")
    assert ticked(shown) == ["hagebaumarkt"]
    assert "follows Obi" in shown
    assert "obi" not in ticked(page(erika, f"/meetings/{key}/guests?scope=park"))


def test_a_place_of_the_park_can_receive_the_guests(staffed: Flask, erika: Signed) -> None:
    [(name, plot)] = rows(
        staffed,
        "SELECT name, plot.key FROM facility JOIN plot USING (plot_id) WHERE upper_inf(valid) LIMIT 1",
    )
    key = planned(erika, title="Am Ort", host=name, **{"park-heinenkamp-2": "yes"})
    for scope in ("neighbors", "distance&within=300", "walk&within=5", "park"):
        assert "problem" not in page(erika, f"/meetings/{key}/guests?scope={scope}")
    near = erika.client.get(f"/api/plots/{plot}/neighbors?on=2027-04-22").get_json()["neighbors"]
    members = {member["key"] for one in near for member in one["members"]}
    assert set(ticked(page(erika, f"/meetings/{key}/guests"))) >= members
