"""Companies put on plots one after another, and points moved on the map."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import text

from app.db.companies.occupants import without_plot
from app.domain.period import today
from tests.web.companies.test_company_forms import (
    app,
    companies,
    free_plot,
    last_change,
    page_of,
    previewed,
    saved,
    staff,
    tables,
)

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.signing_in import Signed

__all__ = ["app", "staff"]


def waiting(app: Flask) -> list[tuple[str, str]]:
    with app.extensions["engine"].connect() as held:
        return without_plot(held, today())


def test_companies_are_put_on_plots_one_after_another(app: Flask, staff: Signed) -> None:
    before = waiting(app)
    assert len(before) > 2
    assert f"Put companies on plots ({len(before)})" in page_of(staff.client.get("/companies?lang=en"))
    first = staff.client.get("/placing").location
    assert first == f"/placing/{before[0][0]}"
    page = page_of(staff.client.get(f"{first}?lang=en"))
    assert f"1 of {len(before)} companies on no plot" in page
    assert f'href="/placing/{before[1][0]}"' in staff.client.get(first).get_data(as_text=True), "skip"
    plot = free_plot(app)
    seen = previewed(staff, first, plot=plot)
    assert seen.status_code == 200
    form = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', seen.get_data(as_text=True))
    )
    form.pop("csrf_token")
    answer = staff.fill(first, **form, step="save")
    assert answer.location == f"/placing/{before[1][0]}", "on to the next one"
    assert companies(app, today())[before[0][1]] == [plot]
    assert last_change(app)["business_case"] == "placement"
    assert last_change(app)["intent"] == "correct"
    assert [place for place, _ in waiting(app)] == [place for place, _ in before[1:]]
    assert staff.client.get(first).location == "/placing", "it is done"
    last = staff.client.get(f"/placing?after={before[-1][0]}")
    assert last.location == "/companies"


def test_a_point_is_moved_within_its_plot_and_its_plot_follows_it(app: Flask, staff: Signed) -> None:
    address = "/companies/kaufland/places/kaufland-brandgehaege-9/point/correct"
    html = staff.client.get(f"{address}?lang=en").get_data(as_text=True)
    given = re.search(r'id="point" name="point" value="([\d.]+), ([\d.]+)"', html)
    assert given
    lon, lat = (float(one) for one in given.groups())
    before = tables(app)
    saved(staff, address, point=f"{lon + 0.0001:.7f}, {lat:.7f}")
    assert companies(app, today())["kaufland"] == ["HK1-001"]
    assert len(tables(app)["occupancy"]) == len(before["occupancy"]), "put right in place"
    assert tables(app)["occupancy"] != before["occupancy"]
    with app.extensions["engine"].connect() as held:
        query = (
            "SELECT ST_X(p) || ', ' || ST_Y(p) FROM plot_version JOIN plot USING (plot_id),"
            " LATERAL ST_Transform(ST_PointOnSurface(geometry), 4326) p"
            " WHERE key = 'HK1-002' AND upper(valid) IS NULL"
        )
        beside = held.execute(text(query)).scalar_one()
    told = page_of(saved(staff, address.replace("correct", "change"), point=beside, day="01.03.2027"))
    assert "Kaufland" in told
    from datetime import date

    assert companies(app, date(2027, 3, 1))["kaufland"] == ["HK1-002"]
    assert companies(app, date(2027, 2, 28))["kaufland"] == ["HK1-001"]


def test_a_point_far_away_is_refused_and_the_swap_told(app: Flask, staff: Signed) -> None:
    address = "/companies/kaufland/places/kaufland-brandgehaege-9/point/correct"
    answer = previewed(staff, address, point="52.3731, 10.7276")
    assert answer.status_code == 400
    assert "with the coordinates swapped (10.7276, 52.3731)" in page_of(answer)
    assert "is not a valid point" in page_of(previewed(staff, address, point="dort"))
