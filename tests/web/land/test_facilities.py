"""Facilities kept by staff: put right, otherwise since a day, new, given up; each can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.companies.test_company_forms import (
    hidden,
    last_change,
    page_of,
    previewed,
    rows,
    saved,
    signed_admin,
)
from tests.web.companies.test_conflicts import ben
from tests.web.page_words import read, words_of
from tests.web.signing_in import Signed, signed_in

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["ben"]

PARKING, STOP = "/facilities/truck-parking", "/facilities/stop-klauskamp"
DAY = "01.03.2027"


@pytest.fixture
def app(staffed: Flask) -> Iterator[Flask]:
    """The application, whose facilities are as they were when a test has ended."""
    admin, before = signed_admin(staffed), stored(staffed)
    [(last,)] = rows(staffed, "SELECT coalesce(max(change_set_id), 0) FROM change_set")
    yield staffed
    query = "SELECT change_set_id FROM change_set WHERE change_set_id > :last ORDER BY 1 DESC"
    for (number,) in rows(staffed, query, last=last):
        admin.fill(f"/changes/{number}/undo")
    assert stored(staffed) == before


@pytest.fixture
def staff(app: Flask) -> Signed:
    return signed_in(app)


def stored(app: Flask) -> list[Any]:
    """Return all facilities, and where tours stop at them, to the last bit."""
    return [
        *rows(app, "SELECT to_jsonb(f)::text FROM facility f ORDER BY 1"),
        *rows(app, "SELECT tour_id, position, facility_id FROM tour_stop ORDER BY 1, 2"),
    ]


def public(app: Flask, key: str, on: str) -> dict[str, Any]:
    answer = app.test_client().get(f"/api/collections/facilities/items/{key}?f=geojson&datetime={on}")
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_spaces_are_put_right_and_more_since_a_day(app: Flask, staff: Signed) -> None:
    before = stored(app)
    seen = saved(staff, f"{PARKING}/details/correct", capacity="40", amenities="Duschen;  Zaun")
    told = page_of(seen)
    assert "Capacity 42 → 40" in told
    assert "No version begins or ends" in told
    parking = public(app, "truck-parking", "2027-02-28")["properties"]
    assert (parking["capacity"], parking["amenities"]) == (40, "Duschen; Zaun")
    saved(staff, f"{PARKING}/details/change", capacity="60", day=DAY, reason="zweite Reihe")
    made = last_change(app)
    assert [made[name] for name in ("business_case", "intent", "day")] == [
        *("attributes", "change", date(2027, 3, 1))
    ]
    spaces = [
        public(app, "truck-parking", on)["properties"]["capacity"] for on in ("2027-02-28", "2027-03-01")
    ]
    assert spaces == [40, 60]
    page = words_of(read(staff.client, f"{PARKING}?lang=en"))
    assert "planned from 1 Mar 2027" in page
    assert "Details · Lkw-Stellplatz Heinenkamp II" in page, "the list names it"
    assert "Details · Lkw-Stellplatz Heinenkamp II" in words_of(read(staff.client, "/changes/saved?lang=en"))
    boundary = "first 2027-03-01 truck-parking"
    saved(staff, f"{PARKING}/day", boundary=boundary, day="01.04.2027")
    assert public(app, "truck-parking", "2027-03-31")["properties"]["capacity"] == 40
    for (number,) in rows(app, "SELECT change_set_id FROM change_set ORDER BY 1 DESC LIMIT 3"):
        assert staff.fill(f"/changes/{number}/undo").status_code == 302
    assert stored(app) == before


def test_a_stop_is_moved_and_tours_ahead_follow_its_version(app: Flask, staff: Signed) -> None:
    kept = rows(app, "SELECT facility_id FROM facility WHERE key = 'stop-klauskamp'")
    lon, lat = public(app, "stop-klauskamp", "2027-03-01")["geometry"]["coordinates"]
    assert "No version" not in page_of(
        saved(staff, f"{STOP}/details/change", point=f"{lon + 0.0002:.7f}, {lat:.7f}", day=DAY)
    )
    first, later = (
        public(app, "stop-klauskamp", on)["geometry"]["coordinates"] for on in ("2027-02-28", "2027-03-01")
    )
    assert first == pytest.approx([lon, lat], abs=1e-9)
    assert later == pytest.approx([lon + 0.0002, lat], abs=2e-7)
    assert len(rows(app, "SELECT 1 FROM facility WHERE key = 'stop-klauskamp'")) == len(kept) + 1
    answer = previewed(staff, f"{STOP}/details/correct", point="52.3731, 10.7276")
    assert answer.status_code == 400
    assert "with the coordinates swapped" in page_of(answer)


def test_a_new_stop_is_seen_by_all_and_given_up_after_its_last_day(app: Flask, staff: Signed) -> None:
    lon, lat = public(app, "stop-klauskamp", "2027-03-01")["geometry"]["coordinates"]
    told = page_of(
        saved(
            staff,
            "/new-facility",
            name="Haltestelle Süd",
            kind="bus_stop",
            point=f"{lon + 0.001:.7f}, {lat:.7f}",
            day="2026",
            source="Begehung",
        )
    )
    assert "Kind Bus stop" in told
    assert "Haltestelle Süd" in words_of(read(staff.client, "/facilities?lang=en"))
    assert public(app, "haltestelle-sued", "2026-01-01")["properties"]["source"] == "Begehung"
    saved(staff, "/facilities/haltestelle-sued/end", last_day="31.12.2026")
    assert public(app, "haltestelle-sued", "2026-12-31")["properties"]["name"] == "Haltestelle Süd"
    answer = app.test_client().get("/api/collections/facilities/items/haltestelle-sued?datetime=2027-01-01")
    assert answer.status_code == 410


def test_what_is_wrong_is_named_beside_its_field(staff: Signed) -> None:
    address = f"{PARKING}/details/correct"
    answer = previewed(staff, address, capacity="viele", url="klauskamp.de", name="")
    assert answer.status_code == 400
    told = page_of(answer)
    assert "“viele” is no whole number from 0 to 100000." in told
    assert "A website begins with https://" in told
    assert "Please fill in this field." in told
    assert "Nothing is changed yet" in page_of(previewed(staff, address))
    assert staff.client.get("/facilities/nowhere").status_code == 404
    assert "Point" not in page_of(staff.client.get(f"{address}?lang=en")), "an area is not moved as a point"


def test_two_people_at_one_facility(app: Flask, staff: Signed, ben: Signed) -> None:
    address = f"{PARKING}/details/correct"
    hers = previewed(staff, address, capacity="50", fee="frei")
    saved(ben, address, capacity="45", security_level="EU Gold")
    asked = staff.fill(address, **hidden(hers), step="save")
    assert asked.status_code == 409
    assert "Theirs, stored now 45 Ben, " in page_of(asked)
    typed = {**hidden(hers), **hidden(asked), "choice-capacity": "mine"}
    seen = staff.fill(address, **typed, step="preview")
    assert seen.status_code == 200, page_of(seen)
    assert staff.fill(address, **hidden(seen), step="save").status_code == 302
    parking = public(app, "truck-parking", "2027-02-28")["properties"]
    assert [parking[name] for name in ("capacity", "fee", "security_level")] == [50, "frei", "EU Gold"]
    told = words_of(read(staff.client, f"{PARKING}?lang=en"))
    assert "Meanwhile others saved this; what you did not change stays so: Ben, Details" in told
