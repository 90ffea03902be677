"""Edits over time: random histories, each compared with a plain model in memory.

``python -m benchmarks.editing --histories 10000``
"""

from __future__ import annotations

import argparse
from collections import Counter

from benchmarks.database import private_database
from benchmarks.histories import run_history

_EVERY = 100


def main() -> None:
    """Run as many histories as asked for, and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    tally: Counter[str] = Counter()
    with private_database() as connection:
        for n in range(asked.histories):
            tally += run_history(connection, asked.seed + n)
            connection.rollback()
            if (n + 1) % _EVERY == 0 or n + 1 == asked.histories:
                print(f"{n + 1} histories: {_told(tally)}", flush=True)


def _told(tally: Counter[str]) -> str:
    return ", ".join(f"{tally[name]} {name}" for name in sorted(tally))


if __name__ == "__main__":
    main()
