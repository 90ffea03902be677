"""The planner as JSON: a plan that is what it says, refusals in one sentence, work that ends in time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from shapely.geometry import shape

from app.domain.crs import to_storage

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

Wish = dict[str, Any]

STURM = {"company": "sturm-isotech-heinenkamp-2", "dwell_min": 20}
YARD = {"facility": "truck-parking", "dwell_min": 15}
SCHEER = {"company": "bildhauerei-scheer-heinenkamp-2", "dwell_min": 20}


def a_wish(*stops: Wish, **changed: object) -> Wish:
    given = {"park": "heinenkamp-2", "on": "2024-04-24", "earliest": "13:00", "latest": "16:00"}
    return {**given, "stops": list(stops) or [STURM, YARD, SCHEER], **changed}


def asked(client: FlaskClient, wish: object, what: str = "plan", lang: str = "en") -> TestResponse:
    return client.post(f"/api/tours/{what}?lang={lang}", json=wish)


def planned(client: FlaskClient, *stops: Wish, **changed: object) -> dict[str, Any]:
    response = asked(client, a_wish(*stops, **changed))
    assert response.status_code == 200, response.get_json()
    plan: dict[str, Any] = response.get_json()
    return plan


def minutes(clock: str) -> int:
    return 60 * int(clock[:2]) + int(clock[3:])


# --- plans


def test_a_plan_adds_up(client: FlaskClient) -> None:
    """Sums, clock times, legs and lines agree with each other."""
    plan = planned(client)
    assert (plan["status"], plan["is_proved"], plan["gap"], plan["objective"]) == (
        "planned",
        True,
        0,
        "walking",
    )
    assert sorted(visit["stop"] for visit in plan["visits"]) == [0, 1, 2]
    assert [visit["position"] for visit in plan["visits"]] == [1, 2, 3]
    assert [(leg["from"], leg["to"]) for leg in plan["legs"]] == [(1, 2), (2, 3)]
    assert plan["length_m"] == pytest.approx(sum(leg["length_m"] for leg in plan["legs"]), abs=0.2)
    assert plan["bound"] == pytest.approx(plan["length_m"], abs=0.1)
    assert plan["dwell_min"] == 55
    in_all = plan["walk_min"] + plan["dwell_min"] + plan["wait_min"]
    assert minutes(plan["ends_at"]) - minutes(plan["starts_at"]) == pytest.approx(in_all, abs=1)
    for leg, visit, following in zip(plan["legs"], plan["visits"], plan["visits"][1:], strict=False):
        assert (leg["departs_at"], leg["arrives_at"]) == (visit["departs_at"], following["arrives_at"])
        line = to_storage(shape(leg["geometry"]))
        assert line.length == pytest.approx(leg["length_m"], abs=0.1)
        straight_m = sum(to_storage(shape(part)).length for part in leg["off_network"])
        assert straight_m == pytest.approx(leg["off_network_m"], abs=0.1)
        for end, place in ((0, visit), (-1, following)):
            assert leg["geometry"]["coordinates"][end] == pytest.approx(
                [place["lon"], place["lat"]], abs=1e-6
            )


def test_a_plan_found_at_once_keeps_the_wish_and_is_proved_where_the_time_does(client: FlaskClient) -> None:
    quick = client.post("/api/tours/plan?quick=1", json=a_wish()).get_json()
    assert (quick["status"], quick["is_proved"]) == ("planned", True)
    assert [visit["stop"] for visit in quick["visits"]] == [v["stop"] for v in planned(client)["visits"]]
    assert quick["length_m"] == planned(client)["length_m"]


def test_windows_are_kept_and_waiting_is_told(client: FlaskClient) -> None:
    early = {**STURM, "windows": [["13:10", "13:40"]]}
    late = {**SCHEER, "windows": [["14:30", "15:00"], ["15:30", "16:00"]]}
    plan = planned(client, early, late)
    first, second = plan["visits"]
    assert [visit["stop"] for visit in plan["visits"]] == [0, 1]
    assert "13:10" <= first["begins_at"] < first["ends_at"] <= "13:40"
    assert "14:30" <= second["begins_at"] < second["ends_at"] <= "16:00"
    assert plan["wait_min"] == pytest.approx(first["wait_min"] + second["wait_min"])
    assert plan["wait_min"] > 0


def test_two_windows_that_contradict_each_other_are_infeasible(client: FlaskClient) -> None:
    stops = ({**STURM, "windows": [["14:00", "14:20"]]}, {**SCHEER, "windows": [["14:00", "14:20"]]})
    plan = planned(client, *stops)
    assert (plan["status"], plan["is_proved"], plan["visits"], plan["starts_at"]) == (
        "infeasible",
        True,
        [],
        None,
    )


def test_what_is_worth_most_is_visited_in_the_time(client: FlaskClient) -> None:
    optional = [{**stop, "is_optional": True, "value": n} for n, stop in enumerate((STURM, YARD, SCHEER), 1)]
    plan = planned(client, *optional, objective="value", latest="13:35")
    assert [visit["stop"] for visit in plan["visits"]] == [2]
    assert plan["value"] == 3
    assert [each["stop"] for each in plan["left_out"]] == [0, 1]


def test_ends_round_trips_orders_and_pauses_are_met(client: FlaskClient) -> None:
    pause = {"minutes": 10, "earliest": "14:00", "latest": "14:30"}
    plan = planned(client, first=2, is_round=True, orders=[[1, 0]], pause=pause, earliest="13:30")
    assert [visit["stop"] for visit in plan["visits"]] == [2, 1, 0]
    assert plan["legs"][-1]["to"] == 1
    (paused,) = (visit["pause_at"] for visit in plan["visits"] if visit["pause_at"])
    assert "14:00" <= paused <= "14:30"


def test_a_firm_with_one_place_may_be_named_by_its_own_key(client: FlaskClient) -> None:
    by_firm = planned(client, {**STURM, "company": "sturm-isotech"}, SCHEER)
    assert by_firm["visits"] == planned(client, STURM, SCHEER)["visits"]


def test_the_same_wish_gives_the_same_plan(client: FlaskClient) -> None:
    one, other = ({**planned(client), "seconds": 0} for _ in range(2))
    assert one == other


# --- reasons


def explained(client: FlaskClient, *stops: Wish, lang: str = "en", **changed: object) -> dict[str, Any]:
    response = asked(client, a_wish(*stops, **changed), "explain", lang)
    assert response.status_code == 200, response.get_json()
    told: dict[str, Any] = response.get_json()
    return told


def test_what_the_reason_asks_for_lets_the_stop_in(client: FlaskClient) -> None:
    """The end it names does, and a minute less does not."""
    optional = [{**stop, "is_optional": True} for stop in (STURM, YARD, SCHEER)]
    told = explained(client, *optional, objective="value", latest="13:45")
    by_end = {}
    for each in told["left_out"]:
        assert each["reasons"]
        for reason in each["reasons"]:
            if found := re.search(r"may end (\d+) minutes? later, at (\d\d:\d\d)", reason):
                by_end[each["stop"]] = (int(found[1]), found[2])
    assert by_end
    for stop, (later_min, latest) in by_end.items():
        assert minutes(latest) == minutes("13:45") + later_min
        before = f"{(minutes(latest) - 1) // 60}:{(minutes(latest) - 1) % 60:02d}"
        for end, is_in in ((latest, True), (before, False)):
            plan = planned(client, *optional, objective="value", latest=end)
            assert (stop in {visit["stop"] for visit in plan["visits"]}) == is_in


def test_a_contradiction_is_told_in_one_sentence_with_both_names(client: FlaskClient) -> None:
    stops = ({**STURM, "windows": [["14:00", "14:20"]]}, {**SCHEER, "windows": [["14:00", "14:20"]]})
    (told,) = explained(client, *stops)["conflict"]
    assert "STURM Isotech" in told
    assert "Bildhauerei Scheer" in told
    assert "14:00–14:20" in told


def test_alternatives_are_other_tours(client: FlaskClient) -> None:
    plan, told = planned(client), explained(client)
    assert told["conflict"] == []
    for other in told["alternatives"]:
        assert other["order"] != [visit["stop"] for visit in plan["visits"]]
        assert other["length_m"] >= plan["length_m"] - 0.2
        assert other["title"].endswith(".")


# --- refusals

BAD: dict[str, tuple[Callable[[], object], int, str]] = {
    "no wish": (lambda: [1], 422, "The wish, –: expected an object with the fields of a wish, not “[1]”."),
    "a word too many": (lambda: a_wish(speed=3), 422, "The wish, speed: expected park, on, "),
    "no stops": (lambda: a_wish(stops=[]), 422, "The wish, stops: expected a list of stops, not “[]”."),
    "500 stops": (lambda: a_wish(*[STURM] * 500), 413, "A tour has up to 50 stops; here are 500."),
    "no park": (lambda: a_wish(park="nowhere"), 404, "There is no park “nowhere”; there are: "),
    "no such firm": (
        lambda: a_wish(YARD, {"company": "x"}),
        404,
        "Stop 2: there is no place “x” in the parks on 24\N{NO-BREAK SPACE}Apr\N{NO-BREAK SPACE}2024.",
    ),
    "a yard before its time": (
        lambda: a_wish(YARD, on="2010-01-01"),
        404,
        "Stop 1: there is no place “truck-parking”",
    ),
    "far away": (
        lambda: a_wish({"name": "Berlin", "lon": 13.4, "lat": 52.5}),
        422,
        "Stop 1: “Berlin” lies 1",
    ),
    "off the globe": (
        lambda: a_wish({"name": "X", "lon": 10, "lat": 95}),
        422,
        "The wish, stops[1].lat: expected a latitude in degrees, not “95”.",
    ),
    "two places at once": (
        lambda: a_wish({**STURM, **YARD}),
        422,
        "The wish, stops[1]: expected a company, a facility,",
    ),
    "a backward window": (
        lambda: a_wish({**STURM, "windows": [["14:30", "14:00"]]}),
        422,
        "Stop 1: the window from 14:30 to 14:00 ends before it begins.",
    ),
    "a short window": (
        lambda: a_wish({**STURM, "windows": [["14:00", "14:10"]]}),
        400,
        "A window of “STURM Isotech” is shorter than the visit.",
    ),
    "no clock": (
        lambda: a_wish(earliest="25:00"),
        422,
        "The wish, earliest: expected a time such as 14:00, not “25:00”.",
    ),
    "a backward day": (
        lambda: a_wish(latest="12:00"),
        422,
        "The latest end of the tour is before its earliest start.",
    ),
    "no day": (
        lambda: a_wish(on="2024-02-30"),
        422,
        "The wish, on: expected a day such as 2024-04-24, not “2024-02-30”.",
    ),
    "a long visit": (
        lambda: a_wish({**STURM, "dwell_min": 1441}),
        422,
        "The wish, stops[1].dwell_min: expected minutes from 0 to 1440, not “1441”.",
    ),
    "a true number": (
        lambda: a_wish({**STURM, "dwell_min": True}),
        422,
        "The wish, stops[1].dwell_min: expected minutes from 0 to 1440, not “True”.",
    ),
    "a stop that is none": (
        lambda: a_wish(first=3),
        422,
        "The wish, first: expected the number of a stop, counted from 0, not “3”.",
    ),
    "an order of one": (lambda: a_wish(orders=[[1]]), 422, "The wish, orders: expected pairs of stops"),
    "a circle": (lambda: a_wish(orders=[[0, 1], [1, 0]]), 400, ""),
    "a crowd": (
        lambda: a_wish(group_size=501),
        422,
        "The wish, group_size: expected a number of persons from 1 to 500, not “501”.",
    ),
    "a backward pause": (
        lambda: a_wish(pause={"minutes": 5, "earliest": "14:00", "latest": "13:00"}),
        422,
        "The pause must begin before it may.",
    ),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("what", ["plan", "explain"])
def test_bad_wishes_are_refused_in_one_sentence(client: FlaskClient, case: str, what: str) -> None:
    wish, status, sentence = BAD[case]
    response = asked(client, wish(), what)
    told = response.get_json()["error"]
    assert (response.status_code, told.startswith(sentence)) == (status, True), told
    assert told.endswith(".")
    assert "\n" not in told


@pytest.mark.parametrize(
    "body", ['{"a": NaN}', "{", "[" * 100_000, '"\ud800"', '{"on": 1e999, "stops": -Infinity}']
)
def test_what_is_no_json_is_refused(client: FlaskClient, body: str) -> None:
    content = body.encode("utf-8", "surrogatepass")
    response = client.post("/api/tours/plan?lang=en", data=content, content_type="application/json")
    assert (response.status_code, response.get_json()["error"]) == (400, "The request is not JSON.")


def test_a_wish_from_a_form_of_another_site_is_not_read(client: FlaskClient) -> None:
    response = client.post("/api/tours/plan", data=json.dumps(a_wish()), content_type="text/plain")
    assert response.status_code == 415


def test_refusals_speak_german(client: FlaskClient) -> None:
    english, german = (
        asked(client, a_wish(park="x"), lang=lang).get_json()["error"] for lang in ("en", "de")
    )
    assert english != german


def test_refusals_write_numbers_and_days_as_their_language_does(client: FlaskClient) -> None:
    """A comma and 24.04.2024 in German, a point and 24 Apr 2024 in English; the same distance."""
    beside = {"name": "Feld", "lon": 10.78, "lat": 52.36}
    told = {lang: asked(client, a_wish(beside), lang=lang).get_json()["error"] for lang in ("de", "en")}
    away = {lang: re.search(r" ([\d.,]+)\sk?m outside| ([\d.,]+)\skm außerhalb", told[lang]) for lang in told}
    german, english = ("".join(found.groups("")) if (found := away[lang]) else "" for lang in ("de", "en"))
    assert float(german.replace(".", "").replace(",", ".")) == float(english.replace(",", ""))
    assert "," in german
    gone = asked(client, a_wish({"company": "x"}), lang="de").get_json()["error"]
    assert "24.04.2024" in gone
    assert "2024-04-24" not in gone


# --- suggestions


def test_who_was_visited_is_not_suggested(client: FlaskClient) -> None:
    before, after = (
        set(client.get(f"/api/tours/suggestions?park=heinenkamp-2&on={on}").get_json()["never_visited"])
        for on in ("2024-04-24", "2024-04-25")
    )
    assert {STURM["company"], SCHEER["company"]} <= before
    assert not {STURM["company"], SCHEER["company"]} & after
    assert after <= before
    assert client.get("/api/tours/suggestions").status_code == 400
    assert client.get("/api/tours/suggestions?park=nowhere").status_code == 404
