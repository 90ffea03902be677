"""The closed lists of values about meetings. The database's check constraints are made from these."""

from __future__ import annotations

from enum import StrEnum


class MeetingState(StrEnum):
    """How far a meeting is."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    HELD = "held"
    REPORTED = "reported"
    CANCELLED = "cancelled"


# From which state to which: what was held was held, what was cancelled stays so.
TRANSITIONS: dict[MeetingState, tuple[MeetingState, ...]] = {
    MeetingState.DRAFT: (MeetingState.ANNOUNCED, MeetingState.CANCELLED),
    MeetingState.ANNOUNCED: (MeetingState.HELD, MeetingState.CANCELLED),
    MeetingState.HELD: (MeetingState.REPORTED,),
    MeetingState.REPORTED: (),
    MeetingState.CANCELLED: (),
}


# What guests have in their calendars: who changes one of these asks them again.
MATERIAL = ("held_on", "starts_at", "ends_at", "place")


class AttendanceKnown(StrEnum):
    """Of how many invited companies it is known whether they came."""

    NONE = "none"
    PARTIAL = "partial"
    COMPLETE = "complete"


class InvitedVia(StrEnum):
    """By which channel a company was invited."""

    MAIL = "mail"
    LETTER = "letter"
    PHONE = "phone"
    PERSON = "person"


class Answer(StrEnum):
    """What a company answered to an invitation."""

    NONE = "none"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MAYBE = "maybe"


class AnswerVia(StrEnum):
    """How an answer came."""

    LINK = "link"
    CALENDAR = "calendar"
    STAFF = "staff"


class Presence(StrEnum):
    """Whether a company was there; what is unknown is not absent."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    ABSENT = "absent"


class PresenceBasis(StrEnum):
    """What a presence rests on: the door, the paper list, or what somebody said."""

    DOOR = "door"
    LIST = "list"
    STATEMENT = "statement"


class Part(StrEnum):
    """As what a company takes part."""

    GUEST = "guest"
    HOST = "host"
    COHOST = "cohost"
    ORGANIZER = "organizer"


class EventKind(StrEnum):
    """What an event of the log speaks of; `close` is of the whole meeting."""

    INVITE = "invite"
    ANSWER = "answer"
    PRESENCE = "presence"
    PART = "part"
    CLOSE = "close"
    NOTE = "note"


class EventActor(StrEnum):
    """Whose hand an event came by."""

    STAFF = "staff"
    LINK = "link"
    CALENDAR = "calendar"
    DOOR = "door"
    IMPORT = "import"


class Channel(StrEnum):
    """By which channel a contact is reached."""

    MAIL = "mail"
    PHONE = "phone"
    LETTER = "letter"


class Basis(StrEnum):
    """On which basis a channel of a contact may be used for an invitation."""

    CONSENT = "consent"
    PUBLIC_TASK = "public_task"
    EXISTING_CUSTOMER = "existing_customer"
    PUBLIC_SOURCE = "public_source"
    NONE = "none"


# By mail only with one of these; by letter with any (see the note on privacy in the documents).
MAIL_BASES = (Basis.CONSENT, Basis.PUBLIC_TASK, Basis.EXISTING_CUSTOMER)


class PrivacyAct(StrEnum):
    """What was done with personal data."""

    EXPORT = "export"
    ERASE = "erase"
    RETENTION = "retention"
    SUPPRESS = "suppress"


class FollowUpState(StrEnum):
    """How far a follow-up is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class CorrectionState(StrEnum):
    """What became of a proposed correction."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class MailKind(StrEnum):
    """What a mail of a meeting is for."""

    INVITATION = "invitation"
    UPDATE = "update"
    REMINDER = "reminder"
    CANCELLATION = "cancellation"


class MailState(StrEnum):
    """How far a mail has come.

    QUEUED: to be sent. SENDING: a worker has it. SENT: a server took it. RETRY: refused for now.
    FAILED: refused for good. UNCERTAIN: whether a server took it is not known; only a person sends it again.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class InboundKind(StrEnum):
    """What a mail that came in is: an answer by a calendar, a returned mail, or for a person to read."""

    REPLY = "reply"
    BOUNCE = "bounce"
    UNKNOWN = "unknown"


class InboundState(StrEnum):
    """Whether a mail that came in waits for a person."""

    OPEN = "open"
    DONE = "done"
