"""Who is whose neighbor, of what kind, and by what evidence.

`typed_neighbors` takes and gives frames, `typed_pairs_of_arrays` flat arrays without an object a plot; the
answers are the same. Beneath: `layout` puts borders near each other in memory that lie near each other on
earth, `sweep` goes from plot to plot and measures what it has in common with others (`contact`) and what it
sees of them (`visibility`), `decision` puts a relation to every pair. These are compiled; `engine` hands
plots to threads.
"""

from app.analysis.adjacency.checks import check_areal, check_geometries, check_keys, double_keys
from app.analysis.adjacency.evidence import evidence
from app.analysis.adjacency.kernels.decision import RELATIONS
from app.analysis.adjacency.pairs import TypedPairs, typed_pairs_of_arrays
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.tolerances import Tolerances
from app.analysis.adjacency.typed import ENGINE, typed_neighbors
from app.analysis.adjacency.validity import certainly_valid
from app.analysis.adjacency.warm_up import compile_kernels

__all__ = [
    "ENGINE",
    "RELATIONS",
    "PlotArrays",
    "Tolerances",
    "TypedPairs",
    "certainly_valid",
    "check_areal",
    "check_geometries",
    "check_keys",
    "compile_kernels",
    "double_keys",
    "evidence",
    "typed_neighbors",
    "typed_pairs_of_arrays",
]
