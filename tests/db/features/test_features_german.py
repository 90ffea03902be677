"""`sortby` orders texts as German lists do, on every page and in every download."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.db.features import page, texts
from app.domain.feature_query import FeatureQuery, SortKey
from tests.db.features.feature_scene import SQUARE_OF, store_scene
from tests.db.features.german import in_german

# By hand, after DIN 5007-1: letters before marks, marks before case.
NAMES = [
    "10", "1a", "2", "ab", "Ab", "Abel", "acker", "Acker", "Äcker", "Ackermann", "Ähre", "Auto", "az", "Äz",
    "Bäck", "bäcker", "Bäcker", "Bäcker Müller", "Bäckerei", "Baeck", "Mueller", "Muller", "Müller", "Muth",
    "ober", "Ober", "öber", "Öber", "Öl", "Strasse", "Straße", "Strauß", "zelt", "Zoe", "Zoé", "Zoë",
]  # fmt: skip


@pytest.fixture
def named(connection: Connection) -> Connection:
    """Plots labelled with the names, in an order that is none."""
    store_scene(connection)
    connection.execute(text("DELETE FROM occupancy"))
    connection.execute(text("DELETE FROM plot_version"))
    for n, name in enumerate(sorted(NAMES, key=lambda each: each[::-1])):
        connection.execute(text(SQUARE_OF), {"key": f"s{n}"})
        connection.execute(
            text(
                "UPDATE plot_version v SET label = :name FROM plot p"
                " WHERE p.plot_id = v.plot_id AND p.key = :key"
            ),
            {"key": f"s{n}", "name": name},
        )
    return connection


def labels(features: list[str]) -> list[Any]:
    return [json.loads(each)["properties"]["label"] for each in features]


def walked(connection: Connection, query: FeatureQuery) -> list[Any]:
    found, after = [], None
    while True:
        part = page(connection, replace(query, after=after))
        found += labels(part.features)
        if part.after is None:
            return found
        after = tuple(json.loads(json.dumps(part.after)))


def test_the_list_by_hand_is_the_collators() -> None:
    assert in_german(NAMES) == NAMES


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
@pytest.mark.parametrize("is_descending", [False, True])
def test_pages_are_in_german_order(named: Connection, limit: int, is_descending: bool) -> None:
    expected = NAMES[::-1] if is_descending else NAMES
    query = FeatureQuery("plots", sort=(SortKey("label", is_descending),), limit=limit)
    assert walked(named, query) == expected
    assert labels(list(texts(named, replace(query, limit=None)))) == expected


def test_keys_that_are_sorted_by_are_in_german_order_and_ids_that_decide_are_not(
    connection: Connection,
) -> None:
    store_scene(connection)
    connection.execute(text("DELETE FROM occupancy"))
    connection.execute(text("DELETE FROM plot_version"))
    for key in ("b", "A", "B", "a"):
        connection.execute(text(SQUARE_OF), {"key": key})
    for sort, expected in (((SortKey("key"),), ["a", "A", "b", "B"]), ((), ["A", "B", "a", "b"])):
        query = FeatureQuery("plots", sort=sort, limit=1)
        found, after = [], None
        for _ in expected:
            part = page(connection, replace(query, after=after))
            found += [json.loads(each)["properties"]["key"] for each in part.features]
            after = part.after
        assert (found, after) == (expected, None)
