"""Rows on their way into a file: parts of a collection become Arrow record batches, one after the other.

Whoever writes a file takes these batches, so that every form has the same columns and values: ``id``
first, then the contract's columns, then ``geometry`` (WKB, EPSG:25832). Numbers have three decimals,
as everywhere outside; what is unknown is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TEXT, Contract
from app.exchange.collections.geojson import NUMBER_DECIMALS

ID = "id"
GEOMETRY = "geometry"

# The ids of some rows, and the rows as the frame of a contract, in EPSG:25832.
Part = tuple[list[str], gpd.GeoDataFrame]

ARROW_TYPES: Mapping[str, pa.DataType] = {
    TEXT: pa.string(),
    DAY: pa.date32(),
    INTEGER: pa.int32(),
    NUMBER: pa.float64(),
    FLAG: pa.bool_(),
}


def row_schema(contract: Contract) -> pa.Schema:
    """Return the schema of the batches of a contract."""
    columns = [pa.field(name, ARROW_TYPES[kind]) for name, kind in contract.columns.items()]
    return pa.schema([pa.field(ID, pa.string(), nullable=False), *columns, pa.field(GEOMETRY, pa.binary())])


def record_batches(parts: Iterable[Part], contract: Contract) -> Iterator[pa.RecordBatch]:
    """Yield parts as record batches with the schema `row_schema`; only one part is held at a time."""
    schema = row_schema(contract)
    for ids, frame in parts:
        yield record_batch(ids, frame, contract, schema)


def record_batch(
    ids: list[str], frame: gpd.GeoDataFrame, contract: Contract, schema: pa.Schema
) -> pa.RecordBatch:
    """Return one part as a record batch with `schema`."""
    columns = [_column(frame[name], kind) for name, kind in contract.columns.items()]
    shapes = pa.array(shapely.to_wkb(frame.geometry.to_numpy()), pa.binary())
    return pa.record_batch([pa.array(ids, pa.string()), *columns, shapes], schema=schema)


def _column(values: pd.Series, kind: str) -> pa.Array:
    if kind == NUMBER:
        numbers = values.to_numpy(dtype=float, na_value=np.nan).round(NUMBER_DECIMALS)
        # Without the sum, what is rounded to nothing from below would be a negative zero.
        return pa.array(numbers + 0.0, from_pandas=True)
    return pa.array(values.to_numpy(dtype=object), ARROW_TYPES[kind], from_pandas=True)


def looked_into(batches: Iterator[pa.RecordBatch]) -> tuple[list[pa.RecordBatch], Iterator[pa.RecordBatch]]:
    """Return the first two batches (or fewer), and an iterator that still yields all."""
    first = [batch for _, batch in zip(range(2), batches, strict=False)]
    return first, chain(first, batches)


def shapes_of(batch: pa.RecordBatch) -> Any:
    """Return the geometries of a batch as an array of shapely."""
    return shapely.from_wkb(batch.column(GEOMETRY).to_numpy(zero_copy_only=False))
