"""``python -m app meeting retention``: names leave meetings that are long over; run it once a day."""

from __future__ import annotations

import click

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.cli.people.staff import prompt_actor
from app.config import Settings
from app.db.changes import act_as
from app.domain.localizer import localizer_for
from app.domain.period import today
from app.errors import N_
from app.services.meetings.contacts import run_retention


@click.command(name="retention")
def retention() -> None:
    """Remove names and addresses of meetings more than MEETING_NAMES_DAYS ago, and what has expired.

    What companies did and how many came stays.
    """
    n_days = Settings.from_environment().meeting_names_days
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        counts = run_retention(connection, today(), n_days)
    told = ", ".join(f"{table}: {n}" for table, n in counts.items())
    click.echo(
        localizer_for(prompt_language()).translate(N_("Removed (rows by table): %(counts)s"), counts=told)
    )
