"""Whom to invite: the neighbors of who receives the guests, as companies on the day, with reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.neighborhood import Neighbor, company_neighbors, plot_neighbors
from app.db.companies.companies import companies_on, company_ids
from app.db.land.facilities import facilities_on
from app.db.land.plots import plots_on
from app.db.neighbors.adjacency import adjacency_on
from app.domain.localizer import Localizer
from app.errors import N_, InputError
from app.services.meetings.guest_history import GuestHistory, read_history
from app.services.neighbors.neighborhood import reason
from app.services.walking.isochrones import IsochroneQuery, place_of, service_areas

YEAR = timedelta(days=365)


class Scope(StrEnum):
    """Whom a list is of."""

    NEIGHBORS = "neighbors"
    SECOND = "second"
    DISTANCE = "distance"
    WALK = "walk"
    PARK = "park"


class Only(StrEnum):
    """What of them it is narrowed down to."""

    NEVER_MET = "never_met"
    NEW = "new"
    NOT_INVITED = "not_invited"


@dataclass(frozen=True)
class GuestChoice:
    """What is asked of a list: of whom, within how many meters or minutes, and only which of them."""

    scope: Scope = Scope.NEIGHBORS
    within: float = 0
    only: frozenset[Only] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """Who may be invited: a company, or several of one group, who get one invitation.

    Attributes
    ----------
    companies : tuple of (int, str, str)
        Id, key and name of each.
    group : str or None
    relation : str
        How they are neighbors, or what else brings them here.
    reason : str
        The same in a sentence.
    measure : float or None
        Meters or minutes of the reason.
    plots : tuple of str
    notes : tuple of str
        What else staff should know.
    """

    companies: tuple[tuple[int, str, str], ...]
    group: str | None
    relation: str
    reason: str
    measure: float | None = None
    plots: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of the first one."""
        return self.companies[0][1]

    @property
    def name(self) -> str:
        """Who it is, for people."""
        return " / ".join(name for _, _, name in self.companies)


@dataclass(frozen=True)
class GuestList:
    """A list for a day; `unplaced` are companies (key, name, place) of its parks that are on no plot."""

    candidates: tuple[Candidate, ...]
    unplaced: tuple[tuple[str, str, str], ...]
    note: str | None = None


@dataclass
class _Day:
    """What is known of the parks on the meeting's day."""

    connection: Connection
    meeting: RowMapping
    on: date
    localizer: Localizer
    companies: gpd.GeoDataFrame = field(init=False)
    plots: gpd.GeoDataFrame = field(init=False)
    ids: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.companies, self.plots = (
            companies_on(self.connection, self.on),
            plots_on(self.connection, self.on),
        )
        self.ids = company_ids(self.connection)

    @cached_property
    def history(self) -> GuestHistory:
        hosts = [self.ids[self.meeting["host_company"]]] if self.meeting["host_company"] else []
        return read_history(self.connection, hosts, self.meeting["parks"], self.on)

    def neighbors(self, company: str) -> list[Neighbor]:
        own = sorted(set(self.companies.loc[self.companies.company == company, "plot"].dropna()))
        adjacency = adjacency_on(self.connection, self.on, plots=own)
        return company_neighbors(company, self.companies, self.plots, adjacency)

    def neighbors_of_plot(self, plot: str) -> list[Neighbor]:
        adjacency = adjacency_on(self.connection, self.on, plots=[plot])
        return plot_neighbors(plot, self.companies, self.plots, adjacency)

    def said(self, template: str, **values: object) -> str:
        return self.localizer.translate(template, **values)


def guest_list(
    connection: Connection,
    meeting: RowMapping,
    choice: GuestChoice,
    localizer: Localizer,
    on: date | None = None,
) -> GuestList:
    """Return whom to invite to a meeting.

    Parameters
    ----------
    connection : Connection
    meeting : RowMapping
        As `app.services.meetings.planning.meeting_of` returns it.
    choice : GuestChoice
    localizer : Localizer
    on : date, optional
        Whose neighbors count; without it those of the meeting's day.

    Raises
    ------
    InputError
        When the list needs somebody who receives the guests and nobody is named.
    """
    day = _Day(connection, meeting, on or meeting["held_on"], localizer)
    hosts = _hosts(day)
    if not hosts and choice.scope != Scope.PARK:
        raise InputError(N_("Say first who receives the guests: their neighbors are the list."))
    host = meeting["host_company"]
    others = (one for one in _SCOPES[choice.scope](day, choice) if one.key != host)
    noted = [_noted(one, day, choice) for one in _merged(others)]
    here = day.companies.loc[day.companies["park"].isin(meeting["parks"])]
    placed = set(day.companies.loc[day.companies["plot"].notna(), "company"])
    loose = here.loc[~here["company"].isin(placed)]
    return GuestList(
        tuple(one for one in noted if one is not None),
        tuple((row.company, row.name, row.key) for row in loose.sort_values("name").itertuples(index=False)),
        day.said(_NO_NEIGHBOR) if choice.scope == Scope.NEIGHBORS and not noted else None,
    )


_NO_NEIGHBOR = N_(
    "No company is known on the plots around the host: choose a wider list, or record who is on them."
)


def _hosts(day: _Day) -> list[str]:
    """Return the plots of who receives the guests; a company without a plot is one all the same."""
    if day.meeting["host_company"]:
        return [day.meeting["host_company"]]
    return [day.meeting["host_facility"]] if day.meeting["host_facility"] else []


def _first(day: _Day, _: GuestChoice | None = None) -> Iterable[Candidate]:
    company, facility = day.meeting["host_company"], day.meeting["host_facility"]
    if company:
        found = day.neighbors(company)
    else:
        rows = facilities_on(day.connection, day.on)
        plots = rows.loc[rows.key == facility, "plot"].dropna()
        own = [_on_plot(day, plot) for plot in plots]
        yield from (one for part in own for one in part)
        found = [neighbor for plot in plots for neighbor in day.neighbors_of_plot(plot)]
    for neighbor in found:
        yield from _candidates(day, neighbor, reason(neighbor, day.localizer))


def _on_plot(day: _Day, plot: str) -> Iterable[Candidate]:
    rows = day.companies.loc[day.companies["plot"] == plot]
    for row in rows.itertuples(index=False):
        yield _single(day, row, "same_plot", day.said(N_("on the same plot, %(plots)s"), plots=plot))


def _candidates(day: _Day, neighbor: Neighbor, why: str) -> Iterable[Candidate]:
    measure = neighbor.shared_m or neighbor.gap_m
    if not neighbor.members:
        return
    # Those on a plot are of several houses; those of a company's neighbor are of one group.
    groups: dict[str, list[Any]] = {}
    for member in (one for one in neighbor.members if one.key != day.meeting["host_company"]):
        groups.setdefault(member.group_name or member.key, []).append(member)
    for members in groups.values():
        companies = tuple((day.ids[one.key], one.key, one.name) for one in members)
        yield Candidate(
            companies, members[0].group_name, neighbor.relation, why, measure, tuple(neighbor.plots)
        )


def _second(day: _Day, _: GuestChoice) -> Iterable[Candidate]:
    first = _merged(_first(day))
    yield from first
    known = {key for one in first for _number, key, _name in one.companies}
    for one in first:
        for _number, key, name in one.companies:
            for neighbor in day.neighbors(key):
                members = tuple(member for member in neighbor.members if member.key not in known)
                why = day.said(
                    N_("neighbor of %(name)s: %(reason)s"), name=name, reason=reason(neighbor, day.localizer)
                )
                found = _candidates(day, replace(neighbor, members=members), why)
                yield from (replace(each, relation="second") for each in found)


def _distance(day: _Day, choice: GuestChoice) -> Iterable[Candidate]:
    spot = _area(day)
    areas = day.plots.set_index("key").geometry
    if spot is None:
        return
    for row in day.companies.itertuples(index=False):
        away = float(row.geometry.distance(spot))
        if isinstance(row.plot, str) and row.plot in areas.index:
            away = min(away, float(areas[row.plot].distance(spot)))
        if away <= choice.within:
            why = day.said(N_("%(distance)s away"), distance=day.localizer.metres(away))
            yield _single(day, row, "distance", why, round(away, 1))


def _area(day: _Day) -> Any:
    """Return the plots of who receives the guests, or else its point."""
    company, facility = day.meeting["host_company"], day.meeting["host_facility"]
    rows = day.companies.loc[day.companies["company"] == company] if company else None
    if rows is None:
        frame = facilities_on(day.connection, day.on)
        rows = frame.loc[frame["key"] == facility]
    own = day.plots.loc[day.plots["key"].isin(rows["plot"].dropna())]
    shapes = own if not own.empty else rows
    return None if shapes.empty else shapes.geometry.union_all()


def _walk(day: _Day, choice: GuestChoice) -> Iterable[Candidate]:
    company, facility = day.meeting["host_company"], day.meeting["host_facility"]
    if company:
        # Of a company with several places the first one is where people meet.
        places = day.companies.loc[day.companies["company"] == company, "key"]
        if places.empty:
            return
        start = place_of(day.connection, day.on, company=str(places.iloc[0]))
    else:
        start = place_of(day.connection, day.on, facility=facility)
    areas = service_areas(day.connection, start, [choice.within], IsochroneQuery(day.on))
    minutes = {row["key"]: row["minutes"] for row in areas["places"] if row["kind"] == "company"}
    for row in day.companies.itertuples(index=False):
        if row.key in minutes:
            why = day.said(N_("%(minutes)s minutes on foot"), minutes=minutes[row.key])
            yield _single(day, row, "walk", why, minutes[row.key])


def _park(day: _Day, _: GuestChoice) -> Iterable[Candidate]:
    """Return the neighbors first, then all others of the parks."""
    yield from _first(day) if _hosts(day) else ()
    rows = day.companies.loc[day.companies["park"].isin(day.meeting["parks"])]
    for row in rows.sort_values("name").itertuples(index=False):
        yield _single(day, row, "park", day.said(N_("in the same business park")))


_SCOPES: dict[Scope, Callable[[_Day, GuestChoice], Iterable[Candidate]]] = {
    Scope.NEIGHBORS: _first,
    Scope.SECOND: _second,
    Scope.DISTANCE: _distance,
    Scope.WALK: _walk,
    Scope.PARK: _park,
}


def _single(day: _Day, row: Any, relation: str, why: str, measure: float | None = None) -> Candidate:
    plots = (row.plot,) if isinstance(row.plot, str) else ()
    group = row.group_name if isinstance(row.group_name, str) else None
    company = (day.ids[row.company], row.company, row.name)
    return Candidate((company,), group, relation, why, measure, plots)


def _merged(found: Iterable[Candidate]) -> list[Candidate]:
    """Return each company once, with its first reason, and each group once."""
    by_house: dict[str, Candidate] = {}
    for one in found:
        house = f"group:{one.group}" if one.group else one.key
        known = by_house.get(house)
        if known is None:
            by_house[house] = one
        else:
            more = tuple(each for each in one.companies if each not in known.companies)
            plots = tuple(dict.fromkeys((*known.plots, *(one.plots if more else ()))))
            by_house[house] = replace(known, companies=(*known.companies, *more), plots=plots)
    return list(by_house.values())


def _noted(one: Candidate, day: _Day, choice: GuestChoice) -> Candidate | None:
    """Return a candidate with what else is known of it; None where the choice leaves it out."""
    history = day.history
    ids = [number for number, _, _ in one.companies]
    invited = max((history.invited[number] for number in ids if number in history.invited), default=None)
    is_new = history.before is not None and not any(key in history.before for _, key, _ in one.companies)
    is_met = any(number in history.met for number in ids)
    if Only.NEVER_MET in choice.only and is_met:
        return None
    if Only.NEW in choice.only and not is_new:
        return None
    if Only.NOT_INVITED in choice.only and invited is not None and day.on - invited < YEAR:
        return None
    notes = [
        day.said(N_("follows %(name)s"), name=history.followed[key])
        for _, key, _ in one.companies
        if key in history.followed
    ]
    if is_new:
        notes.append(day.said(N_("new since the last meeting")))
    if invited is not None:
        notes.append(day.said(N_("last invited on %(day)s"), day=day.localizer.day(invited)))
    return replace(one, notes=tuple(notes))
