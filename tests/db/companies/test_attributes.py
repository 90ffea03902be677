"""A company's own attributes over time: stored, read of a day and of all days, written out and read back."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from app.db.changes import act_as, change_days
from app.db.companies.attributes import company_named
from app.db.companies.companies import companies_on, company_neighbors_on, store_companies
from app.db.features import count, feature, versions
from app.db.land.plots import plots_on, store_plots
from app.db.tours.request_data import company_places
from app.db.versions import StoreOptions, Tally
from app.domain.crs import STORAGE_CRS
from app.domain.feature_query import ALL_TIME, FeatureQuery, Span
from app.domain.kinds import BusinessCase
from app.errors import DataError
from app.services.features.importing import store_collection
from app.services.neighbors.stored_pairs import rebuild_neighbors
from tests.db.good_frames import company, plot
from tests.db.good_rows import store
from tests.scenes import rectangle
from tests.stored import store_park

DAY, LATER = date(2020, 1, 1), date(2023, 1, 1)
EARLY = date(2010, 1, 1)
SAME = Tally(n_unchanged=1)
RENAMED = Tally(n_changed=1, n_unchanged=1)


@pytest.fixture
def park(connection: Connection) -> Connection:
    """A park with a firm that has been there since `EARLY`."""
    store_park(connection)
    store_companies(connection, since_early())
    return connection


def since_early(**values: object) -> gpd.GeoDataFrame:
    return company(**{"valid_from": EARLY, "starts_precision": "day", **values})


def told(connection: Connection) -> list[tuple[object, ...]]:
    frame = companies_on(connection, None)
    return list(zip(frame.key, frame.name, frame.valid_from, frame.valid_to, strict=True))


def names(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(text("SELECT name, valid::text FROM company_version ORDER BY valid"))
    return [tuple(row) for row in rows]


def test_a_new_name_leaves_the_old_one_in_the_years_before(park: Connection) -> None:
    assert store_companies(park, company(name="D"), StoreOptions(DAY)) == RENAMED
    assert told(park) == [("c-a", "C", EARLY, DAY), ("c-a", "D", DAY, None)]
    assert names(park) == [("C", f"(,{DAY})"), ("D", f"[{DAY},)")]
    # Told once more, or later, it is there already.
    assert store_companies(park, company(name="D"), StoreOptions(DAY)) == SAME
    assert store_companies(park, company(name="D"), StoreOptions(LATER)) == SAME
    # One place, one day, one version.
    for day, name in ((EARLY, "C"), (date(2019, 12, 31), "C"), (DAY, "D")):
        assert companies_on(park, day).name.tolist() == [name]
        assert [row["name"] for row in company_places(park, ["c"], day)] == [name]
    assert change_days(park) == [EARLY, DAY]


def test_what_changes_in_between_ends_at_the_next_change(park: Connection) -> None:
    store_companies(park, company(name="E"), StoreOptions(LATER))
    store_companies(park, company(name="D"), StoreOptions(DAY))
    assert [name for name, _ in names(park)] == ["C", "D", "E"]


def test_a_second_place_tells_of_the_company(park: Connection) -> None:
    second = since_early(key="c-b", name="D", valid_from=DAY)
    assert store_companies(park, second) == Tally(n_new=1, n_changed=1)
    assert told(park) == [
        ("c-a", "C", EARLY, DAY),
        ("c-a", "D", DAY, None),
        ("c-b", "D", DAY, None),
    ]


def test_what_contradicts_the_stored_name_is_refused(park: Connection) -> None:
    """Of no day from which on it holds, a name can neither be a change nor a correction."""
    with pytest.raises(DataError, match="name is stored as “C” for all days, the file has “D”"):
        store_companies(park, company(key="c-b", name="D", geometry=None))
    store_companies(park, company(name="D"), StoreOptions(DAY))
    with pytest.raises(DataError, match=rf"stored as “D” for \[{DAY}, …\), the file has “E”"):
        store_companies(park, company(name="E"), StoreOptions(DAY))


def test_a_stored_row_corrects_its_version_only(park: Connection) -> None:
    store_companies(park, company(name="D"), StoreOptions(DAY))
    wrong = companies_on(park, None)
    wrong.loc[1, "website"] = "https://d.example"
    assert store_companies(park, wrong) == Tally(n_changed=1, n_unchanged=2)
    assert companies_on(park, None).website.tolist() == [None, "https://d.example"]
    assert [name for name, _ in names(park)] == ["C", "D"]


@pytest.mark.parametrize("on", [None, EARLY, LATER])
def test_what_is_written_out_is_there_already(park: Connection, on: date | None) -> None:
    store_companies(park, company(name="D", website="https://d.example"), StoreOptions(DAY))
    store_companies(park, since_early(key="c-b", name="D", website="https://d.example", valid_from=LATER))
    before = told(park)
    frame = companies_on(park, on)
    assert store_companies(park, frame) == Tally(n_unchanged=len(frame))
    if on == LATER:
        assert store_companies(park, frame, StoreOptions(LATER)) == Tally(n_unchanged=len(frame))
    assert told(park) == before


def test_an_empty_database_gets_the_same_places_and_names(park: Connection) -> None:
    store_collection(park, "companies", company(name="D", source="Gazette"), StoreOptions(DAY))
    store_collection(
        park, "companies", company(name="D", note="moved in the hall", source="Walk"), StoreOptions(LATER)
    )
    frame = companies_on(park, None)
    places = text("SELECT key, valid::text, note, starts_precision FROM occupancy ORDER BY valid")
    before, called = park.execute(places).all(), names(park)
    assert frame.source.tolist() == [None, "Gazette", "Walk"]
    for table in ("occupancy", "company"):
        park.execute(text(f"DELETE FROM {table}"))
    store_collection(park, "companies", frame.sample(frac=1, random_state=1))
    assert (park.execute(places).all(), names(park)) == (before, called)
    assert companies_on(park, None).equals(frame)


def test_versions_are_those_of_place_and_name(park: Connection) -> None:
    store_companies(park, company(name="D"), StoreOptions(DAY))
    found = versions(park, FeatureQuery("companies", span=Span.on(DAY)), "c-a")
    assert [(row.fid, row.valid_from, row.valid_to) for row in found] == [
        (f"c-a@{EARLY}", EARLY, DAY),
        (f"c-a@{DAY}", DAY, None),
    ]
    old = feature(park, FeatureQuery("companies", span=ALL_TIME), f"c-a@{EARLY}")
    assert old is not None
    assert '"name":"C"' in old.text.replace(" ", "")
    for span, n in (
        (Span.on(DAY), 1),
        (Span(EARLY, date(2019, 12, 31)), 1),
        (Span(EARLY, DAY), 2),
        (ALL_TIME, 2),
    ):
        assert count(park, FeatureQuery("companies", span=span)) == n
    asked = {"op": "=", "args": [{"property": "name"}, "C"]}
    assert count(park, FeatureQuery("companies", span=Span.on(DAY), filter=asked)) == 0
    assert count(park, FeatureQuery("companies", span=Span.on(EARLY), filter=asked)) == 1


def test_neighbors_and_occupants_are_called_as_they_were_then(park: Connection) -> None:
    store_plots(park, pd.concat([plot(key="A"), plot(rectangle(50, 0, 100, 50), key="B")]))
    both = [
        company(
            key=f"{name}-1", company=name, name=name.upper(), plot=name.upper(), location_quality="mapped"
        )
        for name in ("a", "b")
    ]
    store_companies(park, gpd.GeoDataFrame(pd.concat(both, ignore_index=True), crs=STORAGE_CRS))
    rebuild_neighbors(park)
    store_companies(park, both[1].assign(name="New", sector="Trade"), StoreOptions(DAY))
    store_companies(park, both[1].assign(name="New", sector="Transport"), StoreOptions(LATER))
    pairs = company_neighbors_on(park, None)
    # What the pair does not show does not cut it.
    assert list(zip(pairs.neighbor_name, pairs.valid_from, pairs.valid_to, strict=True)) == [
        ("B", None, DAY),
        ("New", DAY, None),
    ]
    assert company_neighbors_on(park, EARLY).neighbor_name.tolist() == ["B"]
    assert plots_on(park, EARLY).occupants.tolist() == ["A", "B"]
    assert plots_on(park, LATER).occupants.tolist() == ["A", "New"]
    assert plots_on(park, None).occupants.tolist() == ["A", "B; New"]


def test_a_company_has_a_name_on_every_day(connection: Connection) -> None:
    store(connection, "company")
    with pytest.raises(IntegrityError, match="days on which it has no name"), connection.begin_nested():
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    store(connection, "company_version", valid=f"(,{DAY})")
    store(connection, "company_version", starts_precision="day", valid=f"[{DAY},)")
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for statement in (
        "DELETE FROM company_version WHERE lower_inf(valid)",
        f"UPDATE company_version SET valid = '[{LATER},)' WHERE NOT lower_inf(valid)",
    ):
        with pytest.raises(IntegrityError, match="no name"), connection.begin_nested():
            connection.execute(text(statement))
    connection.execute(text("DELETE FROM company"))


def test_one_import_is_one_change_set(park: Connection) -> None:
    act_as(park, "Erika Muster", BusinessCase.IMPORT)
    store_companies(park, company(name="D", note="new hall"), StoreOptions(DAY))
    sets = park.execute(text("SELECT person, business_case FROM change_set")).all()
    assert [tuple(row) for row in sets] == [("Erika Muster", "import")]
    tables = park.execute(text("SELECT DISTINCT table_name FROM audit_entry")).scalars()
    assert set(tables) == {"company_version", "occupancy"}


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("c", "c"),
        ("Größe & Süß GmbH", "c"),
        ("GRÖSSE & SÜSS gmbh", "c"),
        ("Größe", None),
        ("d", "d"),
        ("", None),
    ],
)
def test_a_company_is_known_by_key_or_name_of_today(park: Connection, typed: str, key: str | None) -> None:
    """A key comes before a name, and a name of before does not count."""
    store_companies(park, company(name="Größe & Süß GmbH"), StoreOptions(DAY))
    store_companies(park, company(key="d-a", company="d", name="c"))
    assert company_named(park, typed) == key
    assert (company_named(park, "C"), company_named(park, "c")) == ("d", "c")


def test_what_was_recorded_of_a_key_or_company_is_found_by_an_index(connection: Connection) -> None:
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    asked = {
        "ix_audit_entry_key": """table_name = 'occupancy'
            AND starts_with((coalesce(before, after) ->> 'key') COLLATE "C", 'a')""",
        "ix_audit_entry_company": "(coalesce(after, before) ->> 'company_id')::int = 1 AND change_set_id = 1",
    }
    for index, condition in asked.items():
        plan = connection.execute(text(f"EXPLAIN SELECT FROM audit_entry WHERE {condition}")).scalars()
        assert index in "\n".join(plan)
