"""Neighbors as companies: worked out by hand on a small street."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from app.analysis.neighborhood import Member, company_neighbors, compass_point, plot_neighbors
from app.domain.crs import STORAGE_CRS
from app.domain.kinds import CompanyRelation

EDGE = CompanyRelation.EDGE


def frame(rows: list[dict], geometry: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=geometry, crs=STORAGE_CRS)


@pytest.fixture
def plots() -> gpd.GeoDataFrame:
    """A | B | C in a row from west to east, D north of B."""
    boxes = {
        "A": box(0, 0, 50, 50),
        "B": box(50, 0, 100, 50),
        "C": box(100, 0, 150, 50),
        "D": box(50, 50, 100, 90),
    }
    return frame([{"key": key} for key in boxes], list(boxes.values()))


@pytest.fixture
def adjacency() -> gpd.GeoDataFrame:
    def pair(focal: str, neighbor: str, relation: str, shared_m: float | None, gap_m: float) -> dict:
        return {
            "focal": focal, "neighbor": neighbor, "relation": relation, "shared_m": shared_m, "gap_m": gap_m,
            "facing_m": None, "overlap_m2": None, "is_override": False, "reason": None,
        }  # fmt: skip

    rows = [
        pair("A", "B", "edge", 50.0, 0.0),
        pair("A", "D", "corner", None, 0.0),
        pair("B", "C", "edge", 50.0, 0.0),
        pair("B", "D", "edge", 50.0, 0.0),
        pair("C", "D", "corner", None, 0.0),
    ]
    lines = [
        LineString([(50, 0), (50, 50)]),
        Point(50, 50),
        LineString([(100, 0), (100, 50)]),
        LineString([(50, 50), (100, 50)]),
        Point(100, 50),
    ]
    return frame(rows, lines)


def companies(*rows: tuple[str, str | None, str | None]) -> gpd.GeoDataFrame:
    named = [
        {"company": company, "name": company.upper(), "plot": plot, "group_name": group}
        for company, plot, group in rows
    ]
    return frame(named, [Point(0, 0)] * len(rows))


def neighbor_rows(neighbors: list) -> list[tuple]:
    return [(str(n.relation), n.plots, [member.name for member in n.members]) for n in neighbors]


def test_company_on_one_plot_has_every_relation(plots, adjacency):
    firms = companies(("x", "A", None), ("y", "A", None), ("z", "B", None), ("w", "D", None))
    assert neighbor_rows(company_neighbors("x", firms, plots, adjacency)) == [
        ("same_plot", ("A",), ["Y"]),
        ("edge", ("B",), ["Z"]),
        ("corner", ("D",), ["W"]),
    ]


def test_plot_without_known_company_is_told_as_a_plot(plots, adjacency):
    found = company_neighbors("x", companies(("x", "A", None)), plots, adjacency)
    assert neighbor_rows(found) == [("edge", ("B",), []), ("corner", ("D",), [])]


def test_lengths_over_several_plots_add_up_and_edge_wins_over_corner(plots, adjacency):
    firms = companies(("x", "A", None), ("x", "B", None), ("z", "D", None))
    found = company_neighbors("x", firms, plots, adjacency)
    by_z = next(neighbor for neighbor in found if neighbor.members)
    assert (by_z.relation, by_z.shared_m, by_z.direction) == (EDGE, 50.0, "N")
    assert by_z.evidence == ("B~D",)
    # A and B are both the subject's own: their common border makes nobody a neighbor.
    assert {plot for neighbor in found for plot in neighbor.plots} == {"C", "D"}


def test_firms_of_a_group_are_one_neighbor(plots, adjacency):
    firms = companies(("x", "A", None), ("g1", "B", "G"), ("g2", "B", "G"), ("h", "B", None))
    found = company_neighbors("x", firms, plots, adjacency)
    assert ("edge", ("B",), ["G1", "G2"]) in neighbor_rows(found)
    assert ("edge", ("B",), ["H"]) in neighbor_rows(found)
    assert [
        neighbor.group_name for neighbor in found if neighbor.members[:1] == (Member("g1", "G1", "G"),)
    ] == ["G"]


def test_company_without_plot_has_no_neighbors(plots, adjacency):
    assert company_neighbors("x", companies(("x", None, None), ("y", "A", None)), plots, adjacency) == []


def test_symmetry_between_companies(plots, adjacency):
    firms = companies(("x", "A", None), ("y", "B", None), ("z", "C", None), ("w", "D", None))
    for one in firms.company:
        for neighbor in company_neighbors(one, firms, plots, adjacency):
            for member in neighbor.members:
                back = company_neighbors(member.key, firms, plots, adjacency)
                assert any(
                    n.relation == neighbor.relation and one in [m.key for m in n.members] for n in back
                )


def test_plot_neighbors_carry_their_companies(plots, adjacency):
    firms = companies(("y", "B", None), ("z", "B", None))
    assert neighbor_rows(plot_neighbors("A", firms, plots, adjacency)) == [
        ("edge", ("B",), ["Y", "Z"]),
        ("corner", ("D",), []),
    ]


@pytest.mark.parametrize(
    ("x", "y", "direction"),
    [
        (0, 1, "N"),
        (1, 1, "NE"),
        (1, 0, "E"),
        (1, -1, "SE"),
        (0, -1, "S"),
        (-1, -1, "SW"),
        (-1, 0, "W"),
        (-1, 1, "NW"),
    ],
)
def test_compass(x, y, direction):
    assert compass_point(0, 0, x, y) == direction
