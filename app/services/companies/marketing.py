"""Marketing status of plots: available, reserved, allocated, unavailable; of many plots in one change set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from app.analysis.histories import NOTHING_NEW, ON_FIRST_DAY, Version
from app.db.changes import Change
from app.db.sources import source_ids, store_sources
from app.domain.kinds import BusinessCase, Intent, MarketingStatus, Precision
from app.errors import N_, ConflictError, NotFoundError
from app.services.companies.acts import change_thing, end_thing, first_day
from app.services.companies.things import Editing, Thing, editing, marketing, plot, stored_versions


@dataclass(frozen=True)
class MarketingEntry:
    """What is said of plots from a day on; the internal note stays internal, whatever is public.

    Attributes
    ----------
    status : MarketingStatus
    is_public : bool
    note, internal_note : str or None
    source : str or None
        A title; a new one is stored.
    as_of : str or None
        The state of the source in its own words.
    """

    status: MarketingStatus
    is_public: bool = False
    note: str | None = None
    internal_note: str | None = None
    source: str | None = None
    as_of: str | None = None


def market(
    connection: Connection,
    plots: Sequence[str],
    entry: MarketingEntry | None,
    change: Change,
    precision: Precision = Precision.DAY,
) -> int:
    """Let plots have a marketing status from the day of `change` on, each up to its next known change.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    plots : sequence of str
        Keys; those that have this status already stay as they are.
    entry : MarketingEntry or None
        None ends what is said of them.
    change : Change
        Its day is the first of what is new.
    precision : Precision

    Returns
    -------
    int
        The change set.

    Raises
    ------
    NotFoundError
        When a plot is not there on that day, or nothing is said of it that could end.
    ConflictError
        When an entry begins on that very day, or nothing would change at all.
    """
    assert change.day is not None  # noqa: S101  every business case has one
    day = first_day(change.day, precision)
    told = replace(change, business_case=BusinessCase.MARKETING, intent=Intent.CHANGE)
    with editing(connection, told) as edit:
        values = None if entry is None else _values_of(connection, entry)
        for key in dict.fromkeys(plots):
            _check_there(connection, key, day)
            if values is None:
                end_thing(edit, marketing(key), day)
            else:
                _set(edit, marketing(key), values, day, precision)
        if all(edit.stored[thing] == wanted for thing, wanted in edit.wanted.items()):
            raise ConflictError(NOTHING_NEW, thing=", ".join(plots))
    return edit.change_set_id


def _values_of(connection: Connection, entry: MarketingEntry) -> dict[str, Any]:
    """Return the columns of an entry; its source is stored where it is new."""
    values = asdict(entry)
    source = values.pop("source")
    if source is not None:
        store_sources(connection, [{"title": source}])
    source_id = None if source is None else source_ids(connection)[source]
    return {**values, "status": entry.status.value, "source_id": source_id}


def _check_there(connection: Connection, key: str, day: date) -> None:
    if not any(version.holds(day) for version in stored_versions(connection, plot(connection, key))):
        raise NotFoundError(N_("There is no plot “%(key)s” on %(day)s."), key=key[:60], day=day)


def _set(edit: Editing, thing: Thing, values: Mapping[str, Any], day: date, precision: Precision) -> None:
    versions = edit.versions(thing)
    held = next((version for version in versions if version.holds(day)), None)
    if held is None:
        edit.put(thing, _with_first(versions, thing, values, day, precision))
    elif held.has(values):
        return
    elif held.starts == day:
        raise ConflictError(ON_FIRST_DAY, thing=thing.key, day=day)
    else:
        change_thing(edit, thing, values, day, precision)


def _with_first(
    versions: Sequence[Version], thing: Thing, values: Mapping[str, Any], day: date, precision: Precision
) -> list[Version]:
    """Return versions with a new one where none was, up to the next."""
    later = [version for version in versions if version.starts is not None and version.starts > day]
    row = {**values, thing.kind.identity: thing.identity, "starts_precision": precision.value}
    new = Version(None, day, later[0].starts if later else None, row)
    return [*(version for version in versions if version not in later), new, *later]
