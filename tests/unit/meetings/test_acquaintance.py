"""The neighborhood index: by hand, against networkx, and in parks whose attendance is hidden."""

from __future__ import annotations

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from networkx.algorithms import bipartite

from app.analysis.meetings.acquaintance import (
    Gathering,
    Interval,
    come_rates,
    expected_new,
    index_change,
    met_probabilities,
    neighbor_weights,
    neighborhood_index,
)
from app.analysis.meetings.network import network_measures, one_hello_away

NOBODY = np.zeros(0, dtype=np.int64)
# Five plots in a row, and the first one across the street from the last.
PAIRS = np.array([[0, 1], [1, 2], [2, 3], [3, 4], [0, 4]])
RELATIONS = ["edge", "edge", "edge", "corner", "across"]
LENGTHS_M = [60.0, 30.0, 120.0, 0.0, 15.0]


def test_five_plots_by_hand() -> None:
    """Two talk to one other each; three came to the first meeting, and of the fourth nobody knows."""
    weights = neighbor_weights(RELATIONS, LENGTHS_M)
    assert weights.tolist() == pytest.approx([1.0, 0.75, 1.0, 0.15, 0.375])
    first = Gathering(np.array([0, 1, 2]), np.array([3]))
    second = Gathering(np.array([0, 4]))
    met = met_probabilities(5, [first, second], talks=1)
    # First meeting: 0-1 and 1-2 have met with 1/3 if 3 came, else with 1/2; 2-3 with 1/3 if 3 came, else not.
    total = Fraction("3.275")
    low = (Fraction("1.75") / 3 + Fraction("0.375")) / total
    high = (Fraction("1.75") / 2 + Fraction("0.375") + Fraction(1, 3)) / total
    index = neighborhood_index(PAIRS, weights, met)
    assert index is not None
    assert index.low == pytest.approx(float(low))
    assert index.high == pytest.approx(float(high))
    # Half of the time 3 is there; with 0 and 1 there, two and a half are expected to be beside the first.
    likely = (Fraction("1.75") / Fraction("2.5") + Fraction("0.375") + Fraction(1, 2) / 3) / total
    assert index.likely == pytest.approx(float(likely))
    assert index.low < index.likely < index.high


def test_at_one_talk_each_it_is_the_collaboration_network() -> None:
    rng = np.random.default_rng(16)
    meetings = [np.flatnonzero(rng.random(12) < 0.5) for _ in range(20)]
    graph = nx.Graph()
    graph.add_nodes_from(range(12))
    for k, members in enumerate(meetings):
        graph.add_edges_from((int(member), f"meeting {k}") for member in members)
    newman = bipartite.collaboration_weighted_projected_graph(graph, range(12))
    summed = np.zeros((12, 12))
    for members in meetings:
        once = met_probabilities(12, [Gathering(members)], talks=1)
        assert np.array_equal(once.low, once.high)
        summed += once.low
    assert np.allclose(summed, nx.to_numpy_array(newman, nodelist=range(12)))


def truth_of(n: int, gatherings: list[Gathering], came: list[np.ndarray], talks: float) -> np.ndarray:
    """Return how probably each two have met, pair by pair, from who really came."""
    missed = np.ones((n, n))
    for gathering, there in zip(gatherings, came, strict=True):
        members = sorted({*gathering.present.tolist(), *there.tolist()})
        for i in members:
            for j in members:
                if i != j:
                    missed[i, j] *= 1 - min(1, talks / (len(members) - 1))
    return 1 - missed


def test_the_interval_holds_the_truth_in_a_thousand_parks() -> None:
    rng = np.random.default_rng(2024)
    n_open = 0
    for _ in range(1000):
        n = int(rng.integers(2, 25))
        gatherings, came = [], []
        for _ in range(int(rng.integers(0, 5))):
            kind = rng.integers(0, 3, n)
            unknown = np.flatnonzero(kind == 1)
            gatherings.append(Gathering(np.flatnonzero(kind == 0), unknown))
            came.append(unknown[rng.random(len(unknown)) < rng.random()])
        talks = float(rng.integers(1, 8))
        met = met_probabilities(n, gatherings, talks=talks, rates=rng.random(n))
        hidden = truth_of(n, gatherings, came, talks)
        off = ~np.eye(n, dtype=bool)
        assert (met.low <= hidden + 1e-12)[off].all()
        assert (hidden <= met.high + 1e-12)[off].all()
        pairs = np.array([[i, i + 1] for i in range(n - 1)])
        weights = rng.random(n - 1)
        index = neighborhood_index(pairs, weights, met)
        true = float((weights * hidden[pairs[:, 0], pairs[:, 1]]).sum() / weights.sum())
        assert index is not None
        assert index.low - 1e-12 <= true <= index.high + 1e-12
        assert index.low <= index.likely <= index.high
        n_open += index.low < index.high
    assert n_open > 500


def test_that_all_came_is_no_upper_bound() -> None:
    """Eighty invited and two known to be there: if nobody else came they have met."""
    full = met_probabilities(80, [Gathering(np.arange(80))], talks=6)
    known = met_probabilities(80, [Gathering(np.arange(2), np.arange(2, 80))], talks=6)
    assert known.high[0, 1] == 1.0
    assert known.low[0, 1] == pytest.approx(full.high[0, 1]) == pytest.approx(6 / 79)


def test_statements_and_nobody() -> None:
    met = met_probabilities(3, [], stated=np.array([[2, 0]]))
    assert met.low[0, 2] == met.high[2, 0] == 1.0
    assert met.high[0, 1] == 0.0
    assert neighborhood_index(np.zeros((0, 2), dtype=np.int64), np.zeros(0), met) is None
    assert met_probabilities(3, [Gathering(NOBODY)]).high.sum() == 0.0
    assert np.isfinite(met_probabilities(3, [Gathering(np.array([1]))]).high).all()


def test_what_is_unknown_is_in_no_rate() -> None:
    rates = come_rates([3, 0, 1], [4, 0, 2])
    assert rates.tolist() == pytest.approx([(3 + 2 * 4 / 6) / 6, 4 / 6, (1 + 2 * 4 / 6) / 4])


def test_a_change_is_split_into_meetings_and_moves() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        weights = rng.random(len(PAIRS)) + 0.1
        gatherings = [Gathering(np.flatnonzero(rng.random(5) < 0.6), NOBODY) for _ in range(4)]
        before = (PAIRS, weights, met_probabilities(5, gatherings[:2], talks=1))
        gone = rng.random(len(PAIRS)) < 0.7
        gone[0] = True
        after = (PAIRS[gone], weights[gone], met_probabilities(5, gatherings, talks=1))
        change = index_change(before, after)
        first, last = neighborhood_index(*before), neighborhood_index(*after)
        assert change is not None
        assert first is not None
        assert last is not None
        assert change.by_meetings.likely + change.by_moves.likely == pytest.approx(last.likely - first.likely)
        assert change.by_meetings.likely >= 0, "a meeting takes nobody's acquaintance away"
        still = index_change(before, (PAIRS, weights, before[2]))
        assert still == (Interval(0, 0, 0), Interval(0, 0, 0))


def test_what_is_expected_is_what_a_simulation_finds() -> None:
    rng = np.random.default_rng(7)
    weights = np.triu(rng.random((8, 8)), 1)
    weights += weights.T
    rates = rng.random(8)
    came = (rng.random((20_000, 8)) < rates).astype(np.float64)
    simulated = np.einsum("ki,kj,ij->", came, came, weights, optimize=True) / 2 / len(came)
    assert expected_new(weights, rates, np.zeros((8, 8))) == pytest.approx(simulated, rel=0.02)


def test_measures_of_a_network() -> None:
    """A path of four, of whom the ends are neighbors; a fifth has a neighbor and has met nobody."""
    met = np.zeros((5, 5))
    for i, j in ((0, 1), (1, 2), (2, 3)):
        met[i, j] = met[j, i] = 1.0
    pairs = np.array([[0, 2], [0, 3], [3, 4], [0, 1]])
    measures = network_measures(met, pairs)
    assert measures.density == pytest.approx(3 / 10)
    assert measures.isolates == (4,)
    assert measures.largest_component == pytest.approx(4 / 5)
    assert measures.transitivity == 0.0
    # Of the six pairs without it, 1 lies between 0-2 and 0-3.
    assert measures.betweenness.tolist() == pytest.approx([0, 2 / 6, 2 / 6, 0, 0])
    assert measures.constraint[0] == pytest.approx(1.0)
    assert np.isnan(measures.constraint[4])
    assert one_hello_away(met, pairs) == {(0, 2): [1]}
