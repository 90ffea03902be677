"""“What has changed?” on the shipped data: against the states of each day, on the page, and as files."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import Connection, text

from app.db.changes import Change, change_days
from app.db.companies.companies import companies_on
from app.db.land.facilities import facilities_on
from app.db.land.plots import plots_on
from app.db.versions import records
from app.domain.kinds import BusinessCase
from app.services.companies.acts import change_from
from app.services.companies.things import company, plot
from app.services.features.park_changes import changes_between
from tests.web.page_words import read, words_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

FIRST, LAST = date(2016, 1, 1), date(2026, 6, 1)
ALL = f"/changes?from={FIRST}&to={LAST}"
ATOM = "{http://www.w3.org/2005/Atom}"


def answered(client: FlaskClient, address: str) -> Any:
    return json.loads(client.get(address).data)


def test_changes_are_the_differences_of_the_states_of_days(loaded_connection: Connection) -> None:
    held = loaded_connection
    change = Change("Erika Muster", BusinessCase.ATTRIBUTES, day=date(2023, 3, 1))
    change_from(held, {company(held, "kaufland"): {"name": "Kauf & Land"}}, change)
    change = Change("Erika Muster", BusinessCase.USE_CHANGE, day=date(2024, 2, 29))
    change_from(held, {plot(held, "HK1-007"): {"use_status": "vacant"}}, change)
    found = changes_between(held, FIRST, LAST)
    assert {(str(one.case), one.day, one.key) for one in found} == _differences(held)
    assert {"renaming", "use_change", "departure", "succession"} <= {str(one.case) for one in found}


def _differences(held: Connection) -> set[tuple[str, date, str]]:
    """Return what has happened by reading the day before and the day itself of each day of change."""
    query = """
        SELECT p.key, s.key, happened_on FROM succession
        JOIN company p ON p.company_id = predecessor_id JOIN company s ON s.company_id = successor_id
    """
    told = [row for row in held.execute(text(query)) if FIRST < row[2] <= LAST]
    followed = {(key, on) for row in told for key, on in ((row[0], row[2]), (row[1], row[2]))}
    found = {("succession", on, successor) for _, successor, on in told}
    for on in change_days(held):
        if not FIRST < on <= LAST:
            continue
        eve = on - timedelta(days=1)
        (old, old_names), (new, new_names) = (_firms(held, each) for each in (eve, on))
        for firm in old.keys() | new.keys():
            before, after = old.get(firm, set()), new.get(firm, set())
            if not before and (firm, on) not in followed:
                found.add(("arrival", on, firm))
            elif not after and (firm, on) not in followed:
                found.add(("departure", on, firm))
            elif before and after and before != after:
                kinds = bool(after - before), bool(before - after)
                case = {(True, True): "move", (True, False): "expansion", (False, True): "departure"}
                found.add((case[kinds], on, firm))
            if before and after and old_names[firm] != new_names[firm]:
                found.add(("renaming", on, firm))
        uses = [
            {row["key"]: row["use_status"] for row in records(plots_on(held, each))} for each in (eve, on)
        ]
        found |= {("use_change", on, key) for key in uses[0].keys() & uses[1] if uses[0][key] != uses[1][key]}
        found |= {("new_plot", on, key) for key in uses[1].keys() - uses[0].keys()}
        found |= {("gone_plot", on, key) for key in uses[0].keys() - uses[1].keys()}
        there = [set(facilities_on(held, each)["key"]) for each in (eve, on)]
        found |= {("new_facility", on, key) for key in there[1] - there[0]}
        found |= {("gone_facility", on, key) for key in there[0] - there[1]}
    return found


def _firms(held: Connection, on: date) -> tuple[dict[str, set[tuple[str, str]]], dict[str, str]]:
    rows = records(companies_on(held, on))
    places: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        places.setdefault(row["company"], set()).add((row["key"], row["plot"]))
    return places, {row["company"]: row["name"] for row in rows}


def test_page_and_files_tell_the_same(client: FlaskClient) -> None:
    page = read(client, f"{ALL}&lang=de")
    listed = answered(client, f"/changes.json?from={FIRST}&to={LAST}&lang=de")["changes"]
    assert [one["number"] for one in listed] == list(range(1, len(listed) + 1))
    words = words_of(page)
    for one in listed:
        assert one["sentence"] in words
        assert f'<li value="{one["number"]}">' in page
    table = list(csv.DictReader(StringIO(client.get(f"/changes.csv?from={FIRST}&to={LAST}&lang=de").text)))
    assert [(row["number"], row["sentence"]) for row in table] == [
        (str(one["number"]), one["sentence"]) for one in listed
    ]
    feed = ET.fromstring(client.get(f"/changes.atom?from={FIRST}&to={LAST}&lang=de").data)
    entries = feed.findall(f"{ATOM}entry")
    assert sorted(entry.findtext(f"{ATOM}title") or "" for entry in entries) == sorted(
        one["sentence"] for one in listed
    )
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries)
    days = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert days == sorted(days, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == days[0]
    assert all(feed.find(f"{ATOM}{name}") is not None for name in ("id", "title", "author"))


def test_german_words_and_a_numbered_map(client: FlaskClient) -> None:
    page = read(client, f"{ALL}&lang=de")
    words = words_of(page)
    assert "Zwischen dem 01.01.2016 und dem 01.06.2026" in words
    assert "Nachfolgen" in words
    assert "Kaufland folgt auf real" in words
    assert "18.11.2021" in words
    assert 'class="sketch-number' in page
    # Of what is known to the year only, no day is told.
    assert "hagebaumarkt folgt auf Obi" in words
    assert "01.01.2017" not in words


def test_a_park_has_its_own_changes(client: FlaskClient) -> None:
    both = answered(client, f"/changes.json?from={FIRST}&to={LAST}")["changes"]
    parts = [
        answered(client, f"/changes.json?from={FIRST}&to={LAST}&park={park}")["changes"]
        for park in ("heinenkamp-1", "heinenkamp-2")
    ]
    assert sum(map(len, parts)) >= len(both)
    assert {one["sentence"] for part in parts for one in part} == {one["sentence"] for one in both}
    assert all("heinenkamp-1" in one["parks"] for one in parts[0])


def test_without_days_it_is_the_year_up_to_today(client: FlaskClient) -> None:
    told = answered(client, "/changes.json")
    assert date.fromisoformat(told["to"]) - date.fromisoformat(told["from"]) in {
        timedelta(days=365),
        timedelta(days=366),
        timedelta(days=367),
    }
    assert "Zwischen diesen Tagen hat sich nichts geändert" in read(
        client, "/changes?from=1990-01-01&to=1990-02-01&lang=de"
    )


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("from=2024-01-01&to=2023-01-01", 400),
        ("from=2024-01-01&to=2024-01-01", 400),
        ("from=gestern", 400),
        ("to=0001-01-01", 400),
        ("park=nowhere", 404),
    ],
)
def test_what_cannot_be_compared_is_refused(client: FlaskClient, asked: str, status: int) -> None:
    for address in ("/changes", "/changes.json", "/changes.atom"):
        assert client.get(f"{address}?{asked}").status_code == status


def test_other_forms_there_are_none(client: FlaskClient) -> None:
    assert client.get("/changes.xlsx").status_code == 404


def test_unchanged_files_are_answered_by_304(client: FlaskClient) -> None:
    first = client.get(f"/changes.atom?from={FIRST}&to={LAST}")
    again = client.get(
        f"/changes.atom?from={FIRST}&to={LAST}", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


def test_only_public_facts(client: FlaskClient) -> None:
    for form in ("", ".json", ".csv", ".atom"):
        told = client.get(f"/changes{form}?from={FIRST}&to={LAST}").get_data(as_text=True)
        assert "audit" not in told
        assert "source_id" not in told
