"""Undo a change set, and restore a thing as it was recorded: both are change sets again, nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.db.change_sets import (
    Recorded,
    RowChange,
    change_set,
    known_images,
    last_change,
    row_changes,
    rows_now,
)
from app.db.changes import Change, begin_change_set, lock_histories
from app.db.row_images import Image, images, key_of
from app.domain.kinds import BusinessCase, Intent
from app.errors import N_, ConflictError
from app.services.companies.things import Thing, editing, write_rows
from app.services.companies.undoing_meetings import SENT, refold_all, unsaid

# Stops follow their places by themselves, parts in a meeting their log.
_FOLLOWS = frozenset({"tour_stop", "participation"})
# What an undo can write again; tours have papers out and sequences that must rise, accounts have secrets.
_UNDONE = frozenset(
    {
        "adjacency_override",
        "company",
        "company_version",
        "facility",
        "footprint",
        "lineage",
        "meeting",
        "meeting_item",
        "meeting_organization",
        "meeting_park",
        "occupancy",
        "park",
        "park_version",
        "participation_event",
        "plot",
        "plot_marketing",
        "plot_version",
        "source",
        "succession",
        "walkway",
        "walkway_permission",
    }
)


@dataclass(frozen=True)
class Blocker:
    """What stands in the way of an undo: a row that is not as it was left, and who changed it since.

    Attributes
    ----------
    table : str
    name : str
        How people know the thing.
    by : Recorded or None
        The change set that touched it last.
    """

    table: str
    name: str
    by: Recorded | None


def blockers(connection: Connection, change_set_id: int) -> list[Blocker]:
    """Return what stands in the way of undoing a change set; none where it can be undone."""
    return _blockers(connection, _own_changes(connection, change_set_id))


def _own_changes(connection: Connection, change_set_id: int) -> list[RowChange]:
    return [row for row in row_changes(connection, change_set_id) if row.table not in _FOLLOWS]


def _blockers(connection: Connection, changes: list[RowChange]) -> list[Blocker]:
    now = rows_now(connection, changes)
    others = [row for row in changes if now.get((row.table, key_of(row.table, row.image))) != row.after]
    return [Blocker(row.table, _name(row), last_change(connection, row.table, row.image)) for row in others]


def _name(row: RowChange) -> str:
    names = ("plot_key", "key", "name", "title")
    found = next((row.image[name] for name in names if row.image.get(name)), None)
    return str(found or key_of(row.table, row.image))


def undo(connection: Connection, change_set_id: int, change: Change) -> int:
    """Take a change set back: exactly its rows, and only if each of them is still as it left it.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit, or after a refusal to roll back.
    change_set_id : int
    change : Change
        Who undoes it, and why; the rest follows.

    Returns
    -------
    int
        The new change set. Undone in turn, it makes the first one hold again.

    Raises
    ------
    NotFoundError
        When there is no such change set.
    ConflictError
        When somebody has built on it since, or it has changed what cannot be undone.
    """
    lock_histories(connection)
    undone = change_set(connection, change_set_id)
    changes = _own_changes(connection, change_set_id)
    _check_undoable(connection, changes)
    made = begin_change_set(
        connection,
        replace(
            change,
            business_case=BusinessCase.UNDO,
            intent=undone.intent,
            day=undone.day,
            undoes=change_set_id,
        ),
    )
    wanted: dict[str, tuple[list[Image], list[Image]]] = {}
    for row in unsaid(connection, changes):
        before, after = wanted.setdefault(row.table, ([], []))
        before += [] if row.after is None else [row.after]
        after += [] if row.before is None else [row.before]
    write_rows(connection, wanted)
    refold_all(connection, changes)
    return made


def _check_undoable(connection: Connection, changes: list[RowChange]) -> None:
    if not changes:
        raise ConflictError(N_("There is nothing to undo: this change left everything as it was."))
    if any(row.table == "invitation_list" for row in changes):
        raise ConflictError(SENT)
    other = next((row.table for row in changes if row.table not in _UNDONE), None)
    if other is not None:
        raise ConflictError(
            N_("This change cannot be undone as a whole: it has changed “%(table)s”, too."), table=other
        )
    found = _blockers(connection, changes)
    if found:
        first = found[0]
        raise ConflictError(
            N_(
                "This cannot be undone any more: “%(name)s” was changed since%(by)s. "
                "What was recorded before can be restored."
            ),
            name=first.name,
            by="" if first.by is None else f" ({first.by.recorded_at:%d.%m.%Y}, {first.by.person})",
        )


def restore(connection: Connection, thing: Thing, at: datetime, change: Change) -> int:
    """Make a thing what was known of it at an instant, in all its versions.

    Nothing that is recorded is removed: it is a change set like any other, meant as a correction.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    thing : Thing
    at : datetime
    change : Change
        Who restores it, and why; the rest follows.

    Returns
    -------
    int
        The change set.

    Raises
    ------
    ConflictError
        When the thing is so already, was not known then, or what came later needs it as it is.
    """
    told = replace(change, business_case=BusinessCase.RESTORE, intent=Intent.CORRECT)
    with editing(connection, told) as edit:
        kind = thing.kind
        then = known_images(connection, kind.table, at, {kind.identity: thing.identity})
        now = images(connection, kind.table, kind.identity, [thing.identity])
        if not then:
            raise ConflictError(N_("“%(thing)s” was not known at that time."), thing=thing.key)
        if {key_of(kind.table, row): row for row in then} == {key_of(kind.table, row): row for row in now}:
            raise ConflictError(N_("“%(thing)s” is as it was known at that time."), thing=thing.key)
        edit.replace(kind.table, list(now), list(then))
    return edit.change_set_id
