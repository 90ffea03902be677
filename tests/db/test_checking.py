"""The check finds each kind of error that was put in, and nothing in the shipped data."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Connection, text

from app.db.neighbors.adjacency import adjacency_on
from app.services.setup.checking import check


def sentences(connection: Connection) -> list[str]:
    return [finding.template % finding.params for finding in check(connection)]


def test_the_shipped_data_are_consistent(loaded_connection: Connection) -> None:
    before = len(adjacency_on(loaded_connection, None))
    assert sentences(loaded_connection) == []
    assert len(adjacency_on(loaded_connection, None)) == before > 0


MOVE = "SET geometry = ST_Translate(geometry, {x}, {y})"
OF = "plot_id = (SELECT plot_id FROM plot WHERE key = '{plot}')"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            f"UPDATE plot_version {MOVE.format(x=0, y=500)} WHERE {OF.format(plot='HK1-003')}",
            "Plot HK1-003 extends .* m beyond its park heinenkamp-1",
        ),
        (
            f"UPDATE plot_version {MOVE.format(x=0, y=-2)} WHERE {OF.format(plot='HK1-004')}",
            "Plots HK1-004 and HK1-005 overlap|Plots HK1-003 and HK1-004 overlap",
        ),
        (
            f"UPDATE occupancy {MOVE.format(x=100, y=0)} WHERE key = 'real-brandgehaege-9'",
            r"Company place real-brandgehaege-9 lies [\d.]+ m outside its plot HK1-001",
        ),
        (
            "UPDATE plot_version SET starts_precision = 'day', valid = daterange('2020-01-01', NULL)"
            f" WHERE {OF.format(plot='HK1-001')}",
            r"real-brandgehaege-9 uses plot HK1-001 on days when .*\{\(,2020-01-01\)\}",
        ),
        (
            f"UPDATE facility {MOVE.format(x=0, y=300)} WHERE key = 'truck-parking'",
            "Facility truck-parking lies .* outside its plot HK2-026",
        ),
        (
            f"UPDATE facility {MOVE.format(x=0, y=3000)} WHERE key = 'stop-klauskamp'",
            "stop-klauskamp lies .* outside its park heinenkamp-2",
        ),
        (
            "UPDATE occupancy SET valid = daterange(NULL, NULL) WHERE key = 'real-brandgehaege-9'",
            "real was followed by kaufland on 2021-11-18, but uses the same plot",
        ),
        (
            "UPDATE occupancy o SET valid = daterange(lower(valid), '2024-04-01') FROM tour_stop st"
            " WHERE st.occupancy_id = o.occupancy_id",
            "Tour rundgang-2024-04-24 stops at .* on 2024-04-24, when nobody is there",
        ),
        (
            "DELETE FROM tour_leg",
            "legs of tour rundgang-2024-04-24 are missing or out of date",
        ),
        (
            "WITH older AS (UPDATE tour_leg SET engine = 'older')"
            " UPDATE tour SET starts_at = now() + interval '1 day' WHERE key = 'rundgang-2024-04-24'",
            "legs of tour rundgang-2024-04-24 are missing or out of date",
        ),
        (
            "DELETE FROM adjacency WHERE adjacency_id = (SELECT min(adjacency_id) FROM adjacency)",
            "1 neighbor pairs are out of date",
        ),
        (
            "UPDATE adjacency SET gap_m = gap_m + 0.01"
            " WHERE adjacency_id = (SELECT min(adjacency_id) FROM adjacency WHERE relation = 'across')",
            "2 neighbor pairs are out of date",
        ),
    ],
)
def test_what_was_spoilt_is_found(loaded_connection: Connection, change: str, told: str) -> None:
    assert loaded_connection.execute(text(change)).rowcount > 0
    found = sentences(loaded_connection)
    assert any(re.search(told, sentence) for sentence in found), found
