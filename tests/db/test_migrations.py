"""Every earlier state of the database, filled, comes to the present one; none waits for ever for others."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from app.db import migrate
from app.db.changes import act_as
from app.db.engine import make_engine
from app.db.meetings.participation import refold
from app.db.migrate import MIGRATIONS, downgrade, upgrade
from tests.db.good_rows import ORDER, store

REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
# What facts are stored as, in every state since the first; of parks see `land/test_land_migration`.
FACTS = ("plot", "plot_version", "facility", "footprint", "walkway", "meeting", "source")


def contents(connection: Connection, table: str, columns: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM {table}")))


def common_columns(connection: Connection, table: str) -> str:
    # The program has a table of its own.
    names = {column["name"] for column in inspect(connection).get_columns(table)} - {"program"}
    return ", ".join(f"{name}::text" for name in sorted(names))


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_that_an_earlier_revision_filled_comes_to_the_present_one(
    fresh: Connection, revision: str
) -> None:
    downgrade(fresh, revision)
    filled = [table for table in ORDER if inspect(fresh).has_table(table)]
    for table in filled:
        store(fresh, table)
    # As at the end of the transaction that filled it.
    fresh.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    fresh.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    facts = {table: common_columns(fresh, table) for table in FACTS}
    before = {table: contents(fresh, table, columns) for table, columns in facts.items()}
    counts = {table: fresh.scalar(text(f"SELECT count(*) FROM {table}")) for table in filled}
    assert set(FACTS) <= set(filled)
    upgrade(fresh)
    assert {table: contents(fresh, table, columns) for table, columns in facts.items()} == before
    assert {table: fresh.scalar(text(f"SELECT count(*) FROM {table}")) for table in filled} == counts


ROLES = {
    "invited": ("none", "unknown", "guest", "none"),
    "accepted": ("accepted", "unknown", "guest", "none"),
    "declined": ("declined", "unknown", "guest", "none"),
    "attended": ("none", "present", "guest", "partial"),
    "absent": ("none", "absent", "guest", "partial"),
    "hosted": ("none", "unknown", "host", "none"),
}


@pytest.mark.parametrize("role", ROLES)
def test_the_one_word_of_a_part_becomes_four_axes_and_back(fresh: Connection, role: str) -> None:
    downgrade(fresh, "0024")
    for table in ("park_version", "company_version"):
        store(fresh, table)
    act_as(fresh, "Erika")
    meeting = store(fresh, "meeting")
    store(fresh, "participation", role=role)
    fresh.execute(text("SELECT set_config('app.actor', '', true)"))
    upgrade(fresh)
    query = (
        "SELECT answer, presence, part, attendance_known FROM participation JOIN meeting USING (meeting_id)"
    )
    assert tuple(fresh.execute(text(query)).one()) == ROLES[role]
    is_invited = fresh.scalar(text("SELECT invited_at::date FROM participation"))
    assert (is_invited is not None) == (role == "invited")
    images = fresh.execute(
        text(
            "SELECT after = to_jsonb(p) FROM audit_entry CROSS JOIN participation p"
            " WHERE table_name = 'participation'"
        )
    )
    assert images.scalars().all() == [True]
    before = contents(fresh, "participation", "*")
    refold(fresh, meeting)
    assert contents(fresh, "participation", "*") == before
    assert fresh.scalar(text("SELECT title FROM meeting_item")) == "A tour of the hall"
    downgrade(fresh, "0024")
    assert contents(fresh, "participation", "role") == [(role,)]
    assert fresh.scalar(text("SELECT program FROM meeting")) == ["A tour of the hall"]


def test_a_migration_does_not_wait_for_ever_for_others(
    fresh_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LIMITS", {"lock_timeout": "50ms"})
    engine = make_engine(fresh_database_url)
    try:
        with engine.connect() as other, engine.connect() as connection:
            other.execute(text("LOCK TABLE tour IN ACCESS SHARE MODE"))
            with pytest.raises(OperationalError, match="lock timeout"):
                downgrade(connection, "base")
    finally:
        engine.dispose()


def test_limits_of_migrations_end_with_them(fresh: Connection) -> None:
    limits = text("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
    before = fresh.execute(limits).one()
    downgrade(fresh, "-1")
    upgrade(fresh)
    assert fresh.execute(limits).one() == before
