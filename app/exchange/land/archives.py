"""Archives and folders: which of the files in one hold data."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeVar

from app.errors import N_, DataError

P = TypeVar("P", bound=PurePath)

# Endings of data, and of what may be data or describe it: that counts only where there is none of the first.
_DATA = {".gpkg", ".shp", ".geojson", ".fgb", ".gml", ".kml"}
_MAYBE = {".json", ".xml", ".csv"}
# Forms in which services give their answers page by page.
_PAGES = {".gml", ".xml", ".geojson", ".json"}
_MOST_NAMED = 5
_NO_ZIP = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError)


def parts_of(path: Path) -> list[str]:
    """Return the places of data in a zip archive; several are the pages of one delivery.

    Shapefiles of one folder are layers of one, whose place is the folder.

    Raises
    ------
    DataError
        When it is no archive, holds no data, or several from which nobody can choose.
    """
    found = data_in(path)
    places = {_place(each, found) for each in found}
    if len(places) > 1 and not are_pages(found):
        raise several(path, found)
    return sorted(places)


def _place(each: PurePosixPath, found: Sequence[PurePosixPath]) -> str:
    is_layer = each.suffix.lower() == ".shp" and len(found) > 1
    return str(each.parent).removeprefix(".") if is_layer else str(each)


def are_pages(found: Sequence[PurePath]) -> bool:
    """Return whether files may be the pages of one delivery: of one folder and one form."""
    is_alike = len({(each.parent, each.suffix.lower()) for each in found}) == 1
    return is_alike and found[0].suffix.lower() in _PAGES


def several(path: Path, found: Sequence[PurePath]) -> DataError:
    """Return the refusal of an archive or folder with several files of which nobody can choose one."""
    names = ", ".join(each.name for each in found[:_MOST_NAMED])
    return DataError(
        N_("“%(file)s” contains several data files (%(names)s); name the one that is meant."),
        file=path.name,
        names=names + (", …" if len(found) > _MOST_NAMED else ""),
    )


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder that hold data, by name; none where there are none."""
    return ending_in([file for file in folder.iterdir() if file.is_file()])


def data_in(path: Path) -> list[PurePosixPath]:
    """Return the files of a zip archive that hold data, by name; DataError when there is none."""
    try:
        with zipfile.ZipFile(path) as packed:
            places = [PurePosixPath(name) for name in packed.namelist() if not name.endswith("/")]
    except _NO_ZIP:
        raise _no_geodata(path) from None
    seen = [place for place in places if not any(part.startswith((".", "__MACOSX")) for part in place.parts)]
    found = ending_in(seen)
    if not found:
        raise _no_geodata(path)
    return found


def ending_in(places: Sequence[P]) -> list[P]:
    """Return those of some files that hold data, by name."""
    for endings in (_DATA, _MAYBE):
        found = sorted(place for place in places if place.suffix.lower() in endings)
        if found:
            return found
    return []


def head_of(path: Path, place: PurePosixPath, n_bytes: int) -> bytes:
    """Return the first bytes of a packed file; DataError when they cannot be unpacked."""
    try:
        with zipfile.ZipFile(path) as packed, packed.open(str(place)) as stream:
            return stream.read(n_bytes)
    except (*_NO_ZIP, EOFError, zlib.error):
        raise DataError(
            N_("“%(file)s” cannot be read: “%(place)s” in it cannot be unpacked."),
            file=path.name,
            place=place,
        ) from None


def _no_geodata(path: Path) -> DataError:
    return DataError(
        N_(
            "“%(file)s” contains no geodata that can be read here (GeoJSON, GeoPackage, Shapefile, GML, ...)."
        ),
        file=path.name,
    )
