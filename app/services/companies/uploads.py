"""Uploaded lists of companies, from the upload to the decision; then nothing is left of them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.db.companies import lists as rows
from app.exchange.companies.columns import field_of
from app.exchange.companies.sheets import ListSheet, read_sheet

# Until the next working day's evening; then who uploaded it has forgotten it.
LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class Upload:
    """A list that waits to be decided on.

    Attributes
    ----------
    number : int
    name : str
        Of the file.
    sheet : ListSheet
    answers : mapping or None
        What was said of it as a whole; None before.
    choices : mapping
        What was said of rows, by their numbers.
    """

    number: int
    name: str
    sheet: ListSheet
    answers: Mapping[str, Any] | None
    choices: Mapping[int, str]


def keep_list(connection: Connection, staff_id: int, name: str, content: bytes, at: datetime) -> int:
    """Read a list and keep its cells until it is decided on; return its number.

    Raises
    ------
    TooLargeError, DataError
        See `app.exchange.companies.sheets.read_sheet`.
    """
    sheet = read_sheet(name, content, field_of)
    rows.remove_expired(connection, at)
    return rows.store_list(connection, staff_id, name, _packed(sheet), at, at + LIFETIME)


def kept_list(connection: Connection, staff_id: int, number: int, at: datetime) -> Upload:
    """Return a list that a person has uploaded.

    Raises
    ------
    NotFoundError
    """
    found = rows.own_list(connection, staff_id, number, at)
    choices = {int(row): said for row, said in found.choices.items()}
    return Upload(number, found.name, _unpacked(found.content), found.answers, choices)


def _packed(sheet: ListSheet) -> bytes:
    return zlib.compress(json.dumps([sheet.header, sheet.lines], ensure_ascii=False).encode())


def _unpacked(content: bytes) -> ListSheet:
    header, lines = json.loads(zlib.decompress(content))
    return ListSheet(tuple(header), tuple((number, tuple(cells)) for number, cells in lines))


def note_choices(connection: Connection, upload: Upload, said: Mapping[int, str]) -> dict[int, str]:
    """Note what a person says of rows, beside what was said before; an empty text takes it back."""
    choices = {row: text for row, text in {**upload.choices, **said}.items() if text}
    rows.change_list(
        connection, upload.number, choices={str(row): text for row, text in sorted(choices.items())}
    )
    return choices


def note_answers(
    connection: Connection,
    staff_id: int,
    upload: Upload,
    answers: Mapping[str, Any],
    fields: Mapping[str, str],
) -> None:
    """Note what a person says of a list, and for the organization what its columns mean."""
    rows.change_list(connection, upload.number, answers=dict(answers))
    rows.remember_columns(connection, staff_id, fields)


def examples(sheet: ListSheet, n: int = 3) -> Sequence[list[str]]:
    """Return of each column its first values, each once."""
    found = []
    for column in range(len(sheet.header)):
        values = dict.fromkeys(cells[column] for _, cells in sheet.lines if cells[column])
        found.append(list(values)[:n])
    return found
