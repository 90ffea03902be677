"""One good row of every table, to be stored as it is or with a value spoiled."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, inspect, text

from app.domain.crs import STORAGE_SRID

SQUARE = "POLYGON((600000 5800000,600100 5800000,600100 5800100,600000 5800100,600000 5800000))"
BOW = "POLYGON((600000 5800000,600100 5800100,600100 5800000,600000 5800050,600000 5800000))"
LINE = "LINESTRING(600000 5800000,600100 5800000)"
POINT = "POINT(600050 5800050)"
DOT = "LINESTRING(600000 5800000,600000 5800000)"
MIXED = f"GEOMETRYCOLLECTION({SQUARE},{POINT})"
FLAT = "POLYGON((600000 5800000,600100 5800000,600200 5800000,600000 5800000))"
ALWAYS = "(,)"
NOW = "2024-04-24"

Row = dict[str, Any]

# A good row of each table; tests spoil one value. Ids of the rows before are 1 (plots: 1 and 2...).
GOOD: dict[str, Row] = {
    "source": {"title": "A source"},
    # Name, outline and days are columns of older schemas.
    "park": {"key": "p", "name": "P", "geometry": SQUARE, "valid": ALWAYS},
    "park_version": {"park_id": "park", "name": "P", "geometry": SQUARE, "valid": ALWAYS},
    "plot": {"key": "A", "park_id": "park"},
    "plot_version": {
        "plot_id": "plot",
        "geometry": SQUARE,
        "use_status": "unknown",
        "quality": "schematic",
        "valid": "[2020-01-01,2021-01-01)",
    },
    "plot_marketing": {
        "plot_key": "A",
        "status": "available",
        "is_public": True,
        "starts_precision": "day",
        "valid": "[2020-01-01,2021-01-01)",
    },
    # Its name is a column of older schemas.
    "company": {"key": "c", "name": "C"},
    "company_version": {
        "company_id": "company",
        "name": "C",
        "starts_precision": "unknown",
        "valid": ALWAYS,
    },
    "occupancy": {
        "key": "c-a",
        "company_id": "company",
        "park_id": "park",
        "plot_id": "plot",
        "geometry": POINT,
        "location_quality": "mapped",
        "starts_precision": "day",
        "valid": "[2020-01-01,2021-01-01)",
    },
    "facility": {
        "key": "f",
        "park_id": "park",
        "kind": "bus_stop",
        "name": "F",
        "location_quality": "mapped",
        "geometry": POINT,
        "valid": ALWAYS,
    },
    "footprint": {"key": "b", "kind": "building", "geometry": SQUARE, "valid": ALWAYS},
    "walkway": {"key": "w", "kind": "path", "access": "public", "geometry": LINE, "valid": ALWAYS},
    "walkway_permission": {
        "walkway_id": "walkway",
        "granted_by": "x",
        "granted_on": NOW,
        "opens_at": "09:00",
        "closes_at": "17:00",
        "valid": ALWAYS,
    },
    "tour": {
        "key": "t",
        "park_id": "park",
        "title": "T",
        "starts_at": "2024-04-24T14:00+02:00",
        "time_basis": "assumed",
        "pace_m_s": 1.0,
        "is_round": False,
        "wish": "{}",
    },
    "tour_stop": {
        "tour_id": "tour",
        "position": 1,
        "name": "S",
        "geometry": POINT,
        "location_quality": "mapped",
        "dwell_min": 5,
        "request_stop": 0,
        "arrives_at": "2024-04-24T14:00+02:00",
        "begins_at": "2024-04-24T14:00+02:00",
        "ends_at": "2024-04-24T14:05+02:00",
        "departs_at": "2024-04-24T14:05+02:00",
    },
    "tour_share": {"token": "a" * 32, "tour_id": "tour"},
    "tour_leg": {"tour_id": "tour", "position": 1, "geometry": LINE, "walk_s": 100, "engine": "e"},
    "meeting": {
        "key": "m",
        "park_id": "park",
        "title": "M",
        "held_on": NOW,
        "organizers": "{}",
        # A column of older schemas.
        "program": "{A tour of the hall}",
    },
    # One word was a column of older schemas.
    "participation": {"meeting_id": "meeting", "company_id": "company", "role": "hosted", "part": "host"},
    "meeting_park": {"meeting_id": "meeting", "park_id": "park"},
    "meeting_item": {"meeting_id": "meeting", "position": 1, "title": "Start"},
    "organization": {"key": "o", "name": "O GmbH", "short_name": "O"},
    "staff": {"name": "Erika", "password_hash": "$argon2id$x"},
    "api_token": {
        "staff_id": "staff",
        "name": "QGIS",
        "scope": "read",
        "token_hash": "b" * 64,
        "created_at": "2026-01-05T08:00:00Z",
        "expires_at": "2026-02-05T08:00:00Z",
    },
    "password_link": {
        "staff_id": "staff",
        "token_hash": "c" * 64,
        "expires_at": "2026-01-08T08:00:00Z",
    },
    "staff_session": {
        "token_hash": "a" * 64,
        "staff_id": "staff",
        "device": "Firefox, Linux",
        "created_at": "2026-01-05T08:00:00Z",
        "last_seen_at": "2026-01-05T09:00:00Z",
    },
    "second_factor": {"staff_id": "staff", "secret": f"gAAAA{'A' * 95}"},
    "sign_in_failure": {"name": "Erika", "origin": "o"},
    "change_set": {"person": "Erika"},
    "company_list": {
        "staff_id": "staff",
        "name": "firms.csv",
        "content": b"x",
        "created_at": "2026-01-05T08:00:00Z",
        "expires_at": "2026-01-06T08:00:00Z",
    },
    "list_columns": {"organization_id": "organization", "fields": "{}"},
    "meeting_organization": {"meeting_id": "meeting", "organization_id": "organization"},
    "participation_event": {
        "event_id": "00000000-0000-0000-0000-000000000001",
        "meeting_id": "meeting",
        "company_id": "company",
        "kind": "invite",
        "counter": 1,
        "device": "server",
        "actor": "staff",
    },
    "invitation_list": {"meeting_id": "meeting", "data_version": 1, "day": NOW, "rows": "[]"},
    "door_link": {"meeting_id": "meeting", "token_sha256": b"d" * 32, "valid_on": NOW},
    "acquaintance": {"company_a": "company", "company_b": "other", "stated_on": NOW, "source": "E-Mail"},
    "keep_apart": {"company_a": "company", "company_b": "other", "since": NOW},
    "grouping": {"meeting_id": "meeting", "method": "swap", "value": 1.0, "bound": 1.0, "proven": True},
    "group_member": {"grouping_id": "grouping", "round": 1, "company_id": "company", "group_no": 1},
    "contact": {"company_id": "company", "function": "Empfang"},
    "contact_channel": {
        "contact_id": "contact",
        "kind": "mail",
        "value": "a@b.example",
        "normalized": "a@b.example",
        "basis": "consent",
        "source": "Karte",
        "obtained_on": NOW,
    },
    "suppression": {"hash": "e" * 64},
    "privacy_log": {"act": "export", "counts": "{}"},
    "guest": {"meeting_id": "meeting", "company_id": "company"},
    "invitation": {
        "meeting_id": "meeting",
        "company_id": "company",
        "channel": "mail",
        "token_sha256": b"f" * 32,
    },
    "outbox": {
        "dedupe_key": "d",
        "kind": "invitation",
        "sequence": 0,
        "next_at": "2026-01-05T08:00:00Z",
        "recipient": "a@b.example",
        "message": b"x",
    },
    "inbound": {"message_key": "m", "received_at": "2026-01-05T08:00:00Z", "kind": "unknown"},
    "follow_up": {"title": "Schild"},
    "correction": {"company_id": "company", "field": "name"},
}
# Who may sign in, and who changed what, is no data: nothing that is cached depends on it.
_NO_DATA = {
    "meeting_organization",
    "participation_event",
    "invitation_list",
    "door_link",
    "acquaintance",
    "keep_apart",
    "grouping",
    "group_member",
    "contact",
    "contact_channel",
    "suppression",
    "privacy_log",
    "guest",
    "invitation",
    "outbox",
    "inbound",
    "follow_up",
    "correction",
    "organization",
    "staff",
    "staff_session",
    "api_token",
    "password_link",
    "second_factor",
    "sign_in_failure",
    "change_set",
    "company_list",
    "list_columns",
}
ORDER = [table for table in GOOD if table not in _NO_DATA]


def store(connection: Connection, table: str, **changed: Any) -> int:
    """Store the good row of a table with values changed; names of tables stand for their first ids."""
    there = {column["name"] for column in inspect(connection).get_columns(table)}
    # An older schema has fewer columns.
    row = {**{name: value for name, value in GOOD[table].items() if name in there}, **changed}
    for column, value in row.items():
        if value == "other":
            row[column] = store(connection, "company", key=f"other-{uuid.uuid4()}")
        elif isinstance(value, str) and value in GOOD and column.endswith(("_id", "company_a")):
            row[column] = first(connection, value)
    if table == "plot_marketing":
        first(connection, "plot")
    names = ", ".join(row)
    values = ", ".join(f"ST_GeomFromEWKT(:{name})" if name == "geometry" else f":{name}" for name in row)
    if "geometry" in row and row["geometry"] and not row["geometry"].startswith("SRID"):
        row["geometry"] = f"SRID={STORAGE_SRID};{row['geometry']}"
    key = inspect(connection).get_pk_constraint(table)["constrained_columns"][0]
    statement = text(f"INSERT INTO {table} ({names}) VALUES ({values}) RETURNING {key}")
    stored: int = connection.execute(statement, row).scalar_one()
    return stored


def first(connection: Connection, table: str) -> int:
    """Return the id of the first row of a table, the good one being stored where there is none."""
    found = connection.execute(text(f"SELECT min({table}_id) FROM {table}")).scalar_one()
    return found if found is not None else store(connection, table)


def two_versions(connection: Connection) -> tuple[int, int]:
    store(connection, "plot")
    other = store(connection, "plot", key="B")
    return store(connection, "plot_version"), store(connection, "plot_version", plot_id=other)


def adjacency(connection: Connection, **changed: Any) -> None:
    focal, neighbor = two_versions(connection)
    row = {"focal": focal, "neighbor": neighbor, "relation": "edge", "shared_m": 5.0, "gap_m": 0.0}
    row |= {"facing_m": None, "overlap_m2": None, "valid": ALWAYS, **changed}
    if row.pop("is_itself", False):
        row["neighbor"] = focal
    statement = text(
        "INSERT INTO adjacency (focal_version_id, neighbor_version_id, relation, shared_m, gap_m, facing_m,"
        " overlap_m2, geometry, valid, engine) VALUES (:focal, :neighbor, :relation, :shared_m, :gap_m,"
        f" :facing_m, :overlap_m2, ST_GeomFromEWKT('SRID={STORAGE_SRID};{LINE}'), :valid, 'e')"
    )
    connection.execute(statement, row)
    if row.pop("is_twice", False):
        connection.execute(statement, {**row, "focal": row["neighbor"], "neighbor": row["focal"]})


def override(connection: Connection, **changed: Any) -> None:
    pair = {"focal": store(connection, "plot"), "neighbor": store(connection, "plot", key="B")}
    row = {**pair, "relation": "none", "reason": "r", "by": "x", "valid": ALWAYS, **changed}
    if row.pop("is_itself", False):
        row["neighbor"] = row["focal"]
    statement = text(
        "INSERT INTO adjacency_override (focal_plot_id, neighbor_plot_id, relation, reason, decided_by,"
        f" decided_on, valid) VALUES (:focal, :neighbor, :relation, :reason, :by, '{NOW}', :valid)"
    )
    connection.execute(statement, row)
    if row.pop("is_twice", False):
        connection.execute(statement, {**row, "focal": row["neighbor"], "neighbor": row["focal"]})


def lineage(connection: Connection, kind: str = "split", *, is_itself: bool = False) -> None:
    parent, child = two_versions(connection)
    row = {"parent": parent, "child": parent if is_itself else child, "kind": kind}
    connection.execute(text("INSERT INTO lineage VALUES (:parent, :child, :kind)"), row)


def succession(connection: Connection, *, is_twice: bool = False, **changed: Any) -> None:
    row = {"before": store(connection, "company"), "after": store(connection, "company", key="d")}
    row |= {"kind": "takeover", "precision": "day", **changed}
    if row.pop("is_itself", False):
        row["after"] = row["before"]
    statement = text(
        "INSERT INTO succession (predecessor_id, successor_id, kind, happened_on, precision)"
        f" VALUES (:before, :after, :kind, '{NOW}', :precision)"
    )
    for _ in range(2 if is_twice else 1):
        connection.execute(statement, row)
