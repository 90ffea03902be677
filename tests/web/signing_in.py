"""Signed-in clients for tests that change data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.domain.kinds import AccessRole
from app.services.people.staff import Person, add_staff
from tests.databases import copy_of, loaded

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy import Connection
    from werkzeug.test import TestResponse

    from app.config import Settings
    from app.db.cluster.embedded import Cluster
    from tests.web.conftest import MakeApp

NAME, PASSWORD = "Erika Muster", "correct horse battery"


def let_in(
    app: Flask,
    name: str = NAME,
    password: str = PASSWORD,
    role: AccessRole = AccessRole.STAFF,
    organization: str | None = None,
) -> Person:
    """Let somebody sign in."""
    with app.extensions["engine"].begin() as held:
        return add_staff(held, name, password, role, organization)


@contextmanager
def staffed_copy(
    cluster: Cluster, make_app: MakeApp, settings: Settings, fill: Callable[[Connection], object]
) -> Iterator[Flask]:
    """Give an application on a copy of the shipped data, filled further, with somebody of the staff."""
    with copy_of(cluster, loaded) as url:
        app = make_app(replace(settings, database_url=url))
        with app.extensions["engine"].begin() as held:
            fill(held)
        let_in(app)
        yield app
        app.extensions["engine"].dispose()


def token_of(client: FlaskClient, address: str) -> str:
    """Return the token in the first form of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).get_data(as_text=True))
    assert found
    return found[1]


def try_in(client: FlaskClient, name: str = NAME, password: str = PASSWORD, after: str = "") -> TestResponse:
    """Fill in the form and send it."""
    given = {"csrf_token": token_of(client, "/login"), "name": name, "password": password}
    return client.post(f"/login?lang=en{after}", data=given)


class Clock:
    """A clock that stands still until it is put forward; as ``app.extensions["clock"]``."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 5, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return what it shows."""
        return self.at

    def go_on(self, **span: float) -> None:
        """Put it forward by ``minutes=``, ``hours=``, ``days=``."""
        self.at += timedelta(**span)


@dataclass(frozen=True)
class Signed:
    """A client of somebody signed in, with the token of his session."""

    client: FlaskClient
    token: str

    def ask(
        self, method: str, address: str, given: object = None, *, seen: int | str | None = None
    ) -> TestResponse:
        """Send JSON with the token; `seen` is the version that the change is made from."""
        body: dict[str, Any] = {} if given is None else {"json": given}
        headers = {"X-CSRFToken": self.token} | ({} if seen is None else {"If-Match": f'"{seen}"'})
        return self.client.open(f"{address}?lang=en", method=method, headers=headers, **body)

    def fill(self, address: str, **given: str) -> TestResponse:
        """Send a form with the token."""
        mark = "&" if "?" in address else "?"
        return self.client.post(f"{address}{mark}lang=en", data={"csrf_token": self.token, **given})


def signed_in(app: Flask, name: str = NAME, user_agent: str = "", password: str = PASSWORD) -> Signed:
    """Return a client that has signed in."""
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = user_agent
    assert try_in(client, name, password).status_code == 302
    return Signed(client, token_of(client, "/account"))
