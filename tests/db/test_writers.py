"""Several people write at the same time: one waits for the other, and nobody's change is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from app.db.changes import data_version, state_of_data
from app.db.cluster.embedded import Cluster
from app.db.engine import database_errors, make_engine
from app.db.tours.saved import change_tour, saved_row
from app.errors import BusyError, ConflictError
from app.services.tours.saving import resave_tour, save_tour
from tests.databases import copy_of, migrated
from tests.db.tours.saved_walks import a_wish, store_world
from tests.waiting import LAST_RESORT_S, wait_until_locked


@pytest.fixture
def engine(cluster: Cluster) -> Iterator[Engine]:
    """A database of the test's own with the small world in it."""
    with copy_of(cluster, migrated) as url:
        made = make_engine(url)
        with made.begin() as connection:
            store_world(connection)
        yield made
        made.dispose()


def together(engine: Engine, *changes: Callable[[Connection], Any]) -> list[Any]:
    """Return what changes give that are made at the same time, or how they were refused."""

    def made(change: Callable[[Connection], Any]) -> Any:
        try:
            with engine.begin() as connection:
                return change(connection)
        except ConflictError:
            return ConflictError

    with ThreadPoolExecutor(len(changes)) as pool:
        return list(pool.map(made, changes))


def test_who_plans_all_tours_and_who_changes_one_do_not_block_each_other(engine: Engine) -> None:
    with engine.begin() as connection:
        one, other = (save_tour(connection, a_wish(), title).key for title in ("One", "Other"))

    has_changed_one = Event()

    def both(connection: Connection) -> int:
        change_tour(connection, saved_row(connection, one, is_to_change=True)["tour_id"])
        has_changed_one.set()
        wait_until_locked(engine)
        return change_tour(connection, saved_row(connection, other, is_to_change=True)["tour_id"])

    def single(connection: Connection) -> int:
        assert has_changed_one.wait(LAST_RESORT_S)
        return change_tour(connection, saved_row(connection, other, is_to_change=True)["tour_id"])

    assert together(engine, both, single) == [2, 3]


def test_of_two_who_save_one_version_one_is_told(engine: Engine) -> None:
    with engine.begin() as connection:
        key = save_tour(connection, a_wish(), "A walk").key

    def saving(title: str) -> Callable[[Connection], int]:
        return lambda connection: resave_tour(connection, key, a_wish(), title, 1).version

    told = together(engine, *map(saving, "ABCD"))
    assert sorted(map(str, told)) == sorted(map(str, [2, *[ConflictError] * 3]))


def test_a_long_change_of_data_keeps_nobody_from_another(engine: Engine) -> None:
    """The version is no lock: it rises when a change ends, and until then only who makes it sees it risen."""
    with engine.connect() as reader, engine.connect() as long, long.begin():
        states = {state_of_data(reader)}
        before = data_version(reader)
        for n in (1, 2):
            long.execute(text("UPDATE park_version SET name = name"))
            assert data_version(long) == before + n
            states.add(state_of_data(long))
        reader.rollback()
        assert data_version(reader) == before
        with engine.begin() as short:
            short.execute(text("SET LOCAL lock_timeout = 1"))
            save_tour(short, a_wish(), "Meanwhile")
            saved = data_version(short)
        reader.rollback()
        assert data_version(reader) == saved > before
        states.add(state_of_data(reader))
        assert len(states) == 4
        long.commit()
        reader.rollback()
        assert data_version(reader) == saved + 2
        assert state_of_data(reader) not in states
        assert reader.execute(text("SELECT count(*) FROM data_change")).scalar_one() == 0


def test_a_deadlock_is_told_as_what_it_is(engine: Engine) -> None:
    """Two transactions, each with a row that the other wants: one goes on, the other is told why."""

    def change(connection: Connection, key: str) -> None:
        connection.execute(text("UPDATE walkway SET kind = kind WHERE key = :key"), {"key": key})

    both_hold_one = Barrier(2)

    def changing(first: str, second: str) -> str:
        try:
            with database_errors(engine), engine.begin() as connection:
                change(connection, first)
                both_hold_one.wait()
                change(connection, second)
        except BusyError as error:
            return str(error)
        return "done"

    with engine.connect() as connection:
        one, other = connection.execute(text("SELECT key FROM walkway ORDER BY key LIMIT 2")).scalars()
    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(changing, (one, other), (other, one)))
    assert told[1] == "done"
    assert told[0].startswith("Two changes collided")


def test_what_a_transaction_takes_back_does_not_count(engine: Engine) -> None:
    with engine.begin() as connection:
        before = data_version(connection)
        with connection.begin_nested() as attempt:
            connection.execute(text("UPDATE park_version SET name = name"))
            attempt.rollback()
        assert data_version(connection) == before
    with engine.begin() as connection:
        assert data_version(connection) == before
