"""A round of mails to the invited: who gets one, who does not and why, and finished mails in the outbox."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.meetings.invited import invitations_of, program_of
from app.db.meetings.outbox import mails_of_meeting, put_mails
from app.domain.meetings import Answer, Channel, MailKind, MailState, MeetingState
from app.domain.meetings.contacts import SUPPRESSED, why_not
from app.domain.period import PARK_ZONE, today
from app.errors import N_, ConflictError, InputError
from app.exchange.meetings.mail import Appointment, MailSender, Recipient, bounce_address, composed
from app.exchange.meetings.mail_texts import check_template

OF_OTHERS = N_("is a contact of another agency, which writes to it")
BY_OTHER_CHANNEL = N_("is invited by letter or phone")
NO_ADDRESS = N_("the contact is not stored any more")
HAS_IT = N_("has it already")
HAS_ANSWERED = N_("has answered")
NOT_INVITED = N_("was not invited by mail yet")
# Without an end, calendars get this.
_USUAL_LENGTH = timedelta(hours=2)
_STATES = {
    MailKind.INVITATION: MeetingState.ANNOUNCED,
    MailKind.UPDATE: MeetingState.ANNOUNCED,
    MailKind.REMINDER: MeetingState.ANNOUNCED,
    MailKind.CANCELLATION: MeetingState.CANCELLED,
}


_MAY_HAVE_IT = (MailState.SENT, MailState.UNCERTAIN)


# A template and its values.
WhyNot = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class MailCandidate:
    """An invitation, and why it gets no mail of the kind asked for; None when it does."""

    invitation: RowMapping
    why_not: WhyNot | None


@dataclass(frozen=True)
class MailRound:
    """What a round of mails is made of.

    Attributes
    ----------
    kind : MailKind
    template : str
        Text with places; see `app.exchange.meetings.mail_texts`.
    sender : MailSender
    organization_id : int or None
        The agency whose contacts are written to, beside those that are shared.
    secret : str
        That of the installation.
    links : callable
        Returns the addresses of an invitation's page and of unsubscribing, by its row.
    """

    kind: MailKind
    template: str
    sender: MailSender
    organization_id: int | None
    secret: str
    links: Callable[[RowMapping], tuple[str, str]]


def candidates(
    connection: Connection, meeting: RowMapping, kind: MailKind, organization_id: int | None
) -> list[MailCandidate]:
    """Return all who are invited to a meeting, and who of them gets no mail of a kind and why."""
    mails: dict[int, list[RowMapping]] = {}
    for mail in mails_of_meeting(connection, meeting["meeting_id"]):
        mails.setdefault(mail["invitation_id"], []).append(mail)

    def why_not_to(row: RowMapping) -> WhyNot | None:
        if row["address"] is not None and not is_readable(row, organization_id):
            return OF_OTHERS, {}
        return _why_not(row, kind, mails.get(row["invitation_id"], []), meeting["sequence"])

    return [MailCandidate(row, why_not_to(row)) for row in invitations_of(connection, meeting["meeting_id"])]


def is_readable(invitation: RowMapping, organization_id: int | None) -> bool:
    """Return whether an agency may see to which contact an invitation goes: to its own or a shared one."""
    return bool(invitation["shared"] or invitation["contact_organization_id"] == organization_id)


def _why_not(row: RowMapping, kind: MailKind, mails: Sequence[RowMapping], sequence: int) -> WhyNot | None:
    """Return the first reason that holds."""
    is_first, is_reminder = kind is MailKind.INVITATION, kind is MailKind.REMINDER
    was_invited = any(mail["kind"] == MailKind.INVITATION and mail["state"] in _MAY_HAVE_IT for mail in mails)
    same = [mail for mail in mails if mail["kind"] == kind and (is_first or mail["sequence"] == sequence)]
    has_it = bool(same) and not is_reminder
    reasons = (
        (row["channel"] != Channel.MAIL, BY_OTHER_CHANNEL),
        (row["address"] is None, NO_ADDRESS),
        (not is_first and not was_invited, NOT_INVITED),
        (is_reminder and (row["answer"] or Answer.NONE) != Answer.NONE, HAS_ANSWERED),
        (has_it, HAS_IT),
    )
    found = next((reason for holds, reason in reasons if holds), None)
    if found is not None:
        return found, {}
    refusal = why_not(dict(row), today())
    # That there is no meeting is no invitation.
    is_told = kind is MailKind.CANCELLATION and refusal is not None and refusal[0] == SUPPRESSED
    return None if is_told else refusal


def appointment_of(connection: Connection, meeting: RowMapping) -> Appointment:
    """Return a meeting as a calendar knows it.

    Raises
    ------
    InputError
        When only its day is known.
    """
    if meeting["starts_at"] is None:
        raise InputError(N_("Give the meeting a time first: an appointment needs one."))
    items = program_of(connection, meeting["meeting_id"])
    return Appointment(
        uid=meeting["uid"],
        sequence=meeting["sequence"],
        title=meeting["title"],
        starts_at=meeting["starts_at"],
        ends_at=meeting["ends_at"] or meeting["starts_at"] + _USUAL_LENGTH,
        place=meeting["place"] or "",
        program=tuple(_item_line(item) for item in items),
    )


def _item_line(item: RowMapping) -> str:
    clock = "" if item["starts_at"] is None else f"{item['starts_at'].astimezone(PARK_ZONE):%H:%M} "
    return f"{clock}{item['title']}"


def sample(
    connection: Connection, meeting: RowMapping, plan: MailRound, to: RowMapping, at: datetime
) -> bytes:
    """Return the mail that one of the invited would get."""
    check_template(plan.template, plan.kind)
    return _mail(appointment_of(connection, meeting), plan, _recipient(plan, to), at, "sample")


def queue_to_me(  # noqa: PLR0913, PLR0917  what a form says
    connection: Connection, meeting: RowMapping, plan: MailRound, to: RowMapping, me: str, at: datetime
) -> None:
    """Put a mail as one of the invited would get it into the outbox, to an address of one's own.

    Its appointment is another one, and its links are those of `plan`, which must not be anybody's own.
    """
    check_template(plan.template, plan.kind)
    real = appointment_of(connection, meeting)
    shown = replace(real, uid=f"sample-{real.uid}", title=f"[Probe] {real.title}")
    recipient = replace(_recipient(plan, to), address=me)
    key = f"sample/{meeting['meeting_id']}/{at.isoformat()}"
    row = _row(meeting, plan, at, key, me, _mail(shown, plan, recipient, at, key))
    put_mails(connection, [{**row, "envelope_from": plan.sender.address, "invitation_id": None}])


def queue_round(  # noqa: PLR0913  what a form says
    connection: Connection,
    meeting: RowMapping,
    plan: MailRound,
    chosen: Collection[int],
    at: datetime,
    *,
    day: str = "",
) -> int:
    """Put the mails to those who are chosen into the outbox, and return how many.

    Who must not get one gets none, whatever is chosen; who has one of the kind gets no second one.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit: all of the mails are in the outbox, or none.
    meeting : mapping
        Its row.
    plan : MailRound
    chosen : collection of int
        Numbers of invitations.
    at : datetime
    day : str
        Makes another mail of what else would be the same: a reminder of another day.

    Raises
    ------
    InputError
        When the text cannot be filled, the meeting has no time, or nobody is chosen.
    ConflictError
        When the meeting is not announced, or, for a cancellation, not cancelled.
    """
    check_template(plan.template, plan.kind)
    if meeting["state"] != _STATES[plan.kind]:
        raise ConflictError(
            N_("Cancel the meeting first.")
            if plan.kind is MailKind.CANCELLATION
            else N_("Announce the meeting first.")
        )
    of = appointment_of(connection, meeting)
    rows = []
    for candidate in candidates(connection, meeting, plan.kind, plan.organization_id):
        invitation = candidate.invitation
        if candidate.why_not is None and invitation["invitation_id"] in chosen:
            key = "/".join((of.uid, str(invitation["invitation_id"]), plan.kind, str(of.sequence), day))
            mail = _mail(of, plan, _recipient(plan, invitation), at, key)
            rows.append(_row(meeting, plan, at, key, invitation["address"], mail, invitation))
    if not rows:
        raise InputError(N_("Nobody is chosen who may get this mail."))
    return put_mails(connection, rows)


def _recipient(plan: MailRound, row: RowMapping) -> Recipient:
    link, unsubscribe = plan.links(row)
    return Recipient(
        number=row["invitation_id"],
        address=row["address"] or "",
        company=row["company"] or row["company_key"],
        name=row["contact"],
        reason=reason_sentence(row["reason"]),
        link=link,
        unsubscribe=unsubscribe,
    )


def _mail(of: Appointment, plan: MailRound, to: Recipient, at: datetime, key: str) -> bytes:
    return composed(plan.kind, plan.template, of, to, plan.sender, at, key)


def _row(  # noqa: PLR0913, PLR0917  the columns of a row
    meeting: RowMapping,
    plan: MailRound,
    at: datetime,
    key: str,
    address: str,
    message: bytes,
    invitation: RowMapping | None = None,
) -> dict[str, object]:
    number = None if invitation is None else invitation["invitation_id"]
    return {
        "dedupe_key": key,
        "meeting_id": meeting["meeting_id"],
        "invitation_id": number,
        "recipient": address,
        "envelope_from": bounce_address(number or 0, plan.sender, plan.secret),
        "message": message,
        "kind": plan.kind,
        "sequence": meeting["sequence"],
        "next_at": at,
    }


def reason_sentence(reason: Mapping[str, object]) -> str:
    """Return why a company is invited, as a sentence in German."""
    told = str(reason.get("text") or "").strip().rstrip(".")
    return f"Grund der Einladung: {told}." if told else "Sie sind Nachbar im selben Gewerbegebiet."
