"""A page of features as one text: its head with counts and links, and the features as they come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import request

from app.api.features import links as to
from app.api.features.links import Link, link
from app.api.features.parameters.values import write_cursor, write_span
from app.api.features.texts import VERSIONED
from app.db.features import Page
from app.domain.feature_query import CRS84, AnswerCrs, FeatureQuery
from app.exchange.collections.forms import forms_of

# The representations of items, the first for whoever does not care.
FORMS: Mapping[str, str] = {"geojson": to.GEOJSON, "json": to.GEOJSON, "html": to.HTML}
# Parameters that are the page's own: whole downloads take over all others.
_OF_PAGE = frozenset({"f", "limit", "cursor", "crs", "properties", "lang"})


def collection_text(query: FeatureQuery, found: Page, links: list[Link]) -> str:
    """Return a FeatureCollection with one feature a line; each says where it belongs, when cut out, too."""
    head = (
        f'{{"type":"FeatureCollection","numberMatched":{found.n_matched}'
        f',"numberReturned":{len(found.features)},"timeStamp":"{_now()}"{crs_member(query.crs)}'
        f',"links":{written(links)}'
    )
    home = link("collection", to.address("collections", query.collection), to.JSON)
    end = f',"links":{written([home])}}}'
    features = f"{end},\n".join([text[:-1] for text in found.features])
    return f'{head},"features":[\n{features}{end if found.features else ""}\n]}}\n'


def crs_member(crs: AnswerCrs) -> str:
    """Return the foreign member that names a reference system which RFC 7946 does not have.

    GDAL and QGIS read it as GeoJSON of 2008 had it; WGS 84 in its order of axes needs none.
    """
    if crs == CRS84:
        return ""
    name = f"urn:ogc:def:crs:EPSG::{crs.srid}"
    return f',"crs":{{"type":"name","properties":{{"name":"{name}"}}}}'


def written(links: list[Link]) -> str:
    """Return links as JSON."""
    return json.dumps(links, ensure_ascii=False, separators=(",", ":"))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page_links(query: FeatureQuery, found: Page, form: str) -> list[Link]:
    """Return the links of a page: itself, the pages before and after it, its collection, whole downloads.

    Where the filter came in the body, it is to be sent with the other pages and downloads, too.
    """
    kind = FORMS[form]
    collected = [link("self", to.own_address(), kind, **_method())]
    if request.method != "POST":
        collected.append(
            link("alternate", to.in_form("html" if kind == to.GEOJSON else "json"), _other(kind))
        )
    if query.after is not None:
        collected.append(link("first", to.with_parameters(_walking(query)), kind, **_method()))
    if found.after is not None:
        further = {**_walking(query), "cursor": write_cursor(found.after)}
        collected.append(link("next", to.with_parameters(further), kind, **_method()))
    collection = to.address("collections", query.collection)
    collected += [
        link("collection", collection, to.JSON),
        link(f"{to.OGC_REL}/queryables", f"{collection}/queryables", to.SCHEMA),
        *downloads(query),
        link("license", to.site("daten"), to.HTML),
    ]
    return collected


def _method() -> dict[str, str]:
    return {"method": "POST"} if request.method == "POST" else {}


def _other(kind: str) -> str:
    return to.HTML if kind == to.GEOJSON else to.GEOJSON


def _walking(query: FeatureQuery) -> dict[str, str]:
    """Return the request's parameters with the days resolved, so that a walk does not break at midnight."""
    collected = {
        name: text for name, text in request.args.items() if name not in ("cursor", "on", "datetime")
    }
    if query.collection in VERSIONED:
        collected["datetime"] = write_span(query.span)
    return collected


def downloads(query: FeatureQuery) -> list[Link]:
    """Return the links to all that is matched, in every form."""
    tail = to.query_text(download_choice())
    return [
        link(
            "enclosure",
            to.site(f"exports/{query.collection}.{form.name}{tail}"),
            form.media_type,
            **_method(),
        )
        for form in forms_of(query.collection)
    ]


def download_choice() -> dict[str, str]:
    """Return the parameters of the request that say which features are meant."""
    return {name: text for name, text in request.args.items() if name not in _OF_PAGE}
