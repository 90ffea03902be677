"""``--accept-accuracy``, which more than one command has."""

from __future__ import annotations

import click

accept_accuracy_option = click.option(
    "--accept-accuracy",
    "accepted_m",
    type=click.FloatRange(min=0, min_open=True),
    metavar="M",
    help="Take a change of datum that is accurate to M metres, where the best one cannot be had.",
)
