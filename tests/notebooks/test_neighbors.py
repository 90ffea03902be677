"""Notebook 1 against PostGIS, networkx and the neighbors that the map's cards tell."""

from __future__ import annotations

from collections import Counter
from datetime import date

import networkx as nx
import pytest
from sqlalchemy import Connection, text

from app.analysis.neighborhood import company_neighbors
from app.db.companies.companies import companies_on
from app.db.land.plots import plots_on
from app.db.neighbors.adjacency import adjacency_on, n_pairs
from tests.notebooks.running import Run

DAY = date(2024, 4, 24)


def test_the_neighbors_of_heinenkamp(run_notebook, live_server, loaded_connection) -> None:
    run = run_notebook("01_neighbors_of_heinenkamp", SERVICE=live_server)
    check_statistics(run, loaded_connection)
    check_graph(run, loaded_connection)
    check_firms(run, loaded_connection)
    drawn = run.value("drawn.get_root().render()")
    assert "https://" not in drawn


def check_statistics(run: Run, connection: Connection) -> None:
    """Counts are those of the SQL, and the published ones; metres those of the evidence in PostGIS."""
    told = {(row["park"], row["relation"]): row for row in run.rows("by_relation.reset_index()")}
    counts = {pair: row["pairs"] for pair, row in told.items()}
    assert counts == {(park, relation): n for park, relation, n in n_pairs(connection, DAY)}
    assert counts == {
        ("heinenkamp-1", "edge"): 48,
        ("heinenkamp-1", "across"): 51,
        ("heinenkamp-2", "edge"): 62,
        ("heinenkamp-2", "across"): 17,
    }
    # Where the border of one plot runs within 10 cm of the other.
    common_m = text(
        "SELECT park.key,"
        " sum(ST_Length(ST_Intersection(ST_Boundary(a.geometry), ST_Buffer(b.geometry, 0.1))))"
        " FROM plot_version a JOIN plot_version b ON ST_DWithin(a.geometry, b.geometry, 0.1)"
        " JOIN plot ON plot.plot_id = a.plot_id JOIN park USING (park_id)"
        " WHERE a.plot_id < b.plot_id AND a.valid @> :day AND b.valid @> :day GROUP BY 1"
    )
    lengths_m = dict(connection.execute(common_m.bindparams(day=DAY)).all())
    assert set(lengths_m) == {"heinenkamp-1", "heinenkamp-2"}
    for park, shared_m in lengths_m.items():
        assert told[park, "edge"]["shared_m"] == pytest.approx(shared_m, rel=5e-3)


def check_graph(run: Run, connection: Connection) -> None:
    """Components and degrees are networkx's; blocks are the plots that PostGIS finds within 10 cm."""
    pairs = adjacency_on(connection, DAY)[["focal", "neighbor"]].itertuples(index=False)
    graph = nx.Graph(list(pairs))
    graph.add_nodes_from(plots_on(connection, DAY)["key"])
    assert run.value("graph.n_components") == nx.number_connected_components(graph) == 2
    assert run.value("cardinalities.to_dict()") == dict(graph.degree)
    assert run.value("sorted(graph.isolates)") == sorted(nx.isolates(graph))
    clusters = text(
        "SELECT ST_ClusterDBSCAN(geometry, 0.10, 1) OVER () FROM plot_version WHERE valid @> :day"
    ).bindparams(day=DAY)
    sizes = Counter(connection.execute(clusters).scalars()).values()
    assert run.value("block_sizes") == sorted(sizes, reverse=True)


def check_firms(run: Run, connection: Connection) -> None:
    """Each firm has the neighbors, by relation, that its card tells."""
    companies, plots = companies_on(connection, DAY), plots_on(connection, DAY)
    adjacency = adjacency_on(connection, DAY)
    found = {
        (row["focal_company"], row["neighbor_company"]): row["relation"] for row in run.rows("firm_pairs")
    }
    expected = {}
    for company in companies["company"].unique():
        for neighbor in company_neighbors(company, companies, plots, adjacency):
            expected |= {(company, member.key): str(neighbor.relation) for member in neighbor.members}
    assert found == expected
    most = Counter(company for company, _ in expected).most_common(1)[0]
    assert (run.value("most[0]"), run.value("int(by_firm['all'].max())")) == most == ("xxxlutz-buhl", 8)
