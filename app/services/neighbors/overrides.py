"""A person decides about a pair of plots, against the computed relation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app.db.changes import Change, begin_change_set
from app.db.neighbors.overrides import delete_override, delete_overrides, plot_id, store_override
from app.domain.kinds import BusinessCase, OverrideRelation
from app.domain.period import ALWAYS, Period
from app.errors import N_, ConflictError, InputError, NotFoundError


@dataclass(frozen=True)
class Override:
    """Two plots are neighbors of `relation` (or ``none``) during `period`: who says so, when, and why."""

    relation: OverrideRelation
    reason: str
    decided_by: str
    decided_on: date
    period: Period = ALWAYS


def add_override(
    connection: Connection, pair: tuple[str, str], override: Override, organization: str | None = None
) -> int:
    """Store an override of the pair of plots named by `pair`; return the change set.

    `organization` is that of the person who decides.

    Raises
    ------
    NotFoundError
        For a plot that does not exist.
    InputError
        For a plot paired with itself, or without a reason or a name.
    ConflictError
        Where another override of the pair holds on one of these days.
    """
    focal, neighbor = sorted(pair)
    focal_id, neighbor_id = _ids_of(connection, (focal, neighbor))
    if not override.reason.strip() or not override.decided_by.strip():
        raise InputError(N_("A decision needs a reason and the name of the person who makes it."))
    made = begin_change_set(
        connection,
        Change(
            override.decided_by,
            BusinessCase.DECISION,
            day=override.period.starts_on,
            reason=override.reason,
            organization=organization,
        ),
    )
    values = {
        "focal_plot_id": focal_id,
        "neighbor_plot_id": neighbor_id,
        "relation": override.relation,
        "reason": override.reason,
        "decided_by": override.decided_by,
        "decided_on": override.decided_on,
    }
    try:
        with connection.begin_nested():
            store_override(connection, values, override.period)
    except IntegrityError as error:
        raise ConflictError(
            N_(
                "There is already a decision about %(focal)s and %(neighbor)s in that period; "
                "withdraw it first."
            ),
            focal=focal,
            neighbor=neighbor,
        ) from error
    return made


def withdraw_override(connection: Connection, number: int, change: Change) -> int:
    """Delete one override, by its number, so that the computed relation holds again; return the change set.

    Raises
    ------
    NotFoundError
        When there is none of that number.
    """
    made = begin_change_set(connection, change)
    if not 0 < number < 2**31 or not delete_override(connection, number):
        raise NotFoundError(N_("There is no decision with the number %(number)s."), number=number)
    return made


def withdraw_overrides(connection: Connection, pair: tuple[str, str], *, withdrawn_by: str) -> int:
    """Delete all overrides of a pair, so that the computed relation holds again; return how many.

    Raises
    ------
    NotFoundError
        For a plot that does not exist, or a pair without an override.
    """
    begin_change_set(connection, Change(withdrawn_by, BusinessCase.DECISION))
    n_deleted = delete_overrides(connection, *_ids_of(connection, pair))
    if not n_deleted:
        raise NotFoundError(
            N_("There is no decision about %(one)s and %(other)s."), one=pair[0], other=pair[1]
        )
    return n_deleted


def _ids_of(connection: Connection, pair: tuple[str, str]) -> tuple[int, int]:
    """Return the ids of two different plots, named by their keys."""
    if pair[0] == pair[1]:
        raise InputError(N_("%(key)s cannot be its own neighbor: name two different plots."), key=pair[0])
    found = {key: plot_id(connection, key) for key in pair}
    for key, known in found.items():
        if known is None:
            raise NotFoundError(N_("There is no plot “%(key)s”."), key=key)
    one, other = (found[key] for key in pair)
    assert one is not None  # noqa: S101  just checked; for the type checker
    assert other is not None  # noqa: S101
    return one, other
