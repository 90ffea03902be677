"""There is always an admin, also when two remove each other at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.db.engine import make_engine
from app.db.people.staff import lock_admins
from app.domain.kinds import AccessRole
from app.errors import ConflictError
from app.services.people.staff import Person, add_staff, change_account, deactivate, remove_staff
from tests.waiting import wait_until_locked

PASSWORD = "trommel gans, nachts"


@pytest.mark.parametrize("act", ["deactivate", "demote", "remove"])
def test_of_two_admins_who_remove_each_other_one_stays(fresh_database_url: str, act: str) -> None:
    engine = make_engine(fresh_database_url)
    with engine.begin() as held:
        ada, adam = (add_staff(held, name, PASSWORD, AccessRole.ADMIN) for name in ("Ada", "Adam"))

    def take_away(person: Person) -> None:
        with engine.begin() as other:
            if act == "deactivate":
                deactivate(other, person)
            elif act == "demote":
                change_account(other, person, AccessRole.STAFF, None)
            else:
                remove_staff(other, person.name)

    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as held:
            deactivate(held, ada)
            later = pool.submit(take_away, adam)
            wait_until_locked(engine)
        with pytest.raises(ConflictError):
            later.result()
    with engine.connect() as held:
        assert list(lock_admins(held)) == [adam.staff_id]
    engine.dispose()
