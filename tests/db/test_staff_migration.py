"""Sessions become rows: who may sign in stays, and signs in once more."""

from __future__ import annotations

from sqlalchemy import Connection, text

from app.db.migrate import downgrade, upgrade
from app.services.staffing import Person, add_staff, person_by_password

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
