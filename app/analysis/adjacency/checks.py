"""What a frame of plots must hold before it is worth computing with."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from app.domain.library_words import invalid_reason
from app.errors import N_, DataError


def check_plots(plots: gpd.GeoDataFrame, key: str) -> None:
    """Raise unless `plots` has a metric CRS, one key a plot and valid areal geometries.

    Raises
    ------
    ValueError
        When the CRS is missing, geographic or not in metres, or there is no column `key`.
    DataError
        When a key or a geometry is missing, double or of no use; names the first plots concerned.
    """
    if plots.crs is None or not plots.crs.is_projected or _unit_m(plots) != 1.0:
        raise ValueError(f"plots are in {plots.crs}, expected a projected CRS in metres")
    if key not in plots.columns:
        raise ValueError(f"plots have no column {key!r}")
    check_keys(plots[key])
    check_geometries(plots.geometry.to_numpy(), plots[key])


def _unit_m(plots: gpd.GeoDataFrame) -> float:
    return float(plots.crs.axis_info[0].unit_conversion_factor)


def check_keys(keys: pd.Series) -> None:
    """Raise DataError unless every key is given, once, and all are text or all are numbers."""
    if keys.isna().any() or (keys.astype(str).str.strip() == "").any():
        row = int(np.flatnonzero(keys.isna() | (keys.astype(str).str.strip() == ""))[0]) + 1
        raise DataError(N_("Plot no. %(row)s has no key in column “%(column)s”."), row=row, column=keys.name)
    if keys.duplicated().any():
        raise double_keys(str(keys.name), keys[keys.duplicated()].unique().tolist())
    if len({isinstance(value, str) for value in keys}) > 1:
        raise DataError(N_("Column “%(column)s” mixes text and numbers as keys."), column=keys.name)


def check_geometries(geometries: np.ndarray, keys: pd.Series) -> None:
    """Raise DataError unless every geometry is a valid polygon or multipolygon; names plot and reason."""
    check_areal(geometries, keys)
    invalid = np.flatnonzero(~np.asarray(shapely.is_valid(geometries)))
    if len(invalid):
        raise DataError(
            N_("Plot “%(key)s” has an invalid boundary: %(reason)s."),
            key=keys.iloc[int(invalid[0])],
            reason=invalid_reason(geometries[invalid[0]]),
        )


def double_keys(column: str, keys: Sequence[object]) -> DataError:
    """Return the refusal of keys that name several plots; names the first of them."""
    return DataError(
        N_("Column “%(column)s” holds keys more than once (%(keys)s); expected one plot a key."),
        column=column,
        keys=_named(keys),
    )


def check_areal(geometries: np.ndarray, keys: pd.Series) -> None:
    """Raise DataError unless every geometry is a polygon or multipolygon with finite coordinates."""
    missing = np.flatnonzero(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    if len(missing):
        raise DataError(N_("Plot “%(key)s” has no geometry."), key=keys.iloc[int(missing[0])])
    other = np.flatnonzero(~is_areal(geometries))
    if len(other):
        raise DataError(
            N_("Plot “%(key)s” is a %(kind)s; expected a polygon or multipolygon."),
            key=keys.iloc[int(other[0])],
            kind=geometries[other[0]].geom_type,
        )
    xy, row = shapely.get_coordinates(geometries, return_index=True)
    nowhere = row[~np.isfinite(xy).all(axis=1)]
    if len(nowhere):
        raise DataError(
            N_("Plot “%(key)s” has an invalid boundary: %(reason)s."),
            key=keys.iloc[int(nowhere[0])],
            reason=invalid_reason(geometries[nowhere[0]]),
        )


def is_areal(geometries: np.ndarray) -> np.ndarray:
    """Say of each geometry whether it is a polygon or multipolygon."""
    kinds = [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON]
    return np.asarray(np.isin(shapely.get_type_id(geometries), kinds))


def _named(values: Sequence[object], most: int = 3) -> str:
    names = [str(value) for value in values[:most]]
    return ", ".join(names) + (", …" if len(values) > most else "")
