"""Tables too large for memory, put in order on disk: sorted runs, merged block by block."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# Rows that are read at once of one run.
BLOCK_ROWS = 8_192


def write_table(table: pa.Table, path: Path, *, most_rows: int | None = None) -> None:
    """Write a table as an Arrow file, wholly or not at all."""
    partial = path.with_name(f"{path.name}.part")
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.OSFile(str(partial), "wb") as sink, pa.ipc.new_file(sink, table.schema, options=options) as file:
        file.write_table(table, max_chunksize=most_rows)
    partial.replace(path)


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return the table of an Arrow file, or some of its columns."""
    with pa.OSFile(str(path), "rb") as source:
        fields = None
        if columns is not None:
            schema = pa.ipc.open_file(source).schema
            fields = [schema.get_field_index(name) for name in columns]
        options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
        return pa.ipc.open_file(source, options=options).read_all()


def schema_of(path: Path) -> pa.Schema:
    """Return the columns of an Arrow file."""
    with pa.OSFile(str(path), "rb") as source:
        return pa.ipc.open_file(source).schema


def n_blocks_of(run: Path) -> int:
    """Return the number of blocks of a file of `write_run`."""
    with pa.OSFile(str(run), "rb") as source:
        return int(pa.ipc.open_file(source).num_record_batches)


def write_run(table: pa.Table, path: Path) -> None:
    """Write a sorted table so that it can be merged with others; it takes its place when it is whole."""
    write_table(table.combine_chunks(), path, most_rows=BLOCK_ROWS)


@dataclass
class _Run:
    """What is in memory of a run: rows not yet given, and how many blocks were read."""

    path: Path
    by: str
    rows: pa.Table
    n_read: int
    n_blocks: int

    @classmethod
    def opened(cls, path: Path, by: str) -> _Run:
        with pa.OSFile(str(path), "rb") as source:
            file = pa.ipc.open_file(source)
            run = cls(path, by, file.schema.empty_table(), 0, file.num_record_batches)
        run.read_on()
        return run

    @property
    def has_more(self) -> bool:
        return self.n_read < self.n_blocks

    @property
    def last(self) -> Any:
        return self.rows[self.by][-1].as_py()

    def read_on(self) -> None:
        """Add the next block."""
        if not self.has_more:
            return
        # Opened anew each time: there may be more runs than a process may hold files.
        with pa.OSFile(str(self.path), "rb") as source:
            block = pa.ipc.open_file(source).get_batch(self.n_read)
        self.rows = pa.concat_tables([self.rows, pa.Table.from_batches([block])])
        self.n_read += 1

    def taken_before(self, limit: Any) -> pa.Table:
        """Take the rows whose key is less than `limit`, all if that is None."""
        n_rows = self.rows.num_rows
        if limit is not None:
            column = self.rows[self.by]
            n_rows = bisect_left(range(n_rows), limit, key=lambda row: column[row].as_py())
        taken, self.rows = self.rows.slice(0, n_rows), self.rows.slice(n_rows)
        return taken


def merged(runs: Sequence[Path], by: str, most_bytes: int, folder: Path) -> Iterator[pa.Table]:
    """Yield the rows of sorted runs in one order.

    Parameters
    ----------
    runs : sequence of Path
        Files of `write_run`, each sorted by the column `by`, of one schema.
    by : str
        Column of text or numbers, without nulls. Text is ordered by code point.
    most_bytes : int
        Memory for blocks of runs; where the runs are too many for it, some are first merged into longer ones.
    folder : Path
        Where those are written.

    Yields
    ------
    pa.Table
        Sorted, one after the other; rows with the same key come together, in the order of `runs`.
    """
    level = 0
    while len(runs) > (n_at_once := _n_at_once(runs, most_bytes)):
        groups = [runs[start : start + n_at_once] for start in range(0, len(runs), n_at_once)]
        runs = [
            _joined(group, by, folder / f"merged-{level}-{number:05}.arrow")
            for number, group in enumerate(groups)
        ]
        level += 1
    yield from _merged(runs, by)


def _n_at_once(runs: Sequence[Path], most_bytes: int) -> int:
    """Return how many runs fit into memory together, at least two."""
    largest = max(_block_bytes(run) for run in (runs[0], runs[-1]))
    # A run holds up to two blocks, and what is taken of it is copied when it is put in order.
    return max(2, most_bytes // (4 * max(largest, 1)))


def _block_bytes(run: Path) -> int:
    with pa.OSFile(str(run), "rb") as source:
        file = pa.ipc.open_file(source)
        return int(file.get_batch(0).nbytes) if file.num_record_batches else 0


def _joined(runs: Sequence[Path], by: str, path: Path) -> Path:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with (
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_file(sink, schema_of(runs[0]), options=options) as file,
    ):
        for rows in in_blocks(_merged(runs, by), BLOCK_ROWS):
            file.write_table(rows)
    return path


def _merged(paths: Sequence[Path], by: str) -> Iterator[pa.Table]:
    runs = [_Run.opened(path, by) for path in paths]
    while runs:
        for run in runs:
            if run.rows.num_rows < BLOCK_ROWS // 2:
                run.read_on()
        # Below the least of the last keys nothing is still to come.
        unfinished = [run.last for run in runs if run.has_more]
        limit = min(unfinished) if unfinished else None
        taken = [rows for rows in (run.taken_before(limit) for run in runs) if rows.num_rows]
        if taken:
            yield _ordered(pa.concat_tables(taken), by)
        else:
            for run in runs:
                if run.has_more and run.last == limit:
                    run.read_on()
        runs = [run for run in runs if run.rows.num_rows or run.has_more]


def _ordered(rows: pa.Table, by: str) -> pa.Table:
    """Return rows sorted by a column; those with the same key stay in their order."""
    return rows.combine_chunks().take(pc.sort_indices(rows[by].combine_chunks()))


def in_blocks(tables: Iterator[pa.Table], n_rows: int) -> Iterator[pa.Table]:
    """Yield the rows of tables in blocks of exactly `n_rows`, the last one shorter."""
    waiting: list[pa.Table] = []
    n_waiting = 0
    for table in tables:
        waiting.append(table)
        n_waiting += table.num_rows
        if n_waiting < n_rows:
            continue
        rows = pa.concat_tables(waiting)
        for start in range(0, n_waiting - n_rows + 1, n_rows):
            yield rows.slice(start, n_rows).combine_chunks()
        rest = n_waiting % n_rows
        waiting, n_waiting = [rows.slice(n_waiting - rest)], rest
    if n_waiting:
        yield pa.concat_tables(waiting).combine_chunks()
