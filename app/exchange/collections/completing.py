"""What a form could not hold, taken from what is stored: outlines, and ends of texts that were cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from app.errors import N_
from app.exchange.collections.rows import FileTable, RowPlace, Spot, day_in

# How far a point may lie from the outline on which it is stated to be: it has seven decimals of a degree.
_FAR_M = 0.1


@dataclass(frozen=True)
class _Known:
    """All stored versions of each row, by key, in the order of their days."""

    versions: Mapping[str, list[dict[str, Any]]]

    def of(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the stored version that begins when a row does, or, where it states no day, the last."""
        found = self.versions.get(str(row.get("key")), [])
        begins = day_in(row.get("valid_from"))
        same = [version for version in found if version["valid_from"] == begins]
        return same[0] if same else (found[-1] if found and begins is None else None)


def completed(file: str, table: FileTable, stored: Callable[[], gpd.GeoDataFrame]) -> FileTable:
    """Return a table with what its form could not hold.

    Parameters
    ----------
    file : str
        Named in sentences.
    table : FileTable
    stored : callable
        Gives all stored versions of the collection; asked only when something is missing.

    Raises
    ------
    DataError
        When a row that lacks something is not stored, or its point lies off the stored outline.
    """
    if not table.cut_texts and all(place.point is None for place in table.places):
        return table
    known = _known(stored())
    rows = [dict(row) for row in table.rows]
    for n, column in sorted(table.cut_texts):
        spot = Spot(file, n + 1, rows[n].get("key"))
        whole = str((known.of(rows[n]) or {}).get(column) or "")
        _check_beginning(spot, column, str(rows[n][column]), table.cut(whole))
        rows[n][column] = whole
    places = [
        place if place.point is None else _outline(Spot(file, n, row.get("key")), row, place, known)
        for n, (row, place) in enumerate(zip(rows, table.places, strict=True), 1)
    ]
    return replace(table, rows=rows, places=places)


def _known(frame: gpd.GeoDataFrame) -> _Known:
    versions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    columns = {name: [None if pd.isna(value) else value for value in frame[name]] for name in frame.columns}
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        versions[row["key"]].append(row)
    for rows in versions.values():
        rows.sort(key=lambda row: (row["valid_from"] is not None, row["valid_from"]))
    return _Known(versions)


def _outline(spot: Spot, row: Mapping[str, Any], place: RowPlace, known: _Known) -> RowPlace:
    version = known.of(row)
    if version is None:
        raise spot.refuse(
            N_(
                "%(file)s, row %(row)s (%(key)s): a table without outlines can only change what is "
                "already stored; use GeoPackage, GeoJSON or CSV for new rows."
            )
        )
    far_m = place.point.distance(version["geometry"])
    if far_m > _FAR_M:
        raise spot.refuse(
            N_(
                "%(file)s, row %(row)s (%(key)s): lon and lat are %(far)s m away from the "
                "geometry; change both, or clear one of them."
            ),
            far=round(far_m, 1),
        )
    return RowPlace(version["geometry"])


def _check_beginning(spot: Spot, column: str, text: str, cut: str) -> None:
    if cut.strip() != text.strip():
        raise spot.refuse(
            N_(
                "%(file)s, row %(row)s (%(key)s), %(field)s: this format cuts long texts off, and this "
                "one may have been longer; use another format."
            ),
            field=column,
        )
