"""A tour as one GeoJSON FeatureCollection (RFC 7946): its stops, then its walks in parts."""

from __future__ import annotations

import json
from typing import Any

from app.domain.clocks import nearest_minute
from app.domain.tours import Leg, LegPart, PlannedStop, TourPlan
from app.exchange.tours.descriptions import lon_lat

MEDIA_TYPE = "application/geo+json"


def tour_features(papers: TourPlan) -> bytes:
    """Return a tour as GeoJSON in UTF-8, one feature a line; times in ISO 8601 with the park's offset.

    Points are stops (property ``position``), lines are parts of legs (``leg``, ``part``); which
    one it is, ``kind`` says: ``stop``, ``leg``, or ``meeting_point`` (position 0), which is no visit.
    """
    features = [_stop(stop) for stop in papers.places]
    features += [_part(leg, n, part) for leg in papers.legs for n, part in enumerate(leg.parts, 1)]
    lines = ",\n".join(_dumps(feature) for feature in features)
    return f'{_dumps(_members(papers))[:-1]},"features":[\n{lines}\n]}}\n'.encode()


def _members(papers: TourPlan) -> dict[str, Any]:
    values = {
        "name": papers.title,
        "key": papers.key,
        "park": papers.park_name,
        "starts_at": _local(papers.starts_at),
        "ends_at": _local(papers.ends_at),
        "time_basis": papers.time_basis.value,
        "length_m": round(papers.length_m, 2),
        "note": papers.note,
        "url": papers.address,
        "licence": papers.licence,
        "attribution": papers.attribution,
    }
    return {"type": "FeatureCollection", **{name: value for name, value in values.items() if value}}


def _stop(stop: PlannedStop) -> dict[str, Any]:
    times = ("arrives_at", "begins_at", "ends_at", "departs_at")
    properties = {
        "kind": "stop" if stop.position else "meeting_point",
        "position": stop.position,
        "name": stop.name,
        **{name: _local(getattr(stop, name)) for name in times},
        "dwell_min": round(stop.dwell_min, 2),
        "wait_min": round(stop.wait_min, 2),
        "pause_at": stop.pause_at and _local(stop.pause_at),
        "pause_min": round(stop.pause_min, 2),
        "is_approximate": stop.is_approximate,
        "note": stop.note,
    }
    (place,) = lon_lat([stop.point.coords[0]]).tolist()
    return _feature(
        f"stop-{stop.position}" if stop.position else "meeting-point",
        properties,
        {"type": "Point", "coordinates": place},
    )


def _part(leg: Leg, n: int, part: LegPart) -> dict[str, Any]:
    properties = {
        "kind": "leg",
        "leg": leg.position,
        "part": n,
        "from": leg.position,
        "to": leg.to_position,
        "is_on_network": part.is_on_network,
        "length_m": round(part.line.length, 2),
        "leg_length_m": round(leg.length_m, 2),
        "leg_walk_min": round(leg.walk_min, 2),
        "departs_at": _local(leg.departs_at),
        "arrives_at": _local(leg.arrives_at),
        "notes": list(leg.notes),
        "directions": [turn.text for turn in leg.turns],
    }
    vertices = lon_lat(part.line.coords).tolist()
    return _feature(f"leg-{leg.position}-{n}", properties, {"type": "LineString", "coordinates": vertices})


def _feature(identity: str, properties: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": identity, "properties": properties, "geometry": geometry}


def _local(at: Any) -> str:
    return str(nearest_minute(at).isoformat())


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
