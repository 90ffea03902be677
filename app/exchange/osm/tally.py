"""What was read of an extract, and what of it was not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OsmTally:
    """Counts of one extract.

    Attributes
    ----------
    n_ways : int
        Ways to walk of which at least a part was read, squares not counted.
    n_squares : int
        Areas to walk.
    n_outlined : int
        Of these, squares walked along their outline only: because nobody asked for more, or the outline has
        gaps, crosses itself or has too many corners.
    n_gates : int
        Nodes that are passed with leave, or at certain hours.
    n_closed : int
        Nodes that nobody passes: fences and walls across a way.
    n_cut : int
        Ways cut where the extract lacks a node.
    n_lost : int
        Ways to walk of which nothing is left, for lack of nodes.
    n_apart : int
        Nodes moved by centimetres because they lie on another one without being joined to it.
    n_unread : int
        Ways and nodes with hours or conditions that are not understood.
    """

    n_ways: int = 0
    n_squares: int = 0
    n_outlined: int = 0
    n_gates: int = 0
    n_closed: int = 0
    n_cut: int = 0
    n_lost: int = 0
    n_apart: int = 0
    n_unread: int = 0
