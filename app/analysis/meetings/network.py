"""Measures of the network of those who have met: density, isolates, brokers, who is one hello away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.analysis.meetings.acquaintance import MET, Floats, Ints


@dataclass(frozen=True)
class NetworkMeasures:
    """What describes who has met whom on one day.

    Attributes
    ----------
    density : float
        Pairs who have met, as a share of all pairs.
    isolates : tuple of int
        Who has neighbors and has met nobody.
    largest_component : float
        Share of the companies that the largest set connected by acquaintances holds.
    transitivity : float
        Share of chains of three of whom the ends have met, too.
    betweenness, constraint : array of float64, shape (n,)
        Freeman's, normalized; Burt's, nan for who has met nobody. High and low ones are brokers.
    """

    density: float
    isolates: tuple[int, ...]
    largest_component: float
    transitivity: float
    betweenness: Floats
    constraint: Floats


def network_measures(met: Floats, pairs: Ints, *, threshold: float = MET) -> NetworkMeasures:
    """Return the measures of the network in which those are connected who have met.

    Parameters
    ----------
    met : array of float64, shape (n, n)
        Symmetric; how probably each two have met.
    pairs : array of int64, shape (n_pairs, 2)
        Who are neighbors.
    threshold : float
        From which probability on two have met.

    Examples
    --------
    >>> met = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> measures = network_measures(met, np.array([[0, 1], [1, 2]]))
    >>> round(measures.density, 3), measures.isolates, round(measures.largest_component, 3)
    (0.333, (2,), 0.667)
    """
    # Loaded only where it is asked for: it takes as long as all the rest of a page.
    import networkx as nx  # noqa: PLC0415

    n = len(met)
    graph: Any = nx.from_numpy_array(np.where(met >= threshold, 1.0, 0.0))
    between, constraint = nx.betweenness_centrality(graph), nx.constraint(graph)
    parts: Iterable[set[int]] = nx.connected_components(graph)
    return NetworkMeasures(
        float(nx.density(graph)),
        _isolates(met, pairs, threshold),
        max(map(len, parts), default=0) / max(n, 1),
        float(nx.transitivity(graph)),
        np.array([between[i] for i in range(n)], dtype=np.float64),
        np.array([constraint[i] for i in range(n)], dtype=np.float64),
    )


def _isolates(met: Floats, pairs: Ints, threshold: float) -> tuple[int, ...]:
    """Return who has neighbors and has met nobody."""
    has_met = set(np.flatnonzero((met >= threshold).any(axis=1)).tolist())
    return tuple(one for one in np.unique(pairs).tolist() if one not in has_met)


def one_hello_away(met: Floats, pairs: Ints, *, threshold: float = MET) -> dict[tuple[int, int], list[int]]:
    """Return the neighbors who have not met but have both met a third one, who can introduce them.

    Parameters
    ----------
    met : array of float64, shape (n, n)
    pairs : array of int64, shape (n_pairs, 2)
    threshold : float

    Returns
    -------
    dict of (int, int) to list of int
        The third ones by pair.

    Examples
    --------
    >>> met = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    >>> one_hello_away(met, np.array([[0, 2], [0, 1]]))
    {(0, 2): [1]}
    """
    have_met = met >= threshold
    found = {}
    for i, k in pairs.tolist():
        third = np.flatnonzero(have_met[i] & have_met[k]).tolist()
        if not have_met[i, k] and third:
            found[i, k] = third
    return found
