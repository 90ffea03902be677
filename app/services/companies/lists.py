"""A list of companies beside what is stored: what is new, changed, unchanged, or perhaps the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from app.analysis.company_names import candidates, core_of
from app.db.companies.attributes import ATTRIBUTES, Attributes, company_versions
from app.db.companies.companies import companies_on, company_ids
from app.db.versions import records
from app.domain.companies.folding import folded_number, folded_street
from app.domain.kinds import LocationQuality
from app.domain.period import KnownDay
from app.errors import N_, AppError, DataError
from app.exchange.companies.columns import CellProblem, ListRow
from app.services.companies.list_sites import KnownSites, ListedSite

# What a person says of a row; of one that may mean a stored company its key stands behind a colon.
SKIP, NEW_FIRM, SAME, SAME_RENAMED = "skip", "new", "same", "renamed"
# Nearer than that a point is where it was.
_MOVED_M = 1.0
_OF_PLACE = ("street", "house_number", "note")


class RowKind(StrEnum):
    """What a row of a list is."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    UNDECIDED = "undecided"
    UNREADABLE = "unreadable"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class FieldChange:
    """A field that a row would change: before and after as people write them, of days as `KnownDay`."""

    name: str
    before: str
    after: str | KnownDay


@dataclass(frozen=True)
class MatchedRow:
    """A row of a list, and what it would do.

    Attributes
    ----------
    row : ListRow
    kind : RowKind
    company : str or None
        The key of the stored company that it means.
    candidates : tuple of str
        Keys of the companies that it may mean; a person decides.
    attributes : mapping
        Of the company, the new values by column.
    place : str or None
        The key of the stored place that it means.
    of_place : mapping
        Of that place, the new values by column.
    site : ListedSite or None
        Where the company is to have a place, or its place to lie, from now on.
    changes : tuple of FieldChange
    problems : tuple of CellProblem
        Why it cannot be taken.
    remarks : tuple of AppError
        What of it is not taken, and why.
    """

    row: ListRow
    kind: RowKind
    company: str | None = None
    candidates: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    place: str | None = None
    of_place: Mapping[str, Any] = field(default_factory=dict)
    site: ListedSite | None = None
    changes: tuple[FieldChange, ...] = ()
    problems: tuple[CellProblem, ...] = ()
    remarks: tuple[AppError, ...] = ()

    @property
    def name(self) -> str:
        """What the row calls its company."""
        return str(self.row.values.get("name") or self.row.values.get("key") or "")


def match_rows(
    connection: Connection, rows: Sequence[ListRow], on: date, choices: Mapping[int, str]
) -> list[MatchedRow]:
    """Return what each row of a list is beside what is stored.

    Parameters
    ----------
    connection : Connection
    rows : sequence of ListRow
    on : date
        The day of which rows are compared.
    choices : mapping
        What a person said of rows, by their numbers.
    """
    known = _StoredCompanies(connection, on)
    found = candidates([str(row.values.get("name", "")) for row in rows], known.called)
    matched = []
    for row, keys in zip(rows, found, strict=True):
        matched.append(known.match(row, keys, choices.get(row.number, "")))
    return matched


class _StoredCompanies:
    """What is stored, and what the rows before have named."""

    def __init__(self, connection: Connection, on: date) -> None:
        self.on = on
        versions = company_versions(connection, company_ids(connection))
        self.called = {
            key: dict.fromkeys(one.values["name"] for one in all_) for key, all_ in versions.items()
        }
        self.held = {key: _held(all_, on) for key, all_ in versions.items()}
        self._by_name: dict[str, list[str]] = {}
        for key, one in self.held.items():
            self._by_name.setdefault(_whole_name(one.values["name"]), []).append(key)
        self.places: dict[str, list[Mapping[str, Any]]] = {}
        for row in records(companies_on(connection, on)):
            self.places.setdefault(row["company"], []).append(row)
        self.sites = KnownSites(connection, on)
        self._taken: dict[tuple[str, str], int] = {}
        self._new: dict[str, int] = {}

    def match(self, row: ListRow, likely: Sequence[str], choice: str) -> MatchedRow:
        if row.problems:
            return MatchedRow(row, RowKind.UNREADABLE, problems=row.problems)
        try:
            return self._match(row, likely, choice)
        except AppError as error:
            return MatchedRow(row, RowKind.UNREADABLE, problems=(CellProblem("", error),))

    def _match(self, row: ListRow, likely: Sequence[str], choice: str) -> MatchedRow:
        said, _, key = choice.partition(":")
        company, doubtful = self._company_of(row, likely)
        found = MatchedRow(row, RowKind.UNDECIDED, company, tuple(doubtful))
        if said == SKIP:
            return replace(found, kind=RowKind.SKIPPED)
        if doubtful and said in (SAME, SAME_RENAMED) and key in doubtful:
            found = replace(found, company=key)
            company = key
        elif doubtful and said != NEW_FIRM:
            return found
        self._check_once(row, company)
        if company is None:
            return self._as_new(found)
        keeps_name = bool(doubtful) and said == SAME
        return self._compared(found, company, keeps_name=keeps_name)

    def _company_of(self, row: ListRow, likely: Sequence[str]) -> tuple[str | None, Sequence[str]]:
        """Return the company that a row surely means, and those that it may mean."""
        key = row.values.get("key")
        if key is not None:
            if key in self.held:
                return key, ()
            raise DataError(N_("There is no company “%(key)s”."), key=key[:60])
        same = self._by_name.get(_whole_name(row.values["name"]), [])
        return (same[0], ()) if len(same) == 1 else (None, same or likely)

    def _check_once(self, row: ListRow, company: str | None) -> None:
        """Refuse a second row of a company."""
        meant = ("new", _whole_name(row.values["name"])) if company is None else ("stored", company)
        before = self._taken.setdefault(meant, row.number)
        if before != row.number:
            raise DataError(
                N_(
                    "Row %(row)s names this company already: each company once; "
                    "further places are added by “Expansion”."
                ),
                row=before,
            )

    def _alike(self, row: ListRow) -> tuple[AppError, ...]:
        """Say of a new company that one in an earlier row has nearly its name."""
        before = self._new.setdefault(core_of(row.values["name"]), row.number)
        return () if before == row.number else (DataError(_ALIKE, row=before),)

    def _as_new(self, found: MatchedRow) -> MatchedRow:
        values = found.row.values
        if "name" not in values:
            raise DataError(N_("A company needs a name."))
        site = self.sites.find(values)
        attributes = {name: values[name] for name in ATTRIBUTES if name in values}
        changes = tuple(FieldChange(name, "", value) for name, value in _shown(values, site).items())
        remarks = (*self._alike(found.row), *(() if site else (_NO_SITE,)))
        return replace(
            found, kind=RowKind.NEW, attributes=attributes, site=site, changes=changes, remarks=remarks
        )

    def _compared(self, found: MatchedRow, company: str, *, keeps_name: bool) -> MatchedRow:
        """Return what a row would change of a stored company."""
        values, held = found.row.values, self.held[company].values
        wanted = {name: values[name] for name in ATTRIBUTES if name in values}
        if keeps_name:
            wanted.pop("name", None)
        if wanted.get("wz_code") == held["wz_code"] and wanted.get("wz_edition") == held["wz_edition"]:
            # How it is known is not in the list.
            wanted.pop("wz_basis", None)
        attributes = {name: value for name, value in wanted.items() if held[name] != value}
        if attributes.keys() & {"wz_code", "wz_edition"}:
            attributes |= {name: wanted[name] for name in ("wz_code", "wz_edition", "wz_basis")}
        changes = [
            FieldChange(name, held[name] or "", value)
            for name, value in attributes.items()
            if held[name] != value and name != "wz_basis"
        ]
        found = replace(found, company=company, attributes=attributes, changes=tuple(changes))
        found = self._with_place(found, company)
        kind = RowKind.CHANGED if found.changes else RowKind.UNCHANGED
        return replace(found, kind=kind)

    def _with_place(self, found: MatchedRow, company: str) -> MatchedRow:
        values, places = found.row.values, self.places.get(company, [])
        site = self.sites.find(values)
        if not places:
            if site is None:
                return replace(found, remarks=(_NOT_HERE,))
            shown = [FieldChange(name, "", value) for name, value in _shown_site(values, site).items()]
            return replace(found, site=site, changes=(*found.changes, *shown))
        place = _place_meant(places, values, site)
        if place is None:
            is_said = site is not None or any(name in values for name in _OF_PLACE)
            return replace(found, remarks=(_SEVERAL_PLACES,)) if is_said else found
        return _at_place(found, place, site)


_NO_SITE = DataError(N_("Stored without a place: the row says nothing by which one is found here."))
_ALIKE = N_("Row %(row)s has nearly this name: leave one of them out if they are one company.")
_NOT_HERE = DataError(N_("The company has no place on this day, and the row gives it none."))
_SEVERAL_PLACES = DataError(
    N_("The company has several places; which of them the row means cannot be seen: they stay as they are.")
)
_OTHER_START = N_("Its first day is stored otherwise; “Correct a day” on the company's page puts it right.")


def _held(versions: Sequence[Attributes], on: date) -> Attributes:
    return next(one for one in versions if on in one.valid)


def _whole_name(name: str) -> str:
    return " ".join(name.casefold().split())


def _place_meant(
    places: Sequence[Mapping[str, Any]], values: Mapping[str, Any], site: ListedSite | None
) -> Mapping[str, Any] | None:
    """Return which of the places of a company a row means."""
    if len(places) == 1:
        return places[0]
    fits = [
        row
        for row in places
        if (site is not None and site.plot is not None and row["plot"] == site.plot)
        or (
            row["street"] is not None
            and "street" in values
            and folded_street(row["street"]) == folded_street(values["street"])
            and folded_number(row["house_number"] or "") == folded_number(values.get("house_number", ""))
        )
    ]
    return fits[0] if len(fits) == 1 else None


def _at_place(found: MatchedRow, place: Mapping[str, Any], site: ListedSite | None) -> MatchedRow:
    """Return a row with what it would change of a place."""
    values = found.row.values
    own = {name: values[name] for name in _OF_PLACE if name in values and place[name] != values[name]}
    if _is_same_address(place, values):
        own = {name: value for name, value in own.items() if name == "note"}
    elif "street" in own:
        # A number of another street is none of this one.
        own["house_number"] = values.get("house_number")
    changes = [FieldChange(name, place[name] or "", value or "") for name, value in own.items()]
    if site is not None and _is_elsewhere(place, site):
        changes.append(FieldChange("plot", place["plot"] or "", _site_words(site)))
    else:
        site = None
    first = values.get("first_day")
    is_other = first is not None and first.first != place["valid_from"]
    remarks = (DataError(_OTHER_START),) if is_other else ()
    return replace(
        found,
        place=place["key"],
        of_place=own,
        site=site,
        changes=(*found.changes, *changes),
        remarks=(*found.remarks, *remarks),
    )


def _is_same_address(place: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Say whether an address is the stored one, perhaps written in another way."""
    street, number = values.get("street"), values.get("house_number")
    return (
        street is not None
        and folded_street(place["street"] or "") == folded_street(street)
        and (number is None or folded_number(place["house_number"] or "") == folded_number(number))
    )


def _is_elsewhere(place: Mapping[str, Any], site: ListedSite) -> bool:
    """Say whether a site is another one than that of a place, and better known."""
    if not site.is_explicit:
        return place["plot"] is None and site.plot is not None
    if site.plot != place["plot"]:
        return True
    is_measured = site.location_quality is LocationQuality.MAPPED
    return is_measured and float(site.point.distance(place["geometry"])) > _MOVED_M


def _site_words(site: ListedSite) -> str:
    if site.location_quality is LocationQuality.STREET:
        return ""
    return site.plot or f"{site.point.x:.1f}, {site.point.y:.1f}"


def _shown(values: Mapping[str, Any], site: ListedSite | None) -> dict[str, Any]:
    names = [name for name in ATTRIBUTES if name in values and name != "wz_basis"]
    return {**{name: values[name] for name in names}, **(_shown_site(values, site) if site else {})}


def _shown_site(values: Mapping[str, Any], site: ListedSite) -> dict[str, Any]:
    shown = {name: values[name] for name in (*_OF_PLACE, "first_day") if name in values}
    return {**shown, "plot": _site_words(site)} if _site_words(site) else shown
