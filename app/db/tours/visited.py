"""Which tours stop at which places of companies, as these change over time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Connection, text
from sqlalchemy.engine import RowMapping

_DAY = "(t.starts_at AT TIME ZONE 'Europe/Berlin')::date"

_FOLLOW = f"""
UPDATE tour_stop st SET occupancy_id = holds.occupancy_id
FROM tour t, occupancy o, occupancy holds
WHERE t.tour_id = st.tour_id AND o.occupancy_id = st.occupancy_id AND holds.key = o.key
  AND o.key = ANY(:keys) AND {_DAY} >= :since AND holds.valid @> {_DAY} AND NOT o.valid @> {_DAY}
"""  # noqa: S608  the parts are constants
_RELEASE = """
UPDATE tour_stop st SET occupancy_id = kept.occupancy_id
FROM occupancy o, occupancy kept
WHERE o.occupancy_id = st.occupancy_id AND o.occupancy_id = ANY(:gone) AND kept.occupancy_id = (
    SELECT min(r.occupancy_id) FROM occupancy r WHERE r.key = o.key AND r.occupancy_id <> ALL(:gone)
)
"""
_OF_ROWS = """
SELECT DISTINCT t.key, t.title, o.key AS place
FROM tour_stop st JOIN tour t USING (tour_id) JOIN occupancy o USING (occupancy_id)
WHERE o.occupancy_id = ANY(:gone) ORDER BY t.key
"""
_WITHOUT = f"""
SELECT DISTINCT t.key, t.title, t.status, {_DAY} AS toured_on, o.key AS place
FROM tour_stop st JOIN tour t USING (tour_id) JOIN occupancy o USING (occupancy_id)
WHERE o.key = ANY(:keys) AND {_DAY} >= :since AND t.status <> 'withdrawn'
  AND NOT EXISTS (SELECT FROM occupancy r WHERE r.key = o.key AND r.valid @> {_DAY})
ORDER BY toured_on, t.key
"""  # noqa: S608  the parts are constants


def follow_places(connection: Connection, keys: Collection[str], since: date) -> None:
    """Let the stops of tours on `since` or later be at the row of their place that holds on the tour's day.

    What such a row holds of the place is the same for everybody who has the tour: its version does not rise.
    """
    connection.execute(text(_FOLLOW), {"keys": list(keys), "since": since})


def release_rows(connection: Connection, gone: Collection[int]) -> Sequence[RowMapping]:
    """Take stops away from rows of places that are to go, to other rows of the same places.

    Returns
    -------
    sequence of RowMapping
        `key` and `title` of each tour that has no other row to go to, and the `place`.
    """
    values = {"gone": list(gone)}
    connection.execute(text(_RELEASE), values)
    return connection.execute(text(_OF_ROWS), values).mappings().all()


def stops_without_place(connection: Connection, keys: Collection[str], since: date) -> Sequence[RowMapping]:
    """Return the tours on `since` or later that stop at one of some places when nobody is there.

    Each has `key`, `title`, `status`, `toured_on` and `place`, the place's key.
    """
    return connection.execute(text(_WITHOUT), {"keys": list(keys), "since": since}).mappings().all()
