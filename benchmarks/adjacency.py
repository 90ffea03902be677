"""Compare this engine with others, and measure it in the database: ``python -m benchmarks.adjacency``.

Prints one table after the other, and keeps them in ``benchmarks/README.md`` with machine, versions and date.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.fabric import make_fabric
from benchmarks.measured import Measured, Row
from benchmarks.methods import METHODS, Method
from benchmarks.report import keep, report

SIZES = (1_000, 10_000, 100_000, 1_000_000)
FABRICS = ("clean", "dirty")

# How many plots go through the database, and edits of each kind.
STORED, N_EDITS = (100_000,), 200

# How long a process that was asked to end may take to put away what it made.
GRACE_S = 15


@click.command(help=__doc__)
@click.option("--sizes", default=",".join(map(str, SIZES)), help="Numbers of plots, with commas between.")
@click.option("--stored", default=",".join(map(str, STORED)), help="The same for the database, or nothing.")
@click.option("--limit-s", default=60.0, help="Seconds after which a method is stopped.")
@click.option("--out", type=click.Path(path_type=Path), default=Path(__file__).parent / "README.md")
def main(sizes: str, stored: str, limit_s: float, out: Path) -> None:
    """Measure everything; the report is written anew after each measurement."""
    chosen, through = (sorted(int(size) for size in text.split(",") if size) for text in (sizes, stored))
    measured = Measured(limit_s)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=len(chosen) * len(FABRICS) * len(METHODS) + len(through))
        for _ in _all(chosen, through, measured, lambda what: progress.update(task, description=what)):
            progress.advance(task)
            keep(out, measured)
    click.echo(report(measured))


def _all(
    sizes: list[int], stored: list[int], measured: Measured, say: Callable[[str], None]
) -> Iterator[None]:
    """Measure one thing after the other."""
    for n_plots in stored:
        say(f"{n_plots:,} through the database")
        measured.stored.append(_answer(["benchmarks.stored", str(n_plots), str(N_EDITS)], None))
        yield
    for n_plots in sizes:
        with ExitStack() as stack:
            files = {fabric: stack.enter_context(_fabric_file(n_plots, fabric)).name for fabric in FABRICS}
            for method, fabric in product(METHODS, FABRICS):
                say(f"{n_plots:,} {fabric}: {method.title}")
                measured.rows.append(_measured(method, n_plots, fabric, files[fabric], measured))
                yield


def _fabric_file(n_plots: int, fabric: str) -> Any:
    """Return an open temporary file with a fabric in it."""
    made = make_fabric(n_plots, is_dirty=fabric == "dirty")
    file = tempfile.NamedTemporaryFile(suffix=".npz")  # noqa: SIM115  the caller closes it
    np.savez(file, **vars(made))
    file.flush()
    return file


def _measured(method: Method, n_plots: int, fabric: str, file: str, measured: Measured) -> Row:
    """Measure a method unless the size before shows that it will not be done in time."""
    row = Row(method.key, n_plots, fabric)
    before = [known for known in measured.rows if (known.key, known.fabric) == (row.key, fabric)]
    if before:
        if before[-1].found is None:
            return row.without("not run")
        expected_s = before[-1].found["seconds"] * n_plots / before[-1].n_plots
        if expected_s > measured.limit_s:
            return row.without(f"not run, about {expected_s:.0f} s")
    try:
        return row.with_found(_answer(["benchmarks.measure", method.key, file], measured.limit_s))
    except subprocess.TimeoutExpired:
        return row.without(f"not done in {measured.limit_s:.0f} s")
    except RuntimeError as error:
        return row.without(f"failed: {error}")


def _answer(module: list[str], limit_s: float | None) -> dict[str, Any]:
    """Return what a module says when it runs in its own process, stopped `limit_s` after its first line.

    Raises
    ------
    TimeoutExpired
        When it was stopped.
    RuntimeError
        When it failed, with its last line.
    """
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            [sys.executable, "-m", *module],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        ) as process,
    ):
        assert process.stdout  # noqa: S101  it is a pipe
        process.stdout.readline()
        try:
            answer, _ = process.communicate(timeout=limit_s)
        except BaseException:
            _stop(process)
            raise
        if process.returncode:
            errors.seek(0)
            raise RuntimeError((errors.read().strip().splitlines() or [f"exit {process.returncode}"])[-1])
    return json.loads(answer)


def _stop(process: subprocess.Popen[str]) -> None:
    """End a process, kindly at first: it may have a database to put away."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    main()
