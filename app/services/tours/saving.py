"""Tours that staff plan: saved with their request and plan, copied, published, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.tours import Plan
from app.db.changes import lock_tours
from app.db.land.parks import park_ids
from app.db.tours.records import leg_rows, tour_row
from app.db.tours.saved import change_tour, delete_stored, free_key, insert_tour, meeting_of, saved_row
from app.domain.kinds import TimeBasis, TourStatus
from app.domain.period import PARK_ZONE
from app.domain.tour_requests import parse_request
from app.errors import N_, ConflictError, DataError, InputError
from app.services.tours.keys import changed_key, draft_key, wanted_key
from app.services.tours.planning.plans import PlanningTask, make_task, solve_task
from app.services.tours.replanning import store_plan
from app.services.tours.timetables import tour_plan

LONGEST_TITLE = 200

# What is held while a tour request is planned, and given back before anything is waited for.
Capacity = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class SavedTour:
    """A stored tour as its planner goes on with it."""

    key: str
    title: str
    status: str
    version: int
    request: Mapping[str, Any]
    note: str | None = None


def save_tour(
    connection: Connection, given: Any, title: Any, *, capacity: Capacity = nullcontext
) -> SavedTour:
    """Store a tour request with its plan as a new draft.

    A tour request that cannot be met is stored, too, to be changed later; it cannot be published.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit; `act_as` names who saves.
    given : object
        The request as JSON values.
    title : object
        Text that is not blank.
    capacity : callable
        Makes what is to be held while the request is planned. Nobody else is waited for meanwhile: who waits
        to write must not keep others from planning.

    Raises
    ------
    DataError, NotFoundError, TooLargeError, InputError
        As `parse_request` and `make_task`; for a title that is none.
    """
    return _save(connection, given, title, capacity)


def _save(
    connection: Connection, given: Any, title: Any, capacity: Capacity, own_key: str | None = None
) -> SavedTour:
    name, request = _title(title), parse_request(given)
    with capacity():
        task = make_task(connection, request)
        plan = solve_task(task)
    lock_tours(connection)
    key = free_key(connection, own_key or wanted_key(name, request.on))
    values = {**_own_values(connection, task, plan), "key": key, "title": name}
    store_plan(connection, insert_tour(connection, values), task, plan)
    return SavedTour(key, name, TourStatus.DRAFT.value, 1, request.given)


def resave_tour(  # noqa: PLR0913  what is saved, over what, and how
    connection: Connection,
    key: str,
    given: Any,
    title: Any,
    version: Any,
    *,
    capacity: Capacity = nullcontext,
) -> SavedTour:
    """Store a changed request with its plan in the place of a tour's; for `capacity` see `save_tour`.

    Raises
    ------
    ConflictError
        When the stored tour is not of `version` any more: somebody else changed it; or when it is
        published and the request cannot be met. Nothing is changed then.
    NotFoundError, DataError, TooLargeError, InputError
        As `save_tour`; when there is no tour of this key.
    """
    name, request = _title(title), parse_request(given)
    _check_version(saved_row(connection, key), version)
    with capacity():
        task = make_task(connection, request, key)
        plan = solve_task(task)
    # Nobody waits while it is solved; so what was seen before is looked at again.
    stored = saved_row(connection, key, is_to_change=True)
    _check_version(stored, version)
    if stored["status"] == TourStatus.PUBLISHED and len(plan.visits) < 2:
        raise ConflictError(
            N_("A published tour must stay feasible; withdraw it first, or change the request.")
        )
    values = {**_own_values(connection, task, plan), "title": name}
    risen = change_tour(connection, stored["tour_id"], **values)
    store_plan(connection, stored["tour_id"], task, plan)
    return SavedTour(key, name, stored["status"], risen, request.given)


def copy_tour(connection: Connection, key: str, title: str, *, capacity: Capacity = nullcontext) -> SavedTour:
    """Store a tour's request as a new draft called `title`, under a key that holds neither name nor day.

    What is copied is to become another tour: the key that its title and day ask for it gets when it is
    published.

    Raises
    ------
    NotFoundError
        When there is no tour of this key; as `save_tour`.
    """
    request = saved_tour(connection, key).request
    return _save(connection, request, title[:LONGEST_TITLE], capacity, draft_key())


def publish_tour(connection: Connection, key: str, version: int | None = None) -> SavedTour:
    """Show a tour to everybody; the first time it gets the key that its title and day ask for.

    Parameters
    ----------
    connection : Connection
    key : str
    version : int, optional
        The one that was seen; without it the tour is published as it is.

    Raises
    ------
    ConflictError
        When it is not planned; when it is not of `version` any more.
    NotFoundError
        When there is no tour of this key.
    """
    stored = _seen(connection, key, version)
    if not leg_rows(connection, stored["tour_id"]):
        raise ConflictError(N_("This tour cannot be published: it has no plan with at least two stops."))
    on = tour_row(connection, key)["starts_at"].astimezone(PARK_ZONE).date()
    values = changed_key(connection, stored, stored["title"], on)
    return _with_status(connection, stored, TourStatus.PUBLISHED, **values)


def withdraw_tour(connection: Connection, key: str, version: int | None = None) -> SavedTour:
    """Call a published tour off; calendars that took it learn of it.

    Raises
    ------
    ConflictError
        When it is not published; when it is not of `version` any more.
    NotFoundError
        When there is no tour of this key.
    """
    stored = _seen(connection, key, version)
    if stored["status"] == TourStatus.DRAFT:
        raise ConflictError(N_("This tour cannot be withdrawn: it is not published."))
    if stored["status"] == TourStatus.WITHDRAWN:
        return _with_status(connection, stored, TourStatus.WITHDRAWN)
    return _with_status(connection, stored, TourStatus.WITHDRAWN, called_off=_known(connection, key))


def _seen(connection: Connection, key: str, version: int | None) -> RowMapping:
    """Return a tour that is to change; who gets its next version must have seen the last one."""
    stored = saved_row(connection, key, is_to_change=True)
    if version is not None:
        _check_version(stored, version)
    return stored


def _known(connection: Connection, key: str) -> dict[str, str]:
    """Return what calendars know of a public tour; what it is changed into afterwards is nobody's to read."""
    tour = tour_row(connection, key)
    starts_at = ends_at = tour["starts_at"]
    if leg_rows(connection, tour["tour_id"]):
        ends_at = tour_plan(connection, key).ends_at
    return {"title": tour["title"], "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


def delete_tour(connection: Connection, key: str, version: Any) -> None:
    """Delete a draft or a withdrawn tour for good; the record of changes keeps what it was.

    Raises
    ------
    ConflictError
        When it is published, or a meeting refers to it; when it is not of `version` any more.
    NotFoundError, InputError
        When there is no tour of this key; for a version that is no number.
    """
    stored = saved_row(connection, key, is_to_change=True)
    if stored["status"] == TourStatus.PUBLISHED:
        raise ConflictError(N_("A published tour cannot be deleted; withdraw it first."))
    _check_version(stored, version)
    meeting = meeting_of(connection, stored["tour_id"])
    if meeting is not None:
        raise ConflictError(
            N_("This tour cannot be deleted: it belongs to the meeting “%(title)s”."), title=meeting
        )
    delete_stored(connection, stored["tour_id"])


def _with_status(connection: Connection, stored: RowMapping, status: TourStatus, **values: Any) -> SavedTour:
    """Return the tour in a status; nothing is changed where it has it already."""
    key, version = stored["key"], stored["version"]
    if stored["status"] != status:
        changed = {"called_off": None, **values, "status": status.value}
        key, version = values.get("key", key), change_tour(connection, stored["tour_id"], **changed)
    return replace(saved_tour(connection, key), status=status.value, version=version)


def saved_tour(connection: Connection, key: str) -> SavedTour:
    """Return a stored tour with its request.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    """
    row = saved_row(connection, key)
    return SavedTour(key, row["title"], row["status"], row["version"], row["wish"], row["note"])


def _own_values(connection: Connection, task: PlanningTask, plan: Plan) -> dict[str, Any]:
    request = task.request
    return {
        "park_id": park_ids(connection)[request.park],
        "starts_at": request.clock.instant(plan.starts_s if plan.visits else request.starts_s),
        "time_basis": TimeBasis.PLANNED.value,
        "pace_m_s": task.options.profile.pace_m_s,
        "is_round": request.is_round,
        "group_size": request.group_size,
        "wish": dict(request.given),
    }


def _check_version(stored: RowMapping, version: Any) -> None:
    if type(version) is not int:
        raise InputError(N_("Name the version of the tour that was changed."))
    if stored["version"] != version:
        raise ConflictError(
            N_("Somebody else has changed this tour in the meantime; reload it, or save yours as a copy."),
        )


def _title(title: Any) -> str:
    if isinstance(title, str):
        # They come with what is pasted from a letter, and look like the plain one.
        title = re.sub("[\u00a0\u2007\u202f]", " ", title)
    if (
        not isinstance(title, str)
        or not title.strip()
        or len(title) > LONGEST_TITLE
        or not title.isprintable()
    ):
        raise DataError(N_("A tour needs a title of up to %(most)s characters."), most=LONGEST_TITLE)
    return str(title).strip()
