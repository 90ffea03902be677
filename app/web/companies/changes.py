"""What was changed, by whom: one's own changes and all of them, each with its undo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from app.db.change_sets import Recorded, RowChange, change_set, row_changes
from app.db.companies.attributes import company_names
from app.db.land.parks import check_park, park_names
from app.db.listed_changes import Listed, Wanted, listed_changes, people_who_changed
from app.domain.checked import whole_number
from app.domain.kinds import AccessRole, BusinessCase
from app.domain.localizer import localizer_for
from app.domain.period import day_of, parse_day
from app.errors import N_, AppError, ForbiddenError, InputError, NotFoundError, outcome
from app.request import connection, role, staff_name, writing
from app.services.companies.things import KINDS, Thing, thing_of_image
from app.services.companies.undoing import Blocker, blockers, restore, undo
from app.web.companies.differences import row_differences
from app.web.companies.forms import own_change
from app.web.companies.words import CASE_NAMES, INTENT_NAMES, TABLE_NAMES
from app.web.formats import day_words
from app.web.known import instant_text
from app.web.language import language

blueprint = Blueprint("changes", __name__, url_prefix="/changes")

View = str | Response | tuple[str, int]
_N_A_PAGE = 50
_PAGES = {"facility": "facilities.show", "walkway": "ways.show"}
_FILTERS = ("person", "park", "plot", "facility", "day", "case")


@dataclass(frozen=True)
class ChangeLine:
    """A change set as a list shows it; `is_own` where the reader may undo it.

    `things` are address and name of the ways, facilities and parks that it touched.
    """

    listed: Listed
    case: str
    intent: str
    names: list[tuple[str, str]]
    things: list[tuple[str, str]]
    is_own: bool

    @property
    def recorded(self) -> Recorded:
        """The change set."""
        return self.listed.recorded

    @property
    def since(self) -> str:
        """From which day on it holds; of who leaves the last day, as people say it."""
        day = self.recorded.day
        if day is None:
            return ""
        if self.recorded.business_case == BusinessCase.DEPARTURE:
            return str(gettext("last day %(day)s", day=day_words(day - timedelta(days=1))))
        return str(gettext("as of %(day)s", day=day_words(day)))


def lines_of(held: Connection, changes: Iterable[Listed]) -> list[ChangeLine]:
    """Return change sets as a list shows them."""
    changes = list(changes)
    called = company_names(held, {key for each in changes for key in each.companies})
    return [
        ChangeLine(
            each,
            gettext(CASE_NAMES[each.recorded.business_case]),
            gettext(INTENT_NAMES[each.recorded.intent]) if each.recorded.intent else "",
            [(key, called[key]) for key in each.companies if key in called],
            [(_address(table, key), name or key) for table, key, name in each.things],
            _may_undo(each.recorded),
        )
        for each in changes
    ]


def _address(table: str, key: str) -> str:
    if table == "park_version":
        return url_for("land.index", park=key)
    return url_for(_PAGES[table], key=key)


def _may_undo(recorded: Recorded) -> bool:
    return recorded.person == staff_name() or role().includes(AccessRole.ADMIN)


@blueprint.get("/saved")
def index() -> str:
    """List the reader's own changes; with ``?whose=all`` those of all, by person, park, thing, day, case."""
    held, is_all = connection(), request.args.get("whose") == "all"
    wanted = _wanted(held) if is_all else Wanted(person=staff_name(), before=_before())
    found = listed_changes(held, wanted, _N_A_PAGE + 1)
    return render_template(
        "companies/changes.html",
        lines=lines_of(held, found[:_N_A_PAGE]),
        older=found[_N_A_PAGE - 1].recorded.change_set_id if len(found) > _N_A_PAGE else None,
        is_all=is_all,
        wanted=wanted,
        people=people_who_changed(held) if is_all else [],
        parks=park_names(held),
        cases={case: gettext(words) for case, words in CASE_NAMES.items()},
    )


def _wanted(held: Connection) -> Wanted:
    """Read the filter of the address."""
    given = {name: request.args.get(name, "").strip() or None for name in _FILTERS}
    check_park(held, given["park"])
    if given["person"] is not None and given["person"] not in people_who_changed(held):
        raise NotFoundError(N_("Nobody called “%(name)s” has changed anything."), name=given["person"][:40])
    if given["case"] is not None and given["case"] not in list(BusinessCase):
        raise InputError(N_("There is no business case “%(case)s”."), case=given["case"][:40])
    return Wanted(
        person=given["person"],
        park=given["park"],
        plot=given["plot"],
        facility=given["facility"],
        recorded_on=parse_day(given["day"]) if given["day"] else None,
        business_case=BusinessCase(given["case"]) if given["case"] else None,
        before=_before(),
    )


def _before() -> int | None:
    return whole_number(request.args.get("before", ""))


@blueprint.get("/<int:number>")
def show(number: int) -> View:
    """Show what a change did, row by row, and what stands in the way of undoing it."""
    return _page(number)


@blueprint.post("/<int:number>/undo")
def take_back(number: int) -> View:
    """Undo a change as a change of its own."""
    try:
        _check_own(change_set(connection(), number))
        with writing() as held:
            made = undo(held, number, own_change(_reason()))
    except AppError as error:
        return _page(number, error)
    flash(gettext("Undone; this is the change that did it. Undo it, too, and the first one holds again."))
    return redirect(url_for("changes.show", number=made))


@blueprint.post("/<int:number>/restore")
def give_back(number: int) -> View:
    """Make a thing what was recorded of it before a change."""
    try:
        thing = _thing(number, request.form.get("thing", ""))
        before = change_set(connection(), number).recorded_at - timedelta(microseconds=1)
        with writing() as held:
            made = restore(held, thing, before, own_change(_reason(), BusinessCase.RESTORE))
    except AppError as error:
        return _page(number, error)
    flash(gettext("Restored as it was recorded before."))
    return redirect(url_for("changes.show", number=made))


def _reason() -> str | None:
    return " ".join(request.form.get("reason", "").split())[:200] or None


def _check_own(recorded: Recorded) -> None:
    """Refuse to take back what a colleague did.

    Raises
    ------
    ForbiddenError
    """
    if not _may_undo(recorded):
        raise ForbiddenError(N_("Only %(person)s or an admin can undo this."), person=recorded.person)


def _thing(number: int, typed: str) -> Thing:
    found = {_value_of(thing): thing for thing in _things(row_changes(connection(), number))}
    if typed not in found:
        raise NotFoundError(N_("This change has not touched “%(thing)s”."), thing=typed[:60])
    return found[typed]


def _things(changes: Iterable[RowChange]) -> list[Thing]:
    """Return the things whose versions a change has touched and that were recorded before."""
    versioned = [row for row in changes if row.table in KINDS and row.before is not None]
    return list(dict.fromkeys(thing_of_image(KINDS[row.table], row.image) for row in versioned))


def _value_of(thing: Thing) -> str:
    return f"{thing.kind.table} {thing.identity}"


def _page(number: int, error: AppError | None = None) -> View:
    held = connection()
    recorded, changes = change_set(held, number), row_changes(held, number)
    [line] = lines_of(held, [_listed(held, recorded)])
    found = [] if line.listed.undone_by else blockers(held, number)
    page = render_template(
        "companies/change.html",
        line=line,
        before=instant_text(recorded.recorded_at - timedelta(microseconds=1)),
        differences=row_differences(held, changes),
        blockers=[_sentence(each) for each in found],
        things=[
            (_value_of(each), each.key, gettext(TABLE_NAMES[each.kind.table])) for each in _things(changes)
        ],
        problem=None if error is None else localizer_for(language()).error_text(error),
        is_empty=not changes,
        person=current_user.name,
    )
    return page, 200 if error is None else outcome(error).http_status


def _listed(held: Connection, recorded: Recorded) -> Listed:
    found = listed_changes(held, Wanted(before=recorded.change_set_id + 1), 1)
    is_it = bool(found) and found[0].recorded == recorded
    return found[0] if is_it else Listed(recorded, (), None)


def _sentence(blocker: Blocker) -> str:
    kind = TABLE_NAMES.get(blocker.table)
    what = f"{gettext(kind) if kind else blocker.table} {blocker.name}"
    if blocker.by is None:
        return str(gettext("%(what)s was changed since.", what=what))
    day = localizer_for(language()).day(day_of(blocker.by.recorded_at))
    template = N_("%(what)s was changed since, on %(day)s by %(person)s.")
    return str(gettext(template, what=what, day=day, person=blocker.by.person))
