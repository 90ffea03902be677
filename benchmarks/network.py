"""Time walks between 25 places of the shipped network, ours and networkx': ``python -m benchmarks.walkways``.

networkx gets the same graph, ready made; only finding the lengths is timed. Read the ratio, not
the seconds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from app.analysis.walking.network import Network, make_network
from app.analysis.walking.walks import Walks, shortest_walks
from app.domain.crs import STORAGE_CRS

SHIPPED = Path(__file__).parents[1] / "geodata" / "heinenkamp" / "walkways.geojson"
N_PLACES, N_RUNS = 25, 15


def median_ms(task: Callable[[], object]) -> float:
    """Return the median time of a task over some runs."""
    times_s = []
    for _ in range(N_RUNS):
        began_at_s = time.perf_counter()
        task()
        times_s.append(time.perf_counter() - began_at_s)
    return 1000 * statistics.median(times_s)


def split_graph(network: Network, walks: Walks) -> nx.Graph:
    """Return the edges of the network, cut at the snapped places (nodes ``"p", i``)."""
    graph = nx.Graph()
    for edge, (start, end) in enumerate(network.ends.tolist()):
        here = np.flatnonzero(walks.snapped.edge == edge)
        cuts = sorted((float(walks.snapped.measure_m[i]), ("p", int(i))) for i in here)
        stations = [(0.0, ("n", start)), *cuts, (float(network.length_m[edge]), ("n", end))]
        for (from_m, tail), (to_m, head) in pairwise(stations):
            known_m = graph.get_edge_data(tail, head, {"weight": np.inf})["weight"]
            graph.add_edge(tail, head, weight=min(known_m, to_m - from_m))
    return graph


def main() -> None:
    """Print medians and their ratio, once both have given the same lengths."""
    network = make_network(gpd.read_file(SHIPPED).to_crs(STORAGE_CRS))
    main_lines = network.lines[network.component == np.argmax(network.component_length_m())]
    places = shapely.line_interpolate_point(main_lines[:: len(main_lines) // N_PLACES][:N_PLACES], 5.0)
    walks = shortest_walks(network, places)
    graph = split_graph(network, walks)

    def with_networkx() -> list[dict[tuple[str, int], float]]:
        return [nx.single_source_dijkstra_path_length(graph, ("p", i)) for i in range(N_PLACES)]

    theirs = np.array([[found["p", j] for j in range(N_PLACES)] for found in with_networkx()])
    np.testing.assert_allclose(walks.length_m, theirs, atol=0.01)
    ours_ms = median_ms(lambda: shortest_walks(network, places).length_m)
    theirs_ms = median_ms(with_networkx)
    print(f"snap and 25 x 25 lengths {ours_ms:.1f} ms; networkx, lengths alone {theirs_ms:.1f} ms")
    print(f"ratio {theirs_ms / ours_ms:.1f}; one walk drawn {median_ms(lambda: walks.walk(0, 20)):.2f} ms")


if __name__ == "__main__":
    main()
