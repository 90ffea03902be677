"""Whom to bring together next: a host and guests of a park, with what the choice is worth and its proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection

from app.analysis.meetings import (
    MOST_WALKED,
    MeetingChoice,
    NextMeeting,
    WalkLimit,
    alternatives,
    walk_limit,
)
from app.analysis.meetings.acquaintance import MET
from app.analysis.walking.paces import WalkProfile
from app.analysis.walking.snapping import entrances
from app.analysis.walking.walks import shortest_walks
from app.concurrency import ConcurrencyLimit
from app.db.companies.companies import companies_on
from app.db.meetings.attendance import attendance, held_meetings
from app.db.meetings.choosing import kept_apart
from app.errors import N_, InputError
from app.services.meetings.acquaintances import Acquaintances, IndexQuestion
from app.services.meetings.memory import CompanyMemory, Remembered, companies_remembered
from app.services.walking.networks import network_on

# For all that is shown together, so that a page never keeps a thread for long.
LIMIT_S = 4.0
# Of a process's eight threads; the others serve meanwhile.
CHOOSING = ConcurrencyLimit(
    2, N_("Others are choosing companies, too; please try again in a moment."), within_s=5.0
)
N_SHOWN = 3
LEAST_GUESTS, MOST_GUESTS = 1, 40


@dataclass(frozen=True)
class NextQuestion:
    """What is asked of the next meeting; companies by their keys.

    Attributes
    ----------
    on : date
    park : str
    n_guests : int
        Beside the host.
    host : str or None
        None: whoever is best.
    required, excluded : tuple of str
    fairness : float
        What it is worth, in weights of pairs, to invite a company that was not invited for 12 months, and
        what it costs to invite one that was at the last meeting.
    walk_min : float or None
        The longest walk from the host past all guests, visits included; None: no walk.
    dwell_min : float
        How long a visit on the walk lasts.
    """

    on: date
    park: str
    n_guests: int = 8
    host: str | None = None
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    fairness: float = 0.25
    walk_min: float | None = None
    dwell_min: float = 5.0


@dataclass(frozen=True)
class Chosen:
    """A company of a choice: whom it meets for the first time, what that is worth, how much it is due."""

    key: str
    name: str
    is_host: bool
    meets: tuple[str, ...]
    weight: float
    due: int


@dataclass(frozen=True)
class NextChoice:
    """A host and guests, with what they are worth.

    Attributes
    ----------
    companies : tuple of Chosen
        The host first, then those who meet most.
    n_pairs : int
        Neighbors who meet for the first time.
    pairs_value, fairness_value : float
    gap : float or None
        By which share another choice could be worth more; 0 when that is ruled out, None when not known.
    is_proved : bool
    walk_min : float or None
    """

    companies: tuple[Chosen, ...]
    n_pairs: int
    pairs_value: float
    fairness_value: float
    gap: float | None
    is_proved: bool
    walk_min: float | None

    @property
    def host(self) -> Chosen:
        """Who receives the others."""
        return self.companies[0]


def next_meetings(connection: Connection, question: NextQuestion) -> tuple[NextChoice, ...]:
    """Return the best choices of host and guests, the best first.

    Raises
    ------
    InputError
        What is asked cannot be, or nobody can be chosen so.
    BusyError
        No choice was found in time, and none was ruled out.
    """
    _check(question)
    memories = companies_remembered(connection, question.on, question.park)
    index = {one.key: n for n, one in enumerate(memories)}
    due = _due(connection, question, memories)
    problem = NextMeeting(
        first_meetings(connection, index, question.on, question.park),
        question.n_guests,
        hosts=_named((question.host,) if question.host else (), index),
        fairness=due.astype(float),
        fairness_weight=question.fairness,
        required=_named(question.required, index),
        excluded=_named(question.excluded, index),
        apart=apart_among(connection, index),
        walk=_walk(connection, question, index),
    )
    with CHOOSING.held():
        found = alternatives(problem, N_SHOWN, limit_s=LIMIT_S)
    return tuple(_choice(one, memories, due) for one in found)


def first_meetings(
    connection: Connection, index: Mapping[str, int], on: date, park: str | None
) -> np.ndarray[Any, Any]:
    """Return what it is worth that two companies meet, shape (n, n): of neighbors who have not for certain.

    Parameters
    ----------
    connection : Connection
    index : mapping
        The position of each company that counts, by its key.
    on : date
        What is known up to this day.
    park : str, optional
    """
    weights = np.zeros((len(index), len(index)))
    for pair in Acquaintances(connection, IndexQuestion(on, park)).at(on).listed():
        if pair.met.low < MET and pair.focal in index and pair.neighbor in index:
            i, k = index[pair.focal], index[pair.neighbor]
            weights[i, k] = weights[k, i] = pair.weight
    return weights


def apart_among(connection: Connection, index: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
    """Return the pairs that are kept apart, by position."""
    pairs = [(row["company_a"], row["company_b"]) for row in kept_apart(connection)]
    return tuple((index[a], index[b]) for a, b in pairs if a in index and b in index)


def _check(question: NextQuestion) -> None:
    most = MOST_GUESTS if question.walk_min is None else MOST_WALKED
    if not LEAST_GUESTS <= question.n_guests <= most:
        raise InputError(
            N_("How many guests: a number from %(least)s to %(most)s."), least=LEAST_GUESTS, most=most
        )


def _named(keys: Sequence[str], index: Mapping[str, int]) -> tuple[int, ...]:
    for key in keys:
        if key not in index:
            raise InputError(N_("“%(key)s” is in no such place on this day."), key=key[:60])
    return tuple(index[key] for key in keys)


def _due(
    connection: Connection, question: NextQuestion, memories: Sequence[CompanyMemory]
) -> np.ndarray[Any, Any]:
    """Return 1 for each company that was not invited for long, -1 for one of the park's last meeting."""
    own = {one["key"] for one in held_meetings(connection, question.on) if question.park in one["parks"]}
    rows = [row for row in attendance(connection, question.on) if row["is_invited"] and row["meeting"] in own]
    last = rows[-1]["meeting"] if rows else None
    of_last = {row["company"] for row in rows if row["meeting"] == last}
    return np.array([(Remembered.NOT_INVITED in one.lists) - (one.key in of_last) for one in memories])


def _walk(connection: Connection, question: NextQuestion, index: Mapping[str, int]) -> WalkLimit | None:
    if question.walk_min is None:
        return None
    there = companies_on(connection, question.on, question.park).drop_duplicates("company")
    places = there.set_index("company").geometry.reindex(list(index)).to_numpy()
    network = network_on(connection, question.on)
    doors = entrances(network.subgraph(), np.asarray(places, dtype=object))
    profile = WalkProfile(group_size=question.n_guests + 1)
    walk_s = shortest_walks(network.subgraph(profile), doors).walk_s(profile.pace_m_s)
    times_s = np.where(walk_s < 0, np.inf, walk_s)
    return walk_limit(times_s, np.full(len(index), 60 * question.dwell_min), 60 * question.walk_min)


def _choice(found: MeetingChoice, memories: Sequence[CompanyMemory], due: np.ndarray[Any, Any]) -> NextChoice:
    def chosen(company: int) -> Chosen:
        pairs = found.pairs_of(company)
        others = [memories[pair.b if pair.a == company else pair.a].name for pair in pairs]
        one = memories[company]
        weight = sum(pair.weight for pair in pairs)
        return Chosen(one.key, one.name, company == found.host, tuple(others), weight, int(due[company]))

    guests = sorted(map(chosen, found.guests), key=lambda one: (-one.weight, one.name))
    return NextChoice(
        companies=(chosen(found.host), *guests),
        n_pairs=len(found.pairs),
        pairs_value=found.pairs_value,
        fairness_value=found.fairness_value,
        gap=found.gap,
        is_proved=found.is_proved,
        walk_min=None if found.walk_s is None else found.walk_s / 60,
    )
