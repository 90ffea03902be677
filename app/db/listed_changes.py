"""Change sets as a list: whose, of which park, company, plot, facility, way, day and business case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from app.db.change_sets import Recorded
from app.domain.kinds import BusinessCase, Intent


@dataclass(frozen=True)
class Wanted:
    """Which change sets are meant; what is None does not matter.

    Attributes
    ----------
    person, park, company, plot, facility, way : str or None
        All but the first by their keys: one of the rows that were touched is theirs.
    recorded_on : date or None
        The day in the parks on which it was saved.
    business_case : BusinessCase or None
    before, after : int or None
        Only those with a lower, and a higher number.
    """

    person: str | None = None
    park: str | None = None
    company: str | None = None
    plot: str | None = None
    facility: str | None = None
    way: str | None = None
    recorded_on: date | None = None
    business_case: BusinessCase | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Listed:
    """A change set in a list.

    Attributes
    ----------
    recorded : Recorded
    companies : sequence of str
        Keys of the companies whose rows it touched.
    plots : sequence of str
        Keys of the first plots of which it told something, and not only of a company on them.
    n_plots : int
        How many those are in all.
    undone_by : int or None
        The change set that took it back, as long as that one holds.
    things : sequence of tuple of str
        Table, key and name of the first ways, facilities and parks that it touched, or to which a permission
        that it touched belongs.
    """

    recorded: Recorded
    companies: Sequence[str]
    undone_by: int | None
    plots: Sequence[str] = ()
    n_plots: int = 0
    things: Sequence[tuple[str, str, str | None]] = ()


# How many plots a line names.
_N_NAMED = 3
_CONDITIONS = {
    "person": "c.person = :person",
    "recorded_on": "(c.recorded_at AT TIME ZONE 'Europe/Berlin')::date = :recorded_on",
    "business_case": "c.business_case = :business_case",
    "before": "c.change_set_id < :before",
    "after": "c.change_set_id > :after",
    "company": """EXISTS (
        SELECT FROM touched t WHERE t.change_set_id = c.change_set_id
        AND t.company_id = (SELECT company_id FROM company WHERE key = :company))""",
    "plot": """EXISTS (
        SELECT FROM touched t WHERE t.change_set_id = c.change_set_id
        AND (t.plot_key = :plot OR (SELECT plot_id FROM plot WHERE key = :plot) = ANY(t.plot_ids)))""",
    "facility": """EXISTS (
        SELECT FROM touched t WHERE t.change_set_id = c.change_set_id
        AND t.table_name = 'facility' AND t.key = :facility)""",
    "way": """EXISTS (
        SELECT FROM touched t WHERE t.change_set_id = c.change_set_id
        AND t.table_name = 'walkway' AND t.key = :way)""",
    "park": """EXISTS (
        SELECT FROM touched t WHERE t.change_set_id = c.change_set_id AND (
            t.park_id IN (SELECT park_id FROM park WHERE key = :park)
            OR t.plot_key IN (SELECT plot.key FROM plot JOIN park USING (park_id) WHERE park.key = :park)
            OR t.plot_ids && ARRAY(SELECT plot_id FROM plot JOIN park USING (park_id) WHERE park.key = :park)
            OR t.table_name = 'company_version' AND t.company_id IN (
                SELECT company_id FROM occupancy JOIN park USING (park_id) WHERE park.key = :park)))""",
}
_LISTED = """
WITH touched AS NOT MATERIALIZED (
    SELECT change_set_id, table_name, (row ->> 'company_id')::int AS company_id,
        ARRAY[row ->> 'plot_id', row ->> 'focal_plot_id', row ->> 'neighbor_plot_id']::int[] AS plot_ids,
        row ->> 'plot_key' AS plot_key, (row ->> 'park_id')::int AS park_id,
        (row ->> 'walkway_id')::int AS walkway_id, row ->> 'key' AS key, row ->> 'name' AS name
    FROM (SELECT change_set_id, table_name, coalesce(after, before) AS row FROM audit_entry) a
)
SELECT c.*, ARRAY(
    SELECT DISTINCT f.key FROM touched t JOIN company f USING (company_id)
    WHERE t.change_set_id = c.change_set_id ORDER BY f.key LIMIT 5
) AS companies, (
    SELECT array_agg(DISTINCT coalesce(t.plot_key, p.key)) FROM touched t
    LEFT JOIN plot p ON t.table_name = 'adjacency_override' AND p.plot_id = ANY(t.plot_ids)
    WHERE t.change_set_id = c.change_set_id AND c.business_case <> 'import'
) AS plots, ARRAY(
    SELECT DISTINCT ON (coalesce(t.name, w.name, t.key, w.key)) jsonb_build_array(
        replace(t.table_name, '_permission', ''), coalesce(t.key, w.key, park.key), coalesce(t.name, w.name))
    FROM touched t LEFT JOIN walkway w ON t.table_name = 'walkway_permission' AND w.walkway_id = t.walkway_id
    LEFT JOIN park ON t.table_name = 'park_version' AND park.park_id = t.park_id
    WHERE t.change_set_id = c.change_set_id AND c.business_case <> 'import'
    AND t.table_name IN ('facility', 'walkway', 'walkway_permission', 'park_version')
    AND coalesce(t.key, w.key, park.key) IS NOT NULL
    ORDER BY coalesce(t.name, w.name, t.key, w.key), 1
    LIMIT 3
) AS things
FROM change_set c
WHERE {conditions} AND EXISTS (SELECT FROM audit_entry e WHERE e.change_set_id = c.change_set_id)
ORDER BY c.change_set_id DESC LIMIT :n
"""


def listed_changes(connection: Connection, wanted: Wanted, n: int) -> list[Listed]:
    """Return the latest `n` change sets that are meant and have touched something, the latest first."""
    asked = {name: value for name, value in asdict(wanted).items() if value is not None}
    conditions = " AND ".join(_CONDITIONS[name] for name in asked) or "true"
    rows = connection.execute(text(_LISTED.format(conditions=conditions)), {**asked, "n": n}).mappings().all()
    undoings = _undoings(connection)
    return [_listed(dict(row), undoings) for row in rows]


def _listed(row: dict[str, Any], undoings: Mapping[int, Sequence[int]]) -> Listed:
    companies, plots = row.pop("companies"), [key for key in row.pop("plots") or () if key]
    things = [tuple(thing) for thing in row.pop("things")]
    row["business_case"] = BusinessCase(row["business_case"])
    row["intent"] = row["intent"] and Intent(row["intent"])
    undone_by = _holding_undo(row["change_set_id"], undoings)
    return Listed(Recorded(**row), companies, undone_by, plots[:_N_NAMED], len(plots), things)


def _undoings(connection: Connection) -> dict[int, list[int]]:
    """Return which change sets undo which one."""
    found: dict[int, list[int]] = {}
    for undone, by in connection.execute(
        text("SELECT undoes, change_set_id FROM change_set WHERE undoes IS NOT NULL ORDER BY change_set_id")
    ):
        found.setdefault(undone, []).append(by)
    return found


def _holding_undo(change_set_id: int, undoings: Mapping[int, Sequence[int]]) -> int | None:
    """Return the last undo of a change set that was not taken back itself."""
    every = undoings.get(change_set_id, ())
    return next((by for by in reversed(every) if _holding_undo(by, undoings) is None), None)


def people_who_changed(connection: Connection) -> list[str]:
    """Return who has saved changes, in the order of names."""
    return list(connection.execute(text("SELECT DISTINCT person FROM change_set ORDER BY person")).scalars())
