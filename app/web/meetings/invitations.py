"""The page of staff for a meeting's mails and answers: sent, delivered, answered, returned, asked about."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from functools import partial

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping
from werkzeug.wrappers import Response

from app.config import Settings
from app.db.meetings.inbound import open_inbound
from app.db.meetings.invited import (
    answer_log,
    invitation_of_number,
    invitations_of,
    organizers_of,
)
from app.db.meetings.outbox import decide_uncertain, mails_of_meeting, n_waiting
from app.db.meetings.planned import organization_of
from app.domain.checked import whole_number
from app.domain.kinds import BusinessCase
from app.domain.localizer import localizer_for
from app.domain.meetings import AnswerVia, MailKind, MeetingState
from app.domain.period import today
from app.errors import N_, AppError, ConflictError, InputError, NotFoundError, outcome
from app.exchange.meetings.mail import MailSender
from app.exchange.meetings.mail_texts import mail_template
from app.request import connection, now, staff_change, writing
from app.services.meetings.answering import MOST_HEADS, answer_of_form, store_staff_answer
from app.services.meetings.inbox import assign
from app.services.meetings.invitation_links import link_token
from app.services.meetings.mailing import MailRound, candidates, is_readable, queue_round, queue_to_me, sample
from app.services.meetings.planning import meeting_of, own_meeting
from app.web.language import language
from app.web.meetings.words import MAIL_KINDS, MAIL_STATES, answer_words

blueprint = Blueprint("invitations", __name__, url_prefix="/meetings/<key>/invitations")

View = Response | tuple[str, int]
_KIND = f"/<any({', '.join(MailKind)}):kind>"


@blueprint.get("")
def index(key: str) -> View:
    """Show who is invited, what became of each mail, who answered how, and what waits for a person."""
    return _page(key)


@blueprint.get(_KIND)
def compose(key: str, kind: str) -> View:
    """Show who would get a mail of a kind, and its text to be changed."""
    return _compose(key, MailKind(kind), mail_template(MailKind(kind), _settings().texts_dir))


@blueprint.post(_KIND)
def send(key: str, kind: str) -> View:
    """Show a mail as it would be, send it to oneself, or to all who are chosen."""
    template, step = request.form.get("template", ""), request.form.get("step", "preview")
    chosen = set(filter(None, map(whole_number, request.form.getlist("invitation"))))
    try:
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            if step == "send":
                plan = _round(held, meeting, MailKind(kind), template)
                day = today().isoformat() if kind == MailKind.REMINDER else ""
                n = queue_round(held, meeting, plan, chosen, now(), day=day)
                flash(ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", n))
                return redirect(url_for("invitations.index", key=key), 303)
            plan = _round(held, meeting, MailKind(kind), template, is_sample=True)
            first = _first(held, meeting, MailKind(kind), chosen)
            if step == "me":
                me = _own_address(request.form.get("me", ""))
                queue_to_me(held, meeting, plan, first, me, now())
                flash(gettext("The sample is on its way to %(address)s.", address=me))
            shown = sample(held, meeting, plan, first, now())
    except AppError as error:
        return _compose(key, MailKind(kind), template, chosen, error=error)
    return _compose(key, MailKind(kind), template, chosen, shown=shown)


@blueprint.post("/answer")
def answer(key: str) -> View:
    """Store the answer of a company that called, wrote or said it."""
    try:
        number = int(request.form.get("invitation", ""))
    except ValueError:
        abort(400)
    try:
        note = _note(request.form.get("how", ""), request.form.get("note", ""))
        given = answer_of_form(request.form, AnswerVia.STAFF, note)
        with writing() as held:
            own_meeting(held, key, current_user.person)
            invitation = invitation_of_number(held, number)
            if invitation is None or invitation["meeting_key"] != key:
                raise NotFoundError(N_("There is no such invitation to this meeting."))
            change = staff_change(BusinessCase.MEETING)
            store_staff_answer(held, invitation, given, change, current_user.person.staff_id)
    except AppError as error:
        return _page(key, error)
    flash(gettext("The answer is stored."))
    return redirect(url_for("invitations.index", key=key), 303)


@blueprint.post("/mails/<int:number>/<any(arrived, again):decision>")
def decide(key: str, number: int, decision: str) -> View:
    """Say of a mail that may have arrived that it did, or send it, or one that failed, once more."""
    try:
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            if number not in {mail["mail_id"] for mail in mails_of_meeting(held, meeting["meeting_id"])}:
                raise NotFoundError(N_("There is no such mail of this meeting."))
            if not decide_uncertain(held, number, now(), is_sent=decision == "arrived"):
                raise ConflictError(N_("Somebody else has decided on this meanwhile."))
    except AppError as error:
        return _page(key, error)
    return redirect(url_for("invitations.index", key=key), 303)


@blueprint.post("/inbound/<int:number>")
def sort(key: str, number: int) -> View:
    """Say whose a mail that came in is, or that it is done with."""
    given = request.form.get("invitation", "")
    try:
        with writing() as held:
            own_meeting(held, key, current_user.person)
            assign(held, number, whole_number(given), current_user.person.staff_id)
    except AppError as error:
        return _page(key, error)
    return redirect(url_for("invitations.index", key=key), 303)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _organization(held: Connection) -> int | None:
    return organization_of(held, current_user.person.staff_id)


def _round(
    held: Connection, meeting: RowMapping, kind: MailKind, template: str, *, is_sample: bool = False
) -> MailRound:
    settings, secret = _settings().mail, str(current_app.secret_key)
    names = organizers_of(held, meeting["meeting_id"]) or list(meeting["organizers"])
    sender = MailSender(", ".join(names) or "Nachbarschaft Heinenkamp", settings.sender, settings.box)

    def links(invitation: RowMapping) -> tuple[str, str]:
        if is_sample:
            # Nobody but the invited gets what answers in their name.
            shown = url_for("invitations.index", key=meeting["key"], _external=True)
            return shown, shown
        token = link_token(held, invitation, secret)
        return (
            url_for("answers.show", token=token, _external=True),
            url_for("answers.stop", token=token, _external=True),
        )

    return MailRound(kind, template, sender, _organization(held), secret, links)


def _first(held: Connection, meeting: RowMapping, kind: MailKind, chosen: set[int]) -> RowMapping:
    """Return whose mail is shown: the first of those who are chosen, else of all."""
    found = candidates(held, meeting, kind, _organization(held))
    rows = [each.invitation for each in found if each.why_not is None]
    if not rows:
        raise InputError(N_("Nobody is chosen who may get this mail."))
    return next((row for row in rows if row["invitation_id"] in chosen), rows[0])


def _own_address(text: str) -> str:
    given = text.strip()
    if (
        not given.isascii()
        or given.count("@") != 1
        or any(sign.isspace() for sign in given)
        or len(given) > 200
    ):
        raise InputError(N_("Please write your own mail address."))
    return given


def _note(how: str, note: str) -> str | None:
    told = {"phone": "Telefon", "letter": "Brief", "mail": "Mail", "person": "persönlich"}.get(how)
    return ": ".join(part for part in (told, " ".join(note.split())[:300]) if part) or None


def _page(key: str, error: AppError | None = None) -> View:
    held = connection()
    meeting = meeting_of(held, key)
    mails = mails_of_meeting(held, meeting["meeting_id"])
    rows = invitations_of(held, meeting["meeting_id"])
    log = answer_log(held, meeting["meeting_id"])
    page = render_template(
        "meetings/invitations.html",
        meeting=meeting,
        rows=[
            (
                row,
                [mail for mail in mails if mail["invitation_id"] == row["invitation_id"]],
                log.get(row["company_id"], []),
            )
            for row in rows
        ],
        inbound=[(row, _readable(row["message"])) for row in open_inbound(held, meeting["meeting_id"])],
        actions=[
            (kind, gettext(words))
            for kind, words in MAIL_KINDS.items()
            if (meeting["state"] == MeetingState.CANCELLED) == (kind is MailKind.CANCELLATION)
        ],
        mail_kinds={kind: gettext(words) for kind, words in MAIL_KINDS.items()},
        mail_states={state: gettext(words) for state, words in MAIL_STATES.items()},
        answer_words=answer_words,
        is_readable=partial(is_readable, organization_id=_organization(held)),
        n_waiting=n_waiting(held),
        has_server=_settings().mail.smtp_host is not None,
        most_heads=MOST_HEADS,
        problem=_problem_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status


def _compose(  # noqa: PLR0913  what was typed and what came of it
    key: str,
    kind: MailKind,
    template: str,
    chosen: set[int] | None = None,
    *,
    shown: bytes | None = None,
    error: AppError | None = None,
) -> View:
    held = connection()
    meeting = meeting_of(held, key)
    page = render_template(
        "meetings/mail_round.html",
        meeting=meeting,
        kind=kind,
        title=gettext(MAIL_KINDS[kind]),
        template=template,
        candidates=candidates(held, meeting, kind, _organization(held)),
        # Who is silent is reminded by hand: nobody is chosen beforehand.
        chosen=chosen,
        is_by_hand=kind is MailKind.REMINDER,
        shown=None if shown is None else _readable(shown),
        has_server=_settings().mail.smtp_host is not None,
        is_local=request.host.split(":")[0] in ("127.0.0.1", "localhost", "[::1]"),
        translate=localizer_for(language()).translate,
        problem=_problem_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status


def _readable(message: bytes | None) -> dict[str, str]:
    """Return sender, subject and text of a mail."""
    parsed = message_from_bytes(message or b"", policy=default)
    part = parsed.get_body(("plain",))
    payload = None if part is None else part.get_payload(decode=True)
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return {
        "from": str(parsed.get("From", "")),
        "subject": str(parsed.get("Subject", "")),
        "text": text[:4000],
    }


def _problem_text(error: AppError | None) -> str | None:
    return None if error is None else localizer_for(language()).error_text(error)
