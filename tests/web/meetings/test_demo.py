"""The demo: made-up data of their own database, the same each time, with all lists of meetings filled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, create_engine, text

from app.cli.setup.serve import _check_demo
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.companies.companies import companies_on
from app.errors import SetupError
from app.services.meetings.acquaintances import Acquaintances, IndexQuestion
from app.services.meetings.memory import Remembered, companies_remembered
from app.services.setup.checking import check
from app.services.setup.demo.filling import HELD, prepare_demo
from app.services.setup.demo.kept_apart import check_demo
from app.services.setup.demo.park import write_demo_park
from tests.databases import copy_of, loaded, migrated
from tests.web.signing_in import try_in

if TYPE_CHECKING:
    from tests.web.conftest import MakeApp

ON, SECRET = date(2026, 12, 1), "s" * 40
PASSWORDS: list[str | None] = []


def filled(connection: Connection) -> None:
    """Fill a template with the demo."""
    migrated(connection)
    PASSWORDS.append(prepare_demo(connection, lambda _: None, SECRET))


@pytest.fixture(scope="module")
def demo_url(cluster: Cluster) -> Iterator[str]:
    with copy_of(cluster, filled) as url:
        yield url


@pytest.fixture
def demo(demo_url: str) -> Iterator[Connection]:
    engine = create_engine(demo_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_park_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_demo_park(tmp_path / name)
    files = sorted(file.name for file in (tmp_path / "one").iterdir())
    assert len(files) == 10
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "other" / f).read_bytes() for f in files)


def test_it_has_sixty_companies_and_six_meetings_over_three_years(demo: Connection) -> None:
    assert companies_on(demo, ON)["company"].nunique() == 60
    held = demo.execute(text("SELECT held_on FROM meeting WHERE state IN ('held', 'reported')")).scalars()
    assert sorted(held) == [one.day for one in HELD]
    assert {one.day.year for one in HELD} == {2024, 2025, 2026}
    addresses = demo.execute(text("SELECT value FROM contact_channel")).scalars().all()
    assert len(addresses) > 40
    assert all(address.endswith("@demo.example.org") for address in addresses)
    assert demo.scalar(text("SELECT count(*) FROM contact WHERE name IS NOT NULL")) == 0
    assert list(check(demo)) == []


def test_all_of_the_memory_can_be_seen_on_it(demo: Connection) -> None:
    lists = [name for one in companies_remembered(demo, ON) for name in one.lists]
    # New is who came after the last meeting; on the demo's last day nobody did.
    assert set(lists) >= set(Remembered) - {Remembered.NEW}
    before = companies_remembered(demo, date(2026, 5, 4))
    assert [one.key for one in before if Remembered.NEW in one.lists] == ["demo-60"]
    index = Acquaintances(demo, IndexQuestion(ON)).at(ON).index
    assert index is not None
    assert 0.2 < index.low < index.likely < index.high < 0.8


def test_a_second_start_fills_nothing(demo: Connection) -> None:
    rows = "SELECT count(*) FROM participation_event"
    before = demo.scalar(text(rows))
    assert prepare_demo(demo, lambda _: None, SECRET) is None
    assert demo.scalar(text(rows)) == before


def test_its_pages_say_what_they_are_and_its_account_signs_in(
    demo_url: str, make_app: MakeApp, settings: Settings
) -> None:
    app = make_app(replace(settings, database_url=demo_url, is_demo=True))
    client = app.test_client()
    for address in ("/", "/meetings", "/login"):
        assert "Demo: Der Park" in client.get(f"{address}?lang=de").get_data(as_text=True), address
    [password] = [one for one in PASSWORDS if one] or [None]
    if password:  # made by this process
        assert try_in(client, "Demo", password).status_code == 302
        assert "Demo-Labor 24" in client.get("/meetings/memory?list=never_came").get_data(as_text=True)
    app.extensions["engine"].dispose()


def test_made_up_and_real_are_kept_apart(demo: Connection, cluster: Cluster, settings: Settings) -> None:
    with pytest.raises(SetupError, match="holds the demo"):
        check_demo(demo, is_wanted=False)
    check_demo(demo, is_wanted=True)
    with copy_of(cluster, loaded) as url:
        engine = create_engine(url)
        with engine.connect() as real:
            check_demo(real, is_wanted=False)
            with pytest.raises(SetupError, match="other data than the demo"):
                check_demo(real, is_wanted=True)
            # The meetings of April 2024 are as they were published.
            query = "SELECT held_on, attendance_known FROM meeting ORDER BY held_on"
            found = [tuple(row) for row in real.execute(text(query))]
        engine.dispose()
    assert found == [(date(2024, 4, 11), "none"), (date(2024, 4, 24), "none")]
    own = replace(settings, is_demo=True)
    with pytest.raises(SetupError, match="DATABASE_URL"):
        _check_demo(replace(own, database_url="postgresql+psycopg://x/y"))
    with pytest.raises(SetupError, match="SMTP_HOST"):
        _check_demo(replace(own, database_url=None, mail=replace(own.mail, smtp_host="mail.example")))
    assert Settings.from_environment({"APP_DEMO": "1"}).var_dir.parts[-2:] == ("var", "demo")
    assert not Settings.from_environment({"APP_DEMO": "0"}).is_demo
