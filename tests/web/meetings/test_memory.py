"""What is remembered of meetings in the shipped park: lists, pairs, the index as an interval, statements."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, insert, select

from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.companies.companies import company_ids
from app.db.models import Meeting, MeetingPark, Park
from app.domain.meetings import EventKind
from app.services.meetings.participation import record_by_staff
from tests.web.signing_in import Signed, signed_in, staffed_copy

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.conftest import MakeApp

ON = "2026-11-30"
PARK = "heinenkamp-1"


def hold(connection: Connection, day: str, **presence: str) -> None:
    """Store a meeting that was held, with who was invited and what is known of each."""
    park = connection.execute(select(Park.park_id).where(Park.key == PARK)).scalar_one()
    values = {
        "key": f"test-{day}", "park_id": park, "title": "Test", "held_on": day, "state": "held",
        "uid": f"test-{day}@example.org", "organizers": [], "attendance_known": "partial",
    }  # fmt: skip
    number = connection.execute(insert(Meeting).values(values).returning(Meeting.meeting_id)).scalar_one()
    connection.execute(insert(MeetingPark).values(meeting_id=number, park_id=park))
    ids = company_ids(connection)
    at = datetime.fromisoformat(f"{day}T08:00+00:00").astimezone(UTC).isoformat()
    invited = {ids[key.replace("_", "-")]: {"at": at, "via": "letter"} for key in presence}
    record_by_staff(connection, number, EventKind.INVITE, invited)
    known = {
        ids[key.replace("_", "-")]: {"presence": value, "basis": "list"}
        for key, value in presence.items()
        if value != "unknown"
    }
    record_by_staff(connection, number, EventKind.PRESENCE, known)


def filled(held: Connection) -> None:
    hold(held, "2026-03-10", kaufland="present", hornbach="present", boels_rental="absent")
    hold(held, "2026-09-10", kaufland="absent", hornbach="unknown", boels_rental="present")


@pytest.fixture(scope="module")
def app(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Flask]:
    """The shipped park with two made-up meetings of three neighbors."""
    with staffed_copy(cluster, make_app, settings, filled) as app:
        yield app


@pytest.fixture(scope="module")
def staff(app: Flask) -> Signed:
    return signed_in(app)


def rows_of(text: str, delimiter: str = ";") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter))


def test_companies_at_meetings(staff: Signed) -> None:
    found = rows_of(staff.client.get(f"/meetings/memory.csv?on={ON}&lang=en").get_data(as_text=True))
    by_name = {row["Company"]: row for row in found}
    kaufland, hornbach = by_name["Kaufland"], by_name["HORNBACH"]
    assert (kaufland["Invited"], kaufland["Attended"], kaufland["Presence known"]) == ("2", "1", "2")
    assert (hornbach["Invited"], hornbach["Attended"], hornbach["Presence known"]) == ("2", "1", "1")
    assert "presence unknown" in hornbach["Lists"]
    assert "never came" not in hornbach["Lists"]
    assert all("never came" not in row["Lists"] or row["Invited"] != "0" for row in found)
    page = staff.client.get(f"/meetings/memory?on={ON}&list=unknown&lang=de").get_data(as_text=True)
    assert "HORNBACH" in page
    assert "Kaufland" not in page
    assert "Anwesenheit unbekannt" in page


def test_pairs_are_as_certain_as_attendance(staff: Signed) -> None:
    """The first meeting had two for certain; at the second one of two is not known to have been there."""
    address = f"/meetings/neighbors.csv?on={ON}&talks=1"
    pairs = {
        (row["company"], row["neighbor"]): row
        for row in rows_of(staff.client.get(address).get_data(as_text=True))
    }
    sure = pairs["hornbach", "kaufland"]
    assert (sure["met_low"], sure["met_high"], sure["state"]) == ("1", "1", "met")
    open_one = next(row for pair, row in pairs.items() if set(pair) == {"boels-rental", "hornbach"})
    assert (open_one["met_low"], open_one["met_high"], open_one["state"]) == ("0", "1", "open")
    weights = [float(row["weight"]) for row in pairs.values()]
    low = sum(w * float(row["met_low"]) for w, row in zip(weights, pairs.values(), strict=True)) / sum(
        weights
    )
    high = sum(w * float(row["met_high"]) for w, row in zip(weights, pairs.values(), strict=True)) / sum(
        weights
    )
    page = staff.client.get(f"/meetings/neighbors?on={ON}&talks=1&lang=en").get_data(as_text=True)
    shown = re.search(r'href="#pairs">([\d.]+)–([\d.]+)\s%', page)
    assert shown
    assert float(shown[1]) == pytest.approx(100 * low, abs=0.06)
    assert float(shown[2]) == pytest.approx(100 * high, abs=0.06)
    assert 'class="band"' in page
    counts = {row["state"] for row in pairs.values()}
    for state in counts:
        listed = staff.client.get(f"/meetings/neighbors?on={ON}&talks=1&state={state}").get_data(as_text=True)
        n = sum(row["state"] == state for row in pairs.values())
        assert listed.count('<tr><th scope="row" lang="de">') == n


def test_a_successor_has_met_nobody(staff: Signed) -> None:
    """On a day before Kaufland came its predecessor was there; no meeting was."""
    answer = staff.client.get("/meetings/neighbors?on=2021-01-01&lang=en")
    assert answer.status_code == 200
    assert "0.0 %" in answer.get_data(as_text=True)


def test_what_a_person_says_is_stored_with_who_said_it(staff: Signed) -> None:
    given = {"one": "kaufland", "other": "boels-rental", "source": "Marktleitung", "day": "01.10.2026"}
    token = {"csrf_token": staff.token}
    refused = staff.client.post(
        "/meetings/neighbors/statements?lang=de",
        data={**token, **given, "source": " "},
        follow_redirects=True,
    )
    assert "wer das gesagt hat" in refused.get_data(as_text=True)
    staff.client.post("/meetings/neighbors/statements", data={**token, **given})
    before = rows_of(staff.client.get("/meetings/neighbors.csv?on=2026-09-30").get_data(as_text=True))
    after = rows_of(staff.client.get(f"/meetings/neighbors.csv?on={ON}").get_data(as_text=True))
    met = [
        next(
            row["met_low"]
            for row in rows
            if {row["company"], row["neighbor"]} == {"kaufland", "boels-rental"}
        )
        for rows in (before, after)
    ]
    assert met == ["0", "1"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("talks=viele", "talks: Erwartet wird eine Zahl von 1 bis 50."),
        ("across=2", "across: Erwartet wird eine Zahl von 0 bis 1."),
        ("state=x", "Eine Liste „x“ gibt es nicht."),
        ("park=nirgends", "nirgends"),
    ],
)
def test_what_is_wrong_is_refused_in_words(staff: Signed, query: str, sentence: str) -> None:
    answer = staff.client.get(f"/meetings/neighbors?{query}&lang=de")
    assert answer.status_code in {400, 404}
    assert sentence in answer.get_data(as_text=True)


@pytest.mark.parametrize("address", ["/meetings/memory", "/meetings/neighbors", "/meetings/neighbors.csv"])
def test_visitors_see_nothing_of_it(app: Flask, address: str) -> None:
    answer = app.test_client().get(address)
    assert answer.status_code in {302, 401, 403}
    assert "Kaufland" not in answer.get_data(as_text=True)
