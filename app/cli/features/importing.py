"""``python -m app import``: a data folder, or one file of one collection; all of it or nothing."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import Connection

from app.cli.accuracy import accept_accuracy_option
from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.cli.steps import Steps
from app.db.changes import act_as
from app.db.land.plots import other_keys
from app.db.versions import StoreOptions, Tally
from app.domain.kinds import BoundaryQuality, BusinessCase
from app.domain.localizer import localizer_for
from app.domain.period import parse_day, today
from app.errors import N_, NN_, InputError
from app.exchange.collections.files import READ
from app.services.features.importing import (
    STORES,
    import_dataset,
    import_file,
    rebuild_derived,
    store_all_plots,
    store_collection,
)
from app.services.land.foreign_plots import ImportOptions, read_foreign_plots

Command = TypeVar("Command", bound=Callable[..., Any])
Tallies = dict[str, Tally]

FILE = click.argument("file", type=click.Path(path_type=Path))
DRY_RUN = click.option("--dry-run", is_flag=True, help="Report what would be done, and do nothing.")
VALID_FROM = click.option(
    "--valid-from",
    "since_text",
    metavar="YYYY-MM-DD",
    help="The day from which the rows are valid; older versions end on it. Default: as the rows state.",
)
ACCEPT_OVERLAPS = click.option(
    "--accept-overlaps",
    "accepts_overlaps",
    is_flag=True,
    help="Also store what lies on something stored under another key.",
)


@click.group(name="import")
def command() -> None:
    """Load a data folder or one file into the database: all of it, or nothing.

    What is already stored stays as it is. A row that differs from what is stored for the same days is
    refused, unless --valid-from gives the day from which it is valid.
    """


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@ACCEPT_OVERLAPS
@DRY_RUN
def dataset(folder: Path, *, accepts_overlaps: bool, dry_run: bool) -> None:
    """Import a data folder, as “export dataset” writes it."""
    with importing(dry_run=dry_run) as (connection, tallies, steps):
        tallies.update(import_dataset(connection, folder, steps, accepts_overlaps=accepts_overlaps))


def _file_command(name: str) -> click.Command:
    @click.command(name, help=f"Import {name} from a file that “export {name}” wrote (.{', .'.join(READ)}).")
    @FILE
    @VALID_FROM
    @ACCEPT_OVERLAPS
    @DRY_RUN
    def of_file(file: Path, *, since_text: str | None, accepts_overlaps: bool, dry_run: bool) -> None:
        since = _day(since_text)
        with importing(dry_run=dry_run) as (connection, tallies, steps):
            steps(name)
            tallies[name] = import_file(connection, name, file, since, accepts_overlaps=accepts_overlaps)

    return of_file


for _name in STORES:
    if _name != "plots":
        command.add_command(_file_command(_name))


@command.command()
@FILE
@click.option("--key", metavar="COLUMN", help="Column that names a plot, in a foreign file.")
@click.option("--park", metavar="KEY", help="Park of the plots of a foreign file.")
@click.option("--parcel-number", metavar="COLUMN", help="Column with the official parcel number.")
@click.option("--official-area", metavar="COLUMN", help="Column with the official area in square meters.")
@click.option(
    "--quality",
    type=click.Choice([quality.value for quality in BoundaryQuality]),
    help="How reliable the boundaries are. Default: as before where unchanged, else schematic.",
)
@click.option("--source", metavar="TITLE", help="Where the boundaries come from. Default: the file's name.")
@click.option("--licence", metavar="TEXT", help="License of a source that is not known yet.")
@click.option("--attribution", metavar="TEXT", help="Attribution that this license requires.")
@click.option("--layer", metavar="NAME", help="Layer to read if the file has several.")
@click.option("--crs", metavar="EPSG:n", help="Coordinate reference system if the file states none.")
@click.option(
    "--complete",
    is_flag=True,
    help="The file covers the whole park: plots missing from it end on --valid-from.",
)
@accept_accuracy_option
@click.option("--repair", "is_repaired", is_flag=True, help="Repair invalid boundaries; list them.")
@click.option(
    "--leave-out-collapsed",
    "is_without_collapsed",
    is_flag=True,
    help="Leave out plots of which repair leaves nothing; list them.",
)
@VALID_FROM
@ACCEPT_OVERLAPS
@DRY_RUN
def plots(file: Path, *, since_text: str | None, dry_run: bool, **given: Any) -> None:
    """Import plots from a file that “export plots” wrote, or from any file with polygons.

    A file from elsewhere (GML, GeoPackage, Shapefile...) needs --key and --park. A plot that it
    does not name stays as it is, unless the file is all of the park (--complete).
    """
    since = _day(since_text)
    with importing(dry_run=dry_run) as (connection, tallies, steps):
        steps("plots")
        accepts = given.pop("accepts_overlaps")
        if any(given.values()):
            tallies["plots"] = _store_foreign(
                connection, file, given, StoreOptions(since, accepts_overlaps=accepts)
            )
        else:
            tallies["plots"] = import_file(connection, "plots", file, since, accepts_overlaps=accepts)


def _store_foreign(
    connection: Connection, file: Path, given: Mapping[str, Any], options: StoreOptions
) -> Tally:
    key, park, since = given["key"], given["park"], options.since
    if key is None or park is None:
        raise InputError(N_("A plot file from elsewhere needs both --key COLUMN and --park KEY."))
    reading = ImportOptions(
        key=key,
        park=park,
        source=given["source"] or file.name,
        parcel_number=given["parcel_number"],
        official_area=given["official_area"],
        quality=BoundaryQuality(given["quality"]) if given["quality"] else None,
        layer=given["layer"],
        crs=given["crs"],
        is_repaired=given["is_repaired"],
        is_without_collapsed=given["is_without_collapsed"],
        accepted_m=given["accepted_m"],
    )
    if given["complete"] and since is None:
        raise InputError(N_("--complete needs --valid-from: the day on which the other plots end."))
    if given["complete"] and given["is_without_collapsed"]:
        raise InputError(N_("With --complete no plot can be left out: it would end on --valid-from."))
    frame = read_foreign_plots(connection, file, reading, since, _report)
    notices = {name: text for name in ("licence", "attribution") if (text := given[name])}
    others = other_keys(connection, park, since or today(), frame["key"])
    if since is None or not given["complete"]:
        stored = store_collection(connection, "plots", frame, options, notices)
        if others:
            left = NN_(
                "%(n)s plot of %(park)s is not in the file and stays as it is.",
                "%(n)s plots of %(park)s are not in the file and stay as they are.",
            )
            _report(left, n=len(others), park=park)
        return stored
    tally, places = store_all_plots(
        connection, frame, since, others, notices, accepts_overlaps=options.accepts_overlaps
    )
    if others:
        _report(N_("Ended on %(day)s: %(plots)s."), day=since, plots=", ".join(others))
    if places:
        _report(
            N_("These places were on them and need a plot from %(day)s on: %(places)s."),
            day=since,
            places=", ".join(places),
        )
    return tally


@contextmanager
def importing(*, dry_run: bool) -> Iterator[tuple[Connection, Tallies, Steps]]:
    """Give an import its connection and a place for its tallies; commit and report them at the end."""
    tallies: Tallies = {}
    with connected(write=not dry_run) as connection:
        act_as(connection, getpass.getuser(), BusinessCase.IMPORT)
        with Steps(localizer_for(prompt_language()).catalog.gettext) as steps:
            yield connection, tallies, steps
            if not dry_run:
                rebuild_derived(connection, tallies, steps)
    for name, tally in tallies.items():
        _report(
            N_("%(name)s: %(new)s new, %(changed)s changed, %(same)s unchanged"),
            name=name,
            new=tally.n_new,
            changed=tally.n_changed,
            same=tally.n_unchanged,
        )
    if dry_run:
        _report(N_("Dry run: nothing was changed."))


def _day(text: str | None) -> date | None:
    return parse_day(text) if text else None


def _report(template: str, **values: object) -> None:
    click.echo(localizer_for(prompt_language()).translate(template, **values))
