"""The engine against the definition in PostGIS, relation by relation and measure by measure.

Pairs and relations are the same without exception. Where measures differ, and why:

- `shared_m`: PostGIS cuts a border with a buffer, the engine projects; on slanted borders a stretch ends up
  to a millimetre off. Asserted to 1 mm.
- `gap_m` of an edge: PostGIS measures the shortest way to the other plot, the engine straight out of the
  border; both are less than the snap. Asserted to the snap on dirty fabrics, to 1 mm on clean ones. Of a
  corner or an `across` it is a distance in both.
- `facing_m`: PostGIS casts shadows away from pieces of border, shifted by 10 micrometres so that a piece is
  not in its own shadow, which counts for more the steeper it stands. Asserted to 1 mm on clean fabrics; on
  dirty ones, where sides lean by centimetres, to 1 cm, and to 1 mm for all but one pair in a hundred.
- `overlap_m2`: GEOS in both.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from sqlalchemy import Connection

from app.analysis.adjacency import Tolerances
from tests.scenes import plots_frame, rectangle, seven_plots
from tests.typed_sql import typed_rows
from tests.unit.adjacency.fabrics_dirty import clean_of_size, dirtied
from tests.unit.adjacency.test_adjacency_all_pairs import SEVERAL_CHUNKS, Row, Rows, counts, of_engine

SNAP_M = Tolerances().snap_m
MM = 1e-3


def of_postgis(connection: Connection, plots: gpd.GeoDataFrame, *, is_touch_only: bool = False) -> Rows:
    relations = "touch" if is_touch_only else "all"
    rows = typed_rows(connection, plots.geometry.to_numpy(), relations=relations)
    return {(row.a, row.b): Row(row.relation, *(np.nan if m is None else m for m in row[3:])) for row in rows}


def assert_same(found: Rows, expected: Rows, gap_m: float = MM, facing_m: float = MM) -> None:
    relations = [{(pair, row.relation) for pair, row in rows.items()} for rows in (found, expected)]
    differing = sorted(relations[0] ^ relations[1])
    assert not differing, (len(differing), differing[:5], counts(found), counts(expected))
    edges = {pair: row for pair, row in found.items() if row.relation == "edge"}
    rest = {pair: row for pair, row in found.items() if row.relation != "edge"}
    for rows, measure, tolerance in (
        (found, "shared_m", MM),
        (edges, "gap_m", gap_m),
        (rest, "gap_m", 1e-6),
        (rest, "facing_m", facing_m),
        (rest, "overlap_m2", 1e-6),
    ):
        own, other = (
            np.array([getattr(given[pair], measure) for pair in rows]) for given in (found, expected)
        )
        np.testing.assert_allclose(own, other, rtol=0, atol=tolerance, equal_nan=True, err_msg=measure)
        assert np.mean(np.abs(own - other) > MM) <= (0.01 if measure == "facing_m" else 1.0)


def test_postgis_knows_the_seven_plots(connection: Connection) -> None:
    found = of_engine(seven_plots())
    assert counts(found) == {"edge": 5, "corner": 2, "across": 2}
    assert_same(found, of_postgis(connection, seven_plots()))


@pytest.mark.parametrize(
    ("kind", "n_plots", "clean", "dirty"),
    [
        ("blocks", 225, {"edge": 397, "corner": 3, "across": 143}, {"edge": 397, "corner": 3, "across": 143}),
        ("cuts", 250, {"edge": 686, "corner": 3}, {"edge": 686, "corner": 3}),
        (
            "cells with holes",
            262,
            {"edge": 563, "corner": 4, "across": 33},
            {"edge": 562, "corner": 4, "across": 33},
        ),
        (
            "radial streets",
            240,
            {"edge": 168, "corner": 48, "across": 312},
            {"edge": 168, "corner": 48, "across": 312},
        ),
    ],
)
def test_all_relations_are_those_of_postgis(
    connection: Connection, kind: str, n_plots: int, clean: dict[str, int], dirty: dict[str, int]
) -> None:
    plots = clean_of_size(kind, 250)
    assert len(plots) == n_plots
    found = of_engine(plots)
    assert counts(found) == clean
    assert_same(found, of_postgis(connection, plots))
    found = of_engine(shaken := dirtied(plots, 1))
    assert counts(found) == dirty
    assert_same(found, of_postgis(connection, shaken), gap_m=SNAP_M, facing_m=0.01)


def test_neighbors_of_2_916_dirty_plots_are_those_of_postgis(connection: Connection) -> None:
    plots = dirtied(clean_of_size("blocks", SEVERAL_CHUNKS), 1)
    found = of_engine(plots)
    assert (len(plots), counts(found)) == (2_916, {"edge": 5_121, "corner": 76, "across": 2_199})
    assert_same(found, of_postgis(connection, plots), gap_m=SNAP_M, facing_m=0.01)


def test_plots_that_overlap_at_random_are_those_of_postgis(connection: Connection) -> None:
    rng = np.random.default_rng(8)
    low, size = rng.uniform(0, 300, (150, 2)), rng.uniform(5, 40, (150, 2))
    plots = plots_frame(**{f"{n:03d}": rectangle(*low[n], *(low[n] + size[n])) for n in range(150)})
    found = of_engine(plots)
    assert counts(found) == {"overlap": 208, "edge": 2, "across": 107}
    assert_same(found, of_postgis(connection, plots))
