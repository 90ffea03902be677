"""Plots: the list with its sums, a plot's page for staff, and the forms that change them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask_login import current_user

from app.db.features.keyset import ordering
from app.db.features.readers import frame_of_selection
from app.db.features.selection import selection
from app.db.land.parks import check_park, park_names
from app.db.listed_changes import Wanted, listed_changes
from app.db.versions import records
from app.domain.feature_query import FeatureQuery, Span
from app.domain.kinds import Intent, MarketingStatus, Precision, UseStatus
from app.maps.styles import MARKETING_STYLES, PLOT_STYLES
from app.request import connection, is_staff, may_see_internal, requested_day, requested_park, today
from app.web.companies.changes import lines_of
from app.web.companies.saving import View, answered
from app.web.companies.words import period_words
from app.web.land import forms
from app.web.land.histories import day_to_see, marketing_lines, plot_history, use_lines
from app.web.land.park_forms import name_form

blueprint = Blueprint("land", __name__)

_N_CHANGES = 10
_BOTH = ("GET", "POST")
# In the list of plots: of those of which nothing is said, or nothing that the reader may see.
NO_STATUS = "none"


@blueprint.get("/plots")
def index() -> str:
    """List the plots as of ``?on=``, of ``?park=``, ``?status=`` and ``?use=``, with sums of their areas."""
    held, on, park = connection(), requested_day(), requested_park()
    check_park(held, park)
    rows = _plots()
    wanted = {"status": request.args.getlist("status"), "use": request.args.getlist("use")}
    listed = [row for row in rows if _is_wanted(row, wanted)]
    return render_template(
        "land/plots.html",
        rows=listed,
        n_all=len(rows),
        sums=_sums(listed),
        counts={"status": Counter(_status(row) for row in rows), "use": Counter(_use(row) for row in rows)},
        wanted=wanted,
        marketing={str(status): style for status, style in MARKETING_STYLES.items()},
        uses={str(use): style for use, style in PLOT_STYLES.items()},
        parks=park_names(held),
        park=park,
        on=on,
        today=today(),
        is_staff=is_staff(),
        area_of=area_of,
        hectares=forms.hectares,
        chosen=_chosen(wanted),
        period=lambda first, precision: period_words(first, None, Precision(precision)),
    )


def _plots() -> list[dict[str, Any]]:
    """Return the plots of the requested day and park as far as the reader may see them."""
    query = FeatureQuery("plots", Span.on(requested_day()), requested_park(), is_internal=may_see_internal())
    chosen = selection(query)
    return records(frame_of_selection(connection(), chosen, ordering(chosen.rows, query)))


def _chosen(wanted: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the parameters with which an export holds what the list does."""
    known = {"status": ("marketing_status", MarketingStatus), "use": ("use_status", UseStatus)}
    parts = []
    for name, (column, kinds) in known.items():
        codes = [f"'{code}'" for code in wanted[name] if code in list(kinds)]
        either = [f"{column} IN ({', '.join(codes)})"] if codes else []
        either += [f"{column} IS NULL"] if NO_STATUS in wanted[name] else []
        parts += [f"({' OR '.join(either)})"] if either else []
    found = {"on": requested_day().isoformat(), "park": requested_park(), "filter": " AND ".join(parts)}
    return {name: value for name, value in found.items() if value}


def _status(row: Mapping[str, Any]) -> str:
    return row["marketing_status"] or NO_STATUS


def _use(row: Mapping[str, Any]) -> str:
    return str(row["use_status"])


def _is_wanted(row: Mapping[str, Any], wanted: Mapping[str, Sequence[str]]) -> bool:
    return (not wanted["status"] or _status(row) in wanted["status"]) and (
        not wanted["use"] or _use(row) in wanted["use"]
    )


def area_of(row: Mapping[str, Any]) -> float:
    """Return the area of a plot: the official one where it is known."""
    return float(row["official_area_m2"] or row["area_m2"])


def _sums(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int, float]]:
    """Return status, number of plots and area, of each status that some of the plots have."""
    found = []
    for status in (*MarketingStatus, NO_STATUS):
        own = [area_of(row) for row in rows if _status(row) == status]
        if own:
            found.append((str(status), len(own), sum(own)))
    return found


@blueprint.get("/plots/<key>")
def show(key: str) -> str:
    """Show a plot over time, what can be done with it, and what was done last."""
    held, on = connection(), requested_day()
    history = plot_history(held, key)
    return render_template(
        "land/plot.html",
        key=key,
        seen_on=day_to_see(history.versions, on),
        marketing=marketing_lines(history),
        uses=use_lines(history),
        marketing_styles={str(status): style for status, style in MARKETING_STYLES.items()},
        use_styles={str(use): style for use, style in PLOT_STYLES.items()},
        changes=lines_of(held, listed_changes(held, Wanted(plot=key), _N_CHANGES)),
        person=current_user.name,
    )


@blueprint.route("/parks/<key>/name/<any(correct, change):intent>", methods=_BOTH)
def park_name(key: str, intent: str) -> View:
    """Put right or change what a park is called."""
    return answered(name_form(connection(), key, Intent(intent), requested_day()))


@blueprint.route("/marketing", methods=_BOTH)
def market() -> View:
    """Let the plots of ``?plots=`` have a marketing status."""
    return answered(forms.marketing_form(connection(), request.args.getlist("plots")))


@blueprint.route("/plots/<key>/marketing/<any(correct, day):act>", methods=_BOTH)
def marketing(key: str, act: str) -> View:
    """Put right what is recorded of a plot's marketing status, or the day of it."""
    history = plot_history(connection(), key)
    if act == "day":
        return answered(forms.marketing_day_form(history))
    return answered(forms.marketing_correction_form(connection(), history, requested_day()))


@blueprint.route("/plots/<key>/use/<any(correct, change):intent>", methods=_BOTH)
def use(key: str, intent: str) -> View:
    """Put right or change what a plot is used for."""
    return answered(forms.use_form(plot_history(connection(), key), Intent(intent), requested_day()))
