"""Plots from a file that others made: a cadastre's parcels, a surveyor's layer, a sketch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import Connection

from app.analysis.adjacency import check_geometries, check_keys
from app.db.parks import check_park
from app.db.plots import plots_on
from app.db.versions import is_same_geometry, records
from app.domain.crs import STORAGE_CRS
from app.domain.frames import PLOTS
from app.domain.kinds import BoundaryQuality, UseStatus
from app.errors import N_, DataError
from app.exchange.ogr import key_column, read_layer
from app.exchange.rows import checked_frame

# What a file of boundaries does not tell; what is stored of a plot is kept.
KEPT = ("label", "street", "use_status", "parcel_number", "official_area_m2")


@dataclass(frozen=True)
class Reading:
    """How to read a foreign file.

    Attributes
    ----------
    key : str
        Column that names a plot.
    park : str
        Key of the park the plots lie in.
    source : str
        Title of the source.
    parcel_number : str or None
        Column with the official parcel number, where there is one.
    official_area : str or None
        Column with the official area in square metres, where there is one.
    quality : BoundaryQuality or None
        How far the boundaries can be trusted; None: as is stored of a boundary that stays as it was, and
        schematic, which claims least, of any other.
    layer, crs : str or None
        Layer to read; reference system where the file states none.
    """

    key: str
    park: str
    source: str
    parcel_number: str | None = None
    official_area: str | None = None
    quality: BoundaryQuality | None = None
    layer: str | None = None
    crs: str | None = None


def read_foreign_plots(
    connection: Connection, path: Path, reading: Reading, on: date | None
) -> gpd.GeoDataFrame:
    """Return the plots of a foreign file as a `PLOTS` frame, open at both ends.

    What the file does not tell of a plot that is stored (on the day `on`, or ever: its last state) is
    taken from there; a new plot's use is unknown.

    Raises
    ------
    NotFoundError, InputError, DataError
        One sentence for whatever is wrong with the file, its columns, keys or boundaries.
    """
    check_park(connection, reading.park)
    layer = read_layer(path, reading.layer, reading.crs)
    key_column(layer, reading.key, path.name)
    check_keys(layer[reading.key])
    check_geometries(layer.geometry.to_numpy(), layer[reading.key])
    keys = [_text(key) for key in layer[reading.key]]
    numbers = [_text(n) if n is not None else None for n in _told(layer, reading.parcel_number, path.name)]
    areas = _told(layer, reading.official_area, path.name)
    boundaries = shapely.force_2d(layer.to_crs(STORAGE_CRS).geometry.to_numpy())
    stored = _stored(connection, reading.park, on)
    rows = [
        {
            "use_status": UseStatus.UNKNOWN.value,
            **{name: stored[key][name] for name in KEPT if key in stored},
            "key": key,
            "park": reading.park,
            "quality": reading.quality or _quality(stored.get(key), boundary),
            "source": reading.source,
            **({"parcel_number": number} if number else {}),
            **({"official_area_m2": area} if area is not None else {}),
        }
        for key, number, area, boundary in zip(keys, numbers, areas, boundaries, strict=True)
    ]
    return checked_frame(path.name, rows, list(boundaries), PLOTS)


def _told(layer: gpd.GeoDataFrame, column: str | None, file: str) -> list[Any]:
    """Return a column's values, None where one is missing or no column was named."""
    if column is None:
        return [None] * len(layer)
    if column not in layer.columns:
        raise DataError(
            N_("%(file)s has no column “%(column)s”; it has %(known)s."),
            file=file,
            column=column,
            known=", ".join(map(str, layer.columns.drop(layer.geometry.name))),
        )
    return [None if missing else v for v, missing in zip(layer[column], layer[column].isna(), strict=True)]


def _text(value: Any) -> str:
    """Return a key as text; a whole number that a file keeps as a float loses its ``.0``."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _stored(connection: Connection, park: str, on: date | None) -> dict[str, dict[str, Any]]:
    """Return each plot's row: its state on the day, or else its last one."""
    return {row["key"]: row for row in records(plots_on(connection, on, park))}


def _quality(stored: dict[str, Any] | None, boundary: Any) -> str:
    """Return how far a boundary can be trusted of which the file does not say so."""
    if stored is not None and is_same_geometry(stored["geometry"], boundary):
        return str(stored["quality"])
    return BoundaryQuality.SCHEMATIC.value
