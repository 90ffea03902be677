"""What lies where something else is stored already, on the same days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from app.db.integrity import LIMITS

_AREA = "ST_Area(ST_Intersection(one.geometry, other.geometry))"
_ALONG = "ST_Length(ST_Intersection(one.geometry, ST_Buffer(other.geometry, :snap_m)))"
# Wider than a sliver.
_IS_ON = """
ST_Intersects(one.geometry, other.geometry)
AND NOT ST_IsEmpty(ST_Buffer(ST_Intersection(one.geometry, other.geometry), -:snap_m / 2))
"""


@dataclass(frozen=True)
class _OverlapRule:
    """Things with `key`, `valid` and `geometry`; when two are in one place, and how much of them is."""

    things: str
    is_together: str
    extent: str = "0"


_RULES: Mapping[str, _OverlapRule] = {
    "parks": _OverlapRule(
        "SELECT key, valid, geometry FROM park JOIN park_version USING (park_id)", _IS_ON, _AREA
    ),
    "plots": _OverlapRule(
        "SELECT key, valid, geometry FROM plot JOIN plot_version USING (plot_id)",
        _IS_ON,
        _AREA,
    ),
    # Several firms in one house are usual, the same one twice is not.
    "companies": _OverlapRule(
        "SELECT o.key, o.valid * firm.valid AS valid, geometry, plot_id, lower(name) AS name"
        " FROM occupancy o JOIN company_version firm ON firm.company_id = o.company_id"
        " AND firm.valid && o.valid",
        "one.name = other.name AND (one.plot_id = other.plot_id"
        " OR ST_DWithin(one.geometry, other.geometry, :slack_m))",
    ),
    "facilities": _OverlapRule(
        "SELECT key, valid, geometry, kind FROM facility",
        "one.kind = other.kind AND ST_DWithin(one.geometry, other.geometry, :slack_m)",
    ),
    # Over more than half of the shorter one: ways that part at a narrow angle are no twins.
    "walkways": _OverlapRule(
        "SELECT key, valid, geometry, length_m FROM walkway",
        "ST_Intersects(one.geometry, ST_Expand(other.geometry, :snap_m))"
        f" AND {_ALONG} > least(one.length_m, other.length_m) / 2",
        _ALONG,
    ),
}


def overlaps(connection: Connection, collection: str, keys: Iterable[str]) -> dict[tuple[str, str], float]:
    """Return what of a collection lies on something else of it on the same days.

    Parameters
    ----------
    connection : Connection
    collection : str
        One of which no two rules of `_RULES` are known overlaps nowhere.
    keys : iterable of str
        The things on one side; none of them is on the other.

    Returns
    -------
    dict
        Key of `keys`, and the other key -> how much they share: m² of areas, meters of ways, else 0.
    """
    rule = _RULES.get(collection)
    if rule is None:
        return {}
    query = f"""
        WITH thing AS NOT MATERIALIZED ({rule.things}),
             asked AS (SELECT unnest(CAST(:keys AS text[])) AS key)
        SELECT one.key, other.key AS other, max({rule.extent}) AS extent
        FROM thing one JOIN thing other ON one.valid && other.valid AND {rule.is_together}
        WHERE one.key IN (SELECT key FROM asked) AND other.key NOT IN (SELECT key FROM asked)
        GROUP BY 1, 2 ORDER BY 1, 2
    """  # noqa: S608  the parts are constants
    limits = {name: value for name, value in LIMITS.items() if f":{name}" in query}
    found = connection.execute(text(query), {"keys": list(keys), **limits})
    return {(row.key, row.other): float(row.extent) for row in found}
