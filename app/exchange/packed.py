"""Zip archives: which of the files in one hold data."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from app.errors import N_, DataError

# Endings of data, and those that may be data or tell of it: these count only where there is none of the first.
_DATA = {".gpkg", ".shp", ".geojson", ".fgb", ".gml", ".kml"}
_MAYBE = {".json", ".xml", ".csv"}
_NO_ZIP = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError)


def packed_name(path: Path) -> str:
    """Return the name under which GDAL reads the data of a zip archive.

    Shapefiles of one folder are layers of one; of anything else there may be one.

    Raises
    ------
    DataError
        When it is no archive, holds no data, or several from which nobody can choose.
    """
    found = data_in(path)
    places = {str(each.parent) if each.suffix.lower() == ".shp" else str(each) for each in found}
    if len(places) != 1:
        raise DataError(
            N_("“%(file)s” holds several files with data (%(names)s); unpack the one that is meant."),
            file=path.name,
            names=", ".join(sorted(map(str, found))[:5]) + (", …" if len(found) > 5 else ""),
        )
    place = str(found[0]) if len(found) == 1 else places.pop().removeprefix(".")
    return f"/vsizip/{path.resolve()}/{place}".rstrip("/")


def data_in(path: Path) -> list[PurePosixPath]:
    """Return the files of a zip archive that hold data, by name; DataError when there is none."""
    try:
        with zipfile.ZipFile(path) as packed:
            places = [PurePosixPath(name) for name in packed.namelist() if not name.endswith("/")]
    except _NO_ZIP:
        raise _no_geodata(path) from None
    seen = [place for place in places if not any(part.startswith((".", "__MACOSX")) for part in place.parts)]
    found = _ending_in(seen, _DATA) or _ending_in(seen, _MAYBE)
    if not found:
        raise _no_geodata(path)
    return found


def _ending_in(places: list[PurePosixPath], endings: set[str]) -> list[PurePosixPath]:
    return sorted(place for place in places if place.suffix.lower() in endings)


def head_of(path: Path, place: PurePosixPath, n_bytes: int) -> bytes:
    """Return the first bytes of a packed file; DataError when they cannot be unpacked."""
    try:
        with zipfile.ZipFile(path) as packed, packed.open(str(place)) as stream:
            return stream.read(n_bytes)
    except (*_NO_ZIP, EOFError, zlib.error):
        raise DataError(N_("“%(file)s” cannot be read: %(reason)s."), file=path.name, reason=place) from None


def _no_geodata(path: Path) -> DataError:
    return DataError(
        N_("“%(file)s” is no geodata that can be read here (GeoJSON, GeoPackage, Shapefile, GML, ...)."),
        file=path.name,
    )
