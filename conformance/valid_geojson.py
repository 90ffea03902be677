"""Judge the items of collections by geojson-validator, of today and of all history; 1 if any is wrong.

It reports more than six decimals as a problem. Seven are written here on purpose: six are eleven centimeters.
"""

from __future__ import annotations

import sys
from typing import Any

import geojson_validator
import httpx
from loguru import logger

INVALID = ("unclosed", "less_three_unique_nodes", "exterior_not_ccw", "interior_not_cw")
PROBLEMATIC = (
    "holes",
    "inner_and_exterior_ring_intersect",
    "self_intersection",
    "duplicate_nodes",
    "excessive_vertices",
    "3d_coordinates",
    "outside_lat_lon_boundaries",
    "crosses_antimeridian",
)
SPANS = ({}, {"datetime": "../.."})


def complaints(document: Any) -> list[str]:
    """Return what is wrong with a FeatureCollection."""
    found = [f"structure: {each}" for each in geojson_validator.validate_structure(document)]
    judged = geojson_validator.validate_geometries(
        document, criteria_invalid=list(INVALID), criteria_problematic=list(PROBLEMATIC)
    )
    for kind in ("invalid", "problematic"):
        found += [f"{kind}: {name} {where}" for name, where in judged[kind].items()]
    return found


def main(address: str, collections: list[str]) -> int:
    """Judge every collection and return 0 if nothing is wrong."""
    logger.remove()
    wrong = 0
    for name in collections:
        for span in SPANS:
            asked = {"limit": "10000", **span}
            document = httpx.get(f"{address}/collections/{name}/items", params=asked, timeout=60).json()
            found = complaints(document)
            wrong += len(found)
            print(
                f"{name} {span.get('datetime', 'today')}: {len(document['features'])} features {found or ''}"
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
