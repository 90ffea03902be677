"""Who of the neighbors have met, up to a day: the pairs, the neighborhood index, and how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.meetings.acquaintance import (
    MET,
    TALKS,
    Floats,
    Gathering,
    IndexChange,
    Interval,
    Ints,
    NeighborWeights,
    Probabilities,
    come_rates,
    index_change,
    met_probabilities,
    neighbor_weights,
    neighborhood_index,
)
from app.analysis.meetings.network import NetworkMeasures, network_measures, one_hello_away
from app.db.changes import Change, begin_change_set
from app.db.companies.companies import company_ids, company_neighbors_on
from app.db.meetings.attendance import attendance, held_meetings, put_statement, statements
from app.db.meetings.choosing import groupings
from app.domain.kinds import CompanyRelation
from app.domain.meetings import Part, Presence
from app.errors import N_, InputError

_MEASURES = {
    CompanyRelation.OVERLAP: "shared_m",
    CompanyRelation.EDGE: "shared_m",
    CompanyRelation.ACROSS: "facing_m",
}


class PairState(StrEnum):
    """Whether two neighbors have met."""

    MET = "met"
    HELLO = "hello"
    OPEN = "open"
    APART = "apart"


@dataclass(frozen=True)
class NeighborPair:
    """Two neighbors, and how probably they have met.

    `state` is `PairState.MET` or `PairState.APART` where that holds whoever came, `PairState.OPEN` where it
    hangs on attendance that is not known, and `PairState.HELLO` for two who have not met but both have met a
    third one, `by`.
    """

    focal: str
    neighbor: str
    relation: str
    measure_m: float | None
    weight: float
    met: Interval
    state: PairState
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class IndexQuestion:
    """What the index is asked with: the day, the park, to how many each talks, how much a relation counts."""

    on: date
    park: str | None = None
    talks: float = TALKS
    weights: NeighborWeights = field(default_factory=NeighborWeights)


@dataclass(frozen=True)
class Neighborhood:
    """The neighbors of a day by position among all companies that were ever in a park or at a meeting."""

    companies: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    pairs: Ints
    weights: Floats
    met: Probabilities

    @cached_property
    def index(self) -> Interval | None:
        """The weighted share of neighbors who have met."""
        return neighborhood_index(self.pairs, self.weights, self.met)

    @cached_property
    def plain(self) -> Interval | None:
        """The same with every pair counting alike."""
        return neighborhood_index(self.pairs, np.ones(len(self.pairs)), self.met)

    @cached_property
    def measures(self) -> NetworkMeasures:
        """The network of those who are there on the day and have certainly met."""
        there = np.unique(self.pairs)
        position = {int(one): n for n, one in enumerate(there)}
        pairs = np.array([[position[a], position[b]] for a, b in self.pairs.tolist()], dtype=np.int64)
        return network_measures(self.met.low[np.ix_(there, there)], pairs.reshape(-1, 2))

    def listed(self) -> list[NeighborPair]:
        """Return the pairs, the weightiest first."""
        hello = one_hello_away(self.met.low, self.pairs)
        found = [self._pair(n, hello) for n in range(len(self.pairs))]
        return sorted(found, key=lambda pair: (-pair.weight, pair.focal, pair.neighbor))

    def _pair(self, n: int, hello: Mapping[tuple[int, int], list[int]]) -> NeighborPair:
        i, k = self.pairs[n].tolist()
        met = Interval(*(float(each[i, k]) for each in self.met))
        by = hello.get((i, k), [])
        state = (
            PairState.MET if met.low >= MET
            else PairState.OPEN if met.high >= MET
            else PairState.HELLO if by
            else PairState.APART
        )  # fmt: skip
        row = self.rows[n]
        names = tuple(self.companies[one] for one in by) if state is PairState.HELLO else ()
        return NeighborPair(
            self.companies[i], self.companies[k], row["relation"], row["measure"], float(self.weights[n]),
            met, state, names,
        )  # fmt: skip


class Acquaintances:
    """All that is known up to a day, read once; `at` gives the neighborhood of any day up to it.

    Parameters
    ----------
    connection : Connection
    question : IndexQuestion
    without : str, optional
        The key of a meeting that counts as not held.
    """

    def __init__(self, connection: Connection, question: IndexQuestion, without: str | None = None) -> None:
        self._connection, self.question = connection, question
        self._attendance = attendance(connection, question.on)
        self._statements = statements(connection, question.on)
        self._groups = groupings(connection)
        self.meetings = [one for one in held_meetings(connection, question.on) if one["key"] != without]
        self.companies = sorted(company_ids(connection))
        self._position = {key: n for n, key in enumerate(self.companies)}

    def at(self, day: date) -> Neighborhood:
        """Return the neighborhood of a day."""
        rows = self._rows(day)
        ends = [[self._position[row["focal"]], self._position[row["neighbor"]]] for row in rows]
        relations, lengths = [row["relation"] for row in rows], [row["measure"] or 0.0 for row in rows]
        return Neighborhood(
            self.companies,
            rows,
            np.array(ends, dtype=np.int64).reshape(-1, 2),
            neighbor_weights(relations, lengths, self.question.weights),
            self._met(day),
        )

    def _rows(self, day: date) -> list[dict[str, Any]]:
        frame = company_neighbors_on(self._connection, day, self.question.park)
        rows = {}
        for row in frame.to_dict("records"):
            pair = tuple(sorted((row["focal"], row["neighbor"])))
            if pair[0] != pair[1]:
                name = _MEASURES.get(row["relation"])
                measure = row[name] if name else None
                measure = None if measure is None or np.isnan(measure) else float(measure)
                rows[pair] = {
                    "focal": pair[0],
                    "neighbor": pair[1],
                    "relation": row["relation"],
                    "measure": measure,
                }
        return list(rows.values())

    def _met(self, day: date) -> Probabilities:
        held = {one["key"] for one in self.meetings if one["held_on"] <= day}
        gatherings = [one for key in sorted(held) for one in self._gatherings(key)]
        stated = [
            [self._position[row["company_a"]], self._position[row["company_b"]]]
            for row in self._statements
            if row["stated_on"] <= day
        ]
        return met_probabilities(
            len(self.companies),
            gatherings,
            talks=self.question.talks,
            rates=self._rates(day),
            stated=np.array(stated, dtype=np.int64).reshape(-1, 2),
        )

    def _gatherings(self, meeting: str) -> Iterator[Gathering]:
        """Return the groups of a meeting, round by round, and those in no group; without groups all of it."""
        rows = [row for row in self._attendance if row["meeting"] == meeting]
        present = {row["company"] for row in rows if _was_there(row)}
        unknown = {row["company"] for row in rows if _may_have_been_there(row)} - present
        for groups in self._groups[meeting]["rounds"] if meeting in self._groups else [[]]:
            rest = (present | unknown).difference(*groups)
            for group in (*map(set, groups), rest):
                if group & (present | unknown):
                    yield Gathering(self._positions(group & present), self._positions(group & unknown))

    def _positions(self, keys: Iterable[str]) -> Ints:
        return np.array(sorted(self._position[key] for key in keys), dtype=np.int64)

    def _rates(self, day: date) -> Floats:
        came, known = np.zeros(len(self.companies)), np.zeros(len(self.companies))
        for row in self._attendance:
            if row["is_invited"] and row["presence"] != Presence.UNKNOWN and row["held_on"] <= day:
                known[self._position[row["company"]]] += 1
                came[self._position[row["company"]]] += row["presence"] == Presence.PRESENT
        return come_rates(came, known)

    def over_time(self, days: Sequence[date]) -> list[tuple[date, Interval | None]]:
        """Return the index of some days."""
        return [(day, self.at(day).index) for day in days]

    def change(self, first: date, last: date) -> IndexChange | None:
        """Return what made the index change between two days."""
        before, after = self.at(first), self.at(last)
        return index_change(
            (before.pairs, before.weights, before.met), (after.pairs, after.weights, after.met)
        )


def _was_there(row: RowMapping) -> bool:
    is_host = row["part"] in (Part.HOST, Part.COHOST)
    return bool(row["presence"] == Presence.PRESENT or (is_host and row["presence"] != Presence.ABSENT))


def _may_have_been_there(row: RowMapping) -> bool:
    return bool(row["presence"] == Presence.UNKNOWN and (row["is_invited"] or row["answer"] != "none"))


@dataclass(frozen=True)
class AcquaintanceStatement:
    """What somebody said: on which day, who said it, who of the staff wrote it down."""

    stated_on: date
    source: str
    staff_id: int | None


def state_acquaintance(
    connection: Connection, companies: tuple[str, str], statement: AcquaintanceStatement, change: Change
) -> None:
    """Store that two companies know each other, as somebody said.

    Raises
    ------
    InputError
        When it is one company only, when one is not known, or when it is not said who said it.
    """
    ids = company_ids(connection)
    for key in companies:
        if key not in ids:
            raise InputError(N_("There is no company “%(key)s”."), key=key)
    if companies[0] == companies[1]:
        raise InputError(N_("Two different companies are needed."))
    if not statement.source.strip():
        raise InputError(N_("Please write who said so."))
    begin_change_set(connection, change)
    first, second = (ids[key] for key in companies)
    put_statement(connection, (first, second), **asdict(statement))
