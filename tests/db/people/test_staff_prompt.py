"""``python -m app staff | walkway | permission`` as a person meets them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.db.engine import make_engine
from app.db.people.staff import all_staff
from app.services.people.second_factor import begin_factor, secret_cipher
from app.services.people.staff import Person
from tests.conftest import Run


def with_factor(url: str) -> None:
    """Give the only person a second factor."""
    engine = make_engine(url)
    with engine.begin() as held:
        (person,) = (Person(row["staff_id"], row["name"]) for row in all_staff(held))
        begin_factor(held, person, secret_cipher("a key of that service"))
    engine.dispose()


def test_staff_come_and_go(run: Run, cli_env: dict[str, str]) -> None:
    code, password, _ = run("staff", "add", "Erika Muster", "--generate")
    assert (code, len(password.strip())) == (0, 20)
    code, _, said = run("staff", "add", "erika  muster", "--generate")
    assert (code, said) == (5, "“erika muster” can already sign in.\n")
    code, fresh, _ = run("staff", "password", "Erika Muster", "--generate")
    assert code == 0
    assert fresh != password
    assert run("staff", "list")[1] == "Erika Muster\n"
    code, _, said = run("staff", "remove-second-factor", "ERIKA muster")
    assert (code, said) == (4, "“Erika Muster” has no second factor.\n")
    with_factor(cli_env["DATABASE_URL"])
    assert run("staff", "remove-second-factor", "ERIKA muster") == (0, "", "")
    assert run("staff", "remove-second-factor", "ERIKA muster")[0] == 4
    assert run("staff", "remove", "Erika Muster")[0] == 0
    assert run("staff", "list")[1] == "Erika Muster (can no longer sign in)\n"
    code, _, said = run("staff", "remove", "Otto")
    assert (code, said) == (4, "Nobody named “Otto” can sign in.\n")


def test_the_first_account_is_an_admin_and_the_last_admin_stays(run: Run) -> None:
    def listed() -> str:
        return run("staff", "list", "--roles")[1]

    assert run("staff", "add", "Ada", "--generate")[0] == 0
    assert listed() == "Ada\tadmin\t\n"
    assert run("staff", "add", "Otto", "--generate", "--organization", "wmg")[0] == 0
    assert run("staff", "add", "Paul", "--generate", "--role", "analyst")[0] == 0
    assert listed() == "Ada\tadmin\t\nOtto\tstaff\tWMG\nPaul\tanalyst\t\n"
    last = "“Ada” is the last admin; make somebody else one first.\n"
    assert run("staff", "remove", "Ada") == (5, "", last)
    assert run("staff", "change", "Ada", "--role", "staff") == (5, "", last)
    assert run("staff", "change", "Otto", "--role", "admin", "--organization", "wag")[0] == 0
    assert run("staff", "remove", "Ada")[0] == 0
    gone = "Ada (can no longer sign in)\tadmin\t\n"
    assert listed() == f"{gone}Otto\tadmin\tWolfsburg AG\nPaul\tanalyst\t\n"
    code, _, said = run("staff", "add", "X", "--generate", "--organization", "volkswagen")
    assert (code, said) == (4, "There is no organization “volkswagen”; there are wag, wmg.\n")
    assert run("staff", "add", "X", "--generate", "--role", "visitor")[0] == 2


def test_a_gate_and_leave_are_added_listed_and_withdrawn(run: Run) -> None:
    ends = ("--from", "10.7490,52.3731", "--to", "10.7490,52.3740")
    gate = ("walkway", "add", "gate-west", "--kind", "gate", *ends, "--access", "permission")
    code, said, problem = run(*gate, "--valid-from", "2024-01-01")
    assert (code, problem) == (0, "")
    assert said.startswith("gate-west added, ")
    assert run(*gate)[0] == 5
    leave = ("permission", "add", "gate-west", "--by", "Frau Beispiel", "--granted-on", "2024-04-01")
    hours = ("--from", "14:00", "--until", "15:00", "--valid-from", "2024-04-24")
    code, number, problem = run(*leave, *hours)
    assert (code, problem) == (0, "")
    line = f"{number.strip()}\tgate-west\tFrau Beispiel, 2024-04-01\t2024-04-24–…\t14:00–15:00\tany\n"
    assert run("permission", "list")[1] == line
    assert run("permission", "withdraw", number.strip())[0] == 0
    assert run("permission", "list")[1] == ""


def test_who_planned_a_tour_anew_is_recorded(run: Run, cli_env: dict[str, str]) -> None:
    engine = make_engine(cli_env["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE tour_leg SET walk_s = walk_s + 60"))
    assert run("tour", "plan", "rundgang-2024-04-24")[0] == 0
    with engine.connect() as connection:
        query = text(
            "SELECT DISTINCT actor FROM audit_entry WHERE table_name = 'tour' AND before IS NOT NULL"
        )
        (actor,) = connection.execute(query).scalars()
    engine.dispose()
    assert actor


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (
            ("permission", "add", "nowhere", "--by", "x", "--granted-on", "2024-04-01"),
            4,
            "There is no walkway “nowhere”.",
        ),
        (("permission", "withdraw", "7"), 4, "There is no permission with the number 7."),
        (
            ("walkway", "add", "x", "--kind", "gate", "--from", "1,2", "--to", "here"),
            2,
            "“here” is not a valid point; expected LON,LAT in degrees, for example 10.7276,52.3731.",
        ),
        (
            ("tour", "route", "POINT (10.7276", "10.7276,52.3731"),
            2,
            "“POINT (10.7276” is not a valid point; expected LON,LAT in degrees, "
            "for example 10.7276,52.3731.",
        ),
    ],
)
def test_bad_input_is_told_in_one_sentence(
    run_reading: Run, words: tuple[str, ...], code: int, sentence: str
) -> None:
    assert run_reading(*words) == (code, "", f"{sentence}\n")
