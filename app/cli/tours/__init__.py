"""``python -m app tour``: list tours, plan their legs, show a timetable, find a walk, take one along."""

from __future__ import annotations

import click

from app.cli.lazy_group import LazyGroup

# Subcommand -> where it is, and its line in --help. Files need no planner, whose compiled code is heavy.
SUBCOMMANDS = {
    "list": ("app.cli.tours.tour:list_", "List all tours with meters and minutes."),
    "show": ("app.cli.tours.tour:show", "Show the timetable of the tour KEY."),
    "plan": ("app.cli.tours.tour:plan", "Replan the legs of the tour KEY along the walk network of its day."),
    "shift": ("app.cli.tours.tour:shift", "Move the tour KEY with all its times."),
    "route": ("app.cli.tours.tour:route", "Find the shortest walk between two points."),
    "solve": ("app.cli.tours.solve", "Solve the PROBLEM of a file."),
    "export": ("app.cli.tours.export", "Write the tour KEY as PDF, GPX, calendar, GeoJSON or KML."),
}


@click.group(cls=LazyGroup, places=SUBCOMMANDS)
def command() -> None:
    """List tours, plan their legs, show a timetable, find a walk."""
