"""Collections of the shipped data as filters ask them, and as features show them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import shapely
from sqlalchemy import Connection, func, select

from app.db.features.cql2 import FilterColumns, condition
from app.db.features.selection import rows_of
from app.domain.crs import WGS84_SRID, to_wgs84
from app.domain.feature_query import FeatureQuery
from app.domain.frames import DAY, NUMBER


@dataclass(frozen=True)
class Stored:
    """The rows of a collection, in one order: what is asked, and what they are."""

    statement: Any = field(repr=False)
    columns: FilterColumns = field(repr=False)
    features: list[dict[str, Any]] = field(repr=False)
    shapes: list[Any] = field(repr=False)

    def found(self, connection: Connection, expression: Any, srid: int = WGS84_SRID) -> list[int]:
        """Return the numbers of the rows that a filter finds."""
        is_found = condition(expression, self.columns, srid)
        flags = connection.execute(self.statement.with_only_columns(is_found, maintain_column_froms=True))
        return [n for n, is_true in enumerate(flags.scalars()) if is_true]


def stored(connection: Connection, collection: str) -> Stored:
    rows = rows_of(FeatureQuery(collection))
    named = {name: rows.columns[name].label(f"column_{name}") for name in rows.contract.columns}
    statement = select(*named.values(), func.ST_AsBinary(rows.geometry).label("shape"))
    statement = statement.select_from(rows.table).order_by(*rows.key, rows.columns["valid_from"])
    found = connection.execute(statement).all()
    shapes = [shapely.from_wkb(bytes(row.shape)) for row in found]
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(shapely.to_geojson(degrees)),
            "properties": {
                name: told(getattr(row, f"column_{name}"), kind)
                for name, kind in rows.contract.columns.items()
            },
        }
        for row, degrees in zip(found, to_wgs84(shapes), strict=True)
    ]
    columns = FilterColumns(rows.columns, rows.contract.columns, rows.geometry, rows.valid)
    return Stored(statement, columns, features, shapes)


def told(value: Any, kind: str) -> Any:
    """Return a value as features show it."""
    if value is None:
        return None
    if kind == NUMBER:
        return round(value, 3)
    return value.isoformat() if kind == DAY else value
