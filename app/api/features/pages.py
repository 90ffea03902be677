"""Features and collections as pages for people who look before they take."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from flask import Response, request
from flask_babel import gettext

from app.api.features import answers
from app.api.features import links as to
from app.api.features.description import schemas
from app.api.features.paging import download_choice
from app.api.features.parameters import values
from app.api.features.texts import COLUMNS, VERSIONED, value_name, values_of
from app.api.features.versions import FeatureAddress, split_fid
from app.db.features import Page, VersionRow
from app.db.land.parks import park_names
from app.domain.column_words import COLLECTIONS
from app.domain.feature_query import FeatureQuery
from app.domain.frames import CONTRACTS, DAY
from app.domain.period import today
from app.request import autocommit_connection

# Collection -> the kind and the tab by which the map shows it.
_ON_MAP = {
    "plots": ("plot", "plots"),
    "companies": ("company", "companies"),
    "facilities": ("facility", "facilities"),
    "tours": ("tour", "tours"),
}
# Columns of which the page of one feature needs no row in the table of many.
_ASIDE = frozenset({"key", "source", "note", "engine", "wz_edition", "wz_basis", "starts_precision", "as_of"})


def collection_page(collection: str, document: dict[str, Any]) -> Response:
    """Return what a collection holds, with its columns."""
    columns = schemas.schema(collection, "")["properties"]
    return answers.page_answer("collection.html", collection=collection, document=document, columns=columns)


def items_page(query: FeatureQuery, found: Page, links: list[to.Link]) -> Response:
    """Return a page of features as a table."""
    collection, contract = query.collection, CONTRACTS[query.collection]
    names = query.properties or [name for name in contract.columns if name not in _ASIDE]
    features = [_parsed_feature(collection, text) for text in found.features]
    return answers.page_answer(
        "items.html",
        collection=collection,
        title=gettext(COLLECTIONS[collection][0]),
        query=query,
        days=values.write_span(query.span),
        features=features,
        addresses=[
            to.address("collections", collection, "items", each["id"], **_tail(query)) for each in features
        ],
        n_matched=found.n_matched,
        columns={name: schemas.column_schema(collection, name) for name in names},
        kinds=contract.columns,
        named=partial(value_name, collection),
        choices=_choices(collection),
        choice_names={name: gettext(COLUMNS[name]) for name in _choices(collection)},
        parks=_parks() if "park" in contract.columns else {},
        is_versioned=collection in VERSIONED,
        links={each["rel"]: each["href"] for each in links},
        kept=_hidden_fields(collection),
        on_map=_on_map(query, None),
        downloads={"collection": collection, "choice": download_choice()},
    )


def item_page(
    query: FeatureQuery, text: str, links: Sequence[to.Link], versions: Sequence[VersionRow], shown: str = ""
) -> Response:
    """Return one feature with its versions in the order of time; `shown` is the id of its own among them."""
    collection = query.collection
    feature = _parsed_feature(collection, text)
    place = FeatureAddress(collection, split_fid(feature["id"])[0])
    return answers.page_answer(
        "item.html",
        collection=collection,
        title=gettext(COLLECTIONS[collection][0]),
        feature=feature,
        columns={name: schemas.column_schema(collection, name) for name in feature["properties"]},
        kinds=CONTRACTS[collection].columns,
        named=partial(value_name, collection),
        versions=[(version, place.canonical(version)) for version in versions],
        shown=shown,
        links={each["rel"]: each["href"] for each in links},
        on_map=_on_map(query, feature),
    )


def _tail(query: FeatureQuery) -> dict[str, str]:
    """Return what leads from a page to one of its features: the form, and the day where it is not today."""
    if query.collection not in VERSIONED or not query.span.is_instant or query.span.first == today():
        return {"f": "html", **to.requested_knowledge()}
    return {"f": "html", "datetime": values.write_span(query.span), **to.requested_knowledge()}


def _parks() -> dict[str, str]:
    return park_names(autocommit_connection())


def _on_map(query: FeatureQuery, feature: Mapping[str, Any] | None) -> str | None:
    """Return where the map shows a feature, or its whole collection; None where it does not."""
    kind = _ON_MAP.get(query.collection)
    if kind is None:
        return None
    parameters = to.requested_knowledge()
    if query.span.is_instant and query.span.first:
        parameters["on"] = query.span.first.isoformat()
    if feature is not None:
        column = "company" if query.collection == "companies" else "key"
        parameters["sel"] = f"{kind[0]}:{feature['properties'].get(column, '')}"
    elif query.park is not None:
        parameters["park"] = query.park
    return to.site(to.query_text({**parameters, "tab": kind[1]}))


def _parsed_feature(collection: str, text: str) -> dict[str, Any]:
    """Return a feature with its days as days."""
    feature: dict[str, Any] = json.loads(text)
    for name, value in feature["properties"].items():
        if value is not None and CONTRACTS[collection].columns[name] == DAY:
            feature["properties"][name] = date.fromisoformat(value)
    return feature


def _choices(collection: str) -> dict[str, tuple[str, ...]]:
    """Return the columns with few values, by which the page filters; not those it shows only elsewhere."""
    found = {
        name: values_of(collection, name) for name in CONTRACTS[collection].columns if name not in _ASIDE
    }
    return {name: known for name, known in found.items() if known is not None}


def _hidden_fields(collection: str) -> dict[str, str]:
    """Return the request's parameters that the page's form has no field for."""
    fields = {*_choices(collection), "datetime", "on", "cursor", "f", "lang", "park"}
    return {name: text for name, text in request.args.items() if name not in fields}
