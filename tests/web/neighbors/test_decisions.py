"""Decisions on neighbors: what follows is said first, then they hold, are withdrawn, undone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests.web.page_words import read, words_of
from tests.web.signing_in import Signed, signed_in

if TYPE_CHECKING:
    from flask import Flask

PLOT, OTHER = "HK1-001", "HK1-002"
ADDRESS = f"/api/plots/{PLOT}/decisions"
NONE = {"other": OTHER, "relation": "none", "reason": "A wall  stands between", "from": ""}


@pytest.fixture
def staff(staffed: Flask) -> Iterator[Signed]:
    """Somebody of staff; what was decided is forgotten afterwards."""
    yield signed_in(staffed)
    with staffed.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM adjacency_override"))


def neighbors(staff: Signed, on: str = "") -> dict[str, Any]:
    found = staff.client.get(f"/api/plots/{PLOT}/neighbors?lang=en&on={on or '2026-12-01'}").get_json()
    return {one["key"]: one for one in found["neighbors"]}


def decisions(staff: Signed) -> list[dict[str, Any]]:
    return staff.ask("GET", ADDRESS).get_json()["decisions"]


def images(app: Flask) -> list[str]:
    with app.extensions["engine"].connect() as held:
        query = "SELECT to_jsonb(t)::text FROM adjacency_override t ORDER BY 1"
        return list(held.execute(text(query)).scalars())


def test_a_decision_is_previewed_made_listed_withdrawn_and_undone(staffed: Flask, staff: Signed) -> None:
    assert OTHER in neighbors(staff)
    seen = staff.client.post(
        f"{ADDRESS}?preview=1&lang=en", json=NONE, headers={"X-CSRFToken": staff.token}
    ).get_json()
    assert any(" loses " in sentence for sentence in seen["neighbors"]), seen
    assert decisions(staff) == [], "nothing is saved by looking"
    made = staff.ask("POST", ADDRESS, NONE)
    assert made.status_code == 201
    assert OTHER not in neighbors(staff)
    [decision] = decisions(staff)
    assert (decision["other"], decision["relation"], decision["decided_by"]) == (
        OTHER,
        "none",
        "Erika Muster",
    )
    assert decision["reason"] == "A wall stands between"
    for plot in (PLOT, OTHER):
        page = words_of(read(staff.client, f"/plots/{plot}?lang=en"))
        assert f"Decision on neighbors · {PLOT} , {OTHER}" in page, plot
    [mirrored] = staff.ask("GET", f"/api/plots/{OTHER}/decisions").get_json()["decisions"]
    assert mirrored["other"] == PLOT
    with staffed.extensions["engine"].connect() as held:
        query = "SELECT business_case, person FROM change_set WHERE change_set_id = :number"
        row = held.execute(text(query), {"number": made.get_json()["change"]}).one()
    assert tuple(row) == ("decision", "Erika Muster")
    before = images(staffed)
    withdrawn = staff.ask("DELETE", f"/api/decisions/{decision['number']}")
    assert withdrawn.status_code == 200
    assert OTHER in neighbors(staff)
    assert staff.fill(withdrawn.get_json()["undo"]).status_code == 302
    assert images(staffed) == before
    assert OTHER not in neighbors(staff)
    page = staff.client.get(f"/changes/{made.get_json()['change']}?lang=en").get_data(as_text=True)
    assert "HK1-001 / HK1-002" in page
    assert "A wall stands between" in page


def test_a_pair_that_the_engine_does_not_see_holds_from_its_day_on(staffed: Flask, staff: Signed) -> None:
    with staffed.extensions["engine"].connect() as held:
        keys = list(
            held.execute(text("SELECT key FROM plot WHERE key LIKE 'HK1-%' ORDER BY key DESC")).scalars()
        )
    other = next(key for key in keys if key not in neighbors(staff) and key != PLOT)
    given = {"other": other, "relation": "across", "reason": "a bridge", "from": "2026-06-01"}
    made = staff.ask("POST", ADDRESS, given)
    assert made.status_code == 201
    assert neighbors(staff)[other]["is_override"]
    assert other not in neighbors(staff, "2026-05-31")
    again = staff.ask("POST", ADDRESS, {**given, "from": ""})
    assert again.status_code == 409
    assert "withdraw it first" in again.get_json()["error"]
    assert staff.fill(made.get_json()["undo"]).status_code == 302
    assert images(staffed) == []


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"reason": " "}, 400, "needs a reason"),
        ({"relation": "friends"}, 400, "“friends” is not one of"),
        ({"other": "HK9-999"}, 404, "There is no plot “HK9-999”."),
        ({"other": PLOT}, 400, "cannot be its own neighbor"),
        ({"from": "gestern"}, 400, "“gestern” is not a valid date"),
        ({"reason": None}, 400, "Send a JSON object with the fields"),
        ({"more": "1"}, 400, "Send a JSON object with the fields"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    staffed: Flask, staff: Signed, change: dict[str, Any], status: int, sentence: str
) -> None:
    for address in (ADDRESS, f"{ADDRESS}?preview=1&lang=en"):
        answer = staff.client.post(
            address, json={**NONE, **change}, headers={"X-CSRFToken": staff.token, "Accept-Language": "en"}
        )
        assert answer.status_code == status
    assert sentence in answer.get_json()["error"]
    assert images(staffed) == []
    assert staff.ask("DELETE", "/api/decisions/999999").status_code == 404


def test_visitors_neither_see_nor_decide(staffed: Flask) -> None:
    visitor = staffed.test_client()
    assert visitor.get(ADDRESS).status_code == 401
    assert visitor.post(ADDRESS, json=NONE).status_code == 401
    page = visitor.get("/").get_data(as_text=True)
    assert '"editing"' not in page
