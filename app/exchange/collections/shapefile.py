"""Rows as zipped Shapefiles, and a page inside that lists what the format could not hold.

A Shapefile has one kind of geometry, names of 10 characters, texts of 254 bytes and no sign for an unknown
number; so a collection becomes one file a kind of geometry, names and texts are cut, and a collection of
geometries becomes several rows with the same id.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from app.domain.frames import Contract
from app.domain.localizer import Localizer
from app.errors import N_, Phrase
from app.exchange.collections.arrow_rows import GEOMETRY, row_schema, shapes_of
from app.exchange.collections.geofiles import write_layer

LONGEST_NAME = 10
LONGEST_TEXT = 254  # bytes
README = N_("README.txt")

# Dimension of a geometry -> what is added to the file's name, and the type of its layer.
_KINDS = {0: ("points", "Point"), 1: ("lines", "LineString"), 2: ("areas", "Polygon")}
_DIMENSIONS = {"Point": 0, "LineString": 1, "MultiLineString": 1, "Polygon": 2, "MultiPolygon": 2}

_LIMITS = N_("""\
What a Shapefile cannot hold
- Names of columns have at most 10 characters: %(names)s.
- Texts are cut off at 254 bytes.
- Unknown numbers are empty; some programs show 0 instead.
- A file has only one type of geometry: %(files)s.
- Rows with several types of geometry occur several times, with the same id.
A GeoPackage has none of these limits.
""")


def write_shapefiles(
    path: Path,
    batches: Iterable[pa.RecordBatch],
    contract: Contract,
    about: Mapping[str, str],
    localizer: Localizer,
) -> None:
    """Write rows as a zip of Shapefiles, one a kind of geometry, and `README`.

    Parameters
    ----------
    path : Path
        A file that is not there yet.
    batches : iterable of record batches
        As `app.exchange.collections.arrow_rows.record_batches` yields them.
    contract : Contract
    about : mapping
        Titles to metadata of the rows.
    localizer : Localizer
        Of `README`.
    """
    names = short_names(row_schema(contract).names)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        layers = _write_layers(Path(folder), batches, contract, names)
        described = "\n".join(f"{word}: {text}" for word, text in about.items())
        readme = Path(folder) / localizer.translate(README)
        readme.write_text(f"{described}\n\n{_limits(names, layers, localizer)}", "utf-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as packed:
            for file in sorted(Path(folder).iterdir()):
                packed.write(file, file.name)


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Return each name with one of at most 10 characters, all different: those alike are numbered."""
    found: dict[str, str] = {}
    for name in names:
        short, n = name[:LONGEST_NAME], 1
        while short in found.values():
            n += 1
            short = f"{name[: LONGEST_NAME - len(str(n))]}{n}"
        found[name] = short
    return found


def _limits(names: Mapping[str, str], layers: Iterable[str], localizer: Localizer) -> str:
    shortened = ", ".join(f"{name} = {short}" for name, short in names.items() if name != short)
    listed = shortened or Phrase(N_("all of them fit"))
    return localizer.translate(_LIMITS, names=listed, files=", ".join(layers))


def _write_layers(
    folder: Path, batches: Iterable[pa.RecordBatch], contract: Contract, names: Mapping[str, str]
) -> list[str]:
    """Write every batch to the layers of its geometries; return the files' names."""
    kinds = sorted({_DIMENSIONS[kind] for kind in contract.geometry_types if kind in _DIMENSIONS})
    files = {kind: _file(folder, contract, kind, is_alone=len(kinds) == 1) for kind in kinds}
    schema = pa.schema([field.with_name(names[field.name]) for field in row_schema(contract)])
    schema = schema.set(schema.get_field_index(names[GEOMETRY]), pa.field(GEOMETRY, pa.binary()))
    for kind, file in files.items():
        _write(file, iter(()), schema, kind)
    for batch in batches:
        for kind, rows in _by_kind(batch).items():
            fitting = pa.record_batch([_fitting(column) for column in rows.columns], schema=schema)
            _write(files[kind], iter([fitting]), schema, kind, append=True)
    return [file.name for file in files.values()]


def _file(folder: Path, contract: Contract, kind: int, *, is_alone: bool) -> Path:
    return folder / (f"{contract.name}.shp" if is_alone else f"{contract.name}-{_KINDS[kind][0]}.shp")


def _write(file: Path, rows: Iterator[pa.RecordBatch], schema: pa.Schema, kind: int, **options: bool) -> None:
    write_layer(
        file,
        rows,
        schema,
        driver="ESRI Shapefile",
        geometry_type=_KINDS[kind][1],
        encoding="UTF-8",
        **options,
    )


def _by_kind(batch: pa.RecordBatch) -> dict[int, pa.RecordBatch]:
    """Return the rows by the dimension of their geometry; collections are taken apart first."""
    shapes = shapes_of(batch)
    rows = np.arange(len(shapes))
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    parts, of = shapely.get_parts(shapes[mixed], return_index=True)
    shapes = np.concatenate([shapes[~mixed], parts])
    rows = np.concatenate([rows[~mixed], rows[mixed][of]])
    found = {}
    for kind in np.unique(shapely.get_dimensions(shapes)):
        chosen = shapely.get_dimensions(shapes) == kind
        taken = batch.take(pa.array(rows[chosen]))
        place = taken.schema.get_field_index(GEOMETRY)
        found[int(kind)] = taken.set_column(
            place, GEOMETRY, pa.array(shapely.to_wkb(shapes[chosen]), pa.binary())
        )
    return found


def _fitting(column: pa.Array) -> pa.Array:
    """Return a column whose texts fit."""
    if not pa.types.is_string(column.type):
        return column
    is_long = pc.greater(pc.binary_length(column), LONGEST_TEXT)
    if not pc.any(is_long).as_py():
        return column
    return pa.array([None if text is None else cut(text) for text in column.to_pylist()], pa.string())


def cut(text: str) -> str:
    """Return the first 254 bytes of a text, never half a character."""
    return text.encode()[:LONGEST_TEXT].decode(errors="ignore")


def may_be_cut(text: str) -> bool:
    """Return whether a text is so long that there may have been more of it."""
    # The longest character has four bytes.
    return len(text.encode()) > LONGEST_TEXT - 4
