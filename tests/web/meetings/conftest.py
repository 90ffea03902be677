"""An application with a meeting, its invited companies and somebody of the staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.services.meetings.invitation_links import invitation_token
from tests.databases import copy_of, migrated
from tests.db.meetings.mail_scene import AT, SECRET, queue, store_meeting
from tests.web.signing_in import Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.web.conftest import MakeApp

NAMES = ("alpha", "beta", "gamma")


@dataclass
class Scene:
    """The application, what time it is there, and who is invited by which link."""

    app: Flask
    at: datetime
    meeting_id: int

    @property
    def client(self) -> FlaskClient:
        """A browser without cookies."""
        return self.app.test_client()

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return what is stored."""
        with self.app.extensions["engine"].connect() as held:
            return [tuple(row) for row in held.execute(text(query), values)]

    def change(self, statement: str, **values: Any) -> None:
        """Change what is stored behind the application's back."""
        with self.app.extensions["engine"].begin() as held:
            held.execute(text(statement), values)

    def number(self, name: str) -> int:
        """Return the number of a company's invitation."""
        query = "SELECT invitation_id FROM invitation JOIN company USING (company_id) WHERE key = :name"
        [(found,)] = self.rows(query, name=name)
        return int(found)

    def address(self, name: str) -> str:
        """Return the address of a company's invitation."""
        return f"/answer/{invitation_token(self.number(name), SECRET)}"

    def answer(self, name: str) -> tuple[Any, ...] | None:
        """Return answer, persons and way of a company."""
        query = (
            "SELECT answer, heads, answer_via FROM participation JOIN company USING (company_id)"
            " WHERE key = :name"
        )
        return next(iter(self.rows(query, name=name)), None)

    def all_rows(self) -> dict[str, list[str]]:
        """Return all that is stored, by table, as text."""
        tables = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            table: [row for (row,) in self.rows(f"SELECT t::text FROM {table} t ORDER BY 1")]
            for (table,) in tables
            if table != "spatial_ref_sys"
        }


# All that a test may have stored; who may sign in stays.
_FORGET = "TRUNCATE park, company, suppression, privacy_log, sign_in_failure RESTART IDENTITY CASCADE"


@pytest.fixture(scope="module")
def meeting_app(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Flask]:
    """The application on a database of the module's own, with somebody of the staff."""
    with copy_of(cluster, migrated) as url:
        app = make_app(replace(settings, database_url=url, secret_key=SECRET))
        let_in(app)
        yield app
        app.extensions["engine"].dispose()


@pytest.fixture
def scene(meeting_app: Flask) -> Scene:
    """Three companies are invited; their mails wait in the outbox."""
    with meeting_app.extensions["engine"].begin() as held:
        held.execute(text(_FORGET))
        meeting_id = store_meeting(held, NAMES)
        queue(held)
    found = Scene(meeting_app, AT + timedelta(days=1), meeting_id)
    meeting_app.extensions["clock"] = lambda: found.at
    return found


@pytest.fixture
def staff(scene: Scene) -> Signed:
    """Somebody of the staff, signed in."""
    return signed_in(scene.app)
