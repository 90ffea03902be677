"""The engine against brute force: every pair of plots, every pair of segments, no index, no shortcut.

Pairs and relations are the same without exception. Lengths are the same to a thousandth of a millimetre
for common borders and gaps, where both do the same arithmetic in another order, and to a hundredth for what
is in sight: there the engine takes lines that cross within a micrometre of an end as crossing at the end.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from app.analysis.adjacency.chunks import CHUNK
from app.analysis.adjacency.kernels.decision import RELATIONS
from app.analysis.adjacency.pairs import typed_pairs_of_arrays
from app.analysis.adjacency.plot_arrays import PlotArrays
from tests.reference.all_pairs import Row, neighbors
from tests.scenes import plots_frame, rectangle, seven_plots
from tests.unit.adjacency.fabrics_dirty import clean_of_size, dirtied

SAME_TO_M = {"shared_m": 1e-6, "gap_m": 1e-6, "facing_m": 1e-5, "overlap_m2": 1e-6}

Rows = dict[tuple[int, int], Row]


def of_engine(plots: gpd.GeoDataFrame, *, is_touch_only: bool = False) -> Rows:
    """Rows of the flat-array face by positions."""
    arrays = PlotArrays.from_geometries(plots.geometry.to_numpy())
    found = typed_pairs_of_arrays(arrays, relations="touch" if is_touch_only else "all")
    measures = np.stack([getattr(found, name) for name in SAME_TO_M], axis=1)
    names = [str(RELATIONS[code]) for code in found.relation]
    pairs = zip(found.a.tolist(), found.b.tolist(), strict=True)
    return {pair: Row(name, *row) for pair, name, row in zip(pairs, names, measures.tolist(), strict=True)}


def counts(rows: Rows) -> dict[str, int]:
    relations = [row.relation for row in rows.values()]
    return {str(name): relations.count(name) for name in RELATIONS if name in relations}


def assert_same(found: Rows, expected: Rows) -> None:
    relations = [{(pair, row.relation) for pair, row in rows.items()} for rows in (found, expected)]
    differing = sorted(relations[0] ^ relations[1])
    assert not differing, (len(differing), differing[:5], counts(found), counts(expected))
    for measure, tolerance in SAME_TO_M.items():
        own, other = (
            np.array([getattr(rows[pair], measure) for pair in found]) for rows in (found, expected)
        )
        np.testing.assert_allclose(own, other, rtol=0, atol=tolerance, equal_nan=True, err_msg=measure)


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
def test_all_relations_are_those_of_all_pairs(
    kind: str, n_plots: int, clean: dict[str, int], dirty: dict[str, int]
) -> None:
    plots = clean_of_size(kind, 250)
    assert len(plots) == n_plots
    for given, expected in ((plots, clean), (dirtied(plots, 1), dirty)):
        found = of_engine(given)
        assert counts(found) == expected
        assert_same(found, neighbors(given.geometry.to_numpy()))


# More than one chunk of plots is, so that threads share the work.
SEVERAL_CHUNKS = CHUNK + 500


def test_contacts_of_3_000_dirty_plots_are_those_of_all_4_million_pairs() -> None:
    plots = dirtied(clean_of_size("cuts", SEVERAL_CHUNKS), 1)
    found = of_engine(plots, is_touch_only=True)
    assert (len(plots), counts(found)) == (3_000, {"edge": 8_679, "corner": 119})
    assert_same(found, neighbors(plots.geometry.to_numpy(), is_touch_only=True))


def test_neighbors_of_2_916_dirty_plots_are_those_of_all_4_million_pairs() -> None:
    plots = dirtied(clean_of_size("blocks", SEVERAL_CHUNKS), 1)
    found = of_engine(plots)
    assert (len(plots), counts(found)) == (2_916, {"edge": 5_121, "corner": 76, "across": 2_199})
    assert_same(found, neighbors(plots.geometry.to_numpy()))


def test_plots_that_overlap_at_random_are_those_of_all_pairs() -> None:
    rng = np.random.default_rng(8)
    low, size = rng.uniform(0, 300, (150, 2)), rng.uniform(5, 40, (150, 2))
    plots = plots_frame(**{f"{n:03d}": rectangle(*low[n], *(low[n] + size[n])) for n in range(150)})
    found = of_engine(plots)
    assert counts(found) == {"overlap": 208, "edge": 2, "across": 107}
    assert_same(found, neighbors(plots.geometry.to_numpy()))


def test_brute_force_knows_the_seven_plots() -> None:
    """Brute force itself is held against an answer worked out by hand."""
    plots = seven_plots()
    rows = {
        (plots["key"][a], plots["key"][b]): (row.relation, *(round(m, 4) for m in row[1:] if not np.isnan(m)))
        for (a, b), row in neighbors(plots.geometry.to_numpy()).items()
    }
    # Positions are in the frame's order: S before G.
    assert rows == {
        ("A", "B"): ("edge", 50.0, 0.0),
        ("A", "C"): ("edge", 50.0, 0.03),
        ("A", "D"): ("edge", 50.0, 0.0),
        ("A", "S"): ("across", 12.0, 43.0),
        ("B", "C"): ("corner", 0.03),
        ("B", "D"): ("corner", 0.0),
        ("B", "E"): ("edge", 30.0, 0.0),
        ("C", "G"): ("across", 12.0, 42.97),
        ("S", "G"): ("edge", 50.0, 0.0),
    }
