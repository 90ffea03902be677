"""Rows as CSV text, for programs and for a German Excel.

For programs: UTF-8, commas, points in numbers, texts exactly as they are, ``geometry`` as WKT in
EPSG:25832 to the last digit, and for points ``lon`` and ``lat``, too.

For Excel: a byte order mark (without it Excel guesses the encoding), semicolons, decimal commas, WAHR and
FALSCH, CRLF, and in place of outlines, for which a cell is too small, ``lon`` and ``lat`` of a point on each.
A text that Excel would take for a formula begins with an apostrophe; what a person typed as a name must
never be computed on another person's machine. Other texts are as they are; that Excel takes some for days
(house number 1-3) is something only a workbook can prevent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from app.domain.crs import to_wgs84
from app.domain.frames import FLAG, NUMBER, TEXT, Contract
from app.exchange.collections.arrow_rows import GEOMETRY, ID, shapes_of
from app.exchange.collections.geojson import DECIMALS

LON_LAT = ("lon", "lat")
BYTE_ORDER_MARK = "\ufeff"

# With these a cell of a spreadsheet begins to be a formula; a tab or line break before one is skipped there.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_lines(batches: Iterable[pa.RecordBatch], contract: Contract) -> Iterator[str]:
    """Yield rows as CSV text for programs, one piece a batch; unknown values are empty cells.

    Parameters
    ----------
    batches : iterable of record batches
        As `app.exchange.collections.arrow_rows.record_batches` yields them.
    contract : Contract
    """
    has_points = contract.geometry_types == ("Point",)
    yield _lines([[ID, *contract.columns, *(LON_LAT if has_points else ()), GEOMETRY]])
    for batch in batches:
        shapes = shapes_of(batch)
        columns = [_texts(batch.column(name), kind) for name, kind in _kinds(contract)]
        degrees = degrees_of(shapes) if has_points else []
        wkt = shapely.to_wkt(shapes, rounding_precision=-1)
        yield _lines(zip(*columns, *degrees, wkt, strict=True))


def excel_lines(batches: Iterable[pa.RecordBatch], contract: Contract) -> Iterator[str]:
    """Yield rows as CSV text that a German Excel opens rightly by double click, one piece a batch.

    Parameters
    ----------
    batches : iterable of record batches
        As `app.exchange.collections.arrow_rows.record_batches` yields them.
    contract : Contract
    """
    lines = partial(_lines, delimiter=";", lineterminator="\r\n")
    yield BYTE_ORDER_MARK + lines([[ID, *contract.columns, *LON_LAT]])
    for batch in batches:
        columns = [_german(batch.column(name), kind) for name, kind in _kinds(contract)]
        degrees = [[_comma(value) for value in axis] for axis in degrees_of(point_on(shapes_of(batch)))]
        yield lines(zip(*columns, *degrees, strict=True))


def point_on(shapes: Any) -> Any:
    """Return a point on each geometry: the middle of a line, a point inside of an area."""
    lines = shapely.get_dimensions(shapes) == 1
    points = shapely.point_on_surface(shapes)
    points[lines] = shapely.line_interpolate_point(shapely.line_merge(shapes[lines]), 0.5, normalized=True)
    # A line in several parts has no middle on it that this finds.
    unknown = shapely.is_missing(points) | shapely.is_empty(points)
    points[unknown] = shapely.point_on_surface(shapes[unknown])
    return points


def _kinds(contract: Contract) -> list[tuple[str, str]]:
    return [(ID, TEXT), *contract.columns.items()]


def degrees_of(points: Any) -> list[list[float]]:
    """Return longitudes and latitudes of points."""
    axes: list[list[float]] = np.round(shapely.get_coordinates(to_wgs84(points)).T, DECIMALS).tolist()
    return axes


def _texts(column: pa.Array, kind: str) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if kind == FLAG:
        return [None if value is None else str(value).lower() for value in values]
    return values


def _german(column: pa.Array, kind: str) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if kind == FLAG:
        return [{True: "WAHR", False: "FALSCH", None: None}[value] for value in values]
    if kind == NUMBER:
        return [None if value is None else _comma(value) for value in values]
    if kind == TEXT:
        return [None if value is None else harmless(value) for value in values]
    return values


def _comma(value: float) -> str:
    return str(value).replace(".", ",")


def harmless(text: str) -> str:
    """Return a text with an apostrophe before it where a spreadsheet would compute it.

    So has one that begins with apostrophes and goes on so: `as_written` takes off exactly one.
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def as_written(text: str) -> str:
    """Return the text of which `harmless` made this one."""
    is_harmless = text.startswith("'") and text.lstrip("'").startswith(FORMULA_STARTS)
    return text[1:] if is_harmless else text


def _lines(rows: Iterable[Iterable[Any]], delimiter: str = ",", lineterminator: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=lineterminator).writerows(rows)
    return out.getvalue()
