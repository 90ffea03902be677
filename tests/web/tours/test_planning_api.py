"""The planner as JSON: a plan that is what it says, reasons that hold, suggestions of who is new."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from shapely.geometry import shape

from app.domain.crs import to_storage
from tests.web.tours.tour_requests import SCHEER, STURM, YARD, Wish, a_wish, asked, minutes, planned

if TYPE_CHECKING:
    from flask.testing import FlaskClient

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
    assert [visit["position"] for visit in plan["visits"]] == [0, 1, 2]
    assert [(leg["from"], leg["to"]) for leg in plan["legs"]] == [(0, 1), (1, 2)]
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


@pytest.mark.parametrize("objective", ["walking", "duration", "value"])
def test_what_may_be_left_out_is_visited_where_the_time_allows(client: FlaskClient, objective: str) -> None:
    optional = [STURM, *({**stop, "is_optional": True} for stop in (YARD, SCHEER))]
    plan = planned(client, *optional, objective=objective)
    assert (plan["left_out"], plan["value"], plan["value_gap"], plan["gap"]) == ([], 2, 0, 0)
    required = planned(
        client, STURM, YARD, SCHEER, objective="walking" if objective == "walking" else "duration"
    )
    assert (plan["visits"], plan["is_proved"]) == (required["visits"], True)
    short = planned(client, *optional, objective=objective, latest="13:20")
    assert [visit["stop"] for visit in short["visits"]] == [0]
    assert (short["is_proved"], short["value_gap"], len(short["left_out"])) == (True, 0, 2)


def test_ends_round_trips_orders_and_pauses_are_met(client: FlaskClient) -> None:
    pause = {"minutes": 10, "earliest": "14:00", "latest": "14:30"}
    plan = planned(client, first=2, is_round=True, orders=[[1, 0]], pause=pause, earliest="13:30")
    assert [visit["stop"] for visit in plan["visits"]] == [2, 1, 0]
    assert plan["legs"][-1]["to"] == 0
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
