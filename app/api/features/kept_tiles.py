"""Tiles kept in memory: everybody who looks at a map asks for the same ones."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from flask import Flask, current_app

# What a kept tile costs beside its own bytes and those of its key.
_OVERHEAD_BYTES = 200


class KeptTiles:
    """Drawn tiles by what they show; of more than fit, those are dropped that nobody asked for longest.

    Their keys hold the state of the data, so that a kept tile is never older than the data are.

    Parameters
    ----------
    most_bytes : int
        How much memory all of them may take; 0 keeps none.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._tiles: OrderedDict[str, bytes] = OrderedDict()
        self._n_bytes = 0
        self._turn = Lock()

    def get(self, key: str) -> bytes | None:
        """Return a tile; None where it is not kept."""
        with self._turn:
            found = self._tiles.get(key)
            if found is not None:
                self._tiles.move_to_end(key)
            return found

    def keep(self, key: str, tile: bytes) -> None:
        """Keep a tile, if it fits at all."""
        size = _size(key, tile)
        if size > self._most_bytes:
            return
        with self._turn:
            if key in self._tiles:
                return
            self._tiles[key] = tile
            self._n_bytes += size
            while self._n_bytes > self._most_bytes:
                self._n_bytes -= _size(*self._tiles.popitem(last=False))


def _size(key: str, tile: bytes) -> int:
    return len(key) + len(tile) + _OVERHEAD_BYTES


def init_app(app: Flask, most_mb: int) -> None:
    """Give each process of the service its own tiles to keep."""
    app.extensions["kept_tiles"] = KeptTiles(most_mb * 2**20)


def kept_tiles() -> KeptTiles:
    """Return the tiles that this process keeps."""
    found: KeptTiles = current_app.extensions["kept_tiles"]
    return found
