"""The questions that servers are asked, and how fast they answer them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

import numpy as np
import shapely

from app.domain.crs import STORAGE_CRS, WGS84_CRS, transformer
from benchmarks.api_reader import Reader
from benchmarks.api_servers import Peer
from benchmarks.fabric import Floats

# Kept-alive connections that ask at the same time, each its next question when the last is answered.
N_READERS = 2
LEAST_S, LEAST_ANSWERS = 3.0, 12
WARM_S = 1.0
# So many different questions of a kind that hardly one is asked twice.
N_QUESTIONS = 2_000
BOX_M = (390.0, 310.0)
ZOOM = 15
TILES = f"tile at zoom {ZOOM}"

Questions = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Speed:
    """How a server answered one kind of question."""

    per_s: float
    p50_ms: float
    p99_ms: float
    n_answers: int
    body_kb: float


def questions(peer: Peer, rings: Floats) -> Questions:
    """Return the paths of all questions by their kind: the same questions for every server."""
    chance = np.random.default_rng(5)
    picked = chance.integers(len(rings), size=N_QUESTIONS)
    low_m = chance.uniform(600, 1200, N_QUESTIONS)
    return {
        "1 item": [f"{peer.items}/p{nth:08d}" for nth in picked],
        "100 items in a box": [
            f"{peer.items}?{urlencode({'limit': 100, 'bbox': box})}" for box in _boxes(rings[picked])
        ],
        "10,000 items": [f"{peer.items}?limit=10000"],
        "CQL2 filter, 100 items": [
            f"{peer.items}?{_filtered(peer, f'area_m2 > {least:.1f} AND area_m2 < {least + 60:.1f}')}"
            for least in low_m
        ],
        TILES: sorted({_tile(peer, ring) for ring in rings[picked]}),
    }


def _filtered(peer: Peer, told: str) -> str:
    return urlencode({"limit": 100, "filter": told, "filter-lang": peer.language})


def _boxes(rings: Floats) -> list[str]:
    low = rings.min(axis=1)
    to_wgs84 = transformer(STORAGE_CRS, WGS84_CRS)
    west, south = to_wgs84.transform(low[:, 0], low[:, 1])
    east, north = to_wgs84.transform(low[:, 0] + BOX_M[0], low[:, 1] + BOX_M[1])
    return [",".join(f"{each:.6f}" for each in box) for box in zip(west, south, east, north, strict=True)]


def _tile(peer: Peer, ring: Floats) -> str:
    x, y = transformer(STORAGE_CRS, "EPSG:3857").transform(*shapely.Polygon(ring).centroid.coords[0])
    edge_m = 2 * np.pi * 6378137 / 2**ZOOM
    column, row = int(x / edge_m + 2 ** (ZOOM - 1)), int(2 ** (ZOOM - 1) - y / edge_m)
    return peer.tile.format(z=ZOOM, x=column, y=row)


def measure(port: int, paths: Sequence[str]) -> Speed:
    """Return how fast `paths` are answered, asked in turn by `N_READERS` for some seconds."""
    asked = count()
    _read(port, paths, asked, WARM_S, 1)
    began_s = time.perf_counter()
    with ThreadPoolExecutor(N_READERS) as pool:
        least = -(-LEAST_ANSWERS // N_READERS)
        answers = [pool.submit(_read, port, paths, asked, LEAST_S, least) for _ in range(N_READERS)]
        read = [each for answer in answers for each in answer.result()]
    took_s = time.perf_counter() - began_s
    times_ms = 1000 * np.array([seconds for seconds, _ in read])
    p50, p99 = np.percentile(times_ms, (50, 99))
    return Speed(len(read) / took_s, p50, p99, len(read), float(np.mean([size for _, size in read])) / 1000)


def _read(
    port: int, paths: Sequence[str], asked: count[int], least_s: float, least: int
) -> list[tuple[float, int]]:
    read: list[tuple[float, int]] = []
    with Reader(port) as reader:
        until_s = time.perf_counter() + least_s
        while len(read) < least or time.perf_counter() < until_s:
            began_s = time.perf_counter()
            body = reader.ask(paths[next(asked) % len(paths)])
            read.append((time.perf_counter() - began_s, len(body)))
    return read


def told_counts(port: int, paths: Sequence[str]) -> list[tuple[int, int]]:
    """Return ``(numberMatched, numberReturned)`` of some answers, to be compared between servers."""
    with Reader(port) as reader:
        answers = [json.loads(reader.ask(path)) for path in paths[:20]]
    return [(each["numberMatched"], len(each["features"])) for each in answers]
