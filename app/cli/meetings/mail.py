"""``python -m app meeting send``, ``meeting read``: mails out and in, where no service does it."""

from __future__ import annotations

import click

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.cli.meetings.mail_worker import read_mailbox, send_due
from app.cli.people.staff import prompt_actor
from app.config import Settings
from app.db.changes import act_as
from app.domain.localizer import localizer_for
from app.errors import NN_


@click.command(name="send")
def send() -> None:
    """Send the mails that are due, once; without SMTP_HOST they are written to var/outbox."""
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        n = send_due(connection, Settings.from_environment())
    click.echo(
        localizer_for(prompt_language()).translate(NN_("%(n)s mail handled.", "%(n)s mails handled."), n=n)
    )


@click.command(name="read")
def read() -> None:
    """Read the mailbox of IMAP_HOST once: answers of calendars and returned mails."""
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        n = read_mailbox(connection, Settings.from_environment())
    click.echo(localizer_for(prompt_language()).translate(NN_("%(n)s mail read.", "%(n)s mails read."), n=n))
