"""The forms for ways and leave: what is typed is stored, or stays in the form with one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.walking.permissions import permissions
from tests.databases import copy_of, loaded
from tests.web.conftest import MakeApp
from tests.web.signing_in import Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask

WAY = {
    "key": "tor-west",
    "kind": "gate",
    "access": "permission",
    "name": "Tor <West>",
    "surface": "",
    "kerb": "",
    "line": "10.7490, 52.3731; 10.7490, 52.3740",
    "valid_from": "",
    "last_day": "",
}
LEAVE = {
    "walkway": "tor-west",
    "by": "Frau Beispiel",
    "granted_on": "2024-04-01",
    "from": "14:00",
    "until": "15:00",
    "valid_from": "2024-04-24",
    "last_day": "",
    "tour": "",
    "note": "",
}


@pytest.fixture
def desk(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Flask]:
    with copy_of(cluster, loaded) as url:
        app = make_app(replace(settings, database_url=url))
        let_in(app)
        yield app
        app.extensions["engine"].dispose()


@pytest.fixture
def signed(desk: Flask) -> Signed:
    return signed_in(desk)


def test_a_gate_and_leave_are_added_shown_and_withdrawn(desk: Flask, signed: Signed) -> None:
    assert signed.fill("/walkways", **WAY).status_code == 302
    assert signed.fill("/walkways/permissions", **LEAVE).status_code == 302
    html = signed.client.get("/walkways?lang=en").get_data(as_text=True)
    assert "Tor &lt;West&gt;" in html
    assert "Frau Beispiel, 1\N{NO-BREAK SPACE}Apr\N{NO-BREAK SPACE}2024" in html
    assert "14:00–15:00" in html
    number = re.search(r"/walkways/permissions/(\d+)/withdraw", html)
    assert number
    assert signed.fill(number[0]).status_code == 302
    assert signed.fill(number[0]).status_code == 404
    with desk.extensions["engine"].connect() as held:
        assert permissions(held) == []


def test_what_was_typed_stays_with_the_sentence(signed: Signed) -> None:
    response = signed.fill("/walkways", **{**WAY, "line": "hier; dort", "name": 'A "B"'})
    html = unescape(response.get_data(as_text=True))
    assert response.status_code == 400
    assert "“hier” is not a valid point;" in html
    assert 'value="hier; dort"' in html
    assert 'value="A "B""' in html
    response = signed.fill("/walkways/permissions", **{**LEAVE, "walkway": "nirgends"})
    html = unescape(response.get_data(as_text=True))
    assert response.status_code == 404
    assert "There is no walkway “nirgends”." in html
    for value in ("nirgends", "Frau Beispiel", "2024-04-01", "14:00", "15:00", "2024-04-24"):
        assert f'value="{value}"' in html


def test_a_contradiction_is_told(signed: Signed) -> None:
    assert signed.fill("/walkways", **WAY).status_code == 302
    response = signed.fill("/walkways", **{**WAY, "line": "10.7500, 52.3731; 10.7500, 52.3733"})
    assert response.status_code == 409
    assert "tor-west" in response.get_data(as_text=True)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_field_has_a_label(signed: Signed, lang: str) -> None:
    html = "".join(
        signed.client.get(f"{address}?lang={lang}").get_data(as_text=True)
        for address in ("/walkways", "/walkways/new")
    )
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
    fields = set(re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', html))
    assert fields
    assert fields <= labelled


def test_what_was_done_is_said_and_days_are_told_with_the_last_of_them(signed: Signed) -> None:
    """Stored is the first day without leave; whoever types or reads “1 to 31 May” means both."""

    def said() -> list[str]:
        html = unescape(signed.client.get("/walkways?lang=en").get_data(as_text=True))
        return re.findall(r'role="status">([^<]+)<', html)

    added = signed.fill("/walkways", **WAY)
    page = unescape(signed.client.get(added.location).get_data(as_text=True))
    [sentence] = re.findall(r'role="status">([^<]+)<', page.replace(' aria-live="polite"></p>', ""))
    assert sentence.startswith("The way “tor-west” has been added. Its start is joined to ")
    assert said() == []
    signed.fill("/walkways/permissions", **{**LEAVE, "valid_from": "2026-05-01", "last_day": "2026-05-31"})
    html = signed.client.get("/walkways?lang=de").get_data(as_text=True)
    assert "The permission has been recorded." in html, "in the language in which it was pressed"
    assert "01.05.2026 – 31.05.2026" in html
    number = re.search(r"/walkways/permissions/(\d+)/withdraw", html)
    assert number
    form = signed.client.get(f"/walkways?permission={number[1]}").get_data(as_text=True)
    assert 'name="last_day" type="date" data-day value="2026-05-31"' in form
    signed.fill(number[0])
    assert said() == ["The permission has been withdrawn."]


def test_a_way_typed_with_latitude_first_is_refused_and_the_swap_offered(desk: Flask, signed: Signed) -> None:
    ways_before = ways(desk)
    swapped = {**WAY, "line": "52.3731, 10.7490; 52.3740, 10.7490"}
    answer = signed.fill("/walkways?lang=en", **swapped)
    assert answer.status_code == 400
    html = unescape(answer.get_data(as_text=True))
    assert "“tor-west” lies " in html
    assert "with the coordinates swapped (10.749, 52.3736)" in html
    assert swapped["line"] in html
    assert 'value="tor-west"' not in signed.client.get("/walkways").get_data(as_text=True)
    assert 'name="swap"' in html
    turned = unescape(signed.fill("/walkways", **swapped, swap="1").get_data(as_text=True))
    assert 'value="10.7490, 52.3731; 10.7490, 52.3740"' in turned
    assert ways(desk) == ways_before, "nothing is saved by it"


FAR = "10.7490, 52.3731; 10.7490, 52.3740"


def images(app: Flask) -> dict[str, list[str]]:
    """Return all rows of ways and permissions, to the last bit."""
    with app.extensions["engine"].connect() as held:
        return {
            table: list(held.execute(text(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1")).scalars())
            for table in ("walkway", "walkway_permission")
        }


def ways(app: Flask) -> list[str]:
    return images(app)["walkway"]


def typed_line(signed: Signed, key: str) -> dict[str, str]:
    """Return the form of a way as it stands."""
    html = unescape(signed.client.get(f"/walkways/ways/{key}").get_data(as_text=True))
    stands = dict(
        re.findall(r'<input class="form-control" id="way-\w+" name="(\w+)"[^>]* value="([^"]*)"', html)
    )
    for name in ("kind", "access", "kerb"):
        part = html[html.index(f'id="way-{name}"') :]
        option = re.search(r'<option value="([^"]*)" selected', part[: part.index("</select>")])
        stands[name] = option[1] if option else ""
    return stands


def last_case(app: Flask) -> tuple[str, str | None, str | None]:
    with app.extensions["engine"].connect() as held:
        query = "SELECT business_case, intent, day::text FROM change_set ORDER BY change_set_id DESC LIMIT 1"
        return tuple(held.execute(text(query)).one())  # type: ignore[return-value]


def undo_last(app: Flask, signed: Signed) -> None:
    with app.extensions["engine"].connect() as held:
        number = held.execute(text("SELECT max(change_set_id) FROM change_set")).scalar_one()
    assert signed.fill(f"/changes/{number}/undo").status_code == 302


def rows_of(app: Flask, key: str) -> list[tuple[str, str]]:
    """Return period and line of each row of a way, in order of time."""
    with app.extensions["engine"].connect() as held:
        query = (
            "SELECT valid::text, ST_AsText(ST_Transform(geometry, 4326), 7) FROM walkway"
            " WHERE key = :key ORDER BY lower(valid) NULLS FIRST"
        )
        return [tuple(row) for row in held.execute(text(query), {"key": key})]  # type: ignore[misc]


def test_a_way_is_put_right_and_only_the_moved_corner_moves(desk: Flask, signed: Signed) -> None:
    signed.fill("/walkways", **{**WAY, "line": f"{FAR}; 10.7500, 52.3745"})
    before = images(desk)
    form = typed_line(signed, "tor-west")
    corners = form["line"].split("; ")
    corners[1] = "10.7491000, 52.3741000"
    answer = signed.fill(
        "/walkways/ways/tor-west", **{**form, "line": "; ".join(corners), "intent": "correct"}
    )
    assert answer.status_code == 302
    assert last_case(desk)[:2] == ("walkway", "correct")
    [(valid, line)] = rows_of(desk, "tor-west")
    assert valid == "(,)"
    assert "10.7491 52.3741" in line
    with desk.extensions["engine"].connect() as held:
        ends = "SELECT ST_AsBinary(ST_StartPoint(geometry)) FROM walkway WHERE key = 'tor-west'"
        start = held.execute(text(ends)).scalar_one()
    undo_last(desk, signed)
    assert images(desk) == before, "undone to the last bit"
    with desk.extensions["engine"].connect() as held:
        assert held.execute(text(ends)).scalar_one() == start, "nobody moved it"
    same = signed.fill("/walkways/ways/tor-west", **{**form, "intent": "correct"})
    assert same.status_code == 409
    assert "nothing would change" in same.get_data(as_text=True)


def test_a_way_is_otherwise_since_a_day_with_its_permission(desk: Flask, signed: Signed) -> None:
    signed.fill("/walkways", **WAY)
    signed.fill("/walkways/permissions", **{**LEAVE, "valid_from": ""})
    before = images(desk)
    form = {**typed_line(signed, "tor-west"), "name": "Osttor", "since": "01.03.2026"}
    refused = signed.fill("/walkways/ways/tor-west", **form, intent="correct")
    assert refused.status_code == 400
    assert "press “Change”" in unescape(refused.get_data(as_text=True))
    assert images(desk) == before
    assert signed.fill("/walkways/ways/tor-west", **form, intent="change").status_code == 302
    assert last_case(desk) == ("walkway", "change", "2026-03-01")
    assert [valid for valid, _ in rows_of(desk, "tor-west")] == ["(,2026-03-01)", "[2026-03-01,)"]
    assert len(images(desk)["walkway_permission"]) == 2, "one for each of the rows"
    undo_last(desk, signed)
    assert images(desk) == before


def test_a_way_is_removed_from_a_day_on_or_from_all_and_comes_back(desk: Flask, signed: Signed) -> None:
    signed.fill("/walkways", **WAY)
    signed.fill("/walkways/permissions", **LEAVE)
    before = images(desk)
    gone = signed.fill("/walkways/ways/tor-west/remove", intent="change", since="2027")
    assert gone.status_code == 302
    assert [valid for valid, _ in rows_of(desk, "tor-west")] == ["(,2027-01-01)"]
    undo_last(desk, signed)
    assert images(desk) == before
    assert signed.fill("/walkways/ways/tor-west/remove", intent="correct").status_code == 302
    assert rows_of(desk, "tor-west") == []
    assert images(desk)["walkway_permission"] == []
    assert signed.client.get("/walkways/ways/tor-west").status_code == 404
    undo_last(desk, signed)
    assert images(desk) == before, "its permission, too, to the last bit"
    wrong = signed.fill("/walkways/ways/tor-west/remove", intent="change", since="bald")
    assert wrong.status_code == 400
    assert "“bald” is no day" in unescape(wrong.get_data(as_text=True))
    assert signed.fill("/walkways/ways/nirgends/remove", intent="correct").status_code == 404


def test_a_new_way_divides_the_one_it_meets_and_undo_joins_it_again(desk: Flask, signed: Signed) -> None:
    signed.fill("/walkways", **{**WAY, "key": "lang", "name": "Langer Weg", "access": "public"})
    before = images(desk)
    # The middle of it, 1 m beside; and a place far from every way.
    added = signed.fill(
        "/walkways", **{**WAY, "key": "", "name": "Quer", "line": "10.749012, 52.3736; 10.7505, 52.37363"}
    )
    page = unescape(signed.client.get(added.location).get_data(as_text=True))
    assert added.location.startswith("/walkways/ways/quer?saved=")
    assert "Its start is joined to “Langer Weg”, which is divided there." in page
    assert [key for key in ("lang", "lang.1", "lang.2") if rows_of(desk, key)] == ["lang.1", "lang.2"]
    undo_last(desk, signed)
    assert images(desk) == before


def test_a_permission_is_changed_and_both_acts_can_be_undone(desk: Flask, signed: Signed) -> None:
    signed.fill("/walkways", **WAY)
    signed.fill("/walkways/permissions", **LEAVE)
    before = images(desk)
    html = signed.client.get("/walkways").get_data(as_text=True)
    number = re.search(r"permission=(\d+)", html)
    assert number
    form = unescape(signed.client.get(f"/walkways?permission={number[1]}").get_data(as_text=True))
    for value in (*LEAVE.values(), number[1]):
        assert f'value="{value}"' in form
    changed = {**LEAVE, "until": "16:30", "number": number[1]}
    assert signed.fill("/walkways/permissions", **changed).status_code == 302
    assert last_case(desk)[0] == "permission"
    assert "14:00–16:30" in signed.client.get("/walkways").get_data(as_text=True)
    undo_last(desk, signed)
    assert images(desk) == before
    assert signed.fill("/walkways/permissions", **{**changed, "number": "999999"}).status_code == 404
    assert signed.fill(f"/walkways/permissions/{number[1]}/withdraw").status_code == 302
    undo_last(desk, signed)
    assert images(desk) == before
