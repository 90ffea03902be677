"""Pairs of neighboring companies: what the cards tell company by company, day by day."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, func, text

from app.analysis.neighborhood import company_neighbors
from app.db.changes import change_days
from app.db.companies.companies import companies_on, company_neighbors_on
from app.db.features import count, feature, page, selection, texts
from app.db.land.plots import plots_on
from app.db.neighbors.adjacency import adjacency_on
from app.domain.feature_query import ALL_TIME, Box, FeatureQuery, Span
from app.domain.kinds import OverrideRelation
from app.domain.period import Period
from app.services.neighbors.neighborhood import frames_around
from app.services.neighbors.overrides import Override, add_override
from app.services.neighbors.stored_pairs import rebuild_neighbors
from tests.scenes import rectangle
from tests.stored import days, store_park, store_plot

TODAY = date(2024, 4, 24)
MEASURES = ("shared_m", "gap_m", "facing_m", "overlap_m2")


def pairs_on_cards(connection: Connection, on: date) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return for each company and each neighbor what the company's card says of it."""
    frames = companies_on(connection, on), plots_on(connection, on), adjacency_on(connection, on)
    found = {}
    for company in sorted(set(frames[0]["company"])):
        for neighbor in company_neighbors(company, *frames):
            measures = tuple(_rounded(getattr(neighbor, name)) for name in MEASURES)
            for member in neighbor.members:
                assert (company, member.key) not in found
                found[company, member.key] = (
                    *(str(neighbor.relation), *measures, neighbor.plots),
                    *(neighbor.direction, neighbor.override_reason, member.name, member.group_name),
                )
    return found


def pairs_in_collection(connection: Connection, on: date) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return the same of the rows of a day, each seen from both sides; seen from the second, no direction."""
    found = {}
    for row in company_neighbors_on(connection, on).to_dict("records"):
        assert row["focal"] < row["neighbor"]
        assert (row["valid_from"] or date.min) <= on < (row["valid_to"] or date.max)
        shared = (row["relation"], *(_rounded(row[name]) for name in MEASURES))
        for own, met, direction in (("focal", "neighbor", row["direction"]), ("neighbor", "focal", "?")):
            found[row[own], row[met]] = (
                *(*shared, tuple(row[f"{met}_plots"].split("; "))),
                *(direction, row["reason"], row[f"{met}_name"], row[f"{met}_group"]),
            )
    return found


def _rounded(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), 6)


def check_day(connection: Connection, on: date) -> int:
    cards, pairs = pairs_on_cards(connection, on), pairs_in_collection(connection, on)
    assert set(pairs) == set(cards), on
    for ends, told in pairs.items():
        card = cards[ends]
        expected = (*card[:6], "?", *card[7:]) if told[6] == "?" else card
        assert told == expected, (on, ends)
    return len(pairs)


def test_pairs_are_what_cards_tell_on_every_day_of_the_shipped_data(loaded_connection: Connection) -> None:
    counts = [check_day(loaded_connection, on) for on in change_days(loaded_connection)]
    assert max(counts) > 80


def test_what_lies_around_tells_who_is_whose_neighbor(loaded_connection: Connection) -> None:
    """No more than that is read; all of the day is the second answer."""
    whole = (reads(loaded_connection, TODAY) for reads in (companies_on, plots_on, adjacency_on))
    companies, plots, pairs = whole
    n_plots = []
    for key, own in companies.dropna(subset="plot").groupby("company")["plot"]:
        around = frames_around(loaded_connection, set(own), TODAY)
        assert company_neighbors(key, *around) == company_neighbors(key, companies, plots, pairs)
        n_plots.append(len(around[1]))
    assert len(n_plots) > 15
    assert max(n_plots) < len(plots) / 2


@pytest.fixture
def quarter(connection: Connection) -> Connection:
    """A grid of plots whose firms, some of one group, come, move, share plots and go; with decisions."""
    chance = random.Random(12)
    park_id = store_park(connection)
    for n in range(16):
        x, y = 60 * (n % 4), 60 * (n // 4)
        width = 50 if n % 3 else 60
        store_plot(connection, park_id, f"G{n:02}", rectangle(x, y, x + width, y + 60))
    store_plot(connection, park_id, "Z", rectangle(240, 0, 300, 60), days("2021-01-01"))
    rebuild_neighbors(connection)
    for n in range(14):
        group = f"Gruppe {n % 3}" if n % 2 else None
        _store_firm(connection, park_id, f"f{n}", group, chance)
    _decide(connection, "G00", "G01", "none", Period(date(2018, 1, 1), date(2020, 6, 1)))
    _decide(connection, "G05", "G06", "corner", Period(date(2019, 1, 1), None))
    _decide(connection, "G09", "G03", "across", Period(None, date(2021, 1, 1)))
    return connection


def _store_firm(
    connection: Connection, park_id: int, key: str, group: str | None, chance: random.Random
) -> None:
    firm = connection.execute(
        text(
            "WITH made AS (INSERT INTO company (key) VALUES (:key) RETURNING company_id)"
            " INSERT INTO company_version (company_id, name, group_name, starts_precision, valid)"
            " SELECT company_id, :name, :group, 'unknown', '(,)' FROM made RETURNING company_id"
        ),
        {"key": key, "name": f"Firma {key}", "group": group},
    ).scalar_one()
    for n, plot in enumerate(chance.sample(range(16), 3)):
        starts = date(2015, 1, 1) + timedelta(days=chance.randrange(2000))
        ends = starts + timedelta(days=chance.randrange(200, 2500))
        connection.execute(
            text(
                "INSERT INTO occupancy (key, company_id, park_id, plot_id, geometry, location_quality,"
                " starts_precision, valid) SELECT :key, :firm, :park, p.plot_id,"
                " ST_PointOnSurface(v.geometry), 'mapped', 'day', daterange(:starts, :ends)"
                " FROM plot p JOIN plot_version v USING (plot_id) WHERE p.key = :plot LIMIT 1"
            ),
            {
                "key": f"{key}-{n}", "firm": firm, "park": park_id, "plot": f"G{plot:02}",
                "starts": starts, "ends": ends,
            },
        )  # fmt: skip


def _decide(connection: Connection, one: str, other: str, relation: str, period: Period) -> None:
    decision = Override(OverrideRelation(relation), f"{one} und {other}", "tester", TODAY, period)
    add_override(connection, (one, other), decision)


def test_pairs_are_what_cards_tell_while_firms_come_and_go(quarter: Connection) -> None:
    relations = set()
    for on in change_days(quarter):
        for day in (on, on - timedelta(days=1)):
            check_day(quarter, day)
            relations |= {told[0] for told in pairs_in_collection(quarter, day).values()}
    assert relations >= {"same_plot", "edge", "corner", "across"}


def test_history_is_the_days_put_together(quarter: Connection) -> None:
    """Each row of history is a row of its every day; two rows that follow each other are not the same."""
    history = company_neighbors_on(quarter, None)
    changes = sorted(
        {day for name in ("valid_from", "valid_to") for day in history[name] if not pd.isna(day)}
    )
    for on in changes:
        known = company_neighbors_on(quarter, on).drop(columns="geometry")
        held = [
            (row["valid_from"] or date.min) <= on < (row["valid_to"] or date.max)
            for row in history.to_dict("records")
        ]
        part = history[held].drop(columns="geometry").reset_index(drop=True)
        pd.testing.assert_frame_equal(part, known)
    for _, rows in history.groupby(["focal", "neighbor"]):
        ordered = rows.sort_values("valid_from", na_position="first").to_dict("records")
        for before, after in pairwise(ordered):
            assert before["valid_to"] <= after["valid_from"]
            assert before["valid_to"] < after["valid_from"] or not _is_same(before, after)


def _is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    known = [(one[name], other[name]) for name in one if name not in {"valid_from", "valid_to", "geometry"}]
    is_alike = all(left == right or (pd.isna(left) and pd.isna(right)) for left, right in known)
    return is_alike and bool(one["geometry"].equals_exact(other["geometry"]))


def test_a_pair_is_asked_for_as_anything_else(quarter: Connection) -> None:
    on = Span.on(date(2018, 6, 1))
    query = FeatureQuery("company-neighbors", on)
    every = [json.loads(each) for each in texts(quarter, query)]
    assert count(quarter, query) == len(every) > 5
    found, after = [], None
    while True:
        part = page(quarter, replace(query, limit=2, after=after))
        found += [json.loads(each) for each in part.features]
        if part.after is None:
            break
        after = tuple(part.after)
    assert found == every
    for each in every:
        told = feature(quarter, query, each["id"])
        assert told is not None
        assert json.loads(told.text) == each
    wanted = {"op": "=", "args": [{"property": "relation"}, "edge"]}
    edges = [json.loads(each)["id"] for each in texts(quarter, replace(query, filter=wanted))]
    assert edges == [each["id"] for each in every if each["properties"]["relation"] == "edge"]
    nowhere = replace(query, bbox=Box(0, 0, 1, 1, 25832))
    assert count(quarter, nowhere) == 0
    assert count(quarter, replace(query, park="none")) == 0


def test_the_pairs_of_a_day_are_counted_as_they_are_told(quarter: Connection) -> None:
    """Counting needs nothing of what is told; the statement that tells it all is the second answer."""
    counts = set()
    for on in change_days(quarter):
        for day in (on, on - timedelta(days=1)):
            query = FeatureQuery("company-neighbors", Span.on(day))
            every = selection(query).select(func.count())
            assert count(quarter, query) == quarter.execute(every).scalar_one(), day
            counts.add(count(quarter, query))
    assert len(counts) > 10


def test_who_is_on_a_plot_is_found_by_the_plots_own_index(connection: Connection) -> None:
    """An index that begins with the company would be read as a whole for each plot."""
    indexes = "SELECT indexdef FROM pg_indexes WHERE tablename = 'occupancy' AND indexdef ~ 'plot_id[,)]'"
    columns = [index.partition(" USING ")[2] for index in connection.execute(text(indexes)).scalars()]
    assert "btree (plot_id)" in columns
    assert [each for each in columns if "company_id, plot_id" in each] == []


def test_ids_of_versions_are_different(quarter: Connection) -> None:
    query = FeatureQuery("company-neighbors", ALL_TIME)
    ids = [json.loads(each)["id"] for each in texts(quarter, query)]
    assert len(set(ids)) == len(ids) > 20
    assert all("@" in each for each in ids)
