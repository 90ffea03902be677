"""What is cached of a network is what would be worked out anew, and the network itself stays as it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest

from app.analysis.walking.cached_network import MOST_SUBGRAPHS, CachedNetwork
from app.analysis.walking.network import Network, make_network
from app.analysis.walking.paces import WalkProfile
from app.analysis.walking.street_names import street_beside
from app.analysis.walking.walkable import walkable_subgraph
from tests.unit.walking.walk_worlds import frame, way

WHEELS = WalkProfile(is_step_free=True)


@pytest.fixture
def network() -> Network:
    lines = [*(way((n, 0), (n + 1, 0)) for n in range(30)), way((0, 0), (0, 5)), way((0, 5), (30, 5))]
    walkways = frame(*lines, kinds=["footway"] * 30 + ["steps", "street"])
    access = ["permission"] * 30 + ["public", "public"]
    return make_network(walkways.assign(access=access, name=[None] * 31 + ["Klauskamp"]))


def test_a_network_is_plain_data(network: Network) -> None:
    kinds = {field.name: type(getattr(network, field.name)) for field in fields(network)}
    assert kinds.pop("n_nodes") is int
    assert set(kinds.values()) == {np.ndarray}
    with pytest.raises(AttributeError):
        network.n_nodes = 3  # type: ignore[misc]


def test_subgraphs_are_those_worked_out_anew_and_made_once(network: Network) -> None:
    cached = CachedNetwork(network)
    for profile in (None, WHEELS):
        for opened in (frozenset(), frozenset({0, 3})):
            found, anew = cached.subgraph(profile, opened), walkable_subgraph(network, profile, opened)
            assert found is cached.subgraph(profile, opened)
            assert (found.is_usable == anew.is_usable).all()
            assert (found.cost_factor == anew.cost_factor).all()
            assert (found.node_component == anew.node_component).all()
    assert cached.subgraph(WalkProfile(20)) is cached.subgraph()
    assert cached.subgraph(WHEELS).cost_factor is cached.subgraph().cost_factor


def test_of_more_subgraphs_than_fit_the_oldest_are_made_anew(network: Network) -> None:
    cached = CachedNetwork(network)
    first = cached.subgraph(None, frozenset({0}))
    for edge in range(1, MOST_SUBGRAPHS + 1):
        cached.subgraph(None, frozenset({edge}))
    assert cached.subgraph(None, frozenset({0})) is not first


def test_threads_share_subgraphs(network: Network) -> None:
    cached = CachedNetwork(network)
    with ThreadPoolExecutor(4) as threads:
        assert len({id(found) for found in threads.map(lambda _: cached.subgraph(), range(40))}) == 1


def test_streets_beside_are_those_looked_for_anew(network: Network) -> None:
    cached = CachedNetwork(network)
    for edge in [*range(len(network)), *range(len(network))]:
        assert cached.street_beside(edge) == street_beside(network, edge)
    assert cached.street_beside(0) == "Klauskamp"
