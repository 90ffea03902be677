"""What a frame of plots must hold before it is worth computing with."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas.api.types import infer_dtype

from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.validity import certainly_valid
from app.domain.failure_reasons import invalid_reason
from app.errors import N_, DataError


def check_crs(plots: gpd.GeoDataFrame) -> None:
    """Raise unless `plots` are in a projected CRS in metres.

    Raises
    ------
    ValueError
        Names the CRS.

    Examples
    --------
    >>> check_crs(gpd.GeoDataFrame(geometry=[], crs="EPSG:4326"))
    Traceback (most recent call last):
    ValueError: plots are in EPSG:4326, expected a projected CRS in metres
    """
    crs = plots.crs
    if crs is None or not crs.is_projected or float(crs.axis_info[0].unit_conversion_factor) != 1.0:
        raise ValueError(f"plots are in {crs}, expected a projected CRS in metres")


def check_keys(keys: pd.Series) -> None:
    """Raise unless every key is given, once, and all are text or all are numbers.

    Parameters
    ----------
    keys : Series, (n,)
        Its name is that of the column; its index does not matter. No keys are good keys.

    Raises
    ------
    DataError
        For the first key that is missing or blank, or for keys that are double or mixed in kind.

    Examples
    --------
    >>> check_keys(pd.Series(["A", "B", "A"], name="parcel"))
    Traceback (most recent call last):
    app.errors.DataError: Column “parcel” contains keys more than once (A); expected one plot per key.
    """
    if isinstance(keys.dtype, pd.CategoricalDtype):
        keys = keys.astype(object)
    codes, distinct = pd.factorize(keys)
    # A missing key has the code -1: the last entry.
    is_blank = np.append(_are_blank(pd.Series(distinct)), True)
    if len(codes) and is_blank[codes].any():
        row = int(np.flatnonzero(is_blank[codes])[0]) + 1
        raise DataError(N_("Plot no. %(row)s has no key in column “%(column)s”."), row=row, column=keys.name)
    if len(distinct) < len(codes):
        raise double_keys(str(keys.name), keys[keys.duplicated()].unique().tolist())
    if is_mixed(distinct):
        raise DataError(N_("Column “%(column)s” mixes text and numbers as keys."), column=keys.name)


def _are_blank(distinct: pd.Series) -> np.ndarray:
    """Return whether each key is a text of nothing but white space."""
    if pd.api.types.is_numeric_dtype(distinct.dtype):
        return np.zeros(len(distinct), dtype=np.bool_)
    return (distinct.astype("str").str.strip() == "").to_numpy(np.bool_)


def is_mixed(keys: pd.Index | np.ndarray) -> bool:
    """Return whether some keys are text and others are not."""
    if not infer_dtype(keys, skipna=False).startswith("mixed"):
        return False
    return len({isinstance(value, str) for value in keys}) > 1


def check_geometries(geometries: np.ndarray, keys: pd.Series) -> PlotArrays:
    """Return polygons and multipolygons as arrays, having seen that all are valid.

    Parameters
    ----------
    geometries : array of Polygon or MultiPolygon, (n,)
        In any CRS; a third dimension is left out. None give no plots.
    keys : Series, (n,)
        To name a plot in a refusal.

    Raises
    ------
    DataError
        For the first plot whose geometry is missing, empty, not areal, not finite or invalid, and why.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    >>> check_geometries(np.array([bow_tie]), pd.Series(["A"]))
    Traceback (most recent call last):
    app.errors.DataError: Plot “A” has an invalid boundary: Self-intersection at 4.5 4.5.
    """
    check_kinds(geometries, keys)
    plots = PlotArrays.from_geometries(geometries)
    _check_finite(geometries, keys, plots.xy)
    unclear = np.flatnonzero(~certainly_valid(plots))
    invalid = unclear[~np.asarray(shapely.is_valid(geometries[unclear]))]
    if len(invalid):
        raise _invalid(geometries, keys, int(invalid[0]))
    return plots


def double_keys(column: str, keys: Sequence[object]) -> DataError:
    """Return the refusal of keys that name several plots.

    Parameters
    ----------
    column : str
        The column that holds them.
    keys : sequence
        At least one; the first three are named.

    Examples
    --------
    >>> str(double_keys("key", [1, 2, 3, 4]))
    'Column “key” contains keys more than once (1, 2, 3, …); expected one plot per key.'
    """
    return DataError(
        N_("Column “%(column)s” contains keys more than once (%(keys)s); expected one plot per key."),
        column=column,
        keys=_named(keys),
    )


def check_areal(geometries: np.ndarray, keys: pd.Series) -> None:
    """Raise unless every geometry is a polygon or multipolygon with finite coordinates, valid or not.

    Parameters
    ----------
    geometries : array of geometries, (n,)
        In any CRS; may hold None. None at all are good.
    keys : Series, (n,)
        To name a plot in a refusal.

    Raises
    ------
    DataError
        For the first plot that is not so.

    Examples
    --------
    >>> check_areal(np.array([shapely.Point(0, 0)]), pd.Series(["A"]))
    Traceback (most recent call last):
    app.errors.DataError: Plot “A” is a Point; expected a polygon or multipolygon.
    """
    check_kinds(geometries, keys)
    _check_finite(geometries, keys, shapely.get_coordinates(geometries))


def check_kinds(geometries: np.ndarray, keys: pd.Series) -> None:
    """Raise DataError unless every geometry is a polygon or multipolygon, and not empty."""
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


def _check_finite(geometries: np.ndarray, keys: pd.Series, xy: np.ndarray) -> None:
    """Raise DataError unless all coordinates are numbers."""
    if not np.isfinite(xy).all():
        xy, row = shapely.get_coordinates(geometries, return_index=True)
        raise _invalid(geometries, keys, int(row[~np.isfinite(xy).all(axis=1)][0]))


def _invalid(geometries: np.ndarray, keys: pd.Series, row: int) -> DataError:
    return DataError(
        N_("Plot “%(key)s” has an invalid boundary: %(reason)s."),
        key=keys.iloc[row],
        reason=invalid_reason(geometries[row]),
    )


def is_areal(geometries: np.ndarray) -> np.ndarray:
    """Return whether each geometry is a polygon or multipolygon."""
    kinds = [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON]
    return np.asarray(np.isin(shapely.get_type_id(geometries), kinds))


def _named(values: Sequence[object], most: int = 3) -> str:
    names = [str(value) for value in values[:most]]
    return ", ".join(names) + (", …" if len(values) > most else "")
