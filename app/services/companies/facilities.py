"""Facilities over time: a new one, and the end of one; for the rest see `acts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.changes import Change
from app.db.companies.occupants import free_key
from app.domain.kinds import BusinessCase, Intent
from app.services.companies.acts import end_thing
from app.services.companies.cases import Site, location_of
from app.services.companies.things import editing, facility
from app.services.tours.keys import slug


def add_facility(connection: Connection, values: Mapping[str, Any], site: Site, change: Change) -> int:
    """Let there be a new facility from the day of `change` on; its key is made of its name.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    values : mapping
        By column, without those of the place.
    site : Site
    change : Change

    Returns
    -------
    int
        The change set.
    """
    day = _day(change)
    with editing(connection, _as(change)) as edit:
        key = free_key(connection, "facility", slug(str(values["name"]), "facility"))
        edit.versions(facility(key))
        row = {**values, **location_of(connection, site, day), "key": key}
        edit.put(facility(key), [Version(None, day, None, row)])
    return edit.change_set_id


def end_facility(connection: Connection, key: str, change: Change) -> int:
    """End a facility: the day of `change` is the first on which it is not there; return the change set."""
    with editing(connection, _as(change)) as edit:
        end_thing(edit, facility(key), _day(change))
    return edit.change_set_id


def _as(change: Change) -> Change:
    return replace(change, business_case=BusinessCase.ATTRIBUTES, intent=Intent.CHANGE)


def _day(change: Change) -> date:
    assert change.day is not None  # noqa: S101  every act has one
    return change.day
