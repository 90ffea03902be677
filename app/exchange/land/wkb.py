"""Geometries from WKB as files hold it, arcs included."""

from __future__ import annotations

import warnings
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyogrio
import shapely
from shapely.errors import ShapelyError

from app.errors import N_, DataError

Geometries = npt.NDArray[np.object_]

# The geometry types that have arcs: circular string to multisurface, in every dimension.
_CURVED = frozenset(range(8, 13))


def shapes_of_wkb(wkb: pa.Array, keys: pa.Array) -> Geometries:
    """Return geometries from WKB; arcs become chords, as GDAL makes them.

    Raises
    ------
    DataError
        When one cannot be read; names the plot.
    """
    plain = wkb.storage if isinstance(wkb, pa.ExtensionArray) else wkb
    values = plain.to_numpy(zero_copy_only=False)
    try:
        shapes: Geometries = shapely.from_wkb(values)
    except (ShapelyError, NotImplementedError):
        shapes = shapely.from_wkb(_with_chords(values), on_invalid="ignore")
        lost = np.flatnonzero(shapely.is_missing(shapes) & np.array([value is not None for value in values]))
        if len(lost):
            key = keys[int(lost[0])]
            raise DataError(N_("The boundary of plot “%(key)s” cannot be read."), key=key) from None
    return shapes


def _with_chords(values: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return WKB without arcs.

    GDAL hands out arcs as they are in Arrow batches, and as chords feature by feature: so those that have
    any are written to a file in memory and read from there. An arc gives the same chords either way round.
    """
    curved = np.array([value is not None and _wkb_type(value) in _CURVED for value in values])
    if not curved.any():
        return values
    memory = BytesIO()
    options = {"driver": "FlatGeobuf", "geometry_type": "Unknown", "layer_options": {"SPATIAL_INDEX": "NO"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(memory, values[curved], [], [], **options)
        straight = pyogrio.raw.read(memory.getvalue())[2]
    chords = values.copy()
    chords[curved] = straight
    return chords


def _wkb_type(wkb: bytes) -> int:
    """Return the geometry type in WKB, whatever its dimension."""
    kind = int.from_bytes(wkb[1:5], "little" if wkb[0] else "big")
    return (kind & 0x0FFFFFFF) % 1000
