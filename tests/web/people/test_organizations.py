"""Organizations added and renamed by admins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.domain.kinds import AccessRole
from tests.web.page_words import read, words_of
from tests.web.signing_in import PASSWORD, Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask


@pytest.fixture
def admin(desk: Flask) -> Signed:
    """An admin of the WMG, and the two organizations there are at first."""
    with desk.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM staff WHERE name <> 'Erika Muster'"))
        held.execute(text("DELETE FROM organization WHERE key NOT IN ('wmg', 'wag')"))
        held.execute(text("UPDATE organization SET short_name = 'WMG' WHERE key = 'wmg'"))
    let_in(desk, "Ada", PASSWORD, AccessRole.ADMIN, "wmg")
    return signed_in(desk, "Ada")


def numbers(app: Flask) -> dict[str, int]:
    """Return the ids of all organizations by key."""
    with app.extensions["engine"].connect() as held:
        rows = held.execute(text("SELECT key, organization_id FROM organization ORDER BY key"))
        return {row.key: row.organization_id for row in rows}


def test_an_organization_is_added_and_accounts_belong_to_it(desk: Flask, admin: Signed) -> None:
    given = {"name": "  Hafen  Beispiel GmbH ", "short_name": "Häfen & Co."}
    assert admin.fill("/organizations", **given).headers["Location"] == "/organizations"
    assert list(numbers(desk)) == ["haefen-co", "wag", "wmg"]
    page = words_of(read(admin.client, "/organizations?lang=en"))
    assert "The organization is added." in page
    assert "Häfen & Co." in page
    answer = admin.fill("/accounts", name="Neu", role="staff", organization="haefen-co")
    assert "Häfen & Co." in words_of(answer.get_data(as_text=True))


def test_a_new_name_is_shown_everywhere_but_in_what_is_recorded(desk: Flask, admin: Signed) -> None:
    before = numbers(desk)
    answer = admin.fill(f"/organizations/{before['wmg']}", name="Wolfsburg Wirtschaft", short_name="WWM")
    assert answer.status_code == 302
    assert numbers(desk) == before
    assert "WWM · Admin" in words_of(read(admin.client, "/tours?lang=en"))
    assert "Ada WWM Admin" in words_of(read(admin.client, "/accounts?lang=en"))
    with desk.extensions["engine"].connect() as held:
        query = "SELECT actor, before ->> 'short_name', after ->> 'short_name' FROM audit_entry"
        row = held.execute(text(f"{query} WHERE table_name = 'organization' ORDER BY 1, 2 LIMIT 1")).one()
    assert "Ada" in row
    # To keep a name is no conflict with oneself.
    assert admin.fill(f"/organizations/{before['wmg']}", name="W", short_name="wwm").status_code == 302


@pytest.mark.parametrize(
    ("name", "short_name", "status", "told"),
    [
        ("", "Neu", 400, "a name of 1 to 120 characters"),
        ("Neu", " ", 400, "a name of 1 to 120 characters"),
        ("Neu", "x" * 31, 400, "a short one of 1 to 30"),
        ("Neu", "&", 400, "needs a letter or digit"),
        ("Neu", "wolfsburg  ag", 409, "an organization “wolfsburg ag” already"),
        ("Neu", "WAG", 409, "an organization “WAG” already"),
    ],
)
def test_names_that_are_none_and_names_of_others_are_refused(
    admin: Signed, name: str, short_name: str, status: int, told: str
) -> None:
    before = read(admin.client, "/accounts?lang=en")
    answer = admin.fill("/organizations", name=name, short_name=short_name)
    assert answer.status_code == status
    assert told in words_of(answer.get_data(as_text=True))
    assert words_of(read(admin.client, "/accounts?lang=en")) == words_of(before)


def test_another_ones_name_is_not_taken_over_and_who_is_not_there_not_renamed(
    desk: Flask, admin: Signed
) -> None:
    wmg = numbers(desk)["wmg"]
    assert admin.fill(f"/organizations/{wmg}", name="W", short_name="Wolfsburg AG").status_code == 409
    assert admin.fill("/organizations/0", name="W", short_name="W").status_code == 404
    assert "WMG · Admin" in words_of(read(admin.client, "/tours?lang=en"))
