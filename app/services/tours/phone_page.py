"""What the page for the person who walks ahead must know before the network is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from shapely import LineString
from sqlalchemy import Connection

from app.domain.clocks import nearest_minute
from app.domain.localizer import localizer_for
from app.domain.tours import Leg, PlannedStop, TourPlan
from app.errors import N_
from app.exchange.tours.descriptions import lon_lat
from app.exchange.tours.drawing import Canvas, View, tour_svg, tour_view
from app.services.tours.papers import around_tour

CANVAS = Canvas(width=120.0, height=105.0, mark=4.0, letter=3.7, margin=11.0)
# A walk's first direction is that to the point so far along it.
_LOOK_M = 40.0


@dataclass(frozen=True)
class PhonePage:
    """The walk as an SVG element that the page's styles color, and the plan as values for JSON."""

    drawing: str
    plan: dict[str, Any]


def phone_page(connection: Connection, papers: TourPlan) -> PhonePage:
    """Return what the page for the phone shows of a tour."""
    view = tour_view(papers, CANVAS, has_round_scale=False)
    title = localizer_for(papers.language).translate(N_("Map of the walk “%(title)s”"), title=papers.title)
    return PhonePage(tour_svg(papers, around_tour(connection, papers), view, title), plan(papers, view))


def plan(papers: TourPlan, view: View) -> dict[str, Any]:
    """Return a tour as its goals in walking order; instants in ISO 8601, places in degrees.

    A goal is a stop, or the first one again at the end of a round tour (``is_return``). ``to_map`` are
    the six numbers a, b, c, d, e, f that turn a position into the drawing:
    ``x = a lon + b lat + c``, ``y = d lon + e lat + f``.
    """
    goals = [_goal(stop, papers.leg_to(stop.position)) for stop in papers.places]
    if papers.is_round and papers.legs:
        goals.append(_return(papers))
    return {
        "key": papers.key,
        "title": papers.title,
        "language": papers.language,
        "version": papers.sequence,
        "starts_at": _iso(papers.starts_at),
        "ends_at": _iso(papers.ends_at),
        "goals": goals,
        "to_map": _to_map(view),
    }


def _goal(stop: PlannedStop, leg: Leg | None) -> dict[str, Any]:
    ((lon, lat),) = lon_lat([stop.point.coords[0]]).tolist()
    return {
        "position": stop.position,
        "name": stop.name,
        "note": stop.note,
        "lon": lon,
        "lat": lat,
        "is_approximate": stop.is_approximate,
        "is_return": False,
        **{name: _iso(getattr(stop, name)) for name in ("arrives_at", "begins_at", "ends_at", "departs_at")},
        "wait_min": stop.wait_min,
        "stay_min": stop.stay_min,
        "pause_at": stop.pause_at and _iso(stop.pause_at),
        "pause_min": stop.pause_min,
        "leg": leg and _leg(leg),
    }


def _return(papers: TourPlan) -> dict[str, Any]:
    leg = papers.legs[-1]
    times = dict.fromkeys(("arrives_at", "begins_at", "ends_at", "departs_at"), _iso(papers.ends_at))
    first = _goal(papers.places[0], leg)
    nothing = {"note": None, "wait_min": 0, "stay_min": 0, "pause_at": None, "pause_min": 0}
    return {**first, **times, **nothing, "is_return": True}


def _leg(leg: Leg) -> dict[str, Any]:
    places = lon_lat([turn.point.coords[0] for turn in leg.turns]).tolist()
    return {
        "length_m": leg.length_m,
        "walk_min": leg.walk_min,
        "heading_deg": _heading_deg(leg),
        "is_reachable": leg.is_reachable,
        "notes": list(leg.notes),
        "turns": [
            {"text": turn.text, "lon": lon, "lat": lat}
            for turn, (lon, lat) in zip(leg.turns, places, strict=True)
        ],
    }


def _heading_deg(leg: Leg) -> float | None:
    """Return in which direction a walk begins, clockwise from north; None where nobody walks."""
    if len(leg.line) < 2 or not leg.is_reachable:
        return None
    line = LineString(leg.line)
    # No farther than the first direction holds.
    holds_m = line.project(leg.turns[1].point) if len(leg.turns) > 1 else line.length
    ahead = line.interpolate(min(_LOOK_M, holds_m or line.length))
    east, north = np.subtract(ahead.coords[0], line.coords[0])
    return round(float(np.degrees(np.arctan2(east, north))) % 360, 1)


def _to_map(view: View) -> list[float]:
    """Return the best straight transformation from degrees into the drawing; exact to a metre in a park."""
    canvas = view.canvas
    corners = np.array([(x, y) for x in (0, canvas.width) for y in (0, canvas.height)])
    metres = corners * (1, -1) * view.m_per_unit + (view.west, view.north)
    degrees = lon_lat(metres)
    # Around the middle, because degrees differ in their fourth decimal only.
    middle = degrees.mean(axis=0)
    terms = np.column_stack([degrees - middle, np.ones(len(degrees))])
    solved = np.linalg.lstsq(terms, corners, rcond=None)[0].T
    shift = solved[:, 2] - solved[:, :2] @ middle
    return [float(value) for (a, b, _), c in zip(solved, shift, strict=True) for value in (a, b, c)]


def _iso(at: datetime) -> str:
    return nearest_minute(at).isoformat()
