"""``python -m app meeting``: mails out and in, names whose time is over, groups of guests."""

from __future__ import annotations

import click

from app.cli.lazy_group import LazyGroup

COMMANDS = {
    "send": ("app.cli.meetings.mail:send", "Send the mails that are due."),
    "retention": ("app.cli.meetings.retention:retention", "Remove names whose time is over."),
    "groups": ("app.cli.meetings.groups", "Group the elements of a FILE so that each group is diverse."),
    "read": ("app.cli.meetings.mail:read", "Read the mailbox: answers of calendars and returned mails."),
}


@click.group(cls=LazyGroup, places=COMMANDS)
def command() -> None:
    """Work on neighbor meetings."""
