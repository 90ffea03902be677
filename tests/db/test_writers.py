"""Several people write at the same time: one waits for the other, and nobody's change is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from app.db.embedded import Cluster
from app.db.engine import make_engine
from app.db.saved_tours import change_tour, saved_row
from app.errors import ConflictError
from app.services.saving import resave_tour, save_tour
from tests.databases import copy_of, migrated
from tests.db.saved_walks import a_wish, store_world
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
