"""A feature as finished GeoJSON text, put together by the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Numeric, Select, Text, cast, func, literal_column, select, true
from sqlalchemy.sql.elements import ColumnElement

from app.db.features.rows.collections import CollectionRows
from app.domain.crs import STORAGE_SRID
from app.domain.feature_query import AnswerCrs
from app.domain.frames import NUMBER, Contract

# Correctly rounded as `round` of Python is, which `round(numeric)` is not for values between two digits.
_THREE_DECIMALS = "FM99999999999990.999"
OPEN_START = ".."  # ISO 8601-2's sign of an open bound


def published(rows: CollectionRows, name: str) -> Any:
    """Return a column as features show it: numbers to 3 decimals, all else as it is."""
    value = rows.columns[name]
    if rows.contract.columns[name] != NUMBER:
        return value
    return three_decimals(value)


def three_decimals(value: Any) -> Any:
    """Return a double precision value rounded as features show it."""
    return cast(func.to_char(value, literal_column(f"'{_THREE_DECIMALS}'")), Numeric())


def identity(rows: CollectionRows, *, has_versions: bool) -> Any:
    """Return the id of a row: its keys joined by ``~``; among several days ``@`` and the first day, too."""
    keys = [cast(key, Text()) for key in rows.key]
    joined: Any = keys[0]
    for key in keys[1:]:
        joined = joined.concat(literal_column("'~'")).concat(key)
    if not has_versions or rows.valid is None:
        return joined
    starts = func.coalesce(cast(rows.columns["valid_from"], Text()), literal_column(f"'{OPEN_START}'"))
    return joined.concat(literal_column("'@'")).concat(starts)


def geometry_text(geometry: ColumnElement[Any], contract: Contract, crs: AnswerCrs) -> ColumnElement[str]:
    """Return a geometry as GeoJSON in the axis order of `crs`, exterior rings counter-clockwise."""
    shape: Any = geometry if crs.srid == STORAGE_SRID else func.ST_Transform(geometry, crs.srid)
    if "Polygon" in contract.geometry_types:
        shape = func.ST_ForcePolygonCCW(shape)
    if crs.is_lat_lon:
        shape = func.ST_FlipCoordinates(shape)
    return func.ST_AsGeoJSON(shape, literal_column(str(crs.decimals)), literal_column("0"), type_=Text())


def feature_text(
    rows: CollectionRows, names: Sequence[str], crs: AnswerCrs, *, has_versions: bool
) -> Select[Any]:
    """Return the statement whose column ``feature`` is the finished text of each of `rows`."""
    columns = [published(rows, name).label(name) for name in names]
    properties = select(*columns).correlate(rows.table).lateral("p")
    text = func.concat(
        literal_column("""'{"type":"Feature","id":'"""),
        func.to_json(identity(rows, has_versions=has_versions)),
        literal_column("""',"properties":'"""),
        func.row_to_json(literal_column("p")) if names else literal_column("'{}'"),
        literal_column("""',"geometry":'"""),
        geometry_text(rows.geometry, rows.contract, crs),
        literal_column("'}'"),
    ).label("feature")
    return select(text).select_from(rows.table.join(properties, true()) if names else rows.table)
