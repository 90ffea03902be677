"""The shortest order of stops against all permutations, and tours as files tell them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.tours import MAX_STOPS, order_cost, shortest_order
from app.domain.checked import FieldError
from app.errors import InputError
from app.exchange.tours import parse_record


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, dict]:
    """Return an asymmetric matrix of up to seven stops, often with ties, and what is fixed."""
    n = draw(st.integers(1, 7))
    costs = draw(st.sampled_from([st.integers(0, 3), st.floats(0, 1000)]))
    cost = np.array(draw(st.lists(costs, min_size=n * n, max_size=n * n)), dtype=float).reshape(n, n)
    stop = st.integers(0, n - 1)
    fixed = draw(
        st.sampled_from([(None, None, False), (True, None, False), (None, True, False), (True, True, False)])
        | st.sampled_from([(None, None, True), (True, None, True)])
    )
    start = draw(stop) if fixed[0] else None
    end = draw(stop.filter(lambda e: e != start or n == 1)) if fixed[1] else None
    return cost, {"start": start, "end": end, "is_round": fixed[2]}


def all_orders(n: int, start: int | None, end: int | None, is_round: bool) -> list[tuple[int, ...]]:
    first = 0 if is_round and start is None else start
    return [
        order for order in permutations(range(n)) if first in (None, order[0]) and end in (None, order[-1])
    ]


@given(problems())
@settings(max_examples=120, deadline=None)
def test_no_permutation_is_shorter(problem: tuple[np.ndarray, dict]) -> None:
    cost, fixed = problem
    orders = all_orders(len(cost), **fixed)
    sums = {
        order: sum(cost[i, j] for i, j in pairwise([*order, *(order[:1] if fixed["is_round"] else ())]))
        for order in orders
    }
    if len(cost) == 1:
        sums = {(0,): 0.0}
    order, total = shortest_order(cost, **fixed)
    assert total == pytest.approx(min(sums.values()), abs=1e-4)
    assert total == pytest.approx(sums[tuple(order)])


@given(problems())
@settings(max_examples=60, deadline=None)
def test_of_equal_orders_the_first_is_taken(problem: tuple[np.ndarray, dict]) -> None:
    cost, fixed = np.round(problem[0]), problem[1]
    orders = all_orders(len(cost), **fixed)
    totals = [order_cost(cost, order, is_round=fixed["is_round"]) for order in orders]
    first = min(order for order, total in zip(orders, totals, strict=True) if total == min(totals))
    assert shortest_order(cost, **fixed)[0] == list(first)


def test_sixteen_stops_on_a_circle_are_walked_around_it() -> None:
    angle = 2 * np.pi * np.arange(MAX_STOPS) / MAX_STOPS
    mixed = np.random.default_rng(5).permutation(MAX_STOPS)
    spots = 100 * np.column_stack([np.cos(angle), np.sin(angle)])[mixed]
    cost = np.hypot(*(spots[:, None] - spots[None, :]).transpose(2, 0, 1))
    order, total = shortest_order(cost, is_round=True)
    steps = np.diff(mixed[[*order, order[0]]]) % MAX_STOPS
    assert set(steps.tolist()) in ({1}, {MAX_STOPS - 1})
    assert total == pytest.approx(MAX_STOPS * 200 * np.sin(np.pi / MAX_STOPS))


def test_no_stops_and_one_stop_need_no_walk() -> None:
    assert shortest_order(np.empty((0, 0)), is_round=True) == ([], 0)
    assert shortest_order(np.array([[7.0]]), is_round=True) == ([0], 0)
    assert shortest_order(np.array([[7.0]]), start=0, end=0) == ([0], 0)


def test_more_stops_than_can_be_proved_are_refused() -> None:
    with pytest.raises(InputError, match="up to 16 stops; this tour has 17"):
        shortest_order(np.zeros((17, 17)))


@pytest.mark.parametrize("fixed", [{"is_round": True, "end": 1}, {"start": 1, "end": 1}])
def test_ends_that_contradict_each_other_are_refused(fixed: dict) -> None:
    with pytest.raises(InputError):
        shortest_order(np.zeros((3, 3)), **fixed)


# --- tours as files tell them -----------------------------------------------------------------

TOUR = {
    "key": "walk-1",
    "park": "park",
    "title": "A walk",
    "starts_at": "2024-04-24T14:00+02:00",
    "time_basis": "assumed",
    "pace_m_s": 1,
    "is_round": False,
    "stops": [
        {"company": "firm-place", "dwell_min": 20},
        {"name": "Well", "lon": 10.75, "lat": 52.37, "dwell_min": 0, "note": None},
    ],
}


def test_a_tour_is_read_as_written() -> None:
    draft = parse_record(TOUR)
    assert draft.starts_at == datetime(2024, 4, 24, 12, tzinfo=UTC)
    assert [(stop.company, stop.name, stop.dwell_min) for stop in draft.stops] == [
        ("firm-place", None, 20),
        (None, "Well", 0),
    ]
    well = draft.stops[1].point
    assert well is not None
    assert (well.x, well.y) == pytest.approx((619_155, 5_803_700), abs=100)


def stop(**changed: object) -> dict:
    """Return `TOUR` with other values in its second stop."""
    return {"stops": [TOUR["stops"][0], {**TOUR["stops"][1], **changed}]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key": None}, "key"),
        ({"key": "a key"}, "key"),
        ({"title": "  "}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"starts_at": "2024-02-30T14:00+01:00"}, "starts_at"),
        ({"starts_at": "2024-04-24T14:00"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00+14:00"}, "starts_at"),
        ({"starts_at": 14}, "starts_at"),
        ({"time_basis": "guessed"}, "time_basis"),
        ({"pace_m_s": 0}, "pace_m_s"),
        ({"pace_m_s": float("nan")}, "pace_m_s"),
        ({"pace_m_s": True}, "pace_m_s"),
        ({"is_round": 1}, "is_round"),
        ({"color": "red"}, "color"),
        ({"stops": TOUR["stops"][:1]}, "stops"),
        ({"stops": "none"}, "stops"),
        ({"stops": [1, 2]}, "stops[0]"),
        (stop(facility="well"), "stops[1]"),
        (stop(name=None), "stops[1]"),
        (stop(lon=None), "stops[1]"),
        (stop(lat=91), "stops[1].lat"),
        (stop(lat=float("inf")), "stops[1].lat"),
        (stop(dwell_min=-1), "stops[1].dwell_min"),
        (stop(dwell_min="10"), "stops[1].dwell_min"),
    ],
)
def test_a_wrong_field_is_named(change: dict, field: str) -> None:
    with pytest.raises(FieldError, match=r"^Tour ") as refusal:
        parse_record({**TOUR, **change})
    assert refusal.value.params["field"] == field
