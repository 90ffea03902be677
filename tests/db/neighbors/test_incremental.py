"""An edit's update of the stored pairs leaves the same rows as a rebuild, whatever was edited and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text, update

from app.db.land.plots import plots_on
from app.db.models import Adjacency
from app.db.neighbors.adjacency import adjacency_on
from app.db.versions import StoreOptions
from app.services.features.importing import store_collection
from app.services.neighbors.stored_pairs import neighbors_updated, rebuild_neighbors
from tests.db.neighbors.edited_land import EDITS, FIRST, Edit, Land, moved
from tests.stored import days, store_park

Key = tuple[int, int, str]


@pytest.fixture
def land(connection: Connection) -> Land:
    """Two rows of plots along a street of 16 m, and behind one of them a third with T-junctions."""
    made = Land(connection, store_park(connection))
    for n in range(4):
        made.put(f"north-{n}", (n * 30, 0, n * 30 + 30, 40), days())
        made.put(f"south-{n}", (n * 30, -56, n * 30 + 30, -16), days("2020-01-11" if n == 2 else None))
    for n in range(3):
        made.put(f"back-{n}", (n * 40, 40, n * 40 + 40, 70), days(None, "2020-02-01" if n == 1 else None))
    rebuild_neighbors(connection)
    return made


def rows(connection: Connection) -> dict[Key, tuple]:
    """All stored pairs by their versions and period: relation, measures, evidence."""
    table = Adjacency.__table__.c
    names = ("relation", "shared_m", "gap_m", "facing_m", "overlap_m2", "engine")
    statement = select(
        table.focal_version_id,
        table.neighbor_version_id,
        table.valid,
        text("ST_AsBinary(geometry) AS wkb"),
        *(table[name] for name in names),
    )
    return {
        (row.focal_version_id, row.neighbor_version_id, str(row.valid)): (
            row.relation,
            row.engine,
            tuple(None if row[n] is None else round(row[n], 3) for n in range(5, 9)),
            shapely.to_wkt(shapely.normalize(shapely.from_wkb(row.wkb)), rounding_precision=3),
        )
        for row in connection.execute(statement)
    }


def rebuilt(connection: Connection) -> dict[Key, tuple]:
    """The rows as a rebuild would make them; what is stored stays."""
    savepoint = connection.begin_nested()
    rebuild_neighbors(connection)
    found = rows(connection)
    savepoint.rollback()
    return found


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(edits=st.lists(EDITS, min_size=1, max_size=6))
def test_any_sequence_of_edits_leaves_the_rows_of_a_rebuild(land: Land, edits: list[Edit]):
    savepoint = land.connection.begin_nested()
    land = replace(land, n_new=0)
    for edit in edits:
        edit.do(land)
    found, expected = rows(land.connection), rebuilt(land.connection)
    savepoint.rollback()
    assert found == expected


def across(connection: Connection, day: date) -> set[tuple[str, str]]:
    frame = adjacency_on(connection, day)
    frame = frame[frame.relation == "across"]
    return set(zip(frame.focal, frame.neighbor, strict=True))


def test_an_edit_between_two_plots_changes_their_pair(land: Land):
    with neighbors_updated(land.connection, ["wall"]):
        land.put("wall", (-5, -10, 130, -6), days("2020-01-15", "2020-01-20"))
    facing = {(f"north-{n}", f"south-{n}") for n in range(4)}
    assert across(land.connection, date(2020, 1, 14)) == facing
    assert across(land.connection, date(2020, 1, 15)) == {
        (f"{side}-{n}", "wall") for side in ("north", "south") for n in range(4)
    }
    assert across(land.connection, date(2020, 1, 20)) == facing
    assert rows(land.connection) == rebuilt(land.connection)


def test_what_hides_the_view_far_from_the_edit_counts(connection: Connection):
    made = Land(connection, store_park(connection))
    made.put("long-north", (0, 0, 400, 40), days())
    made.put("long-south", (0, -56, 400, -16), days())
    made.put("kiosk", (300, -11, 350, -5), days())
    rebuild_neighbors(connection)
    with neighbors_updated(connection, ["gate"]):
        made.put("gate", (0, -11, 20, -5), days())
    long = adjacency_on(connection, FIRST, plots=["long-north"]).set_index("neighbor")
    assert long.facing_m["long-south"] == pytest.approx(400 - 50 - 20)
    assert rows(connection) == rebuilt(connection)


def test_a_border_corrected_in_place_is_drawn_anew_though_no_length_changes(land: Land):
    north = ("north-0", "north-1")
    with neighbors_updated(land.connection, north):
        for key in north:
            left, bottom, right, top = land.on(FIRST)[key]
            land.redraw(key, FIRST, (left, bottom + 3, right, top + 3))
    assert rows(land.connection) == rebuilt(land.connection)


def test_an_edit_far_away_writes_nothing_here(land: Land):
    ids = text("SELECT array_agg(adjacency_id ORDER BY adjacency_id) FROM adjacency")
    before = land.connection.execute(ids).scalar_one()
    with neighbors_updated(land.connection, ["far", "near-far"]):
        land.put("far", (2000, 2000, 2030, 2030), days())
        land.put("near-far", (2030, 2000, 2060, 2030), days())
    after = land.connection.execute(ids).scalar_one()
    assert after[:-1] == before
    assert rows(land.connection) == rebuilt(land.connection)


def test_pairs_of_an_older_engine_are_rebuilt(land: Land):
    land.connection.execute(update(Adjacency).values(engine="adjacency 0", gap_m=0.07))
    with neighbors_updated(land.connection, ["north-0"]):
        land.put("north-0", None, days("2021-01-01"))
    assert rows(land.connection) == rebuilt(land.connection)


@pytest.mark.parametrize("few", [1_000, 3])
def test_many_edits_at_once_leave_the_rows_of_a_rebuild(
    land: Land, few: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.services.neighbors.stored_pairs.FEW", few)
    there = land.on(FIRST)
    before = rows(land.connection)
    with neighbors_updated(land.connection, there):
        for key, box in there.items():
            land.put(key, moved(box, 0.4), days("2021-01-01"))
    assert rows(land.connection) == rebuilt(land.connection) != before


def test_imported_plots_take_their_neighbors_along(loaded_connection: Connection):
    plots = plots_on(loaded_connection, None)
    since = date(2025, 1, 1)
    grown = plots[plots.valid_to.isna()].iloc[[3]].copy()
    grown["geometry"] = grown.geometry.buffer(1.5, join_style="mitre")
    store_collection(loaded_connection, "plots", grown, StoreOptions(since, accepts_overlaps=True))
    key = grown.key.iloc[0]
    before, after = (adjacency_on(loaded_connection, day, plots=[key]) for day in (date(2024, 1, 1), since))
    assert not before.drop(columns=["valid_from", "valid_to"]).equals(
        after.drop(columns=["valid_from", "valid_to"])
    )
    assert rows(loaded_connection) == rebuilt(loaded_connection)


def test_nothing_is_kept_where_no_pairs_are_stored(connection: Connection):
    made = Land(connection, store_park(connection))
    with neighbors_updated(connection, ["a", "b"]):
        made.put("a", (0, 0, 30, 30), days())
        made.put("b", (30, 0, 60, 30), days())
    assert rows(connection) == {}
    assert rebuild_neighbors(connection) == 1
