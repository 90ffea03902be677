"""The steps of a computation that is larger than memory, each on files of one folder.

``read/`` holds the plots in the order in which they were read, ``keys/`` their keys in order, ``plots/`` the
plots in metres, ``changed/`` files of those two with some plots repaired or left out, until they take their
place, ``tiles/`` what each tile needs, ``pairs/`` what each gave. A step does one file at a time,
changes nothing outside of the folder and can be done again: so any process that sees the folder can do it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.analysis.adjacency import PlotArrays, Tolerances, typed_pairs_of_arrays
from app.analysis.tiling import Halos, Tiling, halos_of, sampled
from app.domain.transformation import moved_xy
from app.exchange.neighbors.pair_files import MEASURES, pair_table
from app.exchange.sorted_runs import read_table, write_run, write_table

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KINDS = ("read", "keys", "plots", "changed", "tiles", "pairs")
SIDES = ("left", "bottom", "right", "top")
SIDES_AND_POINTS = (*SIDES, "n_points")


@dataclass(frozen=True)
class Store:
    """A folder in which a computation is done."""

    folder: Path

    def path(self, kind: str, number: int) -> Path:
        """Return the path of one file of a kind: ``read``, ``keys``, ``plots`` or ``pairs``."""
        return self.folder / kind / f"{number:06}.arrow"

    def tile(self, number: int) -> Path:
        """Return the folder of what a tile needs."""
        return self.folder / "tiles" / f"{number:06}"

    @property
    def tiling(self) -> Path:
        """Where the tiling is written."""
        return self.folder / "tiling.json"

    @property
    def halos(self) -> Path:
        """Where the halos are written."""
        return self.folder / "halos.arrow"

    def forget_plots(self) -> None:
        """Remove the plots as they were read; the tiles hold them."""
        for kind in ("read", "plots"):
            shutil.rmtree(self.folder / kind, ignore_errors=True)

    def take_changed(self, kind: Literal["read", "plots"], numbers: Sequence[int]) -> None:
        """Let changed files take their place, and number those that are left of a kind from 0."""
        for place, number in enumerate(numbers):
            changed = self.path("changed", number)
            (changed if changed.exists() else self.path(kind, number)).replace(self.path(kind, place))

    def take_as_read(self) -> None:
        """Take the plots as they were read for those in metres."""
        (self.folder / "plots").rmdir()
        (self.folder / "read").rename(self.folder / "plots")

    def emptied(self) -> Self:
        """Return the store with its folders, and nothing in them."""
        for kind in KINDS:
            shutil.rmtree(self.folder / kind, ignore_errors=True)
            (self.folder / kind).mkdir(parents=True)
        return self


@dataclass(frozen=True)
class Stored:
    """The summary of a file of plots: how many, their points, and their bounds."""

    n_plots: int
    n_points: int
    bounds: tuple[float, float, float, float]


def plot_table(keys: pa.Array, plots: PlotArrays) -> pa.Table:
    """Return plots as a table: key, the sides of the bounding box, number of points, boundary."""
    starts = plots.ring_offset[plots.part_offset[plots.plot_offset]]
    low = np.minimum.reduceat(plots.xy, starts[:-1]) if len(plots) else np.empty((0, 2))
    high = np.maximum.reduceat(plots.xy, starts[:-1]) if len(plots) else np.empty((0, 2))
    column = pa.FixedSizeListArray.from_arrays(pa.array(plots.xy.ravel()), 2)
    for offset in (plots.ring_offset, plots.part_offset, plots.plot_offset):
        column = pa.ListArray.from_arrays(pa.array(offset.astype(np.int32)), column)
    columns = {
        "key": keys,
        **dict(zip(SIDES, [*low.T, *high.T], strict=True)),
        "n_points": np.diff(starts),
        "geometry": column,
    }
    return pa.table(columns)


def plots_of(column: pa.ChunkedArray) -> PlotArrays:
    """Return the boundaries of a column that `plot_table` made."""
    array = column.combine_chunks()
    offsets = []
    for _ in range(3):
        offset = array.offsets.to_numpy().astype(np.int64)
        offsets.append(offset - offset[0])
        array = array.flatten()
    plot_offset, part_offset, ring_offset = offsets
    return PlotArrays(array.flatten().to_numpy().reshape(-1, 2), ring_offset, part_offset, plot_offset)


def boxes_of(table: pa.Table) -> Floats:
    """Return the bounding boxes (left, bottom, right, top) of a table of plots, (n, 4)."""
    return np.column_stack([table[side].to_numpy() for side in SIDES])


def store_plots(store: Store, number: int, table: pa.Table) -> Stored:
    """Write one file of plots and one of their keys in order."""
    write_table(table, store.path("read", number))
    keys = table["key"].combine_chunks()
    write_run(pa.table({"key": keys.take(pc.sort_indices(keys))}), store.path("keys", number))
    return stored_of(table)


def stored_of(table: pa.Table) -> Stored:
    """Return the summary of a table of at least one plot."""
    boxes = boxes_of(table)
    (left, bottom), (right, top) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    bounds = (float(left), float(bottom), float(right), float(top))
    return Stored(table.num_rows, int(pc.sum(table["n_points"]).as_py()), bounds)


def change_plots(store: Store, number: int, table: pa.Table) -> Stored | None:
    """Write what is left of one file of plots, see `Store.take_changed`; None when nothing is."""
    if not table.num_rows:
        return None
    write_table(table, store.path("changed", number))
    return stored_of(table)


def project_plots(store: Store, number: int, pipeline: str) -> Stored:
    """Bring one file of plots that was read into another reference system, as `moved_xy` does."""
    table = read_table(store.path("read", number))
    plots = plots_of(table["geometry"])
    moved = PlotArrays(moved_xy(pipeline, plots.xy), plots.ring_offset, plots.part_offset, plots.plot_offset)
    projected = plot_table(table["key"].combine_chunks(), moved)
    write_table(projected, store.path("plots", number))
    return stored_of(projected)


def corners_of(store: Store, number: int, stride: int) -> Floats:
    """Return samples of one file of plots, see `sampled`."""
    table = read_table(store.path("plots", number), SIDES_AND_POINTS)
    return sampled(boxes_of(table)[:, :2], table["n_points"].to_numpy(), stride)


def halos_in(store: Store, number: int, tiling: Tiling) -> Halos:
    """Return where the plots of one file lie by tile."""
    boxes = boxes_of(read_table(store.path("plots", number), SIDES_AND_POINTS))
    return halos_of(tiling, tiling.tiles(boxes[:, :2]), boxes)


def write_tiling(store: Store, tiling: Tiling, halos: Halos) -> None:
    """Write tiling and halos where every process finds them."""
    store.tiling.write_text(json.dumps(tiling.to_dict()), "utf-8")
    sides = dict(zip(SIDES, halos.boxes.T, strict=True))
    write_table(pa.table({"tile": halos.tile, **sides}), store.halos)


def deal_plots(store: Store, number: int, reach_m: float) -> None:
    """Write the plots of one file into each tile that needs them."""
    tiling = Tiling(**json.loads(store.tiling.read_text("utf-8")))
    halos = read_table(store.halos)
    table = read_table(store.path("plots", number)).combine_chunks()
    boxes = boxes_of(table)
    plot, tile = Halos(halos["tile"].to_numpy(), boxes_of(halos)).members(boxes, reach_m)
    is_owned = tiling.tiles(boxes[:, :2])[plot] == tile
    slim = table.select(["key", "geometry"])
    for rows in np.split(np.arange(len(tile)), np.flatnonzero(np.diff(tile)) + 1):
        folder = store.tile(int(tile[rows[0]]))
        folder.mkdir(exist_ok=True)
        needed = slim.take(pa.array(plot[rows])).append_column("is_owned", pa.array(is_owned[rows]))
        write_table(needed, folder / f"{number:06}.arrow")


def pair_tile(
    store: Store,
    number: int,
    tolerances: Tolerances,
    relations: Literal["all", "touch"],
    n_threads: int | None,
) -> None:
    """Compute the pairs whose focal plot belongs to a tile, and remove what the tile needed."""
    done = store.path("pairs", number)
    if not done.exists():
        fragments = [read_table(path) for path in sorted(store.tile(number).iterdir())]
        write_run(_pairs(pa.concat_tables(fragments), tolerances, relations, n_threads), done)
    shutil.rmtree(store.tile(number), ignore_errors=True)


def _pairs(
    table: pa.Table, tolerances: Tolerances, relations: Literal["all", "touch"], n_threads: int | None
) -> pa.Table:
    table = table.combine_chunks()
    keys = table["key"].combine_chunks()
    order = pc.sort_indices(keys)
    plots = plots_of(table["geometry"].take(order))
    keys, is_owned = keys.take(order), table["is_owned"].take(order).to_numpy()
    found = typed_pairs_of_arrays(plots, tolerances, relations=relations, n_threads=n_threads)
    pairs = found.take(is_owned[found.a])
    # NaN becomes null.
    measures = [pa.array(getattr(pairs, name), from_pandas=True) for name in MEASURES]
    focal, neighbor = keys.take(pa.array(pairs.a)), keys.take(pa.array(pairs.b))
    return pair_table(focal, neighbor, pa.array(pairs.relation), measures)
