"""The resources below ``/api``: one table that names the routes and of which the description is made."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response
from flask_babel import gettext

from app.api.features import answers, pages
from app.api.features import links as to
from app.api.features.description import documents, schemas
from app.api.features.description.documents import CONFORMANCE
from app.api.features.description.openapi import description, grouped
from app.api.features.description.resources import Resource
from app.api.features.items import MAP_FORMS, item, items, search, version_list
from app.api.features.paging import FORMS
from app.api.features.parameters.table import (
    ITEM,
    ITEMS,
    PAGE,
    PAGE_OF_DAY,
    SEARCH,
    VERSIONS,
    check_parameters,
    requested_span,
)
from app.api.features.tiles import RESOURCES as TILES
from app.domain.frames import find_contract
from app.errors import N_
from app.request import autocommit_connection

blueprint = Blueprint("features", __name__, url_prefix="/api")

_BOTH = {"json": to.JSON, "html": to.HTML}
_SCHEMAS = {
    "queryables": N_("What filters may use"),
    "sortables": N_("What can be sorted by"),
    "schema": N_("What a feature contains"),
}
_SCHEMA = {"json": to.SCHEMA, "html": to.HTML}


def landing() -> Response:
    """Return where everything is found."""
    check_parameters(PAGE)
    form = answers.requested_form(_BOTH)
    document = documents.landing(to.self_links(form, _BOTH))
    if form == "html":
        return answers.page_answer("landing.html", document=document, collections=documents.titles())
    return answers.plain(answers.json_answer(document, to.JSON))


def conformance() -> Response:
    """Return what of the standards is kept."""
    check_parameters(PAGE)
    if answers.requested_form(_BOTH) == "html":
        return answers.page_answer("conformance.html", classes=CONFORMANCE)
    return answers.plain(answers.json_answer({"conformsTo": CONFORMANCE}, to.JSON))


def openapi() -> Response:
    """Return the description of the API."""
    check_parameters(("lang",))
    return answers.plain(answers.json_answer(description(RESOURCES), to.OPENAPI))


def openapi_page() -> Response:
    """Return the description of the API to read."""
    check_parameters(("lang",))
    document = description(RESOURCES)
    token = document["components"]["securitySchemes"]["token"]["description"]
    return answers.page_answer("openapi.html", groups=grouped(document), token=token)


def collections() -> Response:
    """Return all collections."""
    check_parameters(PAGE_OF_DAY)
    requested_span()
    form = answers.requested_form(_BOTH)
    mark = answers.document_mark(form)
    if form != "html" and mark.is_known:
        return mark.unchanged()
    document = documents.collections(autocommit_connection(), to.self_links(form, _BOTH))
    if form == "html":
        return answers.page_answer("collections.html", document=document)
    return mark.stamped(answers.json_answer(document, to.JSON))


def collection(collection: str) -> Response:
    """Return what a collection holds."""
    find_contract(collection)
    check_parameters(PAGE_OF_DAY)
    requested_span()
    form = answers.requested_form(_BOTH)
    mark = answers.document_mark(form)
    if form != "html" and mark.is_known:
        return mark.unchanged()
    document = documents.collection(autocommit_connection(), collection, to.self_links(form, _BOTH))
    if form == "html":
        return pages.collection_page(collection, document)
    response = mark.stamped(answers.json_answer(document, to.JSON))
    response.headers["Link"] = to.header(document["links"])
    return response


def queryables(collection: str) -> Response:
    """Return what filters may use."""
    return _schema_answer(collection, "queryables", schemas.queryables)


def sortables(collection: str) -> Response:
    """Return what can be sorted by."""
    return _schema_answer(collection, "sortables", schemas.sortables)


def schema(collection: str) -> Response:
    """Return what a feature holds."""
    return _schema_answer(collection, "schema", schemas.schema)


def _schema_answer(collection: str, name: str, made: Callable[[str, str], schemas.Schema]) -> Response:
    find_contract(collection)
    check_parameters(PAGE)
    document = made(collection, to.address("collections", collection, name))
    if answers.requested_form(_SCHEMA) == "html":
        what = gettext(_SCHEMAS[name])
        return answers.page_answer("schema.html", collection=collection, document=document, what=what)
    return answers.plain(answers.json_answer(document, to.SCHEMA))


_ONE = "/collections/<collection>"

RESOURCES = (
    Resource("landing", "/", landing, N_("Where to find everything"), PAGE, _BOTH, "Landing"),
    Resource(
        "conformance",
        "/conformance",
        conformance,
        N_("Conformance with OGC standards"),
        PAGE,
        _BOTH,
        "Conformance",
    ),
    Resource(
        "openapi",
        "/openapi.json",
        openapi,
        N_("The API's description"),
        ("lang",),
        {"json": to.OPENAPI},
        "Any",
    ),
    Resource(
        "openapi_page",
        "/openapi.html",
        openapi_page,
        N_("The API's description as a page"),
        ("lang",),
        {"html": to.HTML},
        "Any",
    ),
    Resource(
        "collections", "/collections", collections, N_("The collections"), PAGE_OF_DAY, _BOTH, "Collections"
    ),
    Resource(
        "collection", _ONE, collection, N_("What a collection contains"), PAGE_OF_DAY, _BOTH, "Collection"
    ),
    Resource(
        "queryables", f"{_ONE}/queryables", queryables, N_("What filters may use"), PAGE, _SCHEMA, "Schema"
    ),
    Resource(
        "sortables", f"{_ONE}/sortables", sortables, N_("What can be sorted by"), PAGE, _SCHEMA, "Schema"
    ),
    Resource("schema", f"{_ONE}/schema", schema, N_("What a feature contains"), PAGE, _SCHEMA, "Schema"),
    Resource("items", f"{_ONE}/items", items, N_("The features"), ITEMS, FORMS, "FeatureCollection"),
    Resource(
        "search",
        f"{_ONE}/search",
        search,
        N_("The features that match a filter in the body"),
        SEARCH,
        {"geojson": to.GEOJSON},
        "FeatureCollection",
        "POST",
    ),
    Resource("item", f"{_ONE}/items/<fid>", item, N_("One feature"), ITEM, FORMS, "Feature"),
    Resource(
        "versions",
        f"{_ONE}/items/<fid>/versions",
        version_list,
        N_("The versions of a feature"),
        VERSIONS,
        MAP_FORMS,
        "TimeMap",
    ),
    *TILES,
)

for _each in RESOURCES:
    blueprint.add_url_rule(
        _each.path, _each.name, _each.view, methods=[_each.method], strict_slashes=_each.path != "/"
    )
