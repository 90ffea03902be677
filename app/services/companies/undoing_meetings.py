"""Undo what was done to meetings: their log is only added to, and their sequence only rises."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from app.db.change_sets import RowChange
from app.db.meetings.participation import append, refold, taking_back
from app.db.row_images import Image, images
from app.domain.meetings import MATERIAL, MeetingState
from app.errors import N_, ConflictError

SENT = N_("Invitations that are sent cannot be undone; cancel the meeting instead.")
_LOG, _MEETING = "participation_event", "meeting"


def unsaid(connection: Connection, changes: Iterable[RowChange]) -> list[RowChange]:
    """Take back what a change set said in the logs of meetings; return its other changes, to be undone.

    Of a meeting whose making is undone the log goes with it.
    """
    rows, events = [], list(changes)
    gone = {row.image["meeting_id"] for row in events if row.table == _MEETING and row.before is None}
    if images(connection, "invitation", "meeting_id", sorted(gone)):
        raise ConflictError(SENT)
    said: dict[int, list[uuid.UUID]] = {}
    for row in events:
        meeting_id = row.image.get("meeting_id")
        if row.table == _LOG and row.before is None:
            if meeting_id not in gone:
                said.setdefault(row.image["meeting_id"], []).append(uuid.UUID(row.image["event_id"]))
        elif row.table == _MEETING and row.before is not None and row.after is not None:
            rows.append(replace(row, before=_risen(row.before, row.after)))
        else:
            rows.append(row)
    for number, ids in said.items():
        append(connection, number, taking_back(connection, number, ids))
    return rows


def _risen(before: Image, after: Image) -> Image:
    """Return a meeting as it was, with what never falls: calendars must see the higher number."""
    is_known = after["state"] in (MeetingState.ANNOUNCED, MeetingState.CANCELLED)
    is_other = before["state"] != after["state"] or any(before[name] != after[name] for name in MATERIAL)
    sequence = after["sequence"] + (is_known and is_other)
    return {**before, "sequence": sequence, "attendance_known": after["attendance_known"]}


def refold_all(connection: Connection, changes: Iterable[RowChange]) -> None:
    """Write the parts of companies anew in all meetings that a change set was about and that there are."""
    about = {row.image["meeting_id"] for row in changes if row.table in (_LOG, _MEETING)}
    for image in images(connection, _MEETING, "meeting_id", sorted(about)):
        refold(connection, image["meeting_id"])
