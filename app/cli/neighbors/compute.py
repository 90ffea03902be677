"""``neighbors compute``: a file of plots in, a file of neighbors out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, Literal, TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from app.analysis.adjacency import Tolerances, typed_neighbors
from app.cli.accuracy import accept_accuracy_option
from app.cli.language import prompt_language
from app.domain.kinds import Relation
from app.domain.localizer import localizer_for
from app.domain.transformation import operation_notes
from app.errors import N_, NN_, InputError
from app.services.land.plot_reading import Reading, repair_notes
from app.services.neighbors.plot_files import (
    DRIVERS,
    check_out,
    evidence_operation,
    plots_in_metres,
    write_neighbors,
)
from app.services.neighbors.streaming import stream_neighbors
from app.services.neighbors.tiled_pairs import NeighborRequest, Resources, TilePlan

Command = TypeVar("Command", bound=Callable[..., Any])

STDOUT = Path("-")
_SWAPPED = N_(
    "The plots lie near the Horn of Africa; with longitude and latitude swapped they lie in Germany."
)
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
    help="File to write: .csv, .parquet, with evidence .geojson, .gpkg; - for CSV on the standard output.",
)
@click.option("--key", help="Column that names a plot. Default: the first known one, else the feature id.")
@click.option("--layer", help="Layer to read if the file has several.")
@click.option("--crs", help="Coordinate reference system if the file states none, for example EPSG:25832.")
@accept_accuracy_option
@length_options
@click.option(
    "--relations",
    type=click.Choice(["all", "touch"]),
    default="all",
    show_default=True,
    help="touch leaves out plots across a street.",
)
@click.option("--repair", "is_repaired", is_flag=True, help="Repair invalid boundaries; list them.")
@click.option(
    "--leave-out-collapsed",
    "is_without_collapsed",
    is_flag=True,
    help="Leave out plots of which repair leaves nothing; list them.",
)
@click.option(
    "--memory-mb",
    type=click.IntRange(min=1),
    default=Resources.memory_mb,
    show_default=True,
    help="Memory for plots and pairs, in addition to the program (about 400 MB); shared by local workers.",
)
@click.option("--threads", "n_threads", type=click.IntRange(min=1), help="Threads, or local workers.")
@click.option("--cluster", metavar="ADDRESS", help="A Dask scheduler, or local for workers on this machine.")
@click.option("--resume", "is_resumed", is_flag=True, help="Continue an interrupted run.")
def compute(  # noqa: PLR0913  one argument an option
    plots: Path,
    out: Path,
    *,
    key: str | None,
    layer: str | None,
    crs: str | None,
    accepted_m: float | None,
    relations: Literal["all", "touch"],
    is_repaired: bool,
    is_without_collapsed: bool,
    memory_mb: int,
    n_threads: int | None,
    cluster: str | None,
    is_resumed: bool,
    **lengths: float,
) -> None:
    """Compute who is whose neighbor among the polygons of the file PLOTS.

    GML, GeoJSON, GeoPackage, Shapefile, FlatGeobuf, KML, file geodatabase, CSV with WKT and GeoParquet are
    read, also from a zip or a folder, in which may lie the pages of one service, overlapping or not. CSV and
    Parquet are written in any size within the given memory.
    """
    began_at_s = time.monotonic()
    reading = Reading(plots, key, layer, crs, is_repaired, is_without_collapsed, accepted_m=accepted_m)
    request = NeighborRequest(reading, Tolerances(**lengths), relations)
    if out != STDOUT:
        check_out(out, plots)
    with patient_progress() as report:
        if out.suffix.lower() in DRIVERS:
            if cluster or is_resumed:
                raise InputError(N_("--cluster and --resume are only for --out in .csv or .parquet."))
            plan, counts = _whole(request, out, report)
        else:
            to = sys.stdout.buffer if out == STDOUT else out
            done = stream_neighbors(
                request, Resources(memory_mb, n_threads, cluster), to, is_resumed=is_resumed, report=report
            )
            plan, counts = done.plan, done.n_by_relation
    for line in report_lines(plan, counts, time.monotonic() - began_at_s):
        click.echo(line, err=True)


def _whole(
    request: NeighborRequest, out: Path, report: Callable[[float], None]
) -> tuple[TilePlan, Mapping[Relation, int]]:
    """Write neighbors with evidence, all in memory."""
    reading = request.reading
    file = plots_in_metres(reading)
    evidence = evidence_operation(file.frame, out, reading.path.name, reading.accepted_m)
    neighbors = typed_neighbors(file.frame, file.key, request.tolerances, report)
    if request.relations == "touch":
        neighbors = neighbors[neighbors.relation != Relation.ACROSS]
    write_neighbors(neighbors, out, evidence)
    counts = neighbors.relation.value_counts()
    changed = next((each for each in (file.operation, evidence) if each and each.name), None)
    plan = TilePlan(
        column=file.key,
        projected_to=file.projected_to,
        n_plots=len(file.frame),
        tiles=[],
        repaired=file.repaired,
        left_out=file.left_out,
        n_again=file.n_again,
        operation=changed.name if changed else "",
        accuracy_m=changed.accuracy_m if changed else None,
        may_be_swapped=file.may_be_swapped,
    )
    return plan, {relation: int(counts.get(relation, 0)) for relation in Relation}


def report_lines(plan: TilePlan, n_by_relation: Mapping[Relation, int], took_s: float) -> Iterator[str]:
    """Yield what was done: where keys came from, the CRS chosen, the number of pairs by relation."""
    translate = localizer_for(prompt_language()).translate
    yield translate(N_("Plots are named by: %(column)s"), column=plan.column)
    if plan.projected_to:
        yield translate(N_("Projected to %(crs)s"), crs=plan.projected_to)
    for template, values in operation_notes(plan.operation, plan.accuracy_m):
        yield translate(template, **values)
    if plan.may_be_swapped:
        yield translate(_SWAPPED)
    for template, values in repair_notes(plan.repaired, plan.left_out, plan.n_again):
        yield translate(template, **values)
    listed = ", ".join(f"{relation} {n}" for relation, n in n_by_relation.items())
    yield translate(
        NN_("%(n)s plot, pairs: %(listed)s (%(took)s s)", "%(n)s plots, pairs: %(listed)s (%(took)s s)"),
        n=plan.n_plots,
        listed=listed,
        took=round(took_s, 1),
    )


@contextmanager
def patient_progress(after_s: float = 1.0) -> Iterator[Callable[[float], None]]:
    """Yield a reporter of progress whose bar appears on a terminal when the work takes longer."""
    console = Console(stderr=True)
    progress = Progress(console=console, transient=True, disable=not console.is_terminal)
    task = progress.add_task(localizer_for(prompt_language()).translate(N_("Neighbors")), total=1.0)
    timer = Timer(after_s, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda done: progress.update(task, completed=done)
    finally:
        timer.cancel()
        timer.join()
        progress.stop()
