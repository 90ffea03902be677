"""GeoPackage and CSV of this project read back: the columns of a contract, geometry in EPSG:25832."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

from app.domain.crs import STORAGE_CRS
from app.domain.frames import Contract
from app.errors import N_, DataError
from app.exchange.arrow_rows import GEOMETRY, ID
from app.exchange.csv_text import LON_LAT
from app.exchange.geojson import check_file
from app.exchange.rows import Spot, checked_frame


def read_gpkg(path: Path, contract: Contract) -> gpd.GeoDataFrame:
    """Return a GeoPackage written by `app.exchange.geofiles` as the frame of `contract`, in EPSG:25832.

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
    names = [name for name in layer.columns if name not in {ID, layer.geometry.name}]
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


def read_csv(path: Path, contract: Contract) -> gpd.GeoDataFrame:
    """Return a CSV file written by `app.exchange.csv_text.csv_lines` as the frame of `contract`.

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
        for name in (ID, *LON_LAT):
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
