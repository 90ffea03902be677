"""What follows from a mail that was handed over, or was not: sent, tried again later, or given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.db.meetings.invited import mark_bounced
from app.db.meetings.outbox import TakenMail, meeting_begins_at, settle_mail
from app.domain.meetings import MailState
from app.exchange.meetings.delivery import Delivery

# After the first attempts; from then on once a day.
_PAUSES_MIN = (1, 5, 30, 120)
_DAY = timedelta(days=1)


def settle(connection: Connection, mail: TakenMail, delivery: Delivery, at: datetime) -> None:
    """Write down what became of a mail; the caller commits.

    What would be tried again only after the meeting has begun is given up. An address that was refused is
    marked on its contact.
    """
    state, next_at = delivery.state, None
    if state is MailState.RETRY:
        next_at = at + pause(mail.attempts)
        begins_at = meeting_begins_at(connection, mail.mail_id)
        if begins_at is not None and next_at >= begins_at:
            state = MailState.FAILED
    settle_mail(connection, mail, state, delivery.reply, at=at, next_at=next_at)
    if delivery.is_address_refused and mail.invitation_id is not None:
        mark_bounced(connection, mail.invitation_id, at, delivery.reply)


def pause(n_attempts: int) -> timedelta:
    """Return how long to wait after so many attempts."""
    if n_attempts > len(_PAUSES_MIN):
        return _DAY
    return timedelta(minutes=_PAUSES_MIN[max(n_attempts, 1) - 1])
