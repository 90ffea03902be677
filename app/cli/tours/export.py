"""``python -m app tour export``: a tour as a file to take along."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit

import click

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.config import LANGUAGES
from app.domain.kinds import TourStatus
from app.domain.localizer import localizer_for
from app.domain.tours import TourPlan
from app.errors import N_, InputError
from app.exchange.atomic_files import replacing
from app.services.tours.papers import check_format, tour_file, tour_papers, with_address


@click.command(name="export")
@click.argument("key")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="File to write; its ending gives the format: pdf, gpx, ics, geojson or kml.",
)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default=prompt_language,
    help="Language of the file; without it that of the prompt.",
)
@click.option("--address", metavar="URL", help="Address of the service, for links and the QR code.")
def command(key: str, out: Path, lang: str, address: str | None) -> None:
    """Write the tour KEY as a visit sheet (PDF), GPX, calendar, GeoJSON or KML."""
    form = out.suffix.lower().removeprefix(".")
    check_format(form)
    with connected() as connection:
        papers = _addressed(tour_papers(connection, key, lang), address)
        content = tour_file(connection, form, papers)
    with replacing(out) as partial:
        partial.write_bytes(content)
    text = localizer_for(prompt_language()).translate(
        N_("%(file)s written, %(size)s KB."), file=out, size=-(-len(content) // 1024)
    )
    click.echo(text, err=True)


def _addressed(papers: TourPlan, address: str | None) -> TourPlan:
    """Return the papers with the address of the tour's page on the service; only a published one has it."""
    if address is None:
        return papers
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(N_("“%(address)s” is not a valid address of a service."), address=address[:80])
    if papers.status != TourStatus.PUBLISHED:
        return papers
    return with_address(papers, f"{address.rstrip('/')}/tours/{quote(papers.key)}/walk")
