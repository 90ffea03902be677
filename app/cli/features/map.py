"""``python -m app map``: the map of a day as one file that opens without any network."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.config import LANGUAGES
from app.domain.localizer import localizer_for
from app.domain.period import parse_day, today
from app.errors import N_
from app.exchange.atomic_files import replacing
from app.services.features.map_contents import map_file

ALL = "all"


@click.command(name="map")
@click.argument("park", metavar=f"PARK|{ALL}")
@click.option("--on", "on_text", metavar="YYYY-MM-DD", help="The day. Default: today.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("map.html"), show_default=True)
@click.option("--lang", type=click.Choice(LANGUAGES), default="de", show_default=True)
def command(park: str, on_text: str | None, out: Path, lang: str) -> None:
    """Write the map of PARK (or of all parks) as one self-contained HTML file."""
    on = parse_day(on_text) if on_text else today()
    with connected() as connection:
        page = map_file(connection, on, None if park == ALL else park, localizer_for(lang))
    with replacing(out) as partial:
        partial.write_text(page, encoding="utf-8")
    sentence = localizer_for(prompt_language()).translate(
        N_("%(file)s written, %(size)s KB: opens in any browser, without a network."),
        file=out,
        size=len(page.encode()) // 1024,
    )
    click.echo(sentence, err=True)
