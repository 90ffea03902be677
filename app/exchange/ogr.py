"""Read plots from any file that GDAL reads, and refuse in one sentence what is none.

GDAL is lenient: it opens a NAS extract as points without a reference system, takes zeros for a table and
leaves a schema file beside what it reads. What it is given is looked at first.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from app.errors import N_, AppError, DataError, InputError, NotFoundError

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

_HEAD_BYTES = 64 * 1024
_TAIL_BYTES = 4 * 1024
_GDAL_ERRORS = (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError, ShapelyError)
_PLACELESS = ("Point", "Line", "Curve", "String")


def read_layer(path: Path, layer: str | None = None, crs: str | None = None) -> gpd.GeoDataFrame:
    """Return the features of one layer with all its columns, in the file's own reference system.

    Parameters
    ----------
    path : Path
        A file of any format that GDAL reads: GML, GeoJSON, GeoPackage, Shapefile, FlatGeobuf, a zip of one...
    layer : str, optional
        The layer; not needed where the file holds only one with geometries.
    crs : str, optional
        The reference system, instead of the one that the file states or lacks.

    Returns
    -------
    GeoDataFrame
        At least one row; the index holds the feature ids.

    Raises
    ------
    NotFoundError
        When there is no such file or layer.
    InputError
        When `crs` is none, or the layer must be named.
    DataError
        When the file is empty, no geodata, cut off, has no features, no reference system or coordinates
        outside of it.
    """
    _check_file(path)
    with _readable(path) as source:
        frame = _frame(path, source, _layer(path, source, layer))
    if frame.empty:
        raise DataError(N_("“%(file)s” holds no features."), file=path.name)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise DataError(N_("“%(file)s” holds no geometries."), file=path.name)
    placed = frame if crs is None else frame.set_crs(parse_crs(crs), allow_override=True)
    _check_place(path, placed)
    return placed


def parse_crs(text: str) -> CRS:
    """Read a reference system as a person writes it; InputError when it is none."""
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise InputError(
            N_("“%(text)s” is not a coordinate reference system; expected for example EPSG:25832."),
            text=text[:60],
        ) from None


def key_column(frame: gpd.GeoDataFrame, asked: str | None, file: str) -> str | None:
    """Return the column that names the plots, any case; None where only the feature id is left.

    Raises
    ------
    DataError
        When there is no column `asked`; lists those there are.
    """
    columns = {str(name).lower(): str(name) for name in frame.columns if name != frame.geometry.name}
    if asked is None:
        return next((columns[name] for name in KEY_COLUMNS if name in columns), None)
    if asked in columns.values():
        return asked
    if asked.lower() in columns:
        return columns[asked.lower()]
    raise DataError(
        N_("“%(file)s” has no column “%(key)s”; it has: %(columns)s."),
        file=file,
        key=asked,
        columns=", ".join(columns.values()) or "–",
    )


def _check_file(path: Path) -> None:
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
            N_("“%(file)s” cannot be read: %(reason)s."), file=path, reason=error.strerror
        ) from None
    if not head:
        raise DataError(N_("“%(file)s” is empty."), file=path.name)
    if not head.strip(b"\0 \t\r\n"):
        raise _no_geodata(path)
    if head.startswith(b"\x1f\x8b"):
        raise DataError(N_("“%(file)s” is packed with gzip; unpack it first."), file=path.name)
    _check_xml(path, head, tail)


def _ends(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return head, stream.read()


def _check_xml(path: Path, head: bytes, tail: bytes) -> None:
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
            file=path.name,
        )
    if b"</" + root not in tail:
        raise DataError(N_("“%(file)s” is cut off: its end is missing."), file=path.name)


def root_element(head: bytes) -> bytes | None:
    """Return the name of the root element, with its prefix, or None for what is not XML."""
    text = re.sub(rb"<!--.*?-->", b"", head.removeprefix(b"\xef\xbb\xbf").lstrip(), flags=re.DOTALL)
    found = re.match(rb"\s*(?:<[?!][^>]*>\s*)*<([A-Za-z_][\w.:-]*)", text)
    return found.group(1) if found else None


@contextmanager
def _readable(path: Path) -> Iterator[Path]:
    """Yield a path to read from.

    GDAL writes its guess of a schema beside a GML file, and trusts an old guess; so such files are read
    through a link in a folder of their own.
    """
    if path.suffix.lower() not in {".gml", ".xml"}:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        for file in (path, path.with_suffix(".xsd")):
            if file.exists():
                (Path(folder) / file.name).symlink_to(file.resolve())
        yield Path(folder) / path.name


def _layer(path: Path, source: Path, asked: str | None) -> str:
    """Return the layer to read: the one asked for, or the only one with geometries."""
    layers = {str(name): str(kind or "") for name, kind in _told(path, pyogrio.list_layers, source)}
    if asked is not None and asked not in layers:
        raise NotFoundError(
            N_("“%(file)s” has no layer “%(layer)s”; it has: %(layers)s."),
            file=path.name,
            layer=asked,
            layers=", ".join(layers),
        )
    drawn = [name for name, kind in layers.items() if kind]
    if not drawn:
        raise DataError(N_("“%(file)s” holds no geometries."), file=path.name)
    if asked is None and len(drawn) > 1:
        raise InputError(
            N_("“%(file)s” has several layers; choose one with --layer: %(layers)s."),
            file=path.name,
            layers=", ".join(drawn),
        )
    chosen = asked or drawn[0]
    if any(kind in layers[chosen] for kind in _PLACELESS) and "Polygon" not in layers[chosen]:
        raise DataError(
            N_("Layer “%(layer)s” of “%(file)s” holds geometries of type %(kind)s; expected polygons."),
            layer=chosen,
            file=path.name,
            kind=layers[chosen],
        )
    return chosen


def _frame(path: Path, source: Path, layer: str) -> pd.DataFrame:
    read: pd.DataFrame = _told(
        path, pyogrio.read_dataframe, source, layer=layer, fid_as_index=True, force_2d=True
    )
    return read


def _told(path: Path, read: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call a function of pyogrio; its failure becomes a sentence, its mutterings are not passed on."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read(*args, **options)
    except _GDAL_ERRORS as error:
        if "not recognized" in str(error) or path.suffix.lower() in {".csv", ".txt"}:
            raise _no_geodata(path) from None
        reason = str(error).splitlines()[0].split(";")[-1].strip().rstrip(".")
        raise DataError(N_("“%(file)s” cannot be read: %(reason)s."), file=path.name, reason=reason) from None


def _no_geodata(path: Path) -> AppError:
    return DataError(
        N_("“%(file)s” is no geodata that can be read here (GeoJSON, GeoPackage, Shapefile, GML, ...)."),
        file=path.name,
    )


def _check_place(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Raise unless the frame has a reference system and lies where that is made for."""
    if frame.crs is None:
        raise DataError(
            N_(
                "“%(file)s” does not say its coordinate reference system; give it with --crs, for example "
                "--crs EPSG:25832."
            ),
            file=path.name,
        )
    bounds = frame.total_bounds
    if np.isnan(bounds).all():
        return  # no geometry at all: told later with the plot's key
    if not _lies_within(frame.crs, bounds):
        raise DataError(
            N_(
                "The coordinates of “%(file)s” (x %(x)s, y %(y)s) lie outside of %(crs)s; give the right "
                "coordinate reference system with --crs, for example --crs EPSG:25832."
            ),
            file=path.name,
            x=f"{bounds[0]:.10g}",
            y=f"{bounds[1]:.10g}",
            crs=crs_name(frame.crs),
        )


def _lies_within(crs: CRS, bounds: np.ndarray, margin_deg: float = 5.0) -> bool:
    """Say whether bounds lie in the area for which a reference system is made, or near it."""
    corners = gpd.GeoSeries.from_xy(bounds[[0, 2]], bounds[[1, 3]], crs=crs)
    if not np.isfinite(bounds).all():
        return False
    looks_like_degrees = bool((np.abs(bounds) <= [360, 90, 360, 90]).all())
    if crs.is_geographic != looks_like_degrees:
        return False
    lon, lat = (np.array(values) for values in corners.to_crs("OGC:CRS84").get_coordinates().to_numpy().T)
    area = crs.area_of_use
    west, south, east, north = area.bounds if area else (-180.0, -90.0, 180.0, 90.0)
    east += 360.0 if east < west else 0.0
    is_inside = (lon >= west - margin_deg) & (lon <= east + margin_deg)
    return bool((is_inside & (lat >= south - margin_deg) & (lat <= north + margin_deg)).all())


def crs_name(crs: CRS) -> str:
    """Return a reference system as code and name, ``EPSG:25832 (ETRS89 / UTM zone 32N)``."""
    authority = crs.to_authority()
    return f"{':'.join(authority)} ({crs.name})" if authority else str(crs.name)
