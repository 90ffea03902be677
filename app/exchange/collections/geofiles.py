"""GeoPackage and FlatGeobuf: written by GDAL from record batches, in EPSG:25832 to the last digit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio

from app.domain.crs import STORAGE_CRS
from app.domain.frames import Contract
from app.exchange.collections.arrow_rows import GEOMETRY, looked_into, row_schema, shapes_of

# GDAL would hold the index of all rows in memory, and make it beside the rows.
_SMALL_INDEX = {"OGR_GPKG_ALLOW_THREADED_RTREE": "NO", "OGR_GPKG_MAX_RAM_USAGE_RTREE": 8_000_000}

# The index of a FlatGeobuf can only be made in memory: about 200 bytes a row.
MOST_INDEXED = 300_000

# Older programs read this version of GeoPackage without a warning.
_GPKG_VERSION = "1.2"


def write_gpkg(
    path: Path, batches: Iterator[pa.RecordBatch], contract: Contract, about: Mapping[str, str]
) -> None:
    """Write rows as a GeoPackage with one layer named like the collection.

    Parameters
    ----------
    path : Path
        A file that is not there yet.
    batches : iterator of record batches
        As `app.exchange.collections.arrow_rows.record_batches` yields them.
    contract : Contract
    about : mapping
        Metadata of the rows (licence, attribution, state...); kept as the layer's metadata and
        as its description, which GIS programs show.
    """
    pyogrio.set_gdal_config_options(_SMALL_INDEX)
    _write(
        path,
        batches,
        contract,
        driver="GPKG",
        dataset_options={"VERSION": _GPKG_VERSION},
        layer_metadata=dict(about),
        layer_options={
            "GEOMETRY_NAME": GEOMETRY,
            "IDENTIFIER": contract.name,
            "DESCRIPTION": _description(about),
        },
    )


def write_fgb(
    path: Path,
    batches: Iterator[pa.RecordBatch],
    contract: Contract,
    about: Mapping[str, str],
    *,
    is_indexed: bool,
) -> None:
    """Write rows as a FlatGeobuf; title, description and metadata describe the rows.

    Days are instants there, as GDAL writes them.

    Parameters
    ----------
    path, batches, contract, about
        As those of `write_gpkg`. GDAL sorts by way of a temporary file beside `path`.
    is_indexed : bool
        Whether the file has a spatial index, in whose order the rows are then; not for more than
        `MOST_INDEXED` rows.
    """
    _write(
        path,
        batches,
        contract,
        driver="FlatGeobuf",
        layer_metadata=dict(about),
        layer_options={
            "TITLE": contract.name,
            "DESCRIPTION": _description(about),
            "TEMPORARY_DIR": str(path.parent),
            "SPATIAL_INDEX": "YES" if is_indexed else "NO",
        },
    )


def _description(about: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in about.items())


def _write(path: Path, batches: Iterator[pa.RecordBatch], contract: Contract, **options: Any) -> None:
    first, rows = looked_into(batches)
    write_layer(
        path,
        rows,
        row_schema(contract),
        layer=contract.name,
        geometry_type=layer_type(first, contract),
        **options,
    )


def layer_type(first: list[pa.RecordBatch], contract: Contract) -> str:
    """Return the type that a layer can promise for its geometries.

    A collection that may mix types promises one only where all of it was seen, which is in one batch.
    """
    if len(contract.geometry_types) == 1:
        return contract.geometry_types[0]
    found = (
        {str(shape.geom_type) for batch in first for shape in shapes_of(batch)} if len(first) == 1 else set()
    )
    return found.pop() if len(found) == 1 else "Unknown"


def write_layer(path: Path, batches: Iterator[pa.RecordBatch], schema: pa.Schema, **options: Any) -> None:
    """Write batches by GDAL; what goes wrong while they are made is raised as it is.

    Parameters
    ----------
    path : Path
    batches : iterator of record batches
        With `schema`, one column of it named ``geometry``.
    schema : pyarrow Schema
    **options
        Of `pyogrio.write_arrow`.
    """
    failures: list[BaseException] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except BaseException as failure:
            # GDAL only reports that the stream broke off.
            failures.append(failure)
            raise

    reader = pa.RecordBatchReader.from_batches(schema, watched())
    try:
        pyogrio.write_arrow(reader, path, geometry_name=GEOMETRY, crs=STORAGE_CRS, **options)
    except Exception:
        if failures:
            raise failures[0] from None
        raise
