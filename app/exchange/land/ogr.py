"""What GDAL is given to read, and in one sentence what it is not.

GDAL is lenient: it opens a NAS extract as points without a reference system, takes zeros for a table and
leaves a schema file beside what it reads. What it is given is looked at first.

What GDAL may do here: read files of a few forms by the file's own content, and nothing else.

GDAL finds out by itself what a file is, and some of its forms are no data but descriptions of data elsewhere:
such a file would make it open other files and ask other machines. So all forms but those named here are taken
from it, for the whole process, as soon as this module is imported; and what remains fetches no schema.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
from pyogrio._ogr import _register_drivers
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from app.domain.failure_reasons import failure_reason, quoted
from app.errors import N_, AppError, DataError, InputError, NotFoundError
from app.exchange.land.archives import data_in, head_of, parts_of, several
from app.exchange.land.encodings import copy_in_utf8

DRIVERS = frozenset(
    {
        "CSV",
        "ESRI Shapefile",
        "FlatGeobuf",
        "GML",
        "GPKG",
        "GPX",
        "GeoJSON",
        "KML",
        "MEM",
        "OSM",
        "OpenFileGDB",
    }
)

# Names under which files keep what identifies a plot; the first one a file has is taken.
KEY_COLUMNS = (
    "key",
    "plot_key",
    "id",
    "gml_id",
    "flstkennz",
    "flurstueckskennzeichen",
    "idflurst",
    "inspireid",
    "oid",
    "objectid",
)
FEATURE_ID = "feature id"

HEAD_BYTES = 64 * 1024
_TAIL_BYTES = 4 * 1024
_GDAL_ERRORS = (
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
    OSError,
    pa.ArrowException,
)
_TABLES = {".csv", ".txt"}
_ALONE = {".gml", ".xml", *_TABLES}
# How GeoJSON of 2008 could name its reference system: GDAL would ask that address.
_CRS_ELSEWHERE = re.compile(
    rb'"crs"\s*:\s*\{(?:[^{}]|\{[^{}]*\})*"type"\s*:\s*"(?:[Ll][Ii][Nn][Kk]|[Uu][Rr][Ll])"'
)
_PLACELESS = ("Point", "Line", "Curve", "String")


def key_column(names: Sequence[str], asked: str | None, file: str) -> str:
    """Return the column that names the plots, any case; `FEATURE_ID` where no known one is there.

    Raises
    ------
    DataError
        When there is no column `asked`; lists those there are.
    """
    if asked is not None:
        return find_column(names, asked, file)
    known = {name.lower(): name for name in names}
    return next((known[name] for name in KEY_COLUMNS if name in known), FEATURE_ID)


def find_column(names: Sequence[str], asked: str, file: str) -> str:
    """Return a column by its name in any case; DataError when there is none, listing those there are."""
    known = {**{name.lower(): name for name in names}, **{name: name for name in names}}
    found = known.get(asked) or known.get(asked.lower())
    if found is None:
        raise DataError(
            N_("“%(file)s” has no column “%(key)s”; it has: %(columns)s."),
            file=file,
            key=asked,
            columns=", ".join(names) or "–",
        )
    return found


def check_file(path: Path) -> None:
    """Raise unless `path` is a file with something in it that may be geodata."""
    if not path.exists():
        raise NotFoundError(N_("There is no file “%(file)s”."), file=path)
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise DataError(N_("“%(file)s” is a folder; expected a file with plots."), file=path)
    if path.is_dir():
        return
    try:
        head, tail = _ends(path)
    except OSError as error:
        raise DataError(
            N_("“%(file)s” cannot be read: %(reason)s."), file=path, reason=failure_reason(error)
        ) from None
    check_content(path.name, head, tail)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as whole:
            _check_crs(path.name, whole)
    if path.suffix.lower() == ".zip":
        for place in data_in(path):
            check_content(f"{path.name}/{place}", head_of(path, place, HEAD_BYTES), None)


def _ends(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return head, stream.read()


def check_content(file: str, head: bytes, tail: bytes | None) -> None:
    """Refuse by its first and last bytes (None where they are not known) what GDAL would misread."""
    if not head:
        raise DataError(N_("“%(file)s” is empty."), file=file)
    if not head.strip(b"\0 \t\r\n"):
        raise no_geodata(file)
    if head.startswith(b"\x1f\x8b"):
        raise DataError(N_("“%(file)s” is compressed with gzip; unpack it first."), file=file)
    _check_crs(file, head)
    _check_xml(file, head, tail)


def _check_crs(file: str, content: bytes | mmap) -> None:
    """Refuse GeoJSON that names an address for its reference system."""
    if _CRS_ELSEWHERE.search(content):
        raise DataError(
            N_(
                "“%(file)s” gives only an address for its coordinate reference system, which is "
                "not looked up; remove “crs” and give it with --crs."
            ),
            file=file,
        )


def _check_xml(file: str, head: bytes, tail: bytes | None) -> None:
    """Refuse NAS, which GDAL's GML driver misreads, and XML that ends before its root does."""
    root = root_element(head)
    if root is None:
        return
    if root.split(b":")[-1].startswith(b"AX_"):
        raise DataError(
            N_(
                "“%(file)s” is an ALKIS extract in NAS, whose parcels cannot be read here; expected the "
                "simplified ALKIS schema (WFS), GeoPackage, Shapefile or GeoJSON."
            ),
            file=file,
        )
    if tail is not None and b"</" + root not in tail:
        raise DataError(N_("“%(file)s” is cut off: its end is missing."), file=file)


def root_element(head: bytes) -> bytes | None:
    """Return the name of the root element, with its prefix, or None for what is not XML."""
    text = re.sub(rb"<!--.*?-->", b"", head.removeprefix(b"\xef\xbb\xbf").lstrip(), flags=re.DOTALL)
    found = re.match(rb"\s*(?:<[?!][^>]*>\s*)*<([A-Za-z_][\w.:-]*)", text)
    return found.group(1) if found else None


@contextmanager
def readable(path: Path, part: str | None = None) -> Iterator[str]:
    """Yield the name under which GDAL reads a file that was checked; `part` is a place in a zip archive.

    It is whole from the root, so that no beginning of it can be taken for a form or an address. GDAL writes
    its guess of a schema beside a GML file, and trusts an old guess; so such files are read through a link in
    a folder of their own. So are tables, which must be in UTF-8.
    """
    suffix = path.suffix.lower()
    if suffix == ".zip":
        parts = parts_of(path) if part is None else [part]
        if len(parts) > 1:
            raise several(path, data_in(path))
        yield f"/vsizip/{path.resolve()}/{parts[0]}".rstrip("/")
    elif suffix in _ALONE:
        with tempfile.TemporaryDirectory() as folder:
            yield str(_alone(path, Path(folder)))
    else:
        yield str(path.resolve())


def _alone(path: Path, folder: Path) -> Path:
    """Place a file in a folder of its own: as a link, or in UTF-8 where it is a table in another encoding."""
    place = folder / path.name
    if path.suffix.lower() in _TABLES:
        copied = copy_in_utf8(path, place)
        if copied:
            return place
    place.symlink_to(path.resolve())
    schema = path.with_suffix(".xsd")
    if schema.exists():
        (folder / schema.name).symlink_to(schema.resolve())
    return place


def layer_to_read(path: Path, source: str, asked: str | None) -> str:
    """Return the layer to read: the one asked for, or the only one with geometries."""
    layers = {str(name): str(kind or "") for name, kind in read_with_gdal(path, pyogrio.list_layers, source)}
    if asked is not None and asked not in layers:
        raise NotFoundError(
            N_("“%(file)s” has no layer “%(layer)s”; it has: %(layers)s."),
            file=path.name,
            layer=asked,
            layers=", ".join(layers),
        )
    drawn = [name for name, kind in layers.items() if kind]
    if not drawn:
        raise DataError(N_("“%(file)s” contains no geometries."), file=path.name)
    if asked is None and len(drawn) > 1:
        raise InputError(
            N_("“%(file)s” has several layers; choose one with --layer: %(layers)s."),
            file=path.name,
            layers=", ".join(drawn),
        )
    chosen = asked or drawn[0]
    if any(kind in layers[chosen] for kind in _PLACELESS) and "Polygon" not in layers[chosen]:
        raise DataError(
            N_("Layer “%(layer)s” of “%(file)s” contains geometries of type %(kind)s; expected polygons."),
            layer=chosen,
            file=path.name,
            kind=layers[chosen],
        )
    return chosen


def read_with_gdal(path: Path, read: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call a function of pyogrio; its failure becomes a sentence, its mutterings are not passed on."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read(*args, **options)
    except UnicodeDecodeError:
        raise DataError(N_("“%(file)s” is not in UTF-8; save it as UTF-8."), file=path.name) from None
    except _GDAL_ERRORS as error:
        if "not recognized" in str(error) or path.suffix.lower() in _TABLES:
            raise no_geodata(path.name) from None
        reason = quoted("GDAL", str(error).splitlines()[0].split(";")[-1])
        raise DataError(N_("“%(file)s” cannot be read: %(reason)s."), file=path.name, reason=reason) from None


def no_geodata(file: str) -> AppError:
    """Return the refusal of what is no geodata."""
    return DataError(
        N_(
            "“%(file)s” contains no geodata that can be read here (GeoJSON, GeoPackage, Shapefile, GML, ...)."
        ),
        file=file,
    )


def keep_to_drivers() -> None:
    """Take from GDAL all drivers but `DRIVERS`, and let it fetch nothing that a file names."""
    pyogrio.set_gdal_config_options(
        {
            "OGR_SKIP": ",".join(sorted(set(pyogrio.list_drivers()) - DRIVERS)),
            "GML_DOWNLOAD_SCHEMA": "NO",
            "GML_SKIP_RESOLVE_ELEMS": "ALL",
            # No such proxy can be: whatever else would be fetched fails before a connection is made.
            "GDAL_HTTP_PROXY": "nowhere://",
            "GDAL_HTTPS_PROXY": "nowhere://",
        }
    )
    # GDAL drops what is to be skipped whenever drivers are registered; that adds none that is there.
    _register_drivers()


keep_to_drivers()
