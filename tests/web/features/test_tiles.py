"""Vector tiles over HTTP: tiles, what describes them, what is refused, what need not be sent again."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import mapbox_vector_tile
import pytest
from sqlalchemy import text

from app.domain.frames import CONTRACTS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.config import Settings
    from tests.web.conftest import MakeApp

PLOTS = "/api/collections/plots/tiles"
# Over Heinenkamp I.
PLACE = "14/5384/8680"
TILE = f"{PLOTS}/WebMercatorQuad/{PLACE}"
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


def layer_of(client: FlaskClient, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == MEDIA_TYPE
    layers: dict[str, Any] = mapbox_vector_tile.decode(answer.data)
    [layer] = layers.values()
    return dict(layer)


def ids(layer: dict[str, Any]) -> set[str]:
    return {row["properties"]["id"] for row in layer["features"]}


def path_of(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def link(document: dict[str, Any], rel: str) -> str:
    return str(next(each["href"] for each in document["links"] if each["rel"].endswith(rel)))


def test_a_tile_is_narrowed_as_the_items_are(client: FlaskClient) -> None:
    whole = ids(layer_of(client, f"{TILE}?on=2024-04-24"))
    for narrowed in (
        "use_status=occupied",
        "park=heinenkamp-1",
        "filter=area_m2%3E20000",
        "datetime=2021-01-01&use_status=unknown",
    ):
        on = "" if "datetime" in narrowed else "&datetime=2024-04-24"
        items = client.get(f"/api/collections/plots/items?limit=1000&{narrowed}{on}").json
        assert items is not None
        found = ids(layer_of(client, f"{TILE}?{narrowed}{on}"))
        assert found
        assert found <= {row["id"] for row in items["features"]}
        assert "datetime" in narrowed or found < whole


def test_properties_narrow_what_a_tile_carries(client: FlaskClient) -> None:
    for row in layer_of(client, f"{TILE}?on=2024-04-24&properties=use_status")["features"]:
        assert set(row["properties"]) == {"id", "use_status"}


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{PLOTS}/WebMercatorQuad/23/0/0", 404),
        (f"{PLOTS}/WebMercatorQuad/3/8/0", 404),
        (f"{PLOTS}/WebMercatorQuad/99999999999/0/0", 404),
        (f"{PLOTS}/WebMercatorQuad/3/-1/0", 404),
        (f"{PLOTS}/WorldCRS84Quad/3/1/1", 404),
        ("/api/collections/contacts/tiles/WebMercatorQuad/3/1/1", 404),
        (f"{TILE}?park=nowhere", 404),
        (f"{TILE}?properties=phone", 400),
        (f"{TILE}?limit=10", 400),
        (f"{TILE}?filter=area_m2%3E", 400),
        (f"{TILE}?datetime=yesterday", 400),
        (f"{TILE}?use_status=';DROP TABLE plot;--", 400),
    ],
)
def test_what_there_is_not_is_refused_in_words(client: FlaskClient, address: str, status: int) -> None:
    answer = client.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == status
    told = answer.json
    assert told is not None
    assert told["error"]


def test_an_unchanged_tile_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(TILE)
    assert first.headers["Cache-Control"] == "no-cache, public"
    again = client.get(TILE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"{TILE}?datetime=2021-01-01", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_tiles_travel_compressed(client: FlaskClient) -> None:
    plain = client.get(TILE)
    packed = client.get(TILE, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)
    known = client.get(TILE, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert known.status_code == 304


def test_an_empty_tile_is_no_error(client: FlaskClient) -> None:
    answer = client.get(f"{PLOTS}/WebMercatorQuad/14/0/0")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"", MEDIA_TYPE)


@pytest.mark.parametrize("collection", CONTRACTS)
def test_links_lead_from_a_collection_to_its_tiles(client: FlaskClient, collection: str) -> None:
    told = client.get(f"/api/collections/{collection}").json
    assert told is not None
    listed = client.get(path_of(link(told, "tilesets-vector"))).json
    assert listed is not None
    [one] = listed["tilesets"]
    tileset = client.get(path_of(link(one, "self"))).json
    assert tileset is not None
    z, y, x = PLACE.split("/")
    address = path_of(link(tileset, "item"))
    for name, value in (("tileMatrix", z), ("tileRow", y), ("tileCol", x)):
        address = address.replace(f"{{{name}}}", value)
    layer = layer_of(client, address)
    [described] = tileset["layers"]
    assert described["id"] == collection
    for row in layer["features"]:
        assert set(row["properties"]) <= set(described["propertiesSchema"]["properties"])
    scheme = client.get(path_of(link(tileset, "tiling-scheme"))).json
    assert scheme is not None
    assert scheme["id"] == "WebMercatorQuad"


def test_tile_json_names_the_tiles_of_the_day_asked_for(client: FlaskClient) -> None:
    told = client.get(f"{PLOTS}/WebMercatorQuad?f=tilejson&datetime=2021-01-01&properties=label").json
    assert told is not None
    assert told["tilejson"] == "3.0.0"
    [template] = told["tiles"]
    z, y, x = PLACE.split("/")
    layer = layer_of(client, path_of(template.format(z=z, y=y, x=x)))
    assert ids(layer) == ids(layer_of(client, f"{TILE}?datetime=2021-01-01"))
    [described] = told["vector_layers"]
    assert described == {"id": "plots", "fields": {"id": "String", "label": "String"}}
    west, south, east, north = told["bounds"]
    assert west < 10.74 < east
    assert south < 52.37 < north


def test_the_tiling_scheme_is_web_mercator_in_256_pixels(client: FlaskClient) -> None:
    [listed] = client.get("/api/tileMatrixSets").json["tileMatrixSets"]  # type: ignore[index]
    told = client.get(path_of(link(listed, "self"))).json
    assert told is not None
    matrices = told["tileMatrices"]
    assert [each["id"] for each in matrices] == [str(z) for z in range(23)]
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.0287178)
    assert matrices[22]["cellSize"] == pytest.approx(156543.03392804097 / 2**22)
    for each in matrices:
        assert each["matrixWidth"] * each["tileWidth"] * each["cellSize"] == pytest.approx(40075016.68557849)


def test_a_tile_that_is_kept_is_never_older_than_the_data(
    make_app: MakeApp, settings: Settings, fresh_database_url: str
) -> None:
    """Asked again it is the same, until a plot comes or changes."""
    app = make_app(replace(settings, database_url=fresh_database_url))
    client, engine = app.test_client(), app.extensions["engine"]
    place = f"{PLOTS}/WebMercatorQuad/{PLACE}"
    assert [client.get(place).data for _ in range(2)] == [b"", b""]
    with engine.begin() as connection:
        for statement in ONE_PLOT:
            connection.execute(text(statement))
    drawn = [client.get(place) for _ in range(3)]
    assert drawn[0].data == drawn[1].data == drawn[2].data != b""
    assert drawn[0].headers["ETag"] == drawn[2].headers["ETag"]
    with engine.begin() as connection:
        connection.execute(text("UPDATE plot_version SET label = 'changed'"))
    assert b"changed" in client.get(place).data


ONE_PLOT = (
    "INSERT INTO park (key) VALUES ('p')",
    "INSERT INTO park_version (park_id, name, geometry, valid) SELECT park_id, 'P',"
    " ST_Transform(ST_MakeEnvelope(10.72, 52.37, 10.75, 52.39, 4326), 25832), '(,)' FROM park",
    "INSERT INTO plot (park_id, key) SELECT park_id, 'p1' FROM park",
    "INSERT INTO plot_version (plot_id, geometry, use_status, quality, valid)"
    " SELECT plot_id, geometry, 'vacant', 'schematic', '(,)' FROM plot JOIN park_version USING (park_id)",
)
