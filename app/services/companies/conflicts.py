"""Two people at once: who would write over what somebody else has saved meanwhile is asked first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shapely import Point
from sqlalchemy import Connection

from app.analysis.histories import Version, at
from app.db.change_sets import Recorded, change_set, history
from app.domain.crs import to_wgs84
from app.errors import N_, ConflictError
from app.services.companies.things import Thing

# Between the parts of a list in one text.
SEPARATOR = "; "
STALE = N_("Somebody else has saved another value meanwhile: choose which one shall hold.")
# What a person saw before the edit, by column; what is not in it was not shown.
Shown = Mapping[str, Any]


@dataclass(frozen=True)
class FieldConflict:
    """A column that is stored otherwise than it was shown: `before`, `theirs` and `mine`."""

    before: Any
    theirs: Any
    mine: Any


class StaleFieldsError(ConflictError):
    """Somebody has saved another value of the very fields that are to be written.

    Attributes
    ----------
    thing : Thing
    version : Version
        Which of its versions holds the other values.
    fields : mapping
        A `FieldConflict` by column.
    """

    @property
    def thing(self) -> Thing:
        """Of what."""
        found: Thing = self.params["held"]  # type: ignore[assignment]
        return found

    @property
    def version(self) -> Version:
        """Which version of it."""
        found: Version = self.params["version"]  # type: ignore[assignment]
        return found

    @property
    def fields(self) -> Mapping[str, FieldConflict]:
        """Which columns."""
        found: Mapping[str, FieldConflict] = self.params["fields"]  # type: ignore[assignment]
        return found


def check_shown(
    thing: Thing, versions: Sequence[Version], day: date, values: Mapping[str, Any], shown: Shown | None
) -> None:
    """Refuse to write over what was not shown; what others saved of other columns is in nobody's way.

    Parameters
    ----------
    thing : Thing
    versions : sequence of Version
        As they are stored, read after everybody else was locked out.
    day : date
        On which the values are compared.
    values : mapping
        What is to be written, by column.
    shown : mapping or None
        None where nothing was shown.

    Raises
    ------
    StaleFieldsError
    NotFoundError
        When the thing has no version on that day.
    """
    version = versions[at(versions, day, thing.key)]
    found = {
        name: FieldConflict(shown[name], version.values[name], mine)
        for name, mine in values.items()
        if shown is not None
        and name in shown
        and as_shown(version.values[name]) not in (as_shown(shown[name]), as_shown(mine))
    }
    if found:
        raise StaleFieldsError(
            STALE,
            held=thing,
            version=version,
            fields=found,
        )


def as_shown(value: Any) -> Any:
    """Return a value as a field in one line shows it: of a point longitude and latitude, of a list its parts.

    What is true, false or has an area is as it is.
    """
    if isinstance(value, list):
        return SEPARATOR.join(value) or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping) and value.get("type") == "Point":
        at_ = to_wgs84(Point(value["coordinates"]))
        return f"{at_.x:.7f}, {at_.y:.7f}"
    return " ".join(value.split()) or None if isinstance(value, str) else value


def saved_by(connection: Connection, conflict: StaleFieldsError, column: str) -> Recorded | None:
    """Return the change set that gave a column in conflict its value; None where none is known."""
    thing, theirs = conflict.thing, conflict.fields[column].theirs
    entries = history(connection, thing.kind.table, thing.kind.identity, thing.identity)
    for entry in entries:
        # A version that was cut off another one may only carry on what that one had.
        known = [
            one.before.get(column)
            for one in entries
            if one.change_set_id == entry.change_set_id and one.before is not None
        ]
        if entry.after is not None and entry.after.get(column) == theirs and theirs not in known:
            return change_set(connection, entry.change_set_id)
    return None
