"""What the planner refuses, in one sentence that names the stop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.analysis.tours import Pause, Problem, Stop, Way, Window, check_problem
from app.domain.localizer import localizer_for
from app.errors import InputError

STOPS = tuple(Stop(name, 600) for name in ("Ahorn", "Birke", "Buche"))
GOOD = Problem(STOPS, np.full((3, 3), 60), np.full((3, 3), 80.0))


def _matrix(number: float) -> Any:
    matrix = np.full((3, 3), 60.0)
    matrix[0, 1] = number
    return matrix


def _stops(**changes: Any) -> tuple[Stop, ...]:
    return (STOPS[0], replace(STOPS[1], **changes), STOPS[2])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stops": ()}, "at least one stop"),
        ({"stops": STOPS * 67}, "at most 200 stops; this one has 201"),
        ({"walk_s": np.zeros((2, 3))}, "2 × 3"),
        ({"length_m": np.zeros(0)}, "need 3 rows"),
        ({"walk_s": _matrix(float("nan"))}, "“Ahorn” to “Birke” cannot take nan seconds"),
        ({"walk_s": _matrix(-2)}, "“Ahorn” to “Birke” cannot take -2 seconds"),
        ({"walk_s": _matrix(1.5)}, "cannot take 1.5 seconds"),
        ({"length_m": _matrix(float("inf"))}, "cannot take inf meters"),
        ({"length_m": _matrix(-1)}, "cannot take -1 meters"),
        ({"stops": _stops(dwell_s=-1)}, "“Birke” cannot take -1 seconds"),
        ({"stops": _stops(value=float("nan"))}, "value of “Birke”"),
        ({"stops": _stops(value=-1.0)}, "value of “Birke”"),
        ({"stops": _stops(position=3)}, "“Birke” cannot be stop number 4 of 3"),
        ({"stops": _stops(windows=(Window(900, 100),))}, "window of “Birke” ends before it begins"),
        ({"stops": _stops(windows=(Window(0, 599),))}, "window of “Birke” is shorter than the visit"),
        ({"ways": (Way(0, 5, 60, 1.0, Window(0, 1)),)}, "from stop 0 to stop 5"),
        ({"ways": (Way(0, 1, -1, 1.0, Window(0, 1)),)}, "from “Ahorn” to “Birke”"),
        ({"ways": (Way(0, 1, 1, 1.0, Window(1, 0)),)}, "ends before it begins"),
        ({"starts_s": 10, "ends_s": 5}, "latest end of the tour is before its earliest start"),
        ({"max_walk_m": float("nan")}, "longest walk"),
        ({"pause": Pause(-1, Window(0, 1))}, "pause cannot take -1"),
        ({"pause": Pause(1, Window(1, 0))}, "window of the pause ends before"),
        ({"first": 3}, "no stop 3"),
        ({"first": 1, "last": 1}, "“Birke” as its last"),
        ({"is_round": True, "last": 2}, "“Buche” as its last"),
        ({"first": 0, "stops": _stops(position=0)}, "“Birke” cannot be at its position"),
        ({"first": 1, "stops": _stops(position=2)}, "“Birke” cannot be at its position"),
        ({"orders": ((0, 3),)}, "names stop 3"),
        ({"orders": ((1, 1),)}, "“Birke” cannot come before itself"),
        ({"orders": ((0, 1), (1, 2), (2, 0))}, "form a circle"),
        ({"orders": ((0, 1),), "first": 1}, "before “Birke”, the first"),
        ({"orders": ((1, 0),), "last": 1}, "after “Birke”, the last"),
    ],
)
def test_refuses(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as refusal:
        check_problem(replace(GOOD, **changes))
    assert sentence in str(refusal.value)


def test_accepts_the_good_one_and_no_walks() -> None:
    check_problem(GOOD)
    check_problem(replace(GOOD, walk_s=np.full((3, 3), -1), length_m=np.full((3, 3), np.nan)))


def test_two_stops_cannot_have_one_place() -> None:
    stops = tuple(replace(stop, position=1) for stop in STOPS)
    with pytest.raises(InputError, match="“Ahorn” and “Birke” cannot both be stop number 2"):
        check_problem(replace(GOOD, stops=stops))


def test_units_and_numbers_are_those_of_the_language() -> None:
    with pytest.raises(InputError) as refusal:
        check_problem(replace(GOOD, walk_s=_matrix(1.5)))
    assert localizer_for("de").error_text(refusal.value) == (
        "Der Weg von „Ahorn“ nach „Birke“ kann nicht 1,5 Sekunden betragen."
    )
