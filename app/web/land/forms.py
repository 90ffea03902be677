"""Forms of plots: marketing status of one or many, what was never so of it, a wrong day, and the use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.land.plots import plots_on
from app.db.sources import source_ids
from app.db.versions import records
from app.domain.kinds import BusinessCase, Intent, MarketingStatus, UseStatus
from app.domain.localizer import localizer_for
from app.errors import N_, ConflictError, InputError, NotFoundError
from app.maps.styles import MARKETING_STYLES, PLOT_STYLES
from app.request import today
from app.services.companies.acts import change_from, correct
from app.services.companies.marketing import MarketingEntry, market, values_of
from app.services.companies.things import marketing
from app.web.companies.cases import boundaries_of, boundary_form
from app.web.companies.details import check_shown, day_hint, day_questions, reason_question
from app.web.companies.forms import Answers, CaseForm, Question, Save, change_of
from app.web.companies.histories import held
from app.web.land.histories import PlotHistory
from app.web.language import language

MOST_PLOTS = 500
# How many plots a form names.
_N_NAMED = 12
_NONE = "none"
_YES, _NO = "yes", "no"


def marketing_form(connection: Connection, typed: Sequence[str]) -> CaseForm:
    """Ask for the marketing status of plots, from a day on.

    Raises
    ------
    InputError, NotFoundError
        When no plots are named, too many, or one that does not exist today.
    """
    keys = list(dict.fromkeys(key.strip() for text in typed for key in text.split(",") if key.strip()))
    plots = _plots(connection, keys)
    none = (_NONE, gettext("no marketing status any more"))
    status = _choice(
        "status", gettext("Marketing status"), [("", gettext("please choose")), *_statuses(), none]
    )
    questions = (
        replace(status, is_required=True),
        Question("day", gettext("Since when is it so?"), "day", day_hint(), is_required=True),
        *_about(connection, {}),
        reason_question(),
    )

    def read(answers: Answers) -> Save:
        wanted = answers.read("status", lambda text: None if text == _NONE else _status(text))
        entry, known = _entry(answers, wanted), answers.known_day("day")
        change = change_of(answers, known)
        return Save(lambda held_: market(held_, keys, entry, change, known.precision))

    page = url_for("land.show", key=keys[0]) if len(keys) == 1 else url_for("land.index")
    name = keys[0] if len(keys) == 1 else gettext("%(n)s plots", n=len(keys))
    example = gettext("%(plots)s: %(area)s in all.", plots=_named(keys), area=_area(plots))
    return CaseForm(gettext("Set marketing status"), example, questions, read, name=name, page=page)


def _plots(connection: Connection, keys: Sequence[str]) -> list[Mapping[str, Any]]:
    if not keys:
        raise InputError(N_("Choose at least one plot."))
    if len(keys) > MOST_PLOTS:
        raise InputError(N_("These are %(n)s plots; at most %(most)s at once."), n=len(keys), most=MOST_PLOTS)
    there = {row["key"]: row for row in records(plots_on(connection, today()))}
    missing = next((key for key in keys if key not in there), None)
    if missing is not None:
        raise NotFoundError(N_("There is no plot “%(key)s”."), key=missing[:60])
    return [there[key] for key in keys]


def _named(keys: Sequence[str]) -> str:
    more = " " + gettext("and %(n)s more", n=len(keys) - _N_NAMED) if len(keys) > _N_NAMED else ""
    return ", ".join(keys[:_N_NAMED]) + more


def _area(plots: Sequence[Mapping[str, Any]]) -> str:
    area_m2 = sum(row["official_area_m2"] or row["area_m2"] for row in plots)
    return areas_in_words(area_m2)


def areas_in_words(area_m2: float) -> str:
    """Return an area in m², and in hectares."""
    return f"{localizer_for(language()).square_metres(area_m2)} ({hectares(area_m2)})"


def hectares(area_m2: float) -> str:
    """Return an area in hectares."""
    return str(localizer_for(language()).translate(N_("%(area)s ha"), area=round(area_m2 / 10_000, 2)))


def marketing_correction_form(connection: Connection, history: PlotHistory, on: date) -> CaseForm:
    """Ask what of a plot's marketing status was never so."""
    if not history.marketing:
        raise NotFoundError(N_("Nothing is recorded of the marketing of “%(key)s”."), key=history.key)
    titles = {number: title for title, number in source_ids(connection).items()}
    stored = _texts(held(history.marketing, on), titles)
    fields = (
        _choice("status", gettext("Marketing status"), _statuses(), stored),
        *_about(connection, stored),
    )
    questions = (*fields, *day_questions(Intent.CORRECT, history.marketing, on), reason_question())

    def read(answers: Answers) -> Save:
        known, wanted = answers.known_day("day"), answers.read("status", _status)
        changed = answers.changed(fields)
        if not changed:
            problem = ConflictError(N_("Nothing is changed yet: everything stands as it is stored."))
            answers.problems.setdefault("status", problem)
        if known is not None:
            seen = held(history.marketing, known.first)
            texts = {name: answers.text(name) for name in changed}
            check_shown(answers, texts, seen.with_values(_texts(seen, titles)))
        entry, change = _entry(answers, wanted), change_of(answers, known, Intent.CORRECT)
        told = replace(change, business_case=BusinessCase.MARKETING)
        names = {"source_id" if name == "source" else name for name in changed}
        is_only = bool(answers.text("only"))

        def act(held_: Connection) -> int:
            assert entry is not None  # noqa: S101  else there are problems
            values = {name: value for name, value in values_of(held_, entry).items() if name in names}
            return correct(held_, marketing(history.key), values, told, is_this_version_only=is_only)

        return Save(act)

    example = gettext(
        "It was never so: the plot was reserved, not allocated. What you put right holds for all days on "
        "which the mistake is recorded."
    )
    return _form(gettext("Correct marketing status"), example, questions, read, history, is_correction=True)


def marketing_day_form(history: PlotHistory) -> CaseForm:
    """Ask which first or last day of a plot's marketing status was wrong, and for the right one."""
    found = boundaries_of([(marketing(history.key), history.key, history.marketing)])
    form = boundary_form(found)
    return replace(form, name=history.key, page=url_for("land.show", key=history.key))


def use_form(history: PlotHistory, intent: Intent, on: date) -> CaseForm:
    """Ask what a plot is used for."""
    is_correction = intent is Intent.CORRECT
    given = {"use_status": held(history.versions, on).values["use_status"]}
    uses = [(str(use), gettext(str(style["label"]))) for use, style in PLOT_STYLES.items()]
    use = _choice("use_status", gettext("Use"), uses, given)
    questions = (use, *day_questions(intent, history.versions, on), reason_question())

    def read(answers: Answers) -> Save:
        known, wanted = answers.known_day("day"), answers.read("use_status", _use)
        change = replace(change_of(answers, known, intent), business_case=BusinessCase.USE_CHANGE)
        values = {"use_status": str(wanted)}
        if known is not None:
            check_shown(answers, values, held(history.versions, known.first))
        is_only = bool(answers.text("only"))
        if is_correction:
            return Save(
                lambda held_: correct(held_, history.thing, values, change, is_this_version_only=is_only)
            )
        return Save(
            lambda held_: change_from(held_, {history.thing: values}, change, precision=known.precision)
        )

    title = gettext("Correct the use") if is_correction else gettext("Change of use")
    example = (
        gettext("The plot was never used so: what you put right holds for all days on which it is recorded.")
        if is_correction
        else gettext("The plot is used otherwise since a day: it was vacant, and is built on since 1 April.")
    )
    return _form(title, example, questions, read, history, is_correction=is_correction)


def _form(  # noqa: PLR0913  what all of these forms have in common
    title: str,
    example: str,
    questions: Sequence[Question],
    read: Any,
    history: PlotHistory,
    *,
    is_correction: bool,
) -> CaseForm:
    page = url_for("land.show", key=history.key)
    return CaseForm(
        title, example, tuple(questions), read, name=history.key, is_correction=is_correction, page=page
    )


def _statuses() -> list[tuple[str, str]]:
    return [(str(status), gettext(str(style["label"]))) for status, style in MARKETING_STYLES.items()]


def _about(connection: Connection, stored: Mapping[str, str]) -> tuple[Question, ...]:
    """Ask who may see a marketing status, what is noted of it, and where it comes from."""
    public = [
        (_NO, gettext("only signed-in staff and analysts")),
        (_YES, gettext("everybody, on map, lists and exports")),
    ]
    for_all = gettext("As public as the status itself: no names of persons.")
    internal = gettext("Stays internal, whatever is public.")
    sources = [(title, "") for title in source_ids(connection)]
    as_of = gettext("The day or month of the source, as it says it.")
    return (
        _choice("is_public", gettext("Who sees the status?"), public, stored),
        _text("note", gettext("Note"), for_all, stored),
        _text("internal_note", gettext("Internal note"), internal, stored),
        replace(_text("source", gettext("Source"), "", stored), kind="search", options=sources),
        _text("as_of", gettext("State of the source"), as_of, stored),
    )


def _choice(
    name: str, label: str, options: Sequence[tuple[str, str]], stored: Mapping[str, str] | None = None
) -> Question:
    given = (stored or {}).get(name, "")
    return Question(
        name, label, "choice", "", options, is_required=True, given=given, stored=given if stored else None
    )


def _text(name: str, label: str, hint: str, stored: Mapping[str, str]) -> Question:
    given = stored.get(name, "")
    return Question(name, label, hint=hint, given=given, stored=given if stored else None)


def _texts(version: Version, titles: Mapping[int, str]) -> dict[str, str]:
    """Return what is stored of a marketing status as a form has it."""
    values = version.values
    texts = {name: values[name] or "" for name in ("status", "note", "internal_note", "as_of")}
    source = titles.get(values["source_id"], "")
    return {**texts, "is_public": _YES if values["is_public"] else _NO, "source": source}


def _entry(answers: Answers, status: MarketingStatus | None) -> MarketingEntry | None:
    if status is None:
        return None
    texts = {name: answers.text(name) for name in ("note", "internal_note", "source", "as_of")}
    return MarketingEntry(status, is_public=answers.text("is_public") == _YES, **texts)


def _status(typed: str) -> MarketingStatus:
    return MarketingStatus(_one_of(typed, MarketingStatus))


def _use(typed: str) -> UseStatus:
    return UseStatus(_one_of(typed, UseStatus))


def _one_of(typed: str, kinds: type[StrEnum]) -> str:
    if typed not in list(kinds):
        raise InputError(N_("Choose one of the list."))
    return typed
