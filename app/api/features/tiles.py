"""Vector tiles of the collections, as in OGC API - Tiles, Part 1: core, and what describes them.

There is one tiling scheme, WebMercatorQuad, and one format, Mapbox Vector Tiles. An empty tile is answered
with 200 and no bytes: that nothing is there is no error.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

from flask import Response, request
from flask_babel import gettext

from app.api.features import answers
from app.api.features import links as to
from app.api.features.description.documents import license_link
from app.api.features.description.resources import Resource
from app.api.features.description.schemas import schema
from app.api.features.parameters.table import PAGE, TILE, check_parameters, requested_query
from app.api.features.tile_cache import tile_cache
from app.db.changes import state_of_data
from app.db.features import extent
from app.db.features.placing import MOST_ZOOM
from app.db.features.tiles import Tile, check_place, tile, tile_columns
from app.db.land.parks import check_park
from app.domain.column_words import COLLECTIONS
from app.domain.feature_query import WEB_MERCATOR, FeatureQuery
from app.domain.frames import CONTRACTS, FLAG, INTEGER, NUMBER, find_contract
from app.domain.period import today
from app.errors import N_
from app.request import autocommit_connection, connection

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
SCHEME = "WebMercatorQuad"
_SCHEME_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{SCHEME}"
_SCALE_SET = "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"
_HALF_M = math.pi * 6_378_137.0
_TILE_PIXELS = 256
# OGC's pixel: how wide one is for a scale denominator, meters.
_PIXEL_M = 0.00028
_FORMS = {"json": to.JSON, "tilejson": to.JSON}
_DIMENSIONS = {"Point": 0, "LineString": 1, "MultiLineString": 1, "Polygon": 2, "MultiPolygon": 2}
_JSON_KINDS = {INTEGER: "Number", NUMBER: "Number", FLAG: "Boolean"}


def vector_tile(collection: str, z: int, y: int, x: int) -> Response:
    """Return a tile; see `app.db.features.tiles.tile` for what it holds."""
    query = requested_query(collection, TILE)
    check_place(z, y, x)
    if same := answers.unchanged(query):
        return same
    if query.park is not None:
        check_park(autocommit_connection(), query.park)
    drawn = _cached_or_drawn(query, z, y, x)
    return answers.data_mark(drawn.state, query).stamped(Response(drawn.layer, content_type=MEDIA_TYPE))


def _cached_or_drawn(query: FeatureQuery, z: int, y: int, x: int) -> Tile:
    """Return a tile that is kept of this very state of the data, or a new one."""
    asked = hashlib.blake2b(f"{z}/{y}/{x} {query}".encode(), digest_size=16).digest()
    kept = tile_cache().get(asked)
    if kept is not None and kept.state == state_of_data(autocommit_connection()):
        return kept
    drawn = tile(autocommit_connection(), query, z, y, x)
    tile_cache().put(asked, drawn)
    return drawn


def tilesets(collection: str) -> Response:
    """Return the tilesets of a collection: the one."""
    find_contract(collection)
    check_parameters(PAGE)
    answers.requested_form({"json": to.JSON})
    told = {
        "title": gettext(COLLECTIONS[collection][0]),
        "dataType": "vector",
        "crs": WEB_MERCATOR.uri,
        "tileMatrixSetURI": _SCHEME_URI,
        "links": [to.link("self", _own(collection), to.JSON), *_links(collection, "")],
    }
    document = {"tilesets": [told], "links": [to.link("self", to.own_address(), to.JSON), license_link()]}
    return answers.plain(answers.json_answer(document, to.JSON))


def tileset(collection: str) -> Response:
    """Return what the tiles hold and where they are; whatever narrows the items narrows these tiles, too."""
    query = requested_query(collection, _TILESET)
    form = answers.requested_form(_FORMS)
    mark = answers.document_mark(form, today().isoformat())
    if mark.is_known:
        return mark.unchanged()
    document = _tile_json(query) if form == "tilejson" else _tileset(query)
    return mark.stamped(answers.json_answer(document, to.JSON))


def tiling_schemes() -> Response:
    """Return the tiling schemes: the one."""
    check_parameters(PAGE)
    answers.requested_form({"json": to.JSON})
    own = to.link("self", to.address("tileMatrixSets", SCHEME), to.JSON)
    listed = {"id": SCHEME, "title": SCHEME, "uri": _SCHEME_URI, "links": [own]}
    return answers.plain(answers.json_answer({"tileMatrixSets": [listed]}, to.JSON))


def tiling_scheme() -> Response:
    """Return how WebMercatorQuad divides the world."""
    check_parameters(PAGE)
    answers.requested_form({"json": to.JSON})
    document = {
        "id": SCHEME,
        "title": SCHEME,
        "uri": _SCHEME_URI,
        "crs": WEB_MERCATOR.uri,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": _SCALE_SET,
        "tileMatrices": [_matrix(z) for z in range(MOST_ZOOM + 1)],
    }
    return answers.plain(answers.json_answer(document, to.JSON))


def _matrix(z: int) -> dict[str, Any]:
    cell_m = 2 * _HALF_M / _TILE_PIXELS / 2**z
    return {
        "id": str(z),
        "scaleDenominator": cell_m / _PIXEL_M,
        "cellSize": cell_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-_HALF_M, _HALF_M],
        "tileWidth": _TILE_PIXELS,
        "tileHeight": _TILE_PIXELS,
        "matrixWidth": 2**z,
        "matrixHeight": 2**z,
    }


def _own(collection: str, *more: str, **parameters: str) -> str:
    return to.address("collections", collection, "tiles", SCHEME, *more, **parameters)


def _passed_on() -> str:
    """Return what of the request narrows tiles, as the end of their address."""
    return to.query_text({name: text for name, text in request.args.items() if name not in {"f", "lang"}})


def _links(collection: str, narrowed: str) -> list[to.Link]:
    """Return the links to the tiles, their scheme and their collection."""
    template = f"{_own(collection)}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{narrowed}"
    scheme = to.address("tileMatrixSets", SCHEME)
    return [
        to.link("item", template, MEDIA_TYPE) | {"templated": True},
        to.link("alternate", _own(collection, f="tilejson"), to.JSON, "TileJSON"),
        to.link(f"{to.OGC_REL}/tiling-scheme", scheme, to.JSON),
        to.link(f"{to.OGC_REL}/geodata", to.address("collections", collection), to.JSON),
    ]


def _tileset(query: FeatureQuery) -> dict[str, Any]:
    collection = query.collection
    known = schema(collection, "")["properties"]
    columns = {"id": {"type": "string"}, **{name: known[name] for name in tile_columns(query)}}
    kinds = [_DIMENSIONS[kind] for kind in CONTRACTS[collection].geometry_types if kind in _DIMENSIONS]
    layer = {
        "id": collection,
        "dataType": "vector",
        "geometryDimension": max(kinds),
        "propertiesSchema": {"type": "object", "properties": columns},
    }
    told = {
        "title": gettext(COLLECTIONS[collection][0]),
        "dataType": "vector",
        "crs": WEB_MERCATOR.uri,
        "tileMatrixSetURI": _SCHEME_URI,
        "layers": [layer],
        "links": [to.link("self", to.own_address(), to.JSON), *_links(collection, _passed_on())],
    }
    box = extent(connection(), collection).bbox
    if box is not None:
        told["boundingBox"] = {"lowerLeft": box[:2], "upperRight": box[2:], "orderedAxes": ["Lon", "Lat"]}
    return told


def _tile_json(query: FeatureQuery) -> dict[str, Any]:
    collection = query.collection
    kinds = CONTRACTS[collection].columns
    fields = {
        "id": "String",
        **{name: _JSON_KINDS.get(kinds[name], "String") for name in tile_columns(query)},
    }
    told = {
        "tilejson": "3.0.0",
        "name": gettext(COLLECTIONS[collection][0]),
        "description": gettext(COLLECTIONS[collection][1]),
        "tiles": [f"{_own(collection)}/{{z}}/{{y}}/{{x}}{_passed_on()}"],
        "minzoom": 0,
        "maxzoom": MOST_ZOOM,
        "vector_layers": [{"id": collection, "fields": fields}],
    }
    box = extent(connection(), collection).bbox
    return told if box is None else {**told, "bounds": box}


_TILESET = ("f", *TILE)
_TILES = "/collections/<collection>/tiles"
_JSON = {"json": to.JSON}

RESOURCES = (
    Resource("tilesets", _TILES, tilesets, N_("The tilesets"), PAGE, _JSON, "Any"),
    Resource("tileset", f"{_TILES}/{SCHEME}", tileset, N_("What the tiles contain"), _TILESET, _FORMS, "Any"),
    Resource(
        "vector_tile",
        f"{_TILES}/{SCHEME}/<int:z>/<int:y>/<int:x>",
        vector_tile,
        N_("A vector tile"),
        TILE,
        {"mvt": MEDIA_TYPE},
        "Any",
    ),
    Resource(
        "tiling_schemes", "/tileMatrixSets", tiling_schemes, N_("The tiling schemes"), PAGE, _JSON, "Any"
    ),
    Resource(
        "tiling_scheme",
        f"/tileMatrixSets/{SCHEME}",
        tiling_scheme,
        N_("The tiling scheme"),
        PAGE,
        _JSON,
        "Any",
    ),
)
