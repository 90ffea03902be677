"""One relation for every pair of neighboring plots, with measures and evidence."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd

from app.analysis.adjacency.checks import check_plots
from app.analysis.adjacency.decision import RELATIONS
from app.analysis.adjacency.evidence import evidence
from app.analysis.adjacency.pairs import typed_pairs_of_arrays
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.tolerances import Tolerances

# Stored with every computed row; to be raised whenever the same plots would give another answer.
ENGINE = "adjacency 4"

MEASURES = ("shared_m", "gap_m", "facing_m", "overlap_m2")


def _nothing_said(_done: float) -> None:
    """Take a report of progress and say nothing."""


def typed_neighbors(
    plots: gpd.GeoDataFrame,
    key: str,
    tolerances: Tolerances = Tolerances(),  # noqa: B008  frozen
    report: Callable[[float], None] = _nothing_said,
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
        Told the share of the work that is done, 0 to 1, from time to time.

    Returns
    -------
    GeoDataFrame
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
    is lost far from the origin.
    """
    check_plots(plots, key)
    ordered = plots.iloc[plots[key].argsort(kind="stable")]
    arrays = PlotArrays.from_geometries(ordered.geometry.to_numpy())
    pairs = typed_pairs_of_arrays(arrays, tolerances, report=report)
    keys = ordered[key].reset_index(drop=True)
    names = np.array([str(relation) for relation in RELATIONS], dtype=object)
    columns = {
        "focal": keys.iloc[pairs.a].array,
        "neighbor": keys.iloc[pairs.b].array,
        "relation": pd.array(names[pairs.relation], dtype="str"),
        **{name: getattr(pairs, name) for name in MEASURES},
    }
    return gpd.GeoDataFrame(columns, geometry=evidence(arrays, pairs, tolerances), crs=plots.crs)
