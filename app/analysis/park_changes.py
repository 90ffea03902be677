"""What has changed in the parks between two days, told by business case and derived from the periods of rows.

A change belongs to a day: the state of that day differs from that of the day before. What came and went
again between the two days is told, too. Rows are mappings with the columns of the contracts `COMPANIES`,
`PLOTS` and `FACILITIES`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import shapely

from app.domain.kinds import LineageKind, Precision
from app.domain.lifetimes import Descent

Row = Mapping[str, Any]


class ParkCase(StrEnum):
    """What happened, in the order in which it is told."""

    ARRIVAL = "arrival"
    EXPANSION = "expansion"
    MOVE = "move"
    SUCCESSION = "succession"
    DEPARTURE = "departure"
    RENAMING = "renaming"
    USE_CHANGE = "use_change"
    SPLIT = "split"
    MERGE = "merge"
    REDRAW = "redraw"
    NEW_PLOT = "new_plot"
    GONE_PLOT = "gone_plot"
    NEW_FACILITY = "new_facility"
    CHANGED_FACILITY = "changed_facility"
    GONE_FACILITY = "gone_facility"


@dataclass(frozen=True)
class ParkChange:
    """One change.

    Attributes
    ----------
    case : ParkCase
    day : date
        The first day on which it is so.
    precision : Precision
        How exactly that day is known.
    kind : str
        ``company``, ``plot`` or ``facility``.
    key : str
    before, after : tuple of mapping
        The rows that it ends and begins; of a succession those of the predecessor and the successor.
    """

    case: ParkCase
    day: date
    precision: Precision
    kind: str
    key: str
    before: tuple[Row, ...] = ()
    after: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the change is about: what begins, else what ends."""
        return self.after or self.before


@dataclass(frozen=True)
class History:
    """All that is derived from: rows of all days, who followed whom, which plot came from which."""

    companies: Sequence[Row]
    plots: Sequence[Row]
    facilities: Sequence[Row]
    successions: Sequence[Row]
    descents: Sequence[Descent]


def park_changes(history: History, first: date, last: date) -> list[ParkChange]:
    """Return what has changed after the day `first` up to and including the day `last`.

    In the order of `ParkCase`, then of time.
    """
    found = [
        *_of_companies(history, first, last),
        *_of_plots(history, first, last),
        *_of_facilities(history, first, last),
    ]
    cases = list(ParkCase)
    return sorted(found, key=lambda one: (cases.index(one.case), one.day, one.key))


def _by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _days(rows: Iterable[Row], first: date, last: date) -> list[date]:
    """Return the days after `first` up to `last` on which a row begins, or has ended."""
    bounds = {row[name] for row in rows for name in ("valid_from", "valid_to")}
    return sorted(day for day in bounds if day is not None and first < day <= last)


def _on(rows: Iterable[Row], day: date) -> dict[str, Row]:
    """Return the rows that hold on a day, by their keys."""
    return {row["key"]: row for row in rows if holds(row, day)}


def holds(row: Row, day: date) -> bool:
    """Return whether a row holds on a day."""
    starts, ends = row["valid_from"], row["valid_to"]
    return (starts is None or starts <= day) and (ends is None or day < ends)


def _states(
    rows: Sequence[Row], first: date, last: date
) -> Iterator[tuple[date, dict[str, Row], dict[str, Row]]]:
    """Yield each day on which something changes, with the rows of the day before it and its own."""
    for day in _days(rows, first, last):
        yield day, _on(rows, day - timedelta(days=1)), _on(rows, day)


def _of_companies(history: History, first: date, last: date) -> Iterator[ParkChange]:
    firms = _by(history.companies, "company")
    told = [row for row in history.successions if first < row["happened_on"] <= last]
    descended = {(one.day, one.parent, one.child) for one in history.descents}
    for row in told:
        yield _succession(row, firms)
    for key, rows in firms.items():
        for day, before, after in _states(rows, first, last):
            gone, come = _left_and_taken(day, before, after, descended)
            own = [row for row in told if row["happened_on"] == day]
            gone = _not_of(gone, [row for row in own if row["predecessor"] == key])
            come = _not_of(come, [row for row in own if row["successor"] == key])
            yield from _of_company(key, day, (before, after), (gone, come))


def _succession(row: Row, firms: Mapping[str, Sequence[Row]]) -> ParkChange:
    day = row["happened_on"]
    before = _places(firms.get(row["predecessor"], ()), day - timedelta(days=1), row["plot"])
    after = _places(firms.get(row["successor"], ()), day, row["plot"])
    precision = Precision(row["precision"])
    return ParkChange(ParkCase.SUCCESSION, day, precision, "company", row["successor"], before, after)


def _places(rows: Sequence[Row], day: date, plot: str | None) -> tuple[Row, ...]:
    """Return a company's rows of a day on a plot; of all days where it was not there, or elsewhere, then."""
    on_plot = [row for row in rows if plot is None or row["plot"] == plot] or list(rows)
    held = [row for row in on_plot if holds(row, day)]
    return tuple(held or on_plot[-1:])


def _left_and_taken(
    day: date, before: Mapping[str, Row], after: Mapping[str, Row], descended: set[tuple[date, str, str]]
) -> tuple[list[Row], list[Row]]:
    """Return the places that a company left on a day, and those that it came to.

    Who stays while the plot is divided or merged has not moved.
    """
    gone = [row for key, row in before.items() if key not in after]
    come = [row for key, row in after.items() if key not in before]
    for key in before.keys() & after.keys():
        old, new = before[key]["plot"], after[key]["plot"]
        if None not in (old, new) and old != new and (day, old, new) not in descended:
            gone.append(before[key])
            come.append(after[key])
    return sorted(gone, key=lambda row: row["key"]), sorted(come, key=lambda row: row["key"])


def _not_of(rows: list[Row], successions: Sequence[Row]) -> list[Row]:
    """Return the places that no succession tells of."""
    plots = {row["plot"] for row in successions}
    return rows if not plots else [row for row in rows if None not in plots and row["plot"] not in plots]


def _of_company(
    key: str,
    day: date,
    states: tuple[Mapping[str, Row], Mapping[str, Row]],
    places: tuple[list[Row], list[Row]],
) -> Iterator[ParkChange]:
    before, after = states
    gone, come = places
    old, new = next(iter(before.values()), None), next(iter(after.values()), None)
    if old is not None and new is not None and old["name"] != new["name"]:
        yield ParkChange(ParkCase.RENAMING, day, Precision.DAY, "company", key, (old,), (new,))
    if not gone and not come:
        return
    if gone and come:
        case = ParkCase.MOVE
    elif come:
        case = ParkCase.EXPANSION if before else ParkCase.ARRIVAL
    else:
        case = ParkCase.DEPARTURE
    yield ParkChange(case, day, _precision(day, come), "company", key, tuple(gone), tuple(come))


def _precision(day: date, rows: Iterable[Row]) -> Precision:
    told = [row["starts_precision"] for row in rows if row["valid_from"] == day and "starts_precision" in row]
    return Precision(told[0]) if told else Precision.DAY


def _of_plots(history: History, first: date, last: date) -> Iterator[ParkChange]:
    by_key = _by(history.plots, "key")
    descents = [one for one in history.descents if first < one.day <= last]
    yield from _descents(descents, by_key)
    of_lineage = {(one.day, key) for one in descents for key in (one.parent, one.child)}
    for key, rows in by_key.items():
        for day, before, after in _states(rows, first, last):
            old, new = before.get(key), after.get(key)
            yield from _of_plot(key, day, old, new, is_told=(day, key) in of_lineage)


def _descents(descents: Sequence[Descent], plots: Mapping[str, Sequence[Row]]) -> Iterator[ParkChange]:
    """Yield what was divided, merged and redrawn; those that share a plot on a day are one."""
    told = {
        LineageKind.SPLIT: ParkCase.SPLIT,
        LineageKind.MERGE: ParkCase.MERGE,
        LineageKind.REDRAW: ParkCase.REDRAW,
    }
    groups: dict[tuple[date, LineageKind, str], set[Descent]] = defaultdict(set)
    for one in descents:
        groups[one.day, one.kind, one.child if one.kind is LineageKind.MERGE else one.parent].add(one)
    for (day, kind, key), some in groups.items():
        eve = day - timedelta(days=1)
        before = [
            row for parent in sorted({one.parent for one in some}) for row in plots[parent] if holds(row, eve)
        ]
        after = [
            row for child in sorted({one.child for one in some}) for row in plots[child] if holds(row, day)
        ]
        yield ParkChange(told[kind], day, Precision.DAY, "plot", key, tuple(before), tuple(after))


def _of_plot(key: str, day: date, old: Row | None, new: Row | None, *, is_told: bool) -> Iterator[ParkChange]:
    before, after = (() if row is None else (row,) for row in (old, new))
    cases = []
    if old is None or new is None:
        cases = [] if is_told else [ParkCase.GONE_PLOT if new is None else ParkCase.NEW_PLOT]
    else:
        if old["use_status"] != new["use_status"]:
            cases.append(ParkCase.USE_CHANGE)
        if not is_told and not shapely.equals(old["geometry"], new["geometry"]):
            cases.append(ParkCase.REDRAW)
    for case in cases:
        yield ParkChange(case, day, _precision(day, after), "plot", key, before, after)


_OF_FACILITY = ("name", "kind", "capacity", "capacity_reserve")


def _of_facilities(history: History, first: date, last: date) -> Iterator[ParkChange]:
    for key, rows in _by(history.facilities, "key").items():
        for day, before, after in _states(rows, first, last):
            old, new = before.get(key), after.get(key)
            if old is None and new is not None:
                yield ParkChange(ParkCase.NEW_FACILITY, day, Precision.DAY, "facility", key, (), (new,))
            elif new is None and old is not None:
                yield ParkChange(ParkCase.GONE_FACILITY, day, Precision.DAY, "facility", key, (old,), ())
            elif old is not None and new is not None and any(old[name] != new[name] for name in _OF_FACILITY):
                yield ParkChange(
                    ParkCase.CHANGED_FACILITY, day, Precision.DAY, "facility", key, (old,), (new,)
                )
