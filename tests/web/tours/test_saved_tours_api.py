"""Saving through the API: versions, copies, publishing, share links, and who sees what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, text

from app.api.tours import planning
from app.config import Settings
from app.db.changes import lock_tours
from app.db.cluster.embedded import Cluster
from app.domain.tour_requests import TourRequest
from app.services.tours.planning.plans import PlanningTask, make_task
from tests.databases import copy_of, loaded
from tests.web.conftest import MakeApp
from tests.web.page_words import words_of
from tests.web.signing_in import NAME, Signed, let_in, signed_in
from tests.web.tours.tour_requests import SCHEER, STURM, YARD, a_wish

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture(scope="module")
def desk(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Flask]:
    """The application on data of this module's own, with one person who may sign in."""
    with copy_of(cluster, loaded) as url:
        app = make_app(replace(settings, database_url=url))
        let_in(app)
        yield app
        app.extensions["engine"].dispose()


@pytest.fixture(scope="module")
def signed(desk: Flask) -> Signed:
    return signed_in(desk)


@pytest.fixture
def stranger(desk: Flask) -> FlaskClient:
    return desk.test_client()


def saved(signed: Signed, title: str = "Ein Rundgang", wish: object = None) -> str:
    response = signed.ask("POST", "/api/tours", {"wish": wish or a_wish(), "title": title})
    assert response.status_code == 201, response.get_json()
    assert response.get_json()["version"] == 1
    key: str = response.get_json()["key"]
    return key


def test_a_saved_tour_comes_back(signed: Signed) -> None:
    key = saved(signed)
    response = signed.ask("GET", f"/api/tours/{key}/wish")
    expected = {"wish": a_wish(), "title": "Ein Rundgang", "status": "draft", "version": 1}
    expected |= {"share": None, "note": None}
    assert response.get_json() == expected
    assert response.headers["Cache-Control"] == "no-store"


def test_a_stale_version_is_told_and_changes_nothing(signed: Signed) -> None:
    key = saved(signed)
    change = {"wish": a_wish(STURM, YARD), "title": "Neu"}
    assert signed.ask("PUT", f"/api/tours/{key}", change, seen=1).get_json() == {"version": 2}
    response = signed.ask("PUT", f"/api/tours/{key}", {**change, "title": "Zu spät"}, seen=1)
    assert response.status_code == 409
    assert response.get_json()["error"].startswith("Somebody else has changed this tour")
    assert signed.ask("GET", f"/api/tours/{key}/wish").get_json()["title"] == "Neu"


@pytest.mark.parametrize("verbs", [("publish",), ("publish", "withdraw")])
def test_nobody_publishes_or_withdraws_what_he_has_not_seen(signed: Signed, verbs: tuple[str, ...]) -> None:
    """Who did so got the newest version, and with it overwrote what somebody else had saved."""
    key, version = saved(signed), 1
    for verb in verbs[:-1]:
        version = signed.ask("POST", f"/api/tours/{key}/{verb}", seen=version).get_json()["version"]
    theirs = {"wish": a_wish(STURM, YARD), "title": "Neu"}
    assert signed.ask("PUT", f"/api/tours/{key}", theirs, seen=version).status_code == 200
    address = f"/api/tours/{key}/{verbs[-1]}"
    stale = signed.ask("POST", address, seen=version)
    assert stale.status_code == 409
    assert stale.get_json()["error"].startswith("Somebody else has changed this tour")
    seen = signed.ask("POST", address, seen=version + 1)
    assert seen.get_json()["version"] == version + 2


def test_who_does_not_say_what_was_seen_changes_nothing(signed: Signed) -> None:
    key = saved(signed)
    change = {"wish": a_wish(STURM, YARD), "title": "Neu"}
    asked = [
        ("PUT", "", change),
        ("DELETE", "", None),
        ("POST", "/publish", None),
        ("POST", "/withdraw", None),
    ]
    for method, verb, given in asked:
        response = signed.ask(method, f"/api/tours/{key}{verb}", given)
        assert response.status_code == 428, (method, verb)
        assert response.get_json()["error"] == "Name in If-Match the version that you have seen."
    assert signed.ask("PUT", f"/api/tours/{key}", change, seen="x").status_code == 400
    assert signed.ask("GET", f"/api/tours/{key}/wish").get_json()["version"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"wish": a_wish()}, 400),
        ({"wish": a_wish(), "title": "T", "version": 1, "x": 1}, 400),
        ([], 400),
        ({"wish": a_wish(), "title": ""}, 422),
        ({"wish": {}, "title": "T"}, 422),
        ({"wish": a_wish(*[STURM] * 65), "title": "T"}, 413),
        ({"wish": a_wish(park="x"), "title": "T"}, 404),
    ],
)
def test_what_cannot_be_saved_is_refused_in_one_sentence(signed: Signed, body: object, status: int) -> None:
    response = signed.ask("POST", "/api/tours", body)
    assert response.status_code == status
    assert response.get_json()["error"].endswith(".")


def test_a_draft_is_staffs_alone_until_it_is_published_and_after_it_is_withdrawn(
    signed: Signed, stranger: FlaskClient
) -> None:
    key = saved(signed, "Geheim")

    def status() -> str:
        told: str = signed.ask("GET", f"/api/tours/{key}/wish").get_json()["status"]
        return told

    def is_public() -> bool:
        codes = {stranger.get(f"/tours/{key}").status_code}
        listed = "Geheim" in stranger.get("/tours").get_data(as_text=True)
        exported = any(
            key in stranger.get(f"/exports/{name}.geojson").get_data(as_text=True)
            for name in ("tours", "tour-stops", "tour-legs")
        )
        assert codes == ({200} if listed else {404} if status() == "draft" else {410})
        assert listed == exported
        return listed

    assert not is_public()
    assert signed.client.get(f"/tours/{key}").status_code == 200
    published = signed.ask("POST", f"/api/tours/{key}/publish", seen=1)
    assert published.get_json() == {"key": key, "status": "published", "version": 2}
    assert is_public()
    assert signed.ask("POST", f"/api/tours/{key}/withdraw", seen=2).get_json() == {
        "key": key,
        "status": "withdrawn",
        "version": 3,
    }
    assert not is_public()


def test_planned_times_are_nowhere_called_assumed(signed: Signed) -> None:
    """The tour's page and its papers, which all say so of the walk of 2024."""
    key = saved(signed)
    pages = {
        at: signed.client.get(f"/tours/{key}{at}?lang=en").get_data(as_text=True).replace("\r\n ", "")
        for at in ("", "/walk", "/tour.ics")
    }
    assert "times planned" in pages[""]
    for at, shown in pages.items():
        assumed = signed.client.get(f"/tours/rundgang-2024-04-24{at}?lang=en").get_data(as_text=True)
        assert "assumed" in assumed.replace("\r\n ", "").lower()
        assert "assumed" not in shown.lower(), at


def test_the_page_of_a_tour_says_when_hosts_can_receive(signed: Signed) -> None:
    hosted = a_wish(STURM, {**SCHEER, "windows": [["14:00", "15:00"]]})
    page = signed.client.get(f"/tours/{saved(signed, wish=hosted)}?lang=en").get_data(as_text=True)
    assert page.count("can receive 14:00–15:00") == 1
    assert page.index("can receive 14:00–15:00") > page.index("Bildhauerei Scheer</span>")
    assert page.count("can receive") == 1


def test_a_share_link_opens_a_draft_to_who_has_it_until_it_is_revoked(
    signed: Signed, stranger: FlaskClient
) -> None:
    key = saved(signed)
    url = signed.ask("POST", f"/api/tours/{key}/share").get_json()["url"]
    assert signed.ask("GET", f"/api/tours/{key}/wish").get_json()["share"] == url
    path = url.removeprefix("http://localhost")
    assert stranger.get(path).status_code == 200
    assert stranger.get(f"{path}/tour.gpx").status_code == 200
    assert stranger.get(path[:-1] + ("a" if path[-1] != "a" else "b")).status_code == 404
    assert signed.ask("DELETE", f"/api/tours/{key}/share").status_code == 204
    for address in (path, f"{path}/tour.gpx"):
        assert stranger.get(address).status_code == 404


def test_a_tour_is_deleted_by_staff_who_saw_its_last_version(signed: Signed, stranger: FlaskClient) -> None:
    key = saved(signed, "Weg damit")
    seen = {"If-Match": '"1"'}
    assert stranger.delete(f"/api/tours/{key}", headers=seen).status_code == 401
    untokened = signed.client.delete(f"/api/tours/{key}", headers=seen)
    assert untokened.status_code == 400

    def answer(version: int) -> int:
        return signed.ask("DELETE", f"/api/tours/{key}", seen=version).status_code

    assert answer(2) == 409
    assert "Weg damit" in signed.client.get("/tours").get_data(as_text=True)
    assert (answer(1), answer(1)) == (204, 404)
    assert "Weg damit" not in signed.client.get("/tours").get_data(as_text=True)


def test_a_copy_says_so_in_the_readers_language(signed: Signed) -> None:
    response = signed.ask("POST", "/api/tours/rundgang-2024-04-24/copy")
    assert response.status_code == 201
    copy = signed.ask("GET", f"/api/tours/{response.get_json()['key']}/wish").get_json()
    assert copy["title"] == "Copy of Rundgang beim zweiten Anliegertreffen Heinenkamp II"
    assert copy["status"] == "draft"
    places = [stop.get("company") or stop.get("facility") for stop in copy["wish"]["stops"]]
    assert places == [STURM["company"], YARD["facility"], SCHEER["company"]]


def test_changes_carry_the_name_of_who_made_them(desk: Flask, signed: Signed) -> None:
    key = saved(signed, "Wer war das")
    with desk.extensions["engine"].connect() as held:
        query = "SELECT DISTINCT actor FROM audit_entry WHERE table_name = 'tour' AND after ->> 'key' = :key"
        assert held.execute(text(query), {"key": key}).scalars().all() == [NAME]


def test_two_who_save_at_once_both_succeed_or_one_is_told(desk: Flask, signed: Signed) -> None:
    """Two versions made from one: the second one to arrive is refused, whoever it is."""
    from concurrent.futures import ThreadPoolExecutor

    key = saved(signed)
    others = [signed, signed_in(desk)]

    def change(n: int) -> int:
        body = {"wish": a_wish(group_size=n + 2), "title": f"Nr. {n}"}
        return others[n].ask("PUT", f"/api/tours/{key}", body, seen=1).status_code

    with ThreadPoolExecutor(2) as both:
        codes = sorted(both.map(change, range(2)))
    assert codes == [200, 409]


@pytest.mark.parametrize("key", ["nirgends", "%00", "x" * 300])
def test_an_unknown_tour_is_not_found(signed: Signed, key: str) -> None:
    for method, what in (("GET", "wish"), ("POST", "publish"), ("POST", "share"), ("POST", "copy")):
        assert signed.ask(method, f"/api/tours/{key}/{what}", seen=1).status_code == 404


def test_leave_of_a_tour_counts_only_when_staff_plan_it(
    signed: Signed, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who knows a draft's key, or guesses one, does not learn from a plan which gates are open to it."""
    key, named = saved(signed), []

    def noted(connection: Connection, wish: TourRequest, tour: str | None) -> PlanningTask:
        named.append(tour)
        return make_task(connection, wish, tour)

    monkeypatch.setattr(planning, "make_task", noted)
    for client in (stranger, signed.client):
        assert client.post(f"/api/tours/plan?tour={key}", json=a_wish()).status_code == 200
    assert named == [None, key]


def test_who_waits_too_long_for_somebody_elses_change_is_told_so(desk: Flask, signed: Signed) -> None:
    key = saved(signed)
    with desk.extensions["engine"].begin() as busy:
        lock_tours(busy)
        response = signed.ask("POST", f"/api/tours/{key}/publish", seen=1)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "15"
    assert "nothing was done" in response.get_json()["error"]
    assert signed.ask("GET", f"/api/tours/{key}/wish").get_json()["status"] == "draft"


def test_the_phone_does_not_call_waiting_a_stay(signed: Signed) -> None:
    """A firm that receives from 15:00 on, reached before: who waits there knows it from the list of stops."""
    wish = a_wish({**STURM, "windows": [["13:00", "13:30"]]}, {**SCHEER, "windows": [["15:00", "16:00"]]})
    key = saved(signed, "Mit Wartezeit", wish)
    waits = [stop["wait_min"] for stop in signed.ask("POST", "/api/tours/plan", wish).get_json()["visits"]]
    (wait_min,) = [wait for wait in waits if wait >= 1]
    shown = words_of(signed.ask("GET", f"/tours/{key}/walk").get_data(as_text=True))
    assert f" · {wait_min:.0f} min of waiting · {SCHEER['dwell_min']} min here" in shown
