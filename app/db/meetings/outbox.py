"""The outbox: mails put in, taken by a worker, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.models import Meeting, Outbox
from app.domain.meetings import MailState

# Longer than a server may take for one mail: whose worker is still silent then is dead.
LEASE = timedelta(minutes=10)
_WAITING = (MailState.QUEUED, MailState.RETRY)


@dataclass(frozen=True)
class TakenMail:
    """A mail that a worker has; `attempts` counts this attempt, too."""

    mail_id: int
    invitation_id: int | None
    recipient: str
    envelope_from: str
    message: bytes
    attempts: int


def put_mails(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Put mails in; return how many, for one of the same ``dedupe_key`` is in already."""
    listed = list(rows)
    if not listed:
        return 0
    statement = upsert(Outbox).on_conflict_do_nothing(index_elements=["dedupe_key"])
    return len(connection.execute(statement.returning(Outbox.mail_id), listed).all())


def take_mail(connection: Connection, at: datetime) -> TakenMail | None:
    """Return the mail that has been due for longest, which is this worker's from now on; None without one.

    Commit before it is sent: another worker passes over what this one has.
    """
    due = (
        select(Outbox.mail_id)
        .where(Outbox.state.in_(_WAITING), Outbox.next_at <= at)
        .order_by(Outbox.next_at, Outbox.mail_id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    columns = (getattr(Outbox, name) for name in TakenMail.__dataclass_fields__)
    statement = (
        update(Outbox)
        .where(Outbox.mail_id == due)
        .values(state=MailState.SENDING, lease_until=at + LEASE, attempts=Outbox.attempts + 1)
        .returning(*columns)
    )
    row = connection.execute(statement).mappings().first()
    return None if row is None else TakenMail(**row)


def settle_mail(  # noqa: PLR0913  what became of it
    connection: Connection,
    mail: TakenMail,
    state: MailState,
    reply: str,
    *,
    at: datetime,
    next_at: datetime | None = None,
) -> None:
    """Write down what became of a mail that was taken.

    Its worker knows best, also when it was so slow that the mail counts as uncertain by now.
    """
    mine = Outbox.state.in_((MailState.SENDING, MailState.UNCERTAIN))
    connection.execute(
        update(Outbox)
        .where(Outbox.mail_id == mail.mail_id, Outbox.attempts == mail.attempts, mine)
        .values(
            state=state,
            lease_until=None,
            last_reply=reply,
            sent_at=at if state is MailState.SENT else None,
            next_at=next_at or Outbox.next_at,
        )
    )


def give_up_leases(connection: Connection, at: datetime) -> int:
    """Let mails whose worker died count as uncertain; return how many.

    It may have handed one to a server without living to write it down.
    """
    statement = (
        update(Outbox)
        .where(Outbox.state == MailState.SENDING, Outbox.lease_until <= at)
        .values(
            state=MailState.UNCERTAIN, lease_until=None, last_reply="The program ended while it was sending."
        )
    )
    return connection.execute(statement).rowcount


def decide_uncertain(connection: Connection, mail_id: int, at: datetime, *, is_sent: bool) -> bool:
    """Let a person say that an uncertain mail arrived, or shall be sent again; return False for another."""
    values: dict[str, Any] = (
        {"state": MailState.SENT, "sent_at": at} if is_sent else {"state": MailState.QUEUED, "next_at": at}
    )
    open_ones = (MailState.UNCERTAIN,) if is_sent else (MailState.UNCERTAIN, MailState.FAILED)
    statement = (
        update(Outbox)
        .where(Outbox.mail_id == mail_id, Outbox.state.in_(open_ones), Outbox.message.is_not(None))
        .values(values)
    )
    return connection.execute(statement).rowcount > 0


def mails_of_meeting(connection: Connection, meeting_id: int) -> Sequence[RowMapping]:
    """Return the mails of a meeting without their bytes, in the order in which they were put in."""
    hidden = (Outbox.message, Outbox.envelope_from, Outbox.dedupe_key)
    names = {column.key for column in hidden}
    columns = [column for column in Outbox.__table__.columns if column.key not in names]
    statement = select(*columns).where(Outbox.meeting_id == meeting_id).order_by(Outbox.mail_id)
    return connection.execute(statement).mappings().all()


def delivered_at(connection: Connection, invitation_id: int) -> datetime | None:
    """Return when a mail of an invitation was sent last."""
    statement = (
        select(Outbox.sent_at)
        .where(Outbox.invitation_id == invitation_id, Outbox.sent_at.is_not(None))
        .order_by(Outbox.sent_at.desc())
        .limit(1)
    )
    return connection.execute(statement).scalar()


def meeting_begins_at(connection: Connection, mail_id: int) -> datetime | None:
    """Return when the meeting of a mail begins; None where only its day is known."""
    joined = Outbox.meeting_id == Meeting.meeting_id
    statement = select(Meeting.starts_at).join(Outbox, joined).where(Outbox.mail_id == mail_id)
    return connection.execute(statement).scalar()


def n_waiting(connection: Connection) -> int:
    """Return how many mails wait to be sent."""
    return connection.execute(select(func.count()).where(Outbox.state.in_(_WAITING))).scalar_one()


def forget_mails(connection: Connection, *, meeting_id: int | None = None, address: str | None = None) -> int:
    """Take recipient and content from the mails of a meeting or to an address in lower case; return how many.

    What was not sent yet never is.
    """
    is_to = func.lower(Outbox.recipient) == address
    is_concerned = is_to if meeting_id is None else Outbox.meeting_id == meeting_id
    waiting = update(Outbox).where(is_concerned, Outbox.state.in_((*_WAITING, MailState.SENDING)))
    connection.execute(waiting.values(state=MailState.FAILED, lease_until=None))
    gone = update(Outbox).where(is_concerned, Outbox.message.is_not(None))
    # Servers repeat the address.
    nothing = {"recipient": None, "envelope_from": None, "message": None, "last_reply": None}
    return connection.execute(gone.values(nothing)).rowcount
