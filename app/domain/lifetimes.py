"""Plot versions and neighbor pairs over time as columns: what crosses between tables and computation.

Days are whole numbers, counted from 2000-01-01 as PostgreSQL counts them; a period is half-open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely

from app.domain.kinds import LineageKind, Relation

Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

# First day, and day after the last.
Span = tuple[int, int]

DAY_ZERO = date(2000, 1, 1)
# A period that is open on a side starts or ends on these.
BEGINNING, FOREVER = -(2**31), 2**31 - 1

# A relation's code is its position here.
RELATIONS = tuple(Relation)
MEASURES = ("shared_m", "gap_m", "facing_m", "overlap_m2")


def to_date(day: int) -> date | None:
    """Return a day as a date, None for the open side of a period."""
    return None if day in (BEGINNING, FOREVER) else DAY_ZERO + timedelta(days=int(day))


class Columns:
    """Arrays of one length, taken together row by row."""

    def __len__(self) -> int:
        return len(next(iter(vars(self).values())))

    def take(self, chosen: Any) -> Self:
        """Return the rows picked by a mask, an index array or a slice."""
        return type(self)(**{name: array[chosen] for name, array in vars(self).items()})

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of `parts`, one after the other; no parts give no rows."""
        none = cls.none()
        return cls(
            **{name: np.concatenate([getattr(part, name) for part in (none, *parts)]) for name in vars(none)}
        )

    @classmethod
    def none(cls) -> Self:
        """Return no rows."""
        raise NotImplementedError


@dataclass(frozen=True)
class Versions(Columns):
    """Plot versions in the order of their plots' keys.

    Attributes
    ----------
    version_id : array of int64
    starts, ends : array of int32
        First day, and day after the last.
    geometry : array of Polygon or MultiPolygon
        In EPSG:25832.
    """

    version_id: Ints
    starts: Days
    ends: Days
    geometry: Geometries

    @classmethod
    def none(cls) -> Self:
        """Return no versions."""
        days = np.empty(0, np.int32)
        return cls(np.empty(0, np.int64), days, days, np.empty(0, object))

    @property
    def bounds(self) -> Floats:
        """The bounding boxes, (n, 4) meters."""
        return np.asarray(shapely.bounds(self.geometry), dtype=np.float64).reshape(-1, 4)

    def alive(self, starts: int, ends: int) -> Flags:
        """Return which versions hold on every day of a period."""
        return (self.starts <= starts) & (self.ends >= ends)


@dataclass(frozen=True)
class PairRows(Columns):
    """Typed neighbor pairs of plot versions during periods; the evidence goes beside them.

    Attributes
    ----------
    row_id : array of int64
        The row of the table, 0 where it is not stored.
    focal, neighbor : array of int64
        Ids of plot versions, the plot with the smaller key first.
    relation : array of int8
        Positions in `RELATIONS`.
    shared_m, gap_m, facing_m, overlap_m2 : array of float64
        NaN where a relation does not have the measure.
    starts, ends : array of int32
        First day, and day after the last.
    """

    row_id: Ints
    focal: Ints
    neighbor: Ints
    relation: npt.NDArray[np.int8]
    shared_m: Floats
    gap_m: Floats
    facing_m: Floats
    overlap_m2: Floats
    starts: Days
    ends: Days

    @classmethod
    def none(cls) -> Self:
        """Return no pairs."""
        ids, measure, days = np.empty(0, np.int64), np.empty(0), np.empty(0, np.int32)
        code = np.empty(0, np.int8)
        return cls(ids, ids, ids, code, measure, measure, measure, measure, days, days)


@dataclass(frozen=True)
class Descent:
    """A plot that came from another one on a day."""

    day: date
    kind: LineageKind
    parent: str
    child: str
