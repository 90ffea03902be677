"""``python -m app neighbors``: compute from a file, or rebuild, ask and decide what is stored."""

from __future__ import annotations

import click

from app.cli.lazy_group import LazyGroup

# Subcommand -> where it is, and its line in --help.
SUBCOMMANDS = {
    "compute": (
        "app.cli.neighbors.compute:compute",
        "Compute neighbors from a file of plots, without a database.",
    ),
    "rebuild": ("app.cli.neighbors.stored:rebuild", "Recompute all stored pairs."),
    "count": ("app.cli.neighbors.stored:count", "Count the stored pairs of a day by park and relation."),
    "of": ("app.cli.neighbors.stored:of", "List the neighbors of a company or plot."),
    "decide": ("app.cli.neighbors.stored:decide", "Decide how two plots are neighbors."),
    "withdraw": ("app.cli.neighbors.stored:withdraw", "Withdraw a decision."),
}


@click.group(cls=LazyGroup, places=SUBCOMMANDS)
def command() -> None:
    """Compute, rebuild, list and override neighbors."""
