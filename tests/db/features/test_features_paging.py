"""Pages: together they are the whole, in order, whatever comes and goes between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from app.db.changes import changed_at, state_of_data
from app.db.features import chunks, count, page, texts, versions
from app.domain.feature_query import ALL_TIME, FeatureQuery, SortKey, Span
from app.domain.frames import CONTRACTS
from app.errors import InputError
from tests.db.features.feature_scene import SQUARE_OF, store_scene
from tests.db.features.german import in_german

ON = date(2016, 6, 1)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def scene(connection: Connection) -> Connection:
    store_scene(connection)
    return connection


def walked(
    connection: Connection,
    query: FeatureQuery,
    limits: Iterator[int],
    between: Callable[[], None] | None = None,
) -> Iterator[Any]:
    """Yield the features of all pages; the place of each goes through JSON, as in a link."""
    after = None
    while True:
        found = page(connection, replace(query, limit=next(limits), after=after))
        yield from map(json.loads, found.features)
        if found.after is None:
            return
        after = tuple(json.loads(json.dumps(found.after)))
        if between is not None:
            between()


def always(limit: int) -> Iterator[int]:
    while True:
        yield limit


def ids(features: Any) -> list[str]:
    return [feature["id"] for feature in features]


def unpaged(connection: Connection, query: FeatureQuery) -> list[str]:
    return ids(map(json.loads, texts(connection, query)))


def ordered(
    frame: gpd.GeoDataFrame, fids: list[str], sort: tuple[SortKey, ...], key: tuple[str, ...]
) -> list[str]:
    """Return the ids in the order that is promised, by sorting in Python, the last key first.

    Texts that are sorted by come in the order of JavaScript's German collator.
    """
    rows = list(zip(frame.to_dict("records"), fids, strict=True))
    rows.sort(key=lambda row: str(row[0].get("valid_from") or ""))
    rows.sort(key=lambda row: tuple(row[0][name] for name in key))
    for by in reversed(sort):
        known = [row for row in rows if not pd.isna(row[0][by.name])]
        values = [row[0][by.name] for row in known]
        if values and isinstance(values[0], str):
            ranks = {value: rank for rank, value in enumerate(in_german(values))}
            known.sort(key=lambda row: ranks[row[0][by.name]], reverse=by.is_descending)
        else:
            known.sort(key=lambda row: row[0][by.name], reverse=by.is_descending)
        rows = known + [row for row in rows if pd.isna(row[0][by.name])]
    return [fid for _, fid in rows]


@pytest.mark.parametrize("collection", CONTRACTS)
def test_pages_sorted_by_any_column_are_the_whole_in_order(
    loaded_connection: Connection, collection: str
) -> None:
    contract = CONTRACTS[collection]
    [(fids, frame)] = chunks(loaded_connection, FeatureQuery(collection))
    for n, name in enumerate(contract.columns):
        sort = (SortKey(name, is_descending=n % 2 == 0),)
        query = FeatureQuery(collection, sort=sort)
        expected = ordered(frame, fids, sort, contract.key)
        assert ids(walked(loaded_connection, query, always(len(fids) // 3 + 1))) == expected
        assert unpaged(loaded_connection, query) == expected


SORTS = st.lists(
    st.builds(
        SortKey, st.sampled_from(["label", "area_m2", "valid_from", "valid_to", "key", "park"]), st.booleans()
    ),
    max_size=3,
)


@FEW
@given(sort=SORTS, limits=st.lists(st.integers(1, 9), min_size=1, max_size=4), is_instant=st.booleans())
def test_any_sorts_and_limits(
    scene: Connection, sort: list[SortKey], limits: list[int], is_instant: bool
) -> None:
    query = FeatureQuery("plots", span=Span.on(ON) if is_instant else ALL_TIME, sort=tuple(sort))
    [(fids, frame)] = chunks(scene, query)
    given_limits = iter(limits)
    found = ids(walked(scene, query, iter(lambda: next(given_limits, 4), None)))
    first_counts = {key.name: key for key in reversed(sort)}
    kept = tuple(first_counts[name] for name in dict.fromkeys(key.name for key in sort))
    assert found == ordered(frame, fids, kept, ("key",))


@FEW
@given(data=st.data(), sort=SORTS)
def test_nothing_is_lost_or_doubled_while_rows_come_and_go(
    scene: Connection, data: st.DataObject, sort: list[SortKey]
) -> None:
    query = FeatureQuery("plots", sort=tuple(sort))
    with scene.begin_nested() as changes:
        staying = set(unpaged(scene, query))
        fresh = iter(range(1000))

        def change() -> None:
            if data.draw(st.booleans()):
                key = f"p{data.draw(st.integers(0, 6))}~{next(fresh)}new"
                scene.execute(text(SQUARE_OF), {"key": key})
            elif staying:
                gone = data.draw(st.sampled_from(sorted(staying)))
                key, _, day = gone.partition("@")
                scene.execute(text(GONE), {"key": key, "starts": None if day == ".." else day})
                staying.discard(gone)

        found = ids(walked(scene, query, always(data.draw(st.integers(1, 5))), change))
        changes.rollback()
    assert len(set(found)) == len(found)
    assert staying <= set(found)


GONE = (
    "DELETE FROM plot_version v USING plot p WHERE p.plot_id = v.plot_id AND p.key = :key"
    " AND lower(v.valid) IS NOT DISTINCT FROM CAST(:starts AS date)"
)


def test_a_page_tells_how_many_there_are_in_all(loaded_connection: Connection) -> None:
    query = FeatureQuery("walkways", span=Span.on(ON), limit=10)
    n_all = len(list(texts(loaded_connection, query)))
    first = page(loaded_connection, query)
    second = page(loaded_connection, replace(query, after=first.after))
    assert (first.n_matched, second.n_matched, count(loaded_connection, query)) == (n_all, n_all, n_all)
    loaded_connection.execute(text("DELETE FROM walkway WHERE key = 'W0001'"))
    assert page(loaded_connection, query).n_matched == n_all - 1


def test_a_page_of_nothing_is_the_last_one(connection: Connection) -> None:
    found = page(connection, FeatureQuery("plots", limit=10))
    assert (found.features, found.after, found.n_matched) == ([], None, 0)


@pytest.mark.parametrize(
    "after",
    [
        *((), ("a",), ("a", "b"), ("a", "2020-02-30"), (None, None), (1, None), ("a\x00", None)),
        *(("\ud800", None), ("a", None, None), ("a", 7), ([], None), (True, None)),
    ],
)
def test_a_place_that_fits_no_order_is_refused(connection: Connection, after: tuple[Any, ...]) -> None:
    with pytest.raises(InputError):
        page(connection, FeatureQuery("plots", limit=1, after=after))


def test_pages_tell_the_state_in_which_they_were_read(scene: Connection) -> None:
    """Empty ones, too; and versions; the state is another one after each change."""
    met = set()
    for _ in range(3):
        state = state_of_data(scene)
        full, empty = FeatureQuery("plots", limit=2), FeatureQuery("plots", equals={"label": "of none"})
        assert page(scene, full).state == page(scene, empty).state == state
        assert {version.state for version in versions(scene, full, "p0~0")} == {state}
        assert page(scene, empty).features == []
        assert changed_at(state) == scene.execute(text("SELECT changed_at FROM data_version")).scalar_one()
        met.add(state)
        scene.execute(text("UPDATE plot_version SET label = coalesce(label, '') || 'x'"))
    assert len(met) == 3
