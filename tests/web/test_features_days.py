"""One instant is one day, whoever asks: ``datetime``, ``TIMESTAMP`` in a filter, and GDAL's ``-where``."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyogrio
import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
# A plot changes on a day in winter and on one in summer: the clock is one hour ahead, or two.
COLLECTION = "companies"


def found(client: FlaskClient, **asked: str) -> set[str]:
    answer = client.get(f"/api/collections/{COLLECTION}/items", query_string={"limit": "1000", **asked})
    assert answer.status_code == 200, answer.text
    return {each["id"].partition("@")[0] for each in answer.json["features"]}


def beginnings(client: FlaskClient) -> list[date]:
    """Return days on which something began, of all history."""
    answer = client.get(f"/api/collections/{COLLECTION}/items?datetime=../..&limit=1000")
    days = {each["properties"]["valid_from"] for each in answer.json["features"]} - {None}
    return sorted(map(date.fromisoformat, days))


def written(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="seconds").replace("+00:00", "Z")


def test_an_instant_is_the_day_it_falls_on_in_the_parks(client: FlaskClient) -> None:
    n_seasons = set()
    for day in beginnings(client):
        begins = datetime.combine(day, time(), BERLIN)
        n_seasons.add(begins.utcoffset())
        for instant in (begins - timedelta(seconds=1), begins, begins + timedelta(hours=23)):
            expected = found(client, datetime=instant.date().isoformat())
            for zone in (UTC, BERLIN, ZoneInfo("Asia/Tokyo")):
                text = written(instant, zone)
                assert found(client, datetime=text) == expected
                by_filter = f"T_INTERSECTS(valid, TIMESTAMP('{written(instant, UTC)}'))"
                assert found(client, datetime="../..", filter=by_filter) == expected
    assert n_seasons == {timedelta(hours=1), timedelta(hours=2)}


def test_ends_of_an_interval_are_instants_alike(client: FlaskClient) -> None:
    day = beginnings(client)[-1]
    night = f"{day - timedelta(days=1)}T23:30:00Z"
    assert found(client, datetime=f"{night}/..") == found(client, datetime=f"{day}/..")
    assert found(client, datetime=f"../{night}") == found(client, datetime=f"../{day}")
