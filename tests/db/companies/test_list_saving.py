"""A list of companies saved as one change set, undone to the last bit; who was here under another name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.db.changes import Change
from app.domain.kinds import BusinessCase, Intent, Precision
from app.domain.period import KnownDay, today
from app.errors import DataError
from app.exchange.companies.columns import ListRow
from app.services.companies.list_saving import save_rows
from app.services.companies.lists import MatchedRow, RowKind, match_rows
from app.services.companies.undoing import undo
from tests.db.companies.test_cases import tables

ERIKA = Change("Erika Muster", BusinessCase.LIST, Intent.CORRECT, today())


def matched(
    connection: Connection, *values: Mapping[str, Any], on: date | None = None, **choices: str
) -> list[MatchedRow]:
    rows = [ListRow(n, each) for n, each in enumerate(values, 2)]
    return match_rows(connection, rows, on or today(), {int(n[1:]): said for n, said in choices.items()})


def saved(connection: Connection, rows: list[MatchedRow]) -> int:
    return save_rows(connection, rows, KnownDay(today(), Precision.DAY), ERIKA)


def test_a_thousand_rows_are_one_change_set_and_undone_as_one(loaded_connection: Connection) -> None:
    before = tables(loaded_connection)
    rows = matched(
        loaded_connection,
        {"name": "Kaufland", "sector": "Markt", "website": "https://k.example"},
        *({"name": f"Muster {n} GmbH", "street": "Wolfsacker"} for n in range(1_000)),
    )
    assert [row.kind for row in rows] == [RowKind.CHANGED, *[RowKind.NEW] * 1_000]
    made = saved(loaded_connection, rows)
    of = "SELECT count(DISTINCT change_set_id) FROM audit_entry WHERE change_set_id >= :made"
    assert loaded_connection.scalar(text(of), {"made": made}) == 1
    n_there = "SELECT count(*) FROM occupancy WHERE key LIKE 'muster-%' AND starts_precision = 'unknown'"
    assert loaded_connection.scalar(text(n_there)) == 1_000
    undo(loaded_connection, made, Change("Erika Muster", BusinessCase.UNDO))
    assert tables(loaded_connection) == before


def test_a_name_of_earlier_years_is_asked_about(loaded_connection: Connection) -> None:
    made = saved(loaded_connection, matched(loaded_connection, {"name": "Alt & Grau GmbH"}))
    assert made
    change = "UPDATE company_version SET name = 'Neu AG' WHERE name = 'Alt & Grau GmbH'"
    loaded_connection.execute(text(change))
    insert = """
        INSERT INTO company_version (company_id, name, starts_precision, valid)
        SELECT company_id, 'Alt & Grau GmbH', 'unknown', daterange(NULL, '2020-01-01')
        FROM company_version WHERE name = 'Neu AG'
    """
    since = """
        UPDATE company_version SET (valid, starts_precision) = ('[2020-01-01,)', 'day') WHERE name = 'Neu AG'
    """
    loaded_connection.execute(text(since))
    loaded_connection.execute(text(insert))
    [row] = matched(loaded_connection, {"name": "Alt und Grau mbH"})
    assert (row.kind, row.candidates) == (RowKind.UNDECIDED, ("alt-grau-gmbh",))


def test_an_address_in_another_spelling_is_no_change(loaded_connection: Connection) -> None:
    [row] = matched(loaded_connection, {"name": "Kaufland", "street": "BRANDGEHAEGE", "house_number": " 9 "})
    assert row.kind is RowKind.UNCHANGED


def test_of_several_places_the_one_at_the_address_is_meant(loaded_connection: Connection) -> None:
    query = """
        SELECT company.key, array_agg(occupancy.key ORDER BY occupancy.key)
        FROM occupancy JOIN company USING (company_id)
        WHERE valid @> current_date GROUP BY company.key HAVING count(*) > 1
    """
    [(key, places)] = loaded_connection.execute(text(query)).all()
    street, number = loaded_connection.execute(
        text("SELECT street, house_number FROM occupancy WHERE key = :key"), {"key": places[0]}
    ).one()
    assert street
    known = {"key": key, "street": street, **({"house_number": number} if number else {})}
    [row] = matched(loaded_connection, {**known, "note": "Lager"})
    assert (row.place, row.of_place) == (places[0], {"note": "Lager"})
    [other] = matched(loaded_connection, {"key": key, "street": "Nirgendweg", "note": "Lager"})
    assert (other.place, other.kind) == (None, RowKind.UNCHANGED)
    assert "several places" in str(other.remarks[0])


def test_a_row_that_cannot_be_saved_is_named(loaded_connection: Connection) -> None:
    [(starts,)] = loaded_connection.execute(
        text("SELECT lower(valid) FROM occupancy WHERE key = 'kaufland-brandgehaege-9'")
    ).all()
    change = Change("Erika Muster", BusinessCase.LIST, Intent.CHANGE, starts)
    rows = matched(loaded_connection, {"name": "Kaufland", "note": "neu"}, on=starts)
    with pytest.raises(DataError, match=r"Row 2 \(Kaufland\): A version of .* begins on"):
        save_rows(loaded_connection, rows, KnownDay(starts, Precision.DAY), change)
