"""Why a walk is longer: in worlds where the reason is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

from app.analysis.tours.problem import Window
from app.analysis.walking.cached_network import CachedNetwork
from app.analysis.walking.detours import Detour, DetourKind, Detours, MissingPermission
from app.analysis.walking.gates import AccessPermission, Options, walk_options
from app.analysis.walking.network import make_network
from app.analysis.walking.paces import WalkProfile
from app.domain.crs import STORAGE_CRS
from app.domain.kinds import WalkwayKind
from app.domain.localizer import localizer_for
from app.services.walking.leg_texts import detour_sentence, permission_sentence, window_text
from tests.scenes import EAST, NORTH

ENGLISH = localizer_for("en")
HOUR_S = 3600
STEP_FREE = WalkProfile(1, is_step_free=True)


def at(x: float, y: float) -> Point:
    return Point(EAST + x, NORTH + y)


def edge(key: str, *xy: tuple[float, float], **values: object) -> dict:
    plain = {"kind": "street", "access": "public", "name": None, "surface": None, "kerb": None}
    return {**plain, "key": key, "geometry": LineString(np.add(xy, (EAST, NORTH))), **values}


def options(edges: list[dict], *leaves: AccessPermission, profile: WalkProfile | None = None) -> Options:
    frame = gpd.GeoDataFrame(edges, geometry="geometry", crs=STORAGE_CRS)
    return walk_options(
        CachedNetwork(make_network(frame)), np.array([at(0, 0), at(100, 0)], dtype=object), profile, leaves
    )


ROUND = edge("round", (0, 0), (0, 100), (100, 100), (100, 0))
YARD = edge("yard", (0, 0), (100, 0), kind="yard", access="permission", name="Lager")
GATE = edge("gate", (0, 0), (50, 0), kind="gate", access="permission")
LANE = edge("lane", (50, 0), (100, 0), kind="yard", access="permission", name="Hof")
HALF = edge("half", (50, 100), (50, 0), kind="yard", access="permission", name="Hof")


def sentence_of(detour: Detour) -> str:
    return detour_sentence(detour, ENGLISH).replace("\N{NO-BREAK SPACE}", " ")


def test_steps_are_said_to_be_avoided_only_where_they_would_help() -> None:
    steps = edge("steps", (0, 0), (100, 0), kind="steps")
    (detour,) = Detours(options([ROUND, steps], profile=STEP_FREE)).of(0, 1)
    assert (detour.kind, detour.extra_m) == (DetourKind.STEPS, pytest.approx(200))
    assert sentence_of(detour) == "Steps avoided, 200 m longer"
    assert Detours(options([ROUND, steps])).of(0, 1) == ()
    level = edge("level", (0, 0), (50, 5), (100, 0))
    assert Detours(options([ROUND, steps, level], profile=STEP_FREE)).of(0, 1) == ()


def test_a_place_that_paths_reach_by_steps_only_says_why_one_walks_beside_them() -> None:
    street = edge("street", (0, 0), (94, 0))
    steps = edge("steps", (94, 0), (100, 0), kind="steps")
    (detour,) = Detours(options([street, steps], profile=STEP_FREE)).of(0, 1)
    assert (detour.kind, detour.extra_m) == (DetourKind.BESIDE_STEPS, pytest.approx(6))
    assert sentence_of(detour) == "Paths only lead over steps, hence 6.0 m more off the paths"
    assert Detours(options([street, steps])).of(0, 1) == ()
    assert Detours(options([street], profile=STEP_FREE)).of(0, 1) == ()
    kerb = edge("kerb", (94, 0), (100, 0), kind="crossing", kerb="raised", name="Heinenkamp")
    (detour,) = Detours(options([street, kerb], profile=STEP_FREE)).of(0, 1)
    assert sentence_of(detour) == (
        "Paths only lead over a raised curb on Heinenkamp, hence 6.0 m more off the paths"
    )


def test_a_raised_kerb_is_avoided_on_wheels_and_a_lowered_one_is_not() -> None:
    raised = edge("kerb", (0, 0), (100, 0), kind="crossing", kerb="raised", name="Heinenkamp")
    (detour,) = Detours(options([ROUND, raised], profile=STEP_FREE)).of(0, 1)
    assert sentence_of(detour) == "Raised curb on Heinenkamp avoided, 200 m longer"
    lowered = {**raised, "kerb": "lowered"}
    found = options([ROUND, lowered], profile=STEP_FREE)
    assert found.length_m[0, 1] == pytest.approx(100)
    assert Detours(found).of(0, 1) == ()


def test_a_gate_is_said_to_be_closed_only_when_it_is() -> None:
    found = options(
        [ROUND, YARD],
        AccessPermission("yard", 8 * HOUR_S, 9 * HOUR_S),
        AccessPermission("yard", 14 * HOUR_S, 15 * HOUR_S),
    )
    detours = Detours(found)
    (closed,) = detours.of(0, 1, departs_s=13 * HOUR_S)
    assert (closed.kind, closed.window) == (DetourKind.GATE_CLOSED, Window(14 * HOUR_S, 15 * HOUR_S))
    assert sentence_of(closed) == "Yard “Lager” only open 14:00–15:00, 200 m longer"
    (morning,) = detours.of(0, 1, departs_s=10 * HOUR_S)
    assert morning.window == Window(8 * HOUR_S, 9 * HOUR_S)
    assert detours.of(0, 1, departs_s=14 * HOUR_S) == ()
    (late,) = detours.of(0, 1, departs_s=15 * HOUR_S - 79)
    assert late.kind == DetourKind.GATE_CLOSED
    way = next(n for n, way in enumerate(found.timed_arcs) if way.start == 0)
    assert detours.of(0, 1, way, departs_s=14 * HOUR_S) == ()


def test_a_yard_without_leave_is_said_and_priced() -> None:
    detours = Detours(options([ROUND, YARD]))
    (detour,) = detours.of(0, 1, departs_s=0)
    assert sentence_of(detour) == "No permission for the yard “Lager”, 200 m longer"
    assert detours.missing([(0, 1, None), (1, 0, None)]) == (
        MissingPermission(("yard",), "Lager", WalkwayKind.YARD, pytest.approx(400)),
    )


def test_leave_is_missed_by_the_group_where_no_single_edge_helps() -> None:
    other = {**GATE, "name": "Hof"}
    (missing,) = Detours(options([ROUND, other, LANE])).missing([(0, 1, None)])
    assert (missing.edges, missing.saves_m) == (("gate", "lane"), pytest.approx(200))
    sentence = permission_sentence(missing, ENGLISH).replace("\N{NO-BREAK SPACE}", " ")
    assert sentence == "Permission for all of “Hof” (gate, lane) would shorten the walk by 200 m."


def test_leave_that_is_there_is_not_missed_and_adds_to_what_is() -> None:
    found = options([ROUND, GATE, LANE], AccessPermission("lane"))
    (missing,) = Detours(found).missing([(0, 1, None)])
    assert (missing.edges, missing.saves_m) == (("gate",), pytest.approx(200))
    assert (
        Detours(options([ROUND, GATE, LANE], AccessPermission("lane"), AccessPermission("gate"))).missing(
            [(0, 1, None)]
        )
        == ()
    )


def test_looking_for_leave_ends_when_nobody_waits_any_more() -> None:
    detours = Detours(options([ROUND, YARD, GATE, LANE]))
    assert detours.missing([(0, 1, None)], lambda: True) == ()
    answers = iter([False, True, True])
    (only,) = detours.missing([(0, 1, None)], lambda: next(answers))
    assert only.edges == ("yard",)


def test_leave_far_from_the_walk_is_not_tried_and_changes_nothing() -> None:
    far = [edge(f"far {n}", (1000 + n, 0), (1000 + n, 50), access="permission") for n in range(50)]
    detours, tried = Detours(options([ROUND, YARD, *far])), []
    (missing,) = detours.missing([(0, 1, None)], lambda: bool(tried.append(1)))
    assert (missing.edges, missing.saves_m) == (("yard",), pytest.approx(200))
    assert len(tried) == 1


def test_small_detours_are_not_worth_a_word() -> None:
    near = edge("near", (0, 0), (50, 20), (100, 0))
    near_yard = {**YARD}
    assert Detours(options([near, near_yard])).of(0, 1) == ()
    farther = edge("near", (0, 0), (50, 25), (100, 0))
    (told,) = Detours(options([farther, near_yard])).of(0, 1)
    assert told.extra_m == pytest.approx(2 * np.hypot(50, 25) - 100)


@pytest.mark.parametrize(
    ("window", "text"),
    [
        (Window(14 * HOUR_S, 15 * HOUR_S), "14:00–15:00"),
        (Window(14 * HOUR_S + 900, 15 * HOUR_S), "14:15–15:00"),
        (Window(0, 24 * HOUR_S), "0:00–24:00"),
        (Window(9 * HOUR_S, 17 * HOUR_S), "9:00–17:00"),
    ],
)
def test_hours(window: Window, text: str) -> None:
    assert window_text(window, ENGLISH) == text


def test_every_detour_and_leave_has_a_sentence() -> None:
    for edge_kind in WalkwayKind:
        for name in (None, "X"):
            for kind in DetourKind:
                window = Window(0, HOUR_S) if kind == DetourKind.GATE_CLOSED else None
                assert "%(" not in sentence_of(Detour(kind, 30.0, name, edge_kind, window))
            for keys in (("a",), ("a", "b")):
                assert "%(" not in permission_sentence(
                    MissingPermission(keys, name, edge_kind, 12.0), ENGLISH
                )
