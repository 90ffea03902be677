"""``neighbors compute``: a file of plots in, a file of neighbors out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

import click
import geopandas as gpd
from rich.console import Console
from rich.progress import Progress

from app.analysis.adjacency import Tolerances, typed_neighbors
from app.cli.language import prompt_language
from app.domain.kinds import Relation
from app.domain.voice import voice
from app.errors import N_
from app.services.plot_files import PlotFile, check_out, read_plots, write_csv, write_neighbors

Command = TypeVar("Command", bound=Callable[..., Any])

STDOUT = Path("-")
LENGTHS = {
    "snap_m": "Borders this near each other are one border.",
    "across_m": "How far plots see each other across a street.",
    "facing_m": "The least length over which they must.",
    "edge_m": "The least length of a common border; less is a corner.",
}


def length_options(command: Command) -> Command:
    """Give a command one option for each length of the definition."""
    for name, meaning in reversed(LENGTHS.items()):
        option = click.option(
            f"--{name.replace('_', '-')}",
            type=float,
            default=getattr(Tolerances, name),
            show_default=True,
            help=meaning,
        )
        command = option(command)
    return command


@click.command()
@click.argument("plots", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="File to write: .csv, .geojson or .gpkg; - for CSV on the standard output.",
)
@click.option("--key", help="Column that names a plot; else the first known one, else the feature id.")
@click.option("--layer", help="Layer to read where the file has several.")
@click.option("--crs", help="Coordinate reference system of the file, for example EPSG:25832.")
@length_options
def compute(
    plots: Path, out: Path, *, key: str | None, layer: str | None, crs: str | None, **lengths: float
) -> None:
    """Compute who is whose neighbor among the polygons of the file PLOTS.

    Any file that GDAL reads will do: GML, GeoJSON, GeoPackage, Shapefile, FlatGeobuf, a zip of one.
    """
    began_at_s = time.monotonic()
    tolerances = Tolerances(**lengths)
    if out != STDOUT:
        check_out(out, plots)
    with patient_progress() as report:
        file = read_plots(plots, key, layer, crs)
        neighbors = typed_neighbors(file.frame, file.key, tolerances, report)
        _write(neighbors, out)
    for line in told(file, neighbors, time.monotonic() - began_at_s):
        click.echo(line, err=True)


def _write(neighbors: gpd.GeoDataFrame, out: Path) -> None:
    if out == STDOUT:
        write_csv(neighbors, sys.stdout)
    else:
        write_neighbors(neighbors, out)


def told(file: PlotFile, neighbors: gpd.GeoDataFrame, took_s: float) -> Iterator[str]:
    """Yield what was done: where keys came from, the CRS chosen, the number of pairs by relation."""
    say = voice(prompt_language()).say
    yield say(N_("Plots are named by: %(column)s"), column=file.key)
    if file.projected_to:
        yield say(N_("Projected to %(crs)s"), crs=file.projected_to)
    counts = neighbors.relation.value_counts()
    listed = ", ".join(f"{relation} {counts.get(relation, 0)}" for relation in Relation)
    yield say(
        N_("%(n)s plots, pairs: %(listed)s (%(took)s s)"),
        n=len(file.frame),
        listed=listed,
        took=f"{took_s:.1f}",
    )


@contextmanager
def patient_progress(after_s: float = 1.0) -> Iterator[Callable[[float], None]]:
    """Yield a reporter of progress whose bar appears on a terminal when the work takes longer."""
    console = Console(stderr=True)
    progress = Progress(console=console, transient=True, disable=not console.is_terminal)
    task = progress.add_task(voice(prompt_language()).say(N_("Neighbors")), total=1.0)
    timer = Timer(after_s, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda done: progress.update(task, completed=done)
    finally:
        timer.cancel()
        timer.join()
        progress.stop()
