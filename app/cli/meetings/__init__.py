"""``python -m app meeting``: groups of guests."""

from __future__ import annotations

import click

from app.cli.lazy_group import LazyGroup

# Subcommand -> where it is, and its line in --help.
SUBCOMMANDS = {
    "groups": ("app.cli.meetings.groups", "Group the elements of a FILE so that each group is diverse."),
}


@click.group(cls=LazyGroup, places=SUBCOMMANDS)
def command() -> None:
    """Put guests into groups."""
