"""``--accept-accuracy``, which more than one command has."""

from __future__ import annotations

import click

accept_accuracy_option = click.option(
    "--accept-accuracy",
    "accepted_m",
    type=click.FloatRange(min=0, min_open=True),
    metavar="M",
    help="Accept a datum transformation accurate to M meters if the best one is not available.",
)
