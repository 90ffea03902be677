"""Guests of a meeting in walking groups or at tables: together are neighbors who have not met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.meetings import Grouping, GroupProblem, best_groups
from app.analysis.meetings.acquaintance import MET
from app.db.changes import Change, begin_change_set
from app.db.meetings.choosing import groupings, put_grouping, remove_groupings
from app.db.meetings.participation import participants
from app.domain.meetings import Answer, Part, Presence
from app.errors import N_, InputError, NotFoundError
from app.services.meetings.acquaintances import Acquaintances, IndexQuestion
from app.services.meetings.choices.next_meeting import CHOOSING, apart_among

LIMIT_S = 5.0
MOST_GROUPS, MOST_ROUNDS = 30, 6
# What it takes off that two are together who have met at an earlier meeting, or in an earlier round.
MET_COST, REPEAT_COST = 0.25, 1.0
_HOSTS = (Part.HOST, Part.COHOST)


class Divided(StrEnum):
    """Who is divided into groups."""

    ACCEPTED = "accepted"
    PRESENT = "present"


@dataclass(frozen=True)
class GroupQuestion:
    """Into how many groups, how often, and who."""

    n_groups: int
    n_rounds: int = 1
    who: Divided = Divided.ACCEPTED


@dataclass(frozen=True)
class StoredGroups:
    """The groups of a meeting as they were made.

    Attributes
    ----------
    rounds : tuple of tuple of tuple of str
        Companies' keys, by group, by round.
    gap : float or None
        By which share other groups could be worth more; 0 when that is ruled out.
    is_proved : bool
    n_first : int
        Pairs of neighbors that are in one group and have not certainly met before.
    """

    rounds: tuple[tuple[tuple[str, ...], ...], ...]
    gap: float | None
    is_proved: bool
    n_first: int


def guests_of(connection: Connection, meeting: RowMapping, who: Divided) -> dict[str, str]:
    """Return the companies that are to be divided, by key, with their names, in order of names."""
    rows = participants(connection, meeting["meeting_id"])
    return {row["key"]: row["name"] for row in rows if _is_divided(row, who)}


def make_groups(
    connection: Connection, meeting: RowMapping, question: GroupQuestion, change: Change
) -> Grouping:
    """Divide the guests of a meeting, and store the groups in the place of those there were.

    Raises
    ------
    InputError
        There are too few guests for so many groups, or the numbers are out of range.
    BusyError
        No groups were found that keep apart all who are to be.
    """
    guests = guests_of(connection, meeting, question.who)
    _check(question, len(guests))
    index = {key: n for n, key in enumerate(guests)}
    least, n_larger = divmod(len(guests), question.n_groups)
    problem = GroupProblem(
        _weights(connection, meeting, index),
        tuple(least + (n < n_larger) for n in range(question.n_groups)),
        apart_among(connection, index),
        question.n_rounds,
        REPEAT_COST,
    )
    with CHOOSING.held():
        found = best_groups(problem, limit_s=LIMIT_S)
    begin_change_set(connection, change)
    remove_groupings(connection, meeting["meeting_id"])
    put_grouping(
        connection,
        meeting["meeting_id"],
        method="groups",
        value=found.value,
        bound=found.bound,
        proven=found.is_proved,
        rounds=_named(found, tuple(guests)),
    )
    return found


def drop_groups(connection: Connection, meeting: RowMapping, change: Change) -> None:
    """Remove the groups of a meeting.

    Raises
    ------
    NotFoundError
    """
    begin_change_set(connection, change)
    if not remove_groupings(connection, meeting["meeting_id"]):
        raise NotFoundError(N_("This meeting has no groups."))


def stored_groups(connection: Connection, meeting: RowMapping) -> StoredGroups | None:
    """Return the groups of a meeting, None without."""
    row = groupings(connection, meeting["key"]).get(meeting["key"])
    if row is None:
        return None
    rounds = tuple(tuple(tuple(group) for group in each) for each in row["rounds"])
    keys = sorted({key for each in rounds for group in each for key in group})
    index = {key: n for n, key in enumerate(keys)}
    weights = _weights(connection, meeting, index)
    first = {
        (a, b)
        for each in rounds
        for group in each
        for a in (index[key] for key in group)
        for b in (index[key] for key in group)
        if a < b and weights[a, b] > 0
    }
    is_known = row["value"] > 0
    gap = 0.0 if row["proven"] else (row["bound"] - row["value"]) / row["value"] if is_known else None
    return StoredGroups(rounds, gap, row["proven"], len(first))


def _is_divided(row: RowMapping, who: Divided) -> bool:
    if who is Divided.PRESENT:
        return bool(row["presence"] == Presence.PRESENT)
    return row["answer"] == Answer.ACCEPTED or row["part"] in _HOSTS


def _check(question: GroupQuestion, n_guests: int) -> None:
    if not 1 <= question.n_groups <= MOST_GROUPS or not 1 <= question.n_rounds <= MOST_ROUNDS:
        raise InputError(
            N_("Up to %(groups)s groups and %(rounds)s rounds can be made."),
            groups=MOST_GROUPS,
            rounds=MOST_ROUNDS,
        )
    # A group of one meets nobody.
    if n_guests < 2 * question.n_groups:
        raise InputError(
            N_("For %(groups)s groups at least %(least)s companies are needed; there are %(n)s."),
            groups=question.n_groups,
            least=2 * question.n_groups,
            n=n_guests,
        )


def _weights(connection: Connection, meeting: RowMapping, index: Mapping[str, int]) -> np.ndarray[Any, Any]:
    """Return what it is worth that two are together, shape (n, n): less than nothing if they have met."""
    weights = np.zeros((len(index), len(index)))
    known = Acquaintances(connection, IndexQuestion(meeting["held_on"]), without=meeting["key"])
    neighborhood = known.at(meeting["held_on"])
    own = [known.companies.index(key) for key in index]
    met = neighborhood.met.low[np.ix_(own, own)] >= MET
    weights[met] = -MET_COST
    np.fill_diagonal(weights, 0.0)
    for pair in neighborhood.listed():
        if pair.met.low < MET and pair.focal in index and pair.neighbor in index:
            i, k = index[pair.focal], index[pair.neighbor]
            weights[i, k] = weights[k, i] = pair.weight
    return weights


def _named(found: Grouping, keys: tuple[str, ...]) -> list[list[list[str]]]:
    return [[[keys[guest] for guest in group] for group in groups] for groups in found.rounds]
