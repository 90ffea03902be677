"""Tiles kept in memory: everybody who looks at a map asks for the same ones."""

from __future__ import annotations

from flask import Flask, current_app

from app.cache import Cache
from app.db.features.tiles import Tile

# What a tile takes beside its own bytes.
_OVERHEAD_BYTES = 400
TileCache = Cache[bytes, Tile]


def init_app(app: Flask, most_mb: int) -> None:
    """Give each process of the service its own tiles to keep."""
    app.extensions["tile_cache"] = TileCache(most_mb * 2**20, lambda tile: len(tile.layer) + _OVERHEAD_BYTES)


def tile_cache() -> TileCache:
    """Return the tiles that this process keeps, by a hash of what was asked."""
    found: TileCache = current_app.extensions["tile_cache"]
    return found
