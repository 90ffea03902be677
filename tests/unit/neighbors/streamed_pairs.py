"""Pairs streamed from a file of plots, as the bytes of a Parquet file and as rows."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from app.analysis.adjacency import Tolerances
from app.services.land.plot_reading import Reading
from app.services.neighbors.streaming import stream_neighbors
from app.services.neighbors.tiled_pairs import NeighborRequest, Resources


def streamed(path: Path, memory_mb: float = 100, *, n_threads: int = 1, **asked: str | bool) -> bytes:
    """Return the Parquet file of a file of plots."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "pairs.parquet"
        stream_neighbors(
            NeighborRequest(Reading(path, **asked), Tolerances()), Resources(memory_mb, n_threads), out
        )
        assert [found.name for found in Path(folder).iterdir()] == ["pairs.parquet"]
        return out.read_bytes()


def rows_of(parquet: bytes) -> pd.DataFrame:
    return pq.read_table(io.BytesIO(parquet)).to_pandas()
