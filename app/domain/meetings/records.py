"""A meeting as ``meetings.json`` tells it: what goes without saying is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.domain.meetings import MeetingState
from app.domain.period import PARK_ZONE, parse_day, parse_instant
from app.errors import N_, DataError, InputError

# What a record may leave out, and what it then is.
_IMPLIED: dict[str, Any] = {
    "starts_at": None,
    "ends_at": None,
    "state": MeetingState.HELD,
    "place": None,
    "tour": None,
    "note": None,
    "source": None,
}
ROLES = ("invited", "accepted", "declined", "attended", "absent", "hosted")
MORE = ("starts_at", "ends_at", "state", "place")
_FORM = N_("expected a list of parts, each a company with one of the roles %(roles)s")
_ITEM = N_("expected a list of items, each a text or an object with a title")


def read_meeting(record: Mapping[str, Any], file: str, n: int) -> dict[str, Any]:
    """Return a record's meeting, as `app.db.meetings.meetings` stores it.

    Raises
    ------
    DataError
        When a value is none; the sentence names file, row and field.
    """
    row = {**_IMPLIED, **record}

    def value(field: str, read: Callable[[Any], Any]) -> Any:
        try:
            return read(row[field])
        except InputError as error:
            sentence = N_("%(file)s, row %(row)s, %(field)s: %(reason)s")
            raise DataError(sentence, file=file, row=n, field=field, reason=error) from None

    own = {name: row[name] for name in ("key", "title", "place", "organizers", "tour", "note", "source")}
    return {
        **own,
        "parks": [row["park"], *row.get("more_parks", ())],
        "held_on": value("held_on", parse_day),
        **{name: value(name, _instant) for name in ("starts_at", "ends_at")},
        "state": value("state", _state),
        "program": value("program", _program),
        "participations": value("participations", _parts),
    }


def _instant(text: Any) -> datetime | None:
    return None if text is None else parse_instant(str(text))


def _state(text: Any) -> MeetingState:
    states = list(MeetingState)[1:]
    if text not in states:
        raise InputError(N_("expected one of %(values)s"), values=", ".join(states))
    return MeetingState(text)


def _program(items: list[Any]) -> list[dict[str, Any]]:
    rows = [{"title": item} if isinstance(item, str) else item for item in items]
    if not all(isinstance(row, dict) and str(row.get("title") or "").strip() for row in rows):
        raise InputError(_ITEM)
    return [
        {"title": row["title"], "starts_at": _instant(row.get("starts_at")), "note": row.get("note")}
        for row in rows
    ]


def _parts(parts: list[Any]) -> list[dict[str, Any]]:
    if not all(isinstance(part, dict) and part.get("role") in ROLES for part in parts):
        raise InputError(_FORM, roles=", ".join(ROLES))
    return [{"company": part.get("company"), "role": part["role"]} for part in parts]


def meeting_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a meeting."""
    park, *more = row["parks"]
    said = {name: _written(row[name]) for name in MORE if row[name] != _IMPLIED[name]}
    return {
        "key": row["key"],
        "park": park,
        **({"more_parks": more} if more else {}),
        **{name: _written(row[name]) for name in ("title", "held_on")},
        **said,
        "organizers": row["organizers"],
        "program": [_item(item) for item in row["program"]],
        **{name: row[name] for name in ("tour", "note", "source", "participations")},
    }


def _item(item: Mapping[str, Any]) -> str | dict[str, Any]:
    said = {name: _written(value) for name, value in item.items() if value is not None}
    return said["title"] if said.keys() == {"title"} else said


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(PARK_ZONE).isoformat(timespec="minutes")
    return value
