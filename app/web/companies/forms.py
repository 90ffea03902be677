"""Forms: what they ask, what was typed, and what of it is refused, beside the very field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import url_for

from app.db.change_sets import Recorded
from app.db.changes import Change
from app.db.listed_changes import Wanted
from app.domain.checked import whole_number
from app.domain.kinds import BusinessCase, Intent
from app.domain.period import KnownDay, parse_known_day
from app.errors import N_, AppError, InputError
from app.request import staff_change
from app.services.companies.preview import Act

LONGEST = 500


@dataclass(frozen=True)
class Question:
    """One field of a form.

    Attributes
    ----------
    name, label, hint : str
    kind : str
        ``text``, ``day`` (as `app.domain.period` reads it), ``choice``, ``search`` (any text, the options
        are proposed) or ``tick``.
    options : iterable of tuple of str
        Value and name of what can be chosen; gone through only where the field is shown.
    is_required : bool
    given : str
        What stands in it before anything is typed.
    stored : str or None
        What is stored, where the form remembers that it showed it: only what a person changed is changed,
        and what others change meanwhile is not written over.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    options: Iterable[tuple[str, str]] = ()
    is_required: bool = False
    given: str = ""
    stored: str | None = None


THEIRS, MINE, BEFORE = "theirs", "mine", "before"
# Of what is true or false, where a person chooses.
YES, NO = "yes", "no"


@dataclass(frozen=True)
class FieldChoice:
    """What a person chooses from where others have saved another value of the same field, and who did."""

    before: str
    theirs: str
    mine: str
    by: Recorded | None = None


@dataclass
class Answers:
    """What was typed; by field why it is refused, and what there is to choose from."""

    typed: dict[str, str]
    problems: dict[str, AppError] = field(default_factory=dict)
    choices: dict[str, FieldChoice] = field(default_factory=dict)

    def settle(self, questions: Sequence[Question]) -> None:
        """Take what was chosen of theirs, mine and before; what was seen of theirs is what was shown."""
        for name in (question.name for question in questions if question.stored is not None):
            chosen = self.typed.get(f"choice-{name}")
            if chosen in (THEIRS, BEFORE):
                self.typed[name] = self.typed.get(f"{chosen}-{name}", "")
            if chosen in (THEIRS, MINE, BEFORE):
                self.typed[f"shown-{name}"] = self.typed.get(f"{THEIRS}-{name}", "")

    def text(self, name: str) -> str | None:
        """Return what was typed into a field, in one line; None of an empty one."""
        return " ".join(self.typed.get(name, "").split()) or None

    def read(self, name: str, reader: Callable[[str], Any]) -> Any:
        """Return what a reader makes of a field; after a refusal None, which nobody uses."""
        try:
            return reader(self.text(name) or "")
        except AppError as error:
            self.problems.setdefault(name, error)
            return None

    def required(self, name: str) -> str:
        """Return what was typed into a field that must not stay empty."""
        return str(self.read(name, _something))

    def known_day(self, name: str) -> KnownDay:
        """Return the day of a field."""
        found: KnownDay = self.read(name, lambda typed: parse_known_day(_something(typed)))
        return found

    def changed(self, questions: Sequence[Question]) -> set[str]:
        """Return which fields hold something else than the form showed at first."""
        names = [question.name for question in questions if question.stored is not None]
        return {name for name in names if self.text(name) != self.shown(name)}

    def shown(self, name: str) -> str | None:
        """Return what the form showed at first as what is stored."""
        return " ".join(self.typed.get(f"shown-{name}", "").split()) or None

    def value(self, question: Question) -> str:
        """Return what stands in a field when the form is shown."""
        return self.typed.get(question.name, "" if self.typed else question.given)

    def shown_now(self, question: Question) -> str:
        """Return what the form, shown again, remembers as stored."""
        return self.typed.get(f"shown-{question.name}", question.stored or "")

    def chosen(self) -> set[str]:
        """Return the fields of which a person chose another value than theirs."""
        names = {name.removeprefix("choice-") for name in self.typed if name.startswith("choice-")}
        return {name for name in names if self.typed[f"choice-{name}"] in (MINE, BEFORE)}

    def base(self, otherwise: int) -> int:
        """Return the last change set that was known when the form was shown first."""
        given = whole_number(self.typed.get("base", ""))
        return otherwise if given is None else given

    def check_lengths(self, questions: Sequence[Question]) -> None:
        """Refuse what no field of the page could hold."""
        for question in questions:
            if len(self.typed.get(question.name, "")) > LONGEST:
                self.problems[question.name] = InputError(
                    N_("That is too long: at most %(n)s characters."), n=LONGEST
                )


def _something(typed: str) -> str:
    if not typed:
        raise InputError(N_("Please fill in this field."))
    return typed


@dataclass(frozen=True)
class Save:
    """What a form saves: the act, which stored companies it concerns, and a day when all of it holds."""

    act: Act
    companies: tuple[str, ...] = ()
    on: date | None = None


@dataclass(frozen=True)
class Queue:
    """Forms that are filled in one after another: which this is, of how many; the address of the next one."""

    position: int
    length: int
    following: str


@dataclass(frozen=True)
class CaseForm:
    """A business case as a page asks for it.

    Attributes
    ----------
    title, example : str
    questions : tuple of Question
    read : callable
        Makes of answers what is to be saved; what it refuses stands in the answers' problems.
    company, name : str
        Key and name of the company; empty of a new one.
    is_correction : bool
        Whether it says what was never so.
    page : str
        Address of the page of what it is about, where that is no company.
    map : Mapping or None
        What a map beside the form fills in; see `app.web.map.edit_map`.
    queue : Queue or None
        The queue of which it is a part.
    base : int
        The last change set before what the form shows was read.
    park : str
        Key of the park where the company is; empty of a new one.
    about : Wanted or None
        Which change sets are of the same thing: what others save of it meanwhile, the person is told.
    """

    title: str
    example: str
    questions: tuple[Question, ...]
    read: Callable[[Answers], Save]
    company: str = ""
    name: str = ""
    is_correction: bool = False
    page: str = ""
    map: Mapping[str, Any] | None = None
    queue: Queue | None = None
    base: int = 0
    park: str = ""
    about: Wanted | None = None

    @property
    def back(self) -> str:
        """Where the form came from, and leads to when all is saved."""
        if self.page:
            return self.page
        return url_for("companies.show", key=self.company) if self.company else url_for("map.companies")


def change_of(answers: Answers, known: KnownDay | None, intent: Intent = Intent.CHANGE) -> Change:
    """Return what the person who is signed in says of a save; business cases put their own names to it."""
    return replace(
        own_change(answers.text("reason")), intent=intent, day=None if known is None else known.first
    )


def own_change(reason: str | None, business_case: BusinessCase = BusinessCase.ATTRIBUTES) -> Change:
    """Return a change by the person who is signed in."""
    return staff_change(business_case, reason)
