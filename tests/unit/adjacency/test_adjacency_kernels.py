"""The parts of the second implementation of neighbors, each against the plainest way to the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference.adjacency_numpy.contact import merged
from tests.reference.adjacency_numpy.segments import Views, chunks, counted
from tests.reference.adjacency_numpy.sight import first_seen

cells = st.integers(0, 30)
intervals = st.lists(
    st.tuples(st.integers(0, 3), cells, cells).filter(lambda row: row[1] < row[2]), max_size=20
)
lines = st.tuples(st.integers(0, 2), cells, cells, st.integers(0, 40), st.integers(0, 40), st.integers(0, 5))


@given(intervals)
def test_merged_intervals_cover_the_same_cells_once(rows: list[tuple[int, int, int]]) -> None:
    group, t0, t1 = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    union = merged(group, t0.astype(float), t1.astype(float))
    covered = [
        (g, n) for g, a, b in zip(union.group, union.t0, union.t1, strict=True) for n in range(int(a), int(b))
    ]
    assert covered == sorted({(g, n) for g, a, b in rows for n in range(a, b)})
    parted = (np.diff(union.group) > 0) | (union.t0[1:] > union.t1[:-1])
    assert parted.all()


def test_intervals_a_nanometre_apart_become_one() -> None:
    union = merged(np.array([0, 0, 0]), np.array([0.0, 1.0 + 1e-9, 3.0]), np.array([1.0, 2.0, 4.0]))
    assert union.t1.tolist() == [2.0, 4.0]


@settings(deadline=None, max_examples=60)
@given(st.lists(lines.filter(lambda line: line[1] < line[2]), max_size=12))
def test_the_first_seen_are_those_of_sampling(rows: list[tuple[int, int, int, int, int, int]]) -> None:
    viewer, t0, t1, h0, h1, plot = np.array(rows, dtype=np.int64).reshape(-1, 6).T
    floats = [values.astype(float) for values in (t0, t1, h0, h1)]
    found = first_seen(Views(viewer, viewer, *floats, viewer > 9), plot)
    step = 1 / 64
    for who in range(3):
        rough = np.zeros(6)
        for t in np.arange(step / 2, 30, step):
            there = [row for row in rows if row[0] == who and row[1] < t < row[2]]
            if there:
                rough[min(there, key=lambda row: (height(row, t), slope(row), row[5]))[5]] += step
        exact = np.bincount(found[1][found[0] == who], weights=found[2][found[0] == who], minlength=6)
        # One sample more or less at each place where the nearest changes.
        np.testing.assert_allclose(exact, rough, atol=step * (4 * len(rows) + 1))
        assert abs(exact.sum() - np.round(exact.sum())) < 1e-6


def slope(row: tuple[int, ...]) -> float:
    _, t0, t1, h0, h1, _ = row
    return (h1 - h0) / (t1 - t0)


def height(row: tuple[int, ...], t: float) -> float:
    return row[3] + slope(row) * (t - row[1])


def test_rows_are_counted_and_cut_without_loss() -> None:
    row, nth = counted(np.array([2, 0, 3]))
    assert (row.tolist(), nth.tolist()) == ([0, 0, 2, 2, 2], [0, 1, 0, 1, 2])
    assert [(part.start, part.stop) for part in chunks(5, 2)] == [(0, 2), (2, 4), (4, 5)]
    assert [(part.start, part.stop) for part in chunks(0, 2)] == [(0, 0)]
