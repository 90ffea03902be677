"""What follows from a save, found out before it: all of it is done and taken back again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection

from app.analysis.neighborhood import company_neighbors
from app.db.change_sets import RowChange, change_set, row_changes
from app.db.changes import lock_histories
from app.db.companies.companies import companies_on, company_keys
from app.db.companies.occupants import meetings_ahead
from app.db.features.readers import frame_on
from app.db.land.parks import park_ids
from app.db.tours.visited import stops_without_place
from app.domain.kinds import CompanyRelation
from app.domain.period import today
from app.services.companies.things import FACILITY, KINDS, PARK, VISITED, period_of, thing_of_image
from app.services.neighbors.neighborhood import frames_around

Act = Callable[[Connection], int]
Period = tuple[date | None, date | None]


@dataclass(frozen=True)
class Cut:
    """A thing whose versions are others: their periods before and after, those of it that are touched."""

    table: str
    name: str
    before: tuple[Period, ...]
    after: tuple[Period, ...]


@dataclass(frozen=True)
class NeighborChange:
    """A company that another one wins or loses as a neighbor, or has in another way; None is not at all."""

    company: str
    neighbor: str
    name: str
    before: CompanyRelation | None
    after: CompanyRelation | None
    before_m: float | None
    after_m: float | None


@dataclass(frozen=True)
class Consequences:
    """What a save would do.

    Attributes
    ----------
    versions : tuple of Cut
    neighbors : tuple of NeighborChange
        On the day of the save (today where it has none).
    tours : tuple of mapping
        Tours ahead that stop where nobody would be any more: `key`, `title`, `status`, `toured_on`, `place`.
    meetings : tuple of mapping
        Meetings from that day on in which the companies have a part: `key`, `title`, `held_on`, `company`.
    public_before, public_after : tuple of mapping
        The rows of the public collections that would not be the same.
    """

    versions: tuple[Cut, ...]
    neighbors: tuple[NeighborChange, ...]
    tours: tuple[Mapping[str, Any], ...]
    meetings: tuple[Mapping[str, Any], ...]
    public_before: tuple[Mapping[str, Any], ...]
    public_after: tuple[Mapping[str, Any], ...]

    @property
    def names(self) -> dict[str, str]:
        """Names by key of the companies that would not be the same: new ones are among them."""
        return {row["company"]: row["name"] for row in self.public_after if "company" in row}

    @property
    def place_names(self) -> dict[str, str]:
        """Names by key of the places that would not be the same: whose they are, and where."""
        rows = (row for row in (*self.public_before, *self.public_after) if "company" in row)
        return {
            row["key"]: ", ".join(filter(None, (row["name"], row["plot"] or row["street"]))) for row in rows
        }

    @property
    def companies(self) -> set[str]:
        """Keys of the companies that win or lose a neighbor or have a part in a meeting."""
        return {one.company for one in self.neighbors} | {str(row["company"]) for row in self.meetings}


def preview(
    connection: Connection, act: Act, companies: Iterable[str], on: date | None = None
) -> Consequences:
    """Return what an act would do; the database is as it was afterwards.

    Parameters
    ----------
    connection : Connection
    act : callable
        Does it, and returns the change set.
    companies : iterable of str
        Keys of the companies concerned, as far as they are stored.
    on : date, optional
        The day of which neighbors are compared; that of the change set without.

    Raises
    ------
    AppError
        What the act itself raises.
    """
    # Held longer than the savepoint: nobody edits between what is seen and the save in the same transaction.
    lock_histories(connection)
    with connection.begin_nested() as savepoint:
        made = act(connection)
        on = on or change_set(connection, made).day or today()
        changes = row_changes(connection, made)
        concerned = sorted({*companies, *_companies(connection, changes)})
        plots = {row.image["plot_key"] for row in changes if "plot_key" in row.image}
        others = _others_concerned(connection, changes)
        tours = tuple(_tours_stopping(connection, changes))
        meetings = tuple(dict(row) for row in meetings_ahead(connection, concerned, on))
        after = _seen(connection, concerned, plots, others, on)
        savepoint.rollback()
    before = _seen(connection, concerned, plots, others, on)
    return Consequences(
        tuple(_cuts(changes)),
        tuple(_differences(before.neighbors, after.neighbors)),
        tours,
        meetings,
        *_others(before.rows, after.rows),
    )


def _tours_stopping(connection: Connection, changes: Sequence[RowChange]) -> Iterable[dict[str, Any]]:
    """Yield the tours ahead that stop where nobody would be any more."""
    for kind in VISITED:
        keys = {row.image["key"] for row in changes if row.table == kind.table}
        for row in stops_without_place(connection, kind.table, keys, today()):
            yield dict(row)


def _others_concerned(connection: Connection, changes: Sequence[RowChange]) -> dict[str, set[str]]:
    """Return the keys of the facilities and parks whose rows are others, by their collections."""
    parks = {number: key for key, number in park_ids(connection).items()}
    found = {
        "facilities": {row.image["key"] for row in changes if row.table == FACILITY.table},
        "parks": {parks[row.image["park_id"]] for row in changes if row.table == PARK.table},
    }
    return {collection: keys for collection, keys in found.items() if keys}


def decided(found: Consequences) -> object:
    """Return what of consequences a person decides on: equal while what others saved does not touch it.

    Others may have given the same things other names, values or boundaries meanwhile.
    """
    neighbors = [(one.company, one.neighbor, one.before, one.after) for one in found.neighbors]
    tours = [(row["key"], row["place"]) for row in found.tours]
    meetings = [(row["key"], row["company"]) for row in found.meetings]
    return sorted(_moved(found.versions)), neighbors, tours, meetings


def _moved(cuts: Iterable[Cut]) -> Iterable[tuple[str, list[date], list[date]]]:
    """Yield which boundaries would not be there any more, and which would instead."""
    for cut in cuts:
        before, after = (
            {day for period in periods for day in period if day} for periods in (cut.before, cut.after)
        )
        if before - after:
            yield cut.table, sorted(before - after), sorted(after - before)


def _companies(connection: Connection, changes: Sequence[RowChange]) -> set[str]:
    """Return the keys of the companies whose rows, or whose plots' rows, are others."""
    images = [image for row in changes for image in (row.before, row.after) if image]
    ids = {image["company_id"] for image in images if image.get("company_id") is not None}
    return set(company_keys(connection, ids).values())


@dataclass(frozen=True)
class _Surroundings:
    neighbors: Mapping[tuple[str, str], tuple[str, CompanyRelation, float | None]]
    rows: Sequence[Mapping[str, Any]]


def _seen(
    connection: Connection,
    companies: Sequence[str],
    plots: Collection[str],
    others: Mapping[str, Collection[str]],
    on: date,
) -> _Surroundings:
    """Return the neighbors of companies on a day, and the public rows of all that is concerned."""
    own = companies_on(connection, on, company=companies)
    used = set(own["plot"].dropna())
    there, land, pairs = frames_around(connection, used | set(plots), on)
    found = {
        (key, member.key): (member.name, neighbor.relation, neighbor.shared_m or neighbor.facing_m)
        for key in sorted(set(own.company))
        for neighbor in company_neighbors(key, there, land, pairs)
        for member in neighbor.members
    }
    rows = _rows(companies_on(connection, None, company=companies))
    if plots:
        # On the day of the save: of more days a row tells one status only.
        rows += _rows(land.loc[land.key.isin(plots)].drop(columns="occupants"))
    for collection, keys in others.items():
        rows += _rows(frame_on(connection, collection, None, only={"key": keys}))
    return _Surroundings(found, rows)


def _rows(public: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    frame = pd.DataFrame(public)
    frame["geometry"] = frame["geometry"].map(lambda point: point.wkt)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _cuts(changes: Sequence[RowChange]) -> Iterable[Cut]:
    versioned = [row for row in changes if row.table in KINDS]
    things = dict.fromkeys(thing_of_image(KINDS[row.table], row.image) for row in versioned)
    for thing in things:
        own = [row for row in versioned if thing_of_image(KINDS[row.table], row.image) == thing]
        before, after = (
            tuple(sorted((period_of(image) for image in images if image), key=lambda p: p[0] or date.min))
            for images in ([row.before for row in own], [row.after for row in own])
        )
        if before != after:
            yield Cut(thing.kind.table, thing.key, before, after)


def _differences(
    before: Mapping[tuple[str, str], tuple[str, CompanyRelation, float | None]],
    after: Mapping[tuple[str, str], tuple[str, CompanyRelation, float | None]],
) -> Iterable[NeighborChange]:
    for pair in sorted({*before, *after}):
        old, new = before.get(pair), after.get(pair)
        if (old and old[1:]) != (new and new[1:]):
            name = (new or old or ("",))[0]
            yield NeighborChange(
                *pair,
                name,
                old[1] if old else None,
                new[1] if new else None,
                old[2] if old else None,
                new[2] if new else None,
            )


def _others(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...]]:
    return tuple(row for row in before if row not in after), tuple(row for row in after if row not in before)
