"""Where facts come from, and the notices that their licences ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from app.db.models import Source

COLUMNS = ("title", "url", "licence", "attribution")


@dataclass(frozen=True)
class Notice:
    """What must stand on every map and in every file made from the data; empty where nothing is asked."""

    licence: str
    attribution: str


def notice(connection: Connection) -> Notice:
    """Return the licences and attributions of all sources, each once, in order, joined by ``; ``.

    The parks' data are one work made from all of them, so a part carries the notices of the whole.
    """
    rows = connection.execute(select(Source.licence, Source.attribution).order_by(Source.source_id)).all()
    return Notice(_joined(row.licence for row in rows), _joined(row.attribution for row in rows))


def _joined(texts: Iterable[str | None]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def all_sources(connection: Connection) -> list[dict[str, str | None]]:
    """Return every source with `COLUMNS`, in the order they were stored."""
    statement = select(Source.title, Source.url, Source.licence, Source.attribution)
    return [dict(row) for row in connection.execute(statement.order_by(Source.source_id)).mappings()]


def store_sources(connection: Connection, sources: Sequence[Mapping[str, str | None]]) -> int:
    """Store sources that are not stored yet, known by their titles; return how many were new."""
    if not sources:
        return 0
    rows = [{name: source.get(name) for name in COLUMNS} for source in sources]
    known = source_ids(connection)
    fresh = {row["title"]: row for row in rows if row["title"] not in known}
    if fresh:
        connection.execute(insert(Source).on_conflict_do_nothing(), list(fresh.values()))
    return len(fresh)


def source_titles(connection: Connection) -> dict[int, str]:
    """Return the title of every source by its id."""
    return {number: title for title, number in source_ids(connection).items()}


def source_ids(connection: Connection) -> dict[str, int]:
    """Return the id of every source by its title."""
    return {row.title: row.source_id for row in connection.execute(select(Source.title, Source.source_id))}
