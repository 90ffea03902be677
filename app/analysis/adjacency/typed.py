"""One relation for every pair of neighboring plots, with measures and evidence."""

from __future__ import annotations

import os
from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from app.analysis.adjacency.checks import check_crs, check_geometries, check_keys
from app.analysis.adjacency.chunks import Threads
from app.analysis.adjacency.evidence import drawn
from app.analysis.adjacency.kernels.decision import RELATIONS
from app.analysis.adjacency.kernels.layout import fabric_of
from app.analysis.adjacency.pairs import no_report, pairs_in
from app.analysis.adjacency.tolerances import Tolerances

# Stored with every computed row; to be raised whenever the same plots would give another answer.
ENGINE = "adjacency 5"

MEASURES = ("shared_m", "gap_m", "facing_m", "overlap_m2")
_NAMES = pd.array([str(relation) for relation in RELATIONS], dtype="str")


def typed_neighbors(
    plots: gpd.GeoDataFrame,
    key: str,
    tolerances: Tolerances = Tolerances(),  # noqa: B008  frozen
    report: Callable[[float], None] = no_report,
) -> gpd.GeoDataFrame:
    """Return every pair of neighboring plots with its relation, measures and evidence.

    The relations, strongest first; a pair has one:

    - ``overlap``: the common interior holds a circle wider than `snap_m`;
    - ``edge``: borders run within `snap_m` of each other over at least `edge_m`, whether the border is exact,
      a sliver gap or a sliver overlap, with or without common vertices;
    - ``corner``: borders come within `snap_m` but run together less than that;
    - ``across``: apart by at most `across_m`, and over at least `facing_m` of either border nothing else
      stands between when looking straight out.

    Parameters
    ----------
    plots : GeoDataFrame
        Polygons and multipolygons of one day in a projected CRS in metres, any order.
    key : str
        Column that names a plot; unique, of one kind (text or numbers).
    tolerances : Tolerances
        The lengths of the definition.
    report : callable
        Called with the share of the work that is done, 0 to 1, from time to time.

    Returns
    -------
    GeoDataFrame, one row a pair
        Columns ``focal, neighbor, relation, shared_m, gap_m, facing_m, overlap_m2, geometry`` in the CRS of
        `plots`; ``focal < neighbor``, ordered by both. No plots, or none in reach, give no rows with the same
        dtypes. NaN where a measure does not apply:

        - `shared_m` (edge, overlap): the smaller of the two plots' lengths of common border;
        - `gap_m`: the largest gap along the common border (edge), the distance (corner, across);
        - `facing_m` (across): the smaller of the lengths over which either plot sees the other;
        - `overlap_m2` (overlap): the common area.

        `geometry` is the common border as it runs on the focal plot (edge, overlap), the outline of the
        common area where an overlap has no common border, else the shortest connecting segment, a point where
        plots touch.

    Raises
    ------
    ValueError
        When the CRS is missing, geographic or not in metres.
    DataError
        When a key is missing, double or mixed in kind, or a geometry is missing, empty, invalid or not areal;
        the sentence names the plot and the reason.

    Notes
    -----
    Measured by projecting segments on each other. Only differences of coordinates are used, so that nothing
    is lost far from the origin. All processors compute; the rows do not depend on how many there are.

    The names `focal` and `neighbor` are those of libpysal's graphs; *edge* is what it calls rook contiguity
    and *edge* or *corner* its queen contiguity, but by tolerance instead of by common vertices.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> shapes = [box(0, 0, 20, 20), box(20.03, 0, 40, 20), box(0, 32, 20, 50)]
    >>> plots = gpd.GeoDataFrame({"key": ["A", "B", "C"]}, geometry=shapes, crs="EPSG:25832")
    >>> neighbors = typed_neighbors(plots, "key")
    >>> neighbors[["focal", "neighbor", "relation", "shared_m", "gap_m", "facing_m"]].round(2)
      focal neighbor relation  shared_m  gap_m  facing_m
    0     A        B     edge      20.0   0.03       NaN
    1     A        C   across       NaN  12.00      20.0
    >>> neighbors.geometry.to_wkt()[0]
    'LINESTRING (20 0, 20 20)'
    """
    check_crs(plots)
    if key not in plots.columns:
        raise ValueError(f"plots have no column {key!r}")
    keys, geometries = plots[key], plots.geometry.to_numpy()
    check_keys(keys)
    if not keys.is_monotonic_increasing:
        order = keys.argsort(kind="stable").to_numpy()
        keys, geometries = keys.iloc[order], geometries[order]
    arrays = check_geometries(geometries, keys)
    with Threads(os.cpu_count() or 1) as threads:
        fabric = fabric_of(arrays, threads)
        pairs = pairs_in(arrays, fabric, tolerances.lengths, threads, lambda done: report(0.7 * done))
        shown = drawn(arrays, fabric, pairs, tolerances.snap_m, threads)
    columns = {
        "focal": pd.Series(keys.array[pairs.a], dtype=keys.dtype),
        "neighbor": pd.Series(keys.array[pairs.b], dtype=keys.dtype),
        "relation": _NAMES[pairs.relation],
        **{name: getattr(pairs, name) for name in MEASURES},
    }
    report(1.0)
    return gpd.GeoDataFrame(columns, geometry=shown, crs=plots.crs)
