"""From a list of candidates to invitations: by which way each is invited, and the list as it was sent."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.changes import Change, begin_change_set
from app.db.meetings.contacts import contacts_of, suppressed
from app.db.meetings.invitation_history import freeze_list, put_invitation, sent_list
from app.db.meetings.invited import invitations_of, set_token
from app.domain.localizer import Localizer
from app.domain.meetings import Channel, EventKind, MeetingState
from app.domain.meetings.contacts import SUPPRESSED, why_not
from app.errors import N_, ConflictError, InputError
from app.services.meetings.guest_list import Candidate, GuestList
from app.services.meetings.invitation_links import invitation_token, suppression_hash, token_hash
from app.services.meetings.participation import record_by_staff

_ORDER = (Channel.MAIL, Channel.LETTER, Channel.PHONE)


@dataclass(frozen=True)
class Row:
    """A candidate and how it is invited.

    Attributes
    ----------
    candidate : Candidate
    contact : mapping or None
        The channel that is used, with its contact; None where no way is recorded.
    why : tuple of str
        Why better ways are not used.
    same_as : str or None
        Who is invited at the same address already: one invitation is for both.
    is_invited : bool
    """

    candidate: Candidate
    contact: RowMapping | None
    why: tuple[str, ...] = ()
    same_as: str | None = None
    is_invited: bool = False

    @property
    def channel(self) -> Channel:
        """By which way; without any, by letter to the address of the place."""
        return Channel.LETTER if self.contact is None else Channel(self.contact["kind"])

    @property
    def address(self) -> str | None:
        """The address as it is compared."""
        return None if self.contact is None else self.contact["normalized"]


@dataclass(frozen=True)
class Sender:
    """Who invites: the person, for which agency, with which secret links are made."""

    staff_id: int
    organization_id: int | None
    secret: str


def rows_of(
    connection: Connection, meeting: RowMapping, found: GuestList, sender: Sender, localizer: Localizer
) -> list[Row]:
    """Return candidates with the way by which each is invited; who shares an address, once."""
    ids = [number for one in found.candidates for number, _, _ in one.companies]
    contacts: dict[int, list[RowMapping]] = {}
    for each in contacts_of(connection, sender.organization_id, ids):
        if each["channel_id"] is not None:
            contacts.setdefault(each["company_id"], []).append(each)
    hashes = {
        suppression_hash(each["normalized"], sender.secret): each["normalized"]
        for all_ in contacts.values()
        for each in all_
    }
    gone = {hashes[one] for one in suppressed(connection, list(hashes))}
    stored = invitations_of(connection, meeting["meeting_id"])
    invited = {row["company_id"] for row in stored}
    names = {row["address_normalized"]: row["company"] for row in stored if row["address_normalized"]}
    rows: list[Row] = []
    for one in found.candidates:
        own = [each for number, _, _ in one.companies for each in contacts.get(number, ())]
        row = _with_contact(one, own, gone, meeting["held_on"], localizer)
        is_invited = any(number in invited for number, _, _ in one.companies)
        same_as = None if is_invited or row.address is None else names.get(row.address)
        if row.address is not None and same_as is None:
            names[row.address] = one.name
        rows.append(replace(row, same_as=same_as, is_invited=is_invited))
    return rows


def _with_contact(
    one: Candidate, contacts: Sequence[RowMapping], gone: set[str], on: date, localizer: Localizer
) -> Row:
    why: list[str] = []
    for kind in _ORDER:
        for row in contacts:
            if row["kind"] != kind:
                continue
            refusal = (SUPPRESSED, {}) if row["normalized"] in gone else why_not(row, on)
            if refusal is None:
                return Row(one, row, tuple(why))
            why.append(localizer.translate(refusal[0], **refusal[1]))
    return Row(one, None, tuple(why))


@dataclass(frozen=True)
class GuestSelection:
    """A whole list, and the keys of those of it who are not invited, with why as far as it was said."""

    rows: Sequence[Row]
    unticked: Mapping[str, str]


def send_list(
    connection: Connection, meeting: RowMapping, selection: GuestSelection, sender: Sender, change: Change
) -> int:
    """Make invitations of a list and keep it as it is sent; return how many there are.

    Parameters
    ----------
    connection : Connection
    meeting : RowMapping
    selection : GuestSelection
    sender : Sender
    change : Change

    Raises
    ------
    ConflictError
        When the meeting is over or cancelled.
    InputError
        When nobody is chosen.
    """
    if meeting["state"] not in (MeetingState.DRAFT, MeetingState.ANNOUNCED):
        raise ConflictError(N_("Nobody can be invited to a meeting that is over or cancelled."))
    rows, unticked = selection.rows, selection.unticked
    chosen = [row for row in rows if row.candidate.key not in unticked and not row.is_invited]
    if not chosen:
        raise InputError(N_("Nobody is chosen who is not invited yet."))
    begin_change_set(connection, change)
    if sent_list(connection, meeting["meeting_id"]) is None:
        frozen = [_frozen(row, unticked.get(row.candidate.key)) for row in rows]
        freeze_list(connection, meeting["meeting_id"], meeting["held_on"], frozen)
    for row in chosen:
        if row.same_as is None:
            _invite(connection, meeting, row, sender)
    _record_invited(connection, meeting, chosen, sender.staff_id)
    return len(chosen)


def _frozen(row: Row, why: str | None) -> dict[str, Any]:
    """Return a row of the list as it is kept: no person and no address is in it."""
    one = row.candidate
    return {
        "key": one.key,
        "companies": [{"key": key, "name": name} for _, key, name in one.companies],
        "group": one.group,
        "relation": one.relation,
        "reason": one.reason,
        "measure": one.measure,
        "plots": list(one.plots),
        "notes": list(one.notes),
        "channel": row.channel,
        "is_invited": why is None,
        "why_not": why,
    }


def _invite(connection: Connection, meeting: RowMapping, row: Row, sender: Sender) -> None:
    one = row.candidate
    company_id = one.companies[0][0] if row.contact is None else row.contact["company_id"]
    number = put_invitation(
        connection,
        meeting_id=meeting["meeting_id"],
        company_id=company_id,
        contact_id=None if row.contact is None else row.contact["contact_id"],
        channel=row.channel,
        address_normalized=row.address,
        # Its link is made from its number.
        token_sha256=secrets.token_bytes(32),
        reason={"relation": one.relation, "measure": one.measure, "text": one.reason},
    )
    set_token(connection, number, token_hash(invitation_token(number, sender.secret)))


def _record_invited(connection: Connection, meeting: RowMapping, rows: Iterable[Row], staff_id: int) -> None:
    at = datetime.now(UTC).isoformat()
    said: dict[int | None, Mapping[str, Any]] = {
        number: {"at": at, "via": row.channel} for row in rows for number, _, _ in row.candidate.companies
    }
    record_by_staff(connection, meeting["meeting_id"], EventKind.INVITE, said, staff_id)
