"""Behind nginx and a path: every address that leaves the service leads back to it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pyogrio
import pytest

from app.cli.server.webserver import serving
from app.config import Settings, SettingsError
from tests.machine import find_nginx
from tests.web.conftest import Analyst

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.web.conftest import MakeApp

HOST = "viertel.example"
CONFIG = """
pid {folder}/pid; error_log {folder}/error.log; daemon off; worker_processes 1; {user}
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; large_client_header_buffers 4 16k;
  server {{
    listen 127.0.0.1:{port};
    location /hk/ {{
      proxy_pass http://127.0.0.1:{behind}/;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto {scheme};
      proxy_set_header X-Forwarded-Prefix /hk/;
    }}
  }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


OPENER = build_opener(NoRedirects)


def asked(address: str, **headers: str) -> tuple[int, Any, bytes]:
    """Return status, headers and body of an answer."""
    wanted = Request(address, headers={name.replace("_", "-"): text for name, text in headers.items()})
    try:
        with OPENER.open(wanted, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@pytest.fixture(scope="module")
def behind(
    settings: Settings, loaded_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The service behind nginx at ``/hk/``: its address over http, and over what claims to be https."""
    program = find_nginx()
    if program is None:
        pytest.skip("no nginx: run python -m tests.machine, or install the package nginx-light")
    patch = pytest.MonkeyPatch()
    patch.setenv("TRUSTED_PROXY", "127.0.0.1")
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        serving(settings, listener, loaded_url) as server,
    ):
        server.wait_for_answer()
        patch.undo()
        started, addresses = [], []
        for scheme in ("http", "https"):
            folder, port = tmp_path_factory.mktemp("nginx"), free_port()
            config = folder / "nginx.conf"
            user = "user root;" if os.geteuid() == 0 else ""
            told = CONFIG.format(
                folder=folder, port=port, behind=listener.getsockname()[1], scheme=scheme, user=user
            )
            config.write_text(told)
            command = [program, "-c", str(config), "-p", str(folder), "-e", str(folder / "error.log")]
            started.append(subprocess.Popen(command))
            addresses.append(f"http://127.0.0.1:{port}/hk/")
            _wait_for(addresses[-1], folder / "error.log")
        yield addresses[0], addresses[1]
        for each in started:
            each.terminate()
            each.wait()


def _wait_for(address: str, log: Path) -> None:
    until_s = time.monotonic() + 30
    while time.monotonic() < until_s:
        try:
            if asked(f"{address}healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())


PAGES = ("", "daten", "tours", "tours/planner", "login", "api/?f=html", "api/collections/plots/items?f=html",
         "tours/rundgang-2024-04-24", "daten/spalten", "api/openapi.html", "nowhere")  # fmt: skip
LINKED = re.compile(r'(?:href|src|action)="([^"#][^"]*)"')


def test_every_link_of_every_page_stays_behind_the_path(behind: tuple[str, str]) -> None:
    address, _ = behind
    found: set[str] = set()
    for page in PAGES:
        status, _, body = asked(address + page)
        assert status == (404 if page == "nowhere" else 200), page
        links = {
            urljoin(address + page, link.replace("&amp;", "&")) for link in LINKED.findall(body.decode())
        }
        own = {link for link in links if urlsplit(link).netloc == urlsplit(address).netloc}
        assert len(own) > 3, page
        assert all(link.startswith(address) or f"{link}/" == address for link in own), page
        found |= {link.partition("?")[0] for link in own} - {f"{address}nowhere"}
    refused = {link: asked(link)[0] for link in sorted(found)}
    assert {link: status for link, status in refused.items() if status not in {200, 302}} == {}


DOCUMENTS = (
    "api/",
    "api/collections",
    "api/collections/plots/items?limit=2",
    "api/collections/plots/items/HK1-001",
    "api/collections/plots/tiles/WebMercatorQuad",
    "api/openapi.json",
)


def hrefs(document: Any) -> Iterator[str]:
    """Yield all addresses that a document holds."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name in {"href", "url"} and isinstance(value, str):
                yield value
            else:
                yield from hrefs(value)
    elif isinstance(document, list):
        for value in document:
            yield from hrefs(value)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_the_api_stays_behind_the_path(behind: tuple[str, str], document: str) -> None:
    address, _ = behind
    _, headers, body = asked(address + document)
    told = list(hrefs(json.loads(body)))
    told += re.findall(r"<(http[^>]*)>", headers.get("Link", ""))
    own = [href for href in told if "opengis.net" not in href and "opendatacommons" not in href]
    assert own
    assert all(href.startswith(address.rstrip("/")) for href in own)
    for href in own:
        if "{" not in href:
            assert asked(href)[0] == 200, href


def test_host_and_scheme_are_what_the_proxy_says(behind: tuple[str, str]) -> None:
    _, secure = behind
    _, _, body = asked(f"{secure}api/", Host=HOST)
    assert all(href.startswith(f"https://{HOST}/hk/") for href in hrefs(json.loads(body)))
    _, headers, _ = asked(f"{secure}?lang=en", Host=HOST)
    cookie = headers["Set-Cookie"]
    assert "Path=/hk;" in f"{cookie};"
    assert "Secure" in cookie
    status, headers, _ = asked(f"{secure}walkways", Host=HOST)
    assert status == 302
    assert urljoin(f"https://{HOST}/hk/walkways", headers["Location"]).startswith(f"https://{HOST}/hk/login")
    assert "next=/hk/walkways" in headers["Location"].replace("%2F", "/")
    _, _, body = asked(f"{secure}tours/rundgang-2024-04-24/tour.ics", Host=HOST)
    told = body.decode().replace("\r\n ", "")
    assert f"https://{HOST}/hk/tours/rundgang-2024-04-24" in told


def test_gdal_reads_through_the_proxy(behind: tuple[str, str], analyst: Analyst) -> None:
    address, _ = behind
    assert len(analyst(pyogrio.read_dataframe, f"OAPIF:{address}api", layer="plots", PAGE_SIZE="20")) > 80
    assert analyst(pyogrio.read_info, f"/vsicurl/{address}exports/plots.fgb")["features"] > 80


def test_the_map_and_a_walk_without_a_network_work_behind_the_path(
    behind: tuple[str, str], browser: Browser
) -> None:
    address, _ = behind
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="de-DE"
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    page.on("request", lambda sent: wrong.append(sent.url) if not _is_own(sent.url, address) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{address}?on=2024-04-24&sel=company:kaufland")
    page.get_by_role("heading", name="Kaufland").first.wait_for(state="attached")
    page.goto(f"{address}tours/rundgang-2024-04-24/walk")
    page.wait_for_selector('[data-show=offline][data-kept="true"]')
    scope = page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.scope)")
    assert scope.startswith(address)
    context.set_offline(True)
    page.reload()
    assert page.get_by_role("heading").count() > 0
    context.close()
    assert wrong == []


def _is_own(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:"))


FORWARDED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-For": "192.0.2.1",
}


def landing(app: Any, peer: str) -> str:
    answer = app.test_client().get("/api/", headers=FORWARDED, environ_base={"REMOTE_ADDR": peer})
    found: str = answer.json["links"][0]["href"]
    return found


def test_only_a_configured_proxy_is_believed(make_app: MakeApp, settings: Settings, loaded_url: str) -> None:
    plain = make_app(replace(settings, database_url=loaded_url))
    assert landing(plain, "127.0.0.1") == "http://localhost/api/"
    named = Settings.from_environment({"TRUSTED_PROXY": "127.0.0.1, 10.1.0.0/16, ::1"}).trusted_proxies
    behind = make_app(replace(settings, database_url=loaded_url, trusted_proxies=named))
    for peer in ("127.0.0.1", "10.1.2.3", "::1"):
        assert landing(behind, peer) == "https://evil.example/evil/api/"
    for peer in ("127.0.0.2", "10.2.0.1", "", "unix:"):
        assert landing(behind, peer) == "http://localhost/api/"


def test_the_web_server_believes_nobody_by_itself(live_server: str) -> None:
    names = {name.replace("-", "_"): text for name, text in FORWARDED.items()}
    _, _, body = asked(f"{live_server}api/", **names, Script_Name="/evil")
    assert [href for href in hrefs(json.loads(body)) if not href.startswith(live_server)] == []


def test_a_wrong_setting_is_told() -> None:
    with pytest.raises(SettingsError, match=r"TRUSTED_PROXY must be addresses .*“everybody”"):
        Settings.from_environment({"TRUSTED_PROXY": "everybody"})
