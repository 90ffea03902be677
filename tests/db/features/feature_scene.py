"""Rows that are hard to write as features: texts of every kind, open days, rings of any direction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from tests.db.good_rows import first, store

CLOCKWISE = "POLYGON((600000 5800000,600000 5800100,600100 5800100,600100 5800000,600000 5800000))"
WITH_HOLE = (
    "MULTIPOLYGON(((600200 5800000,600200 5800100.123,600300.4567 5800100,600300 5800000,600200 5800000),"
    "(600220 5800020,600240 5800020,600240 5800040,600220 5800040,600220 5800020)),"
    "((600400 5800000,600450 5800000,600450 5800050,600400 5800000)))"
)
NASTY = ('a "b" \\ c', "</script>${x}`", "Tab\there\nand there", "Straße 🏭 \u2028", "%(name)s %s :x", "null")
DAYS = ("(,2015-01-01)", "[2015-01-01,2020-02-29)", "[2020-02-29,)")


def store_scene(connection: Connection) -> None:
    """Store rows of every collection with periods, a pair with decisions among them."""
    for n, words in enumerate(NASTY):
        plot = store(connection, "plot", key=f"p{n}~{n}")
        for day, shape in zip(DAYS, (CLOCKWISE, WITH_HOLE, CLOCKWISE), strict=True):
            store(connection, "plot_version", plot_id=plot, geometry=shape, label=words, valid=day)
        firm = store(connection, "company", key=f"c{n}")
        store(connection, "company_version", company_id=firm, name=words, **_wz(n))
        place = {"company_id": firm, "plot_id": plot, "note": words, "valid": "[2016-05-01,2021-01-01)"}
        store(connection, "occupancy", key=f"c{n}-a", **place)
        store(connection, "footprint", key=f"b{n}", name=words, geometry=WITH_HOLE)
        store(connection, "walkway", key=f"w{n}", name=words)
    store(connection, "facility", key="lot", kind="truck_parking", capacity=12, geometry=WITH_HOLE)
    store(connection, "facility", key="stop", valid="[2018-01-01,2019-01-01)")
    connection.execute(text("UPDATE facility SET amenities = '{shower,\"a; b\"}' WHERE key = 'lot'"))
    _store_pairs(connection)


def _wz(n: int) -> dict[str, Any]:
    codes = ["47.30", "45.2", "47.1", "01", None, "62"]
    code = codes[n]
    return {} if code is None else {"wz_code": code, "wz_edition": "2008", "wz_basis": "stated"}


def _store_pairs(connection: Connection) -> None:
    """Store pairs of neighboring plots, and what persons decided of them."""
    connection.execute(
        text(
            "INSERT INTO adjacency (focal_version_id, neighbor_version_id, relation, shared_m, gap_m,"
            " geometry, valid, engine) SELECT f.plot_version_id, n.plot_version_id, 'edge', 12.3456, 0,"
            " ST_ShortestLine(f.geometry, n.geometry), f.valid * n.valid, 'e'"
            " FROM plot_version f JOIN plot_version n ON n.plot_id = f.plot_id + 1 AND n.valid && f.valid"
        )
    )
    low = first(connection, "plot")
    decisions = [
        (low, low + 1, "none", "[2014-01-01,2016-01-01)"),
        (low + 2, low + 1, "corner", "[2019-01-01,2021-01-01)"),
        (low, low + 4, "across", "[2010-01-01,2017-01-01)"),
        (low + 3, low + 4, "none", "(,)"),
    ]
    for one, other, relation, valid in decisions:
        connection.execute(
            text(
                "INSERT INTO adjacency_override (focal_plot_id, neighbor_plot_id, relation, reason,"
                " decided_by, decided_on, valid) VALUES (:one, :other, :relation, 'Zaun \"neu\"',"
                " 'Geheimrat', '2024-04-24', :valid)"
            ),
            {"one": one, "other": other, "relation": relation, "valid": valid},
        )


# A further plot, for ever.
SQUARE_OF = (
    "WITH made AS (INSERT INTO plot (park_id, key) SELECT min(park_id), :key FROM park RETURNING plot_id)"
    " INSERT INTO plot_version (plot_id, geometry, use_status, quality, valid)"
    f" SELECT plot_id, ST_GeomFromText('{CLOCKWISE}', 25832), 'unknown', 'schematic', '(,)' FROM made"
)
