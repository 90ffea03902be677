"""Engines that find the lengths of walks between places of a network, each its own way.

Each is made from the network and where the places are snapped to (`prepare`, not timed with the rest),
and then asked for all lengths along it, as often as wanted (`lengths_m`).
"""

# ruff: noqa: PLC0415  an engine is imported where it is asked

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, create_engine, text

from app.analysis.walking.network import Network, network_of
from app.analysis.walking.snapping import Snapped
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import shortest_walks
from app.db.cluster.embedded import SUPERUSER

Array = np.ndarray[Any, Any]
Lengths = Callable[[], Array]

# A box around the places, grown by so much, for the engine that reads its edges with every query.
BOX_M = 2000.0


@dataclass(frozen=True)
class Case:
    """A network, places beside it, and where they meet it."""

    network: Network
    places: Array
    snapped: Snapped

    @property
    def n(self) -> int:
        """Number of places."""
        return len(self.places)


@contextmanager
def ours(case: Case) -> Iterator[Lengths]:
    """Ask this project: places snapped anew each time, lengths along the network."""
    given = case.network
    names = ("key", "kind", "name", "surface", "kerb", "access")
    network = network_of(given.xy, given.first, {name: getattr(given, name) for name in names})
    subgraph = walkable_subgraph(network)

    def lengths_m() -> Array:
        walks = shortest_walks(subgraph, case.places)
        access_m = walks.snapped.access_m
        return walks.length_m - access_m[:, None] - access_m[None, :]

    yield lengths_m


@contextmanager
def with_networkx(case: Case) -> Iterator[Lengths]:
    """Ask networkx for lengths alone, on a graph cut at the places; no farther than the farthest place."""
    import networkx as nx

    tail, head, length_m = cut_graph(case)
    graph = nx.Graph()
    order = np.argsort(-length_m, kind="stable")  # of parallel edges the shortest is written last
    rows = zip(tail[order].tolist(), head[order].tolist(), length_m[order].tolist(), strict=True)
    graph.add_weighted_edges_from(rows)
    places = range(case.network.n_nodes, case.network.n_nodes + case.n)
    farthest_m = 2 * float(shapely.distance(case.places[:, None], case.places[None, :]).max()) + 1000

    def lengths_m() -> Array:
        found = [nx.single_source_dijkstra_path_length(graph, i, cutoff=farthest_m) for i in places]
        return np.array([[row.get(j, np.inf) for j in places] for row in found])

    yield lengths_m


@contextmanager
def with_pandana(case: Case) -> Iterator[Lengths]:
    """Ask pandana for lengths alone; it knows nodes only, so its graph is cut at the places, too."""
    import pandana

    tail, head, length_m = cut_graph(case)
    node_xy = np.empty((case.network.n_nodes, 2))
    node_xy[case.network.ends[:, 0]] = case.network.xy[case.network.first[:-1]]
    node_xy[case.network.ends[:, 1]] = case.network.xy[case.network.first[1:] - 1]
    x, y = np.concatenate([node_xy, shapely.get_coordinates(case.snapped.points)]).T
    columns = [pd.Series(column) for column in (x, y, tail, head)]
    graph = pandana.Network(*columns, pd.DataFrame({"m": length_m}), twoway=True)
    places = case.network.n_nodes + np.arange(case.n)
    pairs = [each.ravel() for each in np.meshgrid(places, places, indexing="ij")]

    def lengths_m() -> Array:
        return np.array(graph.shortest_path_lengths(*pairs)).reshape(case.n, case.n)

    yield lengths_m


_TABLES = """
CREATE UNLOGGED TABLE edge (id bigint PRIMARY KEY, source bigint, target bigint, cost float8, geom geometry);
CREATE UNLOGGED TABLE place (pid bigint PRIMARY KEY, geom geometry);
"""

_SNAPPED = """
SELECT pid, edge_id, least(greatest(ST_LineLocatePoint(geom, point), 1e-6), 1 - 1e-6) AS fraction
FROM (SELECT pid, place.geom AS point, near.* FROM place CROSS JOIN LATERAL (
    SELECT id AS edge_id, edge.geom FROM edge ORDER BY edge.geom <-> place.geom LIMIT 1) near) found
"""

_MATRIX = """
SELECT -start_vid - 1 AS i, -end_vid - 1 AS j, agg_cost FROM pgr_withPointsCostMatrix(
    $edges$SELECT id, source, target, cost FROM edge {where}$edges$,
    $points$SELECT pid, edge_id, fraction FROM snapped$points$,
    (SELECT array_agg(-pid ORDER BY pid) FROM place), directed => false)
"""


@contextmanager
def with_pgrouting(case: Case, *, has_box: bool = False) -> Iterator[Lengths]:
    """Ask pgRouting, which reads its edges with every query: all of them, or those in a box."""
    from benchmarks.database import private_database

    where = ""
    if has_box:
        left, low, right, top = shapely.total_bounds(case.places)
        box = f"{left - BOX_M}, {low - BOX_M}, {right + BOX_M}, {top + BOX_M}"
        where = f"WHERE geom && ST_MakeEnvelope({box}, 25832)"
    matrix = text(_MATRIX.format(where=where))
    with private_database() as connection:
        _fill(connection, case)

        def lengths_m() -> Array:
            found = np.zeros((case.n, case.n))
            connection.execute(text("DROP TABLE IF EXISTS snapped"))
            connection.execute(text(f"CREATE TEMPORARY TABLE snapped AS {_SNAPPED}"))
            for i, j, length_m in connection.execute(matrix):
                found[i, j] = length_m
            return found

        yield lengths_m


@contextmanager
def with_pgrouting_in_box(case: Case) -> Iterator[Lengths]:
    """Ask pgRouting for what is in a box around the places, which somebody must know to be enough."""
    with with_pgrouting(case, has_box=True) as lengths_m:
        yield lengths_m


def _fill(connection: Connection, case: Case) -> None:
    # Extensions are made by the superuser; the cluster is this benchmark's own.
    superuser = create_engine(connection.engine.url.set(username=SUPERUSER))
    with superuser.begin() as made:
        made.execute(text("CREATE EXTENSION pgrouting"))
    superuser.dispose()
    connection.execute(text(_TABLES))
    cursor: Any = connection.connection.cursor()
    network = case.network
    with cursor.copy("COPY edge FROM STDIN") as copy:
        for begin in range(0, len(network), 100_000):
            edges = np.arange(begin, min(begin + 100_000, len(network)))
            lines = shapely.set_srid(network.lines_of(edges), 25832)
            shapes = shapely.to_wkb(lines, hex=True, include_srid=True)
            columns = (edges, *network.ends[edges].T, network.length_m[edges])
            for row in zip(*(column.tolist() for column in columns), shapes, strict=True):
                copy.write_row(row)
    points = shapely.to_wkb(shapely.set_srid(case.places, 25832), hex=True, include_srid=True)
    with cursor.copy("COPY place FROM STDIN") as copy:
        for pid, point in enumerate(points, 1):
            copy.write_row((pid, point))
    connection.execute(text("CREATE INDEX ON edge USING gist (geom)"))
    connection.execute(text("ANALYZE edge"))


ENGINES: dict[str, Callable[[Case], Any]] = {
    "this project": ours,
    "networkx": with_networkx,
    "pgRouting": with_pgrouting,
    "pgRouting, box": with_pgrouting_in_box,
    "pandana": with_pandana,
}


def cut_graph(case: Case) -> tuple[Array, Array, Array]:
    """Return tails, heads and lengths of the edges, those with places on them cut there.

    Vertices are the nodes of the network, then the places.
    """
    network, snapped = case.network, case.snapped
    is_whole = np.ones(len(network), dtype=bool)
    is_whole[snapped.edge] = False
    pieces = []
    for edge in np.unique(snapped.edge):
        here = np.flatnonzero(snapped.edge == edge)
        here = here[np.argsort(snapped.measure_m[here])]
        start, end = network.ends[edge]
        vertices = np.r_[start, network.n_nodes + here, end]
        measures_m = np.r_[0.0, snapped.measure_m[here], network.length_m[edge]]
        pieces.append((vertices[:-1], vertices[1:], np.diff(measures_m)))
    whole = (*network.ends[is_whole].T, network.length_m[is_whole])
    tail, head, length_m = (np.concatenate(parts) for parts in zip(whole, *pieces, strict=True))
    return tail, head, length_m
