"""``python -m app walkway``: ways, gates and yards added to the walk network."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.cli.staff import prompt_actor
from app.db.changes import act_as
from app.domain.kinds import Kerb, WalkwayAccess, WalkwayKind
from app.domain.voice import voice
from app.errors import N_
from app.services.permitting import add_walkway, read_walkway
from app.services.walkway_files import write_osm_walkways


@click.group(name="walkway")
def command() -> None:
    """Add ways, gates and yards."""


@command.command()
@click.argument("key")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in WalkwayKind]))
@click.option("--from", "start", required=True, help="LON,LAT in degrees.")
@click.option("--via", multiple=True, help="LON,LAT between both ends; any number of times, in order.")
@click.option("--to", "end", required=True, help="LON,LAT in degrees.")
@click.option(
    "--access",
    default="public",
    show_default=True,
    type=click.Choice([access.value for access in WalkwayAccess]),
)
@click.option("--name", default="")
@click.option("--surface", default="", help="As in OpenStreetMap: asphalt, gravel...")
@click.option("--kerb", default="", type=click.Choice(["", *(kerb.value for kerb in Kerb)]))
@click.option("--valid-from", default="", help="First day, YYYY-MM-DD; without: always.")
@click.option("--valid-to", default="", help="First day without it, YYYY-MM-DD; without: for ever.")
def add(key: str, start: str, via: tuple[str, ...], end: str, **given: str) -> None:
    """Add the way KEY; its ends are joined to ways within 3 m."""
    draft = read_walkway({"key": key, "line": "; ".join((start, *via, end)), **given})
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        line = add_walkway(connection, draft)
    speech = voice(prompt_language())
    click.echo(speech.say(N_("%(key)s added, %(length)s."), key=key, length=speech.metres(line.length)))


@command.command()
@click.argument("extract", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A .geojson file."
)
def read(extract: Path, out: Path) -> None:
    """Make the ways that can be walked in EXTRACT (.osm.pbf, .osm, .osm.gz) into a file of walkways."""
    n_pieces = write_osm_walkways(extract, out)
    speech = voice(prompt_language())
    click.echo(speech.say(N_("%(n)s walkways written to %(file)s."), n=n_pieces, file=out))
