"""One collection in one file: the format follows from the name's ending."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
from pyogrio.errors import DataSourceError

from app.domain.frames import Contract
from app.errors import N_, InputError
from app.exchange.geojson import feature_collection, read_features
from app.exchange.tables import csv_lines, read_csv, read_gpkg, write_gpkg

FORMATS = ("geojson", "gpkg", "csv")
STDOUT = Path("-")


@dataclass(frozen=True)
class Export:
    """Rows to be written, and what is said about them.

    Attributes
    ----------
    contract : Contract
    frame : GeoDataFrame
        Rows of `contract`, in EPSG:25832.
    members : mapping
        Name, licence, attribution, state and the like.
    is_history : bool
        Whether rows of several days are mixed.
    """

    contract: Contract
    frame: gpd.GeoDataFrame
    members: Mapping[str, Any]
    is_history: bool

    def lines(self, form: str) -> Iterator[str]:
        """Yield the rows as text, ``geojson`` or ``csv``."""
        if form == "csv":
            return csv_lines(self.frame, self.contract)
        return feature_collection(self.frame, self.contract, self.members, is_history=self.is_history)


def format_of(path: Path, asked: str | None = None) -> str:
    """Return the format that was asked for, or else that of the name's ending.

    Raises
    ------
    InputError
        When neither says one of `FORMATS`.
    """
    ending = path.suffix.lower().removeprefix(".")
    found = asked or ("geojson" if path == STDOUT or ending == "json" else ending)
    if found not in FORMATS:
        raise InputError(
            N_("%(file)s has none of the known formats (%(known)s)."), file=path, known=", ".join(FORMATS)
        )
    return found


def read_file(path: Path, contract: Contract) -> gpd.GeoDataFrame:
    """Return a file that this project wrote as the frame of `contract`, in EPSG:25832.

    Raises
    ------
    InputError
        When the ending is not that of a known format.
    NotFoundError, TooLargeError, DataError
        One sentence naming file, row and field.
    """
    form = format_of(path)
    if form == "geojson":
        return read_features(path, contract)
    return read_csv(path, contract) if form == "csv" else read_gpkg(path, contract)


def is_rounded(path: Path) -> bool:
    """Say whether geometries of this file have only the decimals of GeoJSON."""
    return format_of(path) == "geojson"


def write_file(out: Path, form: str, export: Export) -> None:
    """Write rows to a file, wholly or not at all, or to the standard output (``-``).

    Parameters
    ----------
    out : Path
    form : str
        One of `FORMATS`; CSV has no place for what is said about the rows.
    export : Export

    Raises
    ------
    InputError
        When the file cannot be written, or a GeoPackage is to go to the standard output.
    """
    if out == STDOUT:
        if form == "gpkg":
            raise InputError(N_("A GeoPackage cannot go to the standard output: name a file."))
        sys.stdout.writelines(export.lines(form))
        return
    with replacing(out) as partial:
        if form == "gpkg":
            write_gpkg(partial, export.frame, export.contract, export.members)
        else:
            with partial.open("w", encoding="utf-8", newline="") as file:
                file.writelines(export.lines(form))


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Yield a path beside `out` that takes its place when all went well, and is removed otherwise.

    Raises
    ------
    InputError
        When the folder is missing, not writable or full.
    """
    partial = out.with_name(f".{out.stem}-{secrets.token_hex(4)}{out.suffix}")
    try:
        yield partial
        partial.replace(out)
    except (OSError, DataSourceError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(N_("%(file)s cannot be written: %(reason)s."), file=out, reason=reason) from None
    finally:
        partial.unlink(missing_ok=True)
