"""JSON Schemas of collections: what their columns are called, what they hold, what filters may use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.api.features.texts import GEOMETRY, VERSIONED, title_of, values_of
from app.domain.column_words import COLLECTIONS
from app.domain.frames import CONTRACTS, DAY, FLAG, INTEGER, NUMBER, TEXT

Schema = dict[str, Any]

_KINDS: Mapping[str, Mapping[str, Any]] = {
    TEXT: {"type": "string"},
    DAY: {"type": "string", "format": "date"},
    INTEGER: {"type": "integer"},
    NUMBER: {"type": "number"},
    FLAG: {"type": "boolean"},
}
# As an interval of CQL2: the first day and the last, both included.
_PERIOD = {"type": "array", "items": {"type": "string", "format": "date"}, "minItems": 2, "maxItems": 2}
_ROLES = {"valid_from": "primary-interval-start", "valid_to": "primary-interval-end"}
_SHAPES = {
    ("Polygon", "MultiPolygon"): "geometry-polygon-or-multipolygon",
    ("Point",): "geometry-point",
    ("LineString",): "geometry-linestring",
    ("MultiLineString",): "geometry-multilinestring",
}


def column_schema(collection: str, column: str) -> Schema:
    """Return the schema of a column's value; what it is called is in the reader's language."""
    kind = CONTRACTS[collection].columns[column]
    schema = {"title": gettext(title_of(collection, column)), **_KINDS[kind]}
    if (known := values_of(collection, column)) is not None:
        schema["enum"] = list(known)
    return schema


def queryables(collection: str, own_address: str) -> Schema:
    """Return what filters may use, as OGC API - Features, Part 3, has it; `valid` is the whole period."""
    columns = {name: column_schema(collection, name) for name in CONTRACTS[collection].columns}
    period = {"valid": {"title": gettext("Period"), **_PERIOD}} if collection in VERSIONED else {}
    return _document(collection, own_address, {**columns, **period, "geometry": _geometry(collection)})


def sortables(collection: str, own_address: str) -> Schema:
    """Return what `sortby` may name."""
    columns = {name: column_schema(collection, name) for name in CONTRACTS[collection].columns}
    return _document(collection, own_address, columns)


def schema(collection: str, own_address: str) -> Schema:
    """Return what a feature holds, with the roles its columns play."""
    contract = CONTRACTS[collection]
    columns = {name: _with_role(collection, name) for name in contract.columns}
    return _document(collection, own_address, {**columns, "geometry": _geometry(collection)})


def _with_role(collection: str, column: str) -> Schema:
    described = column_schema(collection, column)
    if collection in VERSIONED and column in _ROLES:
        described["x-ogc-role"] = _ROLES[column]
    if (column,) == CONTRACTS[collection].key:
        described["x-ogc-role"] = "id"
    return described


def _geometry(collection: str) -> Schema:
    shape = _SHAPES.get(CONTRACTS[collection].geometry_types, "geometry-any")
    return {"title": gettext(GEOMETRY), "format": shape, "x-ogc-role": "primary-geometry"}


def _document(collection: str, own_address: str, properties: Mapping[str, Schema]) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": own_address,
        "type": "object",
        "title": gettext(COLLECTIONS[collection][0]),
        "description": gettext(COLLECTIONS[collection][1]),
        "properties": dict(properties),
        "additionalProperties": False,
    }
