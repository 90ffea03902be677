"""The compiled engine against the definition programmed a second time, over whole arrays."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.analysis.adjacency import Tolerances, typed_neighbors
from tests.reference.adjacency_numpy import typed_pairs
from tests.scenes import seven_plots
from tests.unit.adjacency.fabrics import blocks, bricks, cells, grid

MEASURES = ("shared_m", "gap_m", "facing_m", "overlap_m2")


def noisy(plots: gpd.GeoDataFrame, noise_m: float) -> gpd.GeoDataFrame:
    """Return plots whose every vertex is moved, alike in no two plots; invalid ones are left as they were."""
    moved = [
        shapely.transform(plot, lambda xy, n=nth: xy + noise_m * np.sin(xy * (997 + 13 * n)))
        for nth, plot in enumerate(plots.geometry)
    ]
    kept = [new if new.is_valid else old for new, old in zip(moved, plots.geometry, strict=True)]
    return plots.set_geometry(gpd.GeoSeries(kept, index=plots.index, crs=plots.crs))


FABRICS = {
    "seven plots": seven_plots(),
    "grid": grid(9, 7),
    "bricks": bricks(8, 6),
    "cells": cells(np.random.default_rng(2).uniform(0, 200, (60, 2))),
    "blocks": blocks(3),
    "noisy blocks": noisy(blocks(4), 0.02),
    "noisy cells": noisy(cells(np.random.default_rng(5).uniform(0, 200, (60, 2))), 0.03),
}


@pytest.mark.parametrize("name", FABRICS)
def test_both_give_the_same_pairs_and_measures(name: str) -> None:
    plots = FABRICS[name].sort_values("key").reset_index(drop=True)
    found = typed_neighbors(plots, "key")
    origin = np.floor(plots.total_bounds[:2])
    local = shapely.transform(plots.geometry.to_numpy(), lambda xy: xy - origin)
    again, _ = typed_pairs(local, Tolerances(), lambda done: None)
    keys = plots["key"].to_numpy()
    pairs = list(zip(keys[again.a], keys[again.b], again.relation, strict=True))
    assert list(zip(found.focal, found.neighbor, found.relation, strict=True)) == pairs != []
    for measure in MEASURES:
        expected = getattr(again, measure)
        assert found[measure].to_numpy() == pytest.approx(expected, abs=1e-6, nan_ok=True), measure
