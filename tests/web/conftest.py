"""Fixtures of the web tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app import create_app
from app.config import Settings
from app.db.cluster.embedded import Cluster
from tests.cheap_passwords import cheap_passwords
from tests.databases import copy_of, loaded
from tests.unhurried import unhurried_planner
from tests.web.signing_in import Clock, let_in

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["cheap_passwords", "unhurried_planner"]

Analyst = Callable[..., Any]
MakeApp = Callable[[Settings], "Flask"]


@pytest.fixture(scope="session")
def analyst() -> Iterator[Analyst]:
    """Call a function in a process of an analyst: in the program's own, GDAL may ask no address."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:

        def asked(function: Callable[..., Any], *given: Any, **options: Any) -> Any:
            return process.submit(function, *given, **options).result()

        yield asked


@pytest.fixture(scope="module")
def make_app() -> Iterator[MakeApp]:
    """Make applications with settings of the test's own; their connections are closed afterwards."""
    with ExitStack() as stack:

        def made(settings: Settings) -> Flask:
            app = create_app(settings)
            stack.callback(app.extensions["engine"].dispose)
            return app

        yield made


@pytest.fixture(scope="module")
def staffed(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Flask]:
    """The application on data of the module's own, with one person who may sign in."""
    with copy_of(cluster, loaded) as url:
        app = make_app(replace(settings, database_url=url))
        let_in(app)
        yield app
        app.extensions["engine"].dispose()


@pytest.fixture
def desk(staffed: Flask) -> Flask:
    """The same, with the failed attempts to sign in of other tests forgotten."""
    with staffed.extensions["engine"].begin() as held:
        held.execute(text("DELETE FROM sign_in_failure"))
    return staffed


@pytest.fixture
def clock(desk: Flask) -> Iterator[Clock]:
    """The clock of `desk`, which only the test moves."""
    before, desk.extensions["clock"] = desk.extensions["clock"], Clock()
    yield desk.extensions["clock"]
    desk.extensions["clock"] = before
