"""``python -m app tour solve``: a problem in a file, a plan in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app.cli.language import prompt_language
from app.domain.localizer import Localizer, localizer_for
from app.errors import N_, NN_
from app.exchange.collections.files import STDOUT
from app.exchange.tours.problems.files import problem_name, read_problem


@click.command("solve")
@click.argument("problem", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), default=STDOUT, help="File for the plan; - prints it."
)
@click.option(
    "--limit-s",
    default=10.0,
    show_default=True,
    help="Seconds the planner may take; reasons and alternatives may each take as long again.",
)
@click.option(
    "--objective",
    type=click.Choice(["walking", "duration", "value"]),
    help="Instead of the problem's own.",
)
@click.option("--alternatives", "n", default=0, show_default=True, help="How many other good tours to add.")
def command(problem: Path, out: Path, limit_s: float, objective: str | None, n: int) -> None:
    """Solve the PROBLEM of a file: JSON, TSPLIB, TSP with time windows, or orienteering.

    The plan states its objective, whether it is proven optimal, the bound, and why stops were left out; the
    formats are described in docs/tour_problems.md. - for PROBLEM reads the standard input. No database is
    needed.
    """
    file = read_problem(problem)
    # Imported here: the planner's compiled code is heavy; the other commands of the group do without, and so
    # does a file that is refused, because of its size, say.
    from app.services.tours.planning.problem_solving import solve_file  # noqa: PLC0415

    localizer = localizer_for(prompt_language())
    plan = solve_file(
        file, problem_name(problem), out, localizer, limit_s=limit_s, objective=objective, n_alternatives=n
    )
    for line in summary(plan, localizer):
        click.echo(line, err=True)


def summary(plan: dict[str, Any], localizer: Localizer) -> list[str]:
    """Return a plan in a few lines for the prompt."""
    if not plan["visits"]:
        if plan["is_feasible"] is None:
            return [localizer.translate(N_("No tour was found in time, and none was ruled out."))]
        reason = plan["conflict"]["sentence"] if plan["conflict"] else ""
        return [line for line in (localizer.translate(N_("There is no such tour.")), reason) if line]
    tour = {"stops": _stops(len(plan["visits"]), localizer), "measure": _measure(plan, localizer)}
    if plan["is_proved"]:
        template = N_("%(stops)s, %(measure)s: proven optimal in %(seconds)s s.")
        first = localizer.translate(template, seconds=round(plan["seconds"], 2), **tour)
    else:
        template = N_("%(stops)s, %(measure)s: not proven optimal; the bound is %(bound)s.")
        first = localizer.translate(template, bound=plan["bound"], **tour)
    if plan["left_out"] and plan["method"] == "local search":
        from app.analysis.tours import MOST_PROVED  # noqa: PLC0415  heavy, and loaded by now

        template = N_("Why stops were left out is explained for tours of up to %(most)s stops.")
        return [first, localizer.translate(template, most=MOST_PROVED)]
    return [first, *(reason["sentence"] for stop in plan["left_out"] for reason in stop["reasons"][:1])]


def _stops(n: int, localizer: Localizer) -> str:
    return localizer.translate(NN_("%(n)s stop", "%(n)s stops"), n=n)


def _measure(plan: dict[str, Any], localizer: Localizer) -> str:
    template = N_("value %(value)s") if plan["unit"] == "value" else N_("%(value)s %(unit)s")
    return localizer.translate(template, value=plan["objective_value"], unit=plan["unit"])
