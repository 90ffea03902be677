"""A plot over time, as its page tells it to staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.change_sets import last_change_set
from app.request import today
from app.services.companies.things import Thing, marketing, plot, stored_versions
from app.web.companies.histories import PastAndFuture, day_in, held, line_of


@dataclass(frozen=True)
class PlotHistory:
    """All versions of a plot, and what is said of its marketing; `base` is the last change set before."""

    thing: Thing
    versions: Sequence[Version]
    marketing: Sequence[Version]
    base: int = 0

    @property
    def key(self) -> str:
        """The plot's key."""
        return self.thing.key


def plot_history(connection: Connection, key: str) -> PlotHistory:
    """Return a plot over time; raises NotFoundError when there is none."""
    thing, base = plot(connection, key), last_change_set(connection)
    versions = stored_versions(connection, thing)
    return PlotHistory(thing, versions, stored_versions(connection, marketing(key)), base)


def day_to_see(versions: Sequence[Version], on: date) -> date:
    """Return a day on which a version holds, as near to `on` as can be."""
    return day_in(held(versions, on), on)


def marketing_lines(history: PlotHistory) -> list[PastAndFuture]:
    """Return what is said of a plot's marketing, the latest first."""
    return [line_of(version, version.values) for version in reversed(history.marketing)]


def use_lines(history: PlotHistory) -> list[PastAndFuture]:
    """Return the versions of a plot, the latest first."""
    return [line_of(version, version.values) for version in reversed(history.versions)]


def marketing_now(history: PlotHistory) -> Version | None:
    """Return what is said of a plot's marketing today; None without anything."""
    return next((version for version in history.marketing if version.holds(today())), None)
