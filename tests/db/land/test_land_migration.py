"""A database from before: parks get their outline as a version, plots the precision of their first day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from app.db.change_sets import known_images
from app.db.changes import act_as, data_version
from app.db.land.parks import parks_on
from app.db.migrate import downgrade, upgrade
from tests.db.good_rows import SQUARE, first, store

NORTH = "POLYGON((600000 5800100,600100 5800100,600100 5800200,600000 5800200,600000 5800100))"

DAYS = (date(1990, 1, 1), date(2019, 12, 31), date(2020, 1, 1))


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


def test_parks_and_plots_keep_what_was_stored_of_them(fresh: Connection) -> None:
    downgrade(fresh, "0021")
    downgrade(fresh, "-1")
    store(fresh, "park", valid="[1998-01-01,)")
    store(fresh, "plot_version")
    store(fresh, "plot_version", valid="(,2020-01-01)")
    act_as(fresh, "Erika Muster")
    fresh.execute(text("UPDATE park SET name = 'Q'"))
    fresh.execute(text("UPDATE plot_version SET label = 'L'"))
    # As at the end of a transaction.
    fresh.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    fresh.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    version = data_version(fresh)
    upgrade(fresh)
    assert data_version(fresh) == version
    told = "SELECT p.key, v.name, v.valid::text, ST_AsText(geometry), area_m2 FROM park p JOIN park_version v"
    assert rows(fresh, f"{told} USING (park_id)") == [("p", "Q", "[1998-01-01,)", SQUARE, 10_000.0)]
    precisions = rows(fresh, "SELECT starts_precision FROM plot_version ORDER BY valid")
    assert precisions == [("unknown",), ("day",)]
    # What was noted is a note of the version; nothing of it stands in the way of an undo.
    [at] = fresh.execute(text("SELECT min(recorded_at) - interval '1 s' FROM change_set")).scalars()
    [known] = known_images(fresh, "park_version", at)
    [now] = fresh.execute(text("SELECT to_jsonb(v) FROM park_version v")).scalars()
    assert known == {**now, "name": "P"}
    newest = "SELECT after FROM audit_entry WHERE table_name = 'plot_version' ORDER BY after ->> 'valid'"
    stored = "SELECT to_jsonb(v) FROM plot_version v ORDER BY to_jsonb(v) ->> 'valid'"
    assert rows(fresh, newest) == rows(fresh, stored)
    fresh.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    fresh.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    downgrade(fresh, "0021")
    downgrade(fresh, "-1")
    assert rows(fresh, "SELECT key, name, valid::text, area_m2 FROM park") == [
        ("p", "Q", "[1998-01-01,)", 10_000.0)
    ]


def test_an_outline_over_time_has_no_gaps(connection: Connection) -> None:
    store(connection, "park_version", valid="[1998-01-01,2020-01-01)")
    later = {"name": "Larger", "geometry": NORTH}
    store(connection, "park_version", valid="[2020-01-01,)", **later)
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    shown = {year: parks_on(connection, year)["name"].tolist() for year in DAYS}
    assert list(shown.values()) == [[], ["P"], ["Larger"]]
    with pytest.raises(IntegrityError, match="has no outline"):
        connection.execute(text("UPDATE park_version SET valid = '[2021-01-01,)' WHERE name = 'Larger'"))


def test_a_park_needs_an_outline(connection: Connection) -> None:
    first(connection, "park")
    with pytest.raises(IntegrityError, match="has no outline"):
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
