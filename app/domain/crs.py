"""Where coordinates live: meters inside, WGS 84 at the border.

Everything is stored and computed in `STORAGE_SRID`; coordinates are always x, y
(easting, northing or longitude, latitude), never the authority's axis order.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar, cast

import numpy as np
import shapely
from pyproj import CRS, Transformer

STORAGE_SRID = 25832
STORAGE_CRS = f"EPSG:{STORAGE_SRID}"
WGS84_SRID = 4326
WGS84_CRS = f"EPSG:{WGS84_SRID}"

G = TypeVar("G")


@lru_cache(maxsize=32)
def transformer(source: str, target: str) -> Transformer:
    """Return the cached x, y transformer between two reference systems of the service itself.

    All of them are on ETRS89 or WGS 84, which are taken for the same; from any other datum coordinates come
    by `app.domain.transformation`.
    """
    return Transformer.from_crs(CRS.from_user_input(source), CRS.from_user_input(target), always_xy=True)


def to_wgs84(geometry: G) -> G:
    """Return `geometry` (one, or an array) from storage meters in longitude, latitude."""
    return _transformed(geometry, STORAGE_CRS, WGS84_CRS)


def to_storage(geometry: G) -> G:
    """Return `geometry` (one, or an array) from longitude, latitude in storage meters."""
    return _transformed(geometry, WGS84_CRS, STORAGE_CRS)


def _transformed(geometry: G, source: str, target: str) -> G:
    def moved(coordinates: np.ndarray) -> np.ndarray:
        return np.column_stack(transformer(source, target).transform(*coordinates.T))

    return cast("G", shapely.transform(cast("Any", geometry), moved))
