"""Which stops can come next, as far as orders and positions go."""

from __future__ import annotations

from app.analysis.machine_code import compiled
from app.analysis.tours.tasks import TaskData


@compiled
def candidates(task: TaskData, visited: int, n_visited: int) -> int:
    """Return the stops, as bits, that may be visited after those `visited`."""
    left = task.required & ~visited
    free, placed, is_waiting = 0, 0, False
    for stop in range(task.n):
        one = task.stops[stop]
        if one.position == n_visited and left >> stop & 1:
            is_waiting = True
        if visited >> stop & 1 or visited & one.behind or one.before & left:
            continue
        if task.last == stop and left != 1 << stop:
            continue
        if one.position < 0:
            free |= 1 << stop
        elif one.position == n_visited:
            placed |= 1 << stop
    return placed if is_waiting else free | placed


@compiled
def n_bits(bits: int) -> int:
    """Return how many bits are set."""
    n = 0
    while bits:
        bits &= bits - 1
        n += 1
    return n
