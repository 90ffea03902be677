"""Small walk networks, random ones, and their graph as networkx sees it."""

from __future__ import annotations

import itertools
import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import strategies as st
from shapely import LineString, Point

from app.analysis.walking.network import make_network
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import Walks, shortest_walks
from app.domain.crs import STORAGE_CRS
from tests.scenes import EAST, NORTH


def at(x: float, y: float) -> Point:
    return Point(EAST + x, NORTH + y)


def way(*xy: tuple[float, float]) -> LineString:
    return LineString([(EAST + x, NORTH + y) for x, y in xy])


def frame(*lines: LineString, kinds: list[str] | None = None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"kind": kinds or ["street"] * len(lines)}, geometry=list(lines), crs=STORAGE_CRS)


def walks(walkways: gpd.GeoDataFrame, *places: Point) -> Walks:
    return shortest_walks(walkable_subgraph(make_network(walkways)), np.array(places, dtype=object))


def split_graph(walkways: gpd.GeoDataFrame, found: Walks) -> nx.MultiGraph:
    """Return a graph of the edges, cut into real pieces at the snapped points.

    Nodes are rounded coordinates, so that the ends join by themselves.
    """
    graph = nx.MultiGraph()
    for number, line in enumerate(walkways.geometry):
        cuts = [
            float(m) for m, e in zip(found.snapped.measure_m, found.snapped.edge, strict=True) if e == number
        ]
        for begin, end in itertools.pairwise(sorted({0.0, *cuts, line.length})):
            ends = (line.interpolate(begin), line.interpolate(end))
            slow = factor(walkways.iloc[number])
            graph.add_edge(*(named(point) for point in ends), weight=(end - begin) * slow)
    add_doors(graph, found)
    return graph


def factor(row: pd.Series) -> float:
    """Return how much longer an edge takes than level, firm ground, plainly said."""
    if row["kind"] == "steps":
        return 2.0
    return 1.24 / 1.07 if row.get("surface") in {"gravel", "grass"} else 1.0


def add_doors(graph: nx.MultiGraph, found: Walks) -> None:
    """Join the places to their snapped points, and straight to one another where that is the rule."""
    for i, place in enumerate(found.places):
        if found.snapped.edge[i] >= 0:
            graph.add_edge(i, named(found.snapped.points[i]), weight=place.distance(found.snapped.points[i]))
        for j in range(i):
            straight_m = place.distance(found.places[j])
            off_m = sum(found.places[k].distance(found.snapped.points[k]) for k in (i, j))
            is_off = min(found.snapped.edge[i], found.snapped.edge[j]) < 0
            if straight_m <= (0.001 if is_off else off_m + 0.001):
                graph.add_edge(i, j, weight=straight_m)


def named(point: Point) -> tuple[float, float]:
    return round(point.x, 3), round(point.y, 3)


def expected_cost_m(graph: nx.MultiGraph, i: int, j: int) -> float:
    """Return the cost of the quickest walk; infinite where none leads."""
    is_there = graph.has_node(i) and graph.has_node(j) and nx.has_path(graph, i, j)
    return float(nx.shortest_path_length(graph, i, j, weight="weight")) if is_there else math.inf


KINDS = ["street", "path", "steps"]
SURFACES = [None, "asphalt", "gravel", "grass"]


@st.composite
def networks(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Return edges between points of a grid: parallels, loops, crossings and islands included."""
    corner = st.tuples(st.integers(0, 4), st.integers(0, 4))
    ends = draw(st.lists(st.tuples(corner, corner), min_size=1, max_size=14))
    bends = draw(st.lists(st.integers(-45, 45), min_size=len(ends), max_size=len(ends)))
    lines = []
    for ((x, y), (u, v)), bend in zip(ends, bends, strict=True):
        middle = (50 * (x + u) / 2 + bend, 50 * (y + v) / 2 + bend + 7)
        lines.append(way((50 * x, 50 * y), middle, (50 * u, 50 * v)))
    of_edge = {"min_size": len(ends), "max_size": len(ends)}
    walkways = frame(*lines, kinds=draw(st.lists(st.sampled_from(KINDS), **of_edge)))
    walkways["surface"] = draw(st.lists(st.sampled_from(SURFACES), **of_edge))
    return walkways


PLACES = st.lists(
    st.builds(at, st.floats(-120, 420, width=32), st.floats(-120, 420, width=32)), min_size=2, max_size=5
)
