"""Days written in a filter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, literal

from app.db.features.cql2.operands import Operand, shown
from app.domain.frames import DAY, TEXT
from app.domain.period import day_of, parse_day
from app.errors import N_, InputError


def day(on: date) -> Operand:
    """Return a day as an operand."""
    return Operand(DAY, on.isoformat(), literal(on, Date()), on)


def as_day(operand: Operand) -> Operand:
    """Return an operand as a day if it is a text written in the filter; any other as it is.

    Raises
    ------
    InputError
        When the text is no day.
    """
    if operand.kind != TEXT or operand.given is None:
        return operand
    return replace(day(read_day(operand.given)), name=operand.name)


def read_day(text: Any) -> date:
    """Read a day, or an instant, of which the day in the parks' time zone counts.

    Raises
    ------
    InputError
        When it is neither.
    """
    return read_instant(text) if isinstance(text, str) and "T" in text.upper() else parse_day(shown(text))


def read_instant(text: Any) -> date:
    """Return the day of an instant such as ``2024-04-24T12:00:00Z`` in the parks' time zone.

    Raises
    ------
    InputError
        When it is no instant, or says no time zone.
    """
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return day_of(instant)
    except (TypeError, ValueError, OverflowError):
        pass
    raise InputError(
        N_("“%(text)s” is not a valid instant; expected, for example, 2024-04-24T12:00:00Z."),
        text=shown(text),
    )
