"""Tiles kept in memory: bounded, the least asked for go first."""

from __future__ import annotations

from random import Random

from app.api.features.kept_tiles import KeptTiles


def test_what_is_kept_is_found_and_nothing_else() -> None:
    kept = KeptTiles(10_000)
    kept.keep("a", b"tile")
    kept.keep("empty", b"")
    assert (kept.get("a"), kept.get("empty"), kept.get("b")) == (b"tile", b"", None)


def test_the_first_drawn_stays() -> None:
    kept = KeptTiles(10_000)
    for tile in (b"one", b"other"):
        kept.keep("a", tile)
    assert kept.get("a") == b"one"


def test_who_is_not_asked_for_goes_first() -> None:
    kept = KeptTiles(3_000)
    for name in "abc":
        kept.keep(name, bytes(700))
    assert kept.get("a") is not None
    kept.keep("d", bytes(700))
    assert [name for name in "abcd" if kept.get(name) is not None] == ["a", "c", "d"]


def test_never_more_than_allowed() -> None:
    chance, most = Random(3), 20_000
    kept, names = KeptTiles(most), [f"tile {n}" for n in range(300)]
    for name in chance.choices(names, k=3_000):
        kept.keep(name, bytes(chance.randrange(3_000)))
        held = [tile for each in names if (tile := kept.get(each)) is not None]
        assert sum(map(len, held)) <= most
    assert len(held) > 5


def test_a_tile_that_never_fits_and_a_cache_that_is_off() -> None:
    kept = KeptTiles(1_000)
    kept.keep("a", bytes(1_000))
    off = KeptTiles(0)
    off.keep("a", b"")
    assert kept.get("a") is None
    assert off.get("a") is None
