"""Compile before anybody waits for it."""

from __future__ import annotations

import numpy as np
import shapely

from app.analysis.adjacency.evidence import evidence
from app.analysis.adjacency.pairs import typed_pairs_of_arrays
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.tolerances import Tolerances
from app.analysis.adjacency.validity import certainly_valid


def compile_kernels() -> None:
    """Compile every kernel and keep the code, so that no user waits for it; about 20 seconds the first time.

    Where no folder can be written to, each process compiles for itself.

    Examples
    --------
    >>> compile_kernels()
    """
    # Three plots that need every kernel: two overlap, the third lies across a street.
    boxes = np.array([shapely.box(0, 0, 20, 20), shapely.box(10, 0, 30, 20), shapely.box(0, 25, 20, 40)])
    plots = PlotArrays.from_geometries(boxes)
    certainly_valid(plots)
    evidence(plots, typed_pairs_of_arrays(plots), Tolerances())
