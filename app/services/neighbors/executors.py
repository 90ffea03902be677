"""Who does the steps of a computation: this process, or the workers of a Dask cluster."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from app.analysis import adjacency
from app.analysis.adjacency import ENGINE
from app.errors import N_, SetupError

if TYPE_CHECKING:
    from distributed import Client

R = TypeVar("R")

# A tile that takes so many workers with it is not given to another.
MOST_LOST = 3


def return_memory() -> None:
    """Give back to the system what is no longer needed; Arrow's own allocators would keep much of it."""
    pool = pa.system_memory_pool()
    pa.set_memory_pool(pool)
    pool.release_unused()


class OneProcess:
    """The present process does one task after the other.

    `n_at_once` tasks share this machine's memory, each may take `n_threads` threads (None: all processors).
    """

    n_at_once = 1

    def __init__(self, n_threads: int | None) -> None:
        self.n_threads = n_threads

    def each(self, task: Callable[..., R], rows: Iterable[tuple[Any, ...]]) -> Iterator[R]:
        """Do a task once with each row of arguments, in their order."""
        for row in rows:
            return_memory()
            yield task(*row)


class DaskCluster:
    """The workers of a Dask cluster do tasks; what a lost worker had in hand is done by another."""

    n_threads = 1

    def __init__(self, client: Client, n_at_once: int) -> None:
        self.client = client
        self.n_at_once = n_at_once

    def each(self, task: Callable[..., R], rows: Iterable[tuple[Any, ...]]) -> Iterator[R]:
        """Do a task once with each row of arguments.

        Raises
        ------
        SetupError
            When one row lost too many workers.
        """
        columns = list(zip(*rows, strict=True))
        yield from self.results(
            self.client.map(partial(_done, task), *columns, pure=False) if columns else []
        )

    def results(self, futures: list[Any]) -> Iterator[Any]:
        """Yield the results of futures as they come."""
        from distributed import KilledWorker, as_completed  # noqa: PLC0415  only where there is a cluster

        try:
            for future in as_completed(futures):
                yield future.result()
        except KilledWorker:
            raise SetupError(
                N_(
                    "%(n)s workers were lost on one task; is there enough memory? --resume "
                    "continues from here."
                ),
                n=MOST_LOST + 1,
            ) from None
        finally:
            self.client.cancel(futures)

    def check_sight_of(self, folder: Path) -> None:
        """Raise SetupError unless every worker sees a folder and has the same engine."""
        for worker, engine in self.client.run(_engine_at, str(folder)).items():
            if engine != engine_state():
                raise SetupError(
                    N_(
                        "The worker %(worker)s does not see “%(folder)s” or has another version of "
                        "the engine; the cluster needs a shared folder."
                    ),
                    worker=worker,
                    folder=folder,
                )


Executor = OneProcess | DaskCluster


def _done(task: Callable[..., R], *row: Any) -> R:
    return_memory()
    return task(*row)


@cache
def engine_state() -> str:
    """Return what distinguishes this engine from any other: its version, and a hash of its source."""
    sources = sorted(Path(adjacency.__file__).parent.rglob("*.py"))
    return f"{ENGINE} {hashlib.sha256(b''.join(path.read_bytes() for path in sources)).hexdigest()}"


def _engine_at(folder: str) -> str | None:
    return engine_state() if Path(folder).is_dir() else None


@contextmanager
def executor_for(cluster: str | None, n_threads: int | None, folder: Path) -> Iterator[Executor]:
    """Yield who does the work.

    Parameters
    ----------
    cluster : str, optional
        Address of a Dask scheduler, or ``local`` for worker processes here; without it this process works.
    n_threads : int, optional
        Threads of this process, or worker processes for ``local``; as many as there are processors without.
    folder : Path
        Where the work is done; every worker must see it.

    Raises
    ------
    SetupError
        When Dask is not installed, there is no scheduler at the address, or a worker does not see the folder.
    """
    return_memory()
    if cluster is None:
        yield OneProcess(n_threads)
        return
    with _client(cluster, n_threads, folder) as client:
        is_here = cluster == "local"
        executor = DaskCluster(client, len(client.scheduler_info(n_workers=-1)["workers"]) if is_here else 1)
        executor.check_sight_of(folder)
        yield executor


@contextmanager
def _client(cluster: str, n_workers: int | None, folder: Path) -> Iterator[Client]:
    try:
        # Only who asks for a cluster needs it and waits for it; dask-geopandas reads on the workers.
        import dask  # noqa: PLC0415
        import dask_geopandas  # noqa: F401, PLC0415
        from distributed import Client, LocalCluster  # noqa: PLC0415
    except ImportError as missing:
        raise SetupError(
            N_("--cluster needs %(package)s: pip install -r requirements-cluster.txt"),
            package=missing.name or "Dask",
        ) from None
    dask.config.set({"distributed.scheduler.allowed-failures": MOST_LOST})
    # Each lost worker would be logged by both sides, in several lines.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if cluster == "local":
        options = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": logging.CRITICAL}
        with (
            LocalCluster(n_workers=n_workers, local_directory=str(folder), **options) as here,
            Client(here) as client,
        ):
            yield client
        return
    try:
        client = Client(cluster, timeout="5s")
    except (OSError, TimeoutError, ValueError):
        raise SetupError(N_("There is no Dask scheduler at “%(address)s”."), address=cluster) from None
    with client:
        yield client
