"""Import: a data folder, or one file of one collection, into the database; all of it or nothing.

The caller commits. Whatever is refused is refused before or by the database, in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
from sqlalchemy import Connection

from app.db.companies import store_companies
from app.db.facilities import store_facilities
from app.db.footprints import store_footprints
from app.db.meetings import store_meetings
from app.db.parks import park_ids, store_parks
from app.db.plots import store_plots
from app.db.sources import store_sources
from app.db.successions import store_successions
from app.db.versions import AS_GIVEN, Tally, Way
from app.db.walkways import store_walkways
from app.exchange.dataset import Dataset, read_dataset
from app.services.touring import store_tours

Store = Callable[[Connection, gpd.GeoDataFrame, Way], Tally]

STORES: Mapping[str, Store] = {
    "parks": store_parks,
    "plots": store_plots,
    "companies": store_companies,
    "facilities": store_facilities,
    "walkways": store_walkways,
    "footprints": store_footprints,
}


def is_empty(connection: Connection) -> bool:
    """Say whether the database holds no park."""
    return not park_ids(connection)


def load_dataset(
    connection: Connection, folder: Path, report: Callable[[str], None] = lambda _: None
) -> dict[str, int]:
    """Load a data folder; return the number of new rows by collection.

    See `import_dataset`.
    """
    return {name: tally.n_new for name, tally in import_dataset(connection, folder, report).items()}


def import_dataset(
    connection: Connection, folder: Path, report: Callable[[str], None] = lambda _: None
) -> dict[str, Tally]:
    """Import a data folder; what is stored already is left as it is.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit or, after a refusal, to roll back.
    folder : Path
        As `app.exchange.dataset` describes it.
    report : callable
        Told the name of each collection when its storing begins.

    Returns
    -------
    dict
        A tally for each collection, in the order of storing.

    Raises
    ------
    NotFoundError, DataError, ConflictError
        One sentence; see `read_dataset` and `app.db.versions.store_versions`.
    """
    dataset = read_dataset(folder)
    way = Way(is_rounded=True)
    n_sources = store_sources(connection, dataset.sources)
    tallies = {"sources": Tally(n_new=n_sources, n_unchanged=len(dataset.sources) - n_sources)}
    for name, frame in dataset.frames.items():
        report(name)
        tallies[name] = store_collection(connection, name, frame, way)
    return {**tallies, **_store_relations(connection, dataset, report)}


def _store_relations(
    connection: Connection, dataset: Dataset, report: Callable[[str], None]
) -> dict[str, Tally]:
    report("successions")
    successions = store_successions(connection, dataset.successions)
    report("tours")
    n_tours = store_tours(connection, list(dataset.tours))
    report("meetings")
    meetings = store_meetings(connection, dataset.meetings)
    return {"successions": successions, "tours": Tally(n_new=n_tours), "meetings": meetings}


def store_collection(
    connection: Connection, name: str, frame: gpd.GeoDataFrame, way: Way = AS_GIVEN
) -> Tally:
    """Store the rows of one collection; sources that are not known are made from their titles."""
    titles = [title for title in dict.fromkeys(frame["source"]) if title]
    store_sources(connection, [{"title": title} for title in titles])
    return STORES[name](connection, frame, way)
