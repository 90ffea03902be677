"""A tour to take along: who gets which file, as what, and what the page for the phone says to browsers."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.web.tours.files import PERMISSIONS
from tests.databases import copy_of, loaded

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.web.conftest import MakeApp

KEY = "rundgang-2024-04-24"
OTHER = "rundgang-heinenkamp-1-brandgehaege"
TYPES = {
    "pdf": "application/pdf",
    "gpx": "application/gpx+xml",
    "ics": "text/calendar",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
}
BEGINNINGS = {
    "pdf": b"%PDF-",
    "gpx": b"<?xml",
    "ics": b"BEGIN:VCALENDAR\r\n",
    "geojson": b'{"type"',
    "kml": b"<?xml",
}


class Site:
    """The service on a database of the test's own, whose rows a test may change."""

    def __init__(self, client: FlaskClient, url: str) -> None:
        self.client = client
        self._engine = make_engine(url)

    def text(self, address: str) -> str:
        """Return what is served there."""
        with self.client.get(address) as answer:
            assert answer.status_code == 200, address
            return answer.get_data(as_text=True)

    def change(self, statement: str, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(text(statement), values)

    def share(self, key: str = KEY) -> str:
        """Open a share link as staff does; return its token."""
        token = secrets.token_urlsafe(24)
        self.change("UPDATE tour_share SET revoked_at = now() WHERE revoked_at IS NULL")
        self.change(
            "INSERT INTO tour_share (token, tour_id) SELECT :token, tour_id FROM tour WHERE key = :key",
            token=token,
            key=key,
        )
        return token

    def status(self, value: str, key: str = KEY) -> None:
        self.change(
            "UPDATE tour SET status = :value, sequence = sequence + 1, changed_at = now() WHERE key = :key",
            value=value,
            key=key,
        )

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture(scope="module")
def site(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Site]:
    with copy_of(cluster, loaded) as url:
        app = make_app(replace(settings, database_url=url))
        made = Site(app.test_client(), url)
        yield made
        made.close()
        app.extensions["engine"].dispose()


@pytest.fixture(autouse=True)
def published(site: Site) -> Iterator[None]:
    yield
    site.change("UPDATE tour SET status = 'published', called_off = NULL")


@pytest.mark.parametrize("form", TYPES)
def test_every_file_comes_as_what_it_is(site: Site, form: str) -> None:
    answer = site.client.get(f"/tours/{KEY}/tour.{form}")
    assert answer.status_code == 200
    assert answer.mimetype == TYPES[form]
    assert answer.data.startswith(BEGINNINGS[form])
    assert f"filename={KEY}.{form}" in answer.headers["Content-Disposition"]
    again = site.client.get(f"/tours/{KEY}/tour.{form}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_is_told_once_more_changes_with_the_data(site: Site) -> None:
    before = site.client.get(f"/tours/{KEY}/tour.gpx")
    site.change("UPDATE tour SET title = 'Neuer Titel' WHERE key = :key", key=KEY)
    after = site.client.get(f"/tours/{KEY}/tour.gpx", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"Neuer Titel" in after.data


def test_files_speak_the_readers_language(site: Site) -> None:
    english = site.client.get(f"/tours/{KEY}/tour.gpx?lang=en").get_data(as_text=True)
    site.client.get("/tours?lang=de")
    german = site.client.get(f"/tours/{KEY}/tour.gpx").get_data(as_text=True)
    assert "<type>Stop</type>" in english
    assert "<type>Station</type>" in german


def test_unknown_tours_and_forms_get_one_sentence(site: Site) -> None:
    assert site.client.get("/tours/nix/tour.gpx").status_code == 404
    assert site.client.get("/tours/nix/walk").status_code == 404
    assert site.client.get("/tours/%00/walk").status_code == 404
    answer = site.client.get(f"/tours/{KEY}/tour.docx")
    assert answer.status_code == 400
    assert "pdf, gpx, ics, geojson, kml" in answer.get_data(as_text=True)


def test_drafts_are_nobodys_but_the_makers(site: Site) -> None:
    site.status("draft")
    for path in ("walk", *(f"tour.{form}" for form in TYPES)):
        assert site.client.get(f"/tours/{KEY}/{path}").status_code == 404, path


def test_a_withdrawn_tour_leaves_the_calendar_that_calls_it_off(site: Site) -> None:
    first = site.client.get(f"/tours/{KEY}/tour.ics").get_data(as_text=True)
    site.status("withdrawn")
    for path in (f"tour.{form}" for form in TYPES if form != "ics"):
        assert site.client.get(f"/tours/{KEY}/{path}").status_code == 404, path
    off = site.client.get(f"/tours/{KEY}/tour.ics").get_data(as_text=True)
    assert "METHOD:PUBLISH" in first
    assert "METHOD:CANCEL" in off
    assert "STATUS:CANCELLED" in off
    number = {
        name: int(re.findall(r"SEQUENCE:(\d+)", told)[0]) for name, told in (("first", first), ("off", off))
    }
    assert number["off"] > number["first"]
    assert re.findall(r"UID:(\S+)", first) == re.findall(r"UID:(\S+)", off)


def test_the_pages_of_a_withdrawn_tour_say_that_it_is_called_off(site: Site) -> None:
    """To everybody, behind a share link and on the phone, too; with what was public of it, and no more."""
    token = site.share()
    site.status("withdrawn")
    times = {"starts_at": "2024-04-24T12:12:40+00:00", "ends_at": "2024-04-24T13:00:00+00:00"}
    known = json.dumps({"title": "Was angekündigt war", **times})
    site.change("UPDATE tour SET called_off = CAST(:known AS jsonb) WHERE key = :key", known=known, key=KEY)
    for address in (f"/tours/{KEY}", f"/tours/{KEY}/walk", f"/s/{token}"):
        for language, told in (
            ("de", "Dieser Rundgang ist abgesagt."),
            ("en", "This tour has been called off."),
        ):
            page = site.client.get(f"{address}?lang={language}")
            shown = page.get_data(as_text=True)
            assert page.status_code == 410, address
            assert told in shown
            assert "Was angekündigt war" in shown
            assert "14:13" in shown
            assert "Rundgang beim zweiten" not in shown
            assert "noindex" in page.headers["X-Robots-Tag"]
            (calendar,) = re.findall(r'href="([^"]+tour\.ics)"', shown)
            assert "METHOD:CANCEL" in site.text(calendar)


def test_a_share_link_opens_a_draft_until_it_is_revoked(site: Site) -> None:
    site.status("draft")
    token = site.share()
    page = site.client.get(f"/s/{token}")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    for form, kind in TYPES.items():
        answer = site.client.get(f"/s/{token}/tour.{form}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
    assert f"/s/{token}" in site.client.get(f"/s/{token}/tour.gpx").get_data(as_text=True)
    site.change("UPDATE tour_share SET revoked_at = now() WHERE token = :token", token=token)
    for path in ("", "/tour.gpx", "/tour.ics", "/tour.pdf"):
        gone = site.client.get(f"/s/{token}{path}")
        assert gone.status_code == 404
        assert "Stellplatz" not in gone.get_data(as_text=True)
    site.client.get("/tours?lang=en")
    told = site.client.get(f"/s/{token}").get_data(as_text=True)
    assert told.count("This link to a tour is not valid, or no longer valid.") == 1
    site.client.get("/tours?lang=de")


@pytest.mark.parametrize("token", ["x", "a" * 32, "..", "%00", "' OR 1=1 --", "ü" * 40])
def test_a_guessed_link_opens_nothing(site: Site, token: str) -> None:
    assert site.client.get(f"/s/{token}").status_code == 404
    assert site.client.get(f"/s/{token}/tour.ics").status_code == 404


def test_only_the_phones_page_may_ask_where_one_is(site: Site) -> None:
    walk = site.client.get(f"/tours/{KEY}/walk")
    assert walk.headers["Permissions-Policy"] == PERMISSIONS
    assert "geolocation=(self)" in PERMISSIONS
    for path in ("/", "/tours", f"/tours/{KEY}", "/walk-worker.js"):
        with site.client.get(path) as answer:
            assert "geolocation=()" in answer.headers["Permissions-Policy"]


def test_the_phones_page_names_all_it_needs(site: Site) -> None:
    """Each file that the page or a module of it asks for is in the list that is kept."""
    html = site.text(f"/tours/{KEY}/walk")
    told = json.loads(re.findall(r'id="walk-page">(.*?)</script>', html, re.S)[0])
    kept = set(told["files"])
    assert told["scope"] == f"/tours/{KEY}/walk"
    asked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))
    assert asked <= kept
    names = json.loads(re.findall(r'<script type="importmap"[^>]*>(.*?)</script>', html, re.S)[0])["imports"]
    for address in kept:
        with site.client.get(address) as answer:
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
        if ".js" in address:
            for name in re.findall(r'from "(#[^"]+)"', site.text(address)):
                assert names[name] in kept, name


def test_the_phones_page_reads_without_scripts(site: Site) -> None:
    html = site.text(f"/tours/{OTHER}/walk")
    assert len(re.findall(r'class="goal"', html)) == 7  # six stops, and back
    assert "Kaufland" in html
    assert re.search(r"<svg[^>]*walk-map", html)


def test_the_worker_is_a_script_that_is_asked_for_again(site: Site) -> None:
    with site.client.get("/walk-worker.js") as answer:
        assert answer.mimetype in {"text/javascript", "application/javascript"}
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]


def test_hostile_texts_stay_texts(site: Site) -> None:
    hostile = "<img src=x onerror=alert(1)></script><b>"
    site.change("UPDATE tour SET title = :title, note = :title WHERE key = :key", title=hostile, key=OTHER)
    site.change("UPDATE tour_stop SET name = :name, note = :name", name=hostile)
    html = site.client.get(f"/tours/{OTHER}/walk").get_data(as_text=True)
    assert "<img" not in html
    assert "<b>" not in html
    assert site.client.get(f"/tours/{OTHER}/tour.pdf").status_code == 200
