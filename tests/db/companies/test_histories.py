"""Correct, change, correct the day, undo and restore, against a model that knows only days."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from benchmarks.histories import run_history

ACTS = ("change", "correct", "correct_day", "undo", "restore")


def test_random_histories_are_as_their_words_say(connection: Connection) -> None:
    """`python -m benchmarks.editing --histories 10000` runs more of them."""
    tally: Counter[str] = Counter()
    for seed in range(12):
        tally += run_history(connection, seed)
    assert all(tally[f"{act} done"] and tally[f"{act} refused"] for act in ACTS), tally
    assert tally["undone at once"]
