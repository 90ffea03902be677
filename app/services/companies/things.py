"""Things that have versions: companies and their places, plots, parks, ways, facilities; edited together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shapely import LineString, Point
from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.changes import Change, begin_change_set, lock_histories, lock_tours
from app.db.companies.companies import company_ids
from app.db.land.plots import plot_ids
from app.db.row_images import Difference, Image, images, key_names, replace_rows
from app.db.tours.visited import follow_places, release_rows
from app.domain.crs import STORAGE_SRID
from app.domain.period import today
from app.errors import N_, ConflictError, InputError, NotFoundError
from app.services.neighbors.stored_pairs import neighbors_updated


@dataclass(frozen=True)
class Kind:
    """What of a thing has versions.

    Attributes
    ----------
    table : str
        Whose rows the versions are.
    identity : str
        The column that all versions of one thing have in common.
    name : str
        The column by which people know a thing.
    fields : tuple of tuple of str
        Columns that change together: each field has runs of its own.
    """

    table: str
    identity: str
    name: str
    fields: tuple[tuple[str, ...], ...]

    @property
    def row_id(self) -> str:
        """The column that numbers the rows."""
        return key_names(self.table)[0]


COMPANY = Kind(
    "company_version",
    "company_id",
    "name",
    (
        ("name",),
        ("group_name",),
        ("sector",),
        ("wz_code", "wz_edition", "wz_basis"),
        ("website",),
        ("internal_note",),
        ("contact",),
        ("source_id",),
    ),
)
PLACE = Kind(
    "occupancy",
    "key",
    "key",
    (
        ("plot_id", "park_id", "geometry", "location_quality"),
        ("street", "house_number"),
        ("as_of",),
        ("note",),
        ("source_id",),
    ),
)
PLOT = Kind(
    "plot_version",
    "plot_id",
    "plot_key",
    (("label",), ("street",), ("use_status",), ("parcel_number",), ("official_area_m2",), ("source_id",)),
)
# A status with who may see it and what is noted of it is one field: it ends where the next one begins.
MARKETING = Kind(
    "plot_marketing",
    "plot_key",
    "plot_key",
    (("status", "is_public", "note", "internal_note", "as_of", "source_id"),),
)
PARK = Kind("park_version", "park_id", "name", (("name",), ("geometry",), ("source_id",)))
WALKWAY = Kind(
    "walkway",
    "key",
    "key",
    (
        ("geometry",),
        ("kind",),
        ("name",),
        ("surface",),
        ("kerb",),
        ("access", "opening_hours"),
        ("source_id",),
    ),
)
FACILITY = Kind(
    "facility",
    "key",
    "key",
    (
        ("name",),
        ("kind",),
        ("capacity",),
        ("capacity_reserve",),
        ("amenities",),
        ("fee",),
        ("security_level",),
        ("url",),
        ("plot_id", "park_id", "geometry", "location_quality"),
        ("source_id",),
    ),
)
KINDS: Mapping[str, Kind] = {
    kind.table: kind for kind in (COMPANY, PLACE, PLOT, MARKETING, PARK, WALKWAY, FACILITY)
}
# Tours stop there.
VISITED = (PLACE, FACILITY)


@dataclass(frozen=True)
class Thing:
    """One thing: its kind, the value of its kind's identity, and how people know it."""

    kind: Kind
    identity: Any
    key: str = field(compare=False)


def company(connection: Connection, key: str) -> Thing:
    """Return a company, of which the attributes have versions.

    Raises
    ------
    NotFoundError
    """
    return Thing(
        COMPANY, _id_of(company_ids(connection, [key]), key, N_("There is no company “%(key)s”.")), key
    )


def place(key: str) -> Thing:
    """Return a company's place."""
    return Thing(PLACE, key, key)


def facility(key: str) -> Thing:
    """Return a facility."""
    return Thing(FACILITY, key, key)


def marketing(plot_key: str) -> Thing:
    """Return the marketing status of a plot."""
    return Thing(MARKETING, plot_key, plot_key)


def plot(connection: Connection, key: str) -> Thing:
    """Return a plot.

    Raises
    ------
    NotFoundError
    """
    return Thing(PLOT, _id_of(plot_ids(connection, [key]), key, N_("There is no plot “%(key)s”.")), key)


def thing_of_image(kind: Kind, image: Image) -> Thing:
    """Return the thing of which a row is a version."""
    return Thing(kind, image[kind.identity], str(image[kind.name]))


def geometry_image(geometry: Point | LineString) -> dict[str, Any]:
    """Return a geometry in EPSG:25832 as the audit has it."""
    crs = {"type": "name", "properties": {"name": f"EPSG:{STORAGE_SRID}"}}
    return {"crs": crs, **json.loads(json.dumps(geometry.__geo_interface__))}


def _id_of(known: Mapping[str, int], key: str, refusal: str) -> int:
    if key not in known:
        raise NotFoundError(refusal, key=key[:60])
    return known[key]


def fields_of(kind: Kind, values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return values by field.

    Raises
    ------
    InputError
        For a column that is no part of a field.
    """
    unknown = next((name for name in values if not any(name in field for field in kind.fields)), None)
    if unknown is not None:
        raise InputError(N_("There is no field “%(name)s”."), name=unknown[:60])
    found = ({name: values[name] for name in field if name in values} for field in kind.fields)
    return [field for field in found if field]


_PERIOD = re.compile(r"[\[(](.*),(.*)\)")


def period_of(image: Image) -> tuple[date | None, date | None]:
    """Return the first day of a row, and the day after its last."""
    match = _PERIOD.fullmatch(image["valid"])
    assert match is not None, image["valid"]  # noqa: S101  as PostgreSQL writes periods of days
    starts, ends = (date.fromisoformat(day) if day else None for day in match.groups())
    return starts, ends


def versions_of_images(kind: Kind, rows: Iterable[Image]) -> list[Version]:
    """Return rows as versions, in order of time."""
    left_out = {kind.row_id, "valid"}
    versions = [
        Version(
            row[kind.row_id],
            *period_of(row),
            {name: value for name, value in row.items() if name not in left_out},
        )
        for row in rows
    ]
    return sorted(versions, key=lambda version: version.starts or date.min)


def image_of(kind: Kind, version: Version) -> Image:
    """Return a version as a row."""
    valid = f"{'[' if version.starts else '('}{version.starts or ''},{version.ends or ''})"
    row_id = {} if version.row_id is None else {kind.row_id: version.row_id}
    return {**version.values, **row_id, "valid": valid}


def stored_versions(connection: Connection, thing: Thing) -> list[Version]:
    """Return all versions of a thing, in order of time."""
    kind = thing.kind
    return versions_of_images(kind, images(connection, kind.table, kind.identity, [thing.identity]))


def stored_places(connection: Connection, firm: Thing) -> dict[str, list[Version]]:
    """Return the versions of all places that a company has, had or will have, by the places' keys."""
    found: dict[str, list[Version]] = {}
    for version in versions_of_images(PLACE, images(connection, PLACE.table, "company_id", [firm.identity])):
        found.setdefault(version.values["key"], []).append(version)
    return found


@dataclass
class Editing:
    """What one change set does to things; nothing is written before its end."""

    connection: Connection
    change_set_id: int
    stored: dict[Thing, list[Version]] = field(default_factory=dict)
    wanted: dict[Thing, list[Version]] = field(default_factory=dict)
    rows: dict[str, tuple[list[Image], list[Image]]] = field(default_factory=dict)

    def versions(self, thing: Thing) -> list[Version]:
        """Return all versions of a thing as they shall be."""
        if thing not in self.wanted:
            self.stored[thing] = self.wanted[thing] = stored_versions(self.connection, thing)
        return self.wanted[thing]

    def put(self, thing: Thing, versions: list[Version]) -> None:
        """Say what the versions of a thing, which were asked for, shall be."""
        self.wanted[thing] = versions

    def replace(self, table: str, before: list[Image], after: list[Image]) -> None:
        """Say what other rows shall be; see `replace_rows`."""
        known = self.rows.setdefault(table, ([], []))
        known[0].extend(before)
        known[1].extend(after)

    def write(self) -> None:
        """Write all of it."""
        for thing, wanted in self.wanted.items():
            before, after = (
                [image_of(thing.kind, one) for one in all_] for all_ in (self.stored[thing], wanted)
            )
            self.replace(thing.kind.table, before, after)
        write_rows(self.connection, self.rows)


@contextmanager
def editing(connection: Connection, change: Change) -> Iterator[Editing]:
    """Give a change set, whose edits are written when the body ends; the caller commits."""
    lock_histories(connection)
    edit = Editing(connection, begin_change_set(connection, change))
    yield edit
    edit.write()


def write_rows(connection: Connection, wanted: Mapping[str, Difference]) -> None:
    """Make rows what they shall be, and with them what follows: neighbors of plots, stops of tours.

    Raises
    ------
    ConflictError
        When a tour stops at a place that would be gone.
    """
    plots = {image["plot_key"] for rows in wanted.get(PLOT.table, ()) for image in rows}
    visited = {kind: wanted[kind.table] for kind in VISITED if any(wanted.get(kind.table, ()))}
    for kind, places in visited.items():
        lock_tours(connection)
        _release(connection, kind, *places)
    with neighbors_updated(connection, plots) if plots else nullcontext():
        replace_rows(connection, wanted)
    for kind, places in visited.items():
        keys = {image["key"] for rows in places for image in rows}
        follow_places(connection, kind.table, keys, today())


def _release(connection: Connection, kind: Kind, before: Iterable[Image], after: Iterable[Image]) -> None:
    kept = {image.get(kind.row_id) for image in after}
    gone = [image[kind.row_id] for image in before if image[kind.row_id] not in kept]
    stops = release_rows(connection, kind.table, gone) if gone else []
    if stops:
        raise ConflictError(
            N_("“%(place)s” cannot go: the tour “%(tour)s” stops there."),
            place=stops[0]["place"],
            tour=stops[0]["title"],
        )
