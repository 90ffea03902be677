"""The migrations give exactly the models' tables; the data's version and the record of changes keep up."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from app.db.changes import act_as, data_version
from app.db.migrate import downgrade, is_current, upgrade
from app.db.models import Base
from tests.db.good_rows import ORDER, store

DEFINITIONS = {
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 't'""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "columns": """
        SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default, is_identity,
               identity_generation, is_generated, generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "geometries": "SELECT f_table_name, f_geometry_column, coord_dimension, srid, type FROM geometry_columns",
}


def definitions(connection: Connection) -> dict[str, set[tuple[Any, ...]]]:
    ours = set(Base.metadata.tables)
    return {
        kind: {tuple(row) for row in connection.execute(text(query)) if row[0] in ours}
        for kind, query in DEFINITIONS.items()
    }


def test_the_migrations_give_the_models(fresh: Connection) -> None:
    migrated = definitions(fresh)
    assert all(migrated.values())
    downgrade(fresh)
    Base.metadata.create_all(fresh)
    made = definitions(fresh)
    for kind, found in migrated.items():
        assert found == made[kind], kind


def test_up_down_up(fresh: Connection) -> None:
    before = definitions(fresh)
    downgrade(fresh)
    left = fresh.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
    assert set(left) <= {"alembic_version", "spatial_ref_sys"}
    functions = "SELECT count(*) FROM pg_proc WHERE proname IN ('raise_data_version', 'write_audit_entry')"
    assert fresh.execute(text(functions)).scalar_one() == 0
    upgrade(fresh)
    assert is_current(fresh)
    assert definitions(fresh) == before
    assert data_version(fresh) == 1


# Who comes to a meeting is nothing that anybody caches.
@pytest.mark.parametrize("table", [table for table in ORDER if table != "participation"])
def test_every_change_raises_the_data_version(connection: Connection, table: str) -> None:
    store(connection, table)
    seen = [data_version(connection)]
    column = next(
        c["name"]
        for c in inspect(connection).get_columns(table)
        if "computed" not in c and not c.get("identity")
    )
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        connection.execute(text(statement))
        seen.append(data_version(connection))
    assert seen == sorted(set(seen))


def test_only_a_persons_changes_are_recorded(connection: Connection) -> None:
    def entries() -> list[tuple[Any, ...]]:
        query = (
            "SELECT actor, table_name, before ->> 'name', after ->> 'name'"
            " FROM audit_entry ORDER BY audit_entry_id"
        )
        return [tuple(row) for row in connection.execute(text(query))]

    store(connection, "company")
    store(connection, "company_version")
    assert entries() == []
    act_as(connection, "Erika Muster")
    connection.execute(text("UPDATE company_version SET name = 'D'"))
    connection.execute(text("DELETE FROM company_version"))
    assert entries() == [
        ("Erika Muster", "company_version", "C", "D"),
        ("Erika Muster", "company_version", "D", None),
    ]
