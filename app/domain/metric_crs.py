"""In which reference system lengths are measured: one in metres, true to length wherever plots lie."""

from __future__ import annotations

import numpy as np
from pyproj import CRS, Proj
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import UTMConversion

from app.domain.transformation import Extent, Floats, horizontal, lon_lat, sampled_points
from app.errors import N_, DataError

# Lengths in a map projection may differ from those on the ground by this share before it is left.
MOST_DISTORTION = 0.01

# Datums for which there are zones with a code.
_GLOBAL = ("World Geodetic System 1984", "European Terrestrial Reference System 1989")


def metric_crs(crs: CRS, bounds: Extent, file: str) -> CRS | None:
    """Return the CRS to measure in, None for the file's own.

    UTM in the zone of the extent's middle: on ETRS89 where that is made for (EPSG:25828 to 25838), on WGS 84,
    or on a datum of its own, so that measuring never takes a change of datum.

    Parameters
    ----------
    crs : CRS
        With a datum.
    bounds : sequence of float
        (minx, miny, maxx, maxy) of all plots, in `crs`.
    file : str
        Named in the sentence.

    Raises
    ------
    DataError
        When the plots lie so far apart that no zone is true to length at all of them.
    """
    places = lon_lat(crs, sampled_points(bounds))
    if _is_in_metres(crs) and _is_true_to_length(crs, places):
        return None
    zone = _utm(horizontal(crs), *places[len(places) // 2])
    if not _is_true_to_length(zone, places):
        raise DataError(
            N_(
                "The plots of “%(file)s” lie too far apart to be measured in one map projection "
                "(%(west)s° to %(east)s° E, %(south)s° to %(north)s° N); split the file."
            ),
            file=file,
            **_told(places),
        )
    return zone


def _told(places: Floats) -> dict[str, float]:
    (west, south), (east, north) = places.min(axis=0).round(2), places.max(axis=0).round(2)
    return {"west": float(west), "south": float(south), "east": float(east), "north": float(north)}


def _utm(crs: CRS, lon: float, lat: float) -> CRS:
    """Return the zone of a place. Codes are put together, as a search finds variants with northing first."""
    zone = int((lon + 180) % 360 // 6) + 1
    geodetic = crs.source_crs.geodetic_crs if crs.is_bound and crs.source_crs else crs.geodetic_crs
    if geodetic is not None and not _is_global(geodetic) and _is_from_greenwich(geodetic):
        name = f"{geodetic.name} / UTM zone {zone}{'N' if lat >= 0 else 'S'}"
        made = ProjectedCRS(UTMConversion(str(zone), "N" if lat >= 0 else "S"), name, geodetic_crs=geodetic)
        return CRS.from_wkt(made.to_wkt())
    if 28 <= zone <= 38:
        european = CRS.from_epsg(25800 + zone)
        area = european.area_of_use
        if area and area.west <= lon <= area.east and area.south <= lat <= area.north:
            return european
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def _is_global(crs: CRS) -> bool:
    return crs.datum is not None and crs.datum.name.startswith(_GLOBAL)


def _is_from_greenwich(crs: CRS) -> bool:
    return crs.prime_meridian is None or crs.prime_meridian.longitude == 0


def _is_in_metres(crs: CRS) -> bool:
    return crs.is_projected and horizontal(crs).axis_info[0].unit_conversion_factor == 1.0


def _is_true_to_length(crs: CRS, places: Floats) -> bool:
    """Say whether lengths in the CRS are metres on the ground, which those of Web Mercator are not."""
    if not np.isfinite(places).all():
        return False
    factors = Proj(horizontal(crs)).get_factors(*places.T)
    scales = np.array([factors.meridional_scale, factors.parallel_scale])
    return bool((np.abs(scales - 1) <= MOST_DISTORTION).all())
