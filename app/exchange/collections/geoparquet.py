"""Rows as GeoParquet 1.1, with a box around each geometry by which readers skip what they do not need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from app.domain.crs import STORAGE_CRS
from app.domain.frames import Contract
from app.exchange.collections.arrow_rows import GEOMETRY, row_schema, shapes_of
from app.exchange.sorted_runs import in_blocks

VERSION = "1.1.0"
GROUP_ROWS = 20_000
BBOX = "bbox"
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_BOX = pa.struct([(side, pa.float64()) for side in _SIDES])


def write_geoparquet(
    path: Path, batches: Iterable[pa.RecordBatch], contract: Contract, about: Mapping[str, str]
) -> None:
    """Write rows as GeoParquet in row groups of `GROUP_ROWS`.

    Parameters
    ----------
    path : Path
        A file that is not there yet.
    batches : iterable of record batches
        As `app.exchange.collections.arrow_rows.record_batches` yields them.
    contract : Contract
    about : mapping
        Metadata of the rows, kept in the file.
    """
    schema = row_schema(contract).append(pa.field(BBOX, _BOX))
    seen = _Seen()
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_index=True) as file:
        for rows in in_blocks((seen.boxed(batch, schema) for batch in batches), GROUP_ROWS):
            file.write_table(rows)
        file.add_key_value_metadata({**about, "geo": json.dumps(seen.metadata())})


class _Seen:
    """The types of the geometries so far, and the box around them."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self.low, self.high = np.full(2, np.inf), np.full(2, -np.inf)

    def boxed(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
        """Return a batch with the box around each geometry, having looked at them."""
        shapes = shapes_of(batch)
        bounds = shapely.bounds(shapes)
        self.types.update(str(shape.geom_type) for shape in shapes)
        self.low = np.fmin(self.low, bounds[:, :2].min(axis=0, initial=np.inf))
        self.high = np.fmax(self.high, bounds[:, 2:].max(axis=0, initial=-np.inf))
        boxes = pa.StructArray.from_arrays([pa.array(side) for side in bounds.T], fields=list(_BOX))
        return pa.table([*batch.columns, boxes], schema=schema)

    def metadata(self) -> dict[str, Any]:
        """Return the metadata ``geo`` of GeoParquet."""
        column: dict[str, Any] = {
            "encoding": "WKB",
            "geometry_types": sorted(self.types),
            "crs": json.loads(CRS.from_user_input(STORAGE_CRS).to_json()),
            "edges": "planar",
            "covering": {BBOX: {side: [BBOX, side] for side in _SIDES}},
        }
        if self.types:
            column[BBOX] = [*self.low.tolist(), *self.high.tolist()]
        return {"version": VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
