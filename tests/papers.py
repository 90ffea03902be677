"""Tours on paper, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import geopandas as gpd
from shapely import LineString, Point

from app.domain.crs import STORAGE_CRS
from app.domain.frames import FOOTPRINTS, PLOTS, WALKWAYS, empty_frame
from app.domain.kinds import TimeBasis, TourStatus
from app.domain.period import PARK_ZONE
from app.domain.tours import Direction, Leg, LegPart, PlannedStop, TourPlan
from app.exchange.tours.drawing import Around

HOSTILE = "<img src=x onerror=alert(1)></script>${1}`\"'\\;,\u0007\u2028 Straße 🌳"
START = datetime(2024, 4, 24, 13, 5, tzinfo=PARK_ZONE)
ORIGIN = (620_000.0, 5_803_000.0)


def at(minutes: float) -> datetime:
    """Return the instant so many minutes after the start."""
    return START + timedelta(minutes=minutes)


def place(x: float, y: float) -> Point:
    """Return a point so many metres east and north of the origin."""
    return Point(ORIGIN[0] + x, ORIGIN[1] + y)


def line(*vertices: tuple[float, float]) -> LineString:
    """Return a line through points given as in `place`."""
    return LineString([place(*vertex) for vertex in vertices])


def papers(**changed: Any) -> TourPlan:
    """Return a tour of three stops: waiting at the first, a pause at the second, a gate on the way.

    The second walk is straight over 40 m of its 340 m.
    """
    stops = (
        PlannedStop(1, "Firma Eins", "Treffpunkt am Tor", place(0, 0), False, at(0), at(5), at(15), at(15)),
        PlannedStop(2, "Parkplatz", None, place(200, 100), True, at(20), at(20), at(30), at(40), at(30), 10),
        PlannedStop(3, "Firma Drei", "Neue Halle", place(500, 140), False, at(46), at(46), at(56), at(56)),
    )
    first = LegPart(line((0, 0), (200, 0), (200, 100)), True)
    second = (
        LegPart(line((200, 100), (500, 100)), True),
        LegPart(line((500, 100), (500, 140)), False),
    )
    legs = (
        Leg(1, 2, 300.0, 0.0, 5.0, at(15), at(20), (first,), (), (Direction("links, 100 m", place(200, 0)),)),
        Leg(2, 3, 340.0, 40.0, 6.0, at(40), at(46), second, ("Treppe gemieden",)),
    )
    return TourPlan(
        **{
            "key": "probe",
            "title": "Rundgang zur Probe",
            "park_name": "Heinenkamp II",
            "language": "de",
            "status": TourStatus.PUBLISHED,
            "sequence": 3,
            "changed_at": datetime(2024, 4, 1, 8, 0, tzinfo=UTC),
            "starts_at": at(0),
            "ends_at": at(56),
            "time_basis": TimeBasis.ASSUMED,
            "pace_m_s": 1.0,
            "is_round": False,
            "note": "Nur zur Probe",
            "source": None,
            "source_url": None,
            "licence": "ODbL 1.0",
            "attribution": "© OpenStreetMap contributors, ODbL 1.0",
            "data_at": datetime(2024, 4, 2, 10, 30, tzinfo=PARK_ZONE),
            "address": "https://nachbarschaft.example/tours/probe/walk",
            "stops": stops,
            "legs": legs,
            **changed,
        }
    )


def hostile_papers() -> TourPlan:
    """Return the tour with every text an attack."""
    from dataclasses import replace

    plain = papers()
    stops = tuple(replace(stop, name=HOSTILE, note=HOSTILE) for stop in plain.stops)
    legs = tuple(
        replace(leg, notes=(HOSTILE,), turns=(Direction(HOSTILE, plain.stops[0].point),))
        for leg in plain.legs
    )
    names = dict.fromkeys(("title", "park_name", "note", "source", "attribution"), HOSTILE)
    return replace(plain, stops=stops, legs=legs, **names)


def round_papers() -> TourPlan:
    """Return the tour with a way back to its start."""
    back = Leg(3, 1, 640.0, 0.0, 11.0, at(56), at(67), (LegPart(line((500, 140), (0, 140), (0, 0)), True),))
    return papers(is_round=True, legs=(*papers().legs, back), ends_at=at(67))


def nothing_around() -> Around:
    """Return a land without plots, streets and buildings."""
    return Around(empty_frame(PLOTS), empty_frame(WALKWAYS), empty_frame(FOOTPRINTS))


def streets_around() -> Around:
    """Return two streets below the walk, and a plot around the first stop."""
    ways = empty_frame(WALKWAYS)
    rows = [
        {**dict.fromkeys(WALKWAYS.columns), "kind": "street", "name": name} for name in ("Weg A", HOSTILE)
    ]
    lines = [line((0, 0), (200, 0)), line((-50, 60), (600, 60))]
    ways = gpd.GeoDataFrame(rows, geometry=lines, crs=STORAGE_CRS)
    plot = gpd.GeoDataFrame(
        [dict.fromkeys(PLOTS.columns)], geometry=[place(0, 0).buffer(30)], crs=STORAGE_CRS
    )
    return Around(plot, ways, empty_frame(FOOTPRINTS))
