"""From rows to frames: what every reading query of this room shares."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import ARRAY, Connection, Executable, any_, func, literal
from sqlalchemy.sql.elements import ColumnElement

from app.domain.crs import STORAGE_CRS
from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TEXT, Contract

DTYPES: dict[str, Any] = {NUMBER: "float64", INTEGER: "Int64", TEXT: object, DAY: object, FLAG: bool}


def wkb(geometry: Any) -> ColumnElement[bytes]:
    """Return the geometry as the column ``geometry`` in the form `read_frame` decodes."""
    return func.ST_AsBinary(geometry).label("geometry")


def life(valid: Any) -> tuple[ColumnElement[date], ColumnElement[date]]:
    """Return a period as the columns ``valid_from`` and ``valid_to``."""
    return func.lower(valid).label("valid_from"), func.upper(valid).label("valid_to")


def holds(valid: Any, on: date | None) -> list[ColumnElement[bool]]:
    """Return the condition that a period holds the day `on`; none for all of history."""
    return [] if on is None else [valid.op("@>")(on)]


def is_one_of(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Return the condition that a column has one of any number of values, which are one parameter."""
    condition: ColumnElement[bool] = column == any_(literal(sorted(values), ARRAY(column.type)))
    return condition


def read_frame(connection: Connection, statement: Executable, contract: Contract) -> gpd.GeoDataFrame:
    """Run `statement`, whose columns are those of `contract` and `wkb`, and return its frame.

    The frame of no rows has the same columns, dtypes and CRS as any other.
    """
    names = [*contract.columns, "geometry"]
    rows = connection.execute(statement).mappings().all()
    return frame_of([[row[name] for name in names] for row in rows], contract)


def frame_of(rows: Sequence[Sequence[Any]], contract: Contract) -> gpd.GeoDataFrame:
    """Return the frame of rows that hold the values of `contract` in order, and the geometry as WKB."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(contract.columns) + 1)
    geometry = gpd.array.from_wkb(list(columns.pop()), crs=STORAGE_CRS)
    given = zip(contract.columns.items(), columns, strict=True)
    series = {name: _series(values, kind) for (name, kind), values in given}
    # Given as a column of all: set afterwards, it takes three times as long.
    return gpd.GeoDataFrame({**series, "geometry": geometry})


def _series(values: Any, kind: str) -> Any:
    return pd.Series(list(values), dtype=DTYPES.get(kind, object))
