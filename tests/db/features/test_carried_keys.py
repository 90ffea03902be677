"""Versions of plots carry the keys of their plot and park, whatever is written to any of the three."""

from __future__ import annotations

from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.db.changes import act_as, data_version
from app.db.engine import make_engine
from app.db.migrate import downgrade, upgrade
from tests.db.good_rows import SQUARE, store
from tests.waiting import LAST_RESORT_S, wait_until_locked

UNTRUE = """
SELECT count(*) FROM plot_version v JOIN plot USING (plot_id) JOIN park USING (park_id)
WHERE (v.plot_key, v.park_key) IS DISTINCT FROM (plot.key, park.key)
"""
STORE = (
    "INSERT INTO plot_version (plot_id, {more} geometry, use_status, quality, valid)"
    f" SELECT plot_id, {{values}} ST_GeomFromText('{SQUARE}', 25832), 'unknown', 'schematic',"
    " daterange(:day, :day + 1) FROM plot ORDER BY plot_id OFFSET :nth LIMIT 1"
)
# Whatever can be written that has to do with keys; `nth` chooses a row, `name` is a new key.
WRITES = {
    "store": STORE.format(more="", values=""),
    "store with keys of others": STORE.format(more="plot_key, park_key,", values="'untrue', 'untrue',"),
    "store a plot": "INSERT INTO plot (park_id, key) SELECT park_id, :name FROM park {one}",
    "rename a plot": "UPDATE plot SET key = :name WHERE plot_id = (SELECT plot_id FROM plot {one})",
    "rename all plots": "UPDATE plot SET key = key || :name",
    "rename a park": "UPDATE park SET key = :name WHERE park_id = (SELECT park_id FROM park {one})",
    "rename all parks": "UPDATE park SET key = key || :name",
    "move a plot": (
        "UPDATE plot SET park_id = (SELECT park_id FROM park {one})"
        " WHERE plot_id = (SELECT plot_id FROM plot {one})"
    ),
    "move a version": (
        "UPDATE plot_version SET plot_id = (SELECT plot_id FROM plot {one}) WHERE plot_version_id ="
        " (SELECT plot_version_id FROM plot_version {one})"
    ),
    "write untrue keys": "UPDATE plot_version SET plot_key = :name, park_key = :name",
    "change something else": "UPDATE plot_version SET label = :name",
    "remove a plot": "DELETE FROM plot WHERE plot_id = (SELECT plot_id FROM plot {one})",
}
ONE = "ORDER BY 1 OFFSET :nth LIMIT 1"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(sorted(WRITES)), st.integers(0, 3)), max_size=12))
def test_carried_keys_are_true_after_any_writes(
    connection: Connection, writes: list[tuple[str, int]]
) -> None:
    with connection.begin_nested() as whole:
        for name in "ab":
            park = store(connection, "park", key=f"park-{name}")
            for nth in range(2):
                plot = store(connection, "plot", park_id=park, key=f"{name}{nth}")
                store(connection, "plot_version", plot_id=plot)
        for day, (write, nth) in enumerate(writes):
            values = {"nth": nth, "name": f"n{day}", "day": f"2030-01-{day + 1:02}"}
            try:
                with connection.begin_nested():
                    statement = text(
                        WRITES[write].replace("{one}", ONE).replace(":day", "CAST(:day AS date)")
                    )
                    connection.execute(statement, values)
            except SQLAlchemyError:
                continue  # two things of one key, two versions on one day
            assert connection.execute(text(UNTRUE)).scalar_one() == 0, write
        whole.rollback()


@pytest.mark.parametrize("rename", ["UPDATE park SET key = 'new'", "UPDATE plot SET key = 'new'"])
@pytest.mark.parametrize("is_rename_first", [True, False])
def test_who_renames_and_who_stores_at_the_same_time_wait_for_each_other(
    fresh_database_url: str, rename: str, *, is_rename_first: bool
) -> None:
    engine = make_engine(fresh_database_url)
    with engine.begin() as connection:
        store(connection, "park_version")
        store(connection, "plot")
    store_one = text(STORE.format(more="", values="").replace(":day", "CAST(:day AS date)"))
    statements = [(text(rename), {}), (store_one, {"nth": 0, "day": "2030-01-01"})]
    if not is_rename_first:
        statements.reverse()
    with engine.begin() as first:
        first.execute(*statements[0])
        other = Thread(target=_executed, args=(engine, *statements[1]))
        other.start()
        wait_until_locked(engine)
    other.join(LAST_RESORT_S)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM plot_version")).scalar_one() == 1
        assert connection.execute(text(UNTRUE)).scalar_one() == 0
    engine.dispose()


def _executed(engine: Engine, statement: object, values: dict[str, object]) -> None:
    with engine.begin() as connection:
        connection.execute(statement, values)  # type: ignore[call-overload]


def test_stored_versions_get_their_keys_when_the_database_is_upgraded(loaded_connection: Connection) -> None:
    """Nothing else of them changes, and no change of data is noted."""
    noted = text("SELECT count(*) FROM audit_entry")
    act_as(loaded_connection, "Erika Muster")
    # The change set that this transaction begins has another number than that of the upgrade will have.
    loaded_connection.execute(text("SELECT set_config('app.change_set', '', true)"))
    loaded_connection.execute(text("ALTER TABLE change_set ALTER change_set_id RESTART WITH 101"))
    loaded_connection.execute(text("UPDATE park_version SET name = name || ' '"))
    downgrade(loaded_connection, "0012")
    before = [loaded_connection.execute(each).scalar_one() for each in (noted, _ALL)]
    version = data_version(loaded_connection)
    upgrade(loaded_connection, "0013")
    assert loaded_connection.execute(text(UNTRUE)).scalar_one() == 0
    assert loaded_connection.execute(text("SELECT count(*) FROM plot_version")).scalar_one() > 30
    assert data_version(loaded_connection) == version
    downgrade(loaded_connection, "0012")
    assert [loaded_connection.execute(each).scalar_one() for each in (noted, _ALL)] == before
    upgrade(loaded_connection)


_ALL = text("SELECT md5(string_agg(v::text, ',' ORDER BY plot_version_id)) FROM plot_version v")
