"""A file of plots of any size in, a file of neighbors out; no database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.analysis.adjacency import ENGINE
from app.domain.kinds import Relation
from app.errors import N_, NotFoundError
from app.exchange.atomic_files import replacing
from app.exchange.land.geoparquet import parquet_files
from app.exchange.neighbors.pair_files import write_csv, write_parquet
from app.services.neighbors.executors import engine_state, executor_for
from app.services.neighbors.parts_folder import fingerprint, parts_folder
from app.services.neighbors.plot_loading import Report
from app.services.neighbors.plot_store import Store
from app.services.neighbors.tiled_pairs import (
    PAIRED,
    NeighborRequest,
    Resources,
    SortedPairs,
    TilePlan,
    pair_tiles,
    prepare,
)


@dataclass(frozen=True)
class Streamed:
    """What was done: see `TilePlan`, and the number of pairs by relation."""

    plan: TilePlan
    n_by_relation: Mapping[Relation, int]


def stream_neighbors(
    request: NeighborRequest,
    resources: Resources,
    out: Path | BinaryIO,
    *,
    is_resumed: bool = False,
    report: Report = lambda _done: None,
) -> Streamed:
    """Write the neighbors of all plots of a file, wholly or not at all.

    The same plots and lengths give the same bytes, whatever the resources.

    Parameters
    ----------
    request : NeighborRequest
        What is asked for.
    resources : Resources
        Memory, threads, cluster.
    out : Path or binary stream
        A file ``.csv`` or ``.parquet``; a stream is given CSV. What is done is kept beside the file in
        ``<out>.parts`` until the file is there.
    is_resumed : bool
        Whether to go on with what an interrupted run left there.
    report : callable
        Called with the share of the work that is done, 0 to 1, from time to time.

    Raises
    ------
    NotFoundError, InputError, DataError
        One sentence for whatever is wrong with the file, its plots or `out`.
    SetupError
        When the cluster cannot do it.
    """
    path = request.reading.path
    if not path.exists():
        raise NotFoundError(N_("There is no file “%(file)s”."), file=path)
    place = out if isinstance(out, Path) else None
    with parts_folder(place, _order(request), is_resumed=is_resumed) as folder:
        counted = _computed(request, resources, folder, report)
        _write(counted, out, request)
    report(1.0)
    return Streamed(counted.plan, counted.n_by_relation)


def _computed(request: NeighborRequest, resources: Resources, folder: Path, report: Report) -> SortedPairs:
    """Do all steps that are not done yet."""
    store, noted = Store(folder.resolve()), folder / "plan.json"
    with executor_for(resources.cluster, resources.n_threads, store.folder) as executor:
        if noted.exists():
            plan = TilePlan(**json.loads(noted.read_text("utf-8")))
        else:
            plan = prepare(request, resources, store, executor, report)
            partial = noted.with_suffix(".part")
            partial.write_text(json.dumps(asdict(plan)), "utf-8")
            partial.replace(noted)
        pair_tiles(request, plan, store, executor, report)
    return SortedPairs(store, plan, resources, _after(report))


def _after(report: Report) -> Callable[[float], None]:
    return lambda done: report(PAIRED + (1 - PAIRED) * done)


def _order(request: NeighborRequest) -> dict[str, Any]:
    """Return all that decides about the answer, the state of the file included."""
    reading = request.reading
    files = parquet_files(reading.path)
    if reading.path.is_dir() and not files:
        files = sorted(file for file in reading.path.rglob("*") if file.is_file())
    return {
        **_settings(request),
        "engine": engine_state(),
        "reading": {**asdict(reading), "path": str(reading.path.resolve())},
        "files": fingerprint(files),
    }


def _settings(request: NeighborRequest) -> dict[str, Any]:
    return {"engine": ENGINE, **asdict(request.tolerances), "relations": request.relations}


def _write(pairs: SortedPairs, out: Path | BinaryIO, request: NeighborRequest) -> None:
    if not isinstance(out, Path):
        write_csv(iter(pairs), out)
        return
    with replacing(out) as partial, partial.open("wb") as sink:
        if out.suffix.lower() == ".csv":
            write_csv(iter(pairs), sink)
        else:
            metadata = {name: str(value) for name, value in _settings(request).items()}
            write_parquet(iter(pairs), sink, pairs.key_type, metadata)
