"""The form for a business park's name: put right, or otherwise since a day."""

from __future__ import annotations

from datetime import date

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Connection

from app.db.land.parks import check_park, park_ids
from app.domain.kinds import Intent
from app.services.companies.things import PARK, Thing, stored_versions
from app.web.companies.details import (
    changing,
    check_changed,
    correcting,
    day_questions,
    reason_question,
    stored_question,
)
from app.web.companies.forms import Answers, CaseForm, Save, change_of
from app.web.companies.histories import held


def name_form(connection: Connection, key: str, intent: Intent, on: date) -> CaseForm:
    """Ask what a park is called; raises NotFoundError when there is none."""
    check_park(connection, key)
    thing = Thing(PARK, park_ids(connection)[key], key)
    versions = stored_versions(connection, thing)
    name = stored_question("name", held(versions, on), is_required=True)
    questions = (name, *day_questions(intent, versions, on), reason_question())

    def read(answers: Answers) -> Save:
        known, values = answers.known_day("day"), {"name": answers.required("name")}
        check_changed(answers, [name])
        change, shown = change_of(answers, known, intent), {"name": answers.shown("name")}
        if intent is Intent.CORRECT:
            return Save(correcting(thing, values, change, bool(answers.text("only")), shown))
        return Save(changing(thing, values, change, known, shown, answers.chosen()))

    is_correction = intent is Intent.CORRECT
    title = gettext("Correct name") if is_correction else gettext("Change name")
    example = (
        gettext("The park was never called so: there was a slip of the pen in its name.")
        if is_correction
        else gettext("The park has another name since a day; the time before keeps the old one.")
    )
    page = url_for("land.index", park=key)
    return CaseForm(
        title, example, questions, read, name=name.given, is_correction=is_correction, page=page, park=key
    )
