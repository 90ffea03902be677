"""Stored neighbor pairs: over time, under decisions, against a fresh computation."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, select, text

from app.analysis.adjacency import typed_neighbors
from app.db.changes import change_days
from app.db.land.plots import plots_on
from app.db.models import Adjacency
from app.db.neighbors.adjacency import adjacency_on, n_pairs
from app.db.neighbors.overrides import overrides
from app.domain.kinds import OverrideRelation
from app.domain.localizer import localizer_for
from app.domain.period import Period
from app.errors import ConflictError, InputError, NotFoundError
from app.services.neighbors.neighborhood import neighbors_of_company, neighbors_of_plot
from app.services.neighbors.overrides import Override, add_override, withdraw_overrides
from app.services.neighbors.stored_pairs import rebuild_neighbors
from tests.scenes import rectangle, seven_plots
from tests.stored import days, store_company, store_park, store_plot

TODAY = date(2024, 4, 24)


@pytest.fixture
def street(connection: Connection) -> int:
    """N and S face each other, 20 m apart; from 2020 to 2022 K stands between; E joins N in 2021."""
    park_id = store_park(connection)
    store_plot(connection, park_id, "N", rectangle(0, 20, 50, 60))
    store_plot(connection, park_id, "S", rectangle(0, -40, 50, 0))
    store_plot(connection, park_id, "K", rectangle(-5, 5, 55, 15), days("2020-01-01", "2022-01-01"))
    store_plot(connection, park_id, "E", rectangle(50, 20, 90, 60), days("2021-01-01"))
    rebuild_neighbors(connection)
    return park_id


def pairs(connection: Connection, on: date | None = TODAY) -> dict[tuple[str, str], str]:
    frame = adjacency_on(connection, on)
    return dict(zip(zip(frame.focal, frame.neighbor, strict=True), frame.relation, strict=True))


def decide(connection: Connection, one: str, other: str, relation: str, period: Period | None = None) -> None:
    decision = Override(OverrideRelation(relation), "Zaun ohne Tor", "tester", TODAY, period or Period())
    add_override(connection, (one, other), decision)


def test_a_third_plot_between_ends_a_pair_and_its_going_begins_it_again(connection, street):
    history = adjacency_on(connection, None)
    ns = history[(history.focal == "N") & (history.neighbor == "S")]
    assert list(zip(ns.valid_from, ns.valid_to, strict=True)) == [
        (None, date(2020, 1, 1)),
        (date(2022, 1, 1), None),
    ]
    assert set(ns.relation) == {"across"}
    assert set(ns.facing_m.round(3)) == {50.0}


def test_a_pair_untouched_by_changes_around_it_is_one_row(connection, street):
    history = adjacency_on(connection, None)
    en = history[(history.focal == "E") & (history.neighbor == "N")]
    assert list(zip(en.valid_from, en.valid_to, strict=True)) == [(date(2021, 1, 1), None)]
    assert en.shared_m.iloc[0] == pytest.approx(40.0)


@pytest.mark.parametrize(
    "on", ["2019-12-31", "2020-01-01", "2020-12-31", "2021-06-01", "2022-01-01", "2030-01-01"]
)
def test_as_of_a_day_equals_computing_that_day(connection, street, on):
    assert_equals_fresh(connection, date.fromisoformat(on))


def test_shipped_data_equals_computing_each_change_day(loaded_connection):
    for on in [date(1990, 1, 1), *change_days(loaded_connection)]:
        assert_equals_fresh(loaded_connection, on)


def assert_equals_fresh(connection: Connection, on: date) -> None:
    stored = adjacency_on(connection, on)
    fresh = typed_neighbors(plots_on(connection, on), "key")
    names = ["focal", "neighbor", "relation"]
    assert stored[names].to_numpy().tolist() == fresh[names].to_numpy().tolist()
    for measure in ("shared_m", "gap_m", "facing_m", "overlap_m2"):
        assert stored[measure].to_numpy() == pytest.approx(fresh[measure].to_numpy(), abs=1e-4, nan_ok=True)


def test_seven_plots_come_out_of_the_database_as_out_of_the_file(connection):
    park_id = store_park(connection)
    plots = seven_plots()
    for key, boundary in zip(plots.key, plots.geometry, strict=True):
        store_plot(connection, park_id, key, boundary)
    rebuild_neighbors(connection)
    assert_equals_fresh(connection, TODAY)
    assert sum(n for _, _, n in n_pairs(connection, TODAY)) == len(typed_neighbors(plots, "key"))


def test_rebuilding_twice_gives_the_same_rows(connection, street):
    columns = [column for column in Adjacency.__table__.columns if column.name != "adjacency_id"]

    def rows() -> list:
        found = connection.execute(
            select(*columns).order_by("focal_version_id", "neighbor_version_id", "valid")
        )
        return [tuple(map(str, row)) for row in found]

    before = rows()
    rebuild_neighbors(connection)
    assert rows() == before != []


def test_no_plots_no_pairs(connection):
    assert rebuild_neighbors(connection) == 0
    empty = adjacency_on(connection, TODAY)
    assert empty.empty
    assert empty.crs.to_epsg() == 25832


def test_decision_none_takes_a_pair_out_and_survives_the_rebuild(connection, street):
    assert ("N", "S") in pairs(connection)
    decide(connection, "S", "N", "none")
    rebuild_neighbors(connection)
    assert ("N", "S") not in pairs(connection)
    assert pairs(connection)[("E", "N")] == "edge"


def test_decision_makes_neighbors_of_a_pair_that_has_no_computed_row(connection, street):
    decide(connection, "E", "S", "across")
    frame = adjacency_on(connection, TODAY, plots=["E"])
    row = frame[frame.neighbor == "S"].iloc[0]
    assert (row.relation, row.is_override, row.reason) == ("across", True, "Zaun ohne Tor")
    assert row.gap_m == pytest.approx(20.0)
    # E exists from 2021 only: before that day the decision has nothing to hold on.
    assert ("E", "S") not in pairs(connection, date(2020, 6, 1))


def test_decision_holds_in_its_period_only(connection, street):
    decide(connection, "N", "S", "none", Period(date(2023, 1, 1), date(2024, 1, 1)))
    found = [pairs(connection, date(year, 6, 1)).get(("N", "S")) for year in (2022, 2023, 2024)]
    assert found == ["across", None, "across"]


def test_decisions_are_refused_in_words(connection, street):
    decide(connection, "N", "S", "none")
    with pytest.raises(ConflictError, match="N and S"):
        decide(connection, "S", "N", "edge")
    with pytest.raises(NotFoundError, match="“Q”"):
        decide(connection, "N", "Q", "edge")
    with pytest.raises(InputError, match="cannot be its own neighbor"):
        decide(connection, "N", "N", "edge")
    assert len(overrides(connection)) == 1


def test_withdrawing_brings_the_computed_pair_back_and_leaves_a_trace(connection, street):
    decide(connection, "N", "S", "none")
    assert withdraw_overrides(connection, ("S", "N"), withdrawn_by="other") == 1
    assert pairs(connection)[("N", "S")] == "across"
    with pytest.raises(NotFoundError):
        withdraw_overrides(connection, ("S", "N"), withdrawn_by="other")
    entries = text("SELECT actor, before IS NULL, after IS NULL FROM audit_entry ORDER BY audit_entry_id")
    assert [tuple(row) for row in connection.execute(entries)] == [
        ("tester", True, False),
        ("other", False, True),
    ]


def test_reasons_in_words(connection, street):
    for company, plot in (("nord", "N"), ("süd", "S"), ("ost", "E"), ("gast", "N")):
        store_company(connection, street, company.replace("ü", "ue"), plot)
    english = neighbors_of_company(connection, "nord", TODAY, localizer_for("en"))
    assert [neighbor["reason"] for neighbor in english["neighbors"]] == [
        "on the same plot, N",
        "borders in the east over 40\N{NO-BREAK SPACE}m",
        "opposite in the south, 20\N{NO-BREAK SPACE}m away",
    ]
    german = neighbors_of_company(connection, "nord", TODAY, localizer_for("de"))
    assert [neighbor["reason"] for neighbor in german["neighbors"]] == [
        "auf demselben Grundstück, N",
        "grenzt im Osten auf 40\N{NO-BREAK SPACE}m an",
        "im Süden gegenüber, 20\N{NO-BREAK SPACE}m entfernt",
    ]


def test_a_company_without_plot_says_why_it_has_no_neighbors(connection, street):
    store_company(connection, street, "irgendwo", None, "Weg 1")
    told = neighbors_of_company(connection, "irgendwo", TODAY, localizer_for("en"))
    assert told["neighbors"] == []
    assert "Of irgendwo only “Weg 1” is known, not the plot" in told["note"]


def test_where_only_the_park_is_known_no_street_is_claimed(connection, street):
    store_company(connection, street, "irgendwo", None)
    told = neighbors_of_company(connection, "irgendwo", TODAY, localizer_for("de"))
    assert "Von irgendwo ist nur „Park“ bekannt, nicht das Grundstück" in told["note"]


def test_unknown_company_or_plot(connection, street):
    with pytest.raises(NotFoundError, match="no company “x”"):
        neighbors_of_company(connection, "x", TODAY, localizer_for("en"))
    with pytest.raises(NotFoundError, match="no plot “K”"):
        neighbors_of_plot(connection, "K", TODAY, localizer_for("en"))
