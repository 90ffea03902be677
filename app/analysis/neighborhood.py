"""From neighboring plots to neighbors a person can name: companies, groups, plots without a known firm."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from app.domain.kinds import COMPASS, CompanyRelation

STRENGTH = {relation: rank for rank, relation in enumerate(CompanyRelation)}


@dataclass(frozen=True)
class Member:
    """A company on a neighboring plot."""

    key: str
    name: str
    group_name: str | None


@dataclass(frozen=True)
class Neighbor:
    """A neighbor of a company or plot on one day.

    `members` are the companies it stands for: one, several of one group (`group_name`), or, for
    a plot, all on it. Lengths are sums over the stretches of the strongest relation; `direction`
    is where the longest of them lies, seen from the subject's plot. `evidence` names the pairs of
    plots, ``focal~neighbor`` as in the collection of pairs.
    """

    relation: CompanyRelation
    plots: tuple[str, ...]
    members: tuple[Member, ...]
    group_name: str | None = None
    shared_m: float | None = None
    gap_m: float | None = None
    facing_m: float | None = None
    overlap_m2: float | None = None
    direction: str | None = None
    evidence: tuple[str, ...] = ()
    override_reason: str | None = None


@dataclass(frozen=True)
class _Contact:
    """One pair seen from the subject's side."""

    plot: str
    relation: CompanyRelation
    row: Any
    direction: str


def company_neighbors(
    company: str, companies: gpd.GeoDataFrame, plots: gpd.GeoDataFrame, adjacency: gpd.GeoDataFrame
) -> list[Neighbor]:
    """Return who the neighbors of a company are, through all plots it occupies.

    Parameters
    ----------
    company : str
        The company's key.
    companies, plots, adjacency : GeoDataFrame
        Columns of `COMPANIES`, `PLOTS`, `ADJACENCY` of one day, in EPSG:25832.

    Returns
    -------
    list of Neighbor
        Strongest relation first, then longest. Companies on the subject's own plots are
        ``same_plot``; firms of one group with the same relation to the subject are one entry;
        a neighboring plot without a known company is an entry without members. Empty where
        the company occupies no plot that day: without a plot nothing is known.
    """
    own_plots = set(companies.loc[companies.company == company, "plot"].dropna())
    others = companies.loc[companies.company != company]
    contacts = [*_same_plot(own_plots, others), *_contacts(own_plots, plots, adjacency)]
    members = _members(others)
    by_member: dict[Member | str, list[_Contact]] = {}
    for contact in contacts:
        for named in members.get(contact.plot, ()) or (contact.plot,):
            by_member.setdefault(named, []).append(contact)
    singles = [
        _neighbor(found, (named,) if isinstance(named, Member) else ()) for named, found in by_member.items()
    ]
    return sorted(_grouped(singles), key=_strength)


def plot_neighbors(
    plot: str, companies: gpd.GeoDataFrame, plots: gpd.GeoDataFrame, adjacency: gpd.GeoDataFrame
) -> list[Neighbor]:
    """Return the neighboring plots of a plot, each with the companies on it; parameters as above."""
    members = _members(companies)
    found = _contacts({plot}, plots, adjacency)
    return sorted(
        (_neighbor([contact], tuple(members.get(contact.plot, ()))) for contact in found), key=_strength
    )


def compass_point(from_x: float, from_y: float, to_x: float, to_y: float) -> str:
    """Return the eighth of the compass in which a point lies, seen from another (grid north).

    Examples
    --------
    >>> compass_point(0, 0, 50, 0), compass_point(0, 0, -30, -30)
    ('E', 'SW')
    """
    bearing_deg = math.degrees(math.atan2(to_x - from_x, to_y - from_y)) % 360
    return COMPASS[round(bearing_deg / 45) % 8]


def _members(companies: gpd.GeoDataFrame) -> dict[str, list[Member]]:
    members: dict[str, list[Member]] = {}
    for row in companies.dropna(subset=["plot"]).itertuples():
        group = None if pd.isna(row.group_name) else row.group_name
        member = Member(row.company, row.name, group)
        if member not in members.setdefault(row.plot, []):
            members[row.plot].append(member)
    return members


def _same_plot(own_plots: set[str], others: gpd.GeoDataFrame) -> Iterator[_Contact]:
    for plot in sorted(own_plots & set(others["plot"].dropna())):
        yield _Contact(plot, CompanyRelation.SAME_PLOT, None, "")


def _contacts(
    own_plots: set[str], plots: gpd.GeoDataFrame, adjacency: gpd.GeoDataFrame
) -> Iterator[_Contact]:
    boundaries = dict(zip(plots.key, plots.geometry, strict=True))
    for row in adjacency.itertuples():
        if (row.focal in own_plots) == (row.neighbor in own_plots):
            continue
        own, other = (row.focal, row.neighbor) if row.focal in own_plots else (row.neighbor, row.focal)
        # Two parallel fronts have many shortest lines; across the street the direction is that of the plot.
        seen = boundaries[other] if row.relation == CompanyRelation.ACROSS else row.geometry
        direction = compass_point(*_middle(boundaries[own]), *_middle(seen))
        yield _Contact(other, CompanyRelation(row.relation), row, direction)


def _middle(geometry: shapely.Geometry) -> tuple[float, float]:
    middle = shapely.centroid(geometry)
    return middle.x, middle.y


def _neighbor(contacts: list[_Contact], members: tuple[Member, ...]) -> Neighbor:
    strongest = min((contact.relation for contact in contacts), key=STRENGTH.__getitem__)
    chosen = [contact for contact in contacts if contact.relation == strongest]
    plots = tuple(sorted({contact.plot for contact in chosen}))
    rows = [contact.row for contact in chosen if contact.row is not None]
    if not rows:
        return Neighbor(strongest, plots, members)
    longest = max(chosen, key=lambda contact: (_length(contact.row), contact.plot))
    return Neighbor(
        strongest,
        plots,
        members,
        shared_m=_known(sum, (row.shared_m for row in rows)),
        gap_m=_known(min, (row.gap_m for row in rows)),
        facing_m=_known(sum, (row.facing_m for row in rows)),
        overlap_m2=_known(sum, (row.overlap_m2 for row in rows)),
        direction=longest.direction,
        evidence=tuple(f"{row.focal}~{row.neighbor}" for row in rows),
        override_reason=next((row.reason for row in rows if row.is_override), None),
    )


def _grouped(neighbors: Iterable[Neighbor]) -> Iterator[Neighbor]:
    """Join the firms of one group on the same plots with the same relation to one neighbor."""

    def same(neighbor: Neighbor) -> tuple[str, CompanyRelation, tuple[str, ...]]:
        group = neighbor.members[0].group_name if neighbor.members else None
        return (group or "", neighbor.relation, neighbor.plots)

    for (group, _, _), alike in groupby(sorted(neighbors, key=same), key=same):
        if not group:
            yield from alike
            continue
        firms = list(alike)
        yield replace(firms[0], members=tuple(firm.members[0] for firm in firms), group_name=group)


def _strength(neighbor: Neighbor) -> tuple[int, float, float, tuple[str, ...], str]:
    length_m = neighbor.shared_m or neighbor.facing_m or 0.0
    name = neighbor.members[0].name if neighbor.members else ""
    return STRENGTH[neighbor.relation], -length_m, neighbor.gap_m or 0.0, neighbor.plots, name


def _length(row: Any) -> float:
    return next((value for value in (row.shared_m, row.facing_m) if not pd.isna(value)), 0.0)


def _known(combine: Any, values: Iterable[Any]) -> float | None:
    known = [float(value) for value in values if not pd.isna(value)]
    return combine(known) if known else None
