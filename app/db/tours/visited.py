"""Which tours stop at which places of companies and facilities, and walk which ways, as these change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Connection, text
from sqlalchemy.engine import RowMapping

from app.domain.crs import STORAGE_SRID

_DAY = "(t.starts_at AT TIME ZONE 'Europe/Berlin')::date"

_FOLLOW = f"""
UPDATE tour_stop st SET {{table}}_id = holds.{{table}}_id
FROM tour t, {{table}} o, {{table}} holds
WHERE t.tour_id = st.tour_id AND o.{{table}}_id = st.{{table}}_id AND holds.key = o.key
  AND o.key = ANY(:keys) AND {_DAY} >= :since AND holds.valid @> {_DAY} AND NOT o.valid @> {_DAY}
"""  # noqa: S608  the parts are constants
_RELEASE = """
UPDATE tour_stop st SET {table}_id = kept.{table}_id
FROM {table} o, {table} kept
WHERE o.{table}_id = st.{table}_id AND o.{table}_id = ANY(:gone) AND kept.{table}_id = (
    SELECT min(r.{table}_id) FROM {table} r WHERE r.key = o.key AND r.{table}_id <> ALL(:gone)
)
"""
_OF_ROWS = """
SELECT DISTINCT t.key, t.title, o.key AS place
FROM tour_stop st JOIN tour t USING (tour_id) JOIN {table} o USING ({table}_id)
WHERE o.{table}_id = ANY(:gone) ORDER BY t.key
"""
_WITHOUT = f"""
SELECT DISTINCT t.key, t.title, t.status, {_DAY} AS toured_on, o.key AS place
FROM tour_stop st JOIN tour t USING (tour_id) JOIN {{table}} o USING ({{table}}_id)
WHERE o.key = ANY(:keys) AND {_DAY} >= :since AND t.status <> 'withdrawn'
  AND NOT EXISTS (SELECT FROM {{table}} r WHERE r.key = o.key AND r.valid @> {_DAY})
ORDER BY toured_on, t.key
"""  # noqa: S608  the parts are constants
# More than where a walk crosses the way, or leaves it at an end.
_WALKED_M = 3
_ALONG = f"""
WITH way AS (
    SELECT geometry FROM walkway WHERE key = :key
    UNION SELECT ST_SetSRID(ST_GeomFromGeoJSON(before ->> 'geometry'), {STORAGE_SRID}) FROM audit_entry
    WHERE table_name = 'walkway' AND before ->> 'key' = :key
)
SELECT DISTINCT t.key, t.title, {_DAY} AS toured_on
FROM way JOIN tour_leg leg ON ST_DWithin(leg.geometry, way.geometry, 0.5) JOIN tour t USING (tour_id)
WHERE {_DAY} >= :since AND t.status <> 'withdrawn'
  AND ST_Length(ST_Intersection(leg.geometry, ST_Buffer(way.geometry, 0.5)))
      > least({_WALKED_M}, ST_Length(way.geometry) / 2)
ORDER BY toured_on, t.key
"""  # noqa: S608  the parts are constants


def tours_along(connection: Connection, way: str, since: date) -> Sequence[RowMapping]:
    """Return the tours on `since` or later that walk where a way is or was recorded.

    Each has `key`, `title` and `toured_on`.
    """
    return connection.execute(text(_ALONG), {"key": way, "since": since}).mappings().all()


def follow_places(connection: Connection, table: str, keys: Collection[str], since: date) -> None:
    """Let the stops of tours on `since` or later be at the row of their place that holds on the tour's day.

    `table` is that of the places, ``occupancy`` or ``facility``, here and in the other functions.

    What such a row holds of the place is the same for everybody who has the tour: its version does not rise.
    """
    connection.execute(text(_FOLLOW.format(table=table)), {"keys": list(keys), "since": since})


def release_rows(connection: Connection, table: str, gone: Collection[int]) -> Sequence[RowMapping]:
    """Take stops away from rows of places that are to go, to other rows of the same places.

    Returns
    -------
    sequence of RowMapping
        `key` and `title` of each tour that has no other row to go to, and the `place`.
    """
    values = {"gone": list(gone)}
    connection.execute(text(_RELEASE.format(table=table)), values)
    return connection.execute(text(_OF_ROWS.format(table=table)), values).mappings().all()


def stops_without_place(
    connection: Connection, table: str, keys: Collection[str], since: date
) -> Sequence[RowMapping]:
    """Return the tours on `since` or later that stop at one of some places when nobody is there.

    Each has `key`, `title`, `status`, `toured_on` and `place`, the place's key.
    """
    return (
        connection.execute(text(_WITHOUT.format(table=table)), {"keys": list(keys), "since": since})
        .mappings()
        .all()
    )
