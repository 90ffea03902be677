"""Save a list of companies: one change set for all of its rows, undone as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.changes import Change
from app.db.companies.attributes import ATTRIBUTES, INTERNAL
from app.db.companies.occupants import next_ids, taken_keys
from app.db.land.parks import park_ids
from app.db.land.plots import plot_ids
from app.domain.kinds import Intent, Precision, UseStatus
from app.domain.period import KnownDay, today
from app.errors import N_, AppError, DataError
from app.services.companies.acts import change_thing, correct_thing
from app.services.companies.cases import use_plot
from app.services.companies.list_sites import ListedSite
from app.services.companies.lists import MatchedRow, RowKind
from app.services.companies.things import (
    COMPANY,
    PLACE,
    Editing,
    Thing,
    company,
    editing,
    geometry_image,
    image_of,
    place,
)
from app.services.tours.keys import slug

_ALL_DAYS = Version(None, None, None)
_OF_COMPANY = (*ATTRIBUTES, *INTERNAL, "source_id")


def save_rows(connection: Connection, rows: Sequence[MatchedRow], known: KnownDay, change: Change) -> int:
    """Save what rows of a list say; those that are neither new nor changed do nothing.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    rows : sequence of MatchedRow
        As they are matched in this transaction.
    known : KnownDay
        Since when changes hold; where `change` means a correction, the day on which mistakes are seen.
    change : Change

    Returns
    -------
    int
        The change set.

    Raises
    ------
    AppError
        Naming the row, when something of it cannot be saved.
    """
    with editing(connection, change) as edit:
        saving = _Saving(edit, known, is_correction=change.intent is Intent.CORRECT)
        saving.add([row for row in rows if row.kind is RowKind.NEW])
        for row in rows:
            if row.kind is RowKind.CHANGED:
                with _named(row):
                    saving.alter(row)
        saving.use_plots()
    return edit.change_set_id


@contextmanager
def _named(row: MatchedRow) -> Iterator[None]:
    """Let a refusal name the row of which it is."""
    try:
        yield
    except AppError as error:
        told = {"row": row.row.number, "name": row.name, "why": error}
        raise DataError(N_("Row %(row)s (%(name)s): %(why)s"), **told) from None


class _Saving:
    def __init__(self, edit: Editing, known: KnownDay, *, is_correction: bool) -> None:
        self.edit, self.known, self.is_correction = edit, known, is_correction
        self.plots, self.parks = plot_ids(edit.connection), park_ids(edit.connection)
        self.places = taken_keys(edit.connection, "occupancy")
        self.used: dict[str, tuple[date, MatchedRow]] = {}

    def add(self, rows: Sequence[MatchedRow]) -> None:
        """Add new companies, all at once, with their places."""
        keys = taken_keys(self.edit.connection, "company")
        ids = next_ids(self.edit.connection, "company", len(rows))
        for row, company_id in zip(rows, ids, strict=True):
            key = _free(slug(row.name, "company"), keys)
            self.edit.replace("company", [], [{"company_id": company_id, "key": key}])
            values = {**dict.fromkeys(_OF_COMPANY), **row.attributes}
            whole = _ALL_DAYS.with_values(
                {**values, "company_id": company_id, "starts_precision": Precision.UNKNOWN.value}
            )
            self.edit.replace(COMPANY.table, [], [image_of(COMPANY, whole)])
            if row.site is not None:
                self._open(row, row.site, company_id, key, row.row.values.get("first_day"))

    def _open(
        self, row: MatchedRow, site: ListedSite, company_id: int, company_key: str, since: KnownDay | None
    ) -> None:
        """Let a company have a place; since when is often not known."""
        values, first = row.row.values, None if since is None else since.first
        key = _free(slug(f"{company_key} {site.plot or ''}"), self.places)
        own = {
            **self._location(site),
            **{name: values.get(name) for name in ("street", "house_number", "note")},
            "key": key,
            "company_id": company_id,
            "as_of": f"{today():%Y-%m}",
            "starts_precision": (since.precision if since else Precision.UNKNOWN).value,
            "source_id": None,
        }
        self.edit.replace(PLACE.table, [], [image_of(PLACE, Version(None, first, None, own))])
        if site.plot is not None:
            used = (first or self.known.first, row)
            self.used[site.plot] = min(used, self.used.get(site.plot, used), key=lambda each: each[0])

    def _location(self, site: ListedSite) -> dict[str, Any]:
        return {
            "plot_id": None if site.plot is None else self.plots[site.plot],
            "park_id": self.parks[site.park],
            "geometry": geometry_image(site.point),
            "location_quality": site.location_quality.value,
        }

    def alter(self, row: MatchedRow) -> None:
        """Change or correct a stored company, and its place."""
        assert row.company is not None  # noqa: S101  else it is new
        firm = company(self.edit.connection, row.company)
        if row.attributes:
            self._apply(firm, row.attributes)
        if row.place is None:
            if row.site is not None:
                self._open(row, row.site, firm.identity, firm.key, row.row.values.get("first_day"))
            return
        of_place = {**row.of_place, **(self._location(row.site) if row.site else {})}
        if of_place:
            self._apply(place(row.place), of_place)

    def _apply(self, thing: Thing, values: Mapping[str, Any]) -> None:
        if self.is_correction:
            correct_thing(self.edit, thing, values, self.known.first)
        else:
            change_thing(self.edit, thing, values, self.known.first, self.known.precision)

    def use_plots(self) -> None:
        """Let plots on which companies are be in use."""
        for key, (day, row) in self.used.items():
            with _named(row):
                use_plot(self.edit, key, UseStatus.OCCUPIED, day)


def _free(wanted: str, taken: set[str]) -> str:
    """Return a key that nothing has or had, and take it."""
    key = next(key for n in count(1) if (key := wanted if n == 1 else f"{wanted}-{n}") not in taken)
    taken.add(key)
    return key
