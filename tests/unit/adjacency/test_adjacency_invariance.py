"""What must not change who is whose neighbor, on clean and on dirty fabrics of every kind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.adjacency import Tolerances, typed_neighbors
from app.analysis.adjacency.pairs import TypedPairs, typed_pairs_of_arrays
from app.analysis.adjacency.plot_arrays import PlotArrays
from tests.scenes import CRS, EAST, NORTH, seven_plots
from tests.unit.adjacency.fabrics import blocks
from tests.unit.adjacency.fabrics_dirty import all_fabrics, clean_of_size, dirtied

LENGTHS = ["shared_m", "gap_m", "facing_m"]
# Deadlines measure the machine, and the first example pays for imports.
unhurried = settings(deadline=None, max_examples=25)
ORIGIN = np.array([EAST, NORTH])


def moved(plots: gpd.GeoDataFrame, move: Callable[[np.ndarray], np.ndarray]) -> gpd.GeoDataFrame:
    """Return plots whose coordinates, relative to the scenes' corner, are moved."""
    at_home = shapely.transform(plots.geometry.to_numpy(), lambda xy: move(xy - ORIGIN) + ORIGIN)
    return plots.set_geometry(at_home, crs=CRS)


def assert_same(found: gpd.GeoDataFrame, expected: gpd.GeoDataFrame, scale: float = 1.0) -> None:
    """The same pairs and relations; measures of the first, scaled, to a hundredth of a millimetre."""
    names = ["focal", "neighbor", "relation"]
    pd.testing.assert_frame_equal(pd.DataFrame(found[names]), pd.DataFrame(expected[names]))
    lengths = expected[LENGTHS].to_numpy() * scale
    np.testing.assert_allclose(found[LENGTHS].to_numpy(), lengths, atol=1e-5 * max(scale, 1.0), rtol=0)
    area_m2 = expected.overlap_m2.to_numpy() * scale**2
    np.testing.assert_allclose(found.overlap_m2.to_numpy(), area_m2, atol=1e-4 * max(scale, 1.0) ** 2, rtol=0)


@unhurried
@given(all_fabrics())
def test_symmetry(plots: gpd.GeoDataFrame) -> None:
    """Turn the order of keys round: what was focal is the neighbor, all else is the same."""
    last = plots["key"].max()
    back = {key: f"{last}{'~' * (len(plots) - n)}" for n, key in enumerate(sorted(plots["key"]))}
    found = typed_neighbors(plots, "key")
    turned = typed_neighbors(plots.assign(key=plots["key"].map(back)), "key")
    forth = {name: key for key, name in back.items()}
    restored = turned.assign(focal=turned.neighbor.map(forth), neighbor=turned.focal.map(forth))
    ordered = restored.sort_values(["focal", "neighbor"], ignore_index=True)
    assert_same(ordered.astype({"focal": "str", "neighbor": "str"}), found)


@unhurried
@given(all_fabrics(), st.sampled_from([(0.5, -7.25), (-620_000.0, -5_805_000.0), (5e6, 5e6)]))
def test_translation(plots: gpd.GeoDataFrame, by_m: tuple[float, float]) -> None:
    assert_same(typed_neighbors(moved(plots, lambda xy: xy + by_m), "key"), typed_neighbors(plots, "key"))


@unhurried
@given(all_fabrics(), st.integers(1, 3))
def test_rotation_by_quarters(plots: gpd.GeoDataFrame, quarters: int) -> None:
    turn = np.linalg.matrix_power(np.array([[0, 1], [-1, 0]]), quarters)
    assert_same(typed_neighbors(moved(plots, lambda xy: xy @ turn), "key"), typed_neighbors(plots, "key"))


@unhurried
@given(all_fabrics(), st.sampled_from([0.25, 0.5, 2.0, 8.0]))
def test_scale(plots: gpd.GeoDataFrame, scale: float) -> None:
    scaled = Tolerances(**{name: length * scale for name, length in asdict(Tolerances()).items()})
    larger = typed_neighbors(moved(plots, lambda xy: xy * scale), "key", scaled)
    assert_same(larger, typed_neighbors(plots, "key"), scale)


@unhurried
@given(all_fabrics(), st.integers(0, 2**32 - 1))
def test_order_of_plots(plots: gpd.GeoDataFrame, seed: int) -> None:
    shuffled = plots.sample(frac=1, random_state=seed)
    found, expected = typed_neighbors(shuffled, "key"), typed_neighbors(plots, "key")
    pd.testing.assert_frame_equal(
        pd.DataFrame(found.drop(columns="geometry")), pd.DataFrame(expected.drop(columns="geometry"))
    )


@unhurried
@given(all_fabrics(), st.floats(1.5, 30))
def test_vertex_insertion(plots: gpd.GeoDataFrame, every_m: float) -> None:
    dense = plots.set_geometry(plots.segmentize(every_m))
    assert_same(typed_neighbors(dense, "key"), typed_neighbors(plots, "key"))


def assert_same_bits(found: TypedPairs, expected: TypedPairs) -> None:
    for name, values in vars(expected).items():
        assert getattr(found, name).tobytes() == values.tobytes(), name


def test_number_of_threads() -> None:
    """4,356 plots are three chunks, so that as many threads have something to do."""
    plots = dirtied(clean_of_size("blocks", 4_400), 3)
    arrays = PlotArrays.from_geometries(plots.geometry.to_numpy())
    alone = typed_pairs_of_arrays(arrays, n_threads=1)
    assert (len(plots), len(alone.a) > 10_000) == (4_356, True)
    for n_threads in (2, 3):
        assert_same_bits(typed_pairs_of_arrays(arrays, n_threads=n_threads), alone)


@unhurried
@given(all_fabrics(), st.floats(0, 1), st.floats(0, 1), st.floats(20, 120))
def test_tiling(plots: gpd.GeoDataFrame, x: float, y: float, side_m: float) -> None:
    """A cut-out that holds what is within reach of its own plots gives their rows bit by bit."""
    left, bottom, right, top = plots.total_bounds
    corner = np.array([left + x * (right - left), bottom + y * (top - bottom)])
    own = plots.intersects(shapely.box(*(corner - side_m / 2), *(corner + side_m / 2))).to_numpy()
    near = plots.distance(plots.geometry[own].union_all()).to_numpy() <= Tolerances().reach_m + 1e-3
    # A row depends on what is within reach of either plot, so the neighbors' surroundings belong to it.
    held = plots.distance(plots.geometry[near].union_all()).to_numpy() <= Tolerances().reach_m + 1e-3
    geometries = plots.geometry.to_numpy()
    whole = typed_pairs_of_arrays(PlotArrays.from_geometries(geometries))
    part = typed_pairs_of_arrays(PlotArrays.from_geometries(geometries[held]))
    position = np.flatnonzero(held)
    is_own = own[position[part.a]] | own[position[part.b]]
    renamed = TypedPairs(
        **{**vars(part), "a": position[part.a].astype(np.int32), "b": position[part.b].astype(np.int32)}
    )
    assert_same_bits(renamed.take(is_own), whole.take(own[whole.a] | own[whole.b]))


TYPED_ALONE = """
import json, os, sys
import numpy as np, shapely
from app.analysis.machine_code import compiled
from app.analysis.adjacency.pairs import typed_pairs_of_arrays
from app.analysis.adjacency.plot_arrays import PlotArrays
plots = shapely.from_wkb([bytes.fromhex(line) for line in sys.stdin.read().split()])
found = typed_pairs_of_arrays(PlotArrays.from_geometries(np.array(plots)), n_threads=1)
rows = {name: values.tobytes().hex() for name, values in vars(found).items()}
print(json.dumps([hasattr(compiled(lambda x: x), "py_func"), len(found.a), rows]))
"""


def test_uncompiled_code_gives_the_same_bits() -> None:
    """The kernels run as plain Python, too."""
    plots = np.concatenate([seven_plots().geometry.to_numpy(), dirtied(blocks(4, 2), 2).geometry.to_numpy()])
    ran = subprocess.run(
        [sys.executable, "-c", TYPED_ALONE],
        input="\n".join(shapely.to_wkb(plots, hex=True)),
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    is_compiled, n_rows, rows = json.loads(ran.stdout)
    expected = typed_pairs_of_arrays(PlotArrays.from_geometries(plots))
    assert (is_compiled, n_rows) == (False, len(expected.a))
    assert {str(relation) for relation in expected.relation} >= {"0", "1", "3"}
    assert rows == {name: values.tobytes().hex() for name, values in vars(expected).items()}
