"""`?known=`: what was known at an instant, compared with answers kept when that was today's knowledge."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from app.config import Settings
from app.db.changes import Change
from app.db.cluster.embedded import Cluster
from app.domain.kinds import AccessRole, BusinessCase, Intent
from app.domain.period import PARK_ZONE
from app.services.companies.acts import change_from, correct
from app.services.companies.things import company, place, plot
from app.services.companies.undoing import undo
from app.services.neighbors.stored_pairs import neighbors_updated
from tests.databases import copy_of, loaded
from tests.web.page_words import read, words_of
from tests.web.signing_in import Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

ANALYST, PASSWORD = "Ada Analystin", "correct horse battery"
ADDRESSES = (
    "/api/collections/companies/items?limit=1000",
    "/api/collections/plots/items?limit=1000&datetime=2021-06-01",
    "/api/collections/plots/items?limit=1000",
    "/api/collections/facilities/items?limit=1000",
    "/api/collections/adjacency/items?limit=1000",
    "/api/collections/company-neighbors/items?limit=1000",
    "/api/collections/plots/items/HK1-007?datetime=2022-01-01",
    "/api/companies/kaufland/neighbors?on=2026-01-01",
    "/api/plots/HK1-001/neighbors?on=2026-01-01",
    "/api/changes?lang=de",
    "/exports/companies.csv",
    "/exports/plots.geojson",
    "/map/links.json",
)


@dataclass
class State:
    """The answers of all addresses as they were at an instant."""

    at: datetime
    answers: dict[str, Any]


@pytest.fixture(scope="module")
def recorded(cluster: Cluster, make_app: Any, settings: Settings) -> Iterator[tuple[Flask, list[State]]]:
    """An application whose data were changed again and again, and the answers after each change."""
    with copy_of(cluster, loaded) as url:
        app = make_app(replace(settings, database_url=url))
        let_in(app)
        let_in(app, ANALYST, PASSWORD, AccessRole.ANALYST)
        yield app, _changed_again_and_again(app)
        app.extensions["engine"].dispose()


def _changed_again_and_again(app: Flask) -> list[State]:
    client, chance = app.test_client(), random.Random(15)
    states = [_state(app, client)]
    made: list[int] = []
    acts = [_rename, _close_a_plot, _new_use, _move_a_boundary, _succeed, _rename, _undo, _capacity, _redate]
    for act in acts:
        with app.extensions["engine"].begin() as held:
            act(held, chance, made)
        states.append(_state(app, client))
    return states


def _state(app: Flask, client: FlaskClient) -> State:
    with app.extensions["engine"].connect() as held:
        at = held.execute(text("SELECT clock_timestamp()")).scalar_one()
    return State(at, {address: _content(client.get(address)) for address in ADDRESSES})


def _content(answer: Any) -> Any:
    """Return what an answer says, without when and where it was asked."""
    assert answer.status_code in {200, 404, 410}, answer.get_data(as_text=True)
    body = answer.get_data(as_text=True)
    if "json" not in (answer.mimetype or ""):
        return body
    return _without_moments(json.loads(body))


def _without_moments(told: Any) -> Any:
    if isinstance(told, dict):
        left_out = {"timeStamp", "links", "generated_from", "exported_on"}
        return {name: _without_moments(each) for name, each in told.items() if name not in left_out}
    return [_without_moments(each) for each in told] if isinstance(told, list) else told


def _change(case: BusinessCase = BusinessCase.ATTRIBUTES) -> Change:
    return Change("Erika Muster", case, Intent.CHANGE, day=date(2020, 5, 1))


def _rename(held: Any, chance: random.Random, made: list[int]) -> None:
    firm = company(held, chance.choice(["kaufland", "akka", "avia-xpress"]))
    name = f"Name {chance.randrange(10**6)}"
    made.append(correct(held, firm, {"name": name}, replace(_change(), day=date(2026, 1, 1))))


def _close_a_plot(held: Any, chance: random.Random, made: list[int]) -> None:
    held.execute(text("SELECT set_config('app.actor', 'Erika Muster', true)"))
    with neighbors_updated(held, ["HK1-001"]):
        held.execute(
            text(
                "UPDATE plot_version SET valid = daterange(lower(valid), '2025-01-01') WHERE plot_key = :key"
            ),
            {"key": "HK1-001"},
        )


def _new_use(held: Any, chance: random.Random, made: list[int]) -> None:
    uses = change_from(held, {plot(held, "HK1-007"): {"use_status": "construction"}}, _change())
    made.append(uses)


def _move_a_boundary(held: Any, chance: random.Random, made: list[int]) -> None:
    held.execute(text("SELECT set_config('app.actor', 'Erika Muster', true)"))
    with neighbors_updated(held, ["HK1-010"]):
        held.execute(
            text("UPDATE plot_version SET geometry = ST_Buffer(geometry, -20) WHERE plot_key = 'HK1-010'")
        )


def _succeed(held: Any, chance: random.Random, made: list[int]) -> None:
    held.execute(text("SELECT set_config('app.actor', 'Erika Muster', true)"))
    held.execute(
        text(
            "INSERT INTO succession (predecessor_id, successor_id, kind, happened_on, precision)"
            " SELECT a.company_id, b.company_id, 'takeover', '2022-02-02', 'day'"
            " FROM company a, company b WHERE a.key = 'akka' AND b.key = 'kaufland'"
        )
    )


def _undo(held: Any, chance: random.Random, made: list[int]) -> None:
    undo(held, made[-1], _change())


def _capacity(held: Any, chance: random.Random, made: list[int]) -> None:
    held.execute(text("SELECT set_config('app.actor', 'Erika Muster', true)"))
    held.execute(text("UPDATE facility SET capacity = 77 WHERE kind = 'truck_parking'"))
    held.execute(text("DELETE FROM facility WHERE kind = 'bus_stop'"))


def _redate(held: Any, chance: random.Random, made: list[int]) -> None:
    key = held.execute(
        text("SELECT key FROM occupancy WHERE upper_inf(valid) ORDER BY key LIMIT 1")
    ).scalar_one()
    thing = place(key)
    made.append(correct(held, thing, {"note": "anders"}, replace(_change(), day=date(2026, 1, 1))))


@pytest.fixture(scope="module")
def analyst(recorded: tuple[Flask, list[State]]) -> Signed:
    found = signed_in(recorded[0], ANALYST, password=PASSWORD)
    # As the visitor reads.
    found.client.get("/companies?lang=de")
    return found


def asked(client: FlaskClient, address: str, at: datetime | str) -> Any:
    known = at if isinstance(at, str) else at.astimezone(PARK_ZONE).replace(tzinfo=None).isoformat()
    return client.get(f"{address}{'&' if '?' in address else '?'}known={known}")


def test_known_gives_back_each_state(recorded: tuple[Flask, list[State]], analyst: Signed) -> None:
    _, states = recorded
    for n, state in enumerate(states):
        # Each address is asked again and again; all of all states take their time.
        for address in ADDRESSES[n % 3 :: 3]:
            known = _content(asked(analyst.client, address, state.at))
            assert known == state.answers[address], (n, address)
    # They were not all the same, or nothing is shown by it.
    for address in ADDRESSES:
        assert any(state.answers[address] != states[0].answers[address] for state in states), address


def test_what_is_known_today_is_untouched(recorded: tuple[Flask, list[State]], analyst: Signed) -> None:
    app, states = recorded
    for address in ADDRESSES[::3]:
        asked(analyst.client, address, states[0].at)
        assert _content(app.test_client().get(address)) == states[-1].answers[address]


def test_before_the_first_record_nothing_is_known(
    recorded: tuple[Flask, list[State]], analyst: Signed
) -> None:
    found = asked(analyst.client, "/api/collections/plots/items", "1999-12-31T12:00")
    assert json.loads(found.data)["numberMatched"] == 0
    assert json.loads(asked(analyst.client, ADDRESSES[4], "1999-12-31T12:00").data)["features"] == []
    page = asked(analyst.client, "/companies?lang=de", "1999-12-31T12:00").get_data(as_text=True)
    assert "Damals war noch nichts erfasst" in page


def test_pages_say_whose_knowledge_it_is(recorded: tuple[Flask, list[State]], analyst: Signed) -> None:
    _, states = recorded
    page = asked(analyst.client, "/companies?lang=de&park=heinenkamp-1", states[0].at).get_data(as_text=True)
    day = states[0].at.astimezone(PARK_ZONE)
    assert f"Kenntnisstand vom {day:%d.%m.%Y}" in page
    assert 'href="/companies?lang=de&amp;park=heinenkamp-1"' in page
    assert "known-band" not in analyst.client.get("/companies?lang=de").get_data(as_text=True)


def test_who_may_ask(recorded: tuple[Flask, list[State]], analyst: Signed) -> None:
    app, states = recorded
    visitor = app.test_client()
    staff = signed_in(app).client
    for address in ("/", "/companies", "/daten", "/changes", *ADDRESSES):
        assert asked(visitor, address, states[0].at).status_code == 403, address
    for address in ("/", "/companies", "/daten", "/changes", "/changes.json"):
        assert asked(analyst.client, address, states[0].at).status_code == 200, address
        assert asked(staff, address, states[0].at).status_code == 200, address
    data = json.loads(asked(visitor, "/api/collections/plots/items?lang=en", states[0].at).data)
    assert (
        data["error"]
        == "What was known at an earlier time is shown to staff and analysts only, once signed in."
    )


def test_nobody_keeps_what_was_known(recorded: tuple[Flask, list[State]], analyst: Signed) -> None:
    _, states = recorded
    marks = set()
    for state in states[:3]:
        found = asked(analyst.client, "/api/collections/plots/items", state.at)
        assert found.headers["Cache-Control"] == "no-store"
        marks.add(found.headers["ETag"])
        file = asked(analyst.client, "/exports/plots.gpkg", state.at)
        assert file.headers["Cache-Control"] == "no-store"
        marks.add(file.headers["ETag"])
    assert len(marks) == 6


@pytest.mark.parametrize(
    ("known", "address"),
    [
        ("gestern", "/companies"),
        ("2024-04-24", "/companies"),
        ("2024-13-24T14:05", "/companies"),
        ("2999-01-01T00:00", "/companies"),
        ("2024-04-24T14:05", "/tours"),
        ("2024-04-24T14:05", "/api/collections/tours/items"),
        ("2024-04-24T14:05", "/exports/tour-stops.csv"),
        ("2024-04-24T14:05", "/api/reach?from=company:kaufland"),
        ("2024-04-24T14:05", "/account"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    recorded: tuple[Flask, list[State]], analyst: Signed, known: str, address: str
) -> None:
    refused = asked(analyst.client, address, known)
    assert refused.status_code == 400
    assert "known" in refused.get_data(as_text=True) or known in refused.get_data(as_text=True)


def test_links_stay_in_the_past(recorded: tuple[Flask, list[State]], analyst: Signed) -> None:
    _, states = recorded
    known = (states[1].at + timedelta(microseconds=1)).astimezone(PARK_ZONE).replace(tzinfo=None).isoformat()
    page = json.loads(asked(analyst.client, "/api/collections/plots/items?limit=10", known).data)
    links = {link["rel"]: link["href"] for link in page["links"]}
    assert "known=" in links["next"]
    seen = [feature["id"] for feature in page["features"]]
    while "next" in links:
        page = json.loads(analyst.client.get(links["next"]).data)
        links = {link["rel"]: link["href"] for link in page["links"]}
        seen += [feature["id"] for feature in page["features"]]
    assert len(seen) == len(set(seen)) == page["numberMatched"]
    assert all("known=" in link["href"] for link in page["links"] if link["rel"] == "enclosure")
    one = json.loads(asked(analyst.client, "/api/collections/plots/items/HK1-007", known).data)
    linked = [
        link["href"]
        for link in one["links"]
        if link["rel"] in {"canonical", "timemap", "predecessor-version"}
    ]
    assert linked
    assert all("known=" in href for href in linked)


def test_staff_read_what_was_changed_of_a_plot_and_of_a_facility(recorded: tuple[Flask, list[State]]) -> None:
    app, _ = recorded
    staff = signed_in(app).client
    listed = read(staff, "/changes/saved?whose=all&plot=HK1-007&lang=de")
    # The first import, the change of use, and what took it back or came after.
    numbers = [int(number) for number in re.findall(r'href="/changes/(\d+)"', listed)]
    assert "Wer hat was geändert: HK1-007" in words_of(listed)
    assert numbers == sorted(numbers, reverse=True)
    assert "Import" in words_of(listed)
    assert "Nutzung" in words_of(read(staff, f"/changes/{numbers[-2]}"))
    other = read(staff, "/changes/saved?whose=all&plot=HK1-045&lang=de")
    assert len(re.findall(r'href="/changes/(\d+)"', other)) == 1
    parking = json.loads(staff.get("/api/collections/facilities/items?kind=truck_parking").data)["features"][
        0
    ]
    listed = read(staff, f"/changes/saved?whose=all&facility={parking['properties']['key']}&lang=de")
    [latest, *_] = re.findall(r'href="/changes/(\d+)"', listed)
    words = words_of(read(staff, f"/changes/{latest}?lang=de"))
    assert "Kapazität" in words
    assert "77" in words


def test_a_change_leads_to_what_was_known_before_it(recorded: tuple[Flask, list[State]]) -> None:
    app, states = recorded
    staff = signed_in(app).client
    page = unescape(read(staff, "/changes/2?lang=de"))
    [address] = re.findall(r'href="(/\?known=[^"]+)"', page)
    assert "Kenntnisstand vom" in read(staff, address)
    known = parse_qs(urlsplit(address).query)["known"][0]
    told = asked(staff, "/api/collections/companies/items?limit=1000", known)
    assert _content(told) == states[0].answers["/api/collections/companies/items?limit=1000"]
