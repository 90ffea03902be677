"""Sorting on disk gives what sorting in memory gives."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange import sorted_runs
from app.exchange.sorted_runs import in_blocks, merged, read_table, write_run, write_table

KEYS = st.one_of(
    st.lists(st.lists(st.text("aäz€𝄞Z0", max_size=3), max_size=40), min_size=1, max_size=8),
    st.lists(st.lists(st.integers(-5, 5), max_size=40), min_size=1, max_size=8),
)


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_runs, "BLOCK_ROWS", 4)


def written(folder: Path, runs: list[list[object]]) -> list[Path]:
    kind = pa.string() if any(isinstance(key, str) for run in runs for key in run) else pa.int64()
    paths = []
    for number, run in enumerate(runs):
        paths.append(folder / f"{number}.arrow")
        keys = sorted(run)  # type: ignore[type-var]
        write_run(
            pa.table({"key": pa.array(keys, kind), "run": pa.array([number] * len(keys), pa.int64())}),
            paths[-1],
        )
    return paths


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(KEYS, st.sampled_from([0, 10**9]))
def test_merged_runs_are_what_sorting_gives(runs: list[list[object]], most_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tables = list(merged(written(Path(folder), runs), "key", most_bytes, Path(folder)))
    rows = [(key, run) for table in tables for key, run in zip(*table.to_pydict().values(), strict=True)]
    expected = sorted(((key, number) for number, run in enumerate(runs) for key in run))  # type: ignore[type-var]
    assert rows == expected
    # The same key never comes in two tables.
    ends = [(table["key"][0].as_py(), table["key"][-1].as_py()) for table in tables]
    assert all(before[1] != after[0] for before, after in pairwise(ends))


def test_runs_do_not_need_more_memory_than_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_runs, "BLOCK_ROWS", 1_000)
    paths = written(tmp_path, [list(range(number, 200_000, 20)) for number in range(20)])
    before = pa.total_allocated_bytes()
    most, n_rows = 0, 0
    for table in merged(paths, "key", 10**9, tmp_path):
        most, n_rows = max(most, pa.total_allocated_bytes() - before), n_rows + table.num_rows
    assert n_rows == 200_000
    # Twenty runs, up to two blocks of 16 bytes a row each, once as read, once in order.
    assert most < 20 * 2 * 1_000 * 16 * 3


def test_blocks_are_of_one_size_however_the_tables_are(tmp_path: Path) -> None:
    def tables(*sizes: int) -> Iterator[pa.Table]:
        first = 0
        for size in sizes:
            yield pa.table({"n": pa.array(range(first, first + size), pa.int64())})
            first += size

    for sizes in [(10,), (3, 3, 3, 1), (1,) * 10, (0, 7, 0, 3), (4, 4, 2)]:
        blocks = [block["n"].to_pylist() for block in in_blocks(tables(*sizes), 4)]
        assert blocks == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert list(in_blocks(tables(0), 4)) == []


def test_an_interrupted_file_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    write_table(pa.table({"n": [1]}), path)
    with pytest.raises(OSError, match="nowhere"):
        write_table(pa.table({"n": [2]}), tmp_path / "nowhere" / "a.arrow")
    assert read_table(path, ["n"])["n"].to_pylist() == [1]
    assert [found.name for found in tmp_path.iterdir()] == ["a.arrow"]
