"""Whom to bring together next, who is kept apart, and groups of a meeting, in the shipped park."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, text

from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.meetings.choosing import groupings
from app.domain.meetings import EventKind
from app.errors import InputError
from app.services.meetings.acquaintances import Acquaintances, IndexQuestion
from app.services.meetings.choices import groups, next_meeting
from app.services.meetings.choices.next_meeting import NextQuestion, next_meetings
from app.services.meetings.participation import record_by_staff
from tests.unit.tours.tour_problems import LONG_S
from tests.web.meetings.test_memory import hold
from tests.web.signing_in import Signed, signed_in, staffed_copy

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.conftest import MakeApp

ON, PARK = date(2026, 11, 30), "heinenkamp-1"
NEXT = f"/meetings/next?on={ON}&park={PARK}"


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, the proof is waited for."""
    monkeypatch.setattr(next_meeting, "LIMIT_S", LONG_S)
    monkeypatch.setattr(groups, "LIMIT_S", LONG_S)


def filled(held: Connection) -> None:
    hold(held, "2024-03-10", kaufland="present", hornbach="present", boels_rental="absent")
    hold(held, "2026-09-10", kaufland="absent", hornbach="unknown", boels_rental="present")


@pytest.fixture
def app(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Flask]:
    """The shipped park with two meetings of three neighbors."""
    with staffed_copy(cluster, make_app, settings, filled) as app:
        yield app


@pytest.fixture
def erika(app: Flask) -> Signed:
    return signed_in(app)


def weights_of(app: Flask) -> dict[frozenset[str], float]:
    """Return the pairs of neighbors that have not met, from the list that the page of pairs shows."""
    with app.extensions["engine"].connect() as held:
        found = Acquaintances(held, IndexQuestion(ON, PARK)).at(ON).listed()
    return {frozenset((one.focal, one.neighbor)): one.weight for one in found if one.met.low < 0.5}


def test_the_next_meeting_is_the_best_of_all_by_brute_force(app: Flask) -> None:
    """With three guests and no fairness; each choice is worth the pairs it brings together."""
    weights = weights_of(app)
    with app.extensions["engine"].connect() as held:
        found = next_meetings(held, NextQuestion(ON, PARK, n_guests=3, fairness=0.0))
    keys = sorted({key for pair in weights for key in pair})
    values = sorted(
        (
            sum(weights.get(frozenset(pair), 0.0) for pair in combinations(four, 2))
            for four in combinations(keys, 4)
        ),
        reverse=True,
    )
    assert [one.pairs_value for one in found] == pytest.approx(values[:3])
    assert all(one.is_proved for one in found)
    for one in found:
        own = [company.key for company in one.companies]
        assert one.n_pairs == sum(frozenset(pair) in weights for pair in combinations(own, 2))
        assert sum(len(company.meets) for company in one.companies) == 2 * one.n_pairs
        assert sum(company.weight for company in one.companies) == pytest.approx(2 * one.pairs_value)


def test_fairness_is_a_weight_of_its_own(app: Flask) -> None:
    with app.extensions["engine"].connect() as held:
        (fair, *_) = next_meetings(held, NextQuestion(ON, PARK, n_guests=3, fairness=10.0))
    dues = [company.due for company in fair.companies]
    assert fair.fairness_value == pytest.approx(10 * sum(dues))
    assert not {"kaufland", "hornbach", "boels-rental"} & {company.key for company in fair.companies}
    assert dues == [1, 1, 1, 1]


def test_a_walk_that_is_asked_for_is_kept(app: Flask) -> None:
    question = NextQuestion(ON, PARK, n_guests=4, fairness=0.0, dwell_min=5)
    with app.extensions["engine"].connect() as held:
        (free, *_) = next_meetings(held, question)
        (walked, *_) = next_meetings(held, replace(question, walk_min=300))
        assert walked.walk_min is not None
        assert 20 < walked.walk_min < 300
        assert walked.pairs_value == pytest.approx(free.pairs_value)
        (just, *_) = next_meetings(held, replace(question, walk_min=walked.walk_min))
        assert just.walk_min == walked.walk_min
        assert just.is_proved
        # Four visits of five minutes.
        with pytest.raises(InputError):
            next_meetings(held, replace(question, walk_min=19))


def test_the_page_shows_the_proof_and_leads_to_the_list_with_the_chosen_ticked(
    app: Flask, erika: Signed
) -> None:
    shown = erika.client.get(f"{NEXT}&guests=5&lang=en").get_data(as_text=True)
    assert "no other choice is worth more" in shown
    with app.extensions["engine"].connect() as held:
        (best, *_) = next_meetings(held, NextQuestion(ON, PARK, n_guests=5))
    address = re.search(r'href="(/meetings/new[^"]+)"', shown)
    assert address
    plan = address[1].replace("&amp;", "&")
    assert [company.key for company in best.companies[1:]] == re.findall(r"guest=([^&]+)", plan)
    form = {"title": "Nächstes", "day": "22.04.2027", "starts": "14:00", "ends": "16:00"}
    made = erika.fill(plan, host=best.host.key, **{f"park-{PARK}": "yes"}, **form)
    assert made.status_code == 302, made.get_data(as_text=True)
    ticked = re.findall(
        r'name="tick" value="([^"]+)" checked', erika.client.get(made.location).get_data(as_text=True)
    )
    assert set(ticked) == {company.key for company in best.companies[1:]}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("guests=0", "Guests beside the host"),
        ("guests=many", "Guests beside the host"),
        ("guests=40", "cannot be chosen"),
        ("walk=0", "Longest walk"),
        ("walk=30&guests=25", "a number from 1 to 18"),
        ("host=nobody", "“nobody”"),
        ("guests=8&walk=1", "No walk of at most 1 min"),
    ],
)
def test_what_cannot_be_gets_a_sentence(erika: Signed, asked: str, words: str) -> None:
    answer = erika.client.get(f"{NEXT}&{asked}&lang=en")
    assert 400 <= answer.status_code < 500
    assert words in answer.get_data(as_text=True)


def test_who_is_kept_apart_is_never_chosen_together(app: Flask, erika: Signed) -> None:
    with app.extensions["engine"].connect() as held:
        (before, *_) = next_meetings(held, NextQuestion(ON, PARK, n_guests=3))
    pair = before.companies[0].key, before.companies[1].key
    answer = erika.fill("/meetings/next/apart", one=pair[0], other=pair[1], note="Mitbewerber")
    assert answer.status_code == 302
    assert "Mitbewerber" in erika.client.get(f"{NEXT}&lang=en").get_data(as_text=True)
    with app.extensions["engine"].connect() as held:
        for one in next_meetings(held, NextQuestion(ON, PARK, n_guests=3)):
            assert not set(pair) <= {company.key for company in one.companies}
    erika.fill("/meetings/next/apart", one=pair[1], other=pair[0], act="end")
    with app.extensions["engine"].connect() as held:
        (after, *_) = next_meetings(held, NextQuestion(ON, PARK, n_guests=3))
    assert after.pairs_value == pytest.approx(before.pairs_value)
    for wrong in ({"one": "nobody", "other": pair[0]}, {"one": pair[0], "other": pair[0]}):
        erika.fill("/meetings/next/apart", **wrong)
        with app.extensions["engine"].connect() as held:
            assert not held.execute(text("SELECT 1 FROM keep_apart")).all()


def accept(app: Flask, n: int) -> tuple[str, list[str]]:
    """Let the first companies accept an invitation to a meeting; return its key and theirs."""
    with app.extensions["engine"].begin() as held:
        keys = sorted({key for pair in weights_of(app) for key in pair})[:n]
        rows = held.execute(text("SELECT key, company_id FROM company")).all()
        ids = dict(rows)
        number = held.execute(
            text("SELECT meeting_id FROM meeting WHERE key = 'test-2026-09-10'")
        ).scalar_one()
        record_by_staff(
            held, number, EventKind.ANSWER, {ids[key]: {"answer": "accepted", "via": "staff"} for key in keys}
        )
    return "test-2026-09-10", keys


def test_groups_are_the_best_of_all_by_brute_force(app: Flask, erika: Signed) -> None:
    meeting, keys = accept(app, 8)
    page = f"/meetings/{meeting}/groups"
    answer = erika.fill(page, who="accepted", groups="2", rounds="1")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    shown = erika.client.get(f"{page}?lang=en").get_data(as_text=True)
    assert "no other groups are worth more" in shown
    with app.extensions["engine"].connect() as held:
        row = groupings(held, meeting)[meeting]
    [both] = row["rounds"]
    assert sorted(key for group in both for key in group) == keys
    assert [len(group) for group in both] == [4, 4]
    # No two of them met before this meeting.
    weights = weights_of(app)

    def value(four: tuple[str, ...]) -> float:
        halves = four, [key for key in keys if key not in four]
        return sum(weights.get(frozenset(p), 0.0) for half in halves for p in combinations(half, 2))

    assert row["value"] == pytest.approx(max(map(value, combinations(keys, 4))))
    assert row["proven"]
    assert erika.fill(f"{page}/drop").status_code == 302
    assert erika.fill(f"{page}/drop").status_code == 404


def test_who_was_in_one_group_has_met_and_the_others_have_not(app: Flask, erika: Signed) -> None:
    """Present are two groups of two; without groups the four had all met."""
    meeting, keys = accept(app, 4)
    with app.extensions["engine"].begin() as held:
        number = held.execute(
            text("SELECT meeting_id FROM meeting WHERE key = :key"), {"key": meeting}
        ).scalar_one()
        ids = dict(held.execute(text("SELECT key, company_id FROM company")).all())
        there = {ids[key]: {"presence": "present", "basis": "list"} for key in keys}
        record_by_staff(held, number, EventKind.PRESENCE, there)
    erika.fill(f"/meetings/{meeting}/groups", who="accepted", groups="2", rounds="1")
    with app.extensions["engine"].connect() as held:
        [rounds] = groupings(held, meeting)[meeting]["rounds"]
        known = Acquaintances(held, IndexQuestion(ON))
        met = known.at(ON).met.low
    index = {key: known.companies.index(key) for key in keys}
    for a, b in combinations(keys, 2):
        is_together = any({a, b} <= set(group) for group in rounds)
        assert met[index[a], index[b]] == (1.0 if is_together else 0.0), (a, b)


def test_groups_that_cannot_be_are_refused(app: Flask, erika: Signed) -> None:
    meeting, _ = accept(app, 5)
    page = f"/meetings/{meeting}/groups"
    for given in ({"groups": "3"}, {"groups": "0"}, {"groups": "x"}, {"rounds": "99"}, {"who": "all"}):
        answer = erika.fill(page, **{"who": "accepted", "groups": "2", "rounds": "1", **given})
        assert answer.status_code == 400, given
    assert "No groups are made yet" in erika.client.get(f"{page}?lang=en").get_data(as_text=True)
