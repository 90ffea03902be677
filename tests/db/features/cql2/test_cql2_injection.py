"""No text of a filter becomes SQL: asking with it changes nothing and leaves the statement as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, text
from sqlalchemy.dialects import postgresql

from app.api.features.parameters.filters import CQL2_TEXT, parse_filter
from app.db.features.cql2 import condition
from app.domain.crs import WGS84_SRID
from app.errors import InputError
from tests.db.features.stored_features import Stored

_SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

INJECTED = [
    "key = 'x'; DROP TABLE plot; --'",
    "key = 'x''; DROP TABLE plot; --'",
    "key = '\\'; DELETE FROM plot; --'",
    "key = 'x'' OR ''1''=''1'",
    "key = '$1' or key = '%(key)s' or key = '%s' or key = ':key'",
    "key like '%''; TRUNCATE plot CASCADE; --'",
    "key in ('a', 'b'') OR 1=1 --')",
    '"key"" = key OR 1=1 --" = \'x\'',
    '"key) OR TRUE --" = 1',
    "key) = 1 OR (1",
    "1 = 1; SELECT pg_sleep(10)",
    "pg_sleep(10) is null",
    "pg_read_file('/etc/passwd') = 'x'",
    "current_user = 'postgres'",
    "staff.password_hash like '%'",
    "key = (SELECT password_hash FROM staff)",
    "key = 'x' UNION SELECT * FROM staff",
    "S_INTERSECTS(geometry, POINT(1 1)); DROP TABLE plot",
    "T_AFTER(valid, DATE('2024-01-01''); DROP TABLE plot; --'))",
    "T_AFTER(valid, INTERVAL('2024-01-01'') OR TRUE --', '..'))",
    "accenti(key) = accenti(''', ''); DROP TABLE plot; --')",
    "key = 'x' /* */ OR TRUE",
    "key = E'\\\\x27' OR TRUE",
    "key = 'x' || (SELECT 1)",
]


@pytest.mark.parametrize("given_text", INJECTED)
def test_runs_no_statement_of_a_filter(
    loaded_connection: Connection, collections: dict[str, Stored], given_text: str
) -> None:
    before, plots = n_rows(loaded_connection), collections["plots"]
    with statements(loaded_connection) as ran:
        try:
            assert plots.found(loaded_connection, parse_filter(given_text, CQL2_TEXT)) == []
        except InputError:
            assert ran == []
    assert len(ran) <= 1
    assert not any(word in statement for statement in ran for word in ("DROP", "pg_sleep", "staff", "1=1"))
    assert n_rows(loaded_connection) == before


def n_rows(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    names = (
        connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        .scalars()
        .all()
    )
    return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}


@contextmanager
def statements(connection: Connection) -> Iterator[list[str]]:
    """Gather the statements that run."""
    ran: list[str] = []

    def gather(_c: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        ran.append(statement)

    event.listen(connection, "before_cursor_execute", gather)
    yield ran
    event.remove(connection, "before_cursor_execute", gather)


SHAPES_OF_SQL = [
    lambda s, n: {"op": "=", "args": [{"property": "key"}, s]},
    lambda s, n: {"op": "in", "args": [{"property": "key"}, [s, "b"]]},
    lambda s, n: {
        "op": "like",
        "args": [{"op": "casei", "args": [{"property": "key"}]}, {"op": "accenti", "args": [f"{s}x"]}],
    },
    lambda s, n: {"op": ">", "args": [{"op": "+", "args": [{"property": "area_m2"}, n]}, n]},
    lambda s, n: {"op": "between", "args": [{"property": "area_m2"}, n, n]},
]


@given(
    given_text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    value=st.integers(-(10**9), 10**9),
)
@settings(_SLOWLY, max_examples=60)
def test_values_never_become_text_of_a_statement(
    collections: dict[str, Stored], given_text: str, value: int
) -> None:
    columns = collections["plots"].columns
    for shape in SHAPES_OF_SQL:
        texts = {
            str(
                condition(shape(*given_values), columns, WGS84_SRID).compile(
                    dialect=postgresql.psycopg.dialect()
                )
            )
            for given_values in ((given_text, value), ("a", 1))
        }
        assert len(texts) == 1
