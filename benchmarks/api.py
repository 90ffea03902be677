"""Time the API against pygeoapi and TiPg on the same database: ``python -m benchmarks.api``.

Each server answers alone, one after the other; a kind of question is asked for some seconds. What they say of
how much they found is compared. Read the ratios, not the times. The table goes into ``benchmarks/README.md``
between its marks.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection

from benchmarks.api_load import N_READERS, TILES, Speed, measure, questions, told_counts
from benchmarks.api_servers import KEEPS_TILES, PEER_TABLE, PEERS, Peer, served
from benchmarks.database import driver, private_database, store_fabric
from benchmarks.fabric import Floats, make_fabric

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- api -->", "<!-- /api -->"
SIZES = (10_000, 100_000)
AIM = 1.5
COUNTED = ("100 items in a box", "CQL2 filter, 100 items")

Measured = dict[str, dict[str, Speed]]  # kind of question -> server -> speed

INTRO = """## The API

Made by `python -m benchmarks.api`, {day:%Y-%m-%d %H:%M} UTC, {n_cores} cores, load {load:.1f} at the end;
{versions}.

One process a server, nothing else on the machine, {n_readers} connections that ask all the time (asking costs
less than a tenth of a millisecond a question). The peers serve a plain table with a primary key and indexes
of boundaries and areas; this project serves its plots over time, as of today. Answers are not compressed.
*Ratio* is requests per second against the faster of the two others; the aim is {aim:g}. No server keeps
answers: that this project keeps tiles in memory is switched off but for the last row, which asks for the same
few tiles again and again and compares with the others' tiles of the row before.

Where counts differ, the others compare the boxes around plots with the box asked for; this project, as the
standard has it, the plots themselves (checked with shapely).
"""


def main() -> None:
    """Measure all sizes and keep the table."""
    parts = [_intro()]
    for n_plots in SIZES:
        measured, disagreements = measured_size(n_plots)
        parts += [f"### {n_plots:,} plots\n", _table(measured), *disagreements, ""]
    _keep("\n".join(parts))


def measured_size(n_plots: int) -> tuple[Measured, list[str]]:
    """Return the speeds of all servers over a fabric of so many plots, and where their counts differ."""
    rings = make_fabric(n_plots).rings
    measured: Measured = {}
    counts: dict[str, dict[str, list[tuple[int, int]]]] = {}
    with private_database() as connection, tempfile.TemporaryDirectory() as folder:
        store_fabric(connection, rings)
        _make_peer_table(connection)
        url = connection.engine.url.render_as_string(hide_password=False)
        for peer in PEERS:
            with served(peer, url, Path(folder)) as port:
                for kind, speed in _speeds(peer, port, rings):
                    measured.setdefault(kind, {})[peer.name] = speed
                asked = questions(peer, rings)
                counts[peer.name] = {kind: told_counts(port, asked[kind]) for kind in COUNTED}
        with served(KEEPS_TILES, url, Path(folder)) as port:
            kept = measure(port, questions(KEEPS_TILES, rings)[TILES])
        measured[f"{TILES}, kept"] = {**measured[TILES], KEEPS_TILES.name: kept}
    return measured, list(_disagreements(counts))


def _make_peer_table(connection: Connection) -> None:
    raw = driver(connection)
    raw.execute(PEER_TABLE)
    raw.commit()
    raw.autocommit = True
    raw.execute("VACUUM ANALYZE bench_plots")
    raw.autocommit = False


def _speeds(peer: Peer, port: int, rings: Floats) -> Iterator[tuple[str, Speed]]:
    for kind, paths in questions(peer, rings).items():
        speed = measure(port, paths)
        sys.stderr.write(f"{len(rings):>7,} {peer.name:13} {kind:24} {speed.per_s:9.1f}/s\n")
        yield kind, speed


def _disagreements(counts: dict[str, dict[str, list[tuple[int, int]]]]) -> Iterator[str]:
    ours = counts[PEERS[0].name]
    for name, kinds in counts.items():
        for kind, told in kinds.items():
            n_other = sum(here != there for here, there in zip(ours[kind], told, strict=True))
            if n_other:
                yield f"- {name} counts otherwise in {n_other} of {len(told)} answers to “{kind}”."


def _table(measured: Measured) -> str:
    others = [peer.name for peer in PEERS[1:]]
    head = ["question", "kB", *(f"{peer.name}: /s" for peer in PEERS), *("p50 ms", "p99 ms") * 3, "ratio"]
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    for kind, speeds in measured.items():
        ours = speeds[PEERS[0].name]
        ratio = ours.per_s / max(speeds[name].per_s for name in others)
        cells = [kind, f"{ours.body_kb:,.1f}", *(f"{speeds[peer.name].per_s:,.1f}" for peer in PEERS)]
        cells += [
            f"{each:,.1f}" for peer in PEERS for each in (speeds[peer.name].p50_ms, speeds[peer.name].p99_ms)
        ]
        lines.append(
            "| " + " | ".join([*cells, f"**{ratio:.1f}**" + ("" if ratio >= AIM else " (missed)")]) + " |"
        )
    return "\n".join(lines) + "\n"


def _intro() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("tipg", "pygeoapi", "flask", "psycopg"))
    return INTRO.format(
        day=datetime.now(UTC),
        n_cores=os.cpu_count(),
        load=os.getloadavg()[0],
        versions=versions,
        n_readers=N_READERS,
        aim=AIM,
    )


def _keep(text: str) -> None:
    """Write the table between its marks in the README."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(
        f"{before.rstrip()}\n\n{BEGIN}\n{text.rstrip()}\n{END}\n{after.lstrip()}", encoding="utf-8"
    )
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
