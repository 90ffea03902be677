"""Work cut into chunks of plots, handed to threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

import numpy as np

from app.analysis.adjacency.kernels.arrays import Records

# Plots that a thread takes at once; more where each is little work, for to wake threads takes time.
CHUNK, LARGE_CHUNK = 2_500, 20_000

Part = TypeVar("Part")


class Threads:
    """Threads that take chunks of plots, for as long as the block of ``with`` lasts.

    None is started where there is one chunk alone, or where there is to be one thread alone.
    """

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads
        self._pool = ThreadPoolExecutor(n_threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def in_chunks(self, work: Callable[[int, int], Part], n_plots: int, chunk: int = CHUNK) -> Iterator[Part]:
        """Yield what `work` gives for each chunk of plots, first and last (left out), in their order."""

        def part(start: int) -> Part:
            return work(start, min(start + chunk, n_plots))

        starts = range(0, n_plots, chunk)
        is_alone = self.n_threads == 1 or len(starts) < 2
        yield from map(part, starts) if is_alone else self._pool.map(part, starts)


def joined(parts: list[Records], kind: np.dtype[np.void]) -> Records:
    """Return records of `kind` one after the other; each of the `parts` is let go once it is copied."""
    rows = np.empty(sum(map(len, parts)), dtype=kind)
    # As bytes: numpy copies records field by field, twenty times as slow.
    free = rows.view(np.uint8)
    while parts:
        part = parts.pop().view(np.uint8)
        free[len(free) - len(part) :] = part
        free = free[: len(free) - len(part)]
    return rows
