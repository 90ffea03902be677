"""Random histories of edits over 20 years, each compared with a plain model in memory.

The model knows no rows: of each field of each thing it keeps the value of every single day, and the days on
which something begins or ends. It does to them what the words of each act say, and nothing else.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, select, text

from app.db.change_sets import known_images
from app.db.changes import Change
from app.db.models import ChangeSet
from app.db.row_images import Image, images
from app.domain.kinds import BusinessCase
from app.errors import ConflictError
from app.services.companies.acts import change_from, correct, correct_day
from app.services.companies.things import (
    COMPANY,
    KINDS,
    MARKETING,
    PLACE,
    PLOT,
    Kind,
    Thing,
    versions_of_images,
)
from app.services.companies.undoing import restore, undo
from app.services.features.known import show_known

FIRST = date(2006, 1, 1)
N_DAYS = 20 * 365 + 5
NOTHING = -1
# Of so many change sets of a history it is shown as well.
_N_SHOWN = 2
_WZ = {code: (f"{10 + code}.1", "2008", "stated") for code in range(1, 6)} | {0: (None, None, None)}
_STATUSES = ("available", "reserved", "allocated", "unavailable")
_USES = ("unknown", "vacant", "occupied", "under_construction", "unknown", "vacant")


class MismatchError(Exception):
    """The database and the model disagree."""


def check(is_so: bool, words: str) -> None:
    """Raise a `MismatchError` in these words unless something is so."""
    if not is_so:
        raise MismatchError(words)


# Slot 0 stands for all days before the first, the last one for all days after.
Slots = np.ndarray[Any, np.dtype[np.int8]]


def _values(kind: Kind, name: str, code: int) -> dict[str, Any]:
    """Return the columns of a field for a code."""
    if name == "wz_code":
        return dict(zip(("wz_code", "wz_edition", "wz_basis"), _WZ[code], strict=True))
    if name == "street":
        number = str(code) if kind is PLACE else None
        return {"street": f"street {code}"} | ({"house_number": number} if number else {})
    if name == "use_status":
        return {name: _USES[code]}
    if name == "status":
        # What is said of marketing is one field: with the status change who sees it and what is noted.
        return {name: _STATUSES[code % 4], "is_public": code % 2 == 0, "internal_note": f"note {code}"}
    return {name: f"{name} {code}"}


FIELDS: Mapping[str, tuple[str, ...]] = {
    COMPANY.table: ("name", "sector", "wz_code", "website"),
    PLACE.table: ("note", "street"),
    PLOT.table: ("label", "use_status"),
    MARKETING.table: ("status",),
}
_N_CODES = {"use_status": 3}


@dataclass
class Days:
    """A thing as the model has it."""

    fields: dict[str, Slots]
    bounds: set[int]
    cut_by: dict[int, int] = field(default_factory=dict)

    def is_same(self, other: Days) -> bool:
        """Say whether all days are equal, and all boundaries."""
        return self.bounds == other.bounds and all(
            np.array_equal(slots, other.fields[name]) for name, slots in self.fields.items()
        )

    def run(self, name: str, slot: int) -> tuple[int, int]:
        """Return the slots around one that have the same value, the last one not included."""
        slots = self.fields[name]
        others = np.flatnonzero(slots != slots[slot])
        before, after = others[others < slot], others[others > slot]
        return (int(before[-1]) + 1 if len(before) else 0), (int(after[0]) if len(after) else len(slots))

    def version(self, slot: int) -> tuple[int, int]:
        """Return the slots between the boundaries around one."""
        low = max((bound for bound in self.bounds if bound <= slot), default=0)
        high = min((bound for bound in self.bounds if bound > slot), default=N_DAYS + 2)
        return low, high


def slot_of(day: date | None, *, is_end: bool = False) -> int:
    """Return the slot of a day."""
    if day is None:
        return N_DAYS + 2 if is_end else 0
    return (day - FIRST).days + 1


def day_of(slot: int) -> date:
    """Return the day of a slot."""
    return FIRST + timedelta(days=slot - 1)


def days_of_rows(kind: Kind, rows: list[Image]) -> Days:
    """Return what stored rows say of each day."""
    names = FIELDS[kind.table]
    found = Days({name: np.full(N_DAYS + 2, NOTHING, np.int8) for name in names}, set())
    for version in versions_of_images(kind, rows):
        low, high = slot_of(version.starts), slot_of(version.ends, is_end=True)
        found.bounds |= {bound for bound in (low, high) if 0 < bound < N_DAYS + 2}
        for name in names:
            codes = range(6)
            code = next(c for c in codes if version.has(_values(kind, name, c)))
            check((found.fields[name][low:high] == NOTHING).all(), "two versions on one day")
            found.fields[name][low:high] = code
    return found


@dataclass
class Recorded:
    """A change set as the model remembers it: how the things that it touched were before and after."""

    change_set_id: int
    before: dict[Thing, Days]
    after: dict[Thing, Days]
    recorded_at: datetime
    rows: dict[str, list[Image]]


class History:
    """One random history of some things."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.connection = connection
        self.chance = random.Random(seed)  # noqa: S311  the same each time
        self.things = _store_things(connection, seed)
        self.model = {thing: days_of_rows(thing.kind, self._rows(thing)) for thing in self.things}
        self.sets: list[Recorded] = []
        self.tally: Counter[str] = Counter()

    def run(self, n_acts: int) -> Counter[str]:
        """Do so many acts, compare after each; at the end ask what was known at every instant."""
        acts = (self._change, self._change, self._correct, self._correct_day, self._undo, self._restore)
        for _ in range(n_acts):
            act = self.chance.choice(acts)
            self.tally[f"{act.__name__[1:]} {'done' if act() else 'refused'}"] += 1
            for thing in self.things:
                self._compare(thing, act.__name__)
        for one in self.sets:
            for table, rows in one.rows.items():
                known = known_images(self.connection, table, one.recorded_at)
                check(known == rows, f"{table}: not as it was known")
        for one in self.chance.sample(self.sets, min(_N_SHOWN, len(self.sets))):
            self._check_shown(one)
        # Every company has a name on every day.
        self.connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        self.connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        return self.tally

    def _check_shown(self, one: Recorded) -> None:
        """Show what was known after a change set, as ``?known=`` does: all that reads must find it."""
        # Statements that the server prepared would go on reading today's rows.
        driver: Any = self.connection.connection.driver_connection
        driver.prepare_threshold = None
        with self.connection.begin_nested() as savepoint:
            show_known(self.connection, one.recorded_at)
            check(self._tables() == one.rows, "not shown as it was known")
            savepoint.rollback()
        self.tally["known shown"] += 1

    def _compare(self, thing: Thing, act: str) -> None:
        stored = days_of_rows(thing.kind, self._rows(thing))
        check(stored.is_same(self.model[thing]), f"{act}: {thing.key}")

    def _rows(self, thing: Thing) -> list[Image]:
        return images(self.connection, thing.kind.table, thing.kind.identity, [thing.identity])

    def _tables(self) -> dict[str, list[Image]]:
        return {
            table: list(
                self.connection.execute(
                    text(f"SELECT to_jsonb(t) FROM {table} t ORDER BY {kind.row_id}")  # noqa: S608
                ).scalars()
            )
            for table, kind in KINDS.items()
        }

    def _is_done(self, expected: Mapping[Thing, Days] | None, act: Any) -> bool:
        """Do an act of which the model says what comes of it, None that it is refused."""
        before, tables = dict(self.model), self._tables()
        try:
            with self.connection.begin_nested():
                made = act()
        except ConflictError as refusal:
            check(expected is None, f"refused: {refusal}")
            check(self._tables() == tables, "refused, but something has changed")
            return False
        check(expected is not None, "not refused")
        self._remember(made, before, expected or {})
        if self.chance.random() < 0.2:
            self._take_back(made, tables)
        return True

    def _remember(self, made: int, before: dict[Thing, Days], expected: Mapping[Thing, Days]) -> None:
        for thing, days in expected.items():
            for bound in days.bounds - before[thing].bounds:
                days.cut_by[bound] = made
            self.model[thing] = days
        recorded_at = self.connection.execute(
            select(ChangeSet.recorded_at).where(ChangeSet.change_set_id == made)
        ).scalar_one()
        old = {thing: before[thing] for thing in expected}
        self.sets.append(Recorded(made, old, dict(expected), recorded_at, self._tables()))

    def _take_back(self, made: int, tables: dict[str, list[Image]]) -> None:
        """Undo what was done just now: all tables are as they were, to the last bit."""
        undoing = undo(self.connection, made, _change_of(None))
        check(self._tables() == tables, "undone, but not as it was")
        last = self.sets[-1]
        self._remember(undoing, dict(self.model), deepcopy(last.before))
        self.tally["undone at once"] += 1

    def _edit(self, thing: Thing) -> tuple[dict[str, int], dict[str, Any]]:
        """Return new values of some fields of a thing, as codes and as columns."""
        names = self.chance.sample(
            FIELDS[thing.kind.table], min(self.chance.choice((1, 1, 2)), len(FIELDS[thing.kind.table]))
        )
        codes = {name: self.chance.randrange(_N_CODES.get(name, 6)) for name in names}
        columns: dict[str, Any] = {}
        for name, code in codes.items():
            columns |= _values(thing.kind, name, code)
        return codes, columns

    def _a_day(self, thing: Thing) -> int:
        """Return a slot on which a thing is there; often one beside a boundary or on it."""
        days = self.model[thing]
        name = FIELDS[thing.kind.table][0]
        near = [bound + by for bound in days.bounds for by in (-1, 0, 1, 40)]
        for _ in range(100):
            slot = self.chance.choice(near) if near and self.chance.random() < 0.3 else 0
            slot = slot or self.chance.randrange(1, N_DAYS + 1)
            if 1 <= slot <= N_DAYS and days.fields[name][slot] != NOTHING:
                return slot
        raise MismatchError("nowhere")

    def _correct(self) -> bool:
        thing = self.chance.choice(self.things)
        slot, (codes, columns) = self._a_day(thing), self._edit(thing)
        is_narrow = self.chance.random() < 0.2
        days = deepcopy(self.model[thing])
        wanted = {name: code for name, code in codes.items() if days.fields[name][slot] != code}
        for name, code in wanted.items():
            low, high = days.version(slot) if is_narrow else days.run(name, slot)
            days.fields[name][low:high] = code
        change = _change_of(day_of(slot))
        return self._is_done(
            {thing: days} if wanted else None,
            lambda: correct(self.connection, thing, columns, change, is_this_version_only=is_narrow),
        )

    def _change(self) -> bool:
        """Change one thing or two on one day."""
        things = self.chance.sample(self.things, self.chance.choice((1, 1, 2)))
        slot = self._a_day(things[0])
        there = [one for one in things if self.model[one].fields[FIELDS[one.kind.table][0]][slot] != NOTHING]
        edits = {thing: self._edit(thing) for thing in there}
        overridden = self._some_later(there[0], slot) if len(there) == 1 else frozenset()
        expected: dict[Thing, Days] | None = {}
        for thing, (codes, _) in edits.items():
            days = self._changed(thing, slot, codes, overridden)
            expected = None if days is None or expected is None else expected | {thing: days}
        columns = {thing: columns for thing, (_, columns) in edits.items()}
        later = {day_of(bound) for bound in overridden}
        return self._is_done(
            expected,
            lambda: change_from(self.connection, columns, _change_of(day_of(slot)), overridden=later),
        )

    def _some_later(self, thing: Thing, slot: int) -> frozenset[int]:
        later = [bound for bound in sorted(self.model[thing].bounds) if bound > slot]
        return frozenset(bound for bound in later if self.chance.random() < 0.1)

    def _changed(
        self, thing: Thing, slot: int, codes: Mapping[str, int], overridden: frozenset[int]
    ) -> Days | None:
        days = deepcopy(self.model[thing])
        wanted = {name: code for name, code in codes.items() if days.fields[name][slot] != code}
        is_cut = slot in days.bounds
        if not wanted or (is_cut and any(days.run(name, slot)[0] == slot for name in wanted)):
            return None
        for name, code in wanted.items():
            parts = [(slot, days.run(name, slot)[1]), *(days.version(bound) for bound in overridden)]
            for low, high in parts:
                if days.fields[name][low] != NOTHING:
                    days.fields[name][low:high] = code
        days.bounds.add(slot)
        return days

    def _correct_day(self) -> bool:
        cut = [(thing, bound) for thing in self.things for bound in self.model[thing].bounds]
        if not cut:
            return False
        thing, bound = self.chance.choice(cut)
        by = self.model[thing].cut_by.get(bound)
        to = bound + self.chance.choice((-400, -30, -1, 1, 30, 400))
        if not 1 <= to <= N_DAYS:
            return False
        together = [
            one for one in self.things if one == thing or (by is not None and self._is_by(one, bound, by))
        ]
        expected: dict[Thing, Days] | None = {}
        for one in together:
            days = self._moved(one, bound, to)
            expected = None if days is None or expected is None else expected | {one: days}
        change = _change_of(day_of(bound), BusinessCase.DAY)
        return self._is_done(expected, lambda: correct_day(self.connection, thing, day_of(to), change))

    def _is_by(self, thing: Thing, bound: int, by: int) -> bool:
        days = self.model[thing]
        return bound in days.bounds and days.cut_by.get(bound) == by

    def _moved(self, thing: Thing, bound: int, to: int) -> Days | None:
        days = deepcopy(self.model[thing])
        low, high = min(bound, to), max(bound, to)
        if any(low <= other <= high for other in days.bounds - {bound}):
            return None
        for slots in days.fields.values():
            slots[low:high] = slots[bound] if to < bound else slots[bound - 1]
        days.bounds ^= {bound, to}
        return days

    def _undo(self) -> bool:
        if not self.sets:
            return False
        chosen = self.chance.choice(self.sets[-4:])
        later = self.sets[self.sets.index(chosen) + 1 :]
        before, tables = dict(self.model), self._tables()
        try:
            with self.connection.begin_nested():
                made = undo(self.connection, chosen.change_set_id, _change_of(None))
        except ConflictError as refusal:
            # Only for one who built on it.
            is_built_on = any(thing in one.after for one in later for thing in chosen.after)
            check(is_built_on, f"not undone: {refusal}")
            check(self._tables() == tables, "refused, but something has changed")
            return False
        self._remember(made, before, {thing: self._reverted(thing, chosen) for thing in chosen.after})
        return True

    def _reverted(self, thing: Thing, chosen: Recorded) -> Days:
        """Return a thing with the days that a change set changed as they were before it."""
        days, old, new = deepcopy(self.model[thing]), chosen.before[thing], chosen.after[thing]
        for name, slots in days.fields.items():
            is_other = old.fields[name] != new.fields[name]
            slots[is_other] = old.fields[name][is_other]
        days.bounds = (days.bounds - (new.bounds - old.bounds)) | (old.bounds - new.bounds)
        return days

    def _restore(self) -> bool:
        if not self.sets:
            return False
        chosen = self.chance.choice(self.sets)
        thing = self.chance.choice([*self.things, *self.sets[-1].after])
        wanted = deepcopy(self.model[thing])
        known = [one.after[thing] for one in self.sets[: self.sets.index(chosen) + 1] if thing in one.after]
        first = next((one.before[thing] for one in self.sets if thing in one.before), self.model[thing])
        then = known[-1] if known else first
        wanted.fields, wanted.bounds = deepcopy(then.fields), set(then.bounds)
        rows = self._rows(thing)
        column = thing.kind.identity
        is_same = rows == [one for one in chosen.rows[thing.kind.table] if one[column] == thing.identity]
        change = _change_of(None)
        return self._is_done(
            None if is_same else {thing: wanted},
            lambda: restore(self.connection, thing, chosen.recorded_at, change),
        )


def _change_of(day: date | None, case: BusinessCase = BusinessCase.ATTRIBUTES) -> Change:
    return Change("Erika Muster", case, day=day)


def _store_things(connection: Connection, seed: int) -> list[Thing]:
    """Store a plot that was offered twice, and two companies with places, of which one went and came back."""
    name = f"h{seed}"
    values = {"name": name, "shape": _SQUARE}
    made = {kind: connection.execute(text(statement), values).all() for kind, statement in _STORED.items()}
    return [
        *(Thing(COMPANY, row[0], row[1]) for row in made[COMPANY.table]),
        *(Thing(PLACE, key, key) for key in dict.fromkeys(row[0] for row in made[PLACE.table])),
        *(Thing(PLOT, row[0], row[1]) for row in made[PLOT.table]),
        *(Thing(MARKETING, key, key) for key in dict.fromkeys(row[0] for row in made[MARKETING.table])),
    ]


_SQUARE = "SRID=25832;POLYGON((600000 5800000,600100 5800000,600100 5800100,600000 5800100,600000 5800000))"
_STORED = {
    PLOT.table: """
        WITH land AS (INSERT INTO park (key) VALUES (:name) RETURNING park_id),
             outline AS (INSERT INTO park_version (park_id, name, geometry, valid)
                         SELECT park_id, :name, :shape, '(,)' FROM land),
             made AS (INSERT INTO plot (park_id, key) SELECT park_id, :name FROM land RETURNING plot_id)
        INSERT INTO plot_version (plot_id, plot_key, park_key, geometry, label, use_status, quality, valid)
        SELECT plot_id, :name, :name, :shape, 'label 0', 'unknown', 'schematic', '(,)' FROM made
        RETURNING plot_id, plot_key""",
    MARKETING.table: """
        INSERT INTO plot_marketing (plot_key, status, is_public, internal_note, starts_precision, valid)
        SELECT :name, 'available', true, 'note 0', 'day', period.valid
        FROM (VALUES (daterange('2009-01-01', '2013-01-01')),
                     (daterange('2014-01-01', NULL))) AS period (valid)
        RETURNING plot_key""",
    COMPANY.table: """
        WITH made AS (
            INSERT INTO company (key) VALUES (:name || 'a'), (:name || 'b') RETURNING company_id, key
        )
        INSERT INTO company_version (company_id, name, sector, website, starts_precision, valid)
        SELECT company_id, 'name 0', 'sector 0', 'website 0', 'unknown', '(,)' FROM made
        RETURNING company_id, name""",
    PLACE.table: """
        INSERT INTO occupancy (key, company_id, park_id, geometry, location_quality, street, house_number,
                               note, starts_precision, valid)
        SELECT company.key, company_id, park_id, ST_Centroid(outline.geometry), 'street', 'street 0', '0',
               'note 0', 'day', period.valid
        FROM company JOIN park ON park.key = :name JOIN park_version outline USING (park_id)
        JOIN (VALUES ('a', daterange('2008-01-01', NULL)), ('b', daterange('2007-01-01', '2012-01-01')),
                     ('b', daterange('2015-06-01', NULL))) AS period (which, valid)
            ON company.key = :name || which
        RETURNING key""",
}


def run_history(connection: Connection, seed: int, n_acts: int = 12) -> Counter[str]:
    """Run one history and take it back; return how often each act was done and refused.

    Raises
    ------
    MismatchError
        When a day of a thing is not as the model has it, an undo leaves a bit otherwise, or what was known at
        an instant is not what was recorded.
    """
    with connection.begin_nested() as savepoint:
        tally = History(connection, seed).run(n_acts)
        savepoint.rollback()
    return tally
