"""Two people at once, as pages tell it: what others saved since a form was shown, and what is asked then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from sqlalchemy import Connection

from app.db.change_sets import Recorded, RowChange, row_changes
from app.db.land.plots import plot_ids
from app.db.listed_changes import listed_changes
from app.db.sources import source_titles
from app.services.companies.conflicts import StaleFieldsError, as_shown, saved_by
from app.services.companies.things import KINDS, thing_of_image
from app.web.companies.differences import Difference, row_differences
from app.web.companies.forms import NO, YES, Answers, CaseForm, FieldChoice
from app.web.companies.words import CASE_NAMES

# More is no news of a moment; the list of changes has all of them.
_MOST = 10
_QUESTIONS = {"plot_id": "plot", "source_id": "source", "geometry": "point"}


@dataclass(frozen=True)
class SavedMeanwhile:
    """A change set that others saved since a form was shown, in words."""

    recorded: Recorded
    case: str
    differences: Sequence[Difference]

    def __str__(self) -> str:
        columns = dict.fromkeys(
            f"{name} {_arrow(old, new)}" for each in self.differences for name, old, new in each.columns
        )
        told = f": {', '.join(columns)}" if columns else ""
        return f"{self.recorded.person}, {self.case}{told}"


def _arrow(old: str, new: str) -> str:
    return f"{old or '–'} → {new or '–'}"


def saved_meanwhile(
    held: Connection, form: CaseForm, answers: Answers, but: int | None = None
) -> list[SavedMeanwhile]:
    """Return what was saved of a form's thing since the form was shown first, without the one `but`."""
    if form.about is None or not answers.typed:
        return []
    wanted = replace(form.about, after=answers.base(form.base))
    found = (each.recorded for each in listed_changes(held, wanted, _MOST))
    return [
        SavedMeanwhile(
            each,
            gettext(CASE_NAMES[each.business_case]),
            row_differences(held, _against_former(row_changes(held, each.change_set_id))),
        )
        for each in found
        if each.change_set_id != but
    ]


def _against_former(changes: Sequence[RowChange]) -> list[RowChange]:
    """Compare a version that was cut off another one with that one: what it only carries on is not new."""
    former = {_thing(row): row.before for row in changes if row.before is not None}
    return [
        row if row.before is not None else replace(row, before=former.get(_thing(row))) for row in changes
    ]


def _thing(row: RowChange) -> object:
    return thing_of_image(KINDS[row.table], row.image) if row.table in KINDS else id(row)


def ask_to_choose(held: Connection, answers: Answers, conflict: StaleFieldsError) -> None:
    """Let a form ask which value of a field shall hold: theirs, mine, or the one before."""
    names: Mapping[str, Mapping[Any, str]] = {
        "plot_id": {number: key for key, number in plot_ids(held).items()},
        "source_id": source_titles(held),
        "is_public": {True: YES, False: NO},
    }
    for column, values in conflict.fields.items():
        name = _QUESTIONS.get(column, column)
        answers.problems[name] = conflict
        answers.choices[name] = FieldChoice(
            before=_text(values.before, names.get(column)),
            theirs=_text(values.theirs, names.get(column)),
            mine=answers.typed.get(name, ""),
            by=saved_by(held, conflict, column),
        )


def _text(value: Any, names: Mapping[Any, str] | None) -> str:
    found = as_shown(value) if names is None else names.get(value)
    return "" if found is None else str(found)
