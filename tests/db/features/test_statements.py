"""Statements are made once a shape of query, whatever others ask meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from sqlalchemy import Select, literal, select

from app.db.features.pages import page_statement
from app.db.features.statements import prepared
from app.domain.feature_query import FeatureQuery

# More than are kept.
N_SHAPES = 1_001


def test_many_shapes_of_others_do_not_take_a_statement_away() -> None:
    """Each time a thread looks at its query, four others ask for more shapes than are kept."""

    class Interrupted(FeatureQuery):
        def __getattribute__(self, name: str) -> Any:
            if name == "filter":
                with ThreadPoolExecutor(4) as others:
                    list(others.map(ask, range(N_SHAPES)))
            return super().__getattribute__(name)

    def ask(nth: int) -> None:
        prepared(FeatureQuery("plots"), partial(_nth, nth))

    query = Interrupted("plots", limit=10)
    assert prepared(query, page_statement) == prepared(FeatureQuery("plots", limit=10), page_statement)


def _nth(nth: int, _: FeatureQuery) -> Select[Any]:
    return select(literal(nth))


def test_a_shape_is_made_once_whatever_its_values() -> None:
    made = []

    def make(query: FeatureQuery) -> Select[Any]:
        made.append(query)
        return page_statement(query)

    def asked(least: float) -> FeatureQuery:
        wanted: Mapping[str, Any] = {"op": ">", "args": [{"property": "area_m2"}, least]}
        return FeatureQuery("plots", park=f"park {least}", filter=wanted, limit=10)

    one, other = (prepared(asked(least), make) for least in (1.0, 2.0))
    assert one.sql == other.sql
    assert one.literals != other.literals
    assert len(made) == 1
