"""Walkways over time: put right, otherwise since a day, removed; each a change set, as with companies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from shapely import LineString
from sqlalchemy import Connection

from app.analysis.histories import Version, at, changed, corrected, run
from app.db.changes import Change
from app.db.row_images import images
from app.db.walking.walkways import add_permissions, permissions_of
from app.domain.kinds import BusinessCase, Intent, WalkwayAccess
from app.domain.period import Period
from app.errors import N_, InputError, NotFoundError
from app.services.companies.acts import end_thing
from app.services.companies.things import WALKWAY, Editing, Thing, editing, fields_of, geometry_image
from app.services.companies.things import stored_versions as versions_of
from app.services.land.near_parks import check_near_parks
from app.services.walking.permissions import WalkwayDraft, walkway_values
from app.services.walking.snapping import END, START, SnappedLine, snapped_line


def stored_walkway(connection: Connection, key: str, on: date) -> Version:
    """Return the version of a walkway that holds on a day, else the last one before it, else the first.

    Raises
    ------
    NotFoundError
        When there is no such walkway.
    """
    versions = versions_of(connection, Thing(WALKWAY, key, key))
    if not versions:
        raise NotFoundError(N_("There is no walkway “%(key)s”."), key=key[:60])
    begun = [one for one in versions if one.starts is None or one.starts <= on]
    return begun[-1] if begun else versions[0]


def line_of(version: Version) -> LineString:
    """Return the line of a walkway's version, in EPSG:25832, to the last bit."""
    return LineString(version.values["geometry"]["coordinates"])


def edit_walkway(connection: Connection, draft: WalkwayDraft, change: Change) -> tuple[int, SnappedLine]:
    """Make a walkway what a draft says, as `change` intends it: never otherwise, or so from its day on.

    Ends that were moved are joined to the network as those of a new one. The period of the draft is not read.

    Returns
    -------
    (int, SnappedLine)
        The change set; the line, and what it is joined to.

    Raises
    ------
    InputError, NotFoundError, ConflictError
        When it lies far from every park; see `app.analysis.histories`.
    """
    check_near_parks(connection, [draft.line], [draft.key], InputError)
    thing, day = Thing(WALKWAY, draft.key, draft.key), _day(change)
    with editing(connection, replace(change, business_case=BusinessCase.WALKWAY)) as edit:
        versions = edit.versions(thing)
        n = at(versions, day, draft.key)
        snapped = _snapped(connection, draft, versions, n, change)
        values = {**walkway_values(draft), "geometry": geometry_image(snapped.line)}
        turn = corrected if change.intent is Intent.CORRECT else changed
        edit.put(thing, turn(versions, day, fields_of(WALKWAY, values), draft.key))
    _carry_permissions(connection, edit, thing)
    return edit.change_set_id, snapped


def remove_walkway(connection: Connection, key: str, change: Change) -> int:
    """Remove a walkway as `change` intends it: there never was one, or there is none from its day on.

    Returns
    -------
    int
        The change set.

    Raises
    ------
    NotFoundError, ConflictError
        When there is none on that day, or another version of it follows.
    """
    thing = Thing(WALKWAY, key, key)
    with editing(connection, replace(change, business_case=BusinessCase.WALKWAY)) as edit:
        at(edit.versions(thing), _day(change), key)
        if change.intent is Intent.CORRECT:
            edit.put(thing, [])
        else:
            end_thing(edit, thing, _day(change))
    return edit.change_set_id


def _snapped(
    connection: Connection, draft: WalkwayDraft, versions: list[Version], n: int, change: Change
) -> SnappedLine:
    """Return the line of a draft with those of its ends on the network that were moved."""
    old = line_of(versions[n])
    same = run(versions, n, ["geometry"])
    is_correction = change.intent is Intent.CORRECT
    first = versions[same[0]].starts if is_correction else change.day
    moved = [end for end in (START, END) if draft.line.coords[end] != old.coords[end]]
    period = Period(first, versions[same[-1]].ends)
    return snapped_line(connection, draft.line, period, but=draft.key, ends=moved)


def _carry_permissions(connection: Connection, edit: Editing, thing: Thing) -> None:
    """Give the new row of a walkway that is otherwise since a day the permissions of the row before."""
    rows = images(connection, WALKWAY.table, WALKWAY.identity, [thing.identity])
    known = {version.row_id for version in edit.stored[thing]}
    for row in rows:
        if row["walkway_id"] not in known and row["access"] == WalkwayAccess.PERMISSION:
            for before in _rows_before(rows, row):
                add_permissions(connection, row["walkway_id"], permissions_of(connection, before))


def _rows_before(rows: Any, row: Any) -> list[int]:
    first = row["valid"].partition(",")[0].strip("[(")
    return [one["walkway_id"] for one in rows if one["valid"].endswith(f",{first})")]


def _day(change: Change) -> date:
    assert change.day is not None  # noqa: S101  every edit has one
    return change.day
