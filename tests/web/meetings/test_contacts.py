"""Contacts of companies: who reads them, how they are used, and that nothing of them is left anywhere."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.db.meetings.invited import suppress_address
from app.services.meetings.contacts import run_retention
from app.services.meetings.invitation_links import suppression_hash
from tests.web.meetings.test_planning import page, planned, rows, send, ticked
from tests.web.signing_in import Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask

NAME, MAIL, PHONE = "Zacharias Planted", "zacharias@planted.example", "05361 987654321"
STREET = "Planted-Allee 77"
FIRM = "mediamarkt"
GIVEN = {
    "name": NAME,
    "function": "Leitung",
    "mail-value": MAIL,
    "mail-basis": "consent",
    "mail-source": "Visitenkarte",
    "mail-obtained": "01.03.2026",
    "phone-value": PHONE,
    "phone-source": "Visitenkarte",
    "phone-obtained": "01.03.2026",
}
PUBLIC = (
    "/",
    "/meetings",
    "/companies",
    "/plots",
    "/changes",
    "/changes.csv?",
    "/data",
    "/api",
    "/api/collections/companies/items?f=json&limit=1000",
    f"/api/collections/companies/items/{FIRM}?f=json",
    f"/api/companies/{FIRM}/neighbors",
    "/tours",
)


@pytest.fixture
def erika(staffed: Flask) -> Signed:
    """Somebody of the staff, signed in."""
    return signed_in(staffed)


@pytest.fixture
def contact(staffed: Flask, erika: Signed) -> int:
    """Store a contact of one company, alone."""
    with staffed.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM contact; DELETE FROM suppression"))
    assert erika.fill(f"/companies/{FIRM}/contacts", **GIVEN).status_code == 302
    [(number,)] = rows(staffed, "SELECT contact_id FROM contact")
    return int(number)


def everything(app: Flask) -> str:
    tables = rows(app, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    skipped = ("spatial_ref_sys",)
    return "\n".join(
        str(rows(app, f"SELECT t::text FROM {table} t")) for (table,) in tables if table not in skipped
    )


def test_a_contact_with_its_basis_is_invited_by_mail(staffed: Flask, erika: Signed, contact: int) -> None:
    key = planned(erika, title="Mit Mail")
    shown = page(erika, f"/meetings/{key}/guests?scope=park")
    assert f"by mail: {NAME}, {MAIL}" in shown
    send(erika, key, page(erika, f"/meetings/{key}/guests"), ticked(page(erika, f"/meetings/{key}/guests")))
    [(frozen,)] = rows(
        staffed,
        "SELECT rows::text FROM invitation_list JOIN meeting USING (meeting_id) WHERE key = :key",
        key=key,
    )
    assert NAME not in frozen
    assert MAIL not in frozen


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"mail-basis": "public_source"}, "no basis for invitations by mail"),
        ({"mail-expires": "01.04.2027"}, "expired on"),
    ],
)
def test_without_a_basis_another_way_is_taken_and_why(
    staffed: Flask, erika: Signed, contact: int, changed: dict[str, str], why: str
) -> None:
    erika.fill(f"/companies/{FIRM}/contacts/{contact}", **{**GIVEN, **changed})
    key = planned(erika, title=f"Ohne {why[:4]}")
    shown = page(erika, f"/meetings/{key}/guests?scope=park")
    assert f"by phone: {NAME}" in shown
    assert why in shown


def test_two_companies_with_one_address_get_one_invitation(
    staffed: Flask, erika: Signed, contact: int
) -> None:
    erika.fill("/companies/xxxlutz-buhl/contacts", **{**GIVEN, "mail-value": MAIL.upper()})
    key = planned(erika, title="Eine Adresse")
    shown = page(erika, f"/meetings/{key}/guests?scope=park")
    assert shown.count("one invitation for both") == 1
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen
    data = {"csrf_token": erika.token, "seen": seen[1], "tick": [FIRM, "xxxlutz-buhl"]}
    assert erika.client.post(f"/meetings/{key}/guests?scope=park&lang=en", data=data).status_code == 302
    query = "SELECT count(*) FROM {} JOIN meeting USING (meeting_id) WHERE key = :key {}"
    assert rows(staffed, query.format("invitation", ""), key=key) == [(1,)]
    assert rows(staffed, query.format("participation", "AND invited_at IS NOT NULL"), key=key) == [(2,)]


def test_another_agency_does_not_read_what_is_not_shared(staffed: Flask, erika: Signed, contact: int) -> None:
    with staffed.extensions["engine"].begin() as held:
        held.execute(
            text(
                "INSERT INTO organization (key, name, short_name) VALUES ('three', 'Three', 'Three')"
                " ON CONFLICT DO NOTHING"
            )
        )
    let_in(staffed, "Karl Drei", organization="three")
    karl = signed_in(staffed, "Karl Drei")
    assert NAME not in page(karl, f"/companies/{FIRM}/contacts")
    assert karl.client.get(f"/companies/{FIRM}/contacts/{contact}").status_code == 404
    assert karl.fill(f"/companies/{FIRM}/contacts/{contact}/erase").status_code == 404
    erika.fill(f"/companies/{FIRM}/contacts/{contact}", **{**GIVEN, "shared": "yes"})
    assert NAME in page(karl, f"/companies/{FIRM}/contacts")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"mail-value": "no address"}, "no mail address"),
        ({"phone-value": "12"}, "no telephone number"),
        ({"mail-source": " "}, "where the address comes from"),
        ({"name": "", "function": ""}, "a name or a function"),
        ({"mail-value": "", "phone-value": ""}, "at least one way"),
        ({"mail-review": "01.01.2020"}, "cannot be before"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_in_words(
    erika: Signed, changed: dict[str, str], words: str
) -> None:
    answer = erika.fill(f"/companies/{FIRM}/contacts", **{**GIVEN, **changed})
    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)


def test_the_list_of_reviews_has_what_is_due(erika: Signed, contact: int) -> None:
    assert NAME not in page(erika, "/contacts/review")
    erika.fill(f"/companies/{FIRM}/contacts/{contact}", **{**GIVEN, "mail-review": "02.03.2026"})
    assert NAME in page(erika, "/contacts/review")


def test_names_are_on_no_public_page_and_after_erasure_nowhere(
    staffed: Flask, erika: Signed, contact: int, caplog: pytest.LogCaptureFixture
) -> None:
    key = planned(erika, title="Gesucht")
    shown = page(erika, f"/meetings/{key}/guests?scope=park")
    send_to = {"csrf_token": erika.token, "tick": [FIRM]}
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen
    erika.client.post(f"/meetings/{key}/guests?scope=park", data={**send_to, "seen": seen[1]})
    with staffed.extensions["engine"].begin() as held:
        held.execute(
            text(
                "INSERT INTO guest (meeting_id, company_id, name, contact_id) SELECT meeting_id, company_id,"
                " :name, :contact FROM invitation JOIN meeting USING (meeting_id) WHERE key = :key"
            ),
            {"name": NAME, "contact": contact, "key": key},
        )
    erika.fill(f"/meetings/{key}/state/announced")
    visitor = staffed.test_client()
    planted = ("Planted", "planted.example", "987654321")
    for address in (*PUBLIC, f"/meetings/{key}", f"/companies/{FIRM}/contacts"):
        told = visitor.get(address).get_data(as_text=True)
        assert not [word for word in planted if word in told], address
    assert not [word for word in planted if word in caplog.text]
    audit = str(rows(staffed, "SELECT before::text, after::text FROM audit_entry"))
    assert not [word for word in planted if word in audit]
    answer = erika.fill(f"/companies/{FIRM}/contacts/{contact}/export")
    assert all(word in answer.get_data(as_text=True) for word in (NAME, MAIL, PHONE, "invitation", "guest"))
    assert erika.fill(f"/companies/{FIRM}/contacts/{contact}/erase").status_code == 302
    left = everything(staffed)
    assert not [word for word in planted if word in left]
    [(act, counts)] = rows(staffed, "SELECT act, counts FROM privacy_log ORDER BY log_id DESC LIMIT 1")
    assert act == "erase"
    assert (counts["contact"], counts["guest"]) == (1, 1)
    assert counts["invitation"] >= 1


def test_retention_takes_names_and_leaves_what_companies_did(
    staffed: Flask, erika: Signed, contact: int
) -> None:
    with staffed.extensions["engine"].begin() as held:
        values: dict[str, Any] = {"contact": contact, "name": NAME}
        held.execute(
            text(
                "INSERT INTO guest (meeting_id, company_id, name, contact_id) SELECT meeting_id,"
                " host_company_id, :name, :contact FROM meeting WHERE key = 'anliegertreffen-2024-04-11'"
            ),
            values,
        )
        before = held.execute(text("SELECT * FROM participation ORDER BY 1, 2")).all()
        counts = run_retention(held, date(2024, 6, 10), 60)
        assert counts["guest"] == 0
        counts = run_retention(held, date(2024, 6, 11), 60)
        assert counts["guest"] == 1
        assert held.execute(text("SELECT * FROM participation ORDER BY 1, 2")).all() == before


def test_what_wants_no_more_invitations_cannot_be_stored_again(
    staffed: Flask, erika: Signed, contact: int
) -> None:
    with staffed.extensions["engine"].begin() as held:
        suppress_address(held, MAIL, suppression_hash(MAIL, str(staffed.secret_key)), datetime.now(UTC))
    key = planned(erika, title="Nicht mehr")
    assert "wants no more invitations" in page(erika, f"/meetings/{key}/guests?scope=park")
    erika.fill(f"/companies/{FIRM}/contacts/{contact}/erase")
    answer = erika.fill(f"/companies/{FIRM}/contacts", **GIVEN)
    assert answer.status_code == 409
    assert "no more invitations" in answer.get_data(as_text=True)
