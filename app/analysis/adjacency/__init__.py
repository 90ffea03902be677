"""Who is whose neighbor, of what kind, and by what evidence.

A package of small parts: `segments` makes flat arrays of borders, `contact` measures borders that run
together, `sight` measures who faces whom, `typed` puts a relation to every pair of plots.
"""

from app.analysis.adjacency.checks import check_geometries, check_keys
from app.analysis.adjacency.pairs import RELATIONS, TypedPairs, typed_pairs_of_arrays
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.tolerances import Tolerances
from app.analysis.adjacency.typed import ENGINE, typed_neighbors

__all__ = [
    "ENGINE",
    "RELATIONS",
    "PlotArrays",
    "Tolerances",
    "TypedPairs",
    "check_geometries",
    "check_keys",
    "typed_neighbors",
    "typed_pairs_of_arrays",
]
