"""Storing rows that hold during a period: what is new, what is changed, what is there already.

A stored row is never overwritten. A change closes the row that holds and opens a new one; the
exclusion constraints refuse two rows of one thing on one day. Where a fact comes from, how exactly its
first day is known and of when it is known are no part of the fact: the same delivery in another file, or
a later one of the same content, opens nothing new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from app.db.models import Base
from app.domain.crs import STORAGE_SRID, to_wgs84
from app.domain.period import Period
from app.errors import N_, ConflictError, DataError, NotFoundError, Phrase

_CONTRADICTS_ROW = N_(
    "%(row)s (%(period)s) conflicts with another row of it (%(other)s): give the day from which a "
    "change applies, or correct the periods."
)
_CONTRADICTS_STORED = N_(
    "%(row)s (%(period)s) conflicts with what is stored (%(other)s): give the day from which a "
    "change applies, or correct the periods."
)
_STORED_DECIMALS = 4  # a tenth of a millimeter: two readings of one file
_DEGREE_DECIMALS = 7  # what GeoJSON keeps
# Columns about the row, not about the thing in it.
_PROVENANCE = frozenset({"source_id", "as_of", "starts_precision"})


@dataclass(frozen=True)
class Tally:
    """How many rows of an import are new, changed (an older row was closed) and already there."""

    n_new: int = 0
    n_changed: int = 0
    n_unchanged: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.n_new + other.n_new,
            self.n_changed + other.n_changed,
            self.n_unchanged + other.n_unchanged,
        )


@dataclass(frozen=True)
class StoreOptions:
    """How a frame is to be stored.

    Attributes
    ----------
    since : date or None
        The day from which the rows hold, older rows being closed on it; None where each row
        states its own period.
    is_rounded : bool
        Whether the geometries went through GeoJSON's 7 decimals and are to be compared so.
    accepts_overlaps : bool
        Whether something may come to lie where something else is stored on the same days.
    """

    since: date | None = None
    is_rounded: bool = False
    accepts_overlaps: bool = False


AS_GIVEN = StoreOptions()


def period(row: Mapping[str, Any]) -> Range[date]:
    """Return ``valid_from`` and ``valid_to`` of a frame's row as a range."""
    return Range(row["valid_from"], row["valid_to"], bounds="[)")


def date_range(period: Period) -> Range[date]:
    """Return a period as a range."""
    return Range(period.starts_on, period.ends_on, bounds="[)")


def records(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as mappings, NaN and NA as None."""
    columns = {name: [None if pd.isna(v) else v for v in frame[name]] for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def resolve(known: Mapping[str, int], key: str | None, row: str, template: str) -> int | None:
    """Return the id behind `key`; `template` is the refusal, with ``%(row)s`` and ``%(key)s``."""
    if key is None:
        return None
    if key not in known:
        raise NotFoundError(template, row=row, key=key)
    return known[key]


@contextmanager
def refusals_in_words(table: str) -> Iterator[None]:
    """Turn the database's refusal of a row into a sentence that names the rule."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.orig, "diag", None)
        rule = getattr(diagnosis, "constraint_name", None) or getattr(diagnosis, "column_name", None)
        is_conflict = getattr(error.orig, "sqlstate", None) in ("23P01", "23505")
        kind, template = (
            (ConflictError, N_("%(table)s: a row conflicts with what is stored (%(rule)s)."))
            if is_conflict
            else (DataError, N_("%(table)s: a row violates the rule %(rule)s."))
        )
        raise kind(template, table=table, rule=rule) from error


def store_versions(
    connection: Connection,
    model: type[Base],
    identity: str,
    rows: Sequence[dict[str, Any]],
    options: StoreOptions = AS_GIVEN,
) -> Tally:
    """Store `rows` over time.

    Parameters
    ----------
    connection : Connection
    model : type of Base
        A table with the columns ``valid`` and ``geometry``.
    identity : str
        Column that names a thing on one day.
    rows : sequence of dict
        Values by column: ``valid`` a range, ``geometry`` a shapely geometry, and ``row``, what the
        row is called in sentences.
    options : StoreOptions

    Returns
    -------
    Tally

    Raises
    ------
    ConflictError
        When a row's period meets another row of the same thing with other content.
    DataError
        When the database refuses a value.
    """
    table = cast("Table", model.__table__)
    plan = _Plan(_stored(connection, table, identity, [row[identity] for row in rows], options), identity)
    prints = _prints([row["geometry"] for row in rows], options)
    for row, geometry_print in zip(rows, prints, strict=True):
        plan.add(row, _content(row, geometry_print), options.since)
    with refusals_in_words(table.name):
        for stored_id, values in plan.updates.items():
            connection.execute(update(table).where(_id(table) == stored_id).values(values))
        if plan.openings:
            connection.execute(insert(table), plan.openings)
    return plan.tally


@dataclass
class _Version:
    stored_id: int | None
    valid: Range[date]
    content: tuple[Any, ...]
    provenance: Mapping[str, Any]


class _Plan:
    """What storing will do: rows to close or to confirm, rows to open."""

    def __init__(self, stored: dict[Any, list[_Version]], identity: str) -> None:
        self.versions = stored
        self.identity = identity
        self.updates: dict[int, dict[str, Any]] = defaultdict(dict)
        self.openings: list[dict[str, Any]] = []
        self.tally = Tally()

    def add(self, row: dict[str, Any], content: tuple[Any, ...], since: date | None) -> None:
        versions = self.versions[row[self.identity]]
        valid = row["valid"] if since is None else Range(since, row["valid"].upper, bounds="[)")
        match = next(
            (v for v in versions if v.content == content and _is_stored(valid, v.valid, since)), None
        )
        if match is not None:
            is_confirmed = self._confirm(match, row, since)
            self.tally += Tally(n_changed=1) if is_confirmed else Tally(n_unchanged=1)
            return
        closed = self._close(versions, valid, content, since)
        if closed is not None and closed.content == content:
            return
        if closed is not None and valid.upper is None:
            valid = Range(valid.lower, closed.valid.upper, bounds="[)")
        self._open(row, content, valid, versions, is_change=closed is not None)

    def _confirm(self, version: _Version, row: dict[str, Any], since: date | None) -> bool:
        """Note of when a stored row is known now, and from where; return whether that is news.

        The first day belongs to the stored row: only who gives the row's own period states how exact it is.
        """
        names = {"as_of", "starts_precision"} if since is None else {"as_of"}
        given = {name: row[name] for name in _PROVENANCE & row.keys() if row[name] is not None}
        if version.stored_id is None or not any(
            given[n] != version.provenance[n] for n in names & given.keys()
        ):
            return False
        self.updates[version.stored_id] |= {
            name: given[name] for name in (*names, "source_id") if name in given
        }
        return True

    def _close(
        self, versions: list[_Version], valid: Range[date], content: tuple[Any, ...], since: date | None
    ) -> _Version | None:
        """End the row that the new one ends: the one of `since`, or the open one whose end is now known."""
        for version in versions:
            if version.stored_id is None:
                continue
            if since is not None and since in version.valid and version.valid.lower != since:
                ended = Range(version.valid.lower, since, bounds="[)")
            elif since is None and version.content == content and _ends(version.valid, valid):
                ended = valid
                self.tally += Tally(n_changed=1)
            else:
                continue
            before = replace(version)
            self.updates[version.stored_id]["valid"] = version.valid = ended
            return before
        return None

    def _open(
        self,
        row: dict[str, Any],
        content: tuple[Any, ...],
        valid: Range[date],
        versions: list[_Version],
        *,
        is_change: bool,
    ) -> None:
        for version in versions:
            if version.valid.overlaps(valid):
                raise ConflictError(
                    _CONTRADICTS_ROW if version.stored_id is None else _CONTRADICTS_STORED,
                    row=row["row"],
                    period=period_text(valid),
                    other=period_text(version.valid),
                )
        versions.append(_Version(None, valid, content, {}))
        values = {name: value for name, value in row.items() if name != "row"}
        self.openings.append(
            {**values, "valid": valid, "geometry": from_shape(row["geometry"], srid=STORAGE_SRID)}
        )
        self.tally += Tally(n_changed=1) if is_change else Tally(n_new=1)


def _is_stored(valid: Range[date], stored: Range[date], since: date | None) -> bool:
    """Return whether a stored row of the same content already states what is to be stored."""
    return valid == stored if since is None else since in stored


def _ends(stored: Range[date], valid: Range[date]) -> bool:
    return stored.upper is None and valid.upper is not None and stored.lower == valid.lower


def period_text(valid: Range[date]) -> str:
    """Return a period as sentences have it."""
    if valid.lower is None and valid.upper is None:
        return Phrase(N_("all days"))
    return f"[{valid.lower or '…'}, {valid.upper or '…'})"


def _stored(
    connection: Connection, table: Table, identity: str, names: Sequence[Any], options: StoreOptions
) -> dict[Any, list[_Version]]:
    statement = select(table, func.ST_AsBinary(table.c.geometry).label("wkb")).where(
        table.c[identity].in_(set(names))
    )
    rows = connection.execute(statement).mappings().all()
    prints = _prints(shapely.from_wkb([row["wkb"] for row in rows]), options)
    found: dict[Any, list[_Version]] = defaultdict(list)
    for row, geometry_print in zip(rows, prints, strict=True):
        provenance = {name: row[name] for name in _PROVENANCE if name in row}
        version = _Version(
            row[_id(table).name], row["valid"], _content(row, geometry_print, table), provenance
        )
        found[row[identity]].append(version)
    return found


def _id(table: Table) -> Any:
    return next(iter(table.primary_key))


def _content(row: Mapping[Any, Any], geometry_print: bytes, table: Table | None = None) -> tuple[Any, ...]:
    """Return what a row states of its thing, its period left out, in a form that compares."""
    left_out = {"valid", "geometry", "row", "wkb", *_PROVENANCE}
    if table is not None:
        # What the database writes itself.
        left_out |= {c.name for c in table.columns if c.server_onupdate is not None or c.primary_key}
    names = sorted(str(name) for name in row if name not in left_out)
    return (geometry_print, *((name, _plain(row[name])) for name in names))


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def is_same_geometry(one: Any, other: Any) -> bool:
    """Return whether two geometries in EPSG:25832 count as the same when versions are stored."""
    first, second = _prints([one, other], AS_GIVEN)
    return first == second


def _prints(geometries: Any, options: StoreOptions) -> list[bytes]:
    """Return one comparable text of bytes a geometry: rounded, rings and parts in a fixed order."""
    array = np.asarray(geometries, dtype=object)
    moved = to_wgs84(array) if options.is_rounded else array
    decimals = _DEGREE_DECIMALS if options.is_rounded else _STORED_DECIMALS
    even = shapely.transform(moved, lambda c: np.round(c, decimals) + 0.0)
    return list(shapely.to_wkb(shapely.normalize(even)))
