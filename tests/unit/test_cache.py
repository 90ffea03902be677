"""What is kept in memory: bounded, the least asked for go first, right for many threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier, Event, Thread

import pytest

from app.cache import Cache
from tests.waiting import LAST_RESORT_S


def test_what_is_kept_is_found_and_nothing_else() -> None:
    kept = Cache[str, bytes](3)
    kept.put("a", b"tile")
    kept.put("empty", b"")
    assert (kept.get("a"), kept.get("empty"), kept.get("b")) == (b"tile", b"", None)
    kept.put("a", b"newer")
    assert kept.get("a") == b"newer"


def test_what_is_kept_is_not_made_again() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("x")
        return f"value {len(made)}"

    kept = Cache[str, str](2)
    assert [kept.get_or_make("a", make) for _ in range(3)] == ["value 1"] * 3
    assert [kept.get_or_make(key, make) for key in "bca"] == ["value 2", "value 3", "value 4"]


@pytest.mark.parametrize("size", [None, len])
def test_who_is_not_asked_for_goes_first(size: type[len] | None) -> None:
    kept = Cache[str, bytes](3 if size is None else 2_100, size)
    for name in "abc":
        kept.put(name, bytes(700))
    assert kept.get("a") is not None
    kept.put("d", bytes(700))
    assert [name for name in "abcd" if kept.get(name) is not None] == ["a", "c", "d"]


def test_never_more_than_allowed() -> None:
    chance, most = Random(3), 20_000
    kept, names = Cache[str, bytes](most, len), [f"tile {n}" for n in range(300)]
    for name in chance.choices(names, k=3_000):
        kept.put(name, bytes(chance.randrange(3_000)))
        held = [tile for each in names if (tile := kept.get(each)) is not None]
        assert sum(map(len, held)) <= most
    assert len(held) > 5


def test_what_never_fits_and_a_cache_that_is_off_are_made_each_time() -> None:
    small, off = Cache[str, bytes](1_000, len), Cache[str, bytes](0)
    for cache, value in ((small, bytes(1_001)), (off, b"")):
        cache.put("a", value)
        assert cache.get("a") is None
        assert cache.get_or_make("a", lambda value=value: value) == value
        assert cache.get("a") is None


def test_threads_that_make_the_same_are_given_the_same() -> None:
    """All of them find nothing before any of them has made it."""
    kept, all_make = Cache[str, object](10), Barrier(4)

    def make() -> object:
        all_make.wait(LAST_RESORT_S)
        return object()

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: kept.get_or_make("a", make), range(4)))
    assert {id(each) for each in found} == {id(kept.get("a"))}


def test_who_makes_something_holds_up_nobody() -> None:
    kept, may_end = Cache[str, str](10), Event()

    def slow() -> str:
        assert may_end.wait(LAST_RESORT_S)
        return "slow"

    thread = Thread(target=kept.get_or_make, args=("a", slow))
    thread.start()
    assert kept.get_or_make("b", lambda: "quick") == "quick"
    may_end.set()
    thread.join(LAST_RESORT_S)
    assert kept.get("a") == "slow"


def test_nothing_is_looked_up_without_the_lock() -> None:
    """cachetools asks whether a key is there and then takes it: nobody may come in between."""
    kept, was_locked = Cache[object, str](2), list[bool]()

    class Key:
        def __hash__(self) -> int:
            was_locked.append(kept._lock.locked())
            return 1

    key = Key()
    kept.put(key, "value")
    assert kept.get(key) == kept.get_or_make(key, str) == "value"
    for other in "abc":
        kept.put(other, other)
    assert kept.get_or_make(key, lambda: "again") == "again"
    assert len(was_locked) > 8
    assert all(was_locked)
