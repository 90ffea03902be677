"""The kernels put to work: plots handed to threads in chunks, the rows put together in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import numpy as np

from app.analysis.adjacency.arrays import Ints, Positions, Records
from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.decision import PAIR, count_by_lesser, decided, file_by_lesser, sort_filed
from app.analysis.adjacency.desk import Desk, desk_for
from app.analysis.adjacency.layout import Fabric
from app.analysis.adjacency.sweep import MEETING, meetings
from app.analysis.adjacency.tolerances import Lengths

# Plots that a thread takes at once.
CHUNK = 2_000

Kernel = Callable[[Desk, int, int], list[Records]]
Report = Callable[[float], None]


def typed_records(fabric: Fabric, lengths: Lengths, n_threads: int | None, report: Report) -> Records:
    """Return the typed pairs of a fabric, records of `PAIR` ordered by position; what overlaps is suspect.

    The rows do not depend on `n_threads` (all processors if None). `report` is told the share done.
    """
    n_plots = len(fabric.plots)
    crew = Crew(fabric, n_threads or os.cpu_count() or 1)
    parts = crew.rows(
        lambda desk, first, last: meetings(fabric, desk, first, last, lengths),
        lambda done: report(0.7 * done),
    )
    rows = _joined(parts, MEETING)
    start, filed = _filed(rows, n_plots)
    pairs = crew.rows(
        lambda desk, first, last: [decided(fabric, desk, rows, start, filed, first, last, lengths)],
        lambda done: report(0.7 + 0.2 * done),
    )
    return _ordered(_joined(pairs, PAIR), n_plots)


def _filed(rows: Records, n_plots: int) -> tuple[Ints, Positions]:
    """Return where each plot's rows start, and their numbers by the lesser plot."""
    counts = np.zeros(n_plots + 1, dtype=np.int64)
    count_by_lesser(rows, counts[1:])
    start = np.cumsum(counts)
    filed = np.empty(len(rows), dtype=np.int32)
    file_by_lesser(rows, start.copy(), filed)
    return start, filed


def _ordered(pairs: Records, n_plots: int) -> Records:
    """Return pairs by their first plot, then their second."""
    start, filed = _filed(pairs, n_plots)
    ordered = np.empty_like(pairs)
    _put_in_order(pairs, start, filed, ordered)
    return ordered


@compiled
def _put_in_order(pairs: Records, start: Ints, filed: Positions, ordered: Records) -> None:
    for plot in range(len(start) - 1):
        sort_filed(pairs, filed, start[plot], start[plot + 1])
    for nth in range(len(filed)):
        ordered[nth] = pairs[filed[nth]]


class Crew:
    """Threads that each have a desk for the same fabric."""

    def __init__(self, fabric: Fabric, n_threads: int) -> None:
        self._n_plots = len(fabric.plots)
        self._n_threads = max(1, min(n_threads, -(-self._n_plots // CHUNK)))
        self._desks: SimpleQueue[Desk] = SimpleQueue()
        for _ in range(self._n_threads):
            self._desks.put(desk_for(fabric))

    def rows(self, kernel: Kernel, report: Report) -> list[Records]:
        """Return what a kernel gives for each chunk of plots, in their order."""
        starts = range(0, self._n_plots, CHUNK)
        found: list[Records] = []
        for n_done, parts in enumerate(self._done(lambda start: self._at_a_desk(kernel, start), starts), 1):
            found.extend(parts)
            report(n_done / len(starts))
        return found

    def _done(self, work: Callable[[int], list[Records]], starts: range) -> Iterator[list[Records]]:
        if self._n_threads == 1:
            yield from map(work, starts)
            return
        with ThreadPoolExecutor(self._n_threads) as pool:
            yield from pool.map(work, starts)

    def _at_a_desk(self, kernel: Kernel, start: int) -> list[Records]:
        desk = self._desks.get()
        try:
            return kernel(desk, start, min(start + CHUNK, self._n_plots))
        finally:
            self._desks.put(desk)


def _joined(parts: list[Records], kind: np.dtype[np.void]) -> Records:
    """Return parts one after the other; each is let go once it is copied."""
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    rows = np.empty(int(ends[-1]) if len(ends) else 0, dtype=kind)
    # As bytes: numpy copies records field by field, twenty times as slow.
    whole = rows.view(np.dtype((np.void, kind.itemsize)))
    for end in ends[::-1]:
        part = parts.pop()
        whole[end - len(part) : end] = part.view(whole.dtype)
    return rows
