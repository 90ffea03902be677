"""Fixtures of the web tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from app import create_app
from app.config import Settings
from tests.unhurried import unhurried_planner

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["unhurried_planner"]

MakeApp = Callable[[Settings], "Flask"]


@pytest.fixture(scope="module")
def make_app() -> Iterator[MakeApp]:
    """Make applications with settings of the test's own; their connections are closed afterwards."""
    with ExitStack() as stack:

        def made(settings: Settings) -> Flask:
            app = create_app(settings)
            stack.callback(app.extensions["engine"].dispose)
            return app

        yield made
