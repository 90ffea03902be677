"""``python -m app export``: a collection, or all of it as a data folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.domain.feature_query import ALL_TIME, FeatureQuery, Span
from app.domain.localizer import localizer_for
from app.domain.period import parse_day, today
from app.errors import N_, NN_, InputError
from app.exchange.collections.files import FORMATS, STDOUT, format_of, write_file
from app.services.features.exporting import COLLECTIONS, export_dataset, take_out

DATASET = "dataset"


@click.command(
    name="export", epilog=f"Collections: {', '.join(COLLECTIONS)}; {DATASET}: all history, as a data folder."
)
@click.argument("collection", metavar="COLLECTION")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Default: by the ending of the file's name."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=STDOUT,
    show_default="standard output",
    help="File to write.",
)
@click.option("--on", "on_text", metavar="YYYY-MM-DD", help="The day. Default: today.")
@click.option("--history", is_flag=True, help="All history instead of one day.")
@click.option("--park", metavar="KEY", help="Only this park.")
def command(  # noqa: PLR0913, PLR0917  one argument an option
    collection: str, form: str | None, out: Path, on_text: str | None, history: bool, park: str | None
) -> None:
    """Write a COLLECTION as of a day in any of the formats."""
    if on_text and history:
        raise InputError(N_("Either --on or --history, not both."))
    if collection == DATASET:
        _export_dataset(out, is_restricted=bool(on_text or park or form))
        return
    form = format_of(out, form)
    with connected() as connection:
        span = ALL_TIME if history else Span.on(_day(on_text))
        export = take_out(connection, FeatureQuery(collection, span, park))
        write_file(out, form, export)
        n_rows = export.n_rows()
    _report(
        NN_("%(n)s row of %(name)s written.", "%(n)s rows of %(name)s written."), n=n_rows, name=collection
    )


def _export_dataset(out: Path, *, is_restricted: bool) -> None:
    if out == STDOUT or is_restricted:
        raise InputError(
            N_("A data folder contains everything: name a folder with --out, and no day, park or format.")
        )
    with connected() as connection:
        counts = export_dataset(connection, out)
    for name, n in counts.items():
        _report(NN_("%(n)s row of %(name)s written.", "%(n)s rows of %(name)s written."), n=n, name=name)


def _day(text: str | None) -> date:
    return parse_day(text) if text else today()


def _report(template: str, **values: object) -> None:
    click.echo(localizer_for(prompt_language()).translate(template, **values), err=True)
