"""Import: a data folder, or one file of one collection, into the database; all of it or nothing.

The caller commits. Whatever is refused is refused before or by the database, in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
from sqlalchemy import Connection

from app.analysis.adjacency import ENGINE
from app.db.companies.companies import store_companies
from app.db.companies.successions import store_successions
from app.db.features.readers import frame_on
from app.db.land.facilities import store_facilities
from app.db.land.footprints import store_footprints
from app.db.land.overlaps import overlaps
from app.db.land.parks import park_ids, store_parks
from app.db.land.plots import end_plots, places_without_plot, store_plots
from app.db.meetings.meetings import store_meetings
from app.db.neighbors.adjacency import is_computed
from app.db.sources import store_sources
from app.db.versions import AS_GIVEN, StoreOptions, Tally
from app.db.walking.walkways import store_walkways
from app.domain.frames import CONTRACTS
from app.errors import N_, ConflictError
from app.exchange.collections.dataset import Dataset, read_dataset
from app.exchange.collections.files import is_geojson, read_file
from app.exchange.collections.geojson import read_members
from app.services.land.near_parks import check_places
from app.services.neighbors.stored_pairs import neighbors_updated, rebuild_neighbors
from app.services.tours.storing import plan_legs, store_tours

Store = Callable[[Connection, gpd.GeoDataFrame, StoreOptions], Tally]

STORES: Mapping[str, Store] = {
    "parks": store_parks,
    "plots": store_plots,
    "companies": store_companies,
    "facilities": store_facilities,
    "walkways": store_walkways,
    "footprints": store_footprints,
}

# Square meters or meters by which an overlap may grow that was there before: less is rounding.
_ROUNDING = 1.0
_MOST_TOLD = 5


def is_empty(connection: Connection) -> bool:
    """Return whether the database holds no park."""
    return not park_ids(connection)


def load_dataset(
    connection: Connection, folder: Path, report: Callable[[str], None] = lambda _: None
) -> dict[str, int]:
    """Load a data folder; return the number of new rows by collection.

    See `import_dataset`.
    """
    return {name: tally.n_new for name, tally in import_dataset(connection, folder, report).items()}


def import_dataset(
    connection: Connection,
    folder: Path,
    report: Callable[[str], None] = lambda _: None,
    *,
    accepts_overlaps: bool = False,
) -> dict[str, Tally]:
    """Import a data folder; what is stored already is left as it is.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit or, after a refusal, to roll back.
    folder : Path
        As `app.exchange.collections.dataset` describes it.
    report : callable
        Told the name of each collection when its storing begins.
    accepts_overlaps : bool
        See `store_collection`.

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
    options = StoreOptions(is_rounded=True, accepts_overlaps=accepts_overlaps)
    n_sources = store_sources(connection, dataset.sources)
    tallies = {"sources": Tally(n_new=n_sources, n_unchanged=len(dataset.sources) - n_sources)}
    for name, frame in dataset.frames.items():
        report(name)
        tallies[name] = store_collection(connection, name, frame, options)
    return {**tallies, **_store_relations(connection, dataset, report)}


def _store_relations(
    connection: Connection, dataset: Dataset, report: Callable[[str], None]
) -> dict[str, Tally]:
    rows = (*dataset.successions, *dataset.meetings, *dataset.tours)
    store_sources(connection, [{"title": row["source"]} for row in rows if row.get("source")])
    report("successions")
    successions = store_successions(connection, dataset.successions)
    report("tours")
    n_tours = store_tours(connection, list(dataset.tours))
    tours = Tally(n_new=n_tours, n_unchanged=len(dataset.tours) - n_tours)
    report("meetings")
    meetings = store_meetings(connection, dataset.meetings)
    return {"successions": successions, "tours": tours, "meetings": meetings}


def import_file(
    connection: Connection,
    name: str,
    path: Path,
    since: date | None = None,
    *,
    accepts_overlaps: bool = False,
) -> Tally:
    """Import one collection from a file that this project wrote, in any of its forms.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's.
    name : str
        A name of `STORES`.
    path : Path
    since : date or None
        The day from which the rows hold; None where each row says its own period.
    accepts_overlaps : bool
        See `store_collection`.

    Raises
    ------
    InputError, NotFoundError, TooLargeError, DataError, ConflictError
        One sentence; nothing should be committed then.
    """
    frame, is_rounded = read_file(path, CONTRACTS[name], lambda: frame_on(connection, name, None))
    notices = read_members(path) if is_geojson(path) else {}
    options = StoreOptions(since, is_rounded, accepts_overlaps)
    return store_collection(connection, name, frame, options, notices)


def store_collection(
    connection: Connection,
    name: str,
    frame: gpd.GeoDataFrame,
    options: StoreOptions = AS_GIVEN,
    notices: Mapping[str, str] = MappingProxyType({}),
) -> Tally:
    """Store the rows of one collection.

    Sources that are not known are made from their titles, with the licence and attribution of `notices`.
    Where neighbors are stored, they follow the plots.

    Raises
    ------
    DataError, ConflictError
        One sentence; a row far from every park is refused, see `check_places`, and so is one that would lie
        on what is stored under another key, unless `options` accepts that.
    """
    check_places(connection, name, frame)
    _store_sources_of(connection, frame, notices)
    refusal = _PLOTS_ON_OTHERS if name == "plots" else _TWICE
    with _without_overlaps(connection, name, frame["key"], options, refusal):
        if name != "plots":
            return STORES[name](connection, frame, options)
        with neighbors_updated(connection, frame["key"]):
            return store_plots(connection, frame, options)


_PLOTS_ON_OTHERS = N_(
    "Plots in the file would lie on stored plots that it does not contain: %(pairs)s. If the file "
    "covers the whole park, --complete ends those on --valid-from; if not, check it. "
    "--accept-overlaps stores them as they are."
)
_TWICE = N_(
    "%(name)s: the file would store again, under another key, what is already stored there: "
    "%(pairs)s. Check it; --accept-overlaps stores both."
)


@contextmanager
def _without_overlaps(
    connection: Connection, name: str, keys: Iterable[str], options: StoreOptions, refusal: str
) -> Iterator[None]:
    """Refuse that the body stores rows of `keys` on what is stored under other keys.

    What overlapped before may go on doing so, but no more than before.
    """
    if options.accepts_overlaps:
        yield
        return
    before = overlaps(connection, name, keys)
    yield
    after = overlaps(connection, name, keys)
    pairs = [
        f"{key} – {other}"
        for (key, other), extent in after.items()
        if extent > before.get((key, other), -_ROUNDING - 1) + _ROUNDING
    ]
    if pairs:
        listed = ", ".join(pairs[:_MOST_TOLD]) + (", …" if len(pairs) > _MOST_TOLD else "")
        raise ConflictError(refusal, name=name, pairs=listed)


def _store_sources_of(connection: Connection, frame: gpd.GeoDataFrame, notices: Mapping[str, str]) -> None:
    titles = [title for title in dict.fromkeys(frame["source"]) if title]
    store_sources(connection, [{**notices, "title": title} for title in titles])


def store_all_plots(  # noqa: PLR0913  what the prompt says of a delivery
    connection: Connection,
    frame: gpd.GeoDataFrame,
    since: date,
    others: Sequence[str],
    notices: Mapping[str, str] = MappingProxyType({}),
    *,
    accepts_overlaps: bool = False,
) -> tuple[Tally, list[str]]:
    """Store all plots that a park has from a day on; the others end on it.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's.
    frame : GeoDataFrame
        Columns of `PLOTS`.
    since : date
        The first day of the rows.
    others : sequence of str
        Keys of the park's plots on that day that are not in `frame`.
    notices : mapping
    accepts_overlaps : bool
        See `store_collection`.

    Returns
    -------
    Tally
        An ended plot counts as changed.
    list of str
        Keys of companies' places and facilities that are left without their plot.

    Raises
    ------
    ConflictError
        When one of `others` begins on that very day, or a row would lie on a plot that does not end on it;
        for the rest see `store_plots`.
    """
    _store_sources_of(connection, frame, notices)
    options = StoreOptions(since, accepts_overlaps=accepts_overlaps)
    with (
        _without_overlaps(connection, "plots", frame["key"], options, _TWICE),
        neighbors_updated(connection, [*frame["key"], *others]),
    ):
        end_plots(connection, others, since)
        tally = store_plots(connection, frame, options)
    return tally + Tally(n_changed=len(others)), places_without_plot(connection, others, since)


def rebuild_derived(
    connection: Connection, tallies: Mapping[str, Tally], report: Callable[[str], None] = lambda _: None
) -> None:
    """Compute what follows from what changed: neighbors where none are stored yet, tours' legs."""
    changed = {name for name, tally in tallies.items() if tally.n_new or tally.n_changed}
    if "plots" in changed and not is_computed(connection, ENGINE):
        report(N_("Neighbors"))
        rebuild_neighbors(connection)
    if "walkways" in changed:
        report(N_("Tours"))
        plan_legs(connection)
