"""Correct, change, correct the day: the three ways to say that something of a thing is otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from app.analysis.histories import Version, at, changed, corrected, ended, moved_boundary, run
from app.db.change_sets import RowChange, history, row_changes
from app.db.changes import Change
from app.db.row_images import Image, images
from app.domain.kinds import BusinessCase, Precision
from app.services.companies.conflicts import Shown, check_shown
from app.services.companies.things import (
    KINDS,
    Editing,
    Thing,
    editing,
    fields_of,
    period_of,
    thing_of_image,
)

# Changes of one business case are moved together; what is in one list or import has nothing in common.
_OF_MANY = {BusinessCase.LIST, BusinessCase.IMPORT, BusinessCase.OTHER}
_PRECISION = "starts_precision"


def correct(  # noqa: PLR0913  what a form asks
    connection: Connection,
    thing: Thing,
    values: Mapping[str, Any],
    change: Change,
    *,
    is_this_version_only: bool = False,
    shown: Shown | None = None,
) -> int:
    """Put right what was never so: each field in its whole run round the day of `change`.

    Version ids stay, no boundary is new.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    thing : Thing
    values : mapping
        By column; those that are left out stay.
    change : Change
        Its day is the one on which the mistake is seen.
    is_this_version_only : bool
        Whether other versions of the run stay as they are.
    shown : mapping, optional
        What the person saw, by column: nothing else is written over.

    Returns
    -------
    int
        The change set.

    Raises
    ------
    InputError, NotFoundError, ConflictError
        See `app.analysis.histories.corrected` and `app.services.companies.conflicts.check_shown`.
    """
    with editing(connection, change) as edit:
        check_shown(thing, edit.versions(thing), _day(change), values, shown)
        correct_thing(edit, thing, values, _day(change), is_this_version_only=is_this_version_only)
    return edit.change_set_id


def correct_thing(
    edit: Editing,
    thing: Thing,
    values: Mapping[str, Any],
    day: date,
    *,
    is_this_version_only: bool = False,
) -> None:
    """Correct one thing as a part of a change set; see `correct`."""
    fields = fields_of(thing.kind, values)
    found = corrected(edit.versions(thing), day, fields, thing.key, is_this_version_only=is_this_version_only)
    edit.put(thing, found)


def change_from(  # noqa: PLR0913  what a form asks
    connection: Connection,
    things: Mapping[Thing, Mapping[str, Any]],
    change: Change,
    *,
    precision: Precision = Precision.DAY,
    overridden: Collection[date] = (),
    shown: Shown | None = None,
    chosen: Collection[str] = (),
) -> int:
    """Say what is otherwise from the day of `change` on: each field up to its next known change.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    things : mapping
        Of each thing the new values, by column.
    change : Change
        Its day is the first of what is new.
    precision : Precision
        How exactly that day is known; of a year it is the first.
    overridden : collection of date
        First days of later versions that shall have the new values, too.
    shown : mapping, optional
        As `correct` takes it, of whatever thing.
    chosen : collection of str
        Columns whose value was chosen over that of somebody else, also where theirs begins on that day.

    Returns
    -------
    int
        The change set.

    Raises
    ------
    InputError, NotFoundError, ConflictError
        See `app.analysis.histories.changed` and `app.services.companies.conflicts.check_shown`.
    """
    with editing(connection, change) as edit:
        for thing, values in things.items():
            check_shown(thing, edit.versions(thing), first_day(_day(change), precision), values, shown)
            day = first_day(_day(change), precision)
            rest = _put_over(edit, thing, values, day, chosen)
            if rest:
                change_thing(edit, thing, rest, day, precision, overridden=overridden)
    return edit.change_set_id


def _put_over(
    edit: Editing, thing: Thing, values: Mapping[str, Any], day: date, chosen: Collection[str]
) -> Mapping[str, Any]:
    """Put what was chosen in the place of what somebody else let begin on the same day; return the rest."""
    versions = edit.versions(thing)
    n = at(versions, day, thing.key)
    fields = fields_of(thing.kind, values)
    over = [
        field
        for field in fields
        if versions[n].starts == day and set(chosen) & set(field) and run(versions, n, field).start == n
    ]
    if over:
        edit.put(thing, corrected(versions, day, over, thing.key))
    return {name: value for field in fields if field not in over for name, value in field.items()}


def change_thing(  # noqa: PLR0913  what a form asks
    edit: Editing,
    thing: Thing,
    values: Mapping[str, Any],
    day: date,
    precision: Precision = Precision.DAY,
    *,
    overridden: Collection[date] = (),
) -> None:
    """Change one thing as a part of a change set; see `change_from`."""
    first = first_day(day, precision)
    fields = fields_of(thing.kind, values)
    found = changed(edit.versions(thing), first, fields, thing.key, overridden=overridden)
    # A boundary that was there stays as exactly known as it was.
    edit.put(
        thing,
        [_beginning(one, first, precision) if one.row_id is None else one for one in found],
    )


def end_thing(edit: Editing, thing: Thing, day: date) -> None:
    """End a thing as a part of a change set: `day` is the first on which it is not there any more."""
    edit.put(thing, ended(edit.versions(thing), day, thing.key))


def first_day(day: date, precision: Precision) -> date:
    """Return the day from which something holds of which only year or month may be known."""
    if precision is Precision.YEAR:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if precision is Precision.MONTH else day


def correct_day(
    connection: Connection,
    thing: Thing,
    to: date,
    change: Change,
    *,
    precision: Precision = Precision.DAY,
) -> int:
    """Let what begins or ends on the day of `change` begin or end on another one.

    What the same change set made to begin or end on that day is moved with it, in whatever thing: who left
    and who came, and when one followed the other.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    thing : Thing
    to : date
        The right day.
    change : Change
    precision : Precision

    Returns
    -------
    int
        The change set.

    Raises
    ------
    NotFoundError
        When nothing of the thing begins or ends on that day.
    ConflictError
        When a version would vanish.
    """
    day, first = _day(change), first_day(to, precision)
    with editing(connection, change) as edit:
        made = [] if (cut := _cut_by(edit, thing, day)) is None else row_changes(connection, cut)
        for each in dict.fromkeys([thing, *_things_cut(edit, made, cut, day)]):
            moved = moved_boundary(edit.versions(each), day, first, each.key)
            edit.put(each, [_beginning(version, first, precision) for version in moved])
        _move_successions(edit, made, day, first)
    return edit.change_set_id


def _beginning(version: Version, first: date, precision: Precision) -> Version:
    """Return a version, with how exactly its first day is known where that is `first`."""
    if version.starts != first or _PRECISION not in version.values:
        return version
    return version.with_values({_PRECISION: precision.value})


def _cut_by(edit: Editing, thing: Thing, day: date) -> int | None:
    """Return the change set that made something of a thing begin or end on a day, unless it told of many."""
    entries = history(edit.connection, thing.kind.table, thing.kind.identity, thing.identity)
    for made, rows in groupby(entries, lambda entry: entry.change_set_id):
        together = list(rows)
        if _is_cut(together, day):
            return None if together[0].business_case in _OF_MANY else made
    return None


def _is_cut(rows: Iterable[RowChange], day: date) -> bool:
    """Say whether rows begin or end on a day now, and none of them did before."""
    known = [(day in _bounds(row.before), day in _bounds(row.after)) for row in rows]
    return any(after for _, after in known) and not any(before for before, _ in known)


def _bounds(image: Image | None) -> tuple[date | None, date | None]:
    return (None, None) if image is None else period_of(image)


def _things_cut(edit: Editing, made: Iterable[RowChange], cut: int | None, day: date) -> Iterator[Thing]:
    """Yield the things which a change set made to begin or end on a day, as they still do since then."""
    touched = (row for row in made if row.table in KINDS)
    for thing in dict.fromkeys(thing_of_image(KINDS[row.table], row.image) for row in touched):
        is_still = any(day in (version.starts, version.ends) for version in edit.versions(thing))
        if is_still and _cut_by(edit, thing, day) == cut:
            yield thing


def _move_successions(edit: Editing, made: Iterable[RowChange], day: date, to: date) -> None:
    ids = [row.image["succession_id"] for row in made if row.table == "succession" and row.after is not None]
    rows = images(edit.connection, "succession", "succession_id", ids) if ids else []
    before = [row for row in rows if row["happened_on"] == day.isoformat()]
    edit.replace("succession", before, [{**row, "happened_on": to.isoformat()} for row in before])


def _day(change: Change) -> date:
    assert change.day is not None  # noqa: S101  every act has one
    return change.day
