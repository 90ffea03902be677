"""Forms of the business cases: who comes, grows, moves, is followed, goes; and of a day that was wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.companies.attributes import company_named, company_names
from app.domain.kinds import BusinessCase, SuccessionKind
from app.domain.period import KnownDay
from app.errors import N_, ConflictError, InputError
from app.services.companies.acts import correct_day
from app.services.companies.cases import NewCompany, arrive, depart, expand, move, succeed
from app.services.companies.preview import Act
from app.services.companies.things import COMPANY, Thing, place
from app.web.companies.details import attribute_questions, day_hint, read_attributes, reason_question
from app.web.companies.forms import Answers, CaseForm, Question, Save, change_of, own_change
from app.web.companies.histories import CompanyHistory, of_company
from app.web.companies.sites import Plots, proposed, read_site, site_questions
from app.web.companies.words import SUCCESSION_NAMES
from app.web.formats import day_words

FIRST, LAST = "first", "last"


def arrival_form(connection: Connection, plot: str = "") -> CaseForm:
    """Ask for a company that is not stored yet, and where it comes to: to a plot, where one was clicked."""
    plots = Plots(connection)
    first = _day_question("day", gettext("First day"))
    name, *more = attribute_questions(connection)
    # What has to be there comes first.
    questions = (name, *site_questions(connection, plots, plot), first, *more, reason_question())

    def read(answers: Answers) -> Save:
        values = read_attributes(answers)
        answers.read("name", lambda typed: _check_new(connection, typed))
        site, known = read_site(connection, answers, plots), answers.known_day("day")
        change = change_of(answers, known)
        return Save(lambda held: arrive(held, NewCompany(values), site, change, known.precision))

    example = gettext("A company that was in none of the parks before settles here.")
    return CaseForm(gettext("New company"), example, questions, read)


def expansion_form(connection: Connection, history: CompanyHistory) -> CaseForm:
    """Ask for another place of a company."""
    plots = Plots(connection)
    first = _day_question("day", gettext("First day there"))
    questions = (*site_questions(connection, plots), first, reason_question())

    def read(answers: Answers) -> Save:
        site, known = read_site(connection, answers, plots), answers.known_day("day")
        change = change_of(answers, known)
        return _save(history, lambda held: expand(held, history.thing.key, site, change, known.precision))

    example = gettext("The company uses another plot besides; the places that it has stay as they are.")
    return _form(gettext("Expansion"), example, questions, read, history)


def move_form(connection: Connection, history: CompanyHistory, key: str) -> CaseForm:
    """Ask where a company goes to from one of its places."""
    history.place(key)
    plots = Plots(connection)
    last = Question(
        "last_day",
        gettext("Last day at the old place"),
        "day",
        gettext("Empty: the day before. Later, where the move takes its time."),
    )
    first = _day_question("day", gettext("First day at the new place"))
    questions = (*site_questions(connection, plots), first, last, reason_question())

    def read(answers: Answers) -> Save:
        site, known = read_site(connection, answers, plots), answers.known_day("day")
        last_known = answers.known_day("last_day") if answers.text("last_day") else None
        until = None if last_known is None else last_known.after
        change = change_of(answers, known)
        save = _save(history, lambda held: move(held, key, site, change, known.precision, until=until))
        return replace(save, on=until)

    example = gettext("The company leaves this place for another one in the parks.")
    return _form(gettext("Move within the park"), example, questions, read, history)


def departure_form(history: CompanyHistory) -> CaseForm:
    """Ask for the last day of a company."""
    questions = (_day_question("last_day", gettext("Last day")), reason_question())

    def read(answers: Answers) -> Save:
        known = answers.known_day("last_day")
        gone = known and KnownDay(known.after, known.precision)
        change = change_of(answers, gone)
        return _save(history, lambda held: depart(held, history.thing.key, change, gone.precision))

    example = gettext(
        "The company leaves all its places; their plots are vacant then, unless others use them, too."
    )
    return _form(gettext("Departure from the parks"), example, questions, read, history)


def succession_form(connection: Connection, history: CompanyHistory, key: str) -> CaseForm:
    """Ask who follows a company at one of its places."""
    history.place(key)
    others = proposed(connection, "companies", lambda: _others(connection, history.thing.key))
    kinds = [(str(one), gettext(SUCCESSION_NAMES[one])) for one in SuccessionKind]
    questions = (
        Question(
            "successor",
            gettext("Successor"),
            "search",
            gettext("One of the companies there are, or the name of a new one."),
            others,
            is_required=True,
        ),
        Question("kind", gettext("Kind of succession"), "choice", "", kinds, is_required=True),
        _day_question("day", gettext("First day of the successor")),
        reason_question(),
    )

    def read(answers: Answers) -> Save:
        known, name = answers.known_day("day"), answers.required("successor")
        kind = answers.read("kind", _succession_kind)
        change = change_of(answers, known)
        who = company_named(connection, name) or NewCompany({"name": name})
        if who == history.thing.key:
            problem = InputError(
                N_("A company cannot follow itself; its new name is a change of its details.")
            )
            answers.problems["successor"] = problem
        return _save(history, lambda held: succeed(held, key, who, kind, change, precision=known.precision))

    example = gettext(
        "Another company follows at this place: on its first day the one is gone and the other there."
    )
    return _form(gettext("Succession"), example, questions, read, history)


def day_form(history: CompanyHistory) -> CaseForm:
    """Ask which first or last day of a company was wrong, and for the right one."""
    places = [(place(key), key, versions) for key, versions in history.places.items()]
    form = boundary_form(boundaries_of([(history.thing, history.name, history.versions), *places]), history)
    return of_company(form, history)


# Each recorded first and last day: of what, its day in the store, and in words.
Boundaries = Mapping[str, tuple[Thing, date, str]]


def boundary_form(boundaries: Boundaries, history: CompanyHistory | None = None) -> CaseForm:
    """Ask which day was wrong, and for the right one."""
    options = [(value, words) for value, (_, _, words) in boundaries.items()]
    hint = gettext("Of a last day the right last day. What was saved together moves together.")
    questions = (
        Question("boundary", gettext("Which day is wrong?"), "choice", "", options, is_required=True),
        Question("day", gettext("The right day"), "day", hint, is_required=True),
        reason_question(),
    )

    def chosen(typed: str) -> tuple[Thing, date, str]:
        if typed not in boundaries:
            raise InputError(N_("Choose one of the days in the list."))
        return boundaries[typed]

    def read(answers: Answers) -> Save:
        boundary, known = answers.read("boundary", chosen), answers.known_day("day")
        if answers.problems:
            return Save(_nothing)
        thing, day, _ = boundary
        to = known.after if answers.required("boundary").startswith(LAST) else known.first
        change = replace(own_change(answers.text("reason"), BusinessCase.DAY), day=day)
        companies = () if history is None else (history.thing.key,)
        return Save(lambda held: correct_day(held, thing, to, change, precision=known.precision), companies)

    example = gettext("Something began or ended on another day than was recorded.")
    return CaseForm(gettext("Correct a day"), example, questions, read)


def boundaries_of(things: Sequence[tuple[Thing, str, Sequence[Version]]]) -> Boundaries:
    """Return each recorded first and last day of things, given with their names and versions."""
    found = {}
    for thing, name, versions in things:
        key = "" if thing.kind is COMPANY else thing.key
        begins = {one.starts for one in versions if one.starts}
        ends = {one.ends for one in versions if one.ends} - begins
        for side, day in sorted([*((FIRST, day) for day in begins), *((LAST, day) for day in ends)]):
            words = (
                gettext("first day %(day)s", day=day_words(day))
                if side == FIRST
                else gettext("last day %(day)s", day=day_words(day - timedelta(days=1)))
            )
            found[f"{side} {day.isoformat()} {key}"] = (
                thing,
                day,
                f"{name}: {words}",
            )
    return found


def _form(
    title: str,
    example: str,
    questions: Sequence[Question],
    read: Callable[[Answers], Save],
    history: CompanyHistory,
) -> CaseForm:
    return of_company(CaseForm(title, example, tuple(questions), read), history)


def _nothing(_: Connection) -> int:
    raise AssertionError  # what is refused is not saved


def _save(history: CompanyHistory, act: Act) -> Save:
    return Save(act, (history.thing.key,))


def _day_question(name: str, label: str) -> Question:
    return Question(name, label, "day", day_hint(), is_required=True)


def _succession_kind(typed: str) -> SuccessionKind:
    try:
        return SuccessionKind(typed)
    except ValueError:
        raise InputError(N_("Choose one of the kinds.")) from None


def _others(connection: Connection, but: str) -> list[tuple[str, str]]:
    """Return name and key of all companies but one."""
    return [(name, key) for key, name in company_names(connection).items() if key != but]


def _check_new(connection: Connection, typed: str) -> None:
    if company_named(connection, typed) is not None:
        raise ConflictError(
            N_("There is a company “%(name)s” already: where it uses one more place, that is an expansion."),
            name=typed,
        )
