"""The API's description in OpenAPI 3.0, made of the tables by which requests are routed and read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext

from app.api.features.description import answer_schemas
from app.api.features.description.documents import ABOUT, TITLE
from app.api.features.description.other_routes import OTHERS, Other
from app.api.features.description.resources import Resource
from app.api.features.description.schemas import column_schema
from app.api.features.links import HTML, JSON, address
from app.api.features.parameters.bodies import BODIES
from app.api.features.parameters.filters import CQL2_TEXT
from app.api.features.parameters.table import AN_INSTANT, PARAMETERS, Parameter, property_names
from app.db.features.selection import LARGEST_INTEGER
from app.domain.column_words import COLLECTIONS
from app.domain.frames import CONTRACTS
from app.errors import N_

Told = dict[str, Any]

VERSION = "1"
_PLACE = re.compile(r"<(\w+)>")
_ONE, _FID = "<collection>", "<fid>"
_PLACES = {
    "fid": N_("The id of a feature"),
    "key": N_("A key"),
    **dict.fromkeys(("z", "y", "x"), N_("A tile")),
}


def description(resources: Iterable[Resource]) -> Told:
    """Return the description, its texts in the reader's language."""
    listed = list(resources)
    return {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "description": gettext(ABOUT), "version": VERSION},
        "servers": [{"url": address().rstrip("/")}],
        # Public data need no token; whoever sends one asks in its owner's name.
        "security": [{}, {"token": []}],
        "tags": [{"name": name, "description": gettext(title)} for name, (title, _) in COLLECTIONS.items()],
        "paths": {
            **{path: {each.method.lower(): operation} for each in listed for path, operation in _paths(each)},
            **{_path(each.path): {"get": _other(each)} for each in OTHERS},
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": gettext(_TOKEN)}
            },
            "parameters": {
                name: _parameter(each) for name, each in PARAMETERS.items() if name not in _OF_ROUTE
            },
            "schemas": answer_schemas.schemas(),
            "responses": {
                "Refused": _answer(_BOTH, "Refusal", gettext("A value is not valid")),
                "NotAuthorized": _answer(_BOTH, "Refusal", gettext("The token is not valid")),
                "Forbidden": _answer(_BOTH, "Refusal", gettext("Not for visitors")),
                "NotFound": _answer(_BOTH, "Refusal", gettext("There is no such thing")),
                "Gone": _answer(_BOTH, "Refusal", gettext("Not on this day")),
                "NotModified": {"description": gettext("Unchanged since it was fetched")},
            },
        },
    }


_TOKEN = N_(
    "Made on the page “API tokens” of one's own account. It reads what its owner's role may read, and"
    " changes nothing."
)
_BOTH = {"json": JSON, "html": HTML}
# These parameters have values of their own in every route or collection.
_OF_ROUTE = frozenset({"f", "datetime", "sortby", "properties"})


def _paths(resource: Resource) -> Iterator[tuple[str, Told]]:
    """Yield the path of a resource, or the paths of a resource that every collection has."""
    if _ONE not in resource.path:
        yield _path(resource.path), _operation(resource, None)
        return
    for collection in CONTRACTS:
        if resource.name in answer_schemas.WITHOUT_VERSIONS and collection not in answer_schemas.VERSIONED:
            continue
        yield _path(resource.path.replace(_ONE, collection)), _operation(resource, collection)


def _path(rule: str) -> str:
    return _PLACE.sub(r"{\1}", rule.replace("int:", "").replace("path:", ""))


def _operation(resource: Resource, collection: str | None) -> Told:
    schema = resource.schema if collection is None else f"{resource.schema}-{collection}"
    if schema not in answer_schemas.names():
        schema = resource.schema
    answers = {"200": _answer(resource.forms, schema, gettext(resource.what)), **_refusals(resource)}
    operation: Told = {
        "operationId": resource.name if collection is None else f"{resource.name}-{collection}",
        "summary": gettext(resource.what),
        "parameters": [*_places(resource.path), *_query_parameters(resource, collection)],
        "responses": answers,
    }
    if resource.method == "POST":
        operation["requestBody"] = _body()
    if collection is not None:
        operation["tags"] = [collection]
    return operation


def _body() -> Told:
    """Return what is said of a filter in the body of a request."""
    text, expression = {"type": "string", "format": "cql2"}, {"oneOf": [{"type": "boolean"}, _CQL2_JSON]}
    content = {kind: {"schema": text if lang == CQL2_TEXT else expression} for kind, lang in BODIES.items()}
    what = gettext("The filter, a CQL2 expression as text or JSON; everything else is given by parameters.")
    return {"description": what, "required": True, "content": content}


_CQL2_JSON = {
    "type": "object",
    "required": ["op", "args"],
    "properties": {"op": {"type": "string"}, "args": {"type": "array", "items": {}}},
}


def _refusals(resource: Resource) -> Told:
    found = {"400": "Refused", "401": "NotAuthorized"}
    if resource.method == "POST":
        found |= {"413": "Refused", "415": "Refused"}
    else:
        found["304"] = "NotModified"
    if _FID in resource.path or "park" in resource.parameters:
        found["404"] = "NotFound"
    if "known" in resource.parameters:
        found["403"] = "Forbidden"
    if resource.path.endswith(_FID):
        found["410"] = "Gone"
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in found.items()}


def _answer(forms: Mapping[str, str], schema: str, what: str) -> Told:
    content = {kind: {"schema": _content_schema(kind, schema)} for kind in forms.values()}
    return {"description": what, "content": content}


def _content_schema(kind: str, schema: str) -> Told:
    if "json" in kind:
        return {"$ref": f"#/components/schemas/{schema}"}
    return {"type": "string"} if kind.startswith("text/") else {"type": "string", "format": "binary"}


def _places(path: str) -> list[Told]:
    return [
        {"name": name, "in": "path", "required": True, "description": gettext(_PLACES[name])}
        | {
            "schema": {"type": "integer", "minimum": 0}
            if name in "zyx"
            else {"type": "string", "minLength": 1}
        }
        for name in re.findall(r"<(?:\w+:)?(\w+)>", path)
        if name != "collection"
    ]


def _query_parameters(resource: Resource, collection: str | None) -> Iterator[Told]:
    for name in resource.parameters:
        if not PARAMETERS[name].is_described:
            continue
        if name in _OF_ROUTE:
            yield _parameter(PARAMETERS[name], _own_schema(name, resource, collection))
        else:
            yield {"$ref": f"#/components/parameters/{name}"}
    if collection is not None and "filter-crs" in resource.parameters:
        for name in property_names(collection, resource.parameters):
            yield _parameter(_filtering(collection, name))


def _filtering(collection: str, column: str) -> Parameter:
    """Return the parameter that filters by a column; an empty text filters nothing where texts are listed."""
    schema = column_schema(collection, column)
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], ""]
    elif schema == {"title": schema["title"], "type": "string"}:
        schema["pattern"] = "^[^\\x00]*$"  # which no text of the database can hold
    elif schema["type"] == "integer":
        schema.update(format="int64", minimum=-LARGEST_INTEGER, maximum=LARGEST_INTEGER)
    return Parameter(column, schema.pop("title"), schema)


def _own_schema(name: str, resource: Resource, collection: str | None) -> Told:
    if name == "f":
        return {"type": "string", "enum": list(resource.forms)}
    if name == "datetime":
        return dict(AN_INSTANT if _FID in resource.path else PARAMETERS[name].schema)
    columns = list(CONTRACTS[collection].columns) if collection else []
    if name == "sortby":
        columns += [f"-{column}" for column in columns]
    return {**PARAMETERS[name].schema, "items": {"type": "string", "enum": columns}}


def _parameter(each: Parameter, schema: Mapping[str, Any] | None = None) -> Told:
    return {
        "name": each.name,
        "in": "query",
        "required": each.is_required,
        "description": gettext(each.what),
        "schema": dict(each.schema if schema is None else schema),
        "style": "form",
        "explode": False,
    }


def _other(each: Other) -> Told:
    answers = {"200": _answer({"json": JSON}, "Any", gettext(each.what))}
    for status, name in (("400", "Refused"), ("401", "NotAuthorized"), ("404", "NotFound")):
        answers[status] = {"$ref": f"#/components/responses/{name}"}
    if PARAMETERS["known"] in each.parameters:
        answers["403"] = {"$ref": "#/components/responses/Forbidden"}
    for code, meaning in each.refusals.items():
        answers[str(code)] = _answer({"json": JSON}, "Refusal", gettext(meaning))
    return {
        "operationId": each.name,
        "summary": gettext(each.what),
        "parameters": [*_places(each.path), *(_parameter(parameter) for parameter in each.parameters)],
        "responses": answers,
    }


def grouped(document: Told) -> list[tuple[str, list[tuple[str, Told]]]]:
    """Return the operations of a description with their paths, by collection, for reading."""
    names = {tag["name"]: tag["description"] for tag in document["tags"]}
    found: dict[str, list[tuple[str, Told]]] = {
        gettext("General"): [],
        **{name: [] for name in names.values()},
    }
    for path, operations in document["paths"].items():
        method, operation = next(iter(operations.items()))
        heading = names[operation["tags"][0]] if "tags" in operation else gettext("General")
        found[heading].append(
            (
                path,
                {
                    **operation,
                    "method": method.upper(),
                    "parameters": [_resolved(document, each) for each in operation["parameters"]],
                },
            )
        )
    return list(found.items())


def _resolved(document: Told, parameter: Told) -> Told:
    if "$ref" not in parameter:
        return parameter
    found: Told = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found
