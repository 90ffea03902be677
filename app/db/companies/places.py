"""Places of companies as they are stored, from the rows of a frame, which end where a firm is renamed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import Range

from app.db.companies.attributes import ATTRIBUTES, Attributes
from app.db.models import Occupancy
from app.db.versions import StoreOptions, is_same_geometry, period

_OF_PLACE = ("company", "park", "plot", "street", "house_number", "location_quality", "as_of", "note")


@dataclass(frozen=True)
class Place:
    """The place that a row is a part of.

    Attributes
    ----------
    values : mapping
        Columns of `Occupancy` that differ from the row's: ``valid``, and what is known of the first day.
    is_stored : bool
        Whether the row, with these very days, is stored.
    """

    values: Mapping[str, Any]
    is_stored: bool = False

    @property
    def valid(self) -> Range[date]:
        """The days of the place."""
        valid: Range[date] = self.values["valid"]
        return valid


def whole_places(
    connection: Connection,
    rows: Sequence[Mapping[str, Any]],
    firms: Mapping[str, Sequence[Attributes]],
    options: StoreOptions,
) -> list[Place]:
    """Return the place of each row of a `COMPANIES` frame.

    Parameters
    ----------
    connection : Connection
    rows : sequence of mapping
    firms : mapping
        The stored versions of their companies, by key.
    options : StoreOptions
    """
    stored = _stored(connection, [row["key"] for row in rows])
    joined = _joined(rows, stored)
    return [
        _whole(row, place, stored[row["key"]], _cuts(firms.get(row["company"], ())), options)
        for row, place in zip(rows, joined, strict=True)
    ]


def _stored(connection: Connection, keys: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    columns = (Occupancy.key, Occupancy.valid, Occupancy.starts_precision, Occupancy.source_id)
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    statement = select(*columns).where(Occupancy.key.in_(set(keys))).order_by(Occupancy.valid)
    for row in connection.execute(statement).mappings():
        found[row["key"]].append(dict(row))
    return found


def _cuts(versions: Sequence[Attributes]) -> set[date]:
    return {version.valid.lower for version in versions if version.valid.lower is not None}


def _joined(
    rows: Sequence[Mapping[str, Any]], stored: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[Place]:
    """Return the place of each row, as far as the rows themselves tell of it."""
    places = [Place({"valid": period(row)}) for row in rows]
    of_key: dict[str, list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        of_key[row["key"]].append(n)
    for key, chosen in of_key.items():
        begins = {row["valid"].lower for row in stored.get(key, ())}
        chosen.sort(key=lambda n: rows[n]["valid_from"] or date.min)
        parts = [[chosen[0]]]
        for n, following in pairwise(chosen):
            is_one = rows[following]["valid_from"] not in begins and _is_one(rows[n], rows[following])
            parts[-1].append(following) if is_one else parts.append([following])
        for part in parts:
            whole = _of_first(rows[part[0]], rows[part[-1]]["valid_to"])
            for n in part[1:]:
                places[n] = whole
            places[part[0]] = Place({"valid": whole.valid})
    return places


def _of_first(first: Mapping[str, Any], ends: date | None) -> Place:
    valid: Range[date] = Range(first["valid_from"], ends, bounds="[)")
    return Place({"valid": valid, "starts_precision": first["starts_precision"]})


def _is_one(row: Mapping[str, Any], following: Mapping[str, Any]) -> bool:
    """Say whether a row goes on where another one ends, and only the firm is another."""
    return (
        row["valid_to"] is not None
        and row["valid_to"] == following["valid_from"]
        and all(row[name] == following[name] for name in _OF_PLACE)
        and any(row[name] != following[name] for name in ATTRIBUTES)
        and is_same_geometry(row["geometry"], following["geometry"])
    )


def _whole(
    row: Mapping[str, Any],
    place: Place,
    stored: Sequence[Mapping[str, Any]],
    cuts: set[date],
    options: StoreOptions,
) -> Place:
    """Return the stored place of which a row tells a part, else the place as it was."""
    valid = place.valid
    for known in stored:
        whole: Range[date] = known["valid"]
        is_end = valid.upper in {whole.upper, *cuts} and whole.contains(Range(valid.lower, valid.upper))
        if options.since is not None and options.since in whole and is_end:
            return replace(place, values={"valid": Range(valid.lower, whole.upper, bounds="[)")})
        if options.since is None and is_end and valid.lower in {whole.lower, *cuts}:
            own = period(row)
            is_stored = not any(cut in own and cut != own.lower for cut in cuts)
            kept = {"valid": whole}
            if own.lower != whole.lower:
                kept |= {name: known[name] for name in ("starts_precision", "source_id")}
            return Place(kept, is_stored)
    return place
