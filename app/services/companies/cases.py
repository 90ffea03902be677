"""What happens to companies in a park: each business case is one change set.

The day of a change set is the first on which the new state holds; of a last day, as people say it, it is the
day after (`day_after`). Nothing is committed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from shapely import Point
from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.changes import Change
from app.db.companies.attributes import add_company
from app.db.companies.occupants import free_key, others_on_plot, places_of
from app.db.land.parks import park_ids
from app.db.land.plots import plots_on
from app.db.row_images import images
from app.domain.kinds import BusinessCase, Intent, LocationQuality, Precision, SuccessionKind, UseStatus
from app.errors import N_, ConflictError, DataError, NotFoundError
from app.services.companies.acts import change_from, change_thing, correct, end_thing, first_day
from app.services.companies.conflicts import Shown
from app.services.companies.things import (
    PLACE,
    Editing,
    Thing,
    company,
    editing,
    geometry_image,
    place,
    plot,
)
from app.services.tours.keys import slug


def day_after(last: date) -> date:
    """Return the day from which on something is not there any more whose last day is told."""
    return last + timedelta(days=1)


@dataclass(frozen=True)
class Site:
    """Where a company is to be: on a plot (at a point, or anywhere on it), or at a point in a park.

    `geometry` is a Point in EPSG:25832.
    """

    park: str | None = None
    plot: str | None = None
    geometry: Point | None = None
    location_quality: LocationQuality = LocationQuality.MAPPED
    street: str | None = None
    house_number: str | None = None
    note: str | None = None
    as_of: str | None = None
    source_id: int | None = None


@dataclass(frozen=True)
class NewCompany:
    """A company that is not stored yet, by its attributes; the key is made of its name unless it is given."""

    values: Mapping[str, Any]
    key: str | None = None
    source_id: int | None = field(default=None)


def arrive(
    connection: Connection, who: NewCompany, site: Site, change: Change, precision: Precision = Precision.DAY
) -> int:
    """Let a new company come to a place; return the change set."""
    with editing(connection, _as(change, BusinessCase.ARRIVAL)) as edit:
        _open(edit, _add(edit, who), site, change, precision)
    return edit.change_set_id


def expand(
    connection: Connection, who: str, site: Site, change: Change, precision: Precision = Precision.DAY
) -> int:
    """Let a company use another place beside those that it has; return the change set."""
    with editing(connection, _as(change, BusinessCase.EXPANSION)) as edit:
        _open(edit, company(connection, who), site, change, precision)
    return edit.change_set_id


def move(  # noqa: PLR0913  what a form asks
    connection: Connection,
    place_key: str,
    site: Site,
    change: Change,
    precision: Precision = Precision.DAY,
    *,
    until: date | None = None,
) -> int:
    """Let a company go from one place of the park to another; return the change set.

    Parameters
    ----------
    connection : Connection
    place_key : str
        Of the place that it leaves.
    site : Site
    change : Change
        Its day is the first at the new place.
    precision : Precision
    until : date or None
        The first day on which the old place is empty, where the move takes its time.
    """
    with editing(connection, _as(change, BusinessCase.MOVE)) as edit:
        firm = _company_of(edit, place_key)
        _end_place(edit, place_key, until or first_day(_day(change), precision))
        _open(edit, firm, site, change, precision)
    return edit.change_set_id


def depart(connection: Connection, who: str, change: Change, precision: Precision = Precision.DAY) -> int:
    """Let a company leave all its places; return the change set.

    Raises
    ------
    NotFoundError
        When it has none on that day.
    """
    day = first_day(_day(change), precision)
    with editing(connection, _as(change, BusinessCase.DEPARTURE)) as edit:
        keys = places_of(connection, company(connection, who).key, day)
        if not keys:
            raise NotFoundError(N_("“%(thing)s” has no version on %(day)s."), thing=who, day=day)
        for key in keys:
            _end_place(edit, key, day)
    return edit.change_set_id


def succeed(  # noqa: PLR0913  what a form asks
    connection: Connection,
    place_key: str,
    successor: NewCompany | str,
    kind: SuccessionKind,
    change: Change,
    *,
    precision: Precision = Precision.DAY,
) -> int:
    """Let another company follow at a place: on that day the one is gone and the other there.

    Returns
    -------
    int
        The change set.
    """
    day = first_day(_day(change), precision)
    with editing(connection, _as(change, BusinessCase.SUCCESSION)) as edit:
        before = _held(edit, place_key, day)
        follower = successor if isinstance(successor, NewCompany) else company(connection, successor)
        firm = _add(edit, follower) if isinstance(follower, NewCompany) else follower
        end_thing(edit, place(place_key), day)
        values = {**before.values, "company_id": firm.identity, "as_of": None, "note": None}
        _open_row(edit, firm, values, day, precision)
        row = {
            "predecessor_id": before.values["company_id"],
            "successor_id": firm.identity,
            "plot_id": before.values["plot_id"],
            "kind": kind.value,
            "happened_on": day.isoformat(),
            "precision": precision.value,
            "source_id": None,
        }
        edit.replace("succession", [], [row])
    return edit.change_set_id


def put_on_plot(  # noqa: PLR0913  what a form asks
    connection: Connection,
    place_key: str,
    site: Site,
    change: Change,
    precision: Precision = Precision.DAY,
    *,
    shown: Shown | None = None,
    is_chosen: bool = False,
) -> int:
    """Say on which plot a place lies; return the change set.

    As `change` intends it: it never lay elsewhere, or it has lain there from a day on. `shown` is the
    ``plot_id`` that the person saw, `is_chosen` whether it was chosen over somebody else's; see
    `app.services.companies.acts.change_from`.
    """
    values = location_of(connection, site, _day(change))
    told = replace(change, business_case=BusinessCase.PLACEMENT, intent=change.intent or Intent.CORRECT)
    if told.intent is Intent.CHANGE:
        chosen = ["plot_id"] if is_chosen else []
        return change_from(
            connection, {place(place_key): values}, told, precision=precision, shown=shown, chosen=chosen
        )
    return correct(connection, place(place_key), values, told, shown=shown)


def _as(change: Change, case: BusinessCase) -> Change:
    return replace(change, business_case=case, intent=Intent.CHANGE)


def _day(change: Change) -> date:
    assert change.day is not None  # noqa: S101  every business case has one
    return change.day


def _add(edit: Editing, who: NewCompany) -> Thing:
    name = str(who.values.get("name") or "")
    if not name.strip():
        raise DataError(N_("A company needs a name."))
    key = free_key(edit.connection, "company", who.key or slug(name, "company"))
    add_company(edit.connection, key, who.values, who.source_id)
    return company(edit.connection, key)


def _held(edit: Editing, place_key: str, day: date) -> Version:
    """Return the version of a place that holds on a day."""
    found = next((one for one in edit.versions(place(place_key)) if one.holds(day)), None)
    if found is None:
        raise NotFoundError(N_("“%(thing)s” has no version on %(day)s."), thing=place_key, day=day)
    return found


def _company_of(edit: Editing, place_key: str) -> Thing:
    versions = edit.versions(place(place_key))
    if not versions:
        raise NotFoundError(N_("There is no place “%(key)s”."), key=place_key[:60])
    company_id = versions[-1].values["company_id"]
    [row] = images(edit.connection, "company", "company_id", [company_id])
    return company(edit.connection, row["key"])


def _open(edit: Editing, firm: Thing, site: Site, change: Change, precision: Precision) -> None:
    """Let a company have a place from a day on; its plot is in use then."""
    day = first_day(_day(change), precision)
    values = _location(edit.connection, site, day) | {"company_id": firm.identity}
    _open_row(edit, firm, values, day, precision)
    if site.plot is not None:
        use_plot(edit, site.plot, UseStatus.OCCUPIED, day)


def _open_row(edit: Editing, firm: Thing, values: Mapping[str, Any], day: date, precision: Precision) -> None:
    wanted = slug(f"{firm.key} {_plot_key(edit, values['plot_id']) or ''}")
    key = free_key(edit.connection, "occupancy", wanted)
    row = {**values, "key": key, "starts_precision": precision.value}
    edit.versions(place(key))
    edit.put(place(key), [Version(None, day, None, row)])


def _end_place(edit: Editing, place_key: str, day: date) -> None:
    """End a place; its plot is vacant then, unless somebody else sits there."""
    plot_id = _held(edit, place_key, day).values["plot_id"]
    end_thing(edit, place(place_key), day)
    leaving = [thing.key for thing in edit.wanted if thing.kind is PLACE]
    key = _plot_key(edit, plot_id)
    if key is not None and not others_on_plot(edit.connection, plot_id, day, leaving):
        use_plot(edit, key, UseStatus.VACANT, day)


def _plot_key(edit: Editing, plot_id: int | None) -> str | None:
    if plot_id is None:
        return None
    [row] = images(edit.connection, "plot", "plot_id", [plot_id])
    return str(row["key"])


def use_plot(edit: Editing, plot_key: str, status: UseStatus, day: date) -> None:
    """Let a plot have a state of use from a day on, also where a version of it begins on that day."""
    thing = plot(edit.connection, plot_key)
    versions = edit.versions(thing)
    held = next((one for one in versions if one.holds(day)), None)
    values = {"use_status": status.value}
    if held is None:
        raise ConflictError(N_("There is no plot “%(key)s” on %(day)s."), key=plot_key, day=day)
    if held.has(values):
        return
    if held.starts == day:
        edit.put(thing, [one.with_values(values) if one is held else one for one in versions])
    else:
        change_thing(edit, thing, values, day)


def location_of(connection: Connection, site: Site, day: date) -> dict[str, Any]:
    """Return the columns that say where a site is on a day; raises NotFoundError, DataError as all cases."""
    found = _location(connection, site, day)
    return {name: found[name] for name in ("plot_id", "park_id", "geometry", "location_quality")}


def _location(connection: Connection, site: Site, day: date) -> dict[str, Any]:
    """Return the columns of a place that say where it is.

    Raises
    ------
    NotFoundError, DataError
        When plot or park are not there on that day, or neither plot nor point are told.
    """
    point, park = site.geometry, site.park
    if site.plot is not None:
        own = plots_on(connection, day, keys=[site.plot])
        if own.empty:
            raise NotFoundError(N_("There is no plot “%(key)s” on %(day)s."), key=site.plot[:60], day=day)
        park = own["park"].iloc[0]
        boundary = own.geometry.iloc[0]
        point = point or boundary.representative_point()
        if boundary.distance(point) > 1:
            raise DataError(N_("The point lies outside the plot “%(key)s”."), key=site.plot)
    if point is None or park is None:
        raise DataError(N_("Say on which plot, or at which point of which park."))
    parks = park_ids(connection)
    if park not in parks:
        raise NotFoundError(N_("There is no park “%(key)s”."), key=park[:60])
    return {
        "plot_id": None if site.plot is None else plot(connection, site.plot).identity,
        "park_id": parks[park],
        "geometry": geometry_image(point),
        "location_quality": site.location_quality.value,
        **{name: getattr(site, name) for name in ("street", "house_number", "note", "as_of", "source_id")},
    }
