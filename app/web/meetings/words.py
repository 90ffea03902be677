"""What answers, mails and their states are called."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from app.domain.meetings import Answer, MailKind, MailState, Presence
from app.errors import N_
from app.services.meetings.answering import ANSWER_NAMES

PRESENCES = {
    Presence.PRESENT: N_("came"),
    Presence.ABSENT: N_("did not come"),
    Presence.UNKNOWN: N_("not known"),
}
MAIL_KINDS = {
    MailKind.INVITATION: N_("Invitation"),
    MailKind.UPDATE: N_("Change of the appointment"),
    MailKind.REMINDER: N_("Reminder"),
    MailKind.CANCELLATION: N_("Cancellation"),
}
MAIL_STATES = {
    MailState.QUEUED: N_("waiting to be sent"),
    MailState.SENDING: N_("being sent"),
    MailState.SENT: N_("sent"),
    MailState.RETRY: N_("refused for now, tried again"),
    MailState.FAILED: N_("not delivered"),
    MailState.UNCERTAIN: N_("uncertain whether it arrived"),
}


def answer_words(answer: str | None, heads: int | None = None) -> str:
    """Return an answer, with the number of persons where it is known."""
    words: str = gettext(ANSWER_NAMES[Answer(answer or Answer.NONE)])
    if heads is None:
        return words
    persons: str = ngettext("%(num)s person", "%(num)s persons", heads)
    return f"{words}, {persons}"
