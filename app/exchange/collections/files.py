"""One collection in one file: the form follows from the name's ending."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import pyarrow as pa

from app.domain.crs import STORAGE_CRS
from app.domain.frames import PLOTS, Contract
from app.domain.localizer import Localizer, localizer_for
from app.errors import N_, InputError
from app.exchange.atomic_files import replacing
from app.exchange.collections.arrow_rows import Part, record_batches
from app.exchange.collections.completing import completed
from app.exchange.collections.csv_text import csv_lines, excel_lines
from app.exchange.collections.forms import FORMS, find_form
from app.exchange.collections.geofiles import MOST_INDEXED, write_fgb, write_gpkg
from app.exchange.collections.geojson import collection_text, read_features
from app.exchange.collections.geoparquet import write_geoparquet
from app.exchange.collections.graphs import edge_lines, gal_lines, graphml_lines
from app.exchange.collections.layers import read_fgb, read_gpkg, read_parquet, read_shapefiles
from app.exchange.collections.rows import FileTable, checked_frame
from app.exchange.collections.shapefile import write_shapefiles
from app.exchange.collections.tables import read_csv, read_workbook
from app.exchange.collections.workbook import check_rows, write_workbook

FORMATS = tuple(FORMS)
READERS: Mapping[str, Callable[[Path, Contract], FileTable]] = {
    "gpkg": read_gpkg,
    "csv": read_csv,
    "xlsx": read_workbook,
    "parquet": read_parquet,
    "fgb": read_fgb,
    "shp.zip": read_shapefiles,
}
READ = ("geojson", *READERS)
STDOUT = Path("-")

T = TypeVar("T")

# Of pages about the rows inside files, which are the same for every reader.
FILE_LANGUAGE = "de"
# Member of a file -> what such a page calls it.
_TITLES = {
    "name": N_("Collection"),
    "state": N_("As of"),
    "park": N_("Business park"),
    "selection": N_("Selection"),
    "note": N_("Note"),
    "licence": N_("License"),
    "attribution": N_("Attribution"),
    "source": N_("Sources"),
    "crs": N_("Coordinate reference system"),
    "generated_from": N_("Generated from"),
}


@dataclass(frozen=True)
class Export:
    """Rows to be written, and their metadata; nothing is read before a form asks for it.

    Attributes
    ----------
    contract : Contract
    members : mapping
        Name, licence, attribution, state and the like.
    features : callable
        Gives the rows as texts of GeoJSON features.
    parts : callable
        Gives ids and frames of `contract`, in EPSG:25832, some thousand rows at a time.
    plots : callable
        Gives the plots among which neighbors are listed, as `parts` does.
    n_rows : callable
        Counts the rows.
    columns : sequence of sequences of str
        What the columns mean, line by line; the first is a heading.
    localizer : Localizer
        Of the pages about the rows.
    """

    contract: Contract
    members: Mapping[str, str]
    features: Callable[[], Iterator[str]]
    parts: Callable[[], Iterator[Part]]
    plots: Callable[[], Iterator[Part]]
    n_rows: Callable[[], int]
    columns: Sequence[Sequence[str]] = ()
    localizer: Localizer = field(default_factory=partial(localizer_for, FILE_LANGUAGE))

    @property
    def about(self) -> dict[str, str]:
        """Metadata of the rows in files whose coordinates are those of the database."""
        return {**self.members, "crs": STORAGE_CRS}

    @property
    def titled(self) -> dict[str, str]:
        """The same, under titles for people."""
        about, title = self.about, self.localizer.translate
        return {title(word): about[name] for name, word in _TITLES.items() if name in about}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Return the rows as record batches; the first is read at once, so that refusals come early."""
        return _begun(record_batches(self.parts(), self.contract))

    def lines(self, form: str) -> Iterator[str]:
        """Return the rows as pieces of text in a form that is text; the first rows are read at once."""
        if form == "geojson":
            return collection_text(_begun(self.features()), self.members)
        if form == "csv":
            return csv_lines(self.batches(), self.contract)
        if form == "excel.csv":
            return excel_lines(self.batches(), self.contract)
        if form == "edges.csv":
            return edge_lines(self.batches())
        plots = _begun(record_batches(self.plots(), PLOTS))
        pairs = record_batches(self.parts(), self.contract)
        return gal_lines(plots, pairs) if form == "gal" else graphml_lines(plots, pairs, self.about)

    def write(self, path: Path, form: str) -> None:
        """Write the rows to a new file in any form; InputError for more rows than Excel holds."""
        if form == "xlsx":
            check_rows(self.n_rows())
            about = self.localizer.translate(N_("About these data")), self.titled
            columns = self.localizer.translate(N_("Columns")), self.columns
            write_workbook(path, self.batches(), self.contract, about, columns)
        elif form == "shp.zip":
            write_shapefiles(path, self.batches(), self.contract, self.titled, self.localizer)
        elif form == "gpkg":
            write_gpkg(path, self.batches(), self.contract, self.about)
        elif form == "parquet":
            write_geoparquet(path, self.batches(), self.contract, self.about)
        elif form == "fgb":
            is_indexed = self.n_rows() <= MOST_INDEXED
            write_fgb(path, self.batches(), self.contract, self.about, is_indexed=is_indexed)
        else:
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(self.lines(form))


def _begun(items: Iterator[T]) -> Iterator[T]:
    """Return an iterator whose first item is read already."""
    first = next(items, None)
    return items if first is None else chain([first], items)


def format_of(path: Path, asked: str | None = None) -> str:
    """Return the form that was asked for, or else that of the name's ending.

    Raises
    ------
    InputError
        When neither names one of `FORMATS`.
    """
    name = path.name.lower()
    if asked is None and path == STDOUT:
        return "geojson"
    # The longest ending first: ``x.edges.csv`` is no plain CSV.
    endings = sorted((*FORMATS, "json"), key=len, reverse=True)
    found = asked or next((ending for ending in endings if name.endswith(f".{ending}")), "")
    found = "geojson" if found == "json" else found
    if found not in FORMATS:
        raise InputError(
            N_("%(file)s is not in any of the known formats (%(known)s)."),
            file=path,
            known=", ".join(FORMATS),
        )
    return found


def read_file(
    path: Path, contract: Contract, stored: Callable[[], gpd.GeoDataFrame]
) -> tuple[gpd.GeoDataFrame, bool]:
    """Return a file that this project wrote as the frame of `contract`, in EPSG:25832.

    Parameters
    ----------
    path : Path
        In any form of `READ`.
    contract : Contract
    stored : callable
        Gives all stored rows of the collection: a table without outlines, or with texts that were cut, says
        only part of them.

    Returns
    -------
    frame : GeoDataFrame
    is_rounded : bool
        Whether geometries have only seven decimals of a degree.

    Raises
    ------
    InputError
        When the ending is not that of a form that can be read back, one of `READ`.
    NotFoundError, TooLargeError, DataError
        One sentence naming file, row and field.
    """
    form = _read_form(path)
    if form == "geojson":
        return read_features(path, contract), True
    table = completed(path.name, READERS[form](path, contract), stored)
    shapes = [place.geometry for place in table.places]
    return checked_frame(path.name, table.rows, shapes, contract, table.decimal), table.is_in_degrees


def is_geojson(path: Path) -> bool:
    """Return whether a file that can be read back is GeoJSON, which states licence and attribution."""
    return _read_form(path) == "geojson"


def _read_form(path: Path) -> str:
    endings = {"json": "geojson", "zip": "shp.zip", **{form: form for form in READ}}
    found = next((form for ending, form in endings.items() if path.name.lower().endswith(f".{ending}")), None)
    if found is None:
        raise InputError(
            N_("%(file)s is not in any of the known formats (%(known)s)."), file=path, known=", ".join(READ)
        )
    return found


def write_file(out: Path, form: str, export: Export) -> None:
    """Write rows to a file, wholly or not at all, or to the standard output (``-``).

    Parameters
    ----------
    out : Path
    form : str
        One of `FORMATS`; CSV and GAL have no place for metadata of the rows.
    export : Export

    Raises
    ------
    InputError
        When the file cannot be written, or what is no text is to go to the standard output.
    NotFoundError
        When the collection has no such form.
    """
    is_text = find_form(export.contract.name, form).is_text
    if out == STDOUT:
        if not is_text:
            raise InputError(N_("This format cannot be written to the standard output: name a file."))
        sys.stdout.writelines(export.lines(form))
        return
    with replacing(out) as partial:
        export.write(partial, form)
