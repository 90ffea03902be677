"""Companies, and the places they occupy over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection, insert, select, update

from app.db.features.readers import frame_on
from app.db.land.parks import park_ids
from app.db.land.plots import plot_ids
from app.db.models import Company, Occupancy
from app.db.sources import source_ids
from app.db.versions import (
    AS_GIVEN,
    StoreOptions,
    Tally,
    period,
    records,
    refusals_in_words,
    resolve,
    store_versions,
)
from app.errors import N_, DataError

UNKNOWN_PARK = N_("Company place %(row)s lies in the park “%(key)s”, which is not stored.")
UNKNOWN_PLOT = N_("Company place %(row)s lies on the plot “%(key)s”, which is not stored.")

# A firm's own columns (the frame calls its key `company`), and those of its place.
OF_FIRM = ("name", "group_name", "sector", "wz_code", "wz_edition", "wz_basis", "website")
OF_PLACE = ("street", "house_number", "location_quality", "starts_precision", "as_of", "note")


def companies_on(connection: Connection, on: date | None, park: str | None = None) -> gpd.GeoDataFrame:
    """Return the companies at their places on a day (None: of all history) with the columns of `COMPANIES`.

    One row an occupancy, in order of the keys; `sector_group` follows from the WZ code.
    """
    return frame_on(connection, "companies", on, park)


def company_neighbors_on(
    connection: Connection, on: date | None, park: str | None = None
) -> gpd.GeoDataFrame:
    """Return the pairs of neighboring companies on a day (None: of all history), as `COMPANY_NEIGHBORS`."""
    return frame_on(connection, "company-neighbors", on, park)


def company_ids(connection: Connection) -> dict[str, int]:
    """Return the id of every company by its key."""
    return {row.key: row.company_id for row in connection.execute(select(Company.key, Company.company_id))}


def store_companies(
    connection: Connection, frame: gpd.GeoDataFrame, options: StoreOptions = AS_GIVEN
) -> Tally:
    """Store the rows of a `COMPANIES` frame: firms, and their places over time.

    A firm's own columns hold for all its time. Where rows that are stored, with the same period, come back
    with other ones, that is a correction, which takes their place (the audit keeps what was before); rows
    that are news must not change them.

    Raises
    ------
    DataError
        When two rows tell different things of one firm, or news would change a firm's past.
    NotFoundError
        When a park or plot is not stored; for the rest see `app.db.versions.store_versions`.
    """
    given = records(frame)
    n_changed = _store_firms(connection, given, _firms_in_news(connection, given, options))
    firms, parks, plots = company_ids(connection), park_ids(connection), plot_ids(connection)
    sources = source_ids(connection)
    rows = [
        {
            "row": row["key"],
            "key": row["key"],
            "company_id": firms[row["company"]],
            "park_id": resolve(parks, row["park"], row["key"], UNKNOWN_PARK),
            "plot_id": resolve(plots, row["plot"], row["key"], UNKNOWN_PLOT),
            **{name: row[name] for name in (*OF_PLACE, "geometry")},
            "valid": period(row),
            "source_id": sources.get(row["source"]),
        }
        for row in given
    ]
    if options.since is not None:
        rows = [{**row, "starts_precision": "day"} for row in rows]
    return store_versions(connection, Occupancy, "key", rows, options) + Tally(n_changed=n_changed)


def _firms_in_news(
    connection: Connection, rows: Sequence[Mapping[str, Any]], options: StoreOptions
) -> set[str]:
    """Return the keys of firms of whose places the rows say something that is not stored."""
    statement = select(Occupancy.key, Occupancy.valid)
    stored = {(row.key, row.valid.lower) for row in connection.execute(statement)}
    news = [row for row in rows if options.since is not None or (row["key"], row["valid_from"]) not in stored]
    return {row["company"] for row in news}


def _store_firms(connection: Connection, rows: Sequence[Mapping[str, Any]], in_news: set[str]) -> int:
    """Store the firms of rows; return how many stored ones were corrected."""
    told = _firms(rows)
    statement = select(Company.key, *(getattr(Company, name) for name in OF_FIRM))
    stored = {row["key"]: dict(row) for row in connection.execute(statement).mappings()}
    changed = [firm for key, firm in told.items() if key in stored and firm != stored[key]]
    fresh = [firm for key, firm in told.items() if key not in stored]
    for firm in changed:
        if firm["key"] in in_news:
            raise _rewriting(stored[firm["key"]], firm)
    with refusals_in_words("company"):
        for firm in changed:
            connection.execute(update(Company).where(Company.key == firm["key"]).values(firm))
        if fresh:
            connection.execute(insert(Company), fresh)
    return len(changed)


def _rewriting(stored: Mapping[str, Any], firm: Mapping[str, Any]) -> DataError:
    """Return the refusal of what would change the years before."""
    field = next(name for name in OF_FIRM if stored[name] != firm[name])
    return DataError(
        N_(
            "Company %(company)s: %(field)s is stored as “%(stored)s”; “%(given)s” would also "
            "apply to the years before. A firm with another name is a company of its own that "
            "succeeds it; to correct a value that was never right, import the stored rows "
            "unchanged except for that value, without --valid-from."
        ),
        company=firm["key"],
        field=field,
        stored=stored[field] or "",
        given=firm[field] or "",
    )


def _firms(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    firms: dict[str, dict[str, Any]] = {}
    for row in rows:
        firm = {"key": row["company"], **{name: row[name] for name in OF_FIRM}}
        known = firms.setdefault(row["company"], firm)
        different = next((name for name in OF_FIRM if known[name] != firm[name]), None)
        if different is not None:
            raise DataError(
                N_(
                    "Company %(company)s: two rows give different values for %(field)s (“%(one)s”, "
                    "“%(other)s”)."
                ),
                company=row["company"],
                field=different,
                one=known[different],
                other=firm[different],
            )
    return firms
