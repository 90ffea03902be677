"""Whom to invite to a meeting: the list, its sending, and what goes out of it as files and on paper."""

from __future__ import annotations

import hashlib
from datetime import date

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping
from werkzeug.wrappers import Response as AnyResponse

from app.db.meetings.invitation_history import sent_list
from app.db.meetings.invited import organizers_of
from app.db.meetings.planned import organization_of
from app.domain.kinds import BusinessCase, CompanyRelation
from app.domain.localizer import Localizer, localizer_for
from app.errors import N_, AppError, ConflictError, InputError, outcome
from app.exchange.meetings.letters import labels_pdf, letters_pdf
from app.exchange.meetings.merge_fields import merge_csv, merge_workbook
from app.request import connection, staff_change, today, writing
from app.services.meetings import letters as papers
from app.services.meetings.guest_list import Candidate, GuestChoice, GuestList, Only, Scope, guest_list
from app.services.meetings.invitation_links import invitation_token
from app.services.meetings.inviting import GuestSelection, Row, Sender, rows_of, send_list
from app.services.meetings.planning import meeting_of, own_meeting
from app.web.language import language
from app.web.meetings.planning_words import CHANNEL_NAMES, ONLY_NAMES, SCOPE_NAMES

blueprint = Blueprint("guests", __name__, url_prefix="/meetings/<key>/guests")

View = AnyResponse | str | tuple[str, int]
_WITHIN = {Scope.DISTANCE: 200.0, Scope.WALK: 10.0}
_MOST_WITHIN = 5000
_MEDIA = {
    "csv": ("text/csv; charset=utf-8", merge_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", merge_workbook),
}
# What is sent is German, whoever sends it.
_SENT = localizer_for("de")


@blueprint.get("")
def index(key: str) -> View:
    """Show whom to invite, by neighborhood, distance, walk or park, with reasons."""
    return _page(key)


@blueprint.post("")
def send(key: str) -> View:
    """Invite those who are ticked, and keep the list as it is sent."""
    try:
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            rows = _rows(held, meeting, _SENT)
            if request.form.get("seen") != _digest(rows):
                raise ConflictError(N_("The list is another one now; please look at it again."))
            selection, change = GuestSelection(rows, _unticked(rows)), staff_change(BusinessCase.MEETING)
            n_sent = send_list(held, meeting, selection, _sender(held), change)
    except AppError as error:
        return _page(key, error)
    flash(ngettext("%(num)s invitation is made.", "%(num)s invitations are made.", n_sent))
    return redirect(f"{request.full_path.rstrip('?')}#sent")


@blueprint.get("/list.<any(csv, xlsx):form>")
def file(key: str, form: str) -> View:
    """Give the list with the fields that letters are merged from."""
    held = connection()
    meeting = meeting_of(held, key)
    rows = papers.merge_rows(held, meeting, _rows(held, meeting, _SENT), _link_of)
    media, write = _MEDIA[form]
    return _attached(write(rows), media, f"{key}.{form}")


@blueprint.get("/letters.pdf")
def letters(key: str) -> View:
    """Give the letters of all who are invited by letter."""
    held = connection()
    meeting = meeting_of(held, key)
    found = papers.letters(held, meeting, _link_of)
    names = [*organizers_of(held, meeting["meeting_id"]), *meeting["organizers"]]
    if not found:
        return _page(key, InputError(NO_LETTER))
    sender = ", ".join(dict.fromkeys(names)) or str(current_user.person.organization or "")
    pdf = letters_pdf(sender, _SENT.day(today()), f"Einladung: {meeting['title']}", found)
    return _attached(pdf, "application/pdf", f"{key}-letters.pdf")


@blueprint.get("/labels.pdf")
def labels(key: str) -> View:
    """Give the labels of all who are invited by letter."""
    found = papers.addresses(connection(), meeting_of(connection(), key))
    if not found:
        return _page(key, InputError(NO_LETTER))
    return _attached(labels_pdf(found), "application/pdf", f"{key}-labels.pdf")


NO_LETTER = N_("Nobody is invited by letter yet.")


def _attached(content: bytes, media: str, name: str) -> Response:
    response = Response(content, content_type=media)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _sender(held: Connection) -> Sender:
    number = current_user.person.staff_id
    return Sender(number, organization_of(held, number), str(current_app.secret_key))


def _link_of(invitation: RowMapping) -> str:
    token = invitation_token(invitation["invitation_id"], str(current_app.secret_key))
    return url_for("answers.show", token=token, _external=True)


def _choice() -> GuestChoice:
    scope = request.args.get("scope", Scope.NEIGHBORS)
    if scope not in list(Scope):
        raise InputError(N_("Choose one of the lists."))
    typed = request.args.get("within", "").replace(",", ".")
    try:
        within = float(typed) if typed else _WITHIN.get(Scope(scope), 0)
    except ValueError:
        within = -1
    if not 0 <= within <= _MOST_WITHIN:
        raise InputError(N_("Within how many meters or minutes: a number up to %(most)s."), most=_MOST_WITHIN)
    only = frozenset(Only(one) for one in request.args.getlist("only") if one in list(Only))
    return GuestChoice(Scope(scope), within, only)


def _rows(held: Connection, meeting: RowMapping, localizer: Localizer) -> list[Row]:
    found = guest_list(held, meeting, _choice(), localizer)
    return rows_of(held, meeting, found, _sender(held), localizer)


def _digest(rows: list[Row]) -> str:
    """Return what is another where somebody else would be invited, whatever the language."""
    seen = [(row.candidate.key, row.address, row.is_invited) for row in rows]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _unticked(rows: list[Row]) -> dict[str, str]:
    ticked = set(request.form.getlist("tick"))
    keys = [row.candidate.key for row in rows if not row.is_invited]
    return {
        key: " ".join(request.form.get(f"why-{key}", "").split())[:200] for key in keys if key not in ticked
    }


def _not_chosen(rows: list[Row]) -> dict[str, str]:
    """Return who is not ticked where ``?guest=`` names who is."""
    chosen = set(request.args.getlist("guest"))
    if not chosen:
        return {}
    rest = [row.candidate for row in rows if not chosen & {key for _, key, _ in row.candidate.companies}]
    return {one.key: "" for one in rest}


def _page(key: str, error: AppError | None = None) -> View:
    held, localizer = connection(), localizer_for(language())
    meeting = meeting_of(held, key)
    rows, found, choice = [], GuestList((), ()), GuestChoice()
    try:
        choice = _choice()
        found = guest_list(held, meeting, choice, localizer)
        rows = rows_of(held, meeting, found, _sender(held), localizer)
    except AppError as refusal:
        error = error or refusal
    sent = sent_list(held, meeting["meeting_id"])
    compared, added = _compared(held, meeting, sent, localizer)
    page = render_template(
        "meetings/guests.html",
        meeting=meeting,
        choice=choice,
        within=f"{choice.within:g}" if choice.within else "",
        scopes=[(scope, gettext(words)) for scope, words in SCOPE_NAMES.items()],
        narrowings=[(only, gettext(words)) for only, words in ONLY_NAMES.items()],
        channels={channel: gettext(words) for channel, words in CHANNEL_NAMES.items()},
        rows=rows,
        unplaced=found.unplaced,
        note=found.note,
        seen=_digest(rows),
        unticked=_unticked(rows) if request.method == "POST" else _not_chosen(rows),
        sent=sent,
        compared=compared,
        added=added,
        problem=None if error is None else localizer.error_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status


def _compared(
    held: Connection, meeting: RowMapping, sent: RowMapping | None, localizer: Localizer
) -> tuple[list[tuple[dict[str, object], bool, bool]], list[Candidate]]:
    """Return the rows of a sent list with who was a neighbor then and is one by today's knowledge."""
    if sent is None:
        return [], []
    then: date = sent["day"]
    try:
        now = guest_list(held, meeting, GuestChoice(), localizer, then).candidates
    except AppError:
        now = ()
    keys = {company for one in now for _, company, _ in one.companies}
    relations = set(CompanyRelation)
    compared, known = [], set()
    for row in sent["rows"]:
        own = {company["key"] for company in row["companies"]}
        known |= own
        compared.append((row, row["relation"] in relations, bool(own & keys)))
    return compared, [one for one in now if not known & {company for _, company, _ in one.companies}]
