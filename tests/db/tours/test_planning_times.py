"""The times of a saved tour: stored as they were planned, and planned anew in the order they had."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text, update

from app.db.models import Occupancy, Tour, Walkway
from app.db.tours.frames import tour_stops_on, tours_on
from app.db.tours.saved import saved_row
from app.domain.localizer import localizer_for
from app.domain.tour_requests import parse_request
from app.services.tours.planning.plan_json import plan_answer
from app.services.tours.planning.plans import make_task, solve_task
from app.services.tours.planning.problem_solving import plan_measures
from app.services.tours.saving import publish_tour, save_tour
from app.services.tours.storing import plan_legs
from app.services.tours.timetables import tour_plan
from tests.db.tours.saved_walks import FIRM, WAITING, Wish, a_wish, spot, store_world, stored_plan
from tests.stored import days


@pytest.fixture
def world(connection: Connection) -> Connection:
    return store_world(connection)


def expected(connection: Connection, wish: Wish) -> dict[str, Any]:
    """Return what `stored_plan` must return, from the plan itself."""
    parsed = parse_request(wish)
    task = make_task(connection, parsed)
    plan = solve_task(task)
    answer = plan_answer(task, plan, localizer_for("en"))

    def at(seconds: int | None) -> datetime | None:
        return None if seconds is None else parsed.clock.instant(seconds)

    return {
        "visits": [
            {
                "name": task.places[visit.stop].name,
                **{
                    name: at(getattr(visit, f"{name[:-3]}_s"))
                    for name in ("arrives_at", "begins_at", "ends_at")
                },
                "departs_at": at(visit.departs_s),
                "pause_at": at(visit.pauses_s),
                "wait_min": round(shown["wait_min"], 2),
            }
            for visit, shown in zip(plan.visits, answer["visits"], strict=True)
        ],
        "legs": [
            (leg["from"] + 1, leg["to"] + 1, round(leg["length_m"], 1), round(leg["walk_min"], 2))
            for leg in answer["legs"]
        ],
        "ends": (at(plan.starts_s), at(plan.ends_s)),
    }


# --- the same gap


@pytest.mark.parametrize(("value", "bound", "gap"), [(2.0, 3.0, 0.5), (0.0, 3.0, None), (2.0, 2.0, 0.0)])
def test_page_and_prompt_tell_the_same_gap(
    world: Connection, value: float, bound: float, gap: float | None
) -> None:
    task = make_task(world, parse_request(a_wish(objective="value")))
    plan = replace(solve_task(task), is_proved=False, value=value, bound=bound)
    answers = (plan_answer(task, plan, localizer_for("en")), plan_measures(task.problem, plan, 1))
    assert [answer["gap"] for answer in answers] == [gap, gap]


@pytest.mark.parametrize(
    ("value", "most_value", "gap"),
    [(2.0, 3.0, 0.5), (4.0, 5.0, 0.25), (3.0, 3.0, 0.0), (0.0, 3.0, None), (0.0, 0.0, 0.0)],
)
def test_the_page_tells_how_much_more_could_be_visited(
    world: Connection, value: float, most_value: float, gap: float | None
) -> None:
    task = make_task(world, parse_request(a_wish()))
    plan = replace(solve_task(task), is_proved=False, value=value, most_value=most_value)
    assert plan_answer(task, plan, localizer_for("en"))["value_gap"] == gap
    assert plan_answer(task, replace(plan, visits=()), localizer_for("en"))["value_gap"] is None


# --- the same times


@pytest.mark.parametrize("wish", [a_wish(), WAITING], ids=["plain", "waiting"])
def test_a_stored_plan_tells_the_times_it_was_planned_with(world: Connection, wish: Wish) -> None:
    saved = save_tour(world, wish, "A walk")
    assert stored_plan(world, saved.key) == expected(world, wish)
    assert tour_plan(world, saved.key).time_basis == "planned"


def test_waits_and_pauses_are_in_the_frames(world: Connection) -> None:
    saved = save_tour(world, WAITING, "A walk")
    plan = tour_plan(world, saved.key)
    assert plan.pause_min == 12
    assert plan.wait_min > 10
    stops = tour_stops_on(world, tour=saved.key)
    minutes = [(stop.arrives_at - plan.starts_at).total_seconds() / 60 for stop in plan.stops]
    assert stops["arrives_min"].tolist() == pytest.approx(minutes)
    assert stops["departs_min"].tolist() == pytest.approx(
        [(stop.departs_at - plan.starts_at).total_seconds() / 60 for stop in plan.stops]
    )
    publish_tour(world, saved.key)
    (row,) = tours_on(world).itertuples()
    assert row.total_min == pytest.approx((plan.ends_at - plan.starts_at).total_seconds() / 60)
    assert (row.wait_min, row.pause_min) == (pytest.approx(plan.wait_min), 12)


def test_turns_are_stored_and_said_in_both_languages(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    task = make_task(world, parse_request(a_wish()))
    answer = plan_answer(task, solve_task(task), localizer_for("en"))
    stored = [[turn.text for turn in leg.turns] for leg in tour_plan(world, key, "en").legs]
    # The arrival is the next stop's to tell.
    assert stored == [[direction["text"] for direction in leg["directions"][:-1]] for leg in answer["legs"]]
    assert all(stored)


# --- planned anew


def test_planning_anew_keeps_the_order_and_follows_the_network(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    names = [stop.name for stop in tour_plan(world, key).stops]
    before = tour_plan(world, key).length_m
    sequence = saved_row(world, key)["sequence"]
    assert plan_legs(world, key) == 2
    assert saved_row(world, key)["sequence"] == sequence
    world.execute(delete(Walkway).where(Walkway.key == "south"))
    assert plan_legs(world, key) == 2
    assert [stop.name for stop in tour_plan(world, key).stops] == names
    assert tour_plan(world, key).length_m != pytest.approx(before, abs=1)
    assert saved_row(world, key)["sequence"] == sequence + 1


@pytest.mark.parametrize("objective", ["value", "walking", "duration"])
def test_planning_anew_visits_all_that_are_visited(world: Connection, objective: str) -> None:
    choice = [spot(0, 330, "North", is_optional=True, value=3), spot(390, 0, "East", is_optional=True)]
    wish = a_wish({**FIRM, "position": 0}, *choice, objective="value", latest="13:41")
    key = publish_tour(world, save_tour(world, wish, "A walk").key).key
    world.execute(
        text("UPDATE tour SET wish = wish || jsonb_build_object('objective', cast(:to AS text))"),
        {"to": objective},
    )
    before, version = stored_plan(world, key), saved_row(world, key)["version"]
    plan_legs(world)
    assert (stored_plan(world, key), saved_row(world, key)["version"]) == (before, version)
    world.execute(delete(Walkway).where(Walkway.key == "west"))
    plan_legs(world)
    assert [stop.name for stop in tour_plan(world, key).stops] == ["firm", "North"]


@pytest.mark.parametrize("trouble", ["no longer possible", "gone"])
def test_a_tour_that_is_no_longer_possible_keeps_its_plan(world: Connection, trouble: str) -> None:
    wish = a_wish(FIRM, spot(390, 0, "East"), latest="13:36")
    key = save_tour(world, wish, "A walk").key
    before = stored_plan(world, key)
    if trouble == "gone":
        world.execute(
            update(Occupancy).values(valid=days("2020-01-01", "2021-01-01"), starts_precision="day")
        )
    else:
        world.execute(delete(Walkway).where(Walkway.key == "south"))
        world.execute(update(Tour).values(wish={**wish, "latest": "13:20"}))
    assert plan_legs(world, key) == 1
    assert stored_plan(world, key)["visits"] == before["visits"]
