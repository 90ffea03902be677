"""The definition of neighbors once more, over whole arrays: slower, no code in common with the engine."""

from tests.reference.adjacency_numpy.pairs import typed_pairs

__all__ = ["typed_pairs"]
