"""What of the OGC standards this API keeps to."""

from __future__ import annotations

from app.db.features import cql2

_OGC = "http://www.opengis.net/spec"
_CLASSES = {
    "ogcapi-common-1/1.0/conf": ("core", "landing-page", "json", "html", "oas30"),
    "ogcapi-common-2/1.0/conf": ("collections",),
    "ogcapi-features-1/1.0/conf": ("core", "oas30", "html", "geojson"),
    "ogcapi-features-2/1.0/conf": ("crs",),
    "ogcapi-features-3/1.0/conf": (
        "queryables",
        "queryables-query-parameters",
        "filter",
        "features-filter",
    ),
    "ogcapi-tiles-1/1.0/conf": ("core", "tileset", "tilesets-list", "geodata-tilesets", "datetime", "mvt"),
}

CONFORMANCE = [
    *(f"{_OGC}/{standard}/{name}" for standard, names in _CLASSES.items() for name in names),
    *cql2.CONFORMANCE,
]
