"""The pages: what they tell is what is stored, and every way out of them leads somewhere."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, text

from app.domain.column_words import COLLECTIONS as NAMED
from app.services.features.exporting import COLLECTIONS
from tests.waiting import on_one_day
from tests.web.page_words import links_of, read, words_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

WALK_OF_2024 = "rundgang-2024-04-24"


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
        # Each stands twice: in the menu, and in the one that opens without scripts.
        assert len(addresses) in {16, 22}
        assert addresses[: len(addresses) // 2] == addresses[len(addresses) // 2 :]
        response = client.get(unescape(next(address for address in addresses if ".geojson" in address)))
        assert response.status_code == 200
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert len(response.json["features"]) == int(n_rows.replace(".", "")), addresses


def test_data_page_carries_day_and_park_into_the_links(client: FlaskClient) -> None:
    """The filter changes the links; today needs no day, so that a copied address stays good."""
    assert "/exports/plots.gpkg?on=2021-01-01&amp;park=heinenkamp-1" in read(
        client, "/daten?on=2021-01-01&park=heinenkamp-1"
    )
    page = on_one_day(lambda day: read(client, f"/daten?on={day}"))
    files = [link for link in links_of(page) if link.startswith("/exports/")]
    assert len(set(files)) == 8 * len(COLLECTIONS) + 3
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
