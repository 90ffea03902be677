"""GeoJSON as RFC 7946 has it: written feature by feature, and read back without loss.

Longitude and latitude with 7 decimals (about a centimeter), exterior rings counter-clockwise, no
``crs`` member, stable string ids, one feature a line so that two states can be compared.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from app.domain.crs import to_storage, to_wgs84
from app.domain.frames import NUMBER, Contract, empty_frame
from app.errors import N_, DataError, NotFoundError, TooLargeError
from app.exchange.collections.rows import checked_frame

MEDIA_TYPE = "application/geo+json"
DECIMALS = 7
NUMBER_DECIMALS = 3
LARGEST_BYTES = 512 * 1024 * 1024
OPEN_START = ".."  # ISO 8601-2's sign of an open bound
_CHUNK_ROWS = 500


def feature_collection(
    frame: gpd.GeoDataFrame,
    contract: Contract,
    members: Mapping[str, Any],
    *,
    is_history: bool = False,
    without: frozenset[str] = frozenset(),
) -> Iterator[str]:
    """Return a FeatureCollection as pieces of text, some hundred features at a time.

    Parameters
    ----------
    frame : GeoDataFrame
        Rows of `contract`, in EPSG:25832.
    contract : Contract
    members : mapping
        Foreign members of the collection (name, licence, ...), before its features.
    is_history : bool
        Whether rows of several days are mixed; ids then name the day a row begins, too.
    without : frozenset of str
        Columns that are not written.

    Returns
    -------
    iterator of str
        Parts of the document; an empty frame gives a collection with no features.
    """
    return collection_text(_features(frame, contract, is_history=is_history, without=without), members)


def collection_text(features: Iterator[str], members: Mapping[str, Any]) -> Iterator[str]:
    """Yield a FeatureCollection of features that are text already, some hundred at a time.

    Parameters
    ----------
    features : iterator of str
        Each a GeoJSON feature.
    members : mapping
        Foreign members of the collection (name, licence, ...), before its features.
    """
    head = json.dumps({"type": "FeatureCollection", **members}, ensure_ascii=False)
    yield f'{head[:-1]}, "features": ['
    separator = "\n"
    while lines := ",\n".join(islice(features, _CHUNK_ROWS)):
        yield f"{separator}{lines}"
        separator = ",\n"
    yield "\n]}\n"


def _features(
    frame: gpd.GeoDataFrame, contract: Contract, *, is_history: bool, without: frozenset[str]
) -> Iterator[str]:
    columns = [name for name in contract.columns if name not in without]
    values = zip(*(frame[name] for name in columns), strict=True)
    shapes = shapely.to_geojson(rounded(frame.geometry.array))
    for row, identity, shape in zip(values, feature_ids(frame, contract, is_history), shapes, strict=True):
        properties = {
            name: to_json(value, contract.columns[name]) for name, value in zip(columns, row, strict=True)
        }
        yield (
            f'{{"type":"Feature","id":{_dumps(identity)},"properties":{_dumps(properties)},"geometry":{shape}}}'
        )


def feature_ids(frame: gpd.GeoDataFrame, contract: Contract, is_history: bool) -> list[str]:
    """Return the stable ids of rows: the keys joined by ``~``, and over history ``@`` and the first day."""
    keys = zip(*(frame[name] for name in contract.key), strict=True)
    ids = ["~".join(map(str, key)) for key in keys]
    if not is_history or "valid_from" not in contract.columns:
        return ids
    return [f"{key}@{starts or OPEN_START}" for key, starts in zip(ids, frame["valid_from"], strict=True)]


def rounded(geometries: Any) -> Any:
    """Return geometries in EPSG:25832 as GeoJSON shows them: WGS 84, 7 decimals, rings counter-clockwise."""
    moved = shapely.transform(to_wgs84(np.asarray(geometries)), lambda c: np.round(c, DECIMALS) + 0.0)
    return shapely.orient_polygons(moved)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def to_json(value: Any, kind: str) -> Any:
    """Return a frame's value as JSON has it: days in ISO form, NaN and NA as null, numbers to 3 decimals."""
    if pd.isna(value):
        return None
    if kind == NUMBER:
        return round(float(value), NUMBER_DECIMALS)
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value


def read_features(path: Path, contract: Contract, *, may_be_empty: bool = False) -> gpd.GeoDataFrame:
    """Return a GeoJSON file written by this project as the frame of `contract`.

    A collection without features is refused unless it `may_be_empty`.

    Raises
    ------
    NotFoundError
        When there is no such file.
    TooLargeError
        Above 512 MB.
    DataError
        When it is no GeoJSON FeatureCollection or any feature breaks the contract.
    """
    features = _parsed(path).get("features")
    if not isinstance(features, list):
        raise _not_geojson(path)
    if not features and may_be_empty:
        return empty_frame(contract)
    rows, shapes = [], []
    for n, feature in enumerate(features, 1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            raise _broken(path, n, N_("%(file)s, feature %(row)s is not a GeoJSON feature with properties."))
        rows.append({name: value for name, value in feature["properties"].items() if name != "id"})
        shapes.append(_shape(path, n, feature.get("geometry")))
    return checked_frame(path.name, rows, list(to_storage(np.array(shapes))) if shapes else [], contract)


def read_members(path: Path) -> dict[str, str]:
    """Return the licence and attribution that a GeoJSON file states; only those it has."""
    document = _parsed(path)
    return {
        name: document[name] for name in ("licence", "attribution") if isinstance(document.get(name), str)
    }


def _parsed(path: Path) -> dict[str, Any]:
    check_file(path)
    with path.open("rb") as file:
        # Looked at before all of it is read: 200 MB of nothing are refused at the first bytes.
        if not file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            raise _not_geojson(path)
    try:
        document = json.loads(path.read_text("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _not_geojson(path) from None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise _not_geojson(path)
    return document


def _no_constant(name: str) -> float:
    raise ValueError(name)


def check_file(path: Path) -> None:
    """Refuse what is no file, is empty, or is larger than any file of ours."""
    if not path.is_file():
        raise NotFoundError(N_("There is no file %(file)s."), file=path)
    if path.stat().st_size == 0:
        raise DataError(N_("%(file)s is empty."), file=path.name)
    if path.stat().st_size > LARGEST_BYTES:
        raise TooLargeError(
            N_("%(file)s is larger than %(largest)s MB."), file=path.name, largest=LARGEST_BYTES // 2**20
        )


def _not_geojson(path: Path) -> DataError:
    return DataError(N_("%(file)s is not a GeoJSON FeatureCollection."), file=path.name)


def _broken(path: Path, n: int, template: str) -> DataError:
    return DataError(template, file=path.name, row=n)


def _shape(path: Path, n: int, geometry: Any) -> Any:
    """Return a feature's geometry in degrees, proved to lie on the globe."""
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except shapely.errors.GEOSException:
        raise _broken(path, n, N_("%(file)s, feature %(row)s: the geometry cannot be read.")) from None
    if shape is None or shape.is_empty:
        raise _broken(path, n, N_("%(file)s, feature %(row)s has no geometry."))
    low_x, low_y, high_x, high_y = shape.bounds
    if not (-180 <= low_x <= high_x <= 180 and -90 <= low_y <= high_y <= 90) or math.isnan(low_x):
        raise _broken(
            path, n, N_("%(file)s, feature %(row)s: the coordinates are not longitude and latitude.")
        )
    return shape
