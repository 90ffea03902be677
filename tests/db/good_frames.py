"""Frames of one good row, with values changed."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
from shapely import Polygon

from app.domain.crs import STORAGE_CRS
from app.domain.frames import COMPANIES, PLOTS
from tests.scenes import rectangle


def plot(geometry: Polygon | None = None, **values: Any) -> gpd.GeoDataFrame:
    row = {**dict.fromkeys(PLOTS.columns), "key": "A", "park": "park", "use_status": "unknown"}
    row |= {"quality": "schematic", **values}
    return gpd.GeoDataFrame([row], geometry=[geometry or rectangle(0, 0, 50, 50)], crs=STORAGE_CRS)


def company(**values: Any) -> gpd.GeoDataFrame:
    row = {**dict.fromkeys(COMPANIES.columns), "key": "c-a", "company": "c", "name": "C", "park": "park"}
    row |= {"location_quality": "street", "starts_precision": "unknown", **values}
    return gpd.GeoDataFrame([row], geometry=[rectangle(0, 0, 2, 2).centroid], crs=STORAGE_CRS)
