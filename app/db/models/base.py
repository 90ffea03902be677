"""What all tables share: naming, keys, periods, geometry and the constraints made from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Identity, Index, Integer, MetaData, Text
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from app.domain.crs import STORAGE_SRID

# Every constraint has a name, so that a migration can drop it and an error can be recognized by it.
NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}

AREAL = ("POLYGON", "MULTIPOLYGON")


class Base(DeclarativeBase):
    """The declarative base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {str: Text(), Range[date]: DATERANGE()}


Id = Annotated[int, mapped_column(Integer, Identity(always=True), primary_key=True)]


def geometry_column(kind: str = "GEOMETRY", *, nullable: bool = False) -> Mapped[Any]:
    """Return a geometry column in the storage reference system; its index is declared by `spatial_index`."""
    return mapped_column(
        Geometry(kind, srid=STORAGE_SRID, spatial_index=False, nullable=nullable), nullable=nullable
    )


def spatial_index(table: str) -> Index:
    """Return the GiST index of a table's geometry."""
    return Index(f"ix_{table}_geometry", "geometry", postgresql_using="gist")


def is_kind(column: str, kinds: Iterable[StrEnum]) -> CheckConstraint:
    """Return a check that `column` holds one of `kinds` (or null, where the column allows it)."""
    values = ", ".join(f"'{kind}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({values})", name=column)


def is_key(column: str = "key") -> CheckConstraint:
    """Return a check that a human-readable key can stand in an address: letters, digits, ``-_.~``."""
    return CheckConstraint(rf"{column} ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=column)


def has_days(column: str = "valid") -> CheckConstraint:
    """Return a check that a period holds at least one day."""
    return CheckConstraint(f"NOT isempty({column})", name=f"{column}_has_days")


def is_not_blank(column: str) -> CheckConstraint:
    """Return a check that text is not empty or white space."""
    return CheckConstraint(rf"{column} ~ '\S'", name=f"{column}_is_not_blank")


def sound_geometry(*types: str) -> tuple[CheckConstraint, ...]:
    """Return checks that a geometry is valid, not empty, of one of `types`, and areal ones have an area."""
    names = ", ".join(f"'{kind}'" for kind in types)
    checks = [
        CheckConstraint("ST_IsValid(geometry)", name="geometry_is_valid"),
        CheckConstraint("NOT ST_IsEmpty(geometry)", name="geometry_is_not_empty"),
        CheckConstraint(f"GeometryType(geometry) IN ({names})", name="geometry_type"),
    ]
    if set(types) <= set(AREAL):
        checks.append(CheckConstraint("ST_Area(geometry) > 0", name="geometry_has_area"))
    return tuple(checks)


def no_overlap(
    name: str,
    *same: str | ColumnElement[Any],
    period: str = "valid",
    where: str | None = None,
    deferrable: bool | None = None,
) -> ExcludeConstraint:
    """Return an exclusion: no two rows with equal `same` share a day.

    One that is `deferrable` may be judged when all rows are as they shall be: a boundary is that of two rows.
    """
    equal = [(column, "=") for column in same]
    return ExcludeConstraint(
        *equal, (period, "&&"), name=name, using="gist", where=where, deferrable=deferrable
    )
