"""Vector tiles: what a query finds, drawn by the database into a Mapbox Vector Tile of Web Mercator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import (
    Connection,
    Double,
    Float,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from app.db.changes import STATE, state_of_data
from app.db.features.feature_text import identity
from app.db.features.placing import GRID, MARGIN, MOST_ZOOM, Placing, placing
from app.db.features.rows.collections import CollectionRows
from app.db.features.selection import check_names, selection
from app.db.features.statements import rows_found
from app.domain.crs import STORAGE_SRID
from app.domain.feature_query import WEB_MERCATOR, FeatureQuery
from app.domain.frames import DAY, NUMBER
from app.errors import N_, NotFoundError

# What a map draws, names and tells apart by; other columns come when they are asked for.
MAP_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "parks": ("name",),
    "plots": ("park", "label", "street", "use_status", "area_m2"),
    "companies": ("company", "name", "sector", "sector_group", "park", "plot"),
    "facilities": ("kind", "name", "park", "plot", "capacity"),
    "walkways": ("kind", "name", "access", "length_m"),
    "footprints": ("kind", "name"),
    "adjacency": ("focal", "neighbor", "relation", "shared_m", "gap_m", "is_override"),
    "company-neighbors": (
        "focal",
        "focal_name",
        "neighbor",
        "neighbor_name",
        "relation",
        "shared_m",
        "gap_m",
    ),
    "tours": ("park", "title", "toured_on"),
    "tour-stops": ("tour", "position", "name"),
    "tour-legs": ("tour", "position", "part", "is_on_network"),
}
# The most features of a tile: with the columns above, less than 500 kB as they travel.
MOST_FEATURES = 20_000
# From this zoom on, nothing is too small to be drawn.
WHOLE_FROM_ZOOM = 14


def tile_columns(query: FeatureQuery) -> tuple[str, ...]:
    """Return the columns that a tile of `query` carries beside ``id``."""
    return MAP_COLUMNS[query.collection] if query.properties is None else query.properties


@dataclass(frozen=True)
class Tile:
    """A drawn tile, and the state of the data in which it was; see `app.db.changes.state_of_data`."""

    layer: bytes
    state: str


def tile(connection: Connection, query: FeatureQuery, z: int, y: int, x: int) -> Tile:
    """Return a tile of the scheme WebMercatorQuad.

    Parameters
    ----------
    connection : Connection
    query : FeatureQuery
        Its `crs`, `sort`, `after` and `limit` are not regarded.
    z, y, x : int
        Zoom, row from the north, column from the west.

    Returns
    -------
    Tile
        One layer, named as the collection; empty where nothing is to be drawn. A feature has the id of
        `query`'s items as its property ``id`` (ids of the format itself are numbers), and `tile_columns`.
        Its coordinates are right within one line of the layer's grid, which has 4096 lines. Below zoom 14,
        what is smaller than a pixel of a tile 512 pixels wide is left out, and of more than `MOST_FEATURES`
        the largest are drawn; from zoom 14 on, any of them.

    Raises
    ------
    NotFoundError
        When the scheme has no such tile, and for a collection that does not exist.
    InputError
        For a property that the collection does not have, or a value that it cannot have.
    """
    check_place(z, y, x)
    place = placing(z, y, x)
    if place is None:
        check_names(selection(query).rows, query.properties or ())
        return Tile(b"", state_of_data(connection))
    make = _FORMS[place.affine is not None, z < WHOLE_FROM_ZOOM]
    # Planned each time: a plan for any day would look up the day in an index, too, where all plots hold.
    values = {"tile_z": z, "tile_x": x, "tile_y": y, **_values(place)}
    [(layer, state)] = rows_found(connection, query, make, **values)
    return Tile(bytes(layer), state)


def check_place(z: int, y: int, x: int) -> None:
    """Refuse a tile that the scheme does not have.

    Raises
    ------
    NotFoundError
    """
    if z > MOST_ZOOM or max(y, x) >= 2**z:
        raise NotFoundError(
            N_(
                "There is no tile %(z)s/%(y)s/%(x)s: zoom goes up to %(most)s, rows and columns to "
                "2^zoom - 1."
            ),
            z=str(z),
            y=str(y),
            x=str(x),
            most=str(MOST_ZOOM),
        )


def _values(place: Placing) -> dict[str, Any]:
    """Return what of a tile is bound by name."""
    box = place.box
    return {
        **dict(zip(_AFFINE, place.affine or (), strict=bool(place.affine))),
        **dict(zip(_BOX, (box.minx, box.miny, box.maxx, box.maxy), strict=True)),
        "tile_pixel_m": place.pixel_m,
    }


_AFFINE = ("tile_a", "tile_b", "tile_d", "tile_e", "tile_xoff", "tile_yoff")
_BOX = ("tile_minx", "tile_miny", "tile_maxx", "tile_maxy")


def _number(name: str) -> ColumnElement[float]:
    return bindparam(name, 0.0, Float())


def _whole(name: str) -> ColumnElement[int]:
    return bindparam(name, 0, Integer())


def _statement(query: FeatureQuery, *, is_plane: bool, is_thinned: bool) -> Select[Any]:
    """Return the statement that draws a tile of `query`; all of the tile itself is bound by name."""
    wanted = selection(query)
    rows = wanted.rows
    names = tile_columns(query)
    check_names(rows, names)
    carried = [_carried(rows, name).label(name) for name in names if name != "id"]
    has_versions = not query.span.is_instant
    found = wanted.select(
        identity(rows, has_versions=has_versions).label("id"), *carried, _drawn(rows, is_plane=is_plane)
    ).where(_meets_tile(rows))
    if is_thinned and (size := _size(rows)) is not None:
        pixel, power = size[0] >= func.power(_number("tile_pixel_m"), size[1]), size[0].desc()
        found = found.where(pixel).order_by(power)
    drawn = found.limit(MOST_FEATURES).subquery("drawn")
    layer = func.ST_AsMVT(
        literal_column("drawn"),
        literal_column(f"'{rows.contract.name}'"),
        literal_column(str(GRID)),
        literal_column(f"'{_GEOMETRY}'"),
    )
    return select(layer, literal_column(STATE, Text())).select_from(drawn)


# No column has this name.
_GEOMETRY = "drawn geometry"


def _carried(rows: CollectionRows, name: str) -> ColumnElement[Any]:
    """Return a column as tiles have it: days as text, numbers to 3 decimals.

    Between two digits a number may come out as the other one: the exact way costs more than drawing the plot.
    """
    kind, value = rows.contract.columns[name], rows.columns[name]
    if kind == NUMBER:
        return func.round(cast(value, Double()) * 1000) / 1000
    return cast(value, Text()) if kind == DAY else value


def _drawn(rows: CollectionRows, *, is_plane: bool) -> ColumnElement[Any]:
    """Return a geometry on the tile's grid; null where nothing of it is seen.

    PostGIS cuts it to the tile and its margin, and mends what crosses itself once its corners lie on lines
    of the grid.
    """
    if is_plane:
        geometry = func.ST_Affine(rows.geometry, *map(_number, _AFFINE))
    else:
        geometry = func.ST_Transform(rows.geometry, WEB_MERCATOR.srid)
    envelope = func.ST_TileEnvelope(*map(_whole, ("tile_z", "tile_x", "tile_y")))
    grid, margin = literal_column(str(GRID), Integer()), literal_column(str(MARGIN), Integer())
    return func.ST_AsMVTGeom(geometry, envelope, grid, margin).label(_GEOMETRY)


def _meets_tile(rows: CollectionRows) -> ColumnElement[bool]:
    envelope = func.ST_MakeEnvelope(*map(_number, _BOX), literal_column(str(STORAGE_SRID)))
    met: ColumnElement[bool] = rows.geometry.op("&&")(envelope)
    return met


def _size(rows: CollectionRows) -> tuple[ColumnElement[float], int] | None:
    """Return how large a row is and the power of meters that is in; None where all are points."""
    kinds = rows.contract.geometry_types
    if "Point" in kinds and "LineString" not in kinds:
        return None
    if "Polygon" in kinds:
        return func.ST_Area(rows.geometry), 2
    return func.ST_Length(rows.geometry), 1


Form = Callable[[FeatureQuery], Select[Any]]
# Kept by identity: each is a statement of its own to `rows_found`.
_FORMS: Mapping[tuple[bool, bool], Form] = {
    (is_plane, is_thinned): partial(_statement, is_plane=is_plane, is_thinned=is_thinned)
    for is_plane in (False, True)
    for is_thinned in (False, True)
}
