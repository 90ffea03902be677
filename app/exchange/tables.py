"""GeoPackage and CSV: the same columns as everywhere, geometry in EPSG:25832 to the last digit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

from app.domain.crs import STORAGE_CRS, to_wgs84
from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, Contract
from app.errors import N_, DataError
from app.exchange.geojson import DECIMALS, check_file
from app.exchange.rows import Spot, checked_frame

GEOMETRY = "geometry"
LON_LAT = ("lon", "lat")

# A field's type in the file; an integer or flag that may be missing is masked.
_FIELD_TYPES: Mapping[str, tuple[str, Any]] = {
    DAY: ("datetime64[D]", np.datetime64("1970-01-01")),
    INTEGER: ("int32", 0),
    NUMBER: ("float64", np.nan),
    FLAG: ("bool", False),
}


def write_gpkg(path: Path, frame: gpd.GeoDataFrame, contract: Contract, members: Mapping[str, Any]) -> None:
    """Write a frame as a GeoPackage with one layer named like the collection.

    Parameters
    ----------
    path : Path
        A file that is not there yet.
    frame : GeoDataFrame
        Rows of `contract`, in EPSG:25832.
    contract : Contract
    members : mapping
        What is said of the rows (licence, attribution, state...); kept as the layer's metadata and
        as its description, which GIS programs show.
    """
    fields = [_field(frame[name], contract.columns[name]) for name in contract.columns]
    told = {name: str(value) for name, value in members.items()}
    found = set(frame.geometry.geom_type)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(frame.geometry.to_numpy()),
        field_data=[values for values, _ in fields],
        field_mask=[mask for _, mask in fields],
        fields=np.array(list(contract.columns), dtype=object),
        layer=contract.name,
        driver="GPKG",
        geometry_type=found.pop() if len(found) == 1 else "Unknown",
        crs=STORAGE_CRS,
        promote_to_multi=False,
        # Older programs read this version without a warning.
        dataset_options={"VERSION": "1.2"},
        layer_metadata=told,
        layer_options={
            "GEOMETRY_NAME": GEOMETRY,
            "IDENTIFIER": contract.name,
            "DESCRIPTION": "; ".join(f"{name}: {value}" for name, value in told.items()),
        },
    )


def _field(series: pd.Series, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a column's values as the file types them, and where they are missing."""
    mask = series.isna().to_numpy(dtype=bool)
    if kind not in _FIELD_TYPES:
        texts = [None if missing else value for value, missing in zip(series, mask, strict=True)]
        return np.array(texts, dtype=object), mask
    dtype, blank = _FIELD_TYPES[kind]
    values = [blank if missing else value for value, missing in zip(series, mask, strict=True)]
    return np.array(values, dtype=dtype), mask


def read_gpkg(path: Path, contract: Contract) -> gpd.GeoDataFrame:
    """Return a GeoPackage written by `write_gpkg` as the frame of `contract`, in EPSG:25832.

    Raises
    ------
    NotFoundError, TooLargeError
        As `app.exchange.geojson.check_file`.
    DataError
        When it is no GeoPackage, has no layer of the collection's name or no reference system, or a
        row breaks the contract.
    """
    check_file(path)
    layer = _layer(path, contract)
    names = [name for name in layer.columns if name != layer.geometry.name]
    columns = [
        [None if missing else value for value, missing in zip(layer[name], layer[name].isna(), strict=True)]
        for name in names
    ]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    placed = layer.geometry.to_crs(STORAGE_CRS).to_numpy()
    return checked_frame(path.name, rows, list(shapely.force_2d(placed)), contract)


def _layer(path: Path, contract: Contract) -> gpd.GeoDataFrame:
    with path.open("rb") as file:
        is_sqlite = file.read(16) == b"SQLite format 3\x00"
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)] if is_sqlite else []
        layer = pyogrio.read_dataframe(path, layer=contract.name) if contract.name in names else None
    except (DataSourceError, DataLayerError, FeatureError, GeometryError):
        layer = None
    if not isinstance(layer, gpd.GeoDataFrame):
        raise DataError(
            N_("%(file)s is no GeoPackage with a layer “%(layer)s”."), file=path.name, layer=contract.name
        )
    if layer.crs is None:
        raise DataError(N_("%(file)s says no coordinate reference system."), file=path.name)
    return layer


def csv_lines(frame: gpd.GeoDataFrame, contract: Contract) -> Iterator[str]:
    """Yield a frame as CSV lines (UTF-8, commas): the contract's columns and ``geometry`` as WKT.

    Points have ``lon`` and ``lat`` (WGS 84), too. Empty cells are unknown values.
    """
    is_points = contract.geometry_types == ("Point",)
    yield _line([*contract.columns, *(LON_LAT if is_points else ()), GEOMETRY])
    geometries = frame.geometry.to_numpy()
    texts = shapely.to_wkt(geometries, rounding_precision=-1)
    degrees = shapely.get_coordinates(to_wgs84(geometries)).round(DECIMALS) if is_points else None
    for n, row in enumerate(zip(*(frame[name] for name in contract.columns), strict=True)):
        values = [_cell(value, kind) for value, kind in zip(row, contract.columns.values(), strict=True)]
        if degrees is not None:
            values += [str(value) for value in degrees[n].tolist()]
        yield _line([*values, texts[n]])


def _cell(value: Any, kind: str) -> str:
    if pd.isna(value):
        return ""
    if kind == FLAG:
        return "true" if value else "false"
    return repr(float(value)) if kind == NUMBER else str(value)


def _line(values: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()


def read_csv(path: Path, contract: Contract) -> gpd.GeoDataFrame:
    """Return a CSV file written by `csv_lines` as the frame of `contract`.

    Raises
    ------
    NotFoundError, TooLargeError
        As `app.exchange.geojson.check_file`.
    DataError
        When it is no such table or a row breaks the contract.
    """
    check_file(path)
    rows = _table(path)
    geometries = []
    for n, row in enumerate(rows, 1):
        spot = Spot(path.name, n, row.get("key"))
        # A row of another length has either a surplus under None or missing values that are None.
        if None in row or None in row.values() or GEOMETRY not in row:
            raise spot.refuse(N_("%(file)s, row %(row)s (%(key)s) has not one value for each column."))
        geometries.append(_geometry(spot, row.pop(GEOMETRY)))
        for name in LON_LAT:
            row.pop(name, None)
    return checked_frame(path.name, rows, geometries, contract)


def _table(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        head = file.read(4096)
    try:
        if b"\x00" in head or b"," not in head.splitlines()[0]:
            raise ValueError
        csv.field_size_limit(2**31 - 1)  # the text of a boundary with very many corners
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""), strict=True))
    except (ValueError, csv.Error):
        raise DataError(N_("%(file)s is not a table in UTF-8 with commas."), file=path.name) from None
    return rows


def _geometry(spot: Spot, text: str) -> Any:
    try:
        return shapely.force_2d(shapely.from_wkt(text)) if text else None
    except shapely.errors.GEOSException:
        raise spot.refuse(
            N_("%(file)s, row %(row)s (%(key)s): “%(text)s” is no geometry in WKT."), text=text
        ) from None
