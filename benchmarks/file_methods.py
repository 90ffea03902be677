"""From a file of plots to a file of neighbors: this project's command, and libpysal with geopandas."""

# ruff: noqa: PLC0415  a process imports only what it measures

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd


@contextmanager
def in_geopackage(plots: gpd.GeoDataFrame) -> Iterator[Path]:
    """Yield a GeoPackage of plots in a folder of its own."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plots.gpkg"
        plots.to_file(path, engine="pyogrio")
        yield path


def ours_in_files(path: Path) -> Path:
    """Write the neighbors of a file of plots as ``neighbors compute`` does; return where."""
    from app.analysis.adjacency import Tolerances
    from app.services.land.plot_reading import Reading
    from app.services.neighbors.streaming import stream_neighbors
    from app.services.neighbors.tiled_pairs import NeighborRequest, Resources

    out = path.with_name("neighbors.csv")
    stream_neighbors(NeighborRequest(Reading(path, key="key"), Tolerances()), Resources(), out)
    return out


def rook_in_files(path: Path) -> Path:
    """Write the rook neighbors of a file of plots; return where."""
    from libpysal.graph import Graph

    out = path.with_name("neighbors.csv")
    plots = gpd.read_file(path).set_index("key")
    Graph.build_contiguity(plots.geometry, rook=True).adjacency.to_csv(out)
    return out


def pairs_in_file(path: Path) -> pd.DataFrame:
    """Return the pairs of a file: `focal`, `neighbor`, and whatever else it says."""
    pairs = pd.read_csv(path)
    return pairs[pairs.weight > 0] if "weight" in pairs else pairs
