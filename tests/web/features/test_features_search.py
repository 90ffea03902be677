"""Long filters: in an address, in a body, and refused in the API's own words where they are too long."""

from __future__ import annotations

import http.client
import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pyogrio
import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

SEARCH = "/api/collections/plots/search"
ITEMS = "/api/collections/plots/items"
TEXT, JSON = "text/plain", "application/json"


def posted(client: FlaskClient, body: str, kind: str = TEXT, address: str = SEARCH) -> Any:
    return client.post(address, data=body.encode(), content_type=kind)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json["features"]]


def long_filter(n_characters: int) -> str:
    """Return a filter of so many characters that a few plots meet."""
    head, tail = "key IN ('HK1-001', 'HK2-002', '", "')"
    return head + "x" * (n_characters - len(head) - len(tail)) + tail


def test_a_filter_in_the_body_finds_what_it_finds_in_the_address(client: FlaskClient) -> None:
    text = "use_status = 'occupied' AND area_m2 > 5000"
    told = {
        "op": "and",
        "args": [
            {"op": "=", "args": [{"property": "use_status"}, "occupied"]},
            {"op": ">", "args": [{"property": "area_m2"}, 5000]},
        ],
    }
    asked = {"limit": 1000, "datetime": "2024-04-24", "sortby": "-area_m2"}
    expected = ids(client.get(ITEMS, query_string={**asked, "filter": text}))
    assert len(expected) > 3
    address = f"{SEARCH}?{urlencode(asked)}"
    assert ids(posted(client, text, TEXT, address)) == expected
    assert ids(posted(client, json.dumps(told), JSON, address)) == expected
    assert ids(posted(client, "", TEXT, address)) == ids(client.get(ITEMS, query_string=asked))


def test_pages_of_a_search_are_the_whole(client: FlaskClient) -> None:
    text = "use_status = 'occupied'"
    expected = ids(client.get(ITEMS, query_string={"limit": 1000, "filter": text}))
    address, found = f"{SEARCH}?limit=7&use_status=occupied", []
    while address:
        answer = posted(client, text, TEXT, address)
        found += ids(answer)
        further = [each for each in answer.json["links"] if each["rel"] == "next"]
        assert all(each["method"] == "POST" for each in further)
        parts = urlsplit(further[0]["href"]) if further else None
        address = f"{parts.path}?{parts.query}" if parts else ""
    assert found == expected
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_search_can_be_downloaded(client: FlaskClient, tmp_path: Path) -> None:
    text = long_filter(20_000)
    links = {each["type"]: each for each in posted(client, text).json["links"] if each["rel"] == "enclosure"}
    link = links["application/geopackage+sqlite3"]
    assert link["method"] == "POST"
    answer = posted(client, text, TEXT, urlsplit(link["href"]).path)
    path = tmp_path / "found.gpkg"
    path.write_bytes(answer.data)
    answer.close()
    assert pyogrio.read_info(path)["features"] == 2


def test_pages_of_others_may_search(client: FlaskClient) -> None:
    asked = client.options(SEARCH, headers={"Origin": "https://example.org"})
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in client.post("/api/tours/plan", json={}).headers


@pytest.mark.parametrize(
    ("body", "kind", "address", "status", "told"),
    [
        ("use_status ==", TEXT, SEARCH, 400, "use_status ="),
        ("{", JSON, SEARCH, 400, "“{”"),
        ("nothing = 1", TEXT, SEARCH, 400, "nothing"),
        ("true", "text/html", SEARCH, 415, "text/plain"),
        ("filter=true", "application/x-www-form-urlencoded", SEARCH, 415, "text/plain"),
        ('{"filter": true}', JSON, SEARCH, 400, '{"op": "=", '),
        ('{"filter": "key = 1", "limit": 3}', JSON, SEARCH, 400, "member “filter”"),
        ('{"filter": "key = 1"}', TEXT, SEARCH, 400, "member “filter”"),
        ('{"op": "not", "args": [true]}', TEXT, SEARCH, 400, "application/json"),
        ("true", TEXT, ITEMS, 405, f"{SEARCH}."),
        ("{}", JSON, "/api/collections/none/items", 405, "/api/collections/none/search."),
        ("{}", JSON, "/api/collections/plots/queryables", 405, "This address is read-only."),
        ("true", TEXT, f"{SEARCH}?filter=true", 400, "filter"),
        ("true", TEXT, f"{SEARCH}?f=json", 400, "“f”"),
        ("true", TEXT, "/api/collections/none/search", 404, "none"),
        ("true", TEXT, f"{SEARCH}?park=nowhere", 404, "nowhere"),
        (long_filter(100_001), TEXT, SEARCH, 400, "100000"),
        ("x" * (2**20 + 1), TEXT, SEARCH, 413, "larger"),
    ],
)
def test_refusals(  # noqa: PLR0917  one a column
    client: FlaskClient, body: str, kind: str, address: str, status: int, told: str
) -> None:
    address += f"{'&' if '?' in address else '?'}lang=en"
    answer = posted(client, body, kind, address)
    assert answer.status_code == status
    assert set(answer.json) == {"code", "description", "error"}
    assert told in answer.json["error"]


def test_a_body_that_is_no_text_is_refused(client: FlaskClient) -> None:
    answer = client.post(SEARCH, data=b"key = '\xe4'", content_type=TEXT)
    assert answer.status_code == 400
    assert client.get(SEARCH).status_code == 405


def test_features_say_what_is_allowed(client: FlaskClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.open(ITEMS, method=method, data="true", content_type=TEXT)
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert (SEARCH in answer.json["error"]) == (method == "POST")


def asked(server: str, target: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    parts = urlsplit(server)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request("GET", target, headers=headers or {})
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] in {JSON, "application/geo+json"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    body = json.loads(answer.read())
    connection.close()
    return answer.status, body


def test_the_web_server_takes_long_addresses_and_refuses_longer_ones_as_the_api_does(
    live_server: str,
) -> None:
    def target(n_characters: int) -> str:
        empty = f"{ITEMS}?{urlencode({'filter': long_filter(100)})}"
        return f"{ITEMS}?{urlencode({'filter': long_filter(100 + n_characters - len(empty))})}"

    # “GET ”, the address, “ HTTP/1.1”
    longest = target(8190 - len("GET  HTTP/1.1"))
    status, found = asked(live_server, longest)
    assert (status, found["numberMatched"]) == (200, 2)
    for n_characters in (len(longest) + 1, 20_000, 300_000):
        status, told = asked(live_server, target(n_characters))
        assert (status, told["code"]) == (414, "InvalidParameterValue")
        assert "8190" in told["error"]
        assert told["error"] == told["description"]
    status, told = asked(live_server, ITEMS, {"X-Long": "x" * 20_000})
    assert status == 431
    assert told["error"].endswith(".")


def test_letters_typed_in_two_parts_are_the_same_letters(client: FlaskClient) -> None:
    """As some keyboards and file systems have umlauts: a letter, and the dots behind it."""
    items = "/api/collections/companies/items"
    composed = client.get(items, query_string={"street": "Hohenbüchen"}).get_json()["numberMatched"]
    apart = unicodedata.normalize("NFD", "Hohenbüchen")
    assert apart != "Hohenbüchen"
    assert composed > 0
    for asked in (
        {"street": apart},
        {"filter": f"street = '{apart}'"},
        {"filter": f"street LIKE '{apart}%'"},
    ):
        assert client.get(items, query_string=asked).get_json()["numberMatched"] == composed
