"""The documents about the data: landing page, collections, one collection.

What of the OGC standards this API keeps to.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext
from sqlalchemy import Connection

from app.api.features.links import GEOJSON, HTML, JSON, OGC_REL, OPENAPI, SCHEMA, Link, address, link, site
from app.api.features.texts import VERSIONED
from app.db.features import cql2, extent
from app.domain.column_words import COLLECTIONS
from app.domain.feature_query import ANSWER_CRS, CRS84, STORAGE
from app.domain.frames import CONTRACTS
from app.errors import N_

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

TITLE = "Nachbarschaft Heinenkamp"
ABOUT = N_("Plots, companies, neighbors and walking tours of the business parks in Heinenkamp, for any day.")
_LAST_DIGIT_DEG = 1e-7
_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


def landing(links: list[Link]) -> dict[str, Any]:
    """Return the document from which everything is found."""
    return {
        "title": TITLE,
        "description": gettext(ABOUT),
        "links": [
            *links,
            link("service-desc", address("openapi.json"), OPENAPI, gettext("The API's description")),
            link("service-doc", address("openapi.html"), HTML, gettext("The API's description as a page")),
            link("conformance", address("conformance"), JSON, gettext("Conformance with OGC standards")),
            link(f"{OGC_REL}/conformance", address("conformance"), JSON),
            link("data", address("collections"), JSON, gettext("The collections")),
            link(f"{OGC_REL}/data", address("collections"), JSON),
            license_link(),
        ],
    }


def titles() -> dict[str, tuple[str, str]]:
    """Return what each collection is called and what it holds, in the reader's language."""
    return {name: (gettext(title), gettext(what)) for name, (title, what) in COLLECTIONS.items()}


def collections(connection: Connection, links: list[Link]) -> dict[str, Any]:
    """Return all collections."""
    return {
        "links": [*links, license_link()],
        "crs": list(ANSWER_CRS),
        "collections": [collection(connection, name, []) for name in CONTRACTS],
    }


def collection(connection: Connection, name: str, links: list[Link]) -> dict[str, Any]:
    """Return what a collection holds, where and when, and where its resources are."""
    title, what = COLLECTIONS[name]
    document = {
        "id": name,
        "title": gettext(title),
        "description": gettext(what),
        "itemType": "feature",
        "extent": _extent(connection, name),
        "crs": list(ANSWER_CRS),
        "storageCrs": STORAGE.uri,
        "links": [*(links or _own_links(name)), *_links(name)],
    }
    if name in VERSIONED:
        document["versioning"] = {"timeAxis": "validity-time"}
    return document


def license_link() -> Link:
    """Return the link to the page that names licences and attributions."""
    return link("license", site("daten"), HTML, gettext("License and attribution"))


def _own_links(name: str) -> list[Link]:
    own = address("collections", name)
    return [link("self", own, JSON), link("alternate", f"{own}?f=html", HTML)]


def _links(name: str) -> list[Link]:
    own = address("collections", name)
    title = gettext(COLLECTIONS[name][0])
    # Clients such as GDAL open one collection by its address, and go on from there with the same day.
    day = {"datetime": request.args["datetime"]} if request.args.get("datetime") else {}
    return [
        link("items", address("collections", name, "items", **day), GEOJSON, title),
        link("items", address("collections", name, "items", f="html", **day), HTML, title),
        link("describedby", f"{own}/schema", SCHEMA, gettext("What a feature contains")),
        link(f"{OGC_REL}/schema", f"{own}/schema", SCHEMA),
        link(f"{OGC_REL}/queryables", f"{own}/queryables", SCHEMA, gettext("What filters may use")),
        link(f"{OGC_REL}/sortables", f"{own}/sortables", SCHEMA, gettext("What can be sorted by")),
        link(f"{OGC_REL}/tilesets-vector", f"{own}/tiles", JSON, gettext("Vector tiles")),
        license_link(),
    ]


def _extent(connection: Connection, name: str) -> dict[str, Any]:
    found = extent(connection, name)
    document: dict[str, Any] = {}
    if found.bbox is not None:
        # Rounded outwards, so that nothing lies on the wrong side of the last digit.
        out = [
            round(each + sign * _LAST_DIGIT_DEG, 7)
            for each, sign in zip(found.bbox, (-1, -1, 1, 1), strict=True)
        ]
        document["spatial"] = {"bbox": [out], "crs": CRS84.uri}
    if name in VERSIONED:
        days = [[_instant(found.first), _instant(found.last)]]
        document["temporal"] = {"interval": days, "trs": _GREGORIAN}
    return document


def _instant(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00Z"
