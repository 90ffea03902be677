"""The kernels put to work: plots handed to threads in chunks, the rows put together in order."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from app.analysis.adjacency.chunks import CHUNK, LARGE_CHUNK, Threads, joined
from app.analysis.adjacency.kernels.arrays import Codes, Floats, Ints, Positions, Records
from app.analysis.adjacency.kernels.buffers import Buffers, buffers_for
from app.analysis.adjacency.kernels.decision import PAIR, count_by_lesser, decided, file_by_lesser, sort_filed
from app.analysis.adjacency.kernels.layout import Fabric
from app.analysis.adjacency.kernels.sweep import MEETING, meetings
from app.analysis.adjacency.tolerances import Lengths
from app.analysis.machine_code import compiled

Kernel = Callable[[Buffers, int, int], list[Records]]
Report = Callable[[float], None]


class Typed(NamedTuple):
    """Pairs of positions as the decision leaves them, ordered by both; the fields are those of `PAIR`."""

    a: Positions
    b: Positions
    relation: Codes
    is_suspect: Codes
    shared_m: Floats
    gap_m: Floats
    facing_m: Floats


def typed_pairs(fabric: Fabric, lengths: Lengths, threads: Threads, report: Report) -> Typed:
    """Return the typed pairs of a fabric ordered by position; what overlaps is suspect.

    The rows do not depend on the number of threads. `report` is called with the share done.
    """
    pairs = _decided_pairs(fabric, lengths, threads, report)
    return _ordered(pairs, len(fabric.plots), threads)


def _decided_pairs(fabric: Fabric, lengths: Lengths, threads: Threads, report: Report) -> Records:
    """Return the typed pairs, records of `PAIR`, by the rank of their lesser plot."""
    n_plots, executor = len(fabric.plots), KernelExecutor(fabric, threads)
    parts = executor.rows(
        lambda buffers, first, last: meetings(fabric, buffers, first, last, lengths),
        lambda done: report(0.7 * done),
    )
    rows = joined(parts, MEETING)
    start, filed = _filed(rows, n_plots)
    pairs = executor.rows(
        lambda buffers, first, last: [decided(fabric, buffers, rows, start, filed, first, last, lengths)],
        lambda done: report(0.7 + 0.2 * done),
    )
    return joined(pairs, PAIR)


def _filed(rows: Records, n_plots: int) -> tuple[Ints, Positions]:
    """Return where each plot's rows start, and their numbers by the lesser plot."""
    counts = np.zeros(n_plots + 1, dtype=np.int64)
    count_by_lesser(rows, counts[1:])
    start = np.cumsum(counts)
    filed = np.empty(len(rows), dtype=np.int32)
    file_by_lesser(rows, start.copy(), filed)
    return start, filed


def _ordered(pairs: Records, n_plots: int, threads: Threads) -> Typed:
    """Return pairs by their first plot, then their second."""
    start, filed = _filed(pairs, n_plots)
    typed = Typed(*(np.empty(len(pairs), dtype=PAIR[name]) for name in Typed._fields))
    written = threads.in_chunks(
        lambda first, last: _put_in_order(pairs, start, filed, first, last, typed), n_plots, LARGE_CHUNK
    )
    for _ in written:
        pass
    return typed


@compiled
def _put_in_order(pairs: Records, start: Ints, filed: Positions, first: int, last: int, typed: Typed) -> None:
    """Write the pairs whose first plot is `first` to `last` (left out) to their places."""
    for plot in range(first, last):
        sort_filed(pairs, filed, start[plot], start[plot + 1])
        for nth in range(start[plot], start[plot + 1]):
            pair = pairs[filed[nth]]
            typed.a[nth], typed.b[nth] = pair["a"], pair["b"]
            typed.relation[nth], typed.is_suspect[nth] = pair["relation"], pair["is_suspect"]
            typed.shared_m[nth], typed.gap_m[nth] = pair["shared_m"], pair["gap_m"]
            typed.facing_m[nth] = pair["facing_m"]


class KernelExecutor:
    """Threads that each have buffers for the same fabric."""

    def __init__(self, fabric: Fabric, threads: Threads) -> None:
        self._n_plots, self._threads = len(fabric.plots), threads
        self._n_chunks = -(-self._n_plots // CHUNK)
        self._buffers: SimpleQueue[Buffers] = SimpleQueue()
        for _ in range(max(1, min(threads.n_threads, self._n_chunks))):
            self._buffers.put(buffers_for(fabric))

    def rows(self, kernel: Kernel, report: Report) -> list[Records]:
        """Return what a kernel gives for each chunk of plots, in their order."""
        found: list[Records] = []
        parts = self._threads.in_chunks(lambda *chunk: self._with_buffers(kernel, *chunk), self._n_plots)
        for n_done, part in enumerate(parts, 1):
            found.extend(part)
            report(n_done / self._n_chunks)
        return found

    def _with_buffers(self, kernel: Kernel, first: int, last: int) -> list[Records]:
        buffers = self._buffers.get()
        try:
            return kernel(buffers, first, last)
        finally:
            self._buffers.put(buffers)
