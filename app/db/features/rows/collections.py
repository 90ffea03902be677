"""Where a collection's rows come from: the tables joined, and what each public column is made of.

The columns are those of the collection's contract and no others: whatever asks for, filters or sorts by a
name finds it here or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    collate,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import DATERANGE, aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from app.db.models import (
    Company,
    CompanyVersion,
    Facility,
    Footprint,
    Occupancy,
    Park,
    ParkVersion,
    Plot,
    PlotMarketing,
    PlotVersion,
    Source,
    Walkway,
)
from app.domain.feature_query import Span
from app.domain.frames import COMPANIES, FACILITIES, FOOTPRINTS, PARKS, PLOTS, WALKWAYS, Contract
from app.domain.kinds import SECTOR_PREFIXES, SectorGroup

# Of several things in one text.
SEPARATOR = "; "
# The order of German lists (DIN 5007-1): “Ä” beside “A”, small letters beside capitals.
GERMAN = "de-x-icu"


@dataclass(frozen=True)
class CollectionRows:
    """The rows of a collection as the database has them.

    Attributes
    ----------
    contract : Contract
        Its columns are the keys of `columns`, in order.
    table : FromClause
        The tables joined, all of them from the left: a table of which nothing is asked is left out by the
        database, which matters to counting. Every row has what it refers to.
    columns : mapping
        What each column is made of.
    geometry : ColumnElement
        In EPSG:25832.
    in_park : callable
        Condition that a row belongs to the park whose key is given.
    valid : ColumnElement or None
        The days a row holds, a daterange, where rows have a period.
    periods : tuple of ColumnElement
        The stored periods whose common days `valid` is, where it is no stored one itself.
    """

    contract: Contract
    table: FromClause
    columns: Mapping[str, Any]
    geometry: Any
    in_park: Callable[[Any], Any]
    valid: Any = None
    periods: tuple[Any, ...] = ()

    def chosen(self, statement: Select[Any]) -> CollectionRows:
        """Return those rows that `statement` chooses; it reads `everything`."""
        found = statement.subquery("f")
        columns = {name: found.c[name] for name in self.columns}
        return replace(self, table=found, columns=columns, geometry=found.c.geometry)

    @property
    def everything(self) -> list[Any]:
        """All columns and the geometry under their names, as they are stored."""
        columns = [column.label(name) for name, column in self.columns.items()]
        return [*columns, self.geometry.label("geometry")]

    @property
    def key(self) -> tuple[Any, ...]:
        """The columns that name a row among those of one day."""
        return tuple(self.columns[name] for name in self.contract.key)


def _life(table: Any) -> dict[str, Any]:
    return {**days(table.valid), "source": _title(f"{table.__tablename__}.source_id")}


def _title(source_id: str) -> Any:
    """Return the title of a row's source, looked up where it is shown; joined, it would be in counts, too."""
    # By name: the condition of a filter is compiled apart from the statement in which the table is.
    own = literal_column(source_id, Integer())
    return select(Source.title).where(Source.source_id == own).scalar_subquery()


def days(valid: Any) -> dict[str, Any]:
    """Return the two days of a period as the columns ``valid_from`` and ``valid_to``."""
    return {
        "valid_from": func.lower(valid, type_=Date()),
        "valid_to": func.upper(valid, type_=Date()),
    }


def _own(table: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(table, name) for name in names}


def _is_park(park: Any) -> Any:
    return Park.key == park


def _touches_park(table: Any) -> Callable[[Any], Any]:
    """Return the condition for things that belong to no park: they meet its outline on one of their days."""
    outline = ParkVersion
    return lambda park: exists().where(
        Park.key == park,
        outline.park_id == Park.park_id,
        outline.valid.op("&&")(table.valid),
        func.ST_Intersects(outline.geometry, table.geometry),
    )


def sector_group_of(wz_code: Any) -> ColumnElement[str]:
    """Return the map's sector group of a WZ code in SQL, as `app.domain.kinds.sector_group` has it."""
    longest_first = sorted(SECTOR_PREFIXES, key=len, reverse=True)
    whens = [(func.starts_with(wz_code, prefix), str(SECTOR_PREFIXES[prefix])) for prefix in longest_first]
    unknown = (func.coalesce(wz_code, "") == "", str(SectorGroup.UNKNOWN))
    return case(unknown, *whens, else_=str(SectorGroup.SERVICES))


def _parks() -> CollectionRows:
    version = ParkVersion
    joined = version.__table__.outerjoin(Park, Park.park_id == version.park_id)
    columns = {"key": Park.key, **_own(version, "name", "area_m2"), **_life(version)}
    return CollectionRows(PARKS, joined, columns, version.geometry, _is_park, version.valid)


@lru_cache(maxsize=64)
def plot_rows(span: Span, *, is_internal: bool = False) -> CollectionRows:
    """Return the plots' versions.

    Who occupies one, and its marketing status, is told of those of its days that are in `span`; a status that
    is not public only with `is_internal`.
    """
    version = PlotVersion
    status, first, precision, note = (
        _marketing(span, column, is_internal=is_internal)
        for column in (
            PlotMarketing.status,
            func.lower(PlotMarketing.valid, type_=Date()),
            PlotMarketing.starts_precision,
            PlotMarketing.note,
        )
    )
    columns = {
        "key": version.plot_key,
        "park": version.park_key,
        **_own(version, "label", "street", "use_status", "parcel_number", "official_area_m2"),
        **_own(version, "area_m2", "quality"),
        "occupants": _occupants(span),
        "marketing_status": status,
        "marketing_from": first,
        "marketing_precision": precision,
        "marketing_note": note,
        "starts_precision": version.starts_precision,
        **_life(version),
    }
    return CollectionRows(
        PLOTS,
        version.__table__,
        columns,
        version.geometry,
        lambda park: version.park_key == park,
        version.valid,
    )


def _common_days(span: Span) -> Any:
    """Return the days of a plot's version that are asked for."""
    first = bindparam("occupied_first", span.first, Date())
    last = bindparam("occupied_last", span.last, Date())
    # By name: the condition of a filter is compiled apart from the statement in which this table is.
    valid = literal_column("plot_version.valid", DATERANGE())
    return valid.op("*")(func.daterange(first, last, literal_column("'[]'")))


def _marketing(span: Span, column: Any, *, is_internal: bool) -> Any:
    """Return a column of the last entry of a plot's marketing that the reader may see."""
    entry = PlotMarketing
    statement = select(column).where(
        entry.plot_key == literal_column("plot_version.plot_key", Text()),
        entry.valid.op("&&")(_common_days(span)),
    )
    if not is_internal:
        statement = statement.where(entry.is_public)
    return statement.order_by(entry.valid.desc()).limit(literal_column("1")).scalar_subquery()


def _occupants(span: Span) -> Any:
    """Return the names of the companies on a plot, in German order."""
    # By name, as in `_common_days`.
    plot = literal_column("plot_version.plot_id", Integer())
    common = _common_days(span)
    name = collate(CompanyVersion.name, GERMAN)
    names = func.string_agg(name.distinct(), aggregate_order_by(literal_column(f"'{SEPARATOR}'"), name))
    return (
        # A filter compares it as it compares all texts.
        select(collate(names, "default"))
        .join(Occupancy, Occupancy.company_id == CompanyVersion.company_id)
        .where(Occupancy.plot_id == plot, Occupancy.valid.op("&&")(common))
        .where(CompanyVersion.valid.op("&&")(Occupancy.valid.op("*")(common)))
        .scalar_subquery()
    )


# A row of a company's place begins with the place, or with a version of the company.
_BEGINS_WITH_FIRM = "lower(company_version.valid) > coalesce(lower(occupancy.valid), '-infinity')"


def _of_beginning(column: str) -> str:
    """Return a column that says something of a row's first day, of what begins on it."""
    own, place = f"company_version.{column}", f"occupancy.{column}"
    return f"CASE WHEN {_BEGINS_WITH_FIRM} THEN {own} ELSE {place} END"


def _companies() -> CollectionRows:
    """Return the companies' places, cut where a company's own attributes change."""
    place, firm = Occupancy, CompanyVersion
    is_of_time = (firm.company_id == place.company_id) & firm.valid.op("&&")(place.valid)
    joined = (
        place.__table__.join(firm, is_of_time)
        .outerjoin(Company, Company.company_id == place.company_id)
        .outerjoin(Park, Park.park_id == place.park_id)
        .outerjoin(Plot, Plot.plot_id == place.plot_id)
    )
    valid = place.valid.op("*", return_type=DATERANGE())(firm.valid)
    columns = {
        "key": place.key,
        "company": Company.key,
        **_own(firm, "name", "group_name", "sector"),
        "sector_group": sector_group_of(firm.wz_code),
        **_own(firm, "wz_code", "wz_edition", "wz_basis"),
        "park": Park.key,
        "plot": Plot.key,
        **_own(place, "street", "house_number", "location_quality"),
        "starts_precision": literal_column(_of_beginning("starts_precision"), Text()),
        **_own(place, "as_of", "note"),
        "website": firm.website,
        **days(valid),
        "source": _title(_of_beginning("source_id")),
    }
    return CollectionRows(
        COMPANIES, joined, columns, place.geometry, _is_park, valid, (place.valid, firm.valid)
    )


def _facilities() -> CollectionRows:
    joined = Facility.__table__.outerjoin(Park, Park.park_id == Facility.park_id).outerjoin(
        Plot, Plot.plot_id == Facility.plot_id
    )
    columns = {
        "key": Facility.key,
        "park": Park.key,
        **_own(Facility, "kind", "name"),
        "plot": Plot.key,
        **_own(Facility, "capacity", "capacity_reserve"),
        "amenities": func.array_to_string(Facility.amenities, SEPARATOR, type_=Text()),
        **_own(Facility, "fee", "security_level", "url", "location_quality"),
        **_life(Facility),
    }
    return CollectionRows(FACILITIES, joined, columns, Facility.geometry, _is_park, Facility.valid)


def _walkways() -> CollectionRows:
    names = ("key", "kind", "name", "surface", "kerb", "access", "opening_hours", "length_m")
    columns = {**_own(Walkway, *names), **_life(Walkway)}
    near = _touches_park(Walkway)
    return CollectionRows(WALKWAYS, Walkway.__table__, columns, Walkway.geometry, near, Walkway.valid)


def _footprints() -> CollectionRows:
    columns = {**_own(Footprint, "key", "kind", "name"), **_life(Footprint)}
    near = _touches_park(Footprint)
    return CollectionRows(FOOTPRINTS, Footprint.__table__, columns, Footprint.geometry, near, Footprint.valid)


def companies_to_count() -> CollectionRows:
    """Return the companies' places of one day as they are counted, where nothing of the company is asked for.

    On a day every company has exactly one version.
    """
    places = Occupancy.__table__.outerjoin(Park, Park.park_id == Occupancy.park_id)
    return replace(STORED["companies"], table=places, valid=Occupancy.valid, periods=())


STORED: Mapping[str, CollectionRows] = {
    rows.contract.name: rows for rows in (_parks(), _companies(), _facilities(), _walkways(), _footprints())
}
