"""One instant is one day, whoever asks: ``datetime``, ``TIMESTAMP`` in a filter, and GDAL's ``-where``."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyogrio
import pytest

from tests.web.conftest import Analyst

if TYPE_CHECKING:
    from flask.testing import FlaskClient

BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
# Something begins in winter in the one and in summer in the other: the clock is one hour ahead, or two.
COLLECTIONS = ("companies", "facilities")


def found(client: FlaskClient, collection: str, **asked: str) -> set[str]:
    query = {"limit": "1000", **asked}
    answer = client.get(f"/api/collections/{collection}/items", query_string=query)
    assert answer.status_code == 200, answer.text
    return {each["id"].partition("@")[0] for each in answer.json["features"]}


def beginnings(client: FlaskClient, collection: str) -> list[date]:
    """Return days on which something began, of all history."""
    answer = client.get(f"/api/collections/{collection}/items?datetime=../..&limit=1000")
    days = {each["properties"]["valid_from"] for each in answer.json["features"]} - {None}
    return sorted(map(date.fromisoformat, days))


def written(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="seconds").replace("+00:00", "Z")


def test_an_instant_is_the_day_it_falls_on_in_the_parks(client: FlaskClient) -> None:
    days = [(name, day) for name in COLLECTIONS for day in beginnings(client, name)]
    assert {datetime.combine(day, time(), BERLIN).utcoffset() for _, day in days} == {
        timedelta(hours=1),
        timedelta(hours=2),
    }
    for name, day in days:
        begins = datetime.combine(day, time(), BERLIN)
        for instant in (begins - timedelta(seconds=1), begins, begins + timedelta(hours=22)):
            expected = found(client, name, datetime=instant.date().isoformat())
            for zone in (UTC, BERLIN, ZoneInfo("Asia/Tokyo")):
                assert found(client, name, datetime=written(instant, zone)) == expected
                by_filter = f"T_INTERSECTS(valid, TIMESTAMP('{written(instant, UTC)}'))"
                assert found(client, name, datetime="../..", filter=by_filter) == expected


def test_ends_of_an_interval_are_instants_alike(client: FlaskClient) -> None:
    day = beginnings(client, "companies")[-1]
    night = f"{day - timedelta(days=1)}T23:30:00Z"
    for before, after in (("", "/.."), ("../", "")):
        by_instant, by_day = (f"{before}{told}{after}" for told in (night, day))
        assert found(client, "companies", datetime=by_instant) == found(client, "companies", datetime=by_day)


# What GDAL's users write -> the same in Python, of today's rows.
WHERE = {
    "valid_from >= '2021-01-01'": lambda row: _day(row) is not None and _day(row) >= date(2021, 1, 1),
    "valid_from < '2021/01/01'": lambda row: _day(row) is not None and _day(row) < date(2021, 1, 1),
    "valid_from >= '2020-01-01' AND valid_from <= '2022-12-31'": lambda row: (
        _day(row) is not None and date(2020, 1, 1) <= _day(row) <= date(2022, 12, 31)
    ),
    "valid_from IS NULL": lambda row: _day(row) is None,
    "valid_from IS NULL OR valid_from < '2000-01-01'": lambda row: (
        _day(row) is None or _day(row) < date(2000, 1, 1)
    ),
    "name ILIKE 'k%'": lambda row: row["name"].lower().startswith("k"),
    "name LIKE 'K%' AND NOT (sector_group = 'retail')": lambda row: (
        row["name"].startswith("K") and row["sector_group"] != "retail"
    ),
}


def _day(row: dict[str, Any]) -> date | None:
    return date.fromisoformat(row["valid_from"]) if row["valid_from"] else None


@pytest.mark.parametrize("where", WHERE)
def test_gdal_filters_days_as_they_are_written(
    live_server: str, client: FlaskClient, analyst: Analyst, where: str
) -> None:
    """GDAL sends a filter, and not a `datetime`, which would ask for another day's rows."""
    rows = client.get("/api/collections/companies/items?limit=1000").json["features"]
    expected = {row["id"] for row in rows if WHERE[where](row["properties"])}
    source = f"OAPIF:{live_server}api"
    told = analyst(pyogrio.read_dataframe, source, layer="companies", where=where)
    assert set(told["id"]) == expected
    assert 0 < len(expected) < len(rows) or not expected


def test_gdal_knows_no_true_and_false(live_server: str, analyst: Analyst) -> None:
    read = partial(analyst, pyogrio.read_dataframe, f"OAPIF:{live_server}api", layer="adjacency")
    parts = [len(read(where=f"is_override = {n}")) for n in (0, 1)]
    assert sum(parts) == len(read()) > 0


def test_gdal_asks_for_another_day_in_the_address(
    live_server: str, client: FlaskClient, analyst: Analyst
) -> None:
    """As the page of columns tells analysts."""
    address = f"OAPIF:{live_server}api/collections/companies?datetime=2021-01-01"
    told = analyst(pyogrio.read_dataframe, address)
    assert set(told["id"]) == found(client, "companies", datetime="2021-01-01")
    assert "Kaufland" not in set(told["name"])
