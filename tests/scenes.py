"""Small worlds whose answers are known by construction."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from shapely import Geometry, Polygon, box, transform

CRS = "EPSG:25832"
EAST, NORTH = 620_000.0, 5_805_000.0


def plots_frame(**plots: Polygon) -> gpd.GeoDataFrame:
    """Return plots given by key, in EPSG:25832."""
    return gpd.GeoDataFrame({"key": list(plots)}, geometry=list(plots.values()), crs=CRS)


def placed(local: Geometry) -> Geometry:
    """Return a geometry drawn in metres from the scenes' corner at its place in EPSG:25832."""
    return transform(local, lambda xy: xy + np.array([EAST, NORTH]))


def rectangle(left: float, bottom: float, right: float, top: float) -> Polygon:
    """Return a rectangle in metres from the scenes' corner in EPSG:25832."""
    return placed(box(left, bottom, right, top))


def seven_plots() -> gpd.GeoDataFrame:
    """Return seven plots that show every relation once, and a pair that just is none.

    ``A`` has an exact border of 50 m with ``B``, a gap of 3 cm to ``C``, a sliver overlap of 2 cm with
    ``D``. ``E`` stands on ``B`` over 30 m without a common vertex. ``B`` meets ``C`` and ``D`` in corners.
    ``S`` lies across a street of 12 m; ``G`` across it, too, facing ``A`` over 7 m only.
    """
    return plots_frame(
        A=rectangle(0, 0, 50, 50),
        B=rectangle(0, 50, 50, 100),
        C=rectangle(50.03, 0, 100.03, 50),
        D=rectangle(-50, 0, 0.02, 50),
        E=rectangle(10, 100, 40, 140),
        S=rectangle(-7, -62, 43, -12),
        G=rectangle(43, -62, 93, -12),
    )
