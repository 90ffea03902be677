"""Wishes for tours, as tests of the planner's answers ask them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

Wish = dict[str, Any]

STURM = {"company": "sturm-isotech-heinenkamp-2", "dwell_min": 20}
YARD = {"facility": "truck-parking", "dwell_min": 15}
SCHEER = {"company": "bildhauerei-scheer-heinenkamp-2", "dwell_min": 20}


def a_wish(*stops: Wish, **changed: object) -> Wish:
    given = {"park": "heinenkamp-2", "on": "2024-04-24", "earliest": "13:00", "latest": "16:00"}
    return {**given, "stops": list(stops) or [STURM, YARD, SCHEER], **changed}


def asked(client: FlaskClient, wish: object, what: str = "plan", lang: str = "en") -> TestResponse:
    return client.post(f"/api/tours/{what}?lang={lang}", json=wish)


def planned(client: FlaskClient, *stops: Wish, **changed: object) -> dict[str, Any]:
    response = asked(client, a_wish(*stops, **changed))
    assert response.status_code == 200, response.get_json()
    plan: dict[str, Any] = response.get_json()
    return plan


def minutes(clock: str) -> int:
    return 60 * int(clock[:2]) + int(clock[3:])
