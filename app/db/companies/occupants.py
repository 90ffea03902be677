"""Who is where on a day: what the business cases of companies ask."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Connection, select, text
from sqlalchemy.engine import RowMapping

from app.db.models import Company, Occupancy
from app.db.row_frames import holds


def places_of(connection: Connection, company: str, on: date) -> list[str]:
    """Return the keys of the places of a company on a day, in order."""
    statement = (
        select(Occupancy.key)
        .join(Company, Company.company_id == Occupancy.company_id)
        .where(Company.key == company, *holds(Occupancy.valid, on))
        .order_by(Occupancy.key)
    )
    return list(connection.execute(statement).scalars())


def others_on_plot(connection: Connection, plot_id: int, since: date, but: Collection[str]) -> list[str]:
    """Return the keys of places on a plot, other than `but`, that are there on a day or come later."""
    query = """
        SELECT DISTINCT key FROM occupancy
        WHERE plot_id = :plot_id AND valid && daterange(:since, NULL) AND key <> ALL(:but) ORDER BY key
    """
    values = {"plot_id": plot_id, "since": since, "but": list(but)}
    return list(connection.execute(text(query), values).scalars())


def taken_keys(connection: Connection, table: str, beginning: str = "") -> set[str]:
    """Return the keys that a row of a table has or had, of those that begin so."""
    query = f"""
        SELECT key FROM {table} WHERE starts_with(key, :beginning)
        UNION SELECT coalesce(before, after) ->> 'key' FROM audit_entry
        WHERE table_name = '{table}'
            AND starts_with((coalesce(before, after) ->> 'key') COLLATE "C", :beginning)
    """  # noqa: S608  the name of a table
    return set(connection.execute(text(query), {"beginning": beginning}).scalars())


def without_plot(connection: Connection, on: date) -> list[tuple[str, str]]:
    """Return the places of a day that are on no plot, each with its company's key, park by park."""
    statement = (
        select(Occupancy.key, Company.key.label("company"))
        .join(Company, Company.company_id == Occupancy.company_id)
        .where(Occupancy.plot_id.is_(None), *holds(Occupancy.valid, on))
        .order_by(Occupancy.park_id, Company.key, Occupancy.key)
    )
    return [(row.key, row.company) for row in connection.execute(statement)]


def free_key(connection: Connection, table: str, wanted: str) -> str:
    """Return `wanted`, or with the lowest number behind it that no row of a table has or had."""
    taken = taken_keys(connection, table, wanted)
    numbered = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(key for key in (wanted, *numbered) if key not in taken)


def next_ids(connection: Connection, table: str, n: int) -> list[int]:
    """Return numbers for `n` new rows of a table, which nobody else will get."""
    query = f"SELECT nextval(pg_get_serial_sequence('{table}', '{table}_id')) FROM generate_series(1, :n)"  # noqa: S608
    return list(connection.execute(text(query), {"n": n}).scalars())


def meetings_ahead(connection: Connection, companies: Collection[str], since: date) -> Sequence[RowMapping]:
    """Return the meetings on a day or later in which some companies have a part, with their names."""
    query = """
        SELECT DISTINCT m.key, m.title, m.held_on, c.key AS company
        FROM meeting m JOIN participation p USING (meeting_id) JOIN company c USING (company_id)
        WHERE c.key = ANY(:companies) AND m.held_on >= :since ORDER BY m.held_on, m.key, c.key
    """
    values = {"companies": list(companies), "since": since}
    return connection.execute(text(query), values).mappings().all()
