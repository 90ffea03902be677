"""What has changed between two days, against states that are compared day by day."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import pytest
from shapely import box

from app.analysis.park_changes import History, park_changes
from app.domain.kinds import LineageKind
from app.domain.lifetimes import Descent

START, N_DAYS = date(2020, 1, 1), 60
FIRMS, PLOTS = ("alpha", "beta", "gamma"), ("p1", "p2", "p3", "p4")
# firm -> its name and its places with their plots
State = dict[str, tuple[str, dict[str, str]]]


def day(n: int) -> date:
    return START + timedelta(days=n)


def random_states(chance: random.Random) -> list[State]:
    """Return the state of each day; on most days nothing happens."""
    states: list[State] = [{firm: (firm, {f"{firm}-1": chance.choice(PLOTS)}) for firm in FIRMS[:2]}]
    for n in range(1, N_DAYS):
        state = {firm: (name, dict(places)) for firm, (name, places) in states[-1].items()}
        for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
            _happen(state, chance, n)
        states.append(state)
    return states


def _happen(state: State, chance: random.Random, n: int) -> None:
    firm = chance.choice(FIRMS)
    name, places = state.get(firm, (firm, {}))
    match chance.choice(("come", "go", "leave", "rename", "elsewhere")):
        case "come":
            places[f"{firm}-{n}"] = chance.choice(PLOTS)
        case "go" if places:
            del places[chance.choice(sorted(places))]
        case "leave":
            places.clear()
        case "rename":
            name = f"{firm} {n}"
        case "elsewhere" if places:
            places[chance.choice(sorted(places))] = chance.choice(PLOTS)
    state[firm] = (name, places)
    if not places:
        del state[firm]


def rows_of(states: list[State]) -> list[dict[str, Any]]:
    """Return the states as rows with periods, what holds on the first and the last day being open."""
    found = []
    keys = sorted(
        {(firm, place) for state in states for firm, (_, places) in state.items() for place in places}
    )
    for firm, place in keys:
        daily = [
            (state[firm][0], state[firm][1][place]) if firm in state and place in state[firm][1] else None
            for state in states
        ]
        n = 0
        for held, some in groupby(daily):
            length = len(list(some))
            if held is not None:
                starts, ends = None if n == 0 else day(n), None if n + length == N_DAYS else day(n + length)
                found.append(company_row(firm, place, held[1], starts, ends, name=held[0]))
            n += length
    return found


def company_row(
    firm: str, place: str, plot: str | None, starts: date | None, ends: date | None, **more: Any
) -> dict[str, Any]:
    known = {"name": firm, "park": "p", "geometry": box(0, 0, 1, 1).centroid, "starts_precision": "day"}
    return {
        "company": firm,
        "key": place,
        "plot": plot,
        "valid_from": starts,
        "valid_to": ends,
        **known,
        **more,
    }


def expected(states: list[State], first: int, last: int) -> set[tuple[str, date, str]]:
    """Return what has happened by comparing each day with the one before."""
    found = set()
    for n in range(first + 1, last + 1):
        for firm in FIRMS:
            old, new = states[n - 1].get(firm), states[n].get(firm)
            if old is None and new is None:
                continue
            if old is None:
                found.add(("arrival", day(n), firm))
            elif new is None:
                found.add(("departure", day(n), firm))
            else:
                if old[0] != new[0]:
                    found.add(("renaming", day(n), firm))
                come, gone = (
                    set(new[1].items()) - set(old[1].items()),
                    set(old[1].items()) - set(new[1].items()),
                )
                case = {(True, True): "move", (True, False): "expansion", (False, True): "departure"}
                if come or gone:
                    found.add((case[bool(come), bool(gone)], day(n), firm))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_changes_of_companies_are_those_of_their_daily_states(seed: int) -> None:
    chance = random.Random(seed)
    states = random_states(chance)
    history = History(rows_of(states), [], [], [], [])
    first, last = sorted(chance.sample(range(N_DAYS), 2))
    found = park_changes(history, day(first), day(last))
    assert {(str(one.case), one.day, one.key) for one in found} == expected(states, first, last)
    assert len(found) == len(expected(states, first, last))


def plot_row(key: str, starts: int | None, ends: int | None, **more: Any) -> dict[str, Any]:
    known = {"park": "p", "label": None, "use_status": "vacant", "geometry": box(0, 0, 10, 10)}
    days = {"valid_from": starts and day(starts), "valid_to": ends and day(ends)}
    return {"key": key, **known, **days, **more}


def told(history: History, first: int = 0, last: int = N_DAYS) -> list[tuple[str, date, str]]:
    return [(str(one.case), one.day, one.key) for one in park_changes(history, day(first), day(last))]


def test_a_divided_plot_is_one_change_and_nobody_has_moved() -> None:
    plots = [plot_row("a", None, 10), plot_row("b", 10, None), plot_row("c", 10, None)]
    firms = [company_row("alpha", "x", "a", None, day(10)), company_row("alpha", "x", "b", day(10), None)]
    descents = [Descent(day(10), LineageKind.SPLIT, "a", child) for child in ("b", "c")]
    assert told(History(firms, plots, [], [], descents)) == [("split", day(10), "a")]
    [change] = park_changes(History(firms, plots, [], [], descents), day(9), day(10))
    assert [row["key"] for row in change.before] == ["a"]
    assert [row["key"] for row in change.after] == ["b", "c"]
    # Without what came from what, these are other plots, and somebody has moved.
    assert told(History(firms, plots, [], [], [])) == [
        ("move", day(10), "alpha"),
        ("new_plot", day(10), "b"),
        ("new_plot", day(10), "c"),
        ("gone_plot", day(10), "a"),
    ]


def test_merged_plots_are_one_change() -> None:
    plots = [plot_row("a", None, 10), plot_row("b", None, 10), plot_row("c", 10, None)]
    descents = [Descent(day(10), LineageKind.MERGE, parent, "c") for parent in ("a", "b")]
    assert told(History([], plots, [], [], descents)) == [("merge", day(10), "c")]


def test_use_and_boundary_of_a_plot() -> None:
    plots = [
        plot_row("a", None, 10),
        plot_row("a", 10, 20, use_status="occupied"),
        plot_row("a", 20, None, use_status="occupied", geometry=box(0, 0, 10, 9)),
    ]
    assert told(History([], plots, [], [], [])) == [("use_change", day(10), "a"), ("redraw", day(20), "a")]


def succession(on: int, plot: str | None) -> dict[str, Any]:
    known = {"predecessor": "alpha", "successor": "beta", "kind": "takeover", "precision": "day"}
    return {**known, "plot": plot, "happened_on": day(on)}


@pytest.mark.parametrize("plot", [None, "p1"])
def test_a_succession_is_neither_arrival_nor_departure(plot: str | None) -> None:
    firms = [company_row("alpha", "x", "p1", None, day(10)), company_row("beta", "y", "p1", day(10), None)]
    history = History(firms, [], [], [succession(10, plot)], [])
    assert told(history) == [("succession", day(10), "beta")]
    [change] = park_changes(history, day(0), day(N_DAYS - 1))
    assert [row["company"] for row in change.before] == ["alpha"]
    assert [row["company"] for row in change.after] == ["beta"]


def test_who_left_before_the_successor_came_has_left() -> None:
    firms = [company_row("alpha", "x", "p1", None, day(5)), company_row("beta", "y", "p1", day(10), None)]
    history = History(firms, [], [], [succession(10, "p1")], [])
    assert told(history) == [("succession", day(10), "beta"), ("departure", day(5), "alpha")]


def facility(starts: int | None, ends: int | None, capacity: int) -> dict[str, Any]:
    days = {"valid_from": starts and day(starts), "valid_to": ends and day(ends)}
    known = {"key": "f", "name": "Autohof", "kind": "truck_parking", "capacity_reserve": None, "park": "p"}
    return {**known, **days, "capacity": capacity, "geometry": box(0, 0, 1, 1)}


def test_facilities() -> None:
    rows = [facility(5, 10, 40), facility(10, 20, 50), facility(20, 30, 50)]
    assert told(History([], [], rows, [], [])) == [
        ("new_facility", day(5), "f"),
        ("changed_facility", day(10), "f"),
        ("gone_facility", day(30), "f"),
    ]


@pytest.mark.parametrize(("first", "last", "n"), [(9, 10, 1), (10, 11, 0), (8, 9, 0), (0, 59, 1)])
def test_the_first_day_is_the_state_before_and_the_last_day_counts(first: int, last: int, n: int) -> None:
    history = History([company_row("alpha", "x", "p1", day(10), None)], [], [], [], [])
    assert len(told(history, first, last)) == n


def test_what_has_no_known_beginning_is_not_told() -> None:
    assert told(History([company_row("alpha", "x", "p1", None, None)], [], [], [], [])) == []
