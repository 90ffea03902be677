"""The made-up park as a data folder: a grid of streets in the open sea, where nobody takes it for real.

Nothing in it is drawn by chance, so two folders are the same to the byte.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from shapely import LineString, box
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from app.domain.crs import to_wgs84
from app.services.setup.demo.kept_apart import PARK

NAME, SOURCE = "Demo-Gewerbepark", "Erfunden für die Demo"
# EPSG:25832, in the German Bight.
WEST, SOUTH = 370_000.0, 6_040_000.0
N_COLUMNS, N_ROWS = 8, 8
WIDTH_M, DEPTH_M, STREET_M = 40.0, 50.0, 12.0
N_COMPANIES = 60
SECTORS = (
    "Schreinerei", "Druckerei", "Spedition", "Bäckerei", "Ingenieurbüro", "Autohaus", "Großhandel",
    "Softwarehaus", "Labor", "Metallbau", "Catering", "Elektrotechnik", "Gartenbau", "Architekturbüro",
    "Werkzeugbau",
)  # fmt: skip
STREETS = ("Erster Demoweg", "Zweiter Demoweg", "Dritter Demoweg", "Vierter Demoweg", "Fünfter Demoweg")
# Who moved where and when; whose place another took over; who came last.
MOVED, MOVED_TO, MOVED_ON = 12, 62, "2025-06-01"
LEFT, SUCCESSOR, SUCCEEDED_ON = 17, 61, "2025-03-01"
NEWEST, NEWEST_SINCE = 60, "2026-05-01"
GROUP, GROUP_NAME = (5, 6), "Demo-Gruppe Nord"
TOUR_STOPS = (1, 10, 19, 28)


def company_key(number: int) -> str:
    """Return the key of a company by its number.

    Examples
    --------
    >>> company_key(7)
    'demo-07'
    """
    return f"demo-{number:02}"


def company_name(number: int) -> str:
    """Return the name of a company by its number.

    Examples
    --------
    >>> company_name(7)
    'Demo-Großhandel 07'
    """
    return f"Demo-{SECTORS[(number - 1) % len(SECTORS)]} {number:02}"


def write_demo_park(folder: Path) -> None:
    """Write the park as a data folder, which `app.services.features.importing.load_dataset` loads."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = range(1, N_COLUMNS * N_ROWS + 1)
    collections = {
        "parks": [_feature(_outline(), key=PARK, name=NAME)],
        "plots": [_feature(_plot(n), **_plot_facts(n)) for n in numbers],
        "companies": [_feature(_plot(row["number"]).centroid, **_occupancy(**row)) for row in _places()],
        "facilities": [_feature(_plot(64).centroid, **_parking())],
        "footprints": [
            _feature(_plot(n).buffer(-12.0, join_style="mitre"), key=f"B{n:02}", kind="building", name=None)
            for n in numbers
            if n <= N_COMPANIES
        ],
        "walkways": [_feature(line, **_street(n)) for n, line in enumerate(_streets(), start=1)],
    }
    for name, features in collections.items():
        _write_json(
            folder / f"{name}.geojson", {"type": "FeatureCollection", "name": name, "features": features}
        )
    _write_json(folder / "tours.json", [_tour()])
    _write_json(folder / "meetings.json", [])
    _write_csv(folder / "sources.csv", ("title", "url", "licence", "attribution"), [(SOURCE, "", "", "")])
    head = ("predecessor", "successor", "plot", "kind", "happened_on", "precision", "source")
    replaced = (company_key(LEFT), company_key(SUCCESSOR), _plot_key(LEFT), "replacement", SUCCEEDED_ON)
    _write_csv(folder / "successions.csv", head, [(*replaced, "day", SOURCE)])


def _plot_key(number: int) -> str:
    return f"DEMO-{number:02}"


def _plot(number: int) -> BaseGeometry:
    """Return a plot; two rows lie back to back between two streets, and a street divides the columns."""
    row, column = divmod(number - 1, N_COLUMNS)
    west = WEST + column * WIDTH_M + (STREET_M if column >= N_COLUMNS // 2 else 0.0)
    south = SOUTH + row * DEPTH_M + (row // 2 + 1) * STREET_M
    return box(west, south, west + WIDTH_M, south + DEPTH_M)


def _size() -> tuple[float, float]:
    return N_COLUMNS * WIDTH_M + STREET_M, N_ROWS * DEPTH_M + (N_ROWS // 2 + 1) * STREET_M


def _outline() -> BaseGeometry:
    width, height = _size()
    return box(WEST - STREET_M, SOUTH - STREET_M, WEST + width + STREET_M, SOUTH + height + STREET_M)


def _street_of(number: int) -> str:
    row = (number - 1) // N_COLUMNS
    return STREETS[(row + 1) // 2]


def _plot_facts(number: int) -> dict[str, Any]:
    is_used = any(row["number"] == number for row in _places() if "ends" not in row)
    status = "facility" if number == N_COLUMNS * N_ROWS else "occupied" if is_used else "vacant"
    return {
        "key": _plot_key(number), "park": PARK, "label": None, "street": _street_of(number),
        "use_status": status, "parcel_number": None, "official_area_m2": None, "quality": "schematic",
        "starts_precision": "unknown",
    }  # fmt: skip


def _places() -> list[dict[str, Any]]:
    """Return who is where and when."""
    rows: list[dict[str, Any]] = []
    for n in range(1, N_COMPANIES + 1):
        row: dict[str, Any] = {"company": n, "number": n}
        if n == MOVED:
            rows.append(row | {"ends": MOVED_ON})
            row |= {"number": MOVED_TO, "begins": MOVED_ON}
        if n == LEFT:
            row |= {"ends": SUCCEEDED_ON}
        if n == NEWEST:
            row |= {"begins": NEWEST_SINCE}
        rows.append(row)
    return [*rows, {"company": SUCCESSOR, "number": LEFT, "begins": SUCCEEDED_ON}]


def _occupancy(
    company: int, number: int, begins: str | None = None, ends: str | None = None
) -> dict[str, Any]:
    return {
        "key": f"{company_key(company)}-{number:02}",
        "company": company_key(company),
        "name": company_name(company),
        "group_name": GROUP_NAME if company in GROUP else None,
        "sector": SECTORS[(company - 1) % len(SECTORS)],
        "wz_code": None, "wz_edition": None, "wz_basis": None,
        "park": PARK,
        "plot": _plot_key(number),
        "street": _street_of(number),
        "house_number": str(number),
        "location_quality": "mapped",
        "starts_precision": "day" if begins else "unknown",
        "as_of": "2026-05",
        "note": "Erfunden",
        "website": None,
        "valid_from": begins,
        "valid_to": ends,
    }  # fmt: skip


def _parking() -> dict[str, Any]:
    empty = dict.fromkeys(("capacity", "capacity_reserve", "amenities", "fee", "security_level", "url"))
    named = {"key": "demo-parking", "park": PARK, "kind": "truck_parking", "name": "Demo-Lkw-Stellplatz"}
    return {**named, "plot": _plot_key(64), **empty, "location_quality": "schematic"}


def _streets() -> list[LineString]:
    """Return the middle lines of the streets, divided where they meet."""
    width, _ = _size()
    across = [SOUTH + row * 2 * DEPTH_M + (row + 0.5) * STREET_M for row in range(N_ROWS // 2 + 1)]
    middle = WEST + N_COLUMNS // 2 * WIDTH_M + STREET_M / 2
    lines = [
        LineString([(x0, y), (x1, y)]) for y in across for x0, x1 in ((WEST, middle), (middle, WEST + width))
    ]
    return [
        *lines,
        *(LineString([(middle, y0), (middle, y1)]) for y0, y1 in pairwise(across)),
    ]


def _street(number: int) -> dict[str, Any]:
    named = STREETS[(number - 1) // 2] if number <= 2 * len(STREETS) else "Demo-Allee"
    empty = dict.fromkeys(("surface", "kerb", "opening_hours"))
    return {"key": f"W{number:02}", "kind": "street", "name": named, **empty, "access": "public"}


def _tour() -> dict[str, Any]:
    return {
        "key": "demo-rundgang", "park": PARK, "title": "Demo-Rundgang", "starts_at": "2026-06-11T16:00+02:00",
        "time_basis": "assumed", "pace_m_s": 1.0, "is_round": False, "note": "Erfunden", "source": SOURCE,
        "stops": [
            {"company": f"{company_key(n)}-{n:02}", "dwell_min": 15.0, "note": None} for n in TOUR_STOPS
        ],
    }  # fmt: skip


def _feature(shape: BaseGeometry, **properties: Any) -> dict[str, Any]:
    period = {"valid_from": properties.pop("valid_from", None), "valid_to": properties.pop("valid_to", None)}
    return {
        "type": "Feature",
        "properties": {**properties, **period, "source": SOURCE},
        "geometry": mapping(to_wgs84(shape)),
    }


def _write_json(file: Path, content: Sequence[Any] | Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _write_csv(file: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as written:
        csv.writer(written).writerows([head, *rows])
