"""From a form over what follows to the save: three steps of one address, without scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from textwrap import shorten
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from app.analysis.histories import NO_BOUNDARY, NOT_THERE, ON_FIRST_DAY, WOULD_VANISH
from app.db.change_sets import row_changes
from app.db.changes import lock_histories, state_of_data
from app.db.companies.attributes import company_names
from app.domain.localizer import localizer_for
from app.errors import AppError, outcome
from app.maps.styles import RELATION_STYLES
from app.request import connection, today, writing
from app.services.companies.conflicts import StaleFieldsError
from app.services.companies.preview import Consequences, decided, preview
from app.web.companies.differences import public_differences
from app.web.companies.forms import Answers, CaseForm
from app.web.companies.meanwhile import SavedMeanwhile, ask_to_choose, saved_meanwhile
from app.web.companies.words import TABLE_NAMES, period_words
from app.web.drafts import note_saved
from app.web.language import language
from app.web.map.edit_map import edit_map

_LONGEST_TOLD = 600

View = str | Response | tuple[str, int]
EDIT, PREVIEW, SAVE = "edit", "preview", "save"
# What these refuse is the day.
_OF_THE_DAY = {NOT_THERE, ON_FIRST_DAY, WOULD_VANISH, NO_BOUNDARY}


def answered(form: CaseForm) -> View:
    """Show a form; of what was typed show what follows; save it when that was seen.

    What was typed stays in all steps. Where others have changed meanwhile what follows, it is shown again;
    where they saved another value of the same field, the person chooses. What else they saved stays, and the
    page says so.
    """
    answers = Answers(request.form.to_dict())
    answers.settle(form.questions)
    step = answers.text("step")
    if step not in (PREVIEW, SAVE):
        return _form_page(form, answers)
    answers.check_lengths(form.questions)
    save = form.read(answers)
    if answers.problems:
        return _form_page(form, answers)
    try:
        with writing() as held:
            lock_histories(held)
            state, is_save = _state(held, form, answers), step == SAVE
            is_same = is_save and answers.text("state") == state
            # Of the same data and answers the same follows: it need not be found out again.
            found = None if is_same else preview(held, save.act, save.companies, save.on)
            is_seen = found is None or (is_save and answers.text("seen") == digest(decided(found)))
            made = save.act(held) if is_seen else None
            is_new = made is not None and not form.page and not form.company
            key = _new_company(held, made) if is_new and made is not None else form.company
            others = saved_meanwhile(held, form, answers, made)
    except StaleFieldsError as conflict:
        ask_to_choose(connection(), answers, conflict)
        return _form_page(form, answers)
    except AppError as error:
        days = [question.name for question in form.questions if question.kind == "day"]
        answers.problems[days[0] if error.template in _OF_THE_DAY and days else ""] = error
        return _form_page(form, answers)
    if made is None and found is not None:
        return _preview_page(form, answers, found, others, state, is_other=is_save)
    note_saved(_form_id(), answers.base(form.base))
    return _onward(form, key, others)


def _onward(form: CaseForm, key: str, others: Sequence[SavedMeanwhile]) -> Response:
    """Say what is saved, and beside what; go on to where it is seen, or to the next form."""
    flash(gettext("Saved: %(what)s.", what=form.title))
    if others:
        # A cookie carries it to the next page.
        told = shorten("; ".join(map(str, others)), _LONGEST_TOLD, placeholder=" …")
        flash(gettext("Meanwhile others saved this; what you did not change stays so: %(told)s", told=told))
    if form.queue is not None:
        return redirect(form.queue.following)
    return redirect(form.page or url_for("companies.show", key=key))


def _state(held: Connection, form: CaseForm, answers: Answers) -> str:
    """Return a text that is another one where the data, the day or the answers are others."""
    names = [f"{kind}{one.name}" for one in form.questions for kind in ("", "shown-", "choice-", "theirs-")]
    return digest((state_of_data(held), today(), [answers.text(name) for name in names]))


def _form_id() -> str:
    """Return what tells a form from others: its address, and the day and plot for which it was asked."""
    asked = {name: given for name in ("on", "plot") if (given := request.args.get(name))}
    return request.path + (f"?{urlencode(asked)}" if asked else "")


def _new_company(held: Connection, made: int) -> str:
    return next(str(row.image["key"]) for row in row_changes(held, made) if row.table == "company")


def digest(found: object) -> str:
    """Return a text that is another one where what was shown is another."""
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _form_page(form: CaseForm, answers: Answers) -> View:
    problems = {name: localizer_for(language()).error_text(error) for name, error in answers.problems.items()}
    drawn = None if form.map is None else edit_map(**form.map)
    others = saved_meanwhile(connection(), form, answers)
    page = render_template(
        "companies/form.html",
        form=form,
        form_id=_form_id(),
        answers=answers,
        problems=problems,
        others=others,
        map=drawn,
    )
    status = max((outcome(error).http_status for error in answers.problems.values()), default=200)
    return page, status


def _preview_page(  # noqa: PLR0913  what the page tells
    form: CaseForm,
    answers: Answers,
    found: Consequences,
    others: Sequence[SavedMeanwhile],
    state: str,
    *,
    is_other: bool,
) -> str:
    return render_template(
        "companies/preview.html",
        form=form,
        answers=answers,
        found=found,
        seen=digest(decided(found)),
        state=state,
        is_other=is_other,
        others=others,
        names=found.names | company_names(connection(), found.companies),
        relations={kind: gettext(str(style["label"])) for kind, style in RELATION_STYLES.items()},
        tables={name: gettext(words) for name, words in TABLE_NAMES.items()},
        periods=lambda periods: ", ".join(period_words(*period) for period in periods),
        public=public_differences(found),
    )
