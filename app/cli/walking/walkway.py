"""``python -m app walkway``: ways, gates and yards added to the walk network."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.cli.people.staff import prompt_actor
from app.db.changes import act_as
from app.domain.kinds import Kerb, WalkwayAccess, WalkwayKind
from app.domain.localizer import localizer_for
from app.errors import N_, NN_
from app.services.walking.permissions import add_walkway, read_walkway
from app.services.walking.walkway_files import write_osm_walkways

_TALLY = (
    N_("Read: ways %(n_ways)s, squares %(n_squares)s (along their outline only %(n_outlined)s)."),
    N_(
        "On them: gates with permission or hours %(n_gates)s, fences and walls that nobody can pass "
        "%(n_closed)s."
    ),
    N_("Missing in the extract: ways cut at gaps %(n_cut)s, ways lost %(n_lost)s."),
    N_(
        "Nodes at one spot moved apart by centimeters %(n_apart)s; hours and conditions not "
        "understood %(n_unread)s."
    ),
)


@click.group(name="walkway")
def command() -> None:
    """Add ways, gates and yards."""


@command.command()
@click.argument("key")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in WalkwayKind]))
@click.option("--from", "start", required=True, help="LON,LAT in degrees.")
@click.option("--via", multiple=True, help="LON,LAT between the two ends; repeatable, in order.")
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
@click.option(
    "--opening-hours",
    default="",
    help="When it is open to everybody, as in OpenStreetMap: Mo-Fr 08:00-18:00.",
)
@click.option("--valid-from", default="", help="First day, YYYY-MM-DD. Default: always.")
@click.option("--valid-to", default="", help="First day after, YYYY-MM-DD. Default: forever.")
def add(key: str, start: str, via: tuple[str, ...], end: str, **given: str) -> None:
    """Add the way KEY; its ends are joined to ways within 3 m."""
    draft = read_walkway({"key": key, "line": "; ".join((start, *via, end)), **given})
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        snapped = add_walkway(connection, draft)
    localizer = localizer_for(prompt_language())
    click.echo(
        localizer.translate(
            N_("%(key)s added, %(length)s."), key=key, length=localizer.metres(snapped.line.length)
        )
    )
    click.echo(snapped.sentences(localizer))


@command.command()
@click.argument("extract", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A .geojson file."
)
@click.option("--cross-squares", is_flag=True, help="Also straight across squares, not only around them.")
def read(extract: Path, out: Path, *, cross_squares: bool) -> None:
    """Convert the walkable ways of EXTRACT to a file of walkways.

    EXTRACT is of OpenStreetMap: .osm.pbf, .osm, .osm.gz, .osm.bz2, or what Overpass answers as XML. What was
    read, cut and lost is printed.
    """
    n_pieces, tally = write_osm_walkways(extract, out, crosses_squares=cross_squares)
    localizer = localizer_for(prompt_language())
    for template in _TALLY:
        click.echo(localizer.translate(template, **asdict(tally)))
    click.echo(
        localizer.translate(
            NN_("%(n)s walkway written to %(file)s.", "%(n)s walkways written to %(file)s."),
            n=n_pieces,
            file=out,
        )
    )
