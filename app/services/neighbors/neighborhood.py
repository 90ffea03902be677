"""Who is whose neighbor on a day, with the reason in words: for pages, JSON and the prompt alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection

from app.analysis.neighborhood import Neighbor, company_neighbors, plot_neighbors
from app.db.companies.companies import companies_on
from app.db.land.parks import park_names
from app.db.land.plots import plots_on
from app.db.neighbors.adjacency import adjacency_on
from app.db.versions import records
from app.domain.kinds import CompanyRelation
from app.domain.localizer import Localizer
from app.errors import N_, NotFoundError

DIRECTIONS = {
    "N": N_("in the north"),
    "NE": N_("in the northeast"),
    "E": N_("in the east"),
    "SE": N_("in the southeast"),
    "S": N_("in the south"),
    "SW": N_("in the southwest"),
    "W": N_("in the west"),
    "NW": N_("in the northwest"),
}

GROUPS = {
    CompanyRelation.SAME_PLOT: N_("On the same plot"),
    CompanyRelation.OVERLAP: N_("Overlapping boundaries"),
    CompanyRelation.EDGE: N_("Common border"),
    CompanyRelation.CORNER: N_("Meeting at a corner"),
    CompanyRelation.ACROSS: N_("Across the street"),
}

# Told beside the neighbor's name, which they do not repeat.
REASONS = {
    CompanyRelation.SAME_PLOT: N_("on the same plot, %(plots)s"),
    CompanyRelation.OVERLAP: N_("overlaps %(where)s by %(area)s"),
    CompanyRelation.EDGE: N_("borders %(where)s over %(length)s"),
    CompanyRelation.CORNER: N_("meets at a corner %(where)s"),
    CompanyRelation.ACROSS: N_("opposite %(where)s, %(gap)s away"),
}

# For a pair that a person decided on, whose measures are not known.
REASONS_WITHOUT_MEASURE = {
    CompanyRelation.OVERLAP: N_("overlaps %(where)s"),
    CompanyRelation.EDGE: N_("borders %(where)s"),
}

NO_PLOT = N_(
    "Of %(name)s only “%(where)s” is known, not the plot; without a plot its neighbors cannot be determined."
)


def no_plot_note(own: gpd.GeoDataFrame, parks: Mapping[str, str], localizer: Localizer) -> str:
    """Return why a company without a plot has no neighbors, naming what is known of its places.

    Parameters
    ----------
    own : GeoDataFrame
        The company's rows of `COMPANIES`, at least one.
    parks : mapping
        Park key to name, for places of which no street is known.
    localizer : Localizer
    """
    places = [
        " ".join(part for part in (row["street"], row["house_number"]) if part is not None)
        or parks[row["park"]]
        for row in records(own)
    ]
    return localizer.translate(NO_PLOT, name=own["name"].iloc[0], where=", ".join(dict.fromkeys(places)))


def frames_around(
    connection: Connection, plots: Collection[str], on: date
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the companies, plots and pairs of a day that decide about the neighbors of some plots.

    Of a park of any size no more is read than lies around them.
    """
    pairs = adjacency_on(connection, on, plots=plots)
    there = {*plots, *pairs["focal"], *pairs["neighbor"]}
    return companies_on(connection, on, plot=there), plots_on(connection, on, keys=there), pairs


def neighbors_of_company(connection: Connection, key: str, on: date, localizer: Localizer) -> dict[str, Any]:
    """Return a company's neighbors on a day, grouped and told in words, ready for JSON.

    Raises
    ------
    NotFoundError
        When no company of that key is in the parks that day.
    """
    own = companies_on(connection, on, company=[key])
    if own.empty:
        raise NotFoundError(N_("There is no company “%(key)s” in the parks on %(on)s."), key=key, on=on)
    own_plots = sorted(set(own["plot"].dropna()))
    found = company_neighbors(key, *frames_around(connection, own_plots, on))
    name = own["name"].iloc[0]
    note = None if own_plots else no_plot_note(own, park_names(connection), localizer)
    subject = {"kind": "company", "key": key, "name": name, "plots": own_plots}
    return neighbors_json(subject, found, on, localizer, note)


def neighbors_of_plot(connection: Connection, key: str, on: date, localizer: Localizer) -> dict[str, Any]:
    """Return a plot's neighbors on a day, as `neighbors_of_company` does."""
    companies, plots, pairs = frames_around(connection, [key], on)
    if key not in set(plots.key):
        raise NotFoundError(N_("There is no plot “%(key)s” on %(on)s."), key=key, on=on)
    found = plot_neighbors(key, companies, plots, pairs)
    return neighbors_json(
        {"kind": "plot", "key": key, "name": key, "plots": [key]}, found, on, localizer, None
    )


def neighbors_json(
    subject: dict[str, Any], neighbors: list[Neighbor], on: date, localizer: Localizer, note: str | None
) -> dict[str, Any]:
    """Return neighbors in the form pages, JSON and the prompt share."""
    relations = [neighbor.relation for neighbor in neighbors]
    return {
        "on": on.isoformat(),
        "subject": subject,
        "note": note,
        "groups": [
            {"relation": relation, "label": localizer.translate(label), "n": relations.count(relation)}
            for relation, label in GROUPS.items()
            if relation in relations
        ],
        "neighbors": [neighbor_entry(neighbor, subject["kind"], localizer) for neighbor in neighbors],
    }


def neighbor_entry(neighbor: Neighbor, subject_kind: str, localizer: Localizer) -> dict[str, Any]:
    """Return one neighbor as JSON: a company (or group) of a company, a plot of a plot, else a plot."""
    is_company = subject_kind == "company" and bool(neighbor.members)
    name = neighbor_name(neighbor, localizer) if is_company else neighbor.plots[0]
    return {
        "relation": neighbor.relation,
        "kind": "company" if is_company else "plot",
        "key": neighbor.members[0].key if is_company else neighbor.plots[0],
        "name": name,
        "plots": list(neighbor.plots),
        "members": [{"key": member.key, "name": member.name} for member in neighbor.members],
        "group_name": neighbor.group_name,
        "shared_m": rounded(neighbor.shared_m),
        "gap_m": rounded(neighbor.gap_m),
        "facing_m": rounded(neighbor.facing_m),
        "overlap_m2": rounded(neighbor.overlap_m2),
        "direction": neighbor.direction,
        "evidence": list(neighbor.evidence),
        "is_override": neighbor.override_reason is not None,
        "reason": reason(neighbor, localizer),
    }


def neighbor_name(neighbor: Neighbor, localizer: Localizer) -> str:
    """Return a company's name, or its group's with the firms in brackets."""
    names = ", ".join(member.name for member in neighbor.members)
    if len(neighbor.members) == 1:
        return names
    return localizer.translate(N_("%(group)s (%(names)s)"), group=neighbor.group_name, names=names)


def reason(neighbor: Neighbor, localizer: Localizer) -> str:
    """Return why this is a neighbor, in words beside its name; a person's decision with its reason."""
    measures = {CompanyRelation.OVERLAP: neighbor.overlap_m2, CompanyRelation.EDGE: neighbor.shared_m}
    is_measured = measures.get(neighbor.relation, 0.0) is not None
    reason_text = localizer.translate(
        (REASONS if is_measured else REASONS_WITHOUT_MEASURE)[neighbor.relation],
        plots=", ".join(neighbor.plots),
        where=localizer.translate(DIRECTIONS[neighbor.direction]) if neighbor.direction else "",
        length=localizer.metres(neighbor.shared_m or 0.0),
        gap=localizer.metres(neighbor.gap_m or 0.0),
        area=localizer.square_metres(neighbor.overlap_m2 or 0.0),
    )
    if neighbor.override_reason is None:
        return reason_text
    return localizer.translate(
        N_("%(reason)s (decided: %(why)s)"), reason=reason_text, why=neighbor.override_reason
    )


def rounded(measure: float | None) -> float | None:
    """Return a measure to the centimetre."""
    return None if measure is None else round(measure, 2)
