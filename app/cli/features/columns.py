"""``python -m app columns``: the data dictionary, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

import click

from app.cli.language import prompt_language
from app.domain.localizer import Localizer, localizer_for
from app.errors import N_
from app.services.features.column_guide import column_guide
from app.services.features.exporting import COLLECTIONS

TITLE = N_("Data dictionary")
PREFACE = N_("Every collection with its columns, as written by `python -m app columns`.")
HEADS = (N_("Column"), N_("Title"), N_("Kind"), N_("Meaning"))


@click.command(name="columns")
def command() -> None:
    """Explain every column and code of every collection, as Markdown."""
    click.echo("\n".join(data_dictionary(localizer_for(prompt_language()))))


def data_dictionary(localizer: Localizer) -> Iterator[str]:
    """Yield the lines of the data dictionary in one language: a table a collection, codes within."""
    yield from (f"# {localizer.translate(TITLE)}", "", localizer.translate(PREFACE))
    for name in COLLECTIONS:
        yield from ("", f"## {name}", "", _row(*map(localizer.translate, HEADS)), _row(*["---"] * len(HEADS)))
        for column in column_guide(name, localizer):
            codes = "; ".join(
                f"`{code}`" + (f" {words}" if words != code else "") for code, words in column.codes.items()
            )
            meaning = " ".join(filter(None, (column.meaning, codes and f"({codes})")))
            yield _row(f"`{column.name}`", column.title, column.kind, meaning)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
