"""Turns and detours of a leg as JSON, in no language, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shapely import Point

from app.analysis.walking.detours import Detour, DetourKind
from app.analysis.walking.directions import Turn, TurnKind
from app.domain.clocks import Window
from app.domain.kinds import WalkwayKind

_MILLIMETRES = 3


def turn_records(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Return turns as JSON; points in EPSG:25832."""
    return [
        {
            "kind": turn.kind.value,
            "name": turn.name,
            "edge_kind": None if turn.edge_kind is None else str(turn.edge_kind),
            "length_m": round(turn.length_m, _MILLIMETRES),
            "xy": [round(turn.point.x, _MILLIMETRES), round(turn.point.y, _MILLIMETRES)],
            "octant": int(turn.octant),
            "is_same": bool(turn.is_same),
            "window": _window_record(turn.window),
            "beside": turn.beside,
        }
        for turn in turns
    ]


def directions_of(records: Sequence[Mapping[str, Any]]) -> tuple[Turn, ...]:
    """Return the turns behind `turn_records`."""
    return tuple(
        Turn(
            TurnKind(record["kind"]),
            record["name"],
            None if record["edge_kind"] is None else WalkwayKind(record["edge_kind"]),
            float(record["length_m"]),
            Point(record["xy"]),
            record["octant"],
            record["is_same"],
            _stored_window(record["window"]),
            record.get("beside"),
        )
        for record in records
    )


def detour_records(detours: Sequence[Detour]) -> list[dict[str, Any]]:
    """Return detours as JSON."""
    return [
        {
            "kind": detour.kind.value,
            "extra_m": round(float(detour.extra_m), _MILLIMETRES),
            "name": detour.name,
            "edge_kind": str(detour.edge_kind),
            "window": _window_record(detour.window),
        }
        for detour in detours
    ]


def stored_detours(records: Sequence[Mapping[str, Any]]) -> tuple[Detour, ...]:
    """Return the detours behind `detour_records`."""
    return tuple(
        Detour(
            DetourKind(record["kind"]),
            float(record["extra_m"]),
            record["name"],
            WalkwayKind(record["edge_kind"]),
            _stored_window(record["window"]),
        )
        for record in records
    )


def _window_record(window: Window | None) -> list[int] | None:
    return None if window is None else [window.opens_s, window.closes_s]


def _stored_window(record: Sequence[int] | None) -> Window | None:
    return None if record is None else Window(*record)
