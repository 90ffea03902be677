"""Every tour has its request; a stop knows which one of the request it is, and its times as instants."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANTS = ("arrives_at", "begins_at", "ends_at", "departs_at", "pauses_at")
MINUTES = ("wait_min", "begins_after_min", "pauses_after_min")
CHECKS = {
    "request_stop": "request_stop >= 0",
    "times_are_whole": "num_nulls(arrives_at, begins_at, ends_at, departs_at) IN (0, 4)",
    "times_in_order": "arrives_at <= begins_at AND begins_at <= ends_at AND ends_at <= departs_at",
    "pauses_at": "pauses_at BETWEEN arrives_at AND departs_at",
    "pause_is_whole": "arrives_at IS NULL OR (pauses_at IS NULL) = (pause_min = 0)",
}
OLD_CHECKS = {
    "wait_min": "wait_min >= 0",
    "begins_after_min": "begins_after_min BETWEEN 0 AND wait_min + pause_min + 0.001",
    "pause_is_whole": "(pauses_after_min IS NULL) = (pause_min = 0)",
    "pauses_after_min": "pauses_after_min BETWEEN 0 AND wait_min + dwell_min + 0.001",
}
ZONE = "Europe/Berlin"

# A tour without legs has times only where there is nothing to walk.
TIMES = """
UPDATE tour_stop AS stop SET
    arrives_at = told.arrives_at,
    begins_at = told.arrives_at + make_interval(secs => 60 * begins_after_min),
    ends_at = told.arrives_at + make_interval(secs => 60 * (begins_after_min + dwell_min)),
    departs_at = greatest(
        told.arrives_at + make_interval(secs => 60 * (dwell_min + wait_min + pause_min)),
        told.arrives_at + make_interval(secs => 60 * (begins_after_min + dwell_min))),
    pauses_at = told.arrives_at + make_interval(
        secs => 60 * CASE WHEN pauses_after_min IS NOT NULL
                          THEN least(pauses_after_min, dwell_min + wait_min + pause_min) END)
FROM (
    SELECT tour_id, position, starts_at + make_interval(secs => coalesce(sum(s) OVER earlier, 0)) AS arrives_at,
           count(leg) OVER own AS n_legs, count(*) OVER own AS n_stops
    FROM (
        SELECT st.tour_id, st.position, starts_at, leg.position AS leg,
               60 * (dwell_min + wait_min + pause_min) + coalesce(walk_s, 0) AS s
        FROM tour_stop st JOIN tour USING (tour_id)
        LEFT JOIN tour_leg leg ON leg.tour_id = st.tour_id AND leg.position = st.position
    ) stay
    WINDOW own AS (PARTITION BY tour_id),
           earlier AS (own ORDER BY position ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW)
) told
WHERE told.tour_id = stop.tour_id AND told.position = stop.position AND (n_legs > 0 OR n_stops = 1)
"""

STOPS = """
SELECT st.tour_id, st.position, st.name, st.dwell_min, st.note, st.begins_at, o.key AS company, c.key AS firm,
       f.key AS facility, ST_X(place) AS lon, ST_Y(place) AS lat,
       EXISTS (SELECT FROM tour_leg WHERE tour_id = st.tour_id) AS is_planned
FROM tour_stop st CROSS JOIN LATERAL ST_Transform(st.geometry, 4326) AS place
LEFT JOIN occupancy o USING (occupancy_id) LEFT JOIN company c USING (company_id)
LEFT JOIN facility f ON f.facility_id = st.facility_id
ORDER BY st.tour_id, st.position
"""
TOURS = """
SELECT tour_id, p.key AS park, wish, is_round, pace_m_s,
       to_char(date_trunc('minute', starts_at + interval '30 s') AT TIME ZONE 'Europe/Berlin', 'YYYY-MM-DD') AS "on",
       to_char(date_trunc('minute', starts_at + interval '30 s') AT TIME ZONE 'Europe/Berlin', 'HH24:MI') AS earliest
FROM tour JOIN park p USING (park_id)
"""

# Coordinates that went through degrees and back.
SAME_DEG = 5e-6


def upgrade() -> None:
    op.add_column("tour_stop", sa.Column("request_stop", sa.Integer(), nullable=True))
    for name in INSTANTS:
        op.add_column("tour_stop", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    # Where there are none the data's version does not rise.
    if op.get_bind().execute(sa.text("SELECT EXISTS (SELECT FROM tour)")).scalar_one():
        op.execute(TIMES)
        _fill_requests()
    _replace_checks(OLD_CHECKS, CHECKS)
    for name in MINUTES:
        op.drop_column("tour_stop", name)
    op.create_unique_constraint(
        op.f("uq_tour_stop_tour_id_request_stop"), "tour_stop", ["tour_id", "request_stop"]
    )
    op.alter_column("tour", "wish", nullable=False)


def _replace_checks(old: dict[str, str], new: dict[str, str]) -> None:
    for name in old:
        op.drop_constraint(op.f(f"ck_tour_stop_{name}"), "tour_stop")
    for name, rule in new.items():
        op.create_check_constraint(op.f(f"ck_tour_stop_{name}"), "tour_stop", rule)


def _fill_requests() -> None:
    bind = op.get_bind()
    stops = bind.execute(sa.text(STOPS)).mappings().all()
    for tour in bind.execute(sa.text(TOURS)).mappings().all():
        own = [stop for stop in stops if stop["tour_id"] == tour["tour_id"]]
        request = tour["wish"]
        if request is None:
            request = _in_order(tour, own)
            values = {"wish": json.dumps(request), "tour_id": tour["tour_id"]}
            bind.execute(
                sa.text("UPDATE tour SET wish = CAST(:wish AS jsonb) WHERE tour_id = :tour_id"), values
            )
        for stop, index in _indexes(own, request):
            values = {"index": index, "tour_id": tour["tour_id"], "position": stop["position"]}
            bind.execute(
                sa.text(
                    "UPDATE tour_stop SET request_stop = :index WHERE tour_id = :tour_id AND position = :position"
                ),
                values,
            )


def _in_order(tour: sa.RowMapping, stops: list[sa.RowMapping]) -> dict[str, object]:
    """Return the request of a tour that nobody asked the planner for: its stops as they are."""
    met = [stop for stop in stops if stop["position"] == 0]
    visited = [stop for stop in stops if stop["position"] > 0]
    return {
        **{name: tour[name] for name in ("park", "on", "earliest")},
        "objective": "walking",
        **({"meeting": _place(met[0])} if met else {}),
        "stops": [
            {
                **_place(stop),
                "dwell_min": stop["dwell_min"],
                "position": stop["position"],
                **({} if stop["note"] is None else {"note": stop["note"]}),
            }
            for stop in visited
        ],
        "is_round": tour["is_round"],
        # The group that walks at that pace: 15 and more at 1 m/s.
        "group_size": 15 if tour["pace_m_s"] <= 1 else 1,
    }


def _place(stop: sa.RowMapping) -> dict[str, object]:
    for kind in ("company", "facility"):
        if stop[kind] is not None:
            return {kind: stop[kind]}
    return {"name": stop["name"], "lon": stop["lon"], "lat": stop["lat"]}


def _indexes(stops: list[sa.RowMapping], request: dict[str, object]) -> list[tuple[sa.RowMapping, int]]:
    """Return which stop of the request each one is; a place that has another name by now is none."""
    asked = request.get("stops")
    free = dict(enumerate(asked)) if isinstance(asked, list) else {}
    found = []
    for stop in stops:
        if stop["position"] == 0:
            continue
        ranks = {
            i: _rank(stop, one) for i, one in free.items() if isinstance(one, dict) and _is_there(stop, one)
        }
        # A tour without a plan has its stops as they were given.
        given = stop["position"] - 1
        best = given if not stop["is_planned"] and given in ranks else min(ranks, key=ranks.get, default=None)
        if best is not None:
            found.append((stop, best))
            del free[best]
    return found


def _is_there(stop: sa.RowMapping, asked: dict[str, object]) -> bool:
    if asked.get("company"):
        return asked["company"] in (stop["company"], stop["firm"])
    if asked.get("facility"):
        return asked["facility"] == stop["facility"]
    is_free = stop["company"] is None and stop["facility"] is None and asked.get("name") == stop["name"]
    return is_free and all(abs(float(asked[axis]) - stop[axis]) < SAME_DEG for axis in ("lon", "lat"))


def _rank(stop: sa.RowMapping, asked: dict[str, object]) -> tuple[object, ...]:
    """Return how unlike a stop is to one that was asked for at its place; of windows the first to close fits best."""
    dwell_min = asked.get("dwell_min") or 0
    windows = [_minutes(opens, closes) for opens, closes in asked.get("windows") or []]
    left = [_left_min(stop["begins_at"], *window) for window in windows if stop["begins_at"] is not None]
    inside = [each for each in left if each is not None]
    fit = (0, min(inside)) if inside else (1 if not windows else 2, 0)
    return abs(dwell_min - stop["dwell_min"]) > 1 / 60, (asked.get("note") or None) != stop["note"], *fit


def _minutes(*clocks: str) -> tuple[int, ...]:
    return tuple(60 * int(clock[:2]) + int(clock[3:]) for clock in clocks)


def _left_min(begins_at: datetime, opens: int, closes: int) -> float | None:
    """Return how long a window stays open after a visit begins; None outside. Both may be in the night after."""
    at = begins_at.astimezone(ZoneInfo(ZONE))
    since = (60 * at.hour + at.minute + at.second / 60 - opens) % 1440
    lasts = (closes - opens) % 1440
    return lasts - since if since <= lasts else None


def downgrade() -> None:
    op.alter_column("tour", "wish", nullable=True)
    _forget_requests()
    op.drop_constraint(op.f("uq_tour_stop_tour_id_request_stop"), "tour_stop")
    for name in MINUTES:
        is_null = name == "pauses_after_min"
        default = None if is_null else sa.text("0")
        op.add_column("tour_stop", sa.Column(name, sa.Float(), server_default=default, nullable=is_null))
    if op.get_bind().execute(sa.text("SELECT EXISTS (SELECT FROM tour_stop)")).scalar_one():
        op.execute(MINUTES_FROM_TIMES)
    _replace_checks(CHECKS, OLD_CHECKS)
    for name in (*INSTANTS, "request_stop"):
        op.drop_column("tour_stop", name)


def _forget_requests() -> None:
    """Take away the requests that say no more than the stops."""
    bind = op.get_bind()
    stops = bind.execute(sa.text(STOPS)).mappings().all()
    for tour in bind.execute(sa.text(TOURS)).mappings().all():
        if tour["wish"] == _in_order(tour, [stop for stop in stops if stop["tour_id"] == tour["tour_id"]]):
            bind.execute(
                sa.text("UPDATE tour SET wish = NULL WHERE tour_id = :tour_id"), {"tour_id": tour["tour_id"]}
            )


MINUTES_FROM_TIMES = """
UPDATE tour_stop SET
    wait_min = coalesce(greatest((extract(epoch FROM departs_at - arrives_at)
                                  - extract(epoch FROM ends_at - begins_at)) / 60 - pause_min, 0), 0),
    begins_after_min = coalesce(extract(epoch FROM begins_at - arrives_at) / 60, 0),
    pauses_after_min = extract(epoch FROM pauses_at - arrives_at) / 60,
    pause_min = CASE WHEN pauses_at IS NULL THEN 0 ELSE pause_min END
"""
