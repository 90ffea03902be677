"""Plots from a file that others made: a cadastre's parcels, a surveyor's layer, a sketch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from sqlalchemy import Connection

from app.db.land.parks import check_park
from app.db.land.plots import plots_on
from app.db.versions import is_same_geometry, records
from app.domain.crs import STORAGE_CRS, to_storage
from app.domain.frames import PLOTS
from app.domain.kinds import BoundaryQuality, UseStatus
from app.domain.transformation import lon_lat, operation_notes, transformation
from app.errors import N_
from app.exchange.collections.rows import checked_frame, plot_key
from app.exchange.land.plot_sources import number_text
from app.services.land import plot_reading
from app.services.land.near_parks import check_near_parks

# What a file of boundaries does not tell; what is stored of a plot is kept.
KEPT = ("label", "street", "use_status", "parcel_number", "official_area_m2")


@dataclass(frozen=True)
class ImportOptions:
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
        Column with the official area in square meters, where there is one.
    quality : BoundaryQuality or None
        How far the boundaries can be trusted; None: as is stored of a boundary that stays as it was, and
        schematic, which claims least, of any other.
    layer, crs : str or None
        Layer to read; reference system where the file states none.
    accepted_m : float or None
        The accuracy of a change of datum that will do, see `transformation`.
    is_repaired, is_without_collapsed : bool
        Whether invalid boundaries are repaired, and plots left out of which that leaves nothing.
    """

    key: str
    park: str
    source: str
    parcel_number: str | None = None
    official_area: str | None = None
    quality: BoundaryQuality | None = None
    layer: str | None = None
    crs: str | None = None
    is_repaired: bool = False
    is_without_collapsed: bool = False
    accepted_m: float | None = None


def read_foreign_plots(
    connection: Connection,
    path: Path,
    reading: ImportOptions,
    on: date | None,
    say: Callable[..., None] = lambda _template, **_values: None,
) -> gpd.GeoDataFrame:
    """Return the plots of a foreign file as a `PLOTS` frame, open at both ends.

    What the file does not tell of a plot that is stored (on the day `on`, or ever: its last state) is
    taken from there; a new plot's use is unknown. `say` is told what was done to the file's plots.

    Raises
    ------
    NotFoundError, InputError, DataError
        One sentence for whatever is wrong with the file, its columns, keys or boundaries.
    """
    check_park(connection, reading.park)
    layer, column = _read(connection, path, reading, say)
    keys = [str(key) for key in layer[column]]
    slashed = next((key for key in keys if plot_key(key) != key), None)
    if slashed:
        say(
            N_("A “/” in a key is stored as “-”: %(key)s is %(stored)s"),
            key=slashed,
            stored=plot_key(slashed),
        )
    stored = _stored(connection, reading.park, on)
    rows = [
        {
            "use_status": UseStatus.UNKNOWN.value,
            **{name: stored[plot_key(key)][name] for name in KEPT if plot_key(key) in stored},
            "key": key,
            "park": reading.park,
            "quality": reading.quality or _quality(stored.get(plot_key(key)), boundary),
            "source": reading.source,
            **({"parcel_number": _text(number)} if number is not None else {}),
            **({"official_area_m2": area} if area is not None else {}),
        }
        for key, number, area, boundary in zip(
            keys,
            _texts(layer, reading.parcel_number),
            _texts(layer, reading.official_area),
            layer.geometry,
            strict=True,
        )
    ]
    return checked_frame(path.name, rows, list(layer.geometry), PLOTS)


def _read(
    connection: Connection, path: Path, reading: ImportOptions, say: Callable[..., None]
) -> tuple[gpd.GeoDataFrame, str]:
    """Return the plots in the storage reference system, and the column that names them."""
    others = tuple(name for name in (reading.parcel_number, reading.official_area) if name)
    asked = plot_reading.Reading(
        path,
        reading.key,
        reading.layer,
        reading.crs,
        reading.is_repaired,
        reading.is_without_collapsed,
        others,
        reading.accepted_m,
    )
    layer, column, n_again = plot_reading.read_frame(asked)
    _check_near(connection, layer, [f"{path.name}: {key}" for key in layer[column]])
    target = CRS.from_user_input(STORAGE_CRS)
    operation = transformation(layer.crs, target, layer.total_bounds, path.name, reading.accepted_m)
    for template, values in operation_notes(operation.name, operation.accuracy_m):
        say(template, **values)
    placed = operation.moved(shapely.force_2d(layer.geometry.to_numpy()))
    boundaries, is_kept, mended = plot_reading.sound(placed, layer[column], asked)
    for template, values in plot_reading.repair_notes(mended.repaired, mended.left_out, n_again):
        say(template, **values)
    return layer[is_kept].set_geometry(boundaries).set_crs(STORAGE_CRS, allow_override=True), column


def _check_near(connection: Connection, layer: gpd.GeoDataFrame, names: list[str]) -> None:
    """Refuse plots far from every park, before it can be told that no transformation reaches so far."""
    middles = shapely.get_coordinates(shapely.centroid(layer.geometry.to_numpy()))
    places = np.asarray(shapely.points(lon_lat(layer.crs, middles)), dtype=object)
    check_near_parks(connection, to_storage(places), names)


def _texts(layer: gpd.GeoDataFrame, column: str | None) -> list[Any]:
    """Return a column's values, None where one is missing or no column was named."""
    if column is None:
        return [None] * len(layer)
    return [None if missing else v for v, missing in zip(layer[column], layer[column].isna(), strict=True)]


def _text(value: Any) -> str | None:
    return number_text(float(value)) if isinstance(value, float | np.floating) else str(value)


def _stored(connection: Connection, park: str, on: date | None) -> dict[str, dict[str, Any]]:
    """Return each plot's row: its state on the day, or else its last one."""
    return {row["key"]: row for row in records(plots_on(connection, on, park))}


def _quality(stored: dict[str, Any] | None, boundary: Any) -> str:
    """Return how far a boundary can be trusted of which the file does not say so."""
    if stored is not None and is_same_geometry(stored["geometry"], boundary):
        return str(stored["quality"])
    return BoundaryQuality.SCHEMATIC.value
