"""Which features a query means: days, properties, ids; each beside a second answer."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
import shapely
from sqlalchemy import ARRAY, Connection, Text, cast, func, select, text

from app.db.companies.companies import companies_on
from app.db.features import Extent, chunks, count, extent, feature, page, selection, texts, versions
from app.db.features.rows.collections import sector_group_of
from app.domain.crs import to_wgs84
from app.domain.feature_query import ALL_TIME, FeatureQuery, Span
from app.domain.frames import CONTRACTS
from app.domain.kinds import SECTOR_PREFIXES, sector_group
from app.domain.period import Period
from app.errors import InputError, NotFoundError
from tests.db.features.feature_scene import store_scene
from tests.db.good_rows import store

ON = date(2016, 6, 1)


def ids(connection: Connection, query: FeatureQuery) -> list[str]:
    return [json.loads(found)["id"] for found in texts(connection, query)]


def test_days_find_what_holds_on_one_of_them(connection: Connection) -> None:
    store_scene(connection)
    marks = [
        None,
        *(date(2014, 12, 31) + timedelta(n) for n in range(3)),
        date(2020, 2, 28),
        date(2020, 2, 29),
    ]
    [(fids, frame)] = chunks(connection, FeatureQuery("plots"))
    periods = {
        fid: Period(starts, ends)
        for fid, starts, ends in zip(fids, frame["valid_from"], frame["valid_to"], strict=True)
    }
    for first in marks:
        for last in marks:
            if first and last and first > last:
                continue
            asked = Period(first, last and last + timedelta(1))
            expected = {fid for fid, period in periods.items() if period.overlaps(asked)}
            found = ids(connection, FeatureQuery("plots", span=Span(first, last)))
            is_instant = first is not None and first == last
            assert set(found) == ({fid.split("@")[0] for fid in expected} if is_instant else expected)


@pytest.mark.parametrize("collection", CONTRACTS)
def test_equal_properties(loaded_connection: Connection, collection: str) -> None:
    """Each value as it is shown finds the rows that show it."""
    features = [json.loads(found) for found in texts(loaded_connection, FeatureQuery(collection))]
    for name in CONTRACTS[collection].columns:
        shown = next((f["properties"][name] for f in features if f["properties"][name] is not None), None)
        if shown is None:
            continue
        asked = json.dumps(shown) if not isinstance(shown, str) else shown
        found = ids(loaded_connection, FeatureQuery(collection, equals={name: asked}))
        assert found == [f["id"] for f in features if f["properties"][name] == shown], name


@pytest.mark.parametrize(
    ("collection", "name", "value"),
    [
        ("plots", "area_m2", "much"),
        ("plots", "area_m2", "nan"),
        ("plots", "area_m2", "1e999"),
        ("plots", "valid_from", "2020-02-30"),
        ("plots", "label", "a\x00b"),
        ("plots", "label", "\ud800"),
        ("facilities", "capacity", "1.5"),
        ("facilities", "capacity", "9" * 30),
        ("adjacency", "is_override", "yes"),
        ("plots", "nonsense", "1"),
        ("plots", "geometry", "1"),
        ("plots", "plot_id", "1"),
        ("plots", "label; DROP TABLE plot", "1"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    connection: Connection, collection: str, name: str, value: str
) -> None:
    with pytest.raises(InputError) as refusal:
        page(connection, FeatureQuery(collection, equals={name: value}))
    assert name in str(refusal.value)


HIDDEN = (
    "decided_by",
    "password_hash",
    "wish",
    "status",
    "token",
    "audit_entry",
    "session",
    "instant",
    "_id",
    "f",
)


@pytest.mark.parametrize("collection", CONTRACTS)
def test_nothing_but_the_contract_can_be_named(connection: Connection, collection: str) -> None:
    for name in HIDDEN:
        for query in (
            FeatureQuery(collection, equals={name: "x"}),
            FeatureQuery(collection, properties=(name,)),
            FeatureQuery(collection, filter={"op": "=", "args": [{"property": name}, "x"]}),
        ):
            with pytest.raises(InputError):
                page(connection, query)
    assert list(selection(FeatureQuery(collection)).rows.columns) == list(CONTRACTS[collection].columns)


def test_only_published_tours_exist(loaded_connection: Connection) -> None:
    collections = ("tours", "tour-stops", "tour-legs")
    before = [ids(loaded_connection, FeatureQuery(name)) for name in collections]
    hidden = before[0][0]
    for status in ("draft", "withdrawn"):
        loaded_connection.execute(
            text("UPDATE tour SET status = :s WHERE key = :k"), {"s": status, "k": hidden}
        )
        for name, known in zip(collections, before, strict=True):
            query = FeatureQuery(name)
            assert ids(loaded_connection, query) == [fid for fid in known if fid.split("~")[0] != hidden]
            assert feature(loaded_connection, query, known[0]) is None
            assert versions(loaded_connection, query, known[0]) == []
            assert count(loaded_connection, FeatureQuery(name, equals={CONTRACTS[name].key[0]: hidden})) == 0


@pytest.mark.parametrize("collection", CONTRACTS)
def test_every_id_finds_its_feature(loaded_connection: Connection, collection: str) -> None:
    for span in (Span.on(date(2024, 4, 24)), ALL_TIME):
        query = FeatureQuery(collection, span=span)
        for found in list(texts(loaded_connection, query))[::5]:
            fid = json.loads(found)["id"]
            named = feature(loaded_connection, query, fid)
            assert named is not None
            assert (named.fid, named.text) == (fid, found)
            key = fid.split("@")[0]
            told = versions(loaded_connection, query, key)
            if span == ALL_TIME:
                assert found in [version.text for version in told]
            assert [version.fid for version in told] == [json.loads(version.text)["id"] for version in told]


@pytest.mark.parametrize(
    "fid", ["", "nobody", "p0~0@2015-13-01", "p0~0@1999-01-01", "a b", "p\x00", "@..", "p0~0@", "~"]
)
@pytest.mark.parametrize("collection", ["plots", "adjacency", "tour-stops"])
def test_ids_that_nothing_has(connection: Connection, collection: str, fid: str) -> None:
    store_scene(connection)
    assert feature(connection, FeatureQuery(collection), fid) is None
    assert versions(connection, FeatureQuery(collection), f"{fid}@..") == []


def test_versions_come_in_order_of_time(connection: Connection) -> None:
    store_scene(connection)
    found = versions(connection, FeatureQuery("plots"), "p0~0")
    assert [version.fid for version in found] == ["p0~0@..", "p0~0@2015-01-01", "p0~0@2020-02-29"]
    assert [version.valid_to for version in found] == [version.valid_from for version in found[1:]] + [None]
    one = feature(connection, FeatureQuery("plots", span=Span.on(ON)), "p0~0@2020-02-29")
    assert one == found[2]


def test_who_occupies_a_plot_is_told_of_the_days_asked_for(connection: Connection) -> None:
    """Three versions of a plot, a firm on the last two; the days choose among firms, not versions."""
    store_scene(connection)
    for days, told in (
        (ALL_TIME, [False, True, True]),
        (Span.on(date(2016, 5, 1)), [False, True, False]),
        (Span.on(date(2020, 12, 31)), [False, False, True]),
        (Span.on(date(2024, 4, 24)), [False, False, False]),
    ):
        found = versions(connection, FeatureQuery("plots", span=days), "p0~0")
        occupants = [json.loads(version.text)["properties"]["occupants"] for version in found]
        assert [names is not None for names in occupants] == told, days


def test_a_key_may_hold_the_sign_that_joins_keys(connection: Connection) -> None:
    store_scene(connection)
    for found in texts(connection, FeatureQuery("adjacency", span=Span.on(ON))):
        fid = json.loads(found)["id"]
        assert fid.count("~") == 3
        named = feature(connection, FeatureQuery("adjacency", span=Span.on(ON)), fid)
        assert named is not None
        assert named.text == found


def test_sector_groups_are_those_of_the_table_of_kinds(connection: Connection) -> None:
    codes = [None, "", "1", *SECTOR_PREFIXES, *(f"{n:02}.{m}" for n in range(1, 100) for m in range(10))]
    codes += ["47.30", "47.3.1", "4", "47.", "47.31"]
    given_codes = func.unnest(cast(codes, ARRAY(Text))).column_valued("code")
    found = connection.execute(select(sector_group_of(given_codes))).scalars()
    assert list(found) == [str(sector_group(code)) for code in codes]


def test_companies_are_found_by_sector_group(loaded_connection: Connection) -> None:
    frame = companies_on(loaded_connection, ON)
    for group, rows in frame.groupby("sector_group"):
        query = FeatureQuery("companies", span=Span.on(ON), equals={"sector_group": str(group)})
        assert ids(loaded_connection, query) == list(rows["key"])


@pytest.mark.parametrize("collection", CONTRACTS)
def test_the_extent_holds_everything_and_hardly_more(loaded_connection: Connection, collection: str) -> None:
    [(_, frame)] = chunks(loaded_connection, FeatureQuery(collection))
    found = extent(loaded_connection, collection)
    assert found.bbox is not None
    around = shapely.total_bounds(to_wgs84(frame.geometry.array))
    tight, wide = shapely.box(*around), shapely.box(*found.bbox)
    assert wide.covers(tight)
    assert shapely.hausdorff_distance(wide, tight) < 0.002


def test_the_days_of_an_extent(connection: Connection) -> None:
    assert extent(connection, "facilities") == Extent(None)
    store(connection, "facility", valid="[2018-01-01,2019-01-01)")
    found = extent(connection, "facilities")
    assert (found.first, found.last) == (date(2018, 1, 1), date(2018, 12, 31))
    store(connection, "facility", key="g", valid="[2020-01-01,)")
    found = extent(connection, "facilities")
    assert (found.first, found.last) == (date(2018, 1, 1), None)


def test_a_collection_that_does_not_exist(connection: Connection) -> None:
    with pytest.raises(NotFoundError):
        page(connection, FeatureQuery("staff"))
