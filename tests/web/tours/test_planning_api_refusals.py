"""What the planner refuses as JSON: one sentence each, in the language of whoever asks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.web.tours.tour_requests import STURM, YARD, a_wish, asked

if TYPE_CHECKING:
    from flask.testing import FlaskClient

BAD: dict[str, tuple[Callable[[], object], int, str]] = {
    "no wish": (
        lambda: [1],
        422,
        "Tour request, as a whole: expected an object with the fields of a tour request, found “[1]”.",
    ),
    "a word too many": (
        lambda: a_wish(speed=3),
        422,
        "Tour request, as a whole: expected only the fields park, on, ",
    ),
    "no stops": (lambda: a_wish(stops=[]), 422, "Tour request, stops: expected a list of stops, found “[]”."),
    "500 stops": (
        lambda: a_wish(*[STURM] * 500),
        413,
        "A tour can have at most 64 stops here, because with more no order can be proven optimal; "
        "this one has 500.",
    ),
    "no park": (lambda: a_wish(park="nowhere"), 404, "There is no park “nowhere”; available: "),
    "no such firm": (
        lambda: a_wish(YARD, {"company": "x"}),
        404,
        "Stop 2: there is no place “x” in the parks on 24\N{NO-BREAK SPACE}Apr\N{NO-BREAK SPACE}2024.",
    ),
    "a yard before its time": (
        lambda: a_wish(YARD, on="2010-01-01"),
        404,
        "Stop 1: there is no place “truck-parking”",
    ),
    "far away": (
        lambda: a_wish({"name": "Berlin", "lon": 13.4, "lat": 52.5}),
        422,
        "Stop 1: “Berlin” lies 1",
    ),
    "off the globe": (
        lambda: a_wish({"name": "X", "lon": 10, "lat": 95}),
        422,
        "Tour request, stops[0].lat: expected a latitude in degrees, found “95”.",
    ),
    "two places at once": (
        lambda: a_wish({**STURM, **YARD}),
        422,
        "Tour request, stops[0]: expected a company, a facility,",
    ),
    "the last day of all": (
        lambda: a_wish(on="9999-12-31"),
        422,
        "Tour request, on: expected a day such as 2024-04-24, found “9999-12-31”.",
    ),
    "a place without a key": (
        lambda: a_wish({"company": "", "dwell_min": 5}),
        422,
        "Tour request, stops[0]: expected a company, a facility,",
    ),
    "a name that is not asked for": (
        lambda: a_wish({**STURM, "name": "\x00"}),
        422,
        "Tour request, stops[0]: expected a company, a facility,",
    ),
    "half a point that is not asked for": (
        lambda: a_wish({**YARD, "lat": {"a": "\x00"}}),
        422,
        "Tour request, stops[0]: expected a company, a facility,",
    ),
    "a backward window": (
        lambda: a_wish({**STURM, "windows": [["14:30", "14:00"]]}),
        422,
        "Stop 1: the time window from 14:30 to 14:00 ends before it begins.",
    ),
    "a short window": (
        lambda: a_wish({**STURM, "windows": [["14:00", "14:10"]]}),
        400,
        "A time window of “STURM Isotech” is shorter than the visit.",
    ),
    "no clock": (
        lambda: a_wish(earliest="25:00"),
        422,
        "Tour request, earliest: expected a time such as 14:00, found “25:00”.",
    ),
    "a backward day": (
        lambda: a_wish(latest="12:00"),
        422,
        "The latest end of the tour is before its earliest start.",
    ),
    "no day": (
        lambda: a_wish(on="2024-02-30"),
        422,
        "Tour request, on: expected a day such as 2024-04-24, found “2024-02-30”.",
    ),
    "a long visit": (
        lambda: a_wish({**STURM, "dwell_min": 1441}),
        422,
        "Tour request, stops[0].dwell_min: expected minutes from 0 to 1440, found “1441”.",
    ),
    "a true number": (
        lambda: a_wish({**STURM, "dwell_min": True}),
        422,
        "Tour request, stops[0].dwell_min: expected minutes from 0 to 1440, found “True”.",
    ),
    "a stop that is none": (
        lambda: a_wish(first=3),
        422,
        "Tour request, first: expected the number of a stop, counted from 0, found “3”.",
    ),
    "positions counted from 1": (
        lambda: a_wish({**YARD, "position": 1}, {**STURM, "position": 2}),
        422,
        "Tour request, stops[1].position: expected a place in the order, counted from 0, found “2”.",
    ),
    "a position before the first": (
        lambda: a_wish({**STURM, "position": -1}),
        422,
        "Tour request, stops[0].position: expected a place in the order, counted from 0, found “-1”.",
    ),
    "an order of one": (lambda: a_wish(orders=[[1]]), 422, "Tour request, orders: expected pairs of stops"),
    "a circle": (lambda: a_wish(orders=[[0, 1], [1, 0]]), 400, ""),
    "a crowd": (
        lambda: a_wish(group_size=501),
        422,
        "Tour request, group_size: expected a number of persons from 1 to 500, found “501”.",
    ),
    "a backward pause": (
        lambda: a_wish(pause={"minutes": 5, "earliest": "14:00", "latest": "13:00"}),
        422,
        "The time within which the pause may begin ends before it starts.",
    ),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("what", ["plan", "explain"])
def test_bad_wishes_are_refused_in_one_sentence(client: FlaskClient, case: str, what: str) -> None:
    wish, status, sentence = BAD[case]
    response = asked(client, wish(), what)
    told = response.get_json()["error"]
    assert (response.status_code, told.startswith(sentence)) == (status, True), told
    assert told.endswith(".")
    assert "\n" not in told


@pytest.mark.parametrize(
    "body", ['{"a": NaN}', "{", "[" * 100_000, '"\ud800"', '{"on": 1e999, "stops": -Infinity}']
)
def test_what_is_no_json_is_refused(client: FlaskClient, body: str) -> None:
    content = body.encode("utf-8", "surrogatepass")
    response = client.post("/api/tours/plan?lang=en", data=content, content_type="application/json")
    assert (response.status_code, response.get_json()["error"]) == (400, "The request is not valid JSON.")


def test_a_wish_from_a_form_of_another_site_is_not_read(client: FlaskClient) -> None:
    response = client.post("/api/tours/plan", data=json.dumps(a_wish()), content_type="text/plain")
    assert response.status_code == 415


def test_refusals_speak_german(client: FlaskClient) -> None:
    english, german = (
        asked(client, a_wish(park="x"), lang=lang).get_json()["error"] for lang in ("en", "de")
    )
    assert english != german


def test_swapped_degrees_are_refused_and_the_swap_offered(client: FlaskClient) -> None:
    there = {"name": "Tor", "lon": 52.373, "lat": 10.7495}
    told = asked(client, a_wish(there), lang="en")
    assert told.status_code == 422
    assert (
        "“Tor” lies far outside the park; with the coordinates swapped (10.7495, 52.373)"
        in told.get_json()["error"]
    )


def test_refusals_write_numbers_and_days_as_their_language_does(client: FlaskClient) -> None:
    """A comma and 24.04.2024 in German, a point and 24 Apr 2024 in English; the same distance."""
    beside = {"name": "Feld", "lon": 10.78, "lat": 52.36}
    told = {lang: asked(client, a_wish(beside), lang=lang).get_json()["error"] for lang in ("de", "en")}
    away = {lang: re.search(r" ([\d.,]+)\sk?m outside| ([\d.,]+)\skm außerhalb", told[lang]) for lang in told}
    german, english = ("".join(found.groups("")) if (found := away[lang]) else "" for lang in ("de", "en"))
    assert float(german.replace(".", "").replace(",", ".")) == float(english.replace(",", ""))
    assert "," in german
    gone = asked(client, a_wish({"company": "x"}), lang="de").get_json()["error"]
    assert "24.04.2024" in gone
    assert "2024-04-24" not in gone
