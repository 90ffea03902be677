"""``python -m app neighbors``: compute from a file, or rebuild, ask and decide what is stored."""

from __future__ import annotations

from importlib import import_module

import click

# Subcommand -> its module, and its line in --help; imported only when it is asked for.
SUBCOMMANDS = {
    "compute": ("app.cli.neighbors.compute", "Compute neighbors from a file of plots, without a database."),
    "rebuild": ("app.cli.neighbors.stored", "Recompute all stored pairs."),
    "count": ("app.cli.neighbors.stored", "Count the stored pairs of a day by park and relation."),
    "of": ("app.cli.neighbors.stored", "List the neighbors of a company or plot."),
    "decide": ("app.cli.neighbors.stored", "Decide how two plots are neighbors."),
    "withdraw": ("app.cli.neighbors.stored", "Withdraw a decision."),
}


class LazySubcommands(click.Group):
    """A group whose commands are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of `SUBCOMMANDS`."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command named like it."""
        if cmd_name not in SUBCOMMANDS:
            return None
        loaded: click.Command = getattr(import_module(SUBCOMMANDS[cmd_name][0]), cmd_name)
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in SUBCOMMANDS.items()])


@click.group(cls=LazySubcommands)
def command() -> None:
    """Compute, rebuild, list and override neighbors."""
