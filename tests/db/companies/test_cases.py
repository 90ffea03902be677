"""Business cases on the shipped data: each is one change set, told before, undone to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.db.changes import Change
from app.db.companies.companies import companies_on, company_neighbors_on
from app.db.land.plots import plots_on
from app.domain.kinds import BusinessCase, Intent, SuccessionKind
from app.errors import AppError, ConflictError, NotFoundError
from app.services.companies.acts import change_from, correct, correct_day
from app.services.companies.cases import (
    NewCompany,
    Site,
    arrive,
    day_after,
    depart,
    expand,
    move,
    put_on_plot,
    succeed,
)
from app.services.companies.preview import preview
from app.services.companies.things import company, place
from app.services.companies.undoing import blockers, restore, undo

DAY = date(2027, 3, 1)
TABLES = ("company", "company_version", "occupancy", "plot_version", "succession", "adjacency", "tour_stop")
Act = Callable[[Connection], int]


def told(day: date | None = DAY, intent: Intent | None = None) -> Change:
    return Change("Erika Muster", BusinessCase.ATTRIBUTES, intent, day)


def tables(connection: Connection) -> dict[str, list[str]]:
    """Return all rows of what is edited; derived pairs without the numbers of their rows."""
    found = {}
    for table in TABLES:
        less = " - 'adjacency_id'" if table == "adjacency" else ""
        query = f"SELECT (to_jsonb(t){less})::text AS row FROM {table} t ORDER BY 1"
        found[table] = list(connection.execute(text(query)).scalars())
    return found


def status(connection: Connection, plot: str, on: date) -> str:
    plots = plots_on(connection, on)
    return str(plots.loc[plots.key == plot, "use_status"].iloc[0])


def free_plot(connection: Connection) -> str:
    plots = plots_on(connection, DAY)
    return str(plots.loc[plots.occupants.isna() & (plots.park == "heinenkamp-2"), "key"].iloc[0])


def keys(connection: Connection, on: date, firm: str) -> list[str]:
    frame = companies_on(connection, on)
    return list(frame.loc[frame.company == firm, "key"])


def test_a_company_comes_and_its_plot_is_in_use(loaded_connection: Connection) -> None:
    plot = free_plot(loaded_connection)
    made = arrive(loaded_connection, NewCompany({"name": "Müller & Söhne"}), Site(plot=plot), told())
    assert keys(loaded_connection, DAY, "mueller-soehne") == [f"mueller-soehne-{plot.lower()}"]
    assert keys(loaded_connection, date(2027, 2, 28), "mueller-soehne") == []
    assert status(loaded_connection, plot, DAY) == "occupied"
    query = text("SELECT business_case, intent, day FROM change_set WHERE change_set_id = :made")
    assert tuple(loaded_connection.execute(query, {"made": made}).one()) == ("arrival", "change", DAY)


def alone(connection: Connection) -> tuple[str, str, str]:
    """Return a company that is alone on its plot: its key, its place, the plot."""
    frame = companies_on(connection, DAY)
    own = frame.loc[frame["plot"].notna() & ~frame.duplicated("plot", keep=False)]
    row = own.loc[~own.duplicated("company", keep=False)].iloc[0]
    return row.company, row.key, row["plot"]


def test_a_company_leaves_and_its_plot_is_vacant(loaded_connection: Connection) -> None:
    last = date(2027, 2, 28)
    firm, key, plot = alone(loaded_connection)
    depart(loaded_connection, firm, told(day_after(last)))
    assert keys(loaded_connection, last, firm) == [key]
    assert keys(loaded_connection, DAY, firm) == []
    assert [status(loaded_connection, plot, day) for day in (last, DAY)] == ["occupied", "vacant"]
    with pytest.raises(NotFoundError):
        depart(loaded_connection, firm, told())
    # Others use the plot of this one, too.
    depart(loaded_connection, "kaufland", told())
    assert status(loaded_connection, "HK1-001", DAY) == "occupied"


def test_a_company_goes_to_another_plot(loaded_connection: Connection) -> None:
    firm, key, left = alone(loaded_connection)
    plot, until = free_plot(loaded_connection), date(2027, 5, 1)
    move(loaded_connection, key, Site(plot=plot), told(), until=until)
    assert len(keys(loaded_connection, DAY, firm)) == 2
    assert keys(loaded_connection, until, firm) == [f"{firm}-{plot.lower()}"]
    assert [status(loaded_connection, one, until) for one in (plot, left)] == ["occupied", "vacant"]


def test_another_company_follows_and_the_day_moves_for_both(loaded_connection: Connection) -> None:
    """W8: what one change set made to begin and to end is moved together."""
    old = "kaufland-brandgehaege-9"
    succeed(loaded_connection, old, NewCompany({"name": "Markt"}), SuccessionKind.TAKEOVER, told())
    later = date(2027, 4, 1)
    correct_day(loaded_connection, place(old), later, Change("Erika Muster", BusinessCase.DAY, day=DAY))
    assert keys(loaded_connection, date(2027, 3, 31), "kaufland") == [old]
    assert keys(loaded_connection, date(2027, 3, 31), "markt") == []
    assert len(keys(loaded_connection, later, "markt")) == 1
    query = "SELECT happened_on FROM succession JOIN company ON company_id = successor_id WHERE key = 'markt'"
    assert loaded_connection.execute(text(query)).scalar_one() == later
    assert status(loaded_connection, "HK1-001", later) == "occupied"


def test_a_place_is_put_on_its_plot(loaded_connection: Connection) -> None:
    frame = companies_on(loaded_connection, DAY)
    key = str(frame.loc[frame["plot"].isna() & (frame.park == "heinenkamp-2"), "key"].iloc[0])
    plot = free_plot(loaded_connection)
    before = companies_on(loaded_connection, None)
    made = put_on_plot(loaded_connection, key, Site(plot=plot), told())
    after = companies_on(loaded_connection, None)
    # It was never otherwise: on all days, and no boundary is new.
    assert len(after) == len(before)
    assert set(after.loc[after.key == key, "plot"]) == {plot}
    undo(loaded_connection, made, told(None))
    assert companies_on(loaded_connection, None).equals(before)


@pytest.mark.parametrize(
    "act",
    [
        lambda c: arrive(c, NewCompany({"name": "New"}), Site(plot=free_plot(c)), told()),
        lambda c: expand(c, "kaufland", Site(plot=free_plot(c)), told()),
        lambda c: move(c, "kaufland-brandgehaege-9", Site(plot=free_plot(c)), told()),
        lambda c: depart(c, "kaufland", told()),
        lambda c: succeed(
            c, "kaufland-brandgehaege-9", NewCompany({"name": "New"}), SuccessionKind.RENAME, told()
        ),
        lambda c: change_from(c, {company(c, "kaufland"): {"name": "New"}}, told()),
        lambda c: correct(c, company(c, "kaufland"), {"name": "New"}, told()),
    ],
    ids=["arrival", "expansion", "move", "departure", "succession", "renamed", "corrected"],
)
def test_each_case_is_told_done_and_undone(loaded_connection: Connection, act: Act) -> None:
    before = tables(loaded_connection)
    expected = preview(loaded_connection, act, ["kaufland"])
    assert tables(loaded_connection) == before
    made = act(loaded_connection)
    assert tables(loaded_connection) != before
    seen_before, seen_after = (
        [shown(row) for row in all_ if "company" in row]
        for all_ in (expected.public_before, expected.public_after)
    )
    public = [row for row in rows(loaded_connection) if row not in seen_before]
    assert all(row in rows(loaded_connection) for row in seen_after)
    assert public
    undone = undo(loaded_connection, made, told(None))
    assert tables(loaded_connection) == before
    undo(loaded_connection, undone, told(None))
    assert tables(loaded_connection) != before
    loaded_connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    loaded_connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def rows(connection: Connection) -> list[tuple[Any, ...]]:
    return [shown(row) for row in companies_on(connection, None).to_dict("records")]


def shown(row: Any) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("key", "company", "name", "plot", "valid_from", "valid_to"))


def test_the_preview_says_who_is_won_and_lost(loaded_connection: Connection) -> None:
    """An independent answer: the public collection of company pairs, before and after."""

    def act(connection: Connection) -> int:
        return depart(connection, "kaufland", told())

    def pairs() -> dict[tuple[str, str], Any]:
        frame = company_neighbors_on(loaded_connection, DAY)
        return {(row.focal, row.neighbor): row.relation for row in frame.itertuples()}

    expected = preview(loaded_connection, act, [])
    before = pairs()
    act(loaded_connection)
    lost = {frozenset(pair) for pair in before.keys() - pairs().keys()}
    assert {frozenset((one.company, one.neighbor)) for one in expected.neighbors if one.after is None} == lost
    assert lost
    assert all(one.before_m is None or one.before_m > 0 for one in expected.neighbors)


def test_tours_follow_their_places_and_who_is_gone_is_told(loaded_connection: Connection) -> None:
    stop = (
        "SELECT st.tour_id, st.position, o.key FROM tour_stop st JOIN occupancy o USING (occupancy_id)"
        " ORDER BY st.tour_id, st.position LIMIT 1"
    )
    tour_id, position, key = loaded_connection.execute(text(stop)).one()
    starts = "UPDATE tour SET starts_at = starts_at + interval '3 years' WHERE tour_id = :tour"
    loaded_connection.execute(text(starts), {"tour": tour_id})
    held = text(
        "SELECT lower(o.valid) FROM tour_stop st JOIN occupancy o USING (occupancy_id)"
        " WHERE tour_id = :tour AND position = :position"
    ).bindparams(tour=tour_id, position=position)
    day = date(2027, 1, 10)
    made = change_from(loaded_connection, {place(key): {"note": "a new gate"}}, told(day))
    assert loaded_connection.execute(held).scalar_one() == day
    undo(loaded_connection, made, told(None))
    assert loaded_connection.execute(held).scalar_one() != day
    firm = next(iter(companies_on(loaded_connection, day).set_index("key").loc[[key], "company"]))
    expected = preview(loaded_connection, lambda c: depart(c, firm, told(day)), [])
    assert key in {tour["place"] for tour in expected.tours}


def test_what_others_built_on_is_not_undone(loaded_connection: Connection) -> None:
    firm = company(loaded_connection, "kaufland")
    known = loaded_connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    first = change_from(loaded_connection, {firm: {"name": "Markt"}}, told())
    later = Change("Max Beispiel", BusinessCase.ATTRIBUTES, day=date(2027, 6, 1))
    correct(loaded_connection, firm, {"name": "Großmarkt"}, later)
    with pytest.raises(ConflictError, match=r"was changed since \(\d\d\.\d\d\.\d{4}, Max Beispiel\)"):
        undo(loaded_connection, first, told(None))
    assert [one.by.person for one in blockers(loaded_connection, first) if one.by] == ["Max Beispiel"]
    assert isinstance(known, datetime)
    restore(loaded_connection, firm, known, told(None))
    assert set(companies_on(loaded_connection, DAY).set_index("company").loc[["kaufland"], "name"]) == {
        "Kaufland"
    }


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda c: expand(c, "nobody", Site(plot="HK1-001"), told()), "no company “nobody”"),
        (lambda c: expand(c, "kaufland", Site(plot="HK9-001"), told()), "no plot “HK9-001” on 2027-03-01"),
        (lambda c: expand(c, "kaufland", Site(), told()), "on which plot, or at which point"),
        (lambda c: arrive(c, NewCompany({"name": " "}), Site(plot="HK1-001"), told()), "needs a name"),
        (lambda c: move(c, "nowhere", Site(plot="HK1-001"), told()), "no place “nowhere”"),
        (lambda c: undo(c, 10**6, told()), "no change of number 1000000"),
        (lambda c: correct(c, company(c, "kaufland"), {"name": "Kaufland"}, told()), "nothing would change"),
        (lambda c: correct(c, company(c, "kaufland"), {"key": "x"}, told()), "no field “key”"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    loaded_connection: Connection, act: Act, words: str
) -> None:
    with pytest.raises(AppError, match=words):
        act(loaded_connection)
