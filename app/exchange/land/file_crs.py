"""The coordinate reference system of a file: stated by it or by a person, and which of them holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from app.domain.transformation import Extent, horizontal, is_datum_known, lon_lat, sampled_points
from app.errors import N_, AppError, DataError, InputError
from app.exchange.land.archives import head_of

# Names of the working committee of the German surveying administrations (GeoInfoDok) -> EPSG.
_ADV = {
    **{f"ETRS89_UTM{zone}": 25800 + zone for zone in (31, 32, 33)},
    **{f"DE_DHDN_3GK{zone}": 31464 + zone for zone in (2, 3, 4, 5)},
    **{f"DE_42-83_3GK{zone}": 2394 + zone for zone in (3, 4, 5)},
    **{f"DE_PD-83_3GK{zone}": 3393 + zone for zone in (3, 4)},
    **{f"DE_RD-83_3GK{zone}": 3394 + zone for zone in (4, 5)},
    **{f"WGS84_UTM{zone}": 32600 + zone for zone in (31, 32, 33)},
    "ETRS89_LAT-LON": 4258,
    "ETRS89_LAT-LON-H": 4258,
    "DE_DHDN_LAT-LON": 4314,
    "DE_42-83_LAT-LON": 4178,
    "DE_PD-83_LAT-LON": 4746,
    "DE_RD-83_LAT-LON": 4745,
    "WGS84_LAT-LON": 4326,
    "WGS84_LAT-LON-H": 4326,
}
# What is suggested: UTM, the same with the zone before the easting, Gauss-Krueger, degrees.
_USUAL = (25832, 25833, 4647, 5650, 31466, 31467, 31468, 31469, 4258)
_ADV_PREFIX = "urn:adv:crs:"
# The network of one state within a datum: DE_DHDN_3GK3_NI000.
_NETWORK = re.compile(r"_[A-Z]{2}\d{3}$")
_ADV_IN_GML = re.compile(rb"\bsrsName\s*=\s*[\"'](urn:adv:crs:[^\"']+)[\"']", re.IGNORECASE)
_ADV_IN_GEOJSON = re.compile(rb"\"name\"\s*:\s*\"(urn:adv:crs:[^\"]+)\"", re.IGNORECASE)
_LOOKED_AT_BYTES = 256 * 1024
_TEXTS = {".gml", ".xml", ".geojson", ".json"}

# Two systems are the same where they put the file's corners within so many degrees of each other.
_SAME_DEG = 1e-4
_MARGIN_DEG = 5.0

# Where Germany lies (west, south, east, north): swapped, it lies in the sea off the Horn of Africa.
_GERMANY = (5.86, 47.27, 15.04, 55.09)


@dataclass(frozen=True)
class FileCrs:
    """What is known of the reference system of a file before its coordinates are seen.

    Attributes
    ----------
    stated : CRS or None
        What the file states; None where that is no place on Earth.
    asked : CRS or None
        What a person states.
    is_lat_lon : bool
        Whether the file's coordinates come latitude first, as they are read.
    """

    stated: CRS | None
    asked: CRS | None = None
    is_lat_lon: bool = False

    def settled(self, file: str, bounds: Extent) -> CRS:
        """Return the system that holds, without heights.

        Parameters
        ----------
        file : str
            Named in sentences.
        bounds : sequence of float
            (minx, miny, maxx, maxy) of the coordinates, in x, y; NaN where there are none.

        Raises
        ------
        DataError
            When neither states one, or the coordinates lie outside of it.
        InputError
            When a person states another than the file does, in which its coordinates lie well.
        """
        if self.asked is not None and self._contradicts(bounds):
            raise InputError(
                N_(
                    "“%(file)s” states %(stated)s, and its coordinates lie there; --crs is for "
                    "files that state none or a wrong one: omit it."
                ),
                file=file,
                stated=crs_name(self.stated),
            )
        crs = self.asked or self.stated
        if crs is None:
            raise DataError(
                N_(
                    "“%(file)s” does not state its coordinate reference system; give it with "
                    "--crs, for example --crs %(example)s."
                ),
                file=file,
                example=_fitting(bounds) or f"EPSG:{_USUAL[0]}",
            )
        # No geometry at all: reported later with the plot's key.
        if not np.isnan(bounds).all() and not _lies_within(crs, bounds):
            raise _outside(crs, bounds, file)
        return horizontal(crs)

    def in_x_y(self, geometries: Any) -> Any:
        """Return geometries as they were read with x first."""
        if not self.is_lat_lon:
            return geometries
        return shapely.transform(geometries, lambda yx: yx[:, ::-1])

    def _contradicts(self, bounds: Extent) -> bool:
        if self.stated is None or self.asked is None or np.isnan(bounds).all():
            return False
        if not is_datum_known(self.stated) or not _lies_within(self.stated, bounds):
            return False
        points = sampled_points(bounds)
        is_same = np.abs(lon_lat(self.stated, points) - lon_lat(self.asked, points)) <= _SAME_DEG
        return not is_same.all()


def file_crs(path: Path, given: object, asked: str | None, part: str | None = None) -> FileCrs:
    """Return what is known of a file's reference system.

    Parameters
    ----------
    path : Path
        Looked into for names that GDAL does not know.
    given : object
        What the reading library reports of it: text, JSON, a CRS, or None.
    asked : str or None
        What a person states.
    part : str, optional
        The place of the file within the zip archive `path`.

    Raises
    ------
    InputError
        When `asked` is none.
    """
    wanted = None if asked is None else parse_crs(asked)
    adv, is_gml = _adv_name(_head(path, part))
    if adv is not None:
        return FileCrs(_adv_crs(adv), wanted, is_lat_lon=is_gml and "LAT-LON" in adv.upper())
    return FileCrs(_stated(given), wanted)


def _stated(given: object) -> CRS | None:
    """Return the system that a file states; None where there is none of a place on Earth."""
    try:
        stated = None if given is None else CRS.from_user_input(given)
    except CRSError:
        return None
    return None if stated is None or stated.geodetic_crs is None else stated


def parse_crs(text: str) -> CRS:
    """Read a reference system as a person writes it; InputError when it is none on Earth."""
    try:
        found = _adv_crs(text) if text.lower().startswith(_ADV_PREFIX) else CRS.from_user_input(text)
    except CRSError:
        found = None
    if found is None or found.geodetic_crs is None:
        raise InputError(
            N_("“%(text)s” is not a valid coordinate reference system; expected, for example, EPSG:25832."),
            text=text[:60],
        )
    return found


def crs_name(crs: CRS | None) -> str:
    """Return a reference system as code and name, ``EPSG:25832 (ETRS89 / UTM zone 32N)``."""
    if crs is None:
        return "–"
    authority = crs.to_authority()
    return f"{':'.join(authority)} ({crs.name})" if authority else str(crs.name)


def may_be_swapped(crs: CRS, bounds: Extent) -> bool:
    """Return whether degrees would lie in Germany with longitude and latitude swapped."""
    if not crs.is_geographic:
        return False
    south, west, north, east = bounds
    low_lon, low_lat, high_lon, high_lat = _GERMANY
    return low_lon <= west <= east <= high_lon and low_lat <= south <= north <= high_lat


def _head(path: Path, part: str | None) -> bytes:
    """Return the beginning of a file, or of one in an archive, that may be GML or GeoJSON."""
    if part is not None:
        place = PurePosixPath(part)
        return head_of(path, place, _LOOKED_AT_BYTES) if place.suffix.lower() in _TEXTS else b""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(_LOOKED_AT_BYTES)


def _adv_name(head: bytes) -> tuple[str | None, bool]:
    """Return the German name that a GML or GeoJSON file gives its system, and whether it is GML."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_gml = text.startswith(b"<")
    if not is_gml and not text.startswith(b"{"):
        return None, False
    found = (_ADV_IN_GML if is_gml else _ADV_IN_GEOJSON).search(text)
    return (found.group(1).decode("ascii", "replace") if found else None), is_gml


def _adv_crs(name: str) -> CRS | None:
    """Return the system of a name such as ``urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH``, without heights."""
    code = name[len(_ADV_PREFIX) :].split("*", maxsplit=1)[0].upper()
    epsg = _ADV.get(_NETWORK.sub("", code))
    return None if epsg is None else CRS.from_epsg(epsg)


def _outside(crs: CRS, bounds: Extent, file: str) -> AppError:
    left, bottom, right, top = bounds
    values = {"file": file, "x": f"{left:.10g}", "y": f"{bottom:.10g}", "crs": crs_name(crs)}
    if _lies_within(crs, (bottom, left, top, right)):
        return DataError(
            N_(
                "The coordinates of “%(file)s” (x %(x)s, y %(y)s) lie outside %(crs)s, but inside "
                "it with x and y swapped: write them in the order x, y."
            ),
            **values,
        )
    if example := _fitting(bounds):
        return DataError(
            N_(
                "The coordinates of “%(file)s” (x %(x)s, y %(y)s) lie outside %(crs)s; give the "
                "right coordinate reference system with --crs, for example --crs %(example)s."
            ),
            example=example,
            **values,
        )
    return DataError(
        N_(
            "The coordinates of “%(file)s” (x %(x)s, y %(y)s) lie outside %(crs)s and every system in common "
            "use in Germany: check them, or give the right coordinate reference system with --crs."
        ),
        **values,
    )


def _fitting(bounds: Extent) -> str | None:
    """Return the first of the systems of German surveys in which coordinates lie, as a suggestion."""
    usual = (epsg for epsg in _USUAL if _lies_within(CRS.from_epsg(epsg), bounds, margin_deg=1.0))
    return next((f"EPSG:{epsg}" for epsg in usual), None)


def _lies_within(crs: CRS, bounds: Extent, margin_deg: float = _MARGIN_DEG) -> bool:
    """Return whether bounds lie in the area for which a reference system is made, or near it."""
    corners = np.asarray(bounds, dtype=float)
    if not np.isfinite(corners).all():
        return False
    looks_like_degrees = bool((np.abs(corners) <= [360, 90, 360, 90]).all())
    if crs.is_geographic != looks_like_degrees:
        return False
    lon, lat = lon_lat(crs, corners.reshape(2, 2)).T
    area = crs.area_of_use
    west, south, east, north = area.bounds if area else (-180.0, -90.0, 180.0, 90.0)
    east += 360.0 if east < west else 0.0
    is_inside = (lon >= west - margin_deg) & (lon <= east + margin_deg)
    return bool((is_inside & (lat >= south - margin_deg) & (lat <= north + margin_deg)).all())
