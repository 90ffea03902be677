"""A data folder: everything known of some parks, in files that can be read, compared and kept.

What `write_dataset` writes is what `read_dataset` reads: one GeoJSON file a collection over all
history, and the relations beside them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from app.domain.frames import COMPANIES, FACILITIES, FOOTPRINTS, PARKS, PLOTS, WALKWAYS, Contract
from app.domain.meetings.records import meeting_record, read_meeting
from app.domain.period import parse_day
from app.errors import N_, DataError, InputError, NotFoundError
from app.exchange.collections.geojson import check_file, feature_collection, read_features
from app.exchange.collections.rows import COMPUTED

# In the order in which they can be stored.
COLLECTIONS: tuple[Contract, ...] = (PARKS, PLOTS, COMPANIES, FACILITIES, WALKWAYS, FOOTPRINTS)

SOURCE_COLUMNS = ("title", "url", "licence", "attribution")
SUCCESSION_COLUMNS = ("predecessor", "successor", "plot", "kind", "happened_on", "precision", "source")
MEETING_FIELDS = {
    "key": str,
    "park": str,
    "title": str,
    "held_on": str,
    "organizers": list,
    "program": list,
    "participations": list,
}
TOUR_FIELDS = {"key": str, "park": str, "title": str, "starts_at": str, "stops": list}


@dataclass(frozen=True)
class Dataset:
    """What a data folder holds.

    Attributes
    ----------
    frames : mapping of str to GeoDataFrame
        The collections by name, in EPSG:25832, computed columns empty.
    sources, successions, meetings, tours : sequence of dict
        With the columns that the query modules of the same names read and store; tours as they
        are written in ``tours.json``.
    """

    frames: Mapping[str, gpd.GeoDataFrame]
    sources: Sequence[dict[str, Any]]
    successions: Sequence[dict[str, Any]]
    meetings: Sequence[dict[str, Any]]
    tours: Sequence[dict[str, Any]]


def read_dataset(folder: Path) -> Dataset:
    """Return the content of a data folder, every file proved.

    Raises
    ------
    NotFoundError
        When the folder or one of its files is not there.
    DataError
        When a file breaks its form; the sentence names file, row and field.
    """
    if not folder.is_dir():
        raise NotFoundError(N_("There is no folder %(folder)s."), folder=folder)
    return Dataset(
        frames={
            contract.name: read_features(folder / f"{contract.name}.geojson", contract, may_be_empty=True)
            for contract in COLLECTIONS
        },
        sources=_read_table(folder / "sources.csv", SOURCE_COLUMNS, "title"),
        successions=[_with_day(row) for row in _successions(folder / "successions.csv")],
        meetings=_meetings(folder / "meetings.json"),
        tours=_read_list(folder / "tours.json", TOUR_FIELDS),
    )


def _read_table(path: Path, columns: tuple[str, ...], needed: str) -> list[dict[str, Any]]:
    check_file(path)
    try:
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise DataError(N_("%(file)s is not a comma-separated table in UTF-8."), file=path.name) from None
    if not rows or tuple(rows[0]) != columns:
        raise DataError(
            N_("%(file)s must begin with the columns %(columns)s."),
            file=path.name,
            columns=",".join(columns),
        )
    for n, row in enumerate(rows[1:], 2):
        if len(row) != len(columns) or not row[columns.index(needed)].strip():
            raise DataError(
                N_("%(file)s, line %(line)s: expected %(count)s values and a %(needed)s."),
                file=path.name,
                line=n,
                count=len(columns),
                needed=needed,
            )
    return [{name: value or None for name, value in zip(columns, row, strict=True)} for row in rows[1:]]


def _successions(path: Path) -> Iterator[dict[str, Any]]:
    for n, row in enumerate(_read_table(path, SUCCESSION_COLUMNS, "predecessor"), 2):
        yield {**row, "file": path.name, "line": n}


def _with_day(row: dict[str, Any]) -> dict[str, Any]:
    file, line = row.pop("file"), row.pop("line")
    try:
        return {**row, "happened_on": parse_day(row["happened_on"] or "")}
    except InputError as error:
        raise DataError(
            N_("%(file)s, row %(row)s, %(field)s: %(reason)s"),
            file=file,
            row=line,
            field="happened_on",
            reason=error,
        ) from None


def _read_list(path: Path, fields: Mapping[str, type]) -> list[dict[str, Any]]:
    check_file(path)
    try:
        entries = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(N_("%(file)s is not a JSON list of objects."), file=path.name)
    for n, entry in enumerate(entries, 1):
        for field, kind in fields.items():
            if not isinstance(entry.get(field), kind):
                raise DataError(
                    N_("%(file)s, row %(row)s (%(key)s): %(field)s is missing or of the wrong type."),
                    file=path.name,
                    row=n,
                    key=str(entry.get("key"))[:80],
                    field=field,
                )
    return entries


def _meetings(path: Path) -> list[dict[str, Any]]:
    read = enumerate(_read_list(path, MEETING_FIELDS), 1)
    return [read_meeting(meeting, path.name, n) for n, meeting in read]


def write_dataset(folder: Path, dataset: Dataset, members: Mapping[str, Mapping[str, str]]) -> None:
    """Write a data folder; files that are there are replaced.

    Parameters
    ----------
    folder : Path
        Made when missing.
    dataset : Dataset
    members : mapping
        Foreign members (licence, attribution, note) of each collection's file, by its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for contract in COLLECTIONS:
        text = feature_collection(
            dataset.frames[contract.name],
            contract,
            members[contract.name],
            is_history=True,
            without=COMPUTED,
        )
        _write(folder / f"{contract.name}.geojson", "".join(text))
    _write(folder / "sources.csv", _table(dataset.sources, SOURCE_COLUMNS))
    _write(folder / "successions.csv", _table(dataset.successions, SUCCESSION_COLUMNS))
    _write(folder / "meetings.json", _list([meeting_record(row) for row in dataset.meetings]))
    _write(folder / "tours.json", _list(dataset.tours))


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="\n")


def _table(rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[name] for name in columns] for row in rows)
    return out.getvalue()


def _list(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2, default=str) + "\n"
