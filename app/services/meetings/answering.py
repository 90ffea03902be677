"""Answers to an invitation: by its link, by a calendar, or by staff for who called or wrote."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.changes import Change, begin_change_set
from app.db.meetings.outbox import delivered_at
from app.db.meetings.participation import SERVER, last_counter
from app.domain.checked import whole_number
from app.domain.meetings import Answer, AnswerVia, EventActor, EventKind, MeetingState
from app.domain.meetings.participation import Event
from app.errors import N_, ConflictError, InputError
from app.services.meetings.participation import record

MOST_HEADS = 20
# So soon after a mail came, a program may have pressed the button.
SOON = timedelta(seconds=60)
ANSWER_NAMES = {
    Answer.NONE: N_("no answer"),
    Answer.ACCEPTED: N_("accepted"),
    Answer.DECLINED: N_("declined"),
    Answer.MAYBE: N_("not sure yet"),
}
CHOICES = (Answer.ACCEPTED, Answer.DECLINED, Answer.MAYBE)


@dataclass(frozen=True)
class GivenAnswer:
    """An answer: with how many persons, how it came, what staff noted, when a calendar says it was given."""

    answer: str
    heads: int | None
    via: AnswerVia
    note: str | None = None
    stamped_at: str | None = None
    is_soon: bool = False


@dataclass(frozen=True)
class OwnAnswer:
    """What a company has answered, as its page shows it; `is_asked_again` after a material change."""

    answer: str | None
    heads: int | None
    is_open: bool
    is_asked_again: bool


def answer_of_form(form: Mapping[str, str], via: AnswerVia, note: str | None = None) -> GivenAnswer:
    """Return what a form says.

    Raises
    ------
    InputError
        When nothing is chosen, or the number of persons is none.
    """
    answer = form.get("answer", "")
    if answer not in list(CHOICES):
        raise InputError(N_("Please choose an answer."))
    heads = whole_number(form.get("heads", "").strip() or "1")
    if heads is None or not 1 <= heads <= MOST_HEADS:
        raise InputError(
            N_("The number of persons must be a whole number from 1 to %(most)s."), most=MOST_HEADS
        )
    comes = answer != Answer.DECLINED
    return GivenAnswer(answer, heads if comes else None, via, note)


def own_answer(invitation: RowMapping, at: datetime) -> OwnAnswer:
    """Return what the company of an invitation has answered."""
    given = None if (invitation["answer"] or Answer.NONE) == Answer.NONE else str(invitation["answer"])
    is_old = given is not None and (invitation["answered_sequence"] or 0) < invitation["sequence"]
    return OwnAnswer(given, invitation["heads"], is_open(invitation, at), is_old)


def is_open(invitation: RowMapping, at: datetime) -> bool:
    """Return whether an answer can still be given or changed: until the start."""
    if invitation["state"] not in (MeetingState.DRAFT, MeetingState.ANNOUNCED):
        return False
    return invitation["starts_at"] is None or at < invitation["starts_at"]


def give_answer(connection: Connection, invitation: RowMapping, given: GivenAnswer, at: datetime) -> None:
    """Store the answer of who has the link; the same answer again changes nothing.

    One that comes within a minute after the mail is marked: a program may have given it.

    Raises
    ------
    ConflictError
        When the meeting has begun or is cancelled.
    """
    if not is_open(invitation, at):
        raise ConflictError(N_("Answers are not possible any more."))
    own = own_answer(invitation, at)
    if not own.is_asked_again and (own.answer, own.heads) == (given.answer, given.heads):
        return
    sent_at = delivered_at(connection, invitation["invitation_id"])
    is_soon = sent_at is not None and at - sent_at < SOON
    marked = GivenAnswer(given.answer, given.heads, given.via, is_soon=is_soon)
    store_answer(connection, invitation, marked, event_id=uuid.uuid4())


def store_answer(
    connection: Connection,
    invitation: RowMapping,
    given: GivenAnswer,
    *,
    event_id: uuid.UUID,
    staff_id: int | None = None,
) -> None:
    """Add an answer to the log of the meeting; one of the same id is there only once."""
    meeting_id = invitation["meeting_id"]
    value = {
        "answer": given.answer,
        "heads": given.heads,
        "via": given.via,
        "note": given.note,
        "sequence": invitation["sequence"],
        "stamped_at": given.stamped_at,
        "is_soon": given.is_soon or None,
    }
    event = Event(
        event_id,
        invitation["company_id"],
        EventKind.ANSWER,
        last_counter(connection, meeting_id) + 1,
        SERVER,
        EventActor(given.via),
        {name: each for name, each in value.items() if each is not None},
        staff_id=staff_id,
    )
    record(connection, meeting_id, [event])


def store_staff_answer(
    connection: Connection, invitation: RowMapping, given: GivenAnswer, change: Change, staff_id: int
) -> int:
    """Store what a company said by phone or letter, as a change set, and return it.

    It may be noted afterwards, too: staff know when it was said.
    """
    made = begin_change_set(connection, change)
    store_answer(connection, invitation, given, event_id=uuid.uuid4(), staff_id=staff_id)
    return made
