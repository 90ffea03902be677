"""The pages: what they tell is what is stored, and every way out of them leads somewhere."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from app import create_app
from app.config import Settings
from app.db.embedded import Cluster
from app.domain.collection_words import COLLECTIONS as NAMED
from app.domain.crs import STORAGE_CRS
from app.errors import SetupError
from app.request import today
from app.services.exporting import COLLECTIONS
from app.web import formats
from app.web.sketch import SIZE_PX, Sketch, tour_sketch
from tests.databases import copy_of
from tests.web.conftest import MakeApp

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

NBSP = "\N{NO-BREAK SPACE}"
WALK_OF_2024 = "rundgang-2024-04-24"


class Links(HTMLParser):
    """Gathers the addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"href", "src", "action"} and value]


def links_of(html: str) -> list[str]:
    """Return every address in `html`."""
    links = Links()
    links.feed(html)
    return links.found


def read(client: FlaskClient, address: str, status: int = 200) -> str:
    """Return the page at `address`, whose status must be `status`."""
    response = client.get(address)
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    return response.get_data(as_text=True)


def words_of(html: str) -> str:
    """Return the text of a page in one line."""
    visible = re.sub(r"(?s)<(script|style|title)\b.*?</\1>", " ", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", visible)).replace(NBSP, " "))


# --- what the pages tell


def test_list_tells_every_tour_as_stored(client: FlaskClient, loaded_connection: Connection) -> None:
    """Title, day, stops and length of each tour, summed by PostGIS."""
    rows = loaded_connection.execute(
        text(
            "SELECT title, to_char(starts_at AT TIME ZONE 'Europe/Berlin', 'DD.MM.YYYY') AS day, "
            "(SELECT count(*) FROM tour_stop s WHERE s.tour_id = t.tour_id) AS n_stops, "
            "(SELECT round(sum(ST_Length(geometry)))::int FROM tour_leg l WHERE l.tour_id = t.tour_id) AS m "
            "FROM tour t"
        )
    ).all()
    shown = words_of(read(client, "/tours"))
    assert len(rows) == 2
    for row in rows:
        assert row.title in shown
        assert row.day in shown
        assert f"Stationen {row.n_stops} " in shown
        assert f"{row.m:,} m".replace(",", ".") in shown


def test_timetable_adds_up(client: FlaskClient, loaded_connection: Connection) -> None:
    """Arrivals worked out step by step from stored seconds and minutes stand on the page, in order."""
    stops = loaded_connection.execute(
        text(
            "SELECT s.name, s.dwell_min, coalesce(l.walk_s, 0) AS walk_s FROM tour t JOIN tour_stop s USING "
            "(tour_id) LEFT JOIN tour_leg l ON l.tour_id = t.tour_id AND l.position = s.position "
            "WHERE t.key = :key ORDER BY s.position"
        ),
        {"key": WALK_OF_2024},
    ).all()
    clock, expected = datetime(2024, 4, 24, 14), []  # noqa: DTZ001  a watch in the park
    half = timedelta(seconds=30)  # a watch without a second hand shows the nearest minute
    for stop in stops:
        leaves = clock + timedelta(minutes=stop.dwell_min)
        expected.append(
            rf"{clock + half:%H:%M} Uhr \d {re.escape(stop.name)}.*?{stop.dwell_min:.0f} Min\. Aufenthalt, "
            rf"bis {leaves + half:%H:%M} Uhr"
        )
        clock = leaves + timedelta(seconds=stop.walk_s)
    assert re.search(".*?".join(expected), words_of(read(client, f"/tours/{WALK_OF_2024}")))


def test_assumed_times_and_approximate_places_are_marked(client: FlaskClient) -> None:
    """The walk of 2024: times assumed; STURM Isotech and Bildhauerei Scheer are placed by street only."""
    shown = words_of(read(client, f"/tours/{WALK_OF_2024}"))
    assert "Zeiten angenommen" in shown
    for firm in ("STURM Isotech", "Bildhauerei Scheer"):
        assert f"{firm} Lage ungefähr" in shown
    assert "in Luftlinie abseits der Wege" in shown


def test_source_of_a_tour_is_linked(client: FlaskClient) -> None:
    """The source opens at its publisher, who learns nothing about the reader's page."""
    html = read(client, f"/tours/{WALK_OF_2024}")
    link = re.search(r'<a href="(https://www\.wolfsburg-ag\.com/[^"]+)" rel="([^"]+)"', html)
    assert link
    assert {"noopener", "noreferrer"} <= set(link[2].split())


def test_data_page_offers_every_collection() -> None:
    """What can be taken out is what the page has words for."""
    assert NAMED.keys() == COLLECTIONS.keys()


@pytest.mark.parametrize(
    "query", ["", "?on=2021-01-01", "?on=2024-04-24&park=heinenkamp-1", "?park=heinenkamp-2"]
)
def test_data_page_counts_what_its_links_deliver(client: FlaskClient, query: str) -> None:
    """Every link saves a file, with as many features as its row says."""
    html = read(client, "/daten" + query)
    rows = re.findall(r'is-number">([\d.]+)</td>(.*?)</tr>', html, re.DOTALL)
    assert len(rows) == len(COLLECTIONS)
    for n_rows, menu in rows:
        addresses = re.findall(r'<a class="dropdown-item download" href="([^"]+)"', menu)
        assert len(addresses) in {8, 11}
        response = client.get(unescape(next(address for address in addresses if ".geojson" in address)))
        assert response.status_code == 200
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert len(response.json["features"]) == int(n_rows.replace(".", "")), addresses


def test_data_page_carries_day_and_park_into_the_links(client: FlaskClient) -> None:
    """The filter changes the links; today needs no day, so that a copied address stays good."""
    assert "/exports/plots.gpkg?on=2021-01-01&amp;park=heinenkamp-1" in read(
        client, "/daten?on=2021-01-01&park=heinenkamp-1"
    )
    files = [link for link in links_of(read(client, f"/daten?on={today()}")) if link.startswith("/exports/")]
    assert len(files) == 8 * len(COLLECTIONS) + 3
    assert not [link for link in files if "on=" in link]


def test_attribution_stands_on_every_page(client: FlaskClient) -> None:
    """The licence asks for it."""
    for address in ("/tours", f"/tours/{WALK_OF_2024}", "/daten", "/nirgends"):
        shown = words_of(client.get(address).get_data(as_text=True))
        assert "© OpenStreetMap contributors" in shown
        assert "ODbL 1.0" in shown
        assert "Grundstücke schematisch, kein Kataster" in shown


def test_no_link_is_dead(client: FlaskClient) -> None:
    """Every address on every page reachable from the start answers."""
    seen, todo = set(), ["/", "/nirgends"]
    while todo:
        address = todo.pop()
        if address in seen or not address.startswith("/"):
            continue
        seen.add(address)
        # Whole files are read where they are proved.
        ask = client.head if address.startswith("/exports/") else client.get
        response = ask(address)
        assert response.status_code == (404 if address.startswith("/nirgends") else 200), address
        if response.mimetype == "text/html":
            todo += links_of(response.get_data(as_text=True))
        response.close()
    assert {"/", "/tours", "/daten", f"/tours/{WALK_OF_2024}"} <= seen


# --- refusals


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/nirgends", 404, "Unter dieser Adresse gibt es nichts."),
        ("/tours/nirgends", 404, "Es gibt keinen Rundgang „nirgends“."),
        ("/daten?on=2024-02-30", 400, "„2024-02-30“ ist kein Tag; erwartet wird JJJJ-MM-TT"),
        ("/daten?on=gestern", 400, "„gestern“ ist kein Tag"),
        ("/daten?park=nirgends", 404, "Es gibt kein Gewerbegebiet „nirgends“"),
        ("/?on=2024-02-30", 400, "„2024-02-30“ ist kein Tag"),
    ],
)
def test_bad_address_is_told_in_one_sentence(
    client: FlaskClient, address: str, status: int, said: str
) -> None:
    """As a page, with a way back."""
    html = read(client, address, status)
    assert said in words_of(html)
    assert 'href="/"' in html
    assert "Traceback" not in html


def test_refusal_is_json_where_data_are_asked_for(client: FlaskClient) -> None:
    """Under /api and /exports, in the language asked for."""
    for address in ("/api/nirgends", "/exports/nirgends.geojson", "/exports/plots.geojson?on=2024-02-30"):
        response = client.get(address)
        assert response.mimetype == "application/json"
        assert set(response.json) == {"code", "description", "error"}
    client.set_cookie("lang", "en")
    assert client.get("/api/nirgends").json["error"] == "There is nothing at this address."


def test_pages_can_only_be_read(client: FlaskClient) -> None:
    """405 names the methods that are allowed."""
    response = client.post("/tours", data={"title": "x"})
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "Diese Adresse lässt sich nur lesen." in words_of(response.get_data(as_text=True))


def test_unforeseen_error_shows_a_number_and_no_trace(
    make_app: MakeApp, settings: Settings, loaded_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The log holds the trace under the number that the reader sees."""
    app = make_app(replace(settings, database_url=loaded_url))

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("innermost secret")

    with caplog.at_level(logging.ERROR):
        html = read(app.test_client(), "/broken", 500)
    number = re.search(r"unter der Nummer ([0-9a-f]{8}) festgehalten", html)
    assert number
    assert "secret" not in html
    assert number[1] in caplog.text
    assert "innermost secret" in caplog.text


def test_absent_database_is_told(
    make_app: MakeApp, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """503 on pages, in data and for the watchman; the password stays out of the log."""
    url = "postgresql+psycopg://someone:sesame@127.0.0.1:9/none"
    client = make_app(replace(settings, database_url=url)).test_client()
    assert "Die Datenbank antwortet zurzeit nicht." in words_of(read(client, "/tours", 503))
    assert client.get("/healthz").json["error"] == "Die Datenbank antwortet zurzeit nicht."
    assert client.get("/exports/plots.geojson").status_code == 503
    assert "sesame" not in caplog.text


def test_database_without_tables_is_told(
    make_app: MakeApp, settings: Settings, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """503 as well: whoever looks after the service has to set it up."""
    with copy_of(cluster, empty) as url:
        client = make_app(replace(settings, database_url=url)).test_client()
        shown = words_of(read(client, "/tours", 503))
    assert "Die Datenbank ist nicht für diese Version des Dienstes eingerichtet." in shown
    assert "does not exist" in caplog.text


def empty(connection: Connection) -> None:
    """Fill a template with nothing."""


def test_no_database_named(settings: Settings) -> None:
    """An application cannot be made of nothing."""
    with pytest.raises(SetupError, match="set DATABASE_URL"):
        create_app(settings)


def test_healthz(client: FlaskClient) -> None:
    """Well, and never from a cache."""
    response = client.get("/healthz")
    assert response.json == {"status": "ok"}
    assert response.headers["Cache-Control"] == "no-store"


# --- numbers and days


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", ["1.234,5", f"12.345{NBSP}m²", "24.04.2024", f"14:05{NBSP}Uhr", f"8{NBSP}Min.", "–"]),
        ("en", ["1,234.5", f"12,345{NBSP}m²", f"24{NBSP}Apr{NBSP}2024", "14:05", f"8{NBSP}min", "–"]),
    ],
)
def test_formats(app: Flask, language: str, expected: list[str]) -> None:
    """As the design writes them."""
    with app.test_request_context(f"/?lang={language}"):
        written = [
            formats.number(1234.49, 1),
            formats.square_metres(12345.4),
            formats.day(date(2024, 4, 24)),
            formats.clock(time(14, 5)),
            formats.minutes(8.3),
            formats.metres(float("nan")),
        ]
    assert written == expected


def test_instants_are_told_in_the_parks_time(app: Flask) -> None:
    """22:30 UTC in summer is half past midnight of the next day in Wolfsburg."""
    instant = datetime.fromisoformat("2024-06-30T22:30:00+00:00")
    with app.test_request_context("/"):
        assert formats.day(instant) == "01.07.2024"
        assert formats.clock(instant) == f"00:30{NBSP}Uhr"
        assert formats.clock("09:07") == f"09:07{NBSP}Uhr"


# --- the drawing


def drawn(points: list[tuple[float, float]], on_network: list[bool]) -> Sketch:
    """Return the sketch of a tour through `points`, with a square plot around them all."""
    lines = [shapely.LineString(pair) for pair in pairwise(points)]
    legs = gpd.GeoDataFrame({"is_on_network": on_network[: len(lines)]}, geometry=lines, crs=STORAGE_CRS)
    stops = gpd.GeoDataFrame(
        {"position": range(1, len(points) + 1)}, geometry=[shapely.Point(p) for p in points], crs=STORAGE_CRS
    )
    around = shapely.box(*shapely.total_bounds(legs.geometry.to_numpy())).buffer(1000)
    plots = gpd.GeoDataFrame(geometry=[around], crs=STORAGE_CRS)
    return tour_sketch(legs, stops, plots, plots.iloc[:0])


places = st.tuples(st.integers(0, 900), st.integers(0, 900)).map(
    lambda p: (600000.0 + p[0], 5800000.0 + p[1])
)


@settings(deadline=None, max_examples=60)
@given(st.lists(places, min_size=2, max_size=6, unique=True), st.lists(st.booleans(), min_size=6, max_size=6))
def test_sketch_is_a_scaled_map(points: list[tuple[float, float]], on_network: list[bool]) -> None:
    """Stops lie inside, north is up, one scale for both directions, a margin of 30 pixels."""
    sketch = drawn(points, on_network)
    at = {n: (mark.x, mark.y) for mark in sketch.marks for n in map(int, mark.text.split("·"))}
    assert set(at) == set(range(1, len(points) + 1))
    pixels = np.array([at[n] for n in sorted(at)])
    assert (pixels >= 0).all()
    assert (pixels <= SIZE_PX).all()
    metres = np.array(points)
    low, high = metres.min(axis=0), metres.max(axis=0)
    inner = np.array(SIZE_PX) - 60
    scale = min(inner / np.maximum(high - low, (250, 1)))
    expected = np.array(SIZE_PX) / 2 + (metres - (low + high) / 2) * (scale, -scale)
    # Stops less than 12 pixels apart share the mark of the first.
    assert np.hypot(*(pixels - expected).T).max() < 12.2


def test_sketch_tells_straight_parts_apart() -> None:
    """What is off the network is drawn by a path of its own; a plot is a closed shape."""
    sketch = drawn([(600000, 5800000), (600300, 5800000), (600300, 5800200)], [True, False])
    assert sketch.walk.count("M") == 1
    assert sketch.straight.count("M") == 1
    assert sketch.walk != sketch.straight
    assert sketch.plots.endswith("Z")
    assert sketch.streets == ""
