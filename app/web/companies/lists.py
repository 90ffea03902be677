"""Lists of companies: uploaded, their columns named, every row looked at, saved as one change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.db.changes import Change
from app.db.companies.attributes import company_names
from app.db.companies.lists import own_lists, remembered_columns, remove_list
from app.domain.checked import whole_number
from app.domain.kinds import BusinessCase, Intent, Precision, WzEdition
from app.domain.localizer import localizer_for
from app.domain.period import KnownDay, parse_known_day, today
from app.errors import N_, AppError, InputError, outcome
from app.exchange.companies.columns import (
    FIELDS,
    ListRow,
    check_fields,
    guess_fields,
    read_rows,
    remembered_fields,
)
from app.exchange.companies.sheets import MOST_BYTES, MOST_ROWS
from app.maps.styles import RELATION_STYLES
from app.request import connection, now, writing
from app.services.companies.list_saving import save_rows
from app.services.companies.lists import (
    NEW_FIRM,
    SAME,
    SAME_RENAMED,
    SKIP,
    MatchedRow,
    RowKind,
    match_rows,
)
from app.services.companies.preview import Consequences, preview
from app.services.companies.uploads import (
    Upload,
    examples,
    keep_list,
    kept_list,
    note_answers,
    note_choices,
)
from app.web.companies.details import day_hint, reason_question
from app.web.companies.differences import public_differences
from app.web.companies.forms import Answers, Question, own_change
from app.web.companies.saving import PREVIEW, SAVE, View, digest
from app.web.formats import day_words
from app.web.language import language

blueprint = Blueprint("lists", __name__, url_prefix="/lists")

_N_A_PAGE = 100
# Of more rows what follows for neighbors is not worked out before saving.
_MOST_FOLLOWED = 300
_MOST_SHOWN = 100
_LONGEST_NAME = 120
# Decisions first, then what is done, then what is not.
_ORDER = (
    RowKind.UNDECIDED,
    RowKind.CHANGED,
    RowKind.NEW,
    RowKind.UNREADABLE,
    RowKind.SKIPPED,
    RowKind.UNCHANGED,
)
KIND_NAMES = {
    RowKind.UNDECIDED: N_("Perhaps stored already"),
    RowKind.CHANGED: N_("Changed"),
    RowKind.NEW: N_("New"),
    RowKind.UNREADABLE: N_("Cannot be taken"),
    RowKind.SKIPPED: N_("Left out"),
    RowKind.UNCHANGED: N_("Unchanged"),
}


@blueprint.url_value_preprocessor
def allow_file(endpoint: str | None, _: object) -> None:
    """Let an upload be larger than other requests, before anything of it is read."""
    if endpoint == "lists.upload":
        request.max_content_length = current_app.config["MAX_UPLOAD_LENGTH"]


@blueprint.get("")
def index() -> View:
    """Ask for a list; show those that wait to be decided on."""
    return _index_page()


def _index_page(problem: AppError | None = None) -> View:
    told = localizer_for(language()).error_text(problem) if problem else ""
    page = render_template(
        "companies/lists.html",
        lists=own_lists(connection(), _staff_id(), now()),
        problem=told,
        most_mb=MOST_BYTES // 2**20,
        most_rows=MOST_ROWS,
    )
    return page, outcome(problem).http_status if problem else 200


@blueprint.post("")
def upload() -> View:
    """Take a list."""
    given = request.files.get("file")
    try:
        name, content = _content_of(given)
        with writing() as held:
            number = keep_list(held, _staff_id(), name, content, now())
    except AppError as error:
        return _index_page(error)
    return redirect(url_for("lists.columns", number=number))


def _content_of(given: FileStorage | None) -> tuple[str, bytes]:
    if given is None or not given.filename:
        raise InputError(N_("Choose a file first."))
    whole = given.filename.replace("\\", "/").rpartition("/")[2]
    name = " ".join("".join(one for one in whole if one.isprintable()).split())[-_LONGEST_NAME:]
    with given.stream as stream:
        return name or "?", stream.read()


@blueprint.route("/<int:number>/columns", methods=("GET", "POST"))
def columns(number: int) -> View:
    """Ask what the columns mean, and what of the list holds as a whole."""
    found = kept_list(connection(), _staff_id(), number, now())
    answers = Answers(request.form.to_dict())
    if request.method == "GET":
        return _columns_page(found, answers, _fields_of(found))
    fields = [request.form.get(f"column-{n}", "") for n in range(len(found.sheet.header))]
    fields = [field if field in FIELDS else "" for field in fields]
    answers.read("columns", lambda _: check_fields(fields))
    _read_intent(answers)
    if answers.problems:
        return _columns_page(found, answers, fields)
    said = {name: answers.text(name) or "" for name in ("intent", "day", "edition", "reason")}
    with writing() as held:
        remembered = remembered_fields(found.sheet.header, fields)
        note_answers(held, _staff_id(), found, {**said, "fields": fields}, remembered)
    return redirect(url_for("lists.show", number=number))


def _fields_of(found: Upload) -> Sequence[str | None]:
    if found.answers is not None:
        return list(found.answers["fields"])
    return guess_fields(found.sheet.header, remembered_columns(connection(), _staff_id()))


def _read_intent(answers: Answers) -> None:
    if answers.read("intent", _intent) is Intent.CHANGE:
        answers.known_day("day")
    answers.read("edition", _edition)


def _intent(typed: str) -> Intent:
    if typed not in list(Intent):
        raise InputError(N_("Choose one of the two."))
    return Intent(typed)


def _edition(typed: str) -> WzEdition:
    if typed not in list(WzEdition):
        raise InputError(N_("Choose one of the editions."))
    return WzEdition(typed)


def _questions(found: Upload) -> list[Question]:
    said = found.answers or {"intent": Intent.CORRECT, "day": "", "edition": WzEdition.WZ2008, "reason": ""}
    intents = [
        (str(Intent.CORRECT), gettext("It was never so: correct what is stored")),
        (str(Intent.CHANGE), gettext("It is otherwise since a day: change what is stored")),
    ]
    editions = [(str(one), f"WZ {one}") for one in WzEdition]
    kind_hint = gettext(
        "New companies are not touched by it: of them the list says since when, or nobody knows."
    )
    reason = reason_question()
    return [
        Question(
            "intent",
            gettext("What the list says otherwise than is stored"),
            "choice",
            kind_hint,
            intents,
            is_required=True,
            given=said["intent"],
        ),
        Question(
            "day",
            gettext("Since when is it so?"),
            "day",
            gettext("Only for a change, asked once for the whole list.") + " " + day_hint(),
            given=said["day"],
        ),
        Question(
            "edition",
            gettext("Edition of the WZ code"),
            "choice",
            gettext("Where no column says it."),
            editions,
            is_required=True,
            given=said["edition"],
        ),
        Question("reason", reason.label, hint=reason.hint, given=said["reason"]),
    ]


def _columns_page(found: Upload, answers: Answers, fields: Sequence[str | None]) -> View:
    problems = {name: localizer_for(language()).error_text(error) for name, error in answers.problems.items()}
    page = render_template(
        "companies/list_columns.html",
        found=found,
        columns=list(zip(found.sheet.header, fields, examples(found.sheet), strict=True)),
        fields={name: gettext(title) for name, (title, _) in FIELDS.items()},
        questions=_questions(found),
        answers=answers,
        problems=problems,
    )
    return page, max((outcome(error).http_status for error in answers.problems.values()), default=200)


@dataclass(frozen=True)
class _Asked:
    """What is to be done with a list: its rows as they are read, and how changes are meant."""

    rows: list[ListRow]
    known: KnownDay
    change: Change


def _asked(found: Upload) -> _Asked:
    assert found.answers is not None  # noqa: S101  else its columns are asked for first
    said = found.answers
    intent = Intent(said["intent"])
    is_change = intent is Intent.CHANGE
    known = parse_known_day(said["day"]) if is_change else KnownDay(today(), Precision.DAY)
    told = " · ".join(filter(None, (found.name, said["reason"])))
    change = own_change(told, BusinessCase.LIST)
    rows = read_rows(found.sheet, said["fields"], WzEdition(said["edition"]))
    return _Asked(rows, known, _meant(change, intent, known.first))


def _meant(change: Change, intent: Intent, day: date) -> Change:
    return Change(
        change.person,
        change.business_case,
        intent=intent,
        day=day,
        reason=change.reason,
        organization=change.organization,
    )


@blueprint.route("/<int:number>", methods=("GET", "POST"))
def show(number: int) -> View:
    """Show what each row would do; what follows of those that are taken; save them."""
    found = kept_list(connection(), _staff_id(), number, now())
    if found.answers is None:
        return redirect(url_for("lists.columns", number=number))
    if request.method == "GET":
        return _rows_page(connection(), found, _asked(found), found.choices)
    with writing() as held:
        choices = note_choices(held, found, _choices())
    asked, step = _asked(found), request.form.get("step", "")
    if step not in (PREVIEW, SAVE):
        page = request.form.get("go", "1")
        return redirect(url_for("lists.show", number=number, page=whole_number(page)))
    return _followed(found, asked, choices, is_save=step == SAVE)


def _choices() -> dict[int, str]:
    """Return what the form says of the rows that it shows."""
    shown = [number for number in map(whole_number, request.form.getlist("row")) if number is not None]
    taken = set(request.form.getlist("take"))
    said = {}
    for number in shown:
        choice = request.form.get(f"choice-{number}")
        said[number] = choice if choice is not None else "" if str(number) in taken else SKIP
    return said


def _followed(found: Upload, asked: _Asked, choices: Mapping[int, str], *, is_save: bool) -> View:
    """Show what follows; save it where that was seen."""
    rows: list[MatchedRow] = []

    def act(held: Connection) -> int:
        rows[:] = match_rows(held, asked.rows, asked.known.first, choices)
        return save_rows(held, rows, asked.known, asked.change)

    try:
        with writing() as held:
            rows[:] = match_rows(held, asked.rows, asked.known.first, choices)
            n_taken = sum(row.kind in (RowKind.NEW, RowKind.CHANGED) for row in rows)
            if not n_taken:
                raise InputError(N_("No row is taken: there is nothing to save."))
            follows = preview(held, act, ()) if n_taken <= _MOST_FOLLOWED else None
            seen = digest((rows, follows))
            made = act(held) if is_save and request.form.get("seen") == seen else None
            if made is not None:
                remove_list(held, found.number)
    except AppError as error:
        return _rows_page(connection(), found, asked, choices, error)
    if made is None:
        return _follows_page(found, rows, follows, seen, is_other=is_save)
    flash(gettext("Saved: %(what)s.", what=gettext("list “%(name)s”", name=found.name)))
    return redirect(url_for("changes.show", number=made))


def _follows_page(
    found: Upload, rows: Sequence[MatchedRow], follows: Consequences | None, seen: str, *, is_other: bool
) -> str:
    names = company_names(connection())
    if follows is not None:
        names = follows.names | names
    public = public_differences(follows) if follows is not None else []
    return render_template(
        "companies/list_follows.html",
        found=found,
        counts=_counts(rows),
        kinds=_kind_names(),
        without_place=[row for row in rows if row.kind is RowKind.NEW and row.site is None],
        follows=follows,
        names=names,
        relations={kind: gettext(str(style["label"])) for kind, style in RELATION_STYLES.items()},
        public=public[:_MOST_SHOWN],
        n_more=max(len(public) - _MOST_SHOWN, 0),
        seen=seen,
        is_other=is_other,
    )


def _rows_page(
    held: Connection,
    found: Upload,
    asked: _Asked,
    choices: Mapping[int, str],
    problem: AppError | None = None,
) -> View:
    rows = match_rows(held, asked.rows, asked.known.first, choices)
    rows.sort(key=lambda row: (_ORDER.index(row.kind), row.row.number))
    given = whole_number(request.args.get("page", ""))
    n_pages = max(-(-len(rows) // _N_A_PAGE), 1)
    number = min(max(given or 1, 1), n_pages)
    shown, localizer = rows[(number - 1) * _N_A_PAGE : number * _N_A_PAGE], localizer_for(language())
    page = render_template(
        "companies/list_rows.html",
        found=found,
        groups=[(kind, list(some)) for kind, some in groupby(shown, lambda row: row.kind)],
        counts=_counts(rows),
        kinds=_kind_names(),
        choices=choices,
        options=_options(company_names(held)),
        fields={name: gettext(title) for name, (title, _) in FIELDS.items()},
        told=localizer.error_text,
        words=_words,
        problem=localizer.error_text(problem) if problem else "",
        page=number,
        n_pages=n_pages,
        is_change=asked.change.intent is Intent.CHANGE,
        day=asked.known.first,
    )
    return page, outcome(problem).http_status if problem else 200


def _options(names: Mapping[str, str]) -> object:
    def options(row: MatchedRow) -> list[tuple[str, str]]:
        """Return what can be said of a row that may mean a stored company."""
        found = [("", gettext("undecided: not taken"))]
        for key in row.candidates:
            found.append((f"{SAME}:{key}", gettext("is “%(name)s”, whose name stays", name=names[key])))
            if row.name != names[key]:
                found.append(
                    (
                        f"{SAME_RENAMED}:{key}",
                        gettext("is “%(name)s”, under the list's name", name=names[key]),
                    )
                )
        return [*found, (NEW_FIRM, gettext("is a new company")), (SKIP, gettext("leave out"))]

    return options


def _words(value: str | KnownDay) -> str:
    return value if isinstance(value, str) else day_words(value.first, value.precision)


def _counts(rows: Sequence[MatchedRow]) -> dict[RowKind, int]:
    counted = Counter(row.kind for row in rows)
    return {kind: counted[kind] for kind in _ORDER if counted[kind]}


def _kind_names() -> dict[RowKind, str]:
    return {kind: gettext(words) for kind, words in KIND_NAMES.items()}


@blueprint.post("/<int:number>/discard")
def discard(number: int) -> Response:
    """Throw a list away."""
    kept_list(connection(), _staff_id(), number, now())
    with writing() as held:
        remove_list(held, number)
    flash(gettext("The list is thrown away; nothing of it was saved."))
    return redirect(url_for("lists.index"))


def _staff_id() -> int:
    return int(current_user.person.staff_id)
