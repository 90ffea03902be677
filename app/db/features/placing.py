"""Where a Web Mercator tile lies in EPSG:25832, and the plane map that leads from there into its own system.

Both reference systems are conformal, so that over a small area one affine map leads from one into the other.
Its error grows with the square of the area's width: from zoom `LEAST_PLANE_ZOOM` on, it stays below half a
line of a tile's grid. It saves PostGIS the projection of every vertex.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.domain.crs import STORAGE_CRS, STORAGE_SRID, WGS84_CRS, transformer
from app.domain.feature_query import WEB_MERCATOR, Box

MOST_ZOOM = 22
LEAST_PLANE_ZOOM = 14
# Lines of a tile's grid along a side, and around it, so that borders along its edge are whole.
GRID = 4096
MARGIN = 64
_MERCATOR_CRS = f"EPSG:{WEB_MERCATOR.srid}"
# Half of the world's width in Web Mercator, meters.
_HALF_M = math.pi * 6_378_137.0
# Where EPSG:25832 can be computed with: nothing outside is drawn. Degrees.
_REACH = (-20.0, 30.0, 40.0, 80.0)
_MARGIN = MARGIN / GRID
# How finely the fit and the box sample a tile.
_SAMPLES = np.linspace(0.0, 1.0, 7)

Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Placing:
    """How a tile is drawn.

    Attributes
    ----------
    box : Box
        All that the tile shows lies in it, EPSG:25832.
    affine : tuple of float or None
        ``a, b, d, e, xoff, yoff`` of PostGIS' ``ST_Affine``, which leads from EPSG:25832 to EPSG:3857; None
        where the tile is too wide for it.
    pixel_m : float
        Width on the ground of the 512th part of a tile.
    """

    box: Box
    affine: Affine | None
    pixel_m: float


@lru_cache(maxsize=4096)
def placing(z: int, y: int, x: int) -> Placing | None:
    """Return how the tile of zoom `z`, row `y` (from the north) and column `x` is drawn.

    None where the tile lies wholly beyond the reach of EPSG:25832: it is empty.
    """
    side_m = 2 * _HALF_M / 2**z
    west, north = x * side_m - _HALF_M, _HALF_M - y * side_m
    sampled = _sampled(west, north, side_m)
    if sampled is None:
        return None
    mercator, ground = sampled
    return Placing(
        box=_around(ground),
        affine=_fitted(ground, mercator) if z >= LEAST_PLANE_ZOOM else None,
        pixel_m=_true_length_m(side_m, float(mercator[:, 1].mean())) / 512,
    )


@lru_cache(maxsize=1)
def _tiled_extent() -> tuple[float, float, float, float]:
    """Return west, south, east and north of `_REACH` in EPSG:3857."""
    west, south, east, north = _REACH
    (least_x, most_x), (least_y, most_y) = transformer(WGS84_CRS, _MERCATOR_CRS).transform(
        (west, east), (south, north)
    )
    return least_x, least_y, most_x, most_y


def _sampled(west: float, north: float, side_m: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Return points of the tile and its margin, within reach, in EPSG:3857 and in EPSG:25832."""
    least_x, least_y, most_x, most_y = _tiled_extent()
    left, right = max(-_MARGIN, (least_x - west) / side_m), min(1 + _MARGIN, (most_x - west) / side_m)
    top, bottom = max(-_MARGIN, (north - most_y) / side_m), min(1 + _MARGIN, (north - least_y) / side_m)
    if left >= right or top >= bottom:
        return None
    across, down = np.meshgrid(left + (right - left) * _SAMPLES, top + (bottom - top) * _SAMPLES)
    x, y = west + across.ravel() * side_m, north - down.ravel() * side_m
    project = transformer(_MERCATOR_CRS, STORAGE_CRS).transform
    return np.column_stack([x, y]), np.column_stack(project(x, y))


def _around(ground: np.ndarray) -> Box:
    """Return the box around samples, and a little more for what lies between them."""
    (minx, miny), (maxx, maxy) = ground.min(axis=0).tolist(), ground.max(axis=0).tolist()
    more_m = 0.01 * max(maxx - minx, maxy - miny)
    return Box(minx - more_m, miny - more_m, maxx + more_m, maxy + more_m, STORAGE_SRID)


def _fitted(ground: np.ndarray, mercator: np.ndarray) -> Affine:
    """Return the affine map from `ground` to `mercator` with the least sum of squared errors."""
    center, middle = ground.mean(axis=0), mercator.mean(axis=0)
    (a, d), (b, e) = np.linalg.lstsq(ground - center, mercator - middle, rcond=None)[0].tolist()
    (east, north), (x, y) = center.tolist(), middle.tolist()
    return a, b, d, e, x - a * east - b * north, y - d * east - e * north


def _true_length_m(mercator_m: float, y: float) -> float:
    """Return how long a length of EPSG:3857 is on the ground at `y`."""
    _, latitude = transformer(_MERCATOR_CRS, WGS84_CRS).transform(0.0, y)
    return mercator_m * math.cos(math.radians(latitude))
