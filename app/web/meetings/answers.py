"""The page of an invitation: who has its link answers without an account, and checks the firm's data.

Programs open links, follow them and press what asks with GET: only what a form of the page sends changes
anything, and no form is complete before a person has chosen something in it.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from sqlalchemy.engine import RowMapping
from werkzeug.wrappers import Response as AnyResponse

from app.db.meetings.invited import invitation_of_token, program_of
from app.domain.localizer import localizer_for
from app.domain.meetings import AnswerVia
from app.errors import N_, AppError, InputError, outcome
from app.request import connection, now, writing_by_link
from app.services.meetings.answering import MOST_HEADS, answer_of_form, give_answer, own_answer
from app.services.meetings.correcting import company_facts, confirm_facts, propose
from app.services.meetings.invitation_links import unsubscribe
from app.web.language import language
from app.web.meetings.words import answer_words
from app.web.people.attempts import count_request

blueprint = Blueprint("answers", __name__, url_prefix="/answer/<token>")

View = AnyResponse | tuple[str, int]


@blueprint.after_request
def keep_quiet(response: Response) -> Response:
    """Let the address, which is the key, reach nobody else, and no search engine."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("")
def show(token: str) -> View:
    """Show the invitation, the own answer, and what is stored of the own company."""
    return _page(token)


@blueprint.post("")
def give(token: str) -> View:
    """Store an answer."""
    invitation = _invitation(token)
    _check_page(token)
    try:
        given = answer_of_form(request.form, AnswerVia.LINK)
        with writing_by_link() as held:
            give_answer(held, invitation, given, now())
    except AppError as error:
        return _page(token, error)
    flash(gettext("Thank you, your answer is stored. You can change it here until the meeting starts."))
    return _back(token)


@blueprint.route("/unsubscribe", methods=("GET", "POST"))
def stop(token: str) -> View:
    """Ask whether no more invitations are wanted; stop them by a form or by the mail program's own button."""
    invitation = _invitation(token)
    if request.method != "POST":
        return _answer("meetings/unsubscribe.html", token, invitation)
    is_one_click = request.form.get("List-Unsubscribe") == "One-Click"
    if not is_one_click:
        _check_page(token)
        if "sure" not in request.form:
            error = InputError(N_("Please tick that you want no more invitations."))
            return _answer("meetings/unsubscribe.html", token, invitation, error)
    with writing_by_link() as held:
        unsubscribe(held, invitation, now(), str(current_app.secret_key))
    return _answer("meetings/unsubscribe.html", token, invitation, is_done=True)


@blueprint.post("/company")
def check_company(token: str) -> View:
    """Store that what is stored of the company is right, or what of it should be otherwise."""
    invitation = _invitation(token)
    _check_page(token)
    try:
        with writing_by_link() as held:
            if "right" in request.form:
                confirm_facts(held, invitation.company_key, now(), invitation.invitation_id)
            else:
                propose(held, invitation.company_key, request.form, now(), invitation.invitation_id)
    except AppError as error:
        return _page(token, error)
    flash(gettext("Thank you. The agency looks at it before anything changes."))
    return _back(token)


def _invitation(token: str) -> RowMapping:
    """Return whose link it is; 404 for one that is none, or none any more."""
    g.is_private = True
    found = invitation_of_token(connection(), hashlib.sha256(token.encode()).digest())
    if found is None:
        count_request("invitation", token)
        abort(404)
    return found


def page_token(token: str) -> str:
    """Return what only a page of this invitation holds: sent back, it shows that the page was read."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"page:{token}".encode(), hashlib.sha256).hexdigest()


def _check_page(token: str) -> None:
    # A session would need a cookie and a Referer; the address is secret, and enough.
    if not hmac.compare_digest(request.form.get("page", ""), page_token(token)):
        abort(400)
    count_request("answer", token)


def _back(token: str) -> AnyResponse:
    return redirect(url_for("answers.show", token=token), 303)


def _page(token: str, error: AppError | None = None) -> View:
    invitation = _invitation(token)
    held = connection()
    return _answer(
        "meetings/answer.html",
        token,
        invitation,
        error,
        answer=own_answer(invitation, now()),
        answer_words=answer_words,
        facts=company_facts(held, invitation.company_key),
        program=program_of(held, invitation.meeting_id),
        most_heads=MOST_HEADS,
    )


def _answer(
    template: str, token: str, invitation: RowMapping, error: AppError | None = None, **values: object
) -> View:
    page = render_template(
        template,
        token=token,
        page=page_token(token),
        invitation=invitation,
        problem=None if error is None else localizer_for(language()).error_text(error),
        **values,
    )
    return page, 200 if error is None else outcome(error).http_status
