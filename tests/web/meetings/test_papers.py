"""The papers of a meeting: nothing internal reaches guests, and a change reaches every paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from icalendar import Calendar
from sqlalchemy import text

from tests.web.signing_in import Signed, signed_in

if TYPE_CHECKING:
    from flask import Flask

HOST = "hornbach"
FORM = {
    "title": "Treffen der Papiere",
    "day": "22.04.2027",
    "starts": "14:00",
    "ends": "16:00",
    "host": HOST,
    "park-heinenkamp-1": "yes",
    "place": "Halle 3",
    "program": "14:00 Begrüßung\n14:15 Rundgang | feste Schuhe",
    "note_internal": "INTERNAL-NOTE",
}
PAPERS = ("guide", "badges", "cards", "sign-in", "poster")
LONG = "Gesellschaft für außergewöhnlich lange Firmennamen und Dienstleistungen mbH & Co"
MM_PER_PT = 25.4 / 72


@pytest.fixture(scope="module")
def erika(staffed: Flask) -> Signed:
    """Somebody of the staff, signed in."""
    return signed_in(staffed)


def change(app: Flask, statement: str, **values: Any) -> None:
    with app.extensions["engine"].begin() as held:
        held.execute(text(statement), values)


@pytest.fixture(scope="module")
def meeting(staffed: Flask, erika: Signed) -> str:
    """An announced meeting with a host who has a contact, two guests, one of whom gave a person's name."""
    answer = erika.fill("/meetings/new", **FORM)
    found = re.search(r"/meetings/([^/?]+)", answer.location)
    assert found
    key = found[1]
    assert erika.fill(f"/meetings/{key}/state/announced").status_code == 302
    invite(staffed, key, "mediamarkt", answer="accepted", heads=2)
    invite(staffed, key, "subway")
    invite(staffed, key, "kaufland", answer="declined")
    change(
        staffed,
        "INSERT INTO guest (meeting_id, company_id, name) SELECT meeting_id, company_id, 'Dr. Gast Gegeben'"
        " FROM meeting, company c WHERE meeting.key = :key AND c.key = 'mediamarkt'",
        key=key,
    )
    change(
        staffed,
        "INSERT INTO contact (company_id, name, function, shared)"
        " SELECT company_id, 'CONTACT-NAME', 'Leitung', true FROM company"
        " WHERE key IN ('hornbach', 'mediamarkt')",
    )
    return key


def invite(app: Flask, key: str, company: str, answer: str = "none", heads: int | None = None) -> None:
    change(
        app,
        "INSERT INTO participation (meeting_id, company_id, invited_at, answer, heads, answer_via)"
        " SELECT meeting_id, company_id, now(), CAST(:answer AS text), CAST(:heads AS integer),"
        " CASE WHEN :answer <> 'none' THEN 'staff' END"
        " FROM meeting, company c WHERE meeting.key = :key AND c.key = :company",
        key=key,
        company=company,
        answer=answer,
        heads=heads,
    )


def paper(who: Signed, key: str, name: str, query: str = "") -> pypdfium2.PdfDocument:
    answer = who.client.get(f"/meetings/{key}/papers/{name}.pdf?lang=de{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)[-2000:]
    assert answer.headers["Cache-Control"] == "no-store"
    return pypdfium2.PdfDocument(answer.data)


def words(document: pypdfium2.PdfDocument) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def test_a_changed_start_is_in_every_paper_and_in_the_calendar(
    staffed: Flask, erika: Signed, meeting: str
) -> None:
    for clock, utc in (("14:00", "120000"), ("13:30", "113000")):
        change(
            staffed,
            "UPDATE meeting SET starts_at = CAST(:at AS timestamptz) WHERE key = :key",
            at=f"2027-04-22T{clock}:00+02:00",
            key=meeting,
        )
        for name in PAPERS:
            shown = words(paper(erika, meeting, name))
            assert f"22.04.2027, {clock}–16:00" in shown, name
        content = staffed.test_client().get(f"/meetings/{meeting}/meeting.ics").data
        assert f"DTSTART:20270422T{utc}Z".encode() in content


def test_the_calendar_is_published_and_names_no_guest(staffed: Flask, erika: Signed, meeting: str) -> None:
    with staffed.extensions["engine"].connect() as held:
        stored = held.execute(text("SELECT uid, sequence FROM meeting WHERE key = :key"), {"key": meeting})
        uid, sequence = stored.one()
    made = Calendar.from_ical(staffed.test_client().get(f"/meetings/{meeting}/meeting.ics").data)
    [event] = made.walk("VEVENT")
    assert (made["METHOD"], event["UID"], event["SEQUENCE"]) == ("PUBLISH", uid, sequence)
    assert "ATTENDEE" not in event
    assert b"INTERNAL-NOTE" not in made.to_ical()
    assert event["URL"].endswith(f"/meetings/{meeting}")


def test_guests_get_nothing_internal_and_no_contact(erika: Signed, meeting: str) -> None:
    for name in PAPERS:
        shown = words(paper(erika, meeting, name))
        assert "INTERNAL-NOTE" not in shown
        assert "CONTACT-NAME" not in shown
    staff = words(paper(erika, meeting, "guide", "&for=staff"))
    assert "INTERNAL-NOTE" in staff
    assert "CONTACT-NAME" in staff
    assert "MediaMarkt" in staff


def test_the_guide_has_program_host_and_the_board_of_the_park(erika: Signed, meeting: str) -> None:
    document = paper(erika, meeting, "guide")
    first, last = (document[n].get_textpage().get_text_range() for n in (0, len(document) - 1))
    assert {"Begrüßung", "feste Schuhe", "Halle 3", "HORNBACH"} <= {
        one for one in ("Begrüßung", "feste Schuhe", "Halle 3", "HORNBACH") if one in first
    }
    board = erika.client.get("/board?park=heinenkamp-1&on=2027-04-22&lang=de").get_data(as_text=True)
    numbers = dict(re.findall(r'<li><b>([^<]*)</b><span lang="de">([^<]*)<', board))
    assert numbers
    assert all(" ".join(f"{number} {name}".split()) in " ".join(last.split()) for number, name in
               numbers.items() if number.isdigit() and "&" not in name and len(name) < 20)  # fmt: skip


def test_badges_name_a_person_only_who_gave_the_name(erika: Signed, meeting: str) -> None:
    shown = words(paper(erika, meeting, "badges"))
    assert "Dr. Gast Gegeben" in shown
    # Two persons come, and one of them is named.
    assert shown.count("MediaMarkt") == 2
    assert "Subway" in shown
    assert "Kaufland" not in shown


def test_the_list_to_sign_is_in_order_and_names_no_person(erika: Signed, meeting: str) -> None:
    shown = words(paper(erika, meeting, "sign-in"))
    places = [shown.index(name) for name in ("HORNBACH", "MediaMarkt", "Subway", "Wer sonst noch da ist")]
    assert places == sorted(places)
    assert "Dr. Gast" not in shown


def test_a_name_of_eighty_letters_stays_in_its_room(staffed: Flask, erika: Signed, meeting: str) -> None:
    change(
        staffed,
        "UPDATE company_version SET name = :name FROM company c"
        " WHERE c.company_id = company_version.company_id AND c.key = 'subway'",
        name=LONG,
    )
    change(
        staffed,
        "UPDATE guest SET name = :name WHERE name LIKE 'Dr.%'",
        name="Dr. " + "W" * 76,
    )
    for name in ("badges", "cards", "sign-in"):
        document = paper(erika, meeting, name)
        assert "".join(LONG.split()) in "".join(words(document).split())
        for page in document:
            content, wide = page.get_textpage(), page.get_width() * MM_PER_PT
            for n in range(content.count_rects()):
                left, _, right, _ = (edge * MM_PER_PT for edge in content.get_rect(n))
                assert left >= 10
                assert right <= wide - 10
                if name == "badges":
                    middle = wide / 2
                    assert right <= middle or left >= middle
    assert len(paper(erika, meeting, "cards")) == 2
    assert len(paper(erika, meeting, "badges")) == 1
    assert len(paper(erika, meeting, "poster")) == 1


def test_only_staff_prints_and_bad_questions_are_refused(staffed: Flask, erika: Signed, meeting: str) -> None:
    visitor = staffed.test_client()
    assert visitor.get(f"/meetings/{meeting}/papers/badges.pdf").status_code in (302, 401, 403)
    assert erika.client.get(f"/meetings/{meeting}/papers/guide.pdf?for=all&lang=en").status_code == 400
    assert erika.client.get("/meetings/none/papers/guide.pdf").status_code == 404
    answer = erika.fill(
        "/meetings/new", **{**FORM, "title": "Entwurf", "starts": "", "ends": "", "program": ""}
    )
    found = re.search(r"/meetings/([^/?]+)", answer.location)
    assert found
    refused = erika.client.get(f"/meetings/{found[1]}/papers/poster.pdf?lang=en")
    assert refused.status_code == 409
    assert "Announce the meeting first" in refused.get_data(as_text=True)
    assert erika.client.get(f"/meetings/{found[1]}/meeting.ics?lang=en").status_code == 400
    assert visitor.get(f"/meetings/{found[1]}/meeting.ics").status_code == 404
    assert "22.04.2027" in words(paper(erika, found[1], "guide"))
