"""Migrations of staff: who may sign in stays, and so does what is asked for."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from app.db.migrate import downgrade, upgrade
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
