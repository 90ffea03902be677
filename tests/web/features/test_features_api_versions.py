"""The versions of a feature, and when an answer is known again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from app.domain.frames import CONTRACTS

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def rels(document: Any) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in document["links"]}


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def changed(client: FlaskClient) -> str:
    """The key of a plot with more than one version."""
    told = client.get("/api/collections/plots/items?datetime=../..&limit=1000").json["features"]
    keys = [each["properties"]["key"] for each in told]
    return next(key for key in keys if keys.count(key) > 1)


def test_versions_lead_from_one_to_the_next(client: FlaskClient, changed: str) -> None:
    time_map = client.get(f"/api/collections/plots/items/{changed}/versions").json
    mementos = [link["href"] for link in time_map["links"] if link["rel"] == "memento"]
    assert len(mementos) > 1
    assert rels(time_map)["first"] == mementos[0]
    assert rels(time_map)["last"] == rels(time_map)["latest-version"] == mementos[-1]
    walked, address = [], mementos[0]
    while address:
        response = client.get(local(address))
        links = rels(response.json)
        assert links["canonical"] == address
        assert ("predecessor-version" in links) is bool(walked)
        assert links.get("predecessor-version") == (walked[-1] if walked else None)
        assert links["version-history"] == links["timemap"]
        assert ("Memento-Datetime" in response.headers) is (
            response.json["properties"]["valid_from"] is not None
        )
        walked.append(address)
        address = links.get("successor-version", "")
    assert walked == mementos


def test_an_id_with_a_day_names_one_version_for_ever(client: FlaskClient, changed: str) -> None:
    told = client.get(f"/api/collections/plots/items?datetime=../..&key={changed}").json["features"]
    for each in told:
        one = client.get(f"/api/collections/plots/items/{each['id']}").json
        assert {name: one[name] for name in ("id", "properties", "geometry")} == {
            name: each[name] for name in ("id", "properties", "geometry")
        }
    assert client.get(f"/api/collections/plots/items/{changed}@1999-01-01").status_code == 410


@pytest.mark.parametrize("collection", CONTRACTS)
def test_each_feature_is_found_by_its_id(client: FlaskClient, collection: str) -> None:
    for each in client.get(f"/api/collections/{collection}/items?limit=4").json["features"]:
        one = client.get(f"/api/collections/{collection}/items/{each['id']}").json
        assert (one["id"], one["properties"]) == (each["id"], each["properties"])


def test_what_was_not_yet_there_is_gone_and_says_where_it_is(client: FlaskClient) -> None:
    told = client.get("/api/collections/companies/items?limit=1000").json["features"]
    late = next(each for each in told if each["properties"]["valid_from"])
    response = client.get(f"/api/collections/companies/items/{late['id']}?datetime=1990-01-01")
    assert response.status_code == 410
    assert response.json["code"] == "Gone"
    assert {"latest-version", "timemap", "version-history"} <= set(rels(response.json))
    assert "version-history" in response.headers["Link"]


CACHED = (
    "collections",
    "collections/plots",
    "collections/plots/items",
    "collections/plots/items?datetime=2024-04-24&limit=3",
    "collections/plots/items/HK1-001",
    "collections/plots/items/HK1-001/versions",
)


@pytest.mark.parametrize("path", CACHED)
def test_unchanged_data_are_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(f"/api/{path}")
    assert first.headers["Cache-Control"] == "no-cache, public"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(f"/api/{path}", headers={"If-None-Match": first.headers["ETag"]})
    since = client.get(f"/api/{path}", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    other = client.get(f"/api/{path}", headers={"If-None-Match": 'W/"other"'})
    assert [again.status_code, since.status_code, other.status_code] == [304, 304, 200]
    assert again.data == b""
    head = client.head(f"/api/{path}")
    assert (head.status_code, head.data) == (200, b"")


def test_answers_differ_by_what_is_asked(client: FlaskClient) -> None:
    asked = ("", "?limit=3", "?datetime=2018-01-01", "?crs=http://www.opengis.net/def/crs/EPSG/0/25832")
    etags = [client.get(f"/api/collections/plots/items{each}").headers["ETag"] for each in asked]
    assert len(set(etags)) == len(asked)


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_answers_are_compressed(client: FlaskClient, encoding: str) -> None:
    response = client.get("/api/collections/plots/items", headers={"Accept-Encoding": encoding})
    assert response.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in response.headers["Vary"]


PAGES = ("", "conformance", "collections", "collections/plots", "collections/plots/queryables")
ITEMS = (
    "collections/plots/items",
    "collections/companies/items?datetime=../..",
    "collections/plots/items/HK1-001",
    "collections/plots/items/HK1-001/versions",
    "collections/tours/items",
)


@pytest.mark.parametrize("path", PAGES + ITEMS)
@pytest.mark.parametrize("lang", ["de", "en"])
def test_people_get_pages(client: FlaskClient, path: str, lang: str) -> None:
    mark = "&" if "?" in path else "?"
    response = client.get(f"/api/{path}{mark}lang={lang}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    told = response.get_data(as_text=True)
    assert f'<html lang="{lang}">' in told
    assert "style=" not in told
    assert client.get(f"/api/{path}").mimetype.endswith("json")


def test_refusals_are_pages_for_people(client: FlaskClient) -> None:
    response = client.get("/api/collections/plots/items?limit=0", headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert response.mimetype == "text/html"
