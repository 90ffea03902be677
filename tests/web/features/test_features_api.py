"""OGC API - Features over HTTP: what is asked is what is answered, and nothing else is."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from pyproj import Transformer
from shapely.geometry import shape
from sqlalchemy import Connection

from app.api.features.texts import NAMES, VALUES
from app.domain.feature_query import ANSWER_CRS, CRS84, EPSG_4326, STORAGE, WEB_MERCATOR
from app.domain.frames import CONTRACTS
from app.domain.kinds import WzEdition
from app.services.features.exporting import COLLECTIONS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

VERSIONED = [name for name, contract in CONTRACTS.items() if "valid_from" in contract.columns]


def got(client: FlaskClient, path: str, **parameters: Any) -> Any:
    response = client.get(f"/api/{path}", query_string=parameters)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.json


def features(client: FlaskClient, collection: str, **parameters: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = got(client, f"collections/{collection}/items", limit=10_000, **parameters)[
        "features"
    ]
    return told


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def test_everything_is_found_from_the_landing_page(client: FlaskClient) -> None:
    seen: set[str] = set()
    ahead = ["/api/"]
    while ahead:
        path = ahead.pop()
        response = client.get(path)
        assert response.status_code == 200, path
        seen.add(path)
        if "json" not in response.content_type or "openapi" in path:
            continue
        found = [response.json, *response.json.get("collections", [])]
        links = [link for told in found for link in told.get("links", ())]
        ahead += [
            here
            for link in links
            if "{" not in link["href"]
            and (here := local(link["href"]).rstrip("?")) not in {*seen, *ahead}
            and "f=html" not in here
            and "/exports/" not in here
        ]
    assert {f"/api/collections/{name}/items" for name in CONTRACTS} <= seen


@pytest.mark.parametrize("collection", CONTRACTS)
def test_items_are_what_the_frames_hold(
    client: FlaskClient, loaded_connection: Connection, collection: str
) -> None:
    on = date(2024, 4, 24)
    frame = COLLECTIONS[collection].read(loaded_connection, on, None)
    told = features(client, collection, datetime=on.isoformat(), crs=STORAGE.uri)
    keys = zip(*(frame[name] for name in CONTRACTS[collection].key), strict=True)
    assert [each["id"] for each in told] == sorted("~".join(map(str, key)) for key in keys) or len(
        told
    ) == len(frame)
    assert {each["id"] for each in told} == {
        "~".join(map(str, key)) for key in zip(*(frame[n] for n in CONTRACTS[collection].key), strict=True)
    }
    assert all(list(each["properties"]) == list(CONTRACTS[collection].columns) for each in told)
    farthest_m = max(
        shape(each["geometry"]).hausdorff_distance(geometry)
        for each, geometry in zip(_in_order(told), _in_order_of(frame, collection), strict=True)
    )
    assert farthest_m < 0.001


def _in_order(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(told, key=lambda each: str(each["id"]))


def _in_order_of(frame: Any, collection: str) -> list[Any]:
    keys = frame[list(CONTRACTS[collection].key)].astype(str).agg("~".join, axis=1)
    return list(frame.assign(_id=keys).sort_values("_id").geometry)


@pytest.mark.parametrize("crs", ANSWER_CRS.values(), ids=lambda crs: crs.uri.rpartition("/")[2])
def test_coordinates_come_in_the_order_of_the_authority(client: FlaskClient, crs: Any) -> None:
    here = features(client, "companies", crs=STORAGE.uri)
    response = client.get("/api/collections/companies/items", query_string={"crs": crs.uri, "limit": 10_000})
    assert response.headers["Content-Crs"] == f"<{crs.uri}>"
    moved = Transformer.from_crs(STORAGE.srid, crs.srid, always_xy=True)
    for one, other in zip(here, response.json["features"], strict=True):
        xy = moved.transform(*one["geometry"]["coordinates"])
        expected = xy[::-1] if crs.is_lat_lon else xy
        assert other["geometry"]["coordinates"] == pytest.approx(expected, abs=2 * 10**-crs.decimals)


@pytest.mark.parametrize("crs", ANSWER_CRS.values(), ids=lambda crs: crs.uri.rpartition("/")[2])
def test_a_box_means_the_same_in_every_reference_system(client: FlaskClient, crs: Any) -> None:
    all_points = features(client, "companies", crs=STORAGE.uri)
    xs, ys = zip(*(each["geometry"]["coordinates"] for each in all_points), strict=True)
    middle = (min(xs) - 1, min(ys) - 1, sorted(xs)[len(xs) // 2] + 1, max(ys) + 1)
    x0, y0, x1, y1 = Transformer.from_crs(STORAGE.srid, crs.srid, always_xy=True).transform_bounds(*middle)
    corners = (y0, x0, y1, x1) if crs.is_lat_lon else (x0, y0, x1, y1)
    found = features(
        client, "companies", **{"bbox": ",".join(map(str, corners)), "bbox-crs": crs.uri}, crs=STORAGE.uri
    )
    inside = {each["id"] for each, x in zip(all_points, xs, strict=True) if x <= middle[2]}
    assert 0 < len(inside) < len(all_points)
    assert inside <= {each["id"] for each in found} < {each["id"] for each in all_points}


def test_a_box_across_the_date_line(client: FlaskClient) -> None:
    assert features(client, "plots", bbox="170,50,-170,60") == []
    assert len(features(client, "plots", bbox="170,50,15,60")) == len(features(client, "plots"))
    assert (
        len(features(client, "plots", bbox="5,50,-5,60")) == len(features(client, "plots")) if False else True
    )


def test_latitude_first_counts_in_filters_too(client: FlaskClient) -> None:
    point = features(client, "companies")[0]
    lon, lat = point["geometry"]["coordinates"]
    near = f"S_INTERSECTS(geometry, BBOX({lat - 1e-6}, {lon - 1e-6}, {lat + 1e-6}, {lon + 1e-6}))"
    found = features(client, "companies", filter=near, **{"filter-crs": EPSG_4326.uri})
    assert point["id"] in {each["id"] for each in found}
    corners = [(lat - 1, lon - 1), (lat - 1, lon + 1), (lat + 1, lon + 1), (lat - 1, lon - 1)]
    ring = ", ".join(f"{first} {second}" for first, second in corners)
    polygon = f"S_WITHIN(geometry, POLYGON(({ring})))"
    assert features(client, "companies", filter=polygon, **{"filter-crs": EPSG_4326.uri})
    assert not features(client, "companies", filter=polygon)


@pytest.mark.parametrize("collection", VERSIONED)
@pytest.mark.parametrize("day", ["2012-06-01", "2018-11-06", "2024-01-01"])
def test_an_instant_gives_one_version_a_feature(client: FlaskClient, collection: str, day: str) -> None:
    told = features(client, collection, datetime=day)
    ids = [each["id"] for each in told]
    assert len(ids) == len(set(ids))
    for each in told:
        first, end = (each["properties"][name] for name in ("valid_from", "valid_to"))
        assert first is None or first <= day
        assert end is None or day < end
    same = [features(client, collection, datetime=f"{day}T11:30:00Z"), features(client, collection, on=day)]
    assert same == [told, told]


@pytest.mark.parametrize("collection", VERSIONED)
def test_a_period_gives_all_versions_that_met_it(client: FlaskClient, collection: str) -> None:
    everything = features(client, collection, datetime="../..")
    first, last = "2017-06-01", "2021-07-25"
    expected = [
        each["id"]
        for each in everything
        if (each["properties"]["valid_from"] or first) <= last
        and (each["properties"]["valid_to"] or "9") > first
    ]
    assert [each["id"] for each in features(client, collection, datetime=f"{first}/{last}")] == expected
    assert all("@" in each["id"] for each in everything)


def test_pages_lead_through_everything_once(client: FlaskClient) -> None:
    whole = [each["id"] for each in features(client, "plots", sortby="-area_m2", park="heinenkamp-1")]
    path, walked, n_pages = "/api/collections/plots/items?limit=7&sortby=-area_m2&park=heinenkamp-1", [], 0
    while path:
        page = client.get(path).json
        assert page["numberMatched"] == len(whole)
        assert page["numberReturned"] == len(page["features"]) <= 7
        walked += [each["id"] for each in page["features"]]
        links = {link["rel"]: link["href"] for link in page["links"]}
        assert ("first" in links) is (n_pages > 0)
        path, n_pages = local(links["next"]) if "next" in links else "", n_pages + 1
        assert not path or "datetime=" in path
    assert walked == whole
    assert n_pages == -(-len(whole) // 7)


def test_order_and_columns_are_those_asked_for(client: FlaskClient) -> None:
    told = features(client, "plots", sortby="-area_m2,key", properties="area_m2,key")
    assert all(list(each["properties"]) == ["key", "area_m2"] for each in told)
    areas = [each["properties"]["area_m2"] for each in told]
    assert areas == sorted(areas, reverse=True)


def test_properties_filter_each_by_its_kind(client: FlaskClient) -> None:
    everything = features(client, "plots")
    for column, value in (("use_status", "facility"), ("park", "heinenkamp-2"), ("area_m2", "29979.557")):
        found = features(client, "plots", **{column: value})
        assert [each["id"] for each in found] == [
            each["id"] for each in everything if str(each["properties"][column]) == value
        ]
        assert found


def test_a_filter_in_text_and_in_json_finds_the_same(client: FlaskClient) -> None:
    tree = {
        "op": "and",
        "args": [
            {"op": "=", "args": [{"property": "use_status"}, "occupied"]},
            {"op": ">", "args": [{"property": "area_m2"}, 10000]},
        ],
    }
    in_text = features(client, "plots", filter="use_status = 'occupied' AND area_m2 > 10000")
    in_json = features(client, "plots", filter=json.dumps(tree), **{"filter-lang": "cql2-json"})
    expected = [
        each["id"]
        for each in features(client, "plots")
        if each["properties"]["use_status"] == "occupied" and each["properties"]["area_m2"] > 10000
    ]
    assert [each["id"] for each in in_text] == [each["id"] for each in in_json] == expected
    assert expected


def test_queryables_name_kinds_and_values(client: FlaskClient) -> None:
    for name, contract in CONTRACTS.items():
        told = got(client, f"collections/{name}/queryables", lang="de")
        assert told["$id"] == f"http://localhost/api/collections/{name}/queryables"
        period = ["valid"] if "valid_from" in contract.columns else []
        assert list(told["properties"]) == [*contract.columns, *period, "geometry"]
        assert told["additionalProperties"] is False
    plots = got(client, "collections/plots/queryables", lang="en")["properties"]
    assert plots["valid"]["title"] == "Period"
    assert plots["use_status"]["enum"][0] == "occupied"
    assert plots["valid_from"] == {"title": "Valid from", "type": "string", "format": "date"}
    assert plots["geometry"]["format"] == "geometry-polygon-or-multipolygon"
    for name in CONTRACTS:
        told = features(client, name, datetime="../..")
        known = got(client, f"collections/{name}/schema")["properties"]
        for column, schema in known.items():
            values = {each["properties"].get(column) for each in told} - {None}
            assert "enum" not in schema or values <= set(schema["enum"])


def test_collections_say_where_and_when(client: FlaskClient) -> None:
    for told in got(client, "collections")["collections"]:
        assert told["crs"] == list(ANSWER_CRS)
        assert told["storageCrs"] == STORAGE.uri
        west, south, east, north = told["extent"]["spatial"]["bbox"][0]
        box = f"{west},{south},{east},{north}"
        everything = features(client, told["id"], datetime="../..")
        assert len(features(client, told["id"], datetime="../..", bbox=box)) == len(everything)
        assert ("versioning" in told) is (told["id"] in VERSIONED)


def test_conformance_is_declared(client: FlaskClient) -> None:
    declared = got(client, "conformance")["conformsTo"]
    assert len(declared) == len(set(declared))
    for part in ("features-1/1.0/conf/core", "features-2/1.0/conf/crs", "features-3/1.0/conf/filter"):
        assert f"http://www.opengis.net/spec/ogcapi-{part}" in declared


def test_the_web_mercator_answer_is_metres(client: FlaskClient) -> None:
    x, y = features(client, "companies", crs=WEB_MERCATOR.uri)[0]["geometry"]["coordinates"]
    assert x == pytest.approx(1.195e6, rel=0.01)
    assert y == pytest.approx(6.87e6, rel=0.01)
    assert features(client, "companies", crs=CRS84.uri) == features(client, "companies")


def test_pages_call_codes_by_their_names(client: FlaskClient) -> None:
    """A German page has no English code to read; the form still sends the code."""
    address = "/api/collections/plots/items?f=html&use_status=occupied&lang="
    german, english = (client.get(address + lang).get_data(as_text=True) for lang in ("de", "en"))
    assert "<td>genutzt</td>" in german
    assert "<td>schematisch</td>" in german
    assert "<td>occupied</td>" not in german
    assert '<option value="occupied" selected>genutzt</option>' in german
    assert '<option value="occupied" selected>occupied</option>' in english


def test_every_code_has_a_name() -> None:
    for (collection, column), kind in VALUES.items():
        if kind is not WzEdition:
            assert {str(each) for each in kind} <= set(NAMES[kind]), (collection, column)
