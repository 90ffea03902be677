"""Links of the door: 128 bits that only this installation can make, valid on the meeting's day alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.meetings.door import last_link, link_of_token, put_link, revoke_links, set_link_token
from app.domain.meetings import MeetingState
from app.domain.period import day_of
from app.errors import N_, ConflictError, NotFoundError
from app.services.meetings.invitation_links import token_hash

_OPEN = (MeetingState.ANNOUNCED, MeetingState.HELD)


def make_link(connection: Connection, meeting: RowMapping, staff_id: int, at: datetime, secret: str) -> None:
    """Make the link of a meeting's day; the one before holds no longer.

    Raises
    ------
    ConflictError
        When the meeting is not announced, or its day is over.
    """
    if meeting["state"] not in _OPEN:
        raise ConflictError(N_("Only a meeting that is announced has a door."))
    if meeting["held_on"] < day_of(at):
        raise ConflictError(N_("The day of the meeting is over."))
    revoke_links(connection, meeting["meeting_id"], at)
    number = put_link(connection, meeting["meeting_id"], meeting["held_on"], staff_id)
    set_link_token(connection, number, token_hash(_token(number, secret)))


def token_of_link(connection: Connection, meeting: RowMapping, at: datetime, secret: str) -> str | None:
    """Return the token of the link that opens a meeting's door on its day; None where there is none."""
    link = last_link(connection, meeting["meeting_id"])
    if link is None or link["valid_on"] != meeting["held_on"] or link["valid_on"] < day_of(at):
        return None
    token = _token(link["door_link_id"], secret)
    # Made with another secret: nobody knows it any more.
    return token if bytes(link["token_sha256"]) == token_hash(token) else None


def door_of(connection: Connection, token: str, at: datetime) -> RowMapping:
    """Return the door that a token opens at an instant.

    Raises
    ------
    NotFoundError
        When it opens none, or none any more.
    ConflictError
        Before the day.
    """
    found = link_of_token(connection, token_hash(token))
    if found is None or found["state"] not in _OPEN or found["valid_on"] != found["held_on"]:
        raise NotFoundError(N_("This link to a door is not valid, or no longer valid."))
    if found["valid_on"] < day_of(at):
        raise NotFoundError(N_("This link was valid until midnight of the meeting's day."))
    if found["valid_on"] > day_of(at):
        raise ConflictError(N_("The door opens on the day of the meeting, %(day)s."), day=found["valid_on"])
    return found


def _token(number: int, secret: str) -> str:
    made = hmac.new(secret.encode(), f"door:{number}".encode(), hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
