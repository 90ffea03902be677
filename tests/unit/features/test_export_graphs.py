"""Neighbors exported as graphs, read back by libpysal and networkx."""

from __future__ import annotations

import io
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph, read_gal

from app.domain.frames import ADJACENCY, PLOTS
from app.exchange.collections.files import Export, write_file
from tests.unit.features.export_rows import MEMBERS, rows_of


def neighbors() -> tuple[Export, set[frozenset[str]]]:
    """Return pairs of 40 plots, 5 of which have no neighbor, with plots that only pairs name."""
    random = np.random.default_rng(3)
    ids, plots = rows_of(PLOTS, 40)
    keys = list(plots["key"])
    pairs = {frozenset((keys[a], keys[b])) for a, b in random.integers(0, 35, (60, 2)) if a != b}
    pairs.add(frozenset(("k001", "outside")))
    sides = [sorted(pair) for pair in sorted(pairs, key=sorted)]
    _, frame = rows_of(ADJACENCY, len(sides))
    frame["focal"], frame["neighbor"] = zip(*sides, strict=True)
    names = ["~".join(side) for side in sides]
    half = len(sides) // 2
    parts = [(names[:half], frame.iloc[:half]), (names[half:], frame.iloc[half:])]
    both = [(ids[:20], plots.iloc[:20]), (ids[20:], plots.iloc[20:])]
    n = len(sides)
    export = Export(ADJACENCY, MEMBERS, lambda: iter(()), lambda: iter(parts), lambda: iter(both), lambda: n)
    return export, pairs


def test_the_edge_list_becomes_a_graph_of_libpysal() -> None:
    export, pairs = neighbors()
    edges = pd.read_csv(io.StringIO("".join(export.lines("edges.csv"))))
    assert list(edges.columns[:4]) == ["focal", "neighbor", "relation", "weight"]
    graph = Graph.from_adjacency(edges[["focal", "neighbor", "weight"]])
    assert not graph.asymmetry().size
    assert {frozenset(pair) for pair in graph.adjacency.index} == pairs
    assert set(edges["id"]) == {"~".join(sorted(pair)) for pair in pairs}


def test_gal_is_read_by_libpysal(tmp_path: Path) -> None:
    export, pairs = neighbors()
    write_file(tmp_path / "x.gal", "gal", export)
    graph = read_gal(tmp_path / "x.gal")
    assert graph.n == 41
    assert not graph.asymmetry().size
    linked = graph.adjacency[graph.adjacency > 0]
    assert {frozenset(pair) for pair in linked.index} == pairs
    assert len(graph.isolates) == 41 - len(set().union(*pairs))


def test_graphml_is_read_by_networkx(tmp_path: Path) -> None:
    export, pairs = neighbors()
    write_file(tmp_path / "x.graphml", "graphml", export)
    graph = nx.read_graphml(tmp_path / "x.graphml")
    assert not graph.is_directed()
    assert {frozenset(edge) for edge in graph.edges} == pairs
    assert graph.number_of_nodes() == 41
    assert graph.graph["attribution"] == MEMBERS["attribution"]
    assert graph.graph["crs"] == "EPSG:25832"
    _, plots = next(iter(export.plots()))
    for _, plot in plots.iterrows():
        node = graph.nodes[plot["key"]]
        wanted = None if plot["label"] is None else plot["label"].replace("\x01", "\ufffd")
        assert node.get("label") == wanted
        # A corner of the box is no point on it; its middle is.
        assert shapely.Point(node["x_m"], node["y_m"]).distance(plot.geometry) == 0
    for _, frame in export.parts():
        for _, row in frame.iterrows():
            edge = graph.edges[row["focal"], row["neighbor"]]
            assert edge["id"] == f"{row['focal']}~{row['neighbor']}"
            assert edge["is_override"] is bool(row["is_override"])
            assert edge.get("gap_m", 0.0) == pytest.approx(
                0.0 if pd.isna(row["gap_m"]) else row["gap_m"], abs=1e-3
            )


def test_graphs_of_nothing(tmp_path: Path) -> None:
    nothing = Export(ADJACENCY, MEMBERS, lambda: iter(()), lambda: iter(()), lambda: iter(()), lambda: 0)
    write_file(tmp_path / "x.graphml", "graphml", nothing)
    assert nx.read_graphml(tmp_path / "x.graphml").number_of_nodes() == 0
    assert "".join(nothing.lines("gal")) == "0 0 plots key\n"
    assert len("".join(nothing.lines("edges.csv")).splitlines()) == 1
