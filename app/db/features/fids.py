"""Ids of features, read back: which keys they name, and which day's version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Text, bindparam, func
from sqlalchemy.sql.elements import ColumnElement

from app.db.features.feature_text import OPEN_START, identity
from app.db.features.rows.collections import CollectionRows
from app.domain.frames import INTEGER, Contract
from app.domain.period import parse_day
from app.errors import InputError

_FORM = re.compile(r"(?P<key>[A-Za-z0-9][A-Za-z0-9._~-]*)(?:@(?P<day>\d{4}-\d\d-\d\d|\.\.))?")
_WHOLE = re.compile(r"0|[1-9]\d{0,8}")


@dataclass(frozen=True)
class Fid:
    """What an id names.

    Attributes
    ----------
    key : str
        The keys joined by ``~``.
    parts : tuple of tuple
        For each key column the values it may have: a key may hold ``~`` itself.
    has_day : bool
        Whether one version is named.
    starts_on : date or None
        Its first day; None with `has_day` is an open beginning.
    """

    key: str
    parts: tuple[tuple[Any, ...], ...]
    has_day: bool = False
    starts_on: date | None = None

    def values(self) -> dict[str, Any]:
        """Return what `is_named` binds."""
        parts = {f"fid__{n}": list(values) for n, values in enumerate(self.parts)}
        return {"fid": self.key, "fid__day": self.starts_on, **parts}


def parse_fid(contract: Contract, text: str) -> Fid | None:
    """Read an id; None where no feature of the collection can have it."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    ways = list(_cuts(contract, form["key"]))
    if not ways:
        return None
    parts = tuple(zip(*ways, strict=True))
    day = form["day"]
    if day is None or day == OPEN_START:
        return Fid(form["key"], parts, has_day=day is not None)
    try:
        return Fid(form["key"], parts, has_day=True, starts_on=parse_day(day))
    except InputError:
        return None


def _cuts(contract: Contract, key: str) -> Iterator[tuple[Any, ...]]:
    """Yield the ways to cut a joined key into the collection's key columns."""
    n_numbers = sum(contract.columns[name] == INTEGER for name in contract.key)
    names, *numbers = key.rsplit("~", n_numbers) if n_numbers else [key]
    if len(numbers) != n_numbers or not all(_WHOLE.fullmatch(number) for number in numbers):
        return
    last = tuple(int(number) for number in numbers)
    if len(contract.key) - n_numbers == 1:
        yield (names, *last)
        return
    for cut in re.finditer("~", names):
        yield (names[: cut.start()], names[cut.end() :], *last)


def is_named(rows: CollectionRows, *, has_day: bool) -> list[ColumnElement[bool]]:
    """Return the conditions that a row has the id whose `Fid.values` are bound."""
    if len(rows.key) == 1:
        found = [rows.key[0] == bindparam("fid", type_=Text())]
    else:
        found = [column == func.any(_values(rows, n)) for n, column in enumerate(rows.key)]
        found.append(identity(rows, has_versions=False) == bindparam("fid", type_=Text()))
    if has_day and rows.valid is not None:
        day = bindparam("fid__day", type_=Date())
        found.append(rows.columns["valid_from"].is_not_distinct_from(day))
    return found


def _values(rows: CollectionRows, n: int) -> ColumnElement[Any]:
    kind = rows.contract.columns[rows.contract.key[n]]
    return bindparam(f"fid__{n}", type_=ARRAY(BigInteger() if kind == INTEGER else Text()))
