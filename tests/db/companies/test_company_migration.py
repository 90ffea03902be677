"""A database from before: what was stored of companies becomes their first version, its record one of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from app.db.change_sets import known_images
from app.db.changes import act_as, data_version
from app.db.migrate import downgrade, upgrade


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


def test_companies_get_a_version_of_unknown_beginning(fresh: Connection) -> None:
    downgrade(fresh, "0019")
    downgrade(fresh, "-1")
    insert = "INSERT INTO company (key, name, sector) VALUES ('c', 'C', 'Trade')"
    fresh.execute(text(insert))
    act_as(fresh, "Erika Muster")
    fresh.execute(text("UPDATE company SET name = 'D', website = 'https://d.example'"))
    version = data_version(fresh)
    upgrade(fresh)
    assert data_version(fresh) == version
    assert rows(fresh, "SELECT key FROM company") == [("c",)]
    told = "SELECT name, sector, website, starts_precision, valid::text FROM company_version"
    assert rows(fresh, told) == [("D", "Trade", "https://d.example", "unknown", "(,)")]
    # What was noted is a change of the version, in a change set of its own.
    query = """SELECT person, business_case, recorded_at = happened_at
               FROM change_set JOIN audit_entry USING (change_set_id)"""
    assert rows(fresh, query) == [("Erika Muster", "other", True)]
    [before] = fresh.execute(text("SELECT recorded_at - interval '1 s' FROM change_set")).scalars()
    [known] = known_images(fresh, "company_version", before)
    [now] = fresh.execute(text("SELECT to_jsonb(v) FROM company_version v")).scalars()
    assert known == {**now, "name": "C", "website": None}
    fresh.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    fresh.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    downgrade(fresh, "0019")
    downgrade(fresh, "-1")
    assert rows(fresh, "SELECT key, name, sector FROM company") == [("c", "D", "Trade")]
