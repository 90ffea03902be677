"""Gates, yards and leave: who may pass when, planned accordingly; ways joined to the network."""

from __future__ import annotations

from datetime import date

import pytest
from shapely import LineString, Point
from sqlalchemy import Connection, select, text

from app.db.changes import act_as
from app.db.integrity import findings
from app.db.models import Walkway, WalkwayPermission
from app.db.walking.permissions import permissions
from app.db.walking.walkways import walkways_on
from app.domain.crs import to_wgs84
from app.domain.tour_requests import parse_request
from app.errors import AppError, ConflictError, DataError, InputError, NotFoundError
from app.services.tours.planning.plans import day_permissions, make_task, solve_task
from app.services.tours.saving import publish_tour, save_tour
from app.services.tours.storing import plan_legs
from app.services.walking.permissions import (
    add_permission,
    add_walkway,
    read_permission,
    read_walkway,
    withdraw_permission,
)
from tests.scenes import EAST, NORTH
from tests.stored import days, ewkb, store_park

ON = "2024-04-24"
# A long way round between two spots, and a gate across.
ROUND = [(0, 0), (0, 300), (100, 300), (100, 0)]
GATE = [(0, 0), (100, 0)]


@pytest.fixture
def yards(connection: Connection) -> Connection:
    store_park(connection)
    store_way(connection, "round", ROUND)
    return connection


def store_way(connection: Connection, key: str, xy: list[tuple[float, float]], **changed: object) -> None:
    line = ewkb(LineString([(EAST + x, NORTH + y) for x, y in xy]))
    values = {"kind": "footway", "access": "public", "valid": days(), **changed}
    connection.execute(Walkway.__table__.insert().values(key=key, geometry=line, **values))


def lon_lat(x: float, y: float) -> str:
    point = to_wgs84(Point(EAST + x, NORTH + y))
    return f"{point.x:.7f}, {point.y:.7f}"


def typed(xy: list[tuple[float, float]], **changed: str) -> dict[str, str]:
    line = "; ".join(lon_lat(*each) for each in xy)
    return {"key": "gate", "kind": "gate", "access": "permission", "line": line, **changed}


def leave(**changed: str) -> dict[str, str]:
    return {"walkway": "gate", "by": "Frau Beispiel", "granted_on": "2024-04-01", **changed}


def at(x: float) -> dict[str, float]:
    lon, lat = map(float, lon_lat(x, 0).split(","))
    return {"lon": lon, "lat": lat}


def planned_m(connection: Connection, earliest: str, tour: str | None = None) -> float:
    stops = [{"name": name, **at(x), "dwell_min": 10} for name, x in (("one", 0.0), ("other", 100.0))]
    latest = f"{int(earliest[:2]) + 1}{earliest[2:]}"
    wish = {"park": "park", "on": ON, "earliest": earliest, "latest": latest, "stops": stops}
    return solve_task(make_task(connection, parse_request(wish), tour)).length_m


# --- leave


def test_a_gate_is_walked_with_leave_and_within_its_hours_only(yards: Connection) -> None:
    add_walkway(yards, read_walkway(typed(GATE)))
    assert planned_m(yards, "14:00") == pytest.approx(700, abs=0.1)
    number = add_permission(yards, read_permission(leave(**{"from": "14:00", "until": "15:00"})))
    assert planned_m(yards, "14:00") == pytest.approx(100, abs=0.1)
    assert planned_m(yards, "15:00") == pytest.approx(700, abs=0.1)
    withdraw_permission(yards, number)
    assert planned_m(yards, "14:00") == pytest.approx(700, abs=0.1)


@pytest.mark.parametrize(
    ("valid", "length_m"),
    [
        ({"valid_from": ON}, 100),
        ({"valid_from": "2024-04-25"}, 700),
        ({"valid_to": ON}, 700),
        ({"valid_to": "2024-04-25"}, 100),
    ],
)
def test_leave_holds_on_its_days(yards: Connection, valid: dict[str, str], length_m: float) -> None:
    add_walkway(yards, read_walkway(typed(GATE)))
    add_permission(yards, read_permission(leave(**valid)))
    assert planned_m(yards, "14:00") == pytest.approx(length_m, abs=0.1)


def test_leave_for_one_tour_is_not_another_ones(yards: Connection) -> None:
    add_walkway(yards, read_walkway(typed(GATE)))
    yards.execute(
        text(
            "INSERT INTO tour (key, park_id, title, starts_at, time_basis, pace_m_s, is_round, wish)"
            " SELECT k, park_id, k, now(), 'assumed', 1, false, '{}'"
            " FROM park, unnest(ARRAY['mine', 'other']) k"
        )
    )
    add_permission(yards, read_permission(leave(tour="mine")))
    assert planned_m(yards, "14:00", "mine") == pytest.approx(100, abs=0.1)
    for tour in ("other", None):
        assert planned_m(yards, "14:00", tour) == pytest.approx(700, abs=0.1)


def test_leave_is_withdrawn_before_and_after_a_change_of_its_gate(yards: Connection) -> None:
    for name, valid in (("Tor", days(None, ON)), ("Werkstor", days(ON))):
        store_way(yards, "gate", GATE, kind="gate", access="permission", name=name, valid=valid)
    kept = add_permission(yards, read_permission(leave(by="Herr Beispiel")))
    number = add_permission(yards, read_permission(leave()))
    assert len(permissions(yards)) == 4
    withdraw_permission(yards, number)
    assert {row["granted_by"] for row in permissions(yards)} == {"Herr Beispiel"}
    withdraw_permission(yards, kept)
    assert permissions(yards) == []


def test_hours_that_follow_on_one_another_are_one(yards: Connection) -> None:
    add_walkway(yards, read_walkway(typed(GATE)))
    for hours in (("14:30", "15:00"), ("14:00", "14:30"), ("16:00", "17:00"), ("16:10", "16:20")):
        add_permission(yards, read_permission(leave(**dict(zip(("from", "until"), hours, strict=True)))))
    wish = {
        "park": "park",
        "on": ON,
        "earliest": "14:00",
        "stops": [{"name": "one", **at(0), "dwell_min": 1}],
    }
    found = day_permissions(yards, parse_request(wish), None)
    assert [(each.opens_s / 3600, each.closes_s / 3600) for each in found] == [(14, 15), (16, 17)]


def test_a_public_tour_over_a_gate_whose_leave_is_withdrawn_is_found(yards: Connection) -> None:
    add_walkway(yards, read_walkway(typed(GATE)))
    number = add_permission(yards, read_permission(leave()))
    stops = [{"name": name, **at(x), "dwell_min": 10} for name, x in (("one", 0.0), ("other", 100.0))]
    wish = {"park": "park", "on": "2999-04-24", "earliest": "14:00", "stops": stops}
    key = save_tour(yards, wish, "A walk").key
    withdrawn = [finding.params for finding in findings(yards)]
    publish_tour(yards, key)
    assert [*withdrawn, *findings(yards)] == []
    add_permission(yards, read_permission(leave(valid_to="2999-04-24")))
    withdraw_permission(yards, number)
    assert [finding.params for finding in findings(yards)] == [{"tour": key, "way": "gate"}]
    plan_legs(yards, key)
    assert list(findings(yards)) == []


def test_leave_is_listed_and_recorded_with_who_did_it(yards: Connection) -> None:
    act_as(yards, "Erika Muster")
    add_walkway(yards, read_walkway(typed(GATE, name="Werkstor")))
    number = add_permission(yards, read_permission(leave(until="15:00", valid_from=ON, note="klingeln")))
    (row,) = permissions(yards)
    assert (row["number"], row["walkway"], row["name"], row["granted_by"]) == (
        number,
        "gate",
        "Werkstor",
        "Frau Beispiel",
    )
    assert (row["granted_on"], row["valid_from"], row["valid_to"]) == (
        date(2024, 4, 1),
        date(2024, 4, 24),
        None,
    )
    assert (row["opens_at"], f"{row['closes_at']:%H:%M}", row["note"]) == (None, "15:00", "klingeln")
    withdraw_permission(yards, number)
    assert permissions(yards) == []
    query = "SELECT actor, table_name, before IS NULL, after IS NULL FROM audit_entry ORDER BY audit_entry_id"
    assert [tuple(row) for row in yards.execute(text(query))] == [
        ("Erika Muster", "walkway", True, False),
        ("Erika Muster", "walkway_permission", True, False),
        ("Erika Muster", "walkway_permission", False, True),
    ]


BAD_LEAVE: dict[str, tuple[dict[str, str], type[AppError], str]] = {
    "no gate": ({"walkway": "nowhere"}, NotFoundError, "There is no walkway “nowhere”."),
    "gone": (
        {"valid_from": "2031-01-01"},
        NotFoundError,
        "The walkway “gate” does not exist in that period.",
    ),
    "public": ({"walkway": "round"}, DataError, "The walkway “round” is public; it needs no permission."),
    "no tour": ({"tour": "nowhere"}, NotFoundError, "There is no tour “nowhere”."),
    "nobody": ({"by": " "}, InputError, "Please name who granted the permission."),
    "backward": (
        {"from": "15:00", "until": "14:00"},
        InputError,
        "The hours of the permission end before they begin.",
    ),
    "no time": ({"from": "3 pm"}, InputError, "“3 pm” is not a valid time; expected, for example, 14:00."),
    "no day": (
        {"granted_on": "gestern"},
        InputError,
        "“gestern” is not a valid date; expected YYYY-MM-DD, for example 2024-04-24.",
    ),
    "not yet": (
        {"granted_on": "2999-01-01"},
        InputError,
        "Permission cannot have been granted in the future.",
    ),
    "no days": (
        {"valid_from": ON, "valid_to": ON},
        InputError,
        "A period from 2024-04-24 to 2024-04-24 contains no days: the end must come after the start.",
    ),
    "long": (
        {"note": "x" * 201},
        InputError,
        "“" + "x" * 30 + "…” is too long; at most 200 characters are possible.",
    ),
}


@pytest.mark.parametrize("case", BAD_LEAVE)
def test_bad_leave_is_refused_in_one_sentence(yards: Connection, case: str) -> None:
    changed, kind, sentence = BAD_LEAVE[case]
    add_walkway(yards, read_walkway(typed(GATE, valid_to="2030-01-01")))
    with pytest.raises(kind) as refusal:
        add_permission(yards, read_permission(leave(**changed)))
    assert str(refusal.value) == sentence
    assert permissions(yards) == []


def test_leave_that_is_not_there_is_not_withdrawn(yards: Connection) -> None:
    for number in (1, 0, -1, 10**30):
        with pytest.raises(NotFoundError):
            withdraw_permission(yards, number)


# --- ways


BAD_WAY: dict[str, tuple[dict[str, str], str]] = {
    "key": ({"key": "a b"}, "A key has up to 60 letters,"),
    "kind": ({"kind": "river"}, "“river” is not one of street, footway,"),
    "access": ({"access": ""}, "“” is not one of public, permission."),
    "kerb": ({"kerb": "high"}, "“high” is not one of flush, lowered, raised."),
    "one point": ({"line": "10.7, 52.3"}, "A way needs at least two points,"),
    "words": ({"line": "here; there"}, "“here” is not a valid point;"),
    "WKT": (
        {"line": "LINESTRING (10.7 52.3, 10.8 52.4"},
        "“LINESTRING (10.7 52.3, 10.8 52.4” is not a valid point;",
    ),
    "nan": ({"line": "nan, nan; 1, 1"}, "“nan, nan” is not a valid point;"),
    "far": ({"line": "10.7, 52.3; 11.7, 52.3"}, "A way must be 0.1 m to 5 km long"),
    "no length": ({"line": "10.7, 52.3; 10.7, 52.3"}, "A way must be 0.1 m to 5 km long"),
    "days": ({"valid_from": ON, "valid_to": ON}, "A period from "),
}


@pytest.mark.parametrize("case", BAD_WAY)
def test_bad_ways_are_refused_in_one_sentence(case: str) -> None:
    changed, sentence = BAD_WAY[case]
    with pytest.raises(InputError) as refusal:
        read_walkway(typed(GATE, **changed))
    assert str(refusal.value).startswith(sentence)


def test_a_key_that_is_taken_is_refused(yards: Connection) -> None:
    add_walkway(yards, read_walkway(typed(GATE)))
    with pytest.raises(ConflictError):
        add_walkway(yards, read_walkway(typed([(0, 50), (100, 50)])))
    assert len(yards.execute(select(Walkway.key).where(Walkway.key == "gate")).all()) == 1


def test_a_way_that_meets_another_in_its_middle_divides_it(yards: Connection) -> None:
    """The network is as long as before and the gate, and one can walk through."""
    add_walkway(yards, read_walkway(typed([(1, 100), (99.5, 100)], access="public")))
    edges = walkways_on(yards, None)
    assert sorted(edges["key"]) == ["gate", "round.1.1", "round.1.2", "round.2"] or len(edges) == 4
    assert edges["length_m"].sum() == pytest.approx(700 + 100, abs=0.05)
    tips = [tuple(line.coords[i]) for line in edges.geometry for i in (0, -1)]
    assert max(tips.count(tip) for tip in tips) == 3
    assert planned_m(yards, "14:00") == pytest.approx(300, abs=0.1)


def test_a_way_from_a_day_on_leaves_the_days_before_as_they_were(yards: Connection) -> None:
    before = walkways_on(yards, date(2024, 4, 23))
    add_walkway(yards, read_walkway(typed([(0, 100), (100, 100)], access="public", valid_from=ON)))
    again = walkways_on(yards, date(2024, 4, 23))
    assert again["key"].tolist() == before["key"].tolist()
    assert again.geometry.to_wkb().tolist() == before.geometry.to_wkb().tolist()
    assert len(walkways_on(yards, date(2024, 4, 24))) == 4
    assert planned_m(yards, "14:00") == pytest.approx(300, abs=0.1)


def test_leave_goes_with_both_parts_of_a_divided_yard(yards: Connection) -> None:
    add_walkway(yards, read_walkway(typed(GATE, key="yard", kind="yard")))
    add_permission(yards, read_permission(leave(walkway="yard")))
    add_walkway(yards, read_walkway(typed([(50, 0), (50, 80)], access="public")))
    assert planned_m(yards, "14:00") == pytest.approx(100, abs=0.1)
    assert len(yards.execute(select(WalkwayPermission.walkway_id)).all()) == 2


def test_a_way_by_itself_stays_where_it_is(yards: Connection) -> None:
    line = add_walkway(yards, read_walkway(typed([(40, 40), (60, 60)], access="public"))).line
    assert line.coords[0] == pytest.approx((EAST + 40, NORTH + 40), abs=0.02)
    assert len(walkways_on(yards, None)) == 2
