"""Notebook 2 against the periods in the tables, asked in SQL."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, text

from tests.notebooks.running import Run

FIRST, LAST = date(2013, 1, 1), date(2024, 4, 24)
# Firms that moved, opened a further place, are new, and came back: before them the shipped stays are kept.
MADE_UP = """
shipped, day = stays, pd.Timestamp("2020-01-01")
stays = pd.DataFrame(
    [
        ("mover", "m1", None, "2020-06-01"), ("mover", "m2", day, None),
        ("grower", "g1", None, None), ("grower", "g2", day, None),
        ("starter", "n1", day, None),
        ("returner", "o1", None, "2018-01-01"), ("returner", "o2", day, None),
    ],
    columns=["company", "key", "valid_from", "valid_to"],
)
stays = stays.assign(**{side: pd.to_datetime(stays[side]) for side in ("valid_from", "valid_to")})
told = {row.key: kind_of(row) for row in stays.dropna(subset="valid_from").itertuples()}
stays = shipped
"""


def test_change_over_time(run_notebook, live_server, loaded_connection) -> None:
    run = run_notebook("02_change_over_time", SERVICE=live_server)
    check_who_came_and_went(run, loaded_connection)
    check_kinds_of_arrivals(run)
    check_areas(run, loaded_connection)
    assert sum("image/png" in output.get("data", {}) for output in run.outputs) == 1
    assert "https://" not in run.value("drawn.get_root().render()")


def check_who_came_and_went(run: Run, connection: Connection) -> None:
    for frame, bound in (("came", "lower"), ("went", "upper")):
        statement = text(f"SELECT key FROM occupancy WHERE {bound}(valid) BETWEEN :first AND :last")
        expected = set(connection.execute(statement.bindparams(first=FIRST, last=LAST)).scalars())
        assert set(run.value(f"list({frame}['key'])")) == expected
    assert run.value("sorted(went['company'])") == ["obi", "real"]
    successions = text(
        "SELECT a.key, b.key, plot.key FROM succession"
        " JOIN company a ON a.company_id = predecessor_id JOIN company b ON b.company_id = successor_id"
        " JOIN plot USING (plot_id)"
    )
    told = run.rows("followed[['company_before', 'company_after', 'plot', 'empty_days']]")
    assert {(row["company_before"], row["company_after"], row["plot"]) for row in told} == {
        tuple(row) for row in connection.execute(successions)
    }
    assert {row["company_after"]: row["empty_days"] for row in told} == {
        "hagebaumarkt": 0,
        "kaufland": (date(2021, 11, 18) - date(2021, 7, 25)).days,
    }


def check_kinds_of_arrivals(run: Run) -> None:
    """Kinds are right for the shipped data, and for firms made up to move, to grow, and to be new."""
    kinds = run.value("dict(zip(arrivals['key'], arrivals['kind']))")
    assert kinds["es-tec-gmbh-lehmkuhlenfeld-1"] == "further place"
    assert {kind for key, kind in kinds.items() if not key.startswith("es-tec")} == {"new"}
    assert run.value("by_year.sum().to_dict()") == {"new": 8, "moved": 0, "further place": 1, "went": 2}
    run.do(MADE_UP)
    assert run.value("told") == {"m2": "moved", "g2": "further place", "n1": "new", "o2": "moved"}


def check_areas(run: Run, connection: Connection) -> None:
    """On every day on which a version begins the areas are those that PostGIS sums up."""
    begun = text(
        "SELECT DISTINCT lower(valid) FROM plot_version WHERE lower(valid) BETWEEN :first AND :last"
    ).bindparams(first=FIRST, last=LAST)
    days = {FIRST, LAST, *connection.execute(begun).scalars()}
    told = {date.fromisoformat(row.pop("index")[:10]): row for row in run.rows("area_ha.reset_index()")}
    assert set(told) == days
    summed = text(
        "SELECT use_status, sum(ST_Area(geometry)) / 10000 FROM plot_version WHERE valid @> :day GROUP BY 1"
    )
    for day in days:
        expected = dict(connection.execute(summed.bindparams(day=day)).all())
        assert {use: area for use, area in told[day].items() if area} == pytest.approx(expected, rel=1e-6)
    assert run.value("[version['properties']['use_status'] for version in history.iterfeatures()]") == [
        "unknown",
        "facility",
    ]
