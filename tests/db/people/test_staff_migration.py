"""Migrations of staff: who may sign in stays, and so does what is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text

from app.db.changes import act_as
from app.db.migrate import downgrade, upgrade
from app.services.people.password_links import make_link
from app.services.people.second_factor import factor_state, secret_cipher
from app.services.people.staff import Person, add_staff, person_by_password, person_named

PASSWORD = "trommel gans, nachts"


def test_staff_stay_through_the_migration_and_back(fresh: Connection) -> None:
    add_staff(fresh, "Erika", PASSWORD)
    downgrade(fresh, "0011-1")
    sessions = "SELECT session FROM staff"
    assert len(fresh.execute(text(sessions)).scalar_one()) >= 36
    fresh.execute(text("INSERT INTO sign_in_failure (name, origin) VALUES ('as typed', 'o')"))
    upgrade(fresh)
    assert fresh.execute(text("SELECT count(*) FROM sign_in_failure")).scalar_one() == 0
    person = person_by_password(fresh, "erika", PASSWORD)
    assert isinstance(person, Person)
    assert person.name == "Erika"


def test_secrets_of_second_factors_are_encrypted_and_back(
    fresh: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a key of that service")
    add_staff(fresh, "Erika", PASSWORD)
    downgrade(fresh, "0011")
    stored, plain = text("SELECT secret FROM second_factor"), "ABCDEFGH234567" * 3
    fresh.execute(
        text("INSERT INTO second_factor (staff_id, secret) SELECT staff_id, :secret FROM staff"),
        {"secret": plain},
    )
    upgrade(fresh)
    assert plain not in fresh.execute(stored).scalar_one()
    cipher = secret_cipher("a key of that service")
    assert factor_state(fresh, person_named(fresh, "Erika"), cipher).secret == plain
    downgrade(fresh, "0011")
    assert fresh.execute(stored).scalar_one() == plain


def test_who_could_sign_in_before_roles_goes_on_as_staff_of_no_organization(fresh: Connection) -> None:
    downgrade(fresh, "0017-1")
    fresh.execute(
        text("INSERT INTO staff (name, password_hash, is_active) VALUES (:name, '$argon2id$x', :active)"),
        [{"name": "Erika", "active": True}, {"name": "Otto", "active": False}],
    )
    upgrade(fresh)
    rows = "SELECT name, is_active, role, organization_id FROM staff ORDER BY name"
    before = [tuple(row) for row in fresh.execute(text(rows))]
    assert before == [("Erika", True, "staff", None), ("Otto", False, "staff", None)]
    names = fresh.execute(text("SELECT key, short_name FROM organization ORDER BY key"))
    assert [tuple(row) for row in names] == [("wag", "Wolfsburg AG"), ("wmg", "WMG")]
    downgrade(fresh, "0017-1")
    assert fresh.execute(text("SELECT count(*) FROM staff")).scalar_one() == 2


def test_the_record_of_changes_holds_no_hash_of_a_token_before_and_after(fresh: Connection) -> None:
    act_as(fresh, "Erika")
    add_staff(fresh, "Otto", PASSWORD)
    make_link(fresh, person_named(fresh, "Otto"), datetime(2026, 1, 5, tzinfo=UTC))
    downgrade(fresh, "0017-1")
    fresh.execute(text("UPDATE staff SET is_active = false"))
    entries = fresh.execute(text("SELECT audit_entry::text FROM audit_entry")).scalars().all()
    assert len(entries) == 3
    assert not any("hash" in entry for entry in entries)


def test_who_could_sign_in_before_goes_on_without_an_identity_elsewhere(fresh: Connection) -> None:
    downgrade(fresh, "0025-1")
    fresh.execute(text("INSERT INTO staff (name, password_hash) VALUES ('Erika', '$argon2id$x')"))
    upgrade(fresh)
    row = fresh.execute(text("SELECT name, openid_subject, openid_email FROM staff")).one()
    assert tuple(row) == ("Erika", None, None)
