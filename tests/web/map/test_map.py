"""The map page as it leaves the server, and the links of companies it asks for."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from app.maps.layers import LAYERS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

MOST_BYTES = 60_000


class Blocks(HTMLParser):
    """The page's scripts: their attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self._open: dict[str, str | None] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self._open = dict(attrs)
            self.scripts.append((self._open, ""))

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._open = None

    def json_of(self, name: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(
            next(text for attributes, text in self.scripts if attributes.get("id") == name)
        )
        return found


def test_the_page_is_small_and_carries_no_data(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert len(response.data) < MOST_BYTES
    assert "Kaufland" not in response.text
    assert "coordinates" not in response.text


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_script_that_runs_carries_the_nonce(client: FlaskClient, language: str) -> None:
    response = client.get(f"/?lang={language}")
    nonce = re.search(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])
    assert nonce
    blocks = Blocks(response.text)
    runs = [attributes for attributes, _ in blocks.scripts if attributes.get("type") != "application/json"]
    assert len(runs) >= 4
    assert {attributes.get("nonce") for attributes in runs} == {nonce[1]}
    assert blocks.json_of("map-config")["language"] == language


def test_the_same_page_comes_twice_but_for_the_nonce(client: FlaskClient) -> None:
    pages = [re.sub(r'nonce="[^"]+"', "", client.get("/").text) for _ in range(2)]
    assert pages[0] == pages[1]


def test_the_first_view_is_that_of_the_parks(client: FlaskClient) -> None:
    west, south, east, north = Blocks(client.get("/").text).json_of("map-config")["box"]  # type: ignore[misc]
    ways = client.get("/exports/parks.geojson").json
    assert ways is not None
    rings = [ring for feature in ways["features"] for ring in feature["geometry"]["coordinates"]]
    xs, ys = zip(*(position for ring in rings for position in ring), strict=True)
    assert (west, south, east, north) == pytest.approx((min(xs), min(ys), max(xs), max(ys)), abs=1e-5)


def test_the_day_is_checked_by_the_server(client: FlaskClient) -> None:
    assert Blocks(client.get("/?on=2021-01-01").text).json_of("map-config")["on"] == "2021-01-01"
    refused = client.get("/?on=2024-02-30")
    assert refused.status_code == 400
    assert "2024-02-30" in refused.text
    assert client.get("/?park=nowhere").status_code == 404


def test_every_layer_is_fed_by_an_export(client: FlaskClient) -> None:
    for name in {name for spec in LAYERS for name in spec.collections}:
        assert client.get(f"/exports/{name}.geojson").status_code == 200, name


def test_successions_name_the_last_and_the_first_day(client: FlaskClient) -> None:
    response = client.get("/map/links.json")
    told = response.json
    assert told is not None
    by_name = {one["successor"]["name"]: one for one in told["successions"]}
    assert by_name["Kaufland"]["predecessor"] == {"key": "real", "name": "real", "last_on": "2021-07-24"}
    assert by_name["Kaufland"]["successor"]["first_on"] == "2021-11-18"
    assert by_name["hagebaumarkt"]["precision"] == "year"
    for one in told["successions"]:
        days = [one["predecessor"]["last_on"], one["successor"]["first_on"]]
        for party, on in zip(("predecessor", "successor"), days, strict=True):
            rows = client.get(f"/exports/companies.geojson?on={on}").json
            assert rows is not None
            assert one[party]["key"] in {row["properties"]["company"] for row in rows["features"]}


def test_meetings_tell_no_part_that_is_not_known(client: FlaskClient) -> None:
    told = client.get("/map/links.json").json
    assert told is not None
    first, second = sorted(told["meetings"], key=lambda meeting: meeting["held_on"])
    assert [part["role"] for part in first["parts"]] == ["hosted"]
    assert second["tour"] == "rundgang-2024-04-24"


def test_unchanged_links_are_not_sent_again(client: FlaskClient) -> None:
    etag = client.get("/map/links.json").headers["ETag"]
    assert client.get("/map/links.json", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(("lang", "title"), [("de", "Unternehmen"), ("en", "Companies")])
def test_companies_as_a_list(client: FlaskClient, lang: str, title: str) -> None:
    """Of a day and a park, umlauts beside their vowels, in the reader's language; those not known apart."""
    html = client.get(f"/companies?lang={lang}&on=2024-04-24&park=heinenkamp-1").text
    assert f"<h1>{title}</h1>" in html
    known, unsure = (
        re.findall(r'<li><a href="[^"]+" lang="de">([^<]+)</a>', part) for part in html.split("<h3>", 1)
    )
    assert known.index("hagebaumarkt") < known.index("Kaufland")
    assert unsure.index("Bäckerei Leifert") < unsure.index("Boels Rental") < unsure.index("HORNBACH")
    assert "STURM Isotech" not in known + unsure
    assert f'<span class="quiet">{len(known)}</span>' in html.split("<h3>", 1)[0]
    assert f'<span class="quiet">{len(unsure)}</span>' in html.split("<h3>", 1)[1]
    assert client.get("/companies?park=nirgends").status_code == 404
    assert client.get("/companies?on=gestern").status_code == 400


def test_long_ago_no_company_is_known_to_have_been_there(client: FlaskClient) -> None:
    """Each is listed, and counted apart; today all are known to be there."""
    html = client.get("/companies?lang=de&on=1900-01-01").text
    assert "Ob schon da, ist nicht bekannt" in html
    assert re.findall(r'<h2 id="park-\d">[^<]+<span class="quiet">(\d+)', html) == ["0", "0"]
    assert "Ob schon da, ist nicht bekannt" not in client.get("/companies?lang=de").text


def test_all_versions_come_in_one_answer_with_their_periods(client: FlaskClient) -> None:
    """What the map's slider moves through: each day cut out of it is what the service tells of that day."""
    for name in ("companies", "facilities", "plots"):
        whole = client.get(f"/api/collections/{name}/items?datetime=../..&limit=10000").json
        assert whole is not None
        assert whole["numberReturned"] == whole["numberMatched"]
        for on in ("1900-01-01", "2016-12-31", "2017-01-01", "2021-07-24", "2024-04-24", "2030-01-01"):
            told = client.get(f"/api/collections/{name}/items?datetime={on}&limit=10000").json
            assert told is not None
            cut = [row["properties"] for row in whole["features"] if _holds_on(row["properties"], on)]
            keys = sorted(row["properties"]["key"] for row in told["features"])
            assert sorted(row["key"] for row in cut) == keys, (name, on)


def _holds_on(row: dict[str, str | None], on: str) -> bool:
    starts, ends = row["valid_from"], row["valid_to"]
    return (starts is None or starts <= on) and (ends is None or on < ends)


def test_the_map_sends_readers_without_scripts_to_the_list(client: FlaskClient) -> None:
    html = client.get("/?on=2021-01-01&park=heinenkamp-2").text
    assert (
        '<noscript><meta http-equiv="refresh"'
        ' content="0; url=/companies?on=2021-01-01&amp;park=heinenkamp-2"></noscript>' in html
    )
