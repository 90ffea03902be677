"""The schemas of the API's JSON answers, as OpenAPI 3.0 has them."""

from __future__ import annotations

from typing import Any

from app.api.features.description.schemas import column_schema
from app.api.features.texts import VERSIONED
from app.domain.feature_query import ANSWER_CRS
from app.domain.frames import CONTRACTS

Told = dict[str, Any]

# Resources that only collections with periods have.
WITHOUT_VERSIONS = frozenset({"versions"})

__all__ = ["VERSIONED", "WITHOUT_VERSIONS", "names", "schemas"]


def _object(required: str = "", **properties: Told) -> Told:
    described: Told = {"type": "object", "properties": properties}
    if required:
        described["required"] = required.split()
    return described


def _list(items: Told, **more: Any) -> Told:
    return {"type": "array", "items": items, **more}


def _ref(name: str) -> Told:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: Told = {"type": "string"}
_URI: Told = {"type": "string", "format": "uri"}
_COUNT: Told = {"type": "integer", "minimum": 0}
_LINKS = _list(_ref("Link"))
_TYPE_OF_COLLECTION: Told = {"type": "string", "enum": ["FeatureCollection"]}
_TYPE_OF_FEATURE: Told = {"type": "string", "enum": ["Feature"]}
_BBOX = _list(_list({"type": "number"}, minItems=4, maxItems=4), minItems=1)
_INTERVAL = _list(
    _list({"type": "string", "format": "date-time", "nullable": True}, minItems=2, maxItems=2), minItems=1
)

_FIXED: dict[str, Told] = {
    "Any": {"type": "object"},
    "Link": _object("href rel", href=_URI, rel=_TEXT, type=_TEXT, title=_TEXT, datetime=_TEXT),
    "Refusal": _object("code description error", code=_TEXT, description=_TEXT, error=_TEXT),
    "Landing": _object("title links", title=_TEXT, description=_TEXT, links=_LINKS),
    "Conformance": _object("conformsTo", conformsTo=_list(_URI)),
    "Collections": _object(
        "links collections", links=_LINKS, crs=_list(_URI), collections=_list(_ref("Collection"))
    ),
    "Collection": _object(
        "id links extent itemType crs storageCrs",
        id={"type": "string", "enum": list(CONTRACTS)},
        title=_TEXT,
        description=_TEXT,
        itemType={"type": "string", "enum": ["feature"]},
        crs=_list({"type": "string", "enum": list(ANSWER_CRS)}),
        storageCrs=_URI,
        extent=_object(
            spatial=_object("bbox crs", bbox=_BBOX, crs=_URI),
            temporal=_object("interval trs", interval=_INTERVAL, trs=_URI),
        ),
        versioning=_object("timeAxis", timeAxis={"type": "string", "enum": ["validity-time"]}),
        links=_LINKS,
    ),
    "Schema": _object("$schema $id type properties", type=_TEXT, title=_TEXT, properties={"type": "object"}),
    "TimeMap": _object("links", links=_LINKS),
}


def schemas() -> dict[str, Told]:
    """Return all schemas by name; those of features are made from the contracts."""
    described = dict(_FIXED)
    for collection in CONTRACTS:
        described[f"Feature-{collection}"] = _feature(collection)
        described[f"FeatureCollection-{collection}"] = _object(
            "type features links numberMatched numberReturned timeStamp",
            type=_TYPE_OF_COLLECTION,
            features=_list(_ref(f"Feature-{collection}")),
            links=_LINKS,
            numberMatched=_COUNT,
            numberReturned=_COUNT,
            timeStamp={"type": "string", "format": "date-time"},
        )
    return described


def names() -> frozenset[str]:
    """Return the names of all schemas."""
    kinds = ("Feature", "FeatureCollection")
    return frozenset(_FIXED) | {f"{kind}-{collection}" for kind in kinds for collection in CONTRACTS}


def _feature(collection: str) -> Told:
    contract = CONTRACTS[collection]
    columns = {name: _nullable(column_schema(collection, name)) for name in contract.columns}
    properties: Told = {"type": "object", "properties": columns, "additionalProperties": False}
    geometry = _object("type", type={"type": "string", "enum": list(contract.geometry_types)})
    return _object(
        "type id properties geometry",
        type=_TYPE_OF_FEATURE,
        id=_TEXT,
        properties=properties,
        geometry=geometry,
        links=_LINKS,
    )


def _nullable(schema: Told) -> Told:
    schema["nullable"] = True
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema
