"""Time walks between 25 places, in a park and among a million edges: ``python -m benchmarks.network``.

Every engine runs in a process of its own, one after the other. What each needs before the first question is
told apart; lengths are compared with this project's. Read the ratios, not the seconds. The table goes into
``benchmarks/README.md`` between its marks.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from app.analysis.walking.network import make_network, network_of
from app.analysis.walking.snapping import serving_component, snap
from app.analysis.walking.walkable import walkable_subgraph
from app.domain.crs import STORAGE_CRS
from benchmarks.network_engines import BOX_M, ENGINES, Case

SHIPPED = Path(__file__).parents[1] / "geodata" / "heinenkamp" / "walkways.geojson"
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- network -->", "<!-- /network -->"

N_PLACES = 25
# Edges of a city made up as a grid with crooked streets.
CITY_EDGES = 1_000_000
BLOCK_M, JITTER_M, WALK_M = 100.0, 25.0, 3000.0
MOST_S = 120.0
ENOUGH_S, MOST_RUNS = 1.0, 15


def park_case() -> Case:
    """Return the shipped network with places some metres beside it."""
    network = make_network(gpd.read_file(SHIPPED).to_crs(STORAGE_CRS))
    subgraph = walkable_subgraph(network)
    edges = np.flatnonzero(subgraph.component == subgraph.component_length_m.argmax())
    return _case(network, edges, np.random.default_rng(25))


def city_case(n_edges: int = CITY_EDGES) -> Case:
    """Return a network of about so many edges, and places within `WALK_M` of one another in its middle."""
    chance = np.random.default_rng(1)
    n = round((n_edges / 2) ** 0.5)
    knots = BLOCK_M * np.indices((n, n)).transpose(1, 2, 0) + chance.uniform(-JITTER_M, JITTER_M, (n, n, 2))
    knots += (400_000.0, 5_700_000.0)
    across = np.stack([knots[:-1].reshape(-1, 2), knots[1:].reshape(-1, 2)], axis=1)
    along = np.stack([knots[:, :-1].reshape(-1, 2), knots[:, 1:].reshape(-1, 2)], axis=1)
    tips = np.concatenate([across, along])
    bends = tips.mean(axis=1, keepdims=True) + chance.uniform(-8, 8, (len(tips), 1, 2))
    xy = np.concatenate([tips[:, :1], bends, tips[:, 1:]], axis=1).reshape(-1, 2)
    n_edges = len(tips)
    same = {name: np.full(n_edges, None, dtype=object) for name in ("key", "name", "surface", "kerb")}
    texts = {
        name: np.full(n_edges, word, dtype=object)
        for name, word in (("kind", "street"), ("access", "public"))
    }
    network = network_of(xy, 3 * np.arange(n_edges + 1), {**same, **texts})
    middle = network.xy.mean(axis=0)
    is_near = np.abs(bends[:, 0] - middle).max(axis=1) < WALK_M / 2
    return _case(network, np.flatnonzero(is_near), chance)


def _case(network: Any, edges: Any, chance: np.random.Generator) -> Case:
    """Return places up to 20 m beside some of the edges."""
    lines = network.lines_of(chance.choice(edges, N_PLACES, replace=False))
    points = shapely.line_interpolate_point(lines, chance.uniform(0.1, 0.9, N_PLACES), normalized=True)
    xy = shapely.get_coordinates(points) + chance.uniform(-14, 14, (N_PLACES, 2))
    places = np.asarray(shapely.points(xy), dtype=object)
    subgraph = walkable_subgraph(network)
    return Case(network, places, snap(subgraph, places, serving_component(subgraph, places)))


CASES = {"park": park_case, "city": city_case}


def measure(engine: str, name: str, answers: Path) -> None:
    """Print as JSON what one engine needs for one case, and save its lengths."""
    case = CASES[name]()
    began_s = time.perf_counter()
    with ENGINES[engine](case) as lengths_m:
        prepared_s = time.perf_counter() - began_s
        times_s: list[float] = []
        while len(times_s) < MOST_RUNS and sum(times_s) < ENOUGH_S:
            began_s = time.perf_counter()
            found = lengths_m()
            times_s.append(time.perf_counter() - began_s)
    np.save(answers, found)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"prepare_s": prepared_s, "find_s": min(times_s)}
    sys.stdout.write(json.dumps({**told, "peak_mb": peak_mb}) + "\n")


def measured(engine: str, name: str, folder: Path) -> dict[str, Any]:
    """Return what `measure` tells from a process of its own, and how far it is from this project's answer."""
    answers = folder / f"{name}-{engine.replace(' ', '_')}.npy"
    command = [sys.executable, "-m", "benchmarks.network", engine, name, str(answers)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_S, check=False)
    except subprocess.TimeoutExpired:
        return {"missing": f"not finished in {MOST_S:.0f} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["failed"])[-1]
        return {"missing": last[:90]}
    ours = np.load(folder / f"{name}-this_project.npy")
    off_m = np.abs(np.load(answers) - ours)[~np.eye(N_PLACES, dtype=bool)]
    told = done.stdout[done.stdout.rindex("{") :]  # some print their progress before
    return {**json.loads(told), "off_m": float(off_m.max())}


def table(results: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Return the results as a Markdown table."""
    rows = [
        "| engine | park: ms | farthest off, m | city: prepare s | city: s | MB | farthest off, m |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for engine, told in results.items():
        park, city = told["park"], told["city"]
        cells = [engine]
        cells += [park["missing"], ""] if "missing" in park else [_ms(park), f"{park['off_m']:.3f}"]
        cells += (
            [city["missing"], "", "", ""]
            if "missing" in city
            else [f"{city['prepare_s']:.1f}", _s(city), f"{city['peak_mb']:,.0f}", f"{city['off_m']:.3f}"]
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _ms(told: dict[str, Any]) -> str:
    return f"{1000 * told['find_s']:.1f}"


def _s(told: dict[str, Any]) -> str:
    return f"{told['find_s']:.2f}"


def write_section(results: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Put the results into the README, in the place of older ones."""
    day, load = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), os.getloadavg()[2]
    n = {name: len(make().network) for name, make in CASES.items()}
    section = f"""{BEGIN}
## Walks between {N_PLACES} places

Made by `python -m benchmarks.network` on {day}; the machine's load was {load:.1f} over the last 15 minutes.
All lengths between {N_PLACES} places beside the shipped network of {n["park"]} edges, and within
{WALK_M / 1000:.0f} km of one another in a made-up city of {n["city"]:,} edges; the shortest of up to
{MOST_RUNS} runs. This project and pgRouting snap the places each time; networkx and pandana are given a graph
that is cut at the places already. pgRouting reads its edges with every query, all of them or those in a box
{BOX_M / 1000:.0f} km around the places; its memory is the client's only. *Prepare* is what happens once,
after the edges are read. What was not finished was stopped, preparing included.

{table(results)}
{END}"""
    text = README.read_text("utf-8") if README.exists() else "# Measured\n"
    before, found, rest = text.partition(BEGIN)
    after = rest.partition(END)[2] if found else "\n"
    README.write_text(f"{before.rstrip()}\n\n{section}{after}", "utf-8")


def main() -> None:
    """Measure every engine in every case and write the table."""
    if len(sys.argv) == 4:
        measure(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
        return
    with tempfile.TemporaryDirectory() as folder:
        results = {
            engine: {name: measured(engine, name, Path(folder)) for name in CASES} for engine in ENGINES
        }
    sys.stdout.write(table(results) + "\n")
    write_section(results)


if __name__ == "__main__":
    main()
