"""Companies, and the places they occupy over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import Range

from app.db.companies.attributes import ATTRIBUTES, Given, company_versions, store_attributes
from app.db.companies.places import whole_places
from app.db.features.readers import frame_on
from app.db.land.parks import park_ids
from app.db.land.plots import plot_ids
from app.db.models import Company, Occupancy
from app.db.row_frames import is_one_of
from app.db.sources import source_ids
from app.db.versions import (
    AS_GIVEN,
    StoreOptions,
    Tally,
    period,
    records,
    resolve,
    store_versions,
)
from app.errors import N_

UNKNOWN_PARK = N_("Company place %(row)s lies in the park “%(key)s”, which is not stored.")
UNKNOWN_PLOT = N_("Company place %(row)s lies on the plot “%(key)s”, which is not stored.")

# The columns of a place (the frame calls the key of its firm `company`).
OF_PLACE = ("street", "house_number", "location_quality", "starts_precision", "as_of", "note")


def companies_on(
    connection: Connection, on: date | None, park: str | None = None, **only: Collection[str]
) -> gpd.GeoDataFrame:
    """Return the companies at their places on a day (None: of all history) with the columns of `COMPANIES`.

    One row an occupancy, in order of the keys; `sector_group` follows from the WZ code. `only` are the
    values wanted of text columns, such as ``company=keys``.
    """
    return frame_on(connection, "companies", on, park, only)


def company_neighbors_on(
    connection: Connection, on: date | None, park: str | None = None
) -> gpd.GeoDataFrame:
    """Return the pairs of neighboring companies on a day (None: of all history), as `COMPANY_NEIGHBORS`."""
    return frame_on(connection, "company-neighbors", on, park)


def company_ids(connection: Connection, keys: Collection[str] | None = None) -> dict[str, int]:
    """Return the id of every company, or of those of `keys`, by its key."""
    statement = select(Company.key, Company.company_id)
    wanted = statement if keys is None else statement.where(is_one_of(Company.key, keys))
    return {row.key: row.company_id for row in connection.execute(wanted)}


def company_keys(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Return the keys of companies by their ids."""
    statement = select(Company.company_id, Company.key).where(is_one_of(Company.company_id, ids))
    return {row.company_id: row.key for row in connection.execute(statement)}


def store_companies(
    connection: Connection, frame: gpd.GeoDataFrame, options: StoreOptions = AS_GIVEN
) -> Tally:
    """Store the rows of a `COMPANIES` frame: firms with their attributes over time, and their places.

    Rows of one place that follow each other because its firm's attributes change are one place. Where rows
    that are stored come back with other attributes, that is a correction, which takes their place (the audit
    keeps what was before); what other rows tell holds from their first day on.

    Raises
    ------
    DataError
        As `store_attributes`.
    NotFoundError
        When a park or plot is not stored; for the rest see `app.db.versions.store_versions`.
    """
    given = records(frame)
    sources = source_ids(connection)
    known = company_versions(connection, (row["company"] for row in given))
    places = whole_places(connection, given, known, options)
    of_firms: dict[str, list[Given]] = defaultdict(list)
    for row, place in zip(given, places, strict=True):
        of_firms[row["company"]].append(
            _given_by(row, sources.get(row["source"]), options, is_stored=place.is_stored)
        )
    n_changed = store_attributes(connection, of_firms, known)
    firms, parks, plots = company_ids(connection), park_ids(connection), plot_ids(connection)
    rows = [
        {
            "row": row["key"],
            "key": row["key"],
            "company_id": firms[row["company"]],
            "park_id": resolve(parks, row["park"], row["key"], UNKNOWN_PARK),
            "plot_id": resolve(plots, row["plot"], row["key"], UNKNOWN_PLOT),
            **{name: row[name] for name in (*OF_PLACE, "geometry")},
            "source_id": sources.get(row["source"]),
            **place.values,
        }
        for row, place in zip(given, places, strict=True)
    ]
    if options.since is not None:
        rows = [{**row, "starts_precision": "day"} for row in rows]
    return store_versions(connection, Occupancy, "key", rows, options) + Tally(n_changed=n_changed)


def _given_by(
    row: Mapping[str, Any], source_id: int | None, options: StoreOptions, *, is_stored: bool
) -> Given:
    values = {name: row[name] for name in ATTRIBUTES}
    if options.since is None:
        return Given(period(row), values, row["starts_precision"], source_id, is_stored)
    valid = Range(options.since, None, bounds="[)")
    return Given(valid, values, "day", source_id)
