"""The command line. One module a command, imported only when that command is asked for."""

from __future__ import annotations

import sys

import click

from app.cli.language import prompt_language
from app.cli.lazy_group import LazyGroup
from app.domain.localizer import localizer_for
from app.errors import AppError, outcome

# Command -> module that holds a click command named `command`, and its line in --help.
COMMANDS = {
    "serve": ("app.cli.setup.serve", "Serve the pages and the API."),
    "stop": ("app.cli.setup.stop", "End the service and its private database."),
    "db": ("app.cli.setup.db", "Start, stop, inspect or upgrade the database."),
    "import": ("app.cli.features.importing", "Load a data folder or one file into the database."),
    "neighbors": ("app.cli.neighbors", "Compute, rebuild, list and override neighbors."),
    "tour": ("app.cli.tours", "List tours, plan their legs, show a timetable."),
    "meeting": ("app.cli.meetings", "Send mails of meetings, read the mailbox, put guests into groups."),
    "walkway": ("app.cli.walking.walkway", "Add ways, gates and yards."),
    "permission": (
        "app.cli.walking.permission",
        "Record, list and withdraw permissions to use gates and yards.",
    ),
    "staff": ("app.cli.people.staff", "Add, list and remove who may sign in; set passwords."),
    "export": ("app.cli.features.exporting", "Write a collection as GeoJSON, GeoPackage or CSV."),
    "columns": ("app.cli.features.columns", "Explain every column and code, as Markdown."),
    "map": ("app.cli.features.map", "Write one self-contained map file."),
    "check": ("app.cli.setup.check", "Check the stored data against the rules the database cannot hold."),
}


@click.group(cls=LazyGroup, places=COMMANDS)
def cli() -> None:
    """Manage plots, companies, neighbors and walking tours of business parks over time."""


def main() -> None:
    """Run the command line; a refusal becomes one sentence and its exit code."""
    try:
        cli(prog_name="python -m app")
    except AppError as error:
        click.echo(localizer_for(prompt_language()).error_text(error), err=True)
        sys.exit(outcome(error).exit_code)
