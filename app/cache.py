"""What is kept in memory for whoever asks again: the one cache of this program, safe for threads."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Cache(Generic[K, V]):
    """A bounded number of values by key; of more than fit, those go that nobody asked for longest.

    Parameters
    ----------
    most : int
        How many values fit, or how much of `size_of` all of them may take; 0 keeps none.
    size_of : callable, optional
        How much room a value takes.

    Notes
    -----
    None is no value. Values are shared by all who ask: nobody may change them.

    Examples
    --------
    >>> squares = Cache[int, int](2)
    >>> [squares.get_or_make(n, lambda: n * n) for n in (1, 2, 3)]
    [1, 4, 9]
    >>> squares.get(1), squares.get(3)
    (None, 9)
    """

    def __init__(self, most: int, size_of: Callable[[V], int] | None = None) -> None:
        self._kept: LRUCache[K, V] = LRUCache(most, size_of)
        # Even to look something up changes the order in which values go.
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Return a value; None where it is not kept."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep a value in place of an older one, if it fits at all."""
        with self._lock:
            self._put(key, value)

    def get_or_make(self, key: K, make: Callable[[], V]) -> V:
        """Return a value, made where it is not kept.

        Of threads that make the same value at once, all are given the one that was finished first. Others
        do not wait meanwhile.
        """
        found = self.get(key)
        if found is not None:
            return found
        made = make()
        with self._lock:
            first = self._kept.get(key)
            if first is not None:
                return first
            self._put(key, made)
        return made

    def _put(self, key: K, value: V) -> None:
        # One that is larger than all the room there is.
        with suppress(ValueError):
            self._kept[key] = value
