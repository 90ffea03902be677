"""What is to be done after a meeting: written down by staff, found across all meetings, in change sets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.kinds import AccessRole
from tests.web.meetings.test_planning import erika, page, planned, rows
from tests.web.signing_in import Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["erika"]

THING = {"title": "Zaun am Parkplatz klären", "due": "30.04.2027", "company": "hornbach", "plot": "HK1-001"}


def save(who: Signed, key: str, number: int | None = None, **given: str) -> Any:
    address = f"/meetings/{key}/follow-ups{'' if number is None else f'/{number}'}?lang=en"
    return who.client.post(address, data={"csrf_token": who.token, **given})


def stored(app: Flask, title: str) -> tuple[Any, ...]:
    query = (
        "SELECT state, due::text, owner_staff_id IS NOT NULL, ST_AsText(geom), follow_up_id FROM follow_up"
        " WHERE title = :title"
    )
    [found] = rows(app, query, title=title)
    return found


def test_a_thing_to_do_is_kept_with_its_place_and_changed(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Nachher")
    assert "Nothing is to do" in page(erika, f"/meetings/{key}/follow-ups")
    assert save(erika, key, **THING).status_code == 303
    state, due, is_owned, place, number = stored(staffed, THING["title"])
    assert (state, due, is_owned, place[:6]) == ("open", "2027-04-30", False, "POINT(")
    shown = page(erika, "/meetings/follow-ups")
    assert THING["title"] in shown
    assert "sel=plot:HK1-001" in shown or "sel=plot%3AHK1-001" in shown
    [(staff_id,)] = rows(staffed, "SELECT staff_id FROM staff WHERE name = 'Erika Muster'")
    assert THING["title"] not in page(erika, "/meetings/follow-ups?mine=1")
    form = page(erika, f"/meetings/{key}/follow-ups?edit={number}")
    assert re.search(r'name="plot"[^>]*value="HK1-001"', form)
    assert save(erika, key, number, **THING, owner=str(staff_id)).status_code == 303
    assert THING["title"] in page(erika, "/meetings/follow-ups?mine=1")
    assert stored(staffed, THING["title"])[2:4] == (True, place)
    assert save(erika, key, number, **{**THING, "plot": "", "state": "done"}).status_code == 303
    assert stored(staffed, THING["title"])[0] == "done"
    assert stored(staffed, THING["title"])[3] is None
    assert THING["title"] not in page(erika, "/meetings/follow-ups")
    assert THING["title"] in page(erika, "/meetings/follow-ups?all=1")
    for none in ("²", "9" * 5000):
        assert THING["title"] in page(erika, f"/meetings/{key}/follow-ups?edit={none}")
    query = (
        "SELECT count(DISTINCT change_set_id) FROM audit_entry JOIN change_set USING (change_set_id)"
        " WHERE table_name = 'follow_up' AND business_case = 'meeting'"
        " AND (after ->> 'follow_up_id')::integer = :number"
    )
    assert rows(staffed, query, number=number) == [(3,)]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": "  "}, "Please write what is to be done."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"due": "bald"}, "is no day"),
        ({"company": "nobody"}, "There is no company"),
        ({"plot": "nowhere"}, "There is no plot"),
        ({"owner": "x"}, "not on the staff"),
        ({"owner": "999999"}, "not on the staff"),
        ({"owner": "²"}, "not on the staff"),
        ({"owner": "9" * 900}, "not on the staff"),
        ({"state": "half"}, "how far it is"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_stored(
    staffed: Flask, erika: Signed, wrong: dict[str, str], words: str
) -> None:
    key = planned(erika, title="Falsches")
    before = rows(staffed, "SELECT count(*) FROM follow_up")
    answer = save(erika, key, **{**THING, "note": "bleibt stehen", **wrong})
    assert answer.status_code == 400
    shown = answer.get_data(as_text=True)
    assert words in shown
    assert "bleibt stehen" in shown
    assert rows(staffed, "SELECT count(*) FROM follow_up") == before


def test_a_follow_up_is_of_its_meeting_alone(staffed: Flask, erika: Signed) -> None:
    one, other = planned(erika, title="Eines"), planned(erika, title="Anderes")
    save(erika, one, title="Nur hier")
    number = stored(staffed, "Nur hier")[4]
    assert save(erika, other, number, title="Woanders").status_code == 404
    assert erika.client.get(f"/meetings/{other}/follow-ups?edit={number}").status_code == 404
    assert stored(staffed, "Nur hier")[0] == "open"


def test_only_staff_sees_them(staffed: Flask, erika: Signed) -> None:
    key = planned(erika, title="Für uns")
    let_in(staffed, "Anna Lyse", role=AccessRole.ANALYST)
    analyst = signed_in(staffed, "Anna Lyse")
    for address in ("/meetings/follow-ups", f"/meetings/{key}/follow-ups"):
        assert staffed.test_client().get(address).status_code == 302
        assert analyst.client.get(address).status_code == 403
