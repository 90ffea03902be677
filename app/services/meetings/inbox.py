"""What follows from a mail that came in: an answer, a marked address, or a question to a person."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.meetings.inbound import change_inbound, inbound, n_soft_bounces, put_inbound
from app.db.meetings.invited import (
    invitation_of_address,
    invitation_of_number,
    last_stamp,
    mark_bounced,
    meeting_of_uid,
)
from app.domain.meetings import AnswerVia, InboundKind, InboundState
from app.errors import N_, NotFoundError
from app.exchange.meetings.inbound import Arrival, Bounce, Reply, arrival
from app.services.meetings.answering import GivenAnswer, is_open, store_answer

# So many mails that come back for now, in so many days, are for a person to look at.
_SOFT_BOUNCES, _WITHIN = 2, timedelta(days=30)
_OLD_DATE = "for the old date"
_OLDER = "older than a later answer"
_TOO_LATE = "after the start, or the meeting is cancelled"
_FORWARDED = "not the address that was invited"


def take_in(connection: Connection, content: bytes, secret: str, at: datetime) -> None:
    """Store a mail that came in, with what follows from it; one that is stored already changes nothing.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    content : bytes
    secret : str
        That of the installation.
    at : datetime
        When it is read.
    """
    found = arrival(content, secret)
    number = put_inbound(
        connection,
        message_key=found.key,
        received_at=at,
        kind=found.kind,
        message=content,
        participant=found.sender or None,
        note=found.subject[:200] or None,
        state=InboundState.OPEN,
    )
    if number is None:
        return
    for reply in found.replies:
        _take_reply(connection, number, reply, found, at)
    if found.bounce is not None:
        _take_bounce(connection, number, found.bounce, at)


def _take_reply(connection: Connection, number: int, reply: Reply, found: Arrival, at: datetime) -> None:
    meeting = meeting_of_uid(connection, reply.uid)
    if meeting is None:
        return
    change_inbound(connection, number, meeting_id=meeting["meeting_id"], participant=reply.attendee)
    invitation = invitation_of_address(connection, reply.uid, reply.attendee)
    if invitation is None:
        change_inbound(connection, number, note=_FORWARDED)
        return
    if not is_open(invitation, at):
        # It may have been given in time and read too late: a person decides.
        change_inbound(connection, number, note=_TOO_LATE)
        return
    done = {"matched_invitation_id": invitation["invitation_id"], "state": InboundState.DONE}
    if reply.sequence < meeting["sequence"]:
        change_inbound(connection, number, **done, note=_OLD_DATE)
        return
    stamp = reply.stamped_at.isoformat()
    latest = last_stamp(connection, meeting["meeting_id"], invitation["company_id"])
    if latest is not None and datetime.fromisoformat(latest) >= reply.stamped_at:
        change_inbound(connection, number, **done, note=_OLDER)
        return
    given = GivenAnswer(reply.answer, None, AnswerVia.CALENDAR, stamped_at=stamp)
    store_answer(connection, invitation, given, event_id=_event_id(found.key, reply))
    change_inbound(connection, number, **done, note=None)


def _event_id(key: str, reply: Reply) -> uuid.UUID:
    """Return the same id for the same answer in the same mail."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{key}/{reply.uid}/{reply.attendee}")


def _take_bounce(connection: Connection, number: int, bounce: Bounce, at: datetime) -> None:
    if bounce.invitation is None:
        return
    invitation = invitation_of_number(connection, bounce.invitation)
    if invitation is None:
        return
    change_inbound(
        connection,
        number,
        matched_invitation_id=bounce.invitation,
        meeting_id=invitation["meeting_id"],
        participant=invitation["address_normalized"],
        note=bounce.status or None,
    )
    if bounce.is_permanent:
        mark_bounced(connection, bounce.invitation, at, bounce.status or "returned")
    elif n_soft_bounces(connection, bounce.invitation, at, _WITHIN) < _SOFT_BOUNCES:
        change_inbound(connection, number, state=InboundState.DONE)


def assign(connection: Connection, number: int, invitation_id: int | None, staff_id: int) -> None:
    """Let a person say whose a mail that came in is, or that it is done with (None).

    An answer of a calendar becomes that of the company of the invitation.

    Raises
    ------
    NotFoundError
        When it does not wait any more, or there is no such invitation.
    """
    row = inbound(connection, number)
    if row is None:
        raise NotFoundError(N_("This mail does not wait for anybody any more."))
    if invitation_id is not None:
        _assign(connection, row, invitation_id, staff_id)
    change_inbound(connection, number, state=InboundState.DONE, matched_invitation_id=invitation_id)


def _assign(connection: Connection, row: RowMapping, invitation_id: int, staff_id: int) -> None:
    invitation = invitation_of_number(connection, invitation_id)
    if invitation is None or invitation["meeting_id"] != row["meeting_id"]:
        raise NotFoundError(N_("There is no such invitation to this meeting."))
    if row["kind"] == InboundKind.REPLY:
        # The secret only matters to returned mails.
        found = arrival(row["message"] or b"", "")
        for reply in found.replies:
            if reply.attendee == row["participant"]:
                given = GivenAnswer(
                    reply.answer, None, AnswerVia.CALENDAR, stamped_at=reply.stamped_at.isoformat()
                )
                store_answer(
                    connection,
                    invitation,
                    given,
                    event_id=_event_id(row["message_key"], reply),
                    staff_id=staff_id,
                )
