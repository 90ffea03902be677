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
    quality : BoundaryQuality
        How far the boundaries can be trusted.
    layer, crs : str or None
        Layer to read; reference system where the file states none.
    """

    key: str
    park: str
    source: str
    parcel_number: str | None = None
    official_area: str | None = None
    quality: BoundaryQuality = BoundaryQuality.SCHEMATIC
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
    stored = _stored(connection, reading.park, on)
    rows = [
        {
            "use_status": UseStatus.UNKNOWN.value,
            **stored.get(key, {}),
            "key": key,
            "park": reading.park,
            "quality": reading.quality.value,
            "source": reading.source,
            **({"parcel_number": number} if number else {}),
            **({"official_area_m2": area} if area is not None else {}),
        }
        for key, number, area in zip(keys, numbers, areas, strict=True)
    ]
    boundaries = shapely.force_2d(layer.to_crs(STORAGE_CRS).geometry.to_numpy())
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
    """Return what is kept of each plot: its state on the day, or else its last one."""
    frame = plots_on(connection, on, park)
    rows = frame.astype(object).where(frame.notna(), None)
    return {row["key"]: {name: row[name] for name in KEPT} for row in rows.to_dict("records")}
