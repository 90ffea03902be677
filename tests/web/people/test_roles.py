"""Which role each route needs: all routes are asked in all roles, and the table in the docs says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from app.config import PROJECT_DIR
from app.domain.kinds import AccessRole
from app.services.people.tokens import make_token
from app.web.roles import NEEDED
from tests.web.signing_in import PASSWORD, Signed, let_in, signed_in, token_of

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

TABLE = PROJECT_DIR / "docs" / "roles.md"
IGNORED = {"HEAD", "OPTIONS"}
ROLES = list(AccessRole)

Row = tuple[str, str]


@pytest.fixture(scope="module")
def gates(staffed: Flask) -> Iterator[Flask]:
    """The application with an account of each role; its views answer that they were reached."""
    staffed.extensions["people"] = {
        role: let_in(staffed, f"the {role}", PASSWORD, role) for role in ROLES[1:]
    }
    signed = {role: signed_in(staffed, f"the {role}") for role in ROLES[1:]}
    visitor = staffed.test_client()
    signed[AccessRole.VISITOR] = Signed(visitor, token_of(visitor, "/login"))
    staffed.extensions["signed"] = signed
    views = dict(staffed.view_functions)
    for endpoint in views:
        staffed.view_functions[endpoint] = lambda **_: "reached"
    yield staffed
    staffed.view_functions.update(views)


def routes(app: Flask) -> list[tuple[str, Rule]]:
    """Return method and rule of every route, in the order of their addresses."""
    pairs = [
        (method, rule) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - IGNORED
    ]
    return sorted(pairs, key=lambda pair: (str(pair[1]), pair[0]))


def address_of(rule: Rule) -> str:
    address = re.sub(r"<any\((\w+).*?\):\w+>", r"\1", str(rule))
    return re.sub(r"<\w+>", "x", re.sub(r"<int:\w+>|<path:\w+>", "1", address))


def is_let_through(app: Flask, role: AccessRole, method: str, rule: Rule) -> bool:
    """Ask as the role does, in a page; check that who is refused is told why as befits."""
    signed: Signed = app.extensions["signed"][role]
    answer = signed.client.open(address_of(rule), method=method, headers={"X-CSRFToken": signed.token})
    if answer.status_code == 200:
        assert answer.get_data(as_text=True) == "reached"
        return True
    if role is not AccessRole.VISITOR:
        assert answer.status_code == 403, (role, method, rule)
    elif method == "GET" and not str(rule).startswith("/api/"):
        assert answer.headers["Location"].startswith("/login?next="), rule
    else:
        assert answer.status_code == 401, (method, rule)
    return False


def found_table(app: Flask) -> dict[Row, AccessRole]:
    """Return the least role that is let through, of every route; asked, not looked up."""
    table = {}
    for method, rule in routes(app):
        let = [is_let_through(app, role, method, rule) for role in ROLES]
        assert let == sorted(let), f"{method} {rule}: a higher role may do less"
        table[method, str(rule)] = ROLES[let.index(True)]
    return table


def printed(table: dict[Row, AccessRole]) -> str:
    """Return the rows of the table in the docs."""
    return "\n".join(f"| `{method} {rule}` | {role} |" for (method, rule), role in table.items())


def test_every_route_is_for_the_role_that_the_docs_say(gates: Flask) -> None:
    rows = printed(found_table(gates))
    print(rows)  # shown by pytest -s, and where the docs are not up to date
    assert [
        row for row in TABLE.read_text("utf-8").splitlines() if row.startswith("| `")
    ] == rows.splitlines()


def test_every_route_is_named_once_and_no_other(gates: Flask) -> None:
    assert set(NEEDED) == {rule.endpoint for rule in gates.url_map.iter_rules()}


def test_what_nobody_named_is_for_admins(gates: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(NEEDED, "tours.index")
    rule = next(rule for rule in gates.url_map.iter_rules() if rule.endpoint == "tours.index")
    assert [is_let_through(gates, role, "GET", rule) for role in ROLES] == [False, False, False, True]


def test_what_changes_something_is_for_nobody_without_signing_in(gates: Flask) -> None:
    changing = {
        (method, rule.endpoint)
        for method, rule in routes(gates)
        if method != "GET" and is_let_through(gates, AccessRole.VISITOR, method, rule)
    }
    assert {endpoint for _, endpoint in changing} == {
        *("staff.sign_in", "staff.give_code", "password_link.use"),
        *("planning.plan", "planning.explain", "features.search", "exports.download"),
        # By an address that is secret, and, into a queue, by everybody.
        *("answers.give", "answers.stop", "answers.check_company", "corrections.send", "door.take"),
    }


def test_a_token_reads_what_its_owner_may_and_changes_nothing(gates: Flask) -> None:
    tokens = {}
    with gates.extensions["engine"].begin() as held:
        for role in ROLES[1:]:
            person = gates.extensions["people"][role]
            tokens[role] = make_token(held, person, "QGIS", 30, gates.extensions["clock"]())
    for method, rule in routes(gates):
        if not str(rule).startswith(("/api/", "/exports/")):
            continue
        needed = NEEDED[rule.endpoint]
        is_open = needed is AccessRole.VISITOR
        for role, token in tokens.items():
            headers = {"Authorization": f"Bearer {token}"}
            answer = gates.test_client().open(address_of(rule), method=method, headers=headers)
            may = role.includes(needed) and (method == "GET" or is_open)
            assert answer.status_code == (200 if may else 403), (role, method, rule)


def test_elsewhere_a_token_counts_for_nothing(gates: Flask) -> None:
    person = gates.extensions["people"][AccessRole.ADMIN]
    with gates.extensions["engine"].begin() as held:
        token = make_token(held, person, "QGIS", 30, gates.extensions["clock"]())
    headers = {"Authorization": f"Bearer {token}"}
    assert gates.test_client().get("/accounts", headers=headers).status_code == 302
    assert gates.test_client().post("/accounts", headers=headers).status_code == 401
