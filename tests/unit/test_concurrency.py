"""So many at a time: the next waits, who comes after it is refused, and what is given back is free again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

import pytest

from app.concurrency import ConcurrencyLimit
from app.errors import BusyError
from tests.waiting import LAST_RESORT_S, wait_until


def test_of_two_at_a_time_a_third_is_refused_at_once_and_comes_in_afterwards() -> None:
    limit = ConcurrencyLimit(2, "busy")
    with limit.held():
        with limit.held(), pytest.raises(BusyError, match="busy"), limit.held():
            pass
        with limit.held():
            pass


def test_a_place_is_free_again_after_a_failure() -> None:
    limit = ConcurrencyLimit(1, "busy")
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), limit.held():
            raise ZeroDivisionError


def test_one_waits_for_the_place_and_the_next_is_refused() -> None:
    queue = BoundedSemaphore(1)
    limit = ConcurrencyLimit(1, "busy", within_s=LAST_RESORT_S, queue=queue)
    # Two limits that share their queue: who waits for the one is in the way of who would wait for the other.
    other = ConcurrencyLimit(1, "busy, too", within_s=LAST_RESORT_S, queue=queue)

    def one() -> str:
        with limit.held():
            return "done"

    with ThreadPoolExecutor(1) as threads, limit.held(), other.held():
        waiting = threads.submit(one)
        wait_until(lambda: queue._value == 0, "it waits")
        for each in (limit, other):
            with pytest.raises(BusyError), each.held():
                pass
        assert not waiting.done()
    assert waiting.result(LAST_RESORT_S) == "done"


def test_who_waits_in_vain_is_refused_and_leaves_the_queue() -> None:
    limit = ConcurrencyLimit(1, "busy", within_s=0.001)
    with limit.held():
        for _ in range(2):
            with pytest.raises(BusyError), limit.held():
                pass
    with limit.held():
        pass
