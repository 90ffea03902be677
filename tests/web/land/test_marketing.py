"""Marketing status of plots: set for many at once, seen before, hidden from visitors, undone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.kinds import AccessRole
from tests.web.companies.test_company_forms import (
    hidden,
    last_change,
    page_of,
    previewed,
    rows,
    saved,
    signed_admin,
    tables,
)
from tests.web.companies.test_conflicts import ben
from tests.web.page_words import read, words_of
from tests.web.signing_in import PASSWORD, Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

__all__ = ["ben"]

SECRET = "Gespräch mit Zauberwort"
PLOTS = ("HK1-001", "HK1-002")
SET = f"/marketing?plots={','.join(PLOTS)}"
RESERVED = {"status": "reserved", "is_public": "no", "internal_note": SECRET, "note": f"{SECRET} 2"}


@pytest.fixture
def app(staffed: Flask) -> Iterator[Flask]:
    """The application, whose data are as they were when a test has ended."""
    admin = signed_admin(staffed)
    before = tables(staffed)
    [(last,)] = rows(staffed, "SELECT coalesce(max(change_set_id), 0) FROM change_set")
    yield staffed
    query = "SELECT change_set_id FROM change_set WHERE change_set_id > :last ORDER BY 1 DESC"
    for (number,) in rows(staffed, query, last=last):
        admin.fill(f"/changes/{number}/undo")
    assert rows(staffed, "SELECT 1 FROM plot_marketing") == []
    assert tables(staffed) == before


@pytest.fixture
def staff(app: Flask) -> Signed:
    return signed_in(app)


@pytest.fixture
def analyst(app: Flask) -> Signed:
    if "its analyst" not in app.extensions:
        let_in(app, "Anna", PASSWORD, AccessRole.ANALYST, "wmg")
        app.extensions["its analyst"] = signed_in(app, "Anna")
    found: Signed = app.extensions["its analyst"]
    return found


def entries(app: Flask) -> list[tuple[Any, ...]]:
    query = "SELECT plot_key, status, is_public, lower(valid), upper(valid), starts_precision"
    return rows(app, f"{query} FROM plot_marketing ORDER BY plot_key, valid")


def status_of(client: FlaskClient, plot: str = PLOTS[0], on: str = "2026-05-01") -> str | None:
    answer = client.get(f"/api/collections/plots/items/{plot}?f=geojson&on={on}")
    found: str | None = json.loads(answer.data)["properties"]["marketing_status"]
    return found


def test_many_plots_are_reserved_in_one_change_set_and_given_back(app: Flask, staff: Signed) -> None:
    before = previewed(staff, SET, **RESERVED, day="01.04.2026")
    assert before.status_code == 200, page_of(before)
    told = page_of(before)
    assert "Marketing status of the plot HK1-001" in told
    assert "The same as now." in told
    assert entries(app) == []
    saved(staff, SET, **RESERVED, day="01.04.2026")
    first = date(2026, 4, 1)
    assert entries(app) == [(key, "reserved", False, first, None, "day") for key in PLOTS]
    change = last_change(app)
    assert (change["business_case"], change["intent"], change["day"]) == ("marketing", "change", first)
    assert status_of(staff.client) == "reserved"
    assert status_of(staff.client, on="2026-03-31") is None
    page = words_of(read(staff.client, f"/plots/{PLOTS[0]}?lang=en"))
    assert "reserved internal" in page
    assert SECRET in page
    assert "Marketing status · HK1-001" in page
    # Another status since a year of which no more is known, for one of the two.
    saved(staff, f"/marketing?plots={PLOTS[0]}", status="allocated", is_public="yes", day="2027")
    assert [row[1:] for row in entries(app) if row[0] == PLOTS[0]] == [
        ("reserved", False, first, date(2027, 1, 1), "day"),
        ("allocated", True, date(2027, 1, 1), None, "year"),
    ]
    answer = staff.client.get(f"/api/collections/plots/items/{PLOTS[0]}?f=geojson&on=2027-05-01")
    told = json.loads(answer.data)["properties"]
    known = [told[f"marketing_{name}"] for name in ("status", "from", "precision")]
    assert known == ["allocated", "2027-01-01", "year"]
    staff.fill(f"/changes/{last_change(app)['change_set_id']}/undo")
    assert entries(app) == [(key, "reserved", False, first, None, "day") for key in PLOTS]
    saved(staff, SET, status="none", day="01.06.2026")
    assert {row[4] for row in entries(app)} == {date(2026, 6, 1)}


def test_what_is_internal_is_seen_by_staff_and_analysts_only(
    app: Flask, staff: Signed, analyst: Signed
) -> None:
    visitor = app.test_client()
    address = "/api/collections/plots/items?f=geojson&limit=1000"
    before = visitor.get(address)
    saved(staff, SET, **RESERVED, day="01.04.2026")
    public = (
        address,
        f"{address}&filter=marketing_status='reserved'",
        f"/api/collections/plots/items/{PLOTS[0]}?f=html",
        f"/api/collections/plots/items/{PLOTS[0]}/versions",
        "/api/collections/plots/items?f=html",
        "/exports/plots.csv",
        "/exports/plots.geojson?datetime=../..",
        "/plots",
        "/companies",
        "/api/collections/plots/tiles/WebMercatorQuad/14/5397/8680?properties=marketing_status,marketing_note",
    )
    for place in public:
        answer = visitor.get(place)
        assert answer.status_code == 200, place
        assert SECRET.encode() not in answer.data, place
        # Codes of closed lists stand in pages, as what filters may say.
        assert "html" in place or b'"reserved"' not in answer.data, place
    assert json.loads(visitor.get(public[1]).data)["features"] == []
    assert all(row["properties"]["marketing_status"] is None for row in features(visitor, address))
    assert features(visitor, address) == json.loads(before.data)["features"]
    for signed in (staff, analyst):
        answer = signed.client.get(public[1])
        assert [row["id"] for row in json.loads(answer.data)["features"]] == list(PLOTS)
        assert answer.headers["Cache-Control"] == "no-store"
        # What a visitor's browser holds does not stand in for it.
        again = signed.client.get(address, headers={"If-None-Match": before.headers["ETag"]})
        assert again.status_code == 200
        assert b"reserved" in signed.client.get("/exports/plots.csv").data
        assert "reserved" in words_of(read(signed.client, "/plots?lang=en&status=reserved"))
    assert "public" in visitor.get(address).headers["Cache-Control"]
    assert analyst.client.get(f"/plots/{PLOTS[0]}").status_code == 403


def features(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(client.get(address).data)["features"]
    return found


def test_what_is_published_is_seen_by_all_but_for_the_internal_note(app: Flask, staff: Signed) -> None:
    before = previewed(
        staff, SET, status="available", is_public="yes", note="ab 2.000 m²", internal_note=SECRET, day="2026"
    )
    told = page_of(before)
    assert "Plot HK1-001" in told
    assert "Marketing status available" in told
    saved(
        staff, SET, status="available", is_public="yes", note="ab 2.000 m²", internal_note=SECRET, day="2026"
    )
    visitor = app.test_client()
    assert status_of(visitor) == "available"
    page = read(visitor, "/plots?status=available&lang=en")
    assert "ab 2.000 m²" in page
    assert SECRET not in page
    # The sum of areas, worked out anew.
    areas = [row["properties"] for row in features(visitor, "/api/collections/plots/items?limit=1000")]
    own = [row["official_area_m2"] or row["area_m2"] for row in areas if row["marketing_status"]]
    assert len(own) == 2
    assert f"{sum(own):,.0f}" in words_of(page)
    csv = visitor.get("/exports/plots.csv?filter=marketing_status IN ('available')").get_data(as_text=True)
    assert csv.count(",available,") == 2


def test_a_wrong_status_is_put_right_and_a_wrong_day_is_moved(app: Flask, staff: Signed) -> None:
    saved(staff, SET, **RESERVED, day="01.04.2026")
    place = f"/plots/{PLOTS[0]}/marketing"
    saved(staff, f"{place}/correct", status="unavailable", reason="Verwechslung")
    assert [row[1] for row in entries(app)] == ["unavailable", "reserved"]
    boundary = f"first 2026-04-01 {PLOTS[0]}"
    saved(staff, f"{place}/day", boundary=boundary, day="03.2026")
    # One change set made both begin.
    assert [row[3] for row in entries(app)] == [date(2026, 3, 1)] * 2
    assert [row[5] for row in entries(app)] == ["month", "month"]


def test_refusals_name_the_field_and_change_nothing(app: Flask, staff: Signed) -> None:
    answer = previewed(staff, SET, status="", day="32.13.2026", is_public="no")
    assert answer.status_code == 400
    assert "Choose one of the list." in page_of(answer)
    assert "is no day" in page_of(answer)
    assert staff.client.get("/marketing?lang=en").status_code == 400
    assert staff.client.get("/marketing?plots=HK9-999").status_code == 404
    answer = previewed(staff, SET, status="none", day="01.04.2026")
    assert answer.status_code == 404
    assert "has no version on" in page_of(answer)
    saved(staff, SET, **RESERVED, day="01.04.2026")
    answer = previewed(staff, SET, **RESERVED, day="01.05.2026")
    assert answer.status_code == 409
    assert "nothing would change" in page_of(answer)
    answer = previewed(staff, SET, **{**RESERVED, "status": "allocated"}, day="01.04.2026")
    assert answer.status_code == 409
    assert "it can be corrected" in page_of(answer)
    assert len(entries(app)) == 2


def test_the_use_of_a_plot_is_changed_and_put_right(app: Flask, staff: Signed) -> None:
    saved(staff, f"/plots/{PLOTS[0]}/use/change", use_status="construction", day="2026")
    query = "SELECT use_status, lower(valid), starts_precision FROM plot_version WHERE plot_key = :key"
    found = rows(app, f"{query} ORDER BY valid", key=PLOTS[0])
    assert found[-1] == ("construction", date(2026, 1, 1), "year")
    assert last_change(app)["business_case"] == "use_change"
    saved(staff, f"/plots/{PLOTS[0]}/use/correct?on=2026-06-01", use_status="green")
    assert rows(app, f"{query} ORDER BY valid", key=PLOTS[0])[-1][0] == "green"
    answer = app.test_client().get(f"/api/collections/plots/items/{PLOTS[0]}?f=geojson")
    assert json.loads(answer.data)["properties"]["starts_precision"] == "year"


def test_the_same_field_of_a_status_asks_under_the_lock(app: Flask, staff: Signed, ben: Signed) -> None:
    saved(staff, SET, **RESERVED, day="01.04.2026")
    address = f"/plots/{PLOTS[0]}/marketing/correct"
    hers = previewed(staff, address, status="allocated", is_public="yes")
    saved(ben, address, status="unavailable", note="Altlast")
    asked = staff.fill(address, **hidden(hers), step="save")
    assert asked.status_code == 409
    assert "Theirs, stored now not available Ben, " in page_of(asked)
    assert entries(app)[0][1:3] == ("unavailable", False)
    typed = {**hidden(hers), **hidden(asked), "choice-status": "mine"}
    seen = staff.fill(address, **typed, step="preview")
    assert seen.status_code == 200, page_of(seen)
    assert staff.fill(address, **hidden(seen), step="save").status_code == 302
    assert entries(app)[0][1:3] == ("allocated", True)
    assert rows(app, "SELECT note FROM plot_marketing WHERE plot_key = :key", key=PLOTS[0]) == [("Altlast",)]
    told = words_of(read(staff.client, f"/plots/{PLOTS[0]}?lang=en"))
    assert "what you did not change stays so: Ben, Marketing status" in told
    assert "→ Altlast" in told


@pytest.mark.parametrize("intent", ["correct", "change"])
def test_the_use_of_a_plot_asks_as_well(app: Flask, staff: Signed, ben: Signed, intent: str) -> None:
    address = f"/plots/{PLOTS[0]}/use/{intent}"
    hers, his = ({} if intent == "correct" else {"day": day} for day in ("01.03.2027", "01.02.2027"))
    mine = previewed(staff, address, use_status="construction", **hers)
    saved(ben, address, use_status="green", **his)
    asked = staff.fill(address, **hidden(mine), step="save")
    assert asked.status_code == 409
    assert "Which shall hold?" in page_of(asked)
    assert "Ben, " in page_of(asked)
    typed = {**hidden(mine), **hidden(asked), "choice-use_status": "mine"}
    seen = staff.fill(address, **typed, step="preview")
    assert staff.fill(address, **hidden(seen), step="save").status_code == 302, page_of(seen)
    query = "SELECT use_status FROM plot_version WHERE plot_key = :key ORDER BY valid DESC LIMIT 1"
    assert rows(app, query, key=PLOTS[0]) == [("construction",)]


def test_a_park_has_another_name_since_a_day_and_a_slip_is_put_right(app: Flask, staff: Signed) -> None:
    place = "/parks/heinenkamp-2/name"
    assert f"{place}/correct" in staff.client.get("/plots?park=heinenkamp-2").get_data(as_text=True)
    told = page_of(saved(staff, f"{place}/change", name="Heinenkamp Zwei", day="01.03.2027"))
    assert "Heinenkamp Zwei planned from 1 Mar 2027 new" in told
    query = (
        "SELECT name, lower(valid), upper(valid) FROM park_version JOIN park USING (park_id) WHERE key = :key"
    )
    first = date(2027, 3, 1)
    assert rows(app, f"{query} ORDER BY valid", key="heinenkamp-2") == [
        ("Heinenkamp II", None, first),
        ("Heinenkamp Zwei", first, None),
    ]
    saved(staff, f"{place}/correct?on=2027-03-01", name="Heinenkamp 2", day="01.03.2027")
    assert rows(app, f"{query} ORDER BY valid", key="heinenkamp-2")[1][0] == "Heinenkamp 2"
    assert "Details · Heinenkamp 2 corrected" in words_of(read(staff.client, "/changes/saved?lang=en"))
    assert app.test_client().get(f"{place}/correct").status_code == 302, "to sign in"
