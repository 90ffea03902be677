"""The planner's page: what it tells its modules, who gets in where, and the way to it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from app.config import PROJECT_DIR
from app.web.tours.planner import is_of_planner
from tests.web.signing_in import Signed, signed_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

WEB = PROJECT_DIR / "app" / "web"
JS = WEB / "static" / "js"
MODULES = sorted((JS / "planner").rglob("*.js"))
WISH = {
    "park": "heinenkamp-2",
    "on": "2026-05-04",
    "earliest": "13:00",
    "stops": [{"company": "sturm-isotech", "dwell_min": 10}, {"facility": "truck-parking", "dwell_min": 10}],
}


@pytest.fixture
def staff(desk: Flask) -> Signed:
    return signed_in(desk)


def config_of(client: FlaskClient, address: str = "/tours/planner") -> dict[str, Any]:
    """Return what the page tells its modules."""
    html = client.get(address).get_data(as_text=True)
    found = re.search(r'id="map-config">(.*?)</script>', html, re.DOTALL)
    assert found
    config: dict[str, Any] = json.loads(found[1])
    return config


def test_the_page_is_open_to_all_and_sets_no_session(client: FlaskClient) -> None:
    response = client.get("/tours/planner")
    assert response.status_code == 200
    assert "session=" not in response.headers.get("Set-Cookie", "")
    told = config_of(client)["planner"]
    assert (told["isStaff"], told["token"], told["key"]) == (False, None, None)
    assert {park["key"] for park in told["parks"]} == {"heinenkamp-1", "heinenkamp-2"}


def test_the_address_names_a_stop_a_park_and_a_day(client: FlaskClient) -> None:
    config = config_of(client, "/tours/planner?stop=company:kaufland&park=heinenkamp-1&on=2024-04-24")
    assert config["planner"]["stop"] == "company:kaufland"
    assert config["planner"]["park"] == "heinenkamp-1"
    assert config["on"] == "2024-04-24"
    assert client.get("/tours/planner?park=nowhere").status_code == 404
    assert client.get("/tours/planner?on=yesterday").status_code == 400


def test_a_hostile_stop_stays_text(client: FlaskClient) -> None:
    hostile = "</script><script>alert(1)</script>"
    html = client.get("/tours/planner", query_string={"stop": hostile}).get_data(as_text=True)
    assert hostile not in html
    config = json.loads(re.search(r'id="map-config">(.*?)</script>', html, re.DOTALL)[1])  # type: ignore[index]
    assert config["planner"]["stop"] == hostile


def test_a_stored_tour_is_for_staff(desk: Flask, staff: Signed) -> None:
    saved = staff.ask("POST", "/api/tours", {"wish": WISH, "title": "Zwei Stationen"}).get_json()
    address = f"/tours/planner/{saved['key']}"
    refused = desk.test_client().get(address)
    assert refused.status_code == 302
    assert refused.headers["Location"].startswith("/login?next=")
    told = config_of(staff.client, address)["planner"]
    assert told["key"] == saved["key"]
    assert told["isStaff"] is True
    assert told["token"]


def test_drafts_are_listed_for_staff_alone(desk: Flask, staff: Signed) -> None:
    title = "Nur für uns <b>"
    key = staff.ask("POST", "/api/tours", {"wish": WISH, "title": title}).get_json()["key"]
    listed = staff.client.get("/tours").get_data(as_text=True)
    assert f"/tours/planner/{key}" in listed
    assert "Nur für uns &lt;b&gt;" in listed
    for seen in (desk.test_client().get("/tours").get_data(as_text=True),):
        assert "Nur für uns" not in seen
        assert key not in seen
    assert staff.ask("POST", f"/api/tours/{key}/publish", seen=1).status_code == 200
    public = desk.test_client().get("/tours").get_data(as_text=True)
    assert "Nur für uns &lt;b&gt;" in public
    assert f"/tours/planner/{key}" not in public


def test_staff_come_from_a_tour_to_its_plan(desk: Flask, staff: Signed) -> None:
    address, plan = "/tours/rundgang-2024-04-24", 'href="/tours/planner/rundgang-2024-04-24"'
    assert plan in staff.client.get(address).get_data(as_text=True)
    assert plan not in desk.test_client().get(address).get_data(as_text=True)


def test_who_is_signed_in_finds_the_way_out_on_every_page(desk: Flask, staff: Signed) -> None:
    for address in ("/", "/tours", "/daten", "/tours/planner", "/nothing-here"):
        assert 'action="/logout"' in staff.client.get(address).get_data(as_text=True), address
        assert "/logout" not in desk.test_client().get(address).get_data(as_text=True), address


def test_the_list_of_tours_leads_to_the_planner(client: FlaskClient) -> None:
    html = client.get("/tours").get_data(as_text=True)
    assert 'href="/tours/planner"' in html
    page = client.get("/tours/planner").get_data(as_text=True)
    assert re.search(r'href="/tours"\s+aria-current="true"', page)


def test_the_map_page_loads_nothing_of_the_planner(client: FlaskClient) -> None:
    html = client.get("/").get_data(as_text=True)
    loaded_modules = re.findall(r'rel="modulepreload" href="([^"?]+)', html)
    assert loaded_modules
    assert not [name for name in loaded_modules if "/planner/" in name or "/walk/" in name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_makes_html_of_text(path: Any) -> None:
    code = path.read_text("utf-8")
    makers = r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|createContextualFragment"
    assert re.findall(rf"{makers}|\beval\(|new Function", code) == []


def test_modules_import_only_what_the_page_loads() -> None:
    there = {f"#{path.relative_to(JS).with_suffix('').as_posix()}" for path in JS.rglob("*.js")}
    imports = {path: set(re.findall(r'from "([^"]+)"', path.read_text("utf-8"))) for path in MODULES}
    for path, names in imports.items():
        assert names <= there, path.name
        assert all(map(is_of_planner, names)), path.name


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "id" and value]


def test_modules_find_the_elements_they_ask_for() -> None:
    ids = _Ids()
    ids.feed((WEB / "templates" / "tours/planner.html").read_text("utf-8"))
    assert len(ids.found) == len(set(ids.found))
    code = "\n".join(path.read_text("utf-8") for path in MODULES)
    asked = set(re.findall(r'\b(?:find|press)\("([\w-]+)"', code))
    listed = re.search(r"const places = \[([^\]]+)\]", code)
    assert listed
    asked |= set(re.findall(r'"([\w-]+)"', listed[1]))
    assert len(asked) > 12
    assert asked <= set(ids.found)
