"""A company over time, as its page tells it to staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.change_sets import last_change_set
from app.db.land.parks import park_ids
from app.db.land.plots import plot_keys
from app.db.listed_changes import Wanted
from app.domain.kinds import Precision
from app.errors import N_, NotFoundError
from app.request import today
from app.services.companies.things import Thing, company, stored_places, stored_versions
from app.web.companies.forms import CaseForm
from app.web.companies.words import period_words


@dataclass(frozen=True)
class CompanyHistory:
    """All versions of a company's attributes, and those of its places by their keys.

    `base` is the last change set before they were read, `park` the key of the park where it is or was.
    """

    thing: Thing
    versions: Sequence[Version]
    places: Mapping[str, Sequence[Version]]
    base: int = 0
    park: str = ""

    @property
    def name(self) -> str:
        """What it is called today."""
        return str(held(self.versions, today()).values["name"])

    def place(self, key: str) -> Sequence[Version]:
        """Return the versions of a place.

        Raises
        ------
        NotFoundError
            When it is none of the company's.
        """
        if key not in self.places:
            raise NotFoundError(N_("There is no place “%(key)s”."), key=key[:60])
        return self.places[key]


def company_history(connection: Connection, key: str) -> CompanyHistory:
    """Return a company over time; raises NotFoundError when there is none."""
    thing, base = company(connection, key), last_change_set(connection)
    versions, places = stored_versions(connection, thing), stored_places(connection, thing)
    parks = {number: name for name, number in park_ids(connection).items()}
    last = next((parks[every[-1].values["park_id"]] for every in places.values()), "")
    return CompanyHistory(thing, versions, places, base, last)


def of_company(form: CaseForm, history: CompanyHistory) -> CaseForm:
    """Return a form as one of a company."""
    key = history.thing.key
    about = Wanted(company=key)
    return replace(form, company=key, name=history.name, base=history.base, park=history.park, about=about)


def held(versions: Sequence[Version], on: date) -> Version:
    """Return the version of a day; where none holds, the last one that ended before it, else the first."""
    there = [one for one in versions if one.starts is None or one.starts <= on]
    return there[-1] if there else versions[0]


def day_in(version: Version, on: date) -> date:
    """Return a day on which a version holds: `on`, where it does, else its last or first one."""
    if version.holds(on):
        return on
    if version.ends is not None and version.ends <= on:
        return version.ends - timedelta(days=1)
    assert version.starts is not None  # noqa: S101  else it would hold
    return version.starts


@dataclass(frozen=True)
class PastAndFuture:
    """One version as the page shows it: its period in words, its values, and a day on which it held."""

    period: str
    values: Mapping[str, Any]
    seen_on: date
    is_now: bool
    is_over: bool


def attribute_lines(history: CompanyHistory) -> list[PastAndFuture]:
    """Return the versions of a company's attributes, the latest first."""
    return [line_of(version, version.values) for version in reversed(history.versions)]


def place_lines(connection: Connection, history: CompanyHistory) -> list[tuple[str, list[PastAndFuture]]]:
    """Return key and versions of each place, the latest first; those that are over come last."""
    ids = {one.values["plot_id"] for versions in history.places.values() for one in versions}
    plots = plot_keys(connection, ids - {None})
    found = [
        (
            key,
            [
                line_of(one, {**one.values, "plot": plots.get(one.values["plot_id"])})
                for one in reversed(versions)
            ],
        )
        for key, versions in history.places.items()
    ]
    return sorted(found, key=lambda place: (place[1][0].is_over, place[0]))


def line_of(version: Version, values: Mapping[str, Any]) -> PastAndFuture:
    """Return a version as a page shows it."""
    on, precision = today(), Precision(version.values.get("starts_precision", Precision.DAY))
    is_over = version.ends is not None and version.ends <= on
    period = period_words(version.starts, version.ends, precision)
    return PastAndFuture(period, values, day_in(version, on), version.holds(on), is_over)
