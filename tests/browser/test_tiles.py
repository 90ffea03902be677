"""The map of more plots than it draws one by one: tiles are seen, pointed at, picked, narrowed and listed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pyproj import Transformer
from sqlalchemy import text

from app.cli.server.webserver import serving
from app.db.engine import make_engine
from tests.browser.map_steps import opened, record
from tests.databases import copy_of, loaded
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from app.config import Settings
    from app.db.cluster.embedded import Cluster

pytestmark = pytest.mark.browser

N_COLUMNS, N_ROWS, SIDE_M = 72, 71, 40
EAST, NORTH = 622_500, 5_798_000
# A new park of 5,112 plots; nothing of it is there before this day.
FILL = """
INSERT INTO park (key) VALUES ('large');
INSERT INTO park_version (park_id, name, geometry, valid)
SELECT park_id, 'Großer Park', ST_MakeEnvelope(:e, :n, :e + :columns * :side, :n + :rows * :side, 25832),
       '(,)' FROM park WHERE key = 'large';
INSERT INTO plot (park_id, key) SELECT park_id, 'L-' || to_char(i, 'FM0000')
FROM park, generate_series(0, :columns * :rows - 1) i WHERE key = 'large';
INSERT INTO plot_version (plot_id, geometry, label, street, use_status, quality, valid)
SELECT plot_id, ST_MakeEnvelope(x, y, x + :side, y + :side, 25832), 'Los ' || i, 'Straße ' || i / :columns,
       CASE WHEN i % 10 = 0 THEN 'vacant' ELSE 'occupied' END, 'schematic', '[2024-01-01,)'
FROM (SELECT plot_id, i, :e + i % :columns * :side AS x, :n + i / :columns * :side AS y
      FROM plot, LATERAL (SELECT substr(key, 3)::int AS i) n WHERE key LIKE 'L-%') p
"""
TILES_THERE = """
() => {
  const tiles = [...document.querySelectorAll(".leaflet-plots-pane canvas")];
  return tiles.length > 0 && tiles.every((tile) => tile.classList.contains("leaflet-tile-loaded"));
}
"""
PLACE_OF = """
([lat, lon]) => {
  const { map } = parkMaps.park;
  const { x, y } = map.latLngToContainerPoint([lat, lon]);
  const { left, top } = map.getContainer().getBoundingClientRect();
  return [left + x, top + y];
}
"""


@pytest.fixture(scope="module")
def large_server(cluster: Cluster, settings: Settings) -> Iterator[str]:
    """The service on the shipped data and a park of 5,112 plots; its address."""
    with copy_of(cluster, loaded) as url:
        engine = make_engine(url)
        numbers = {"e": EAST, "n": NORTH, "columns": N_COLUMNS, "rows": N_ROWS, "side": SIDE_M}
        with engine.begin() as connection:
            for statement in FILL.split(";"):
                connection.execute(
                    text(statement), {k: v for k, v in numbers.items() if f":{k}" in statement}
                )
        engine.dispose()
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            serving(replace(settings, database_url=url), listener, url) as server,
        ):
            server.wait_for_answer()
            yield server.address


@pytest.fixture
def page(browser: Browser, large_server: str) -> Iterator[Page]:
    watch = Watch(browser, large_server)
    yield watch.new_page(viewport={"width": 1280, "height": 800})
    watch.close()
    assert watch.complaints == []


def middle_of(number: int) -> tuple[float, float]:
    """Return latitude and longitude of the middle of a plot."""
    to_degrees = Transformer.from_crs(25832, 4326)
    row, column = divmod(number, N_COLUMNS)
    return to_degrees.transform(EAST + (column + 0.5) * SIDE_M, NORTH + (row + 0.5) * SIDE_M)


def at(number: int, zoom: float = 17) -> str:
    lat, lon = middle_of(number)
    return f"#{zoom}/{lat:.5f}/{lon:.5f}"


def test_a_plot_in_a_tile_is_pointed_at_and_picked(page: Page) -> None:
    opened(page, f"/{at(2500)}")
    page.wait_for_function(TILES_THERE)
    assert page.locator("path.plot").count() == 0
    assert page.inner_text("#tab-plots .tab-count") == "5.199"
    x, y = page.evaluate(PLACE_OF, middle_of(2501))
    page.mouse.move(x, y)
    page.wait_for_selector(".tip >> text=Los 2501")
    page.mouse.click(x, y)
    page.wait_for_selector(".card-name >> text=Los 2501")
    assert "sel=plot:L-2501" in page.url
    assert "Straße 34" in page.inner_text("#card")
    assert page.locator("path.chosen-line").count() == 1
    page.keyboard.press("Escape")
    page.wait_for_selector("#browse:visible")
    # Beside all plots there is nothing to pick, but the selection is left.
    assert "sel=" not in page.url


def test_lists_and_filters_ask_the_service_and_narrow_the_tiles(page: Page) -> None:
    opened(page, f"/?tab=plots{at(0)}")
    record(page, "plot:HK1-001").wait_for()
    assert page.locator(".record").count() == 100
    page.locator("#list .empty button").click()
    page.wait_for_function("() => document.querySelectorAll('.record').length === 200")
    page.fill("#q", "strasse 34 los 2450")
    record(page, "plot:L-2450").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.record').length === 1")
    page.fill("#q", "")
    chip = page.locator('.filter-chip[data-value="vacant"] .filter-count')
    page.wait_for_function("() => document.querySelectorAll('.record').length === 100")
    n_vacant = int(chip.inner_text())
    with page.expect_response(lambda answer: "/tiles/" in answer.url and "vacant" in answer.url):
        chip.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.record-sub')].every((row) => row.textContent.includes('frei'))"
    )
    assert f"{n_vacant}" in page.inner_text("#list .empty p")
    record(page, "plot:L-0000").click()
    page.wait_for_selector(".card-name >> text=Los 0")


def test_a_park_without_plots_is_seen_and_says_so(page: Page) -> None:
    """Its outline fills the map; the lists say that there is nothing, and lead to the other parks."""
    opened(page, "/?park=large&on=2023-12-31")
    assert page.locator(".tab-count").all_inner_texts() == ["0", "0", "0", "0"]
    for tab in ("companies", "plots", "facilities", "tours"):
        page.click(f"#tab-{tab}")
        lines = page.locator("#list .empty").inner_text().split("\n")
        assert [line for line in lines if line] == [
            "An diesem Tag ist hier nichts verzeichnet.",
            "Alle zeigen",
        ]
    sizes = page.locator("path.park-ground").evaluate_all(
        "paths => paths.map(path => path.getBoundingClientRect().height)"
    )
    assert max(sizes) > 400
    page.locator("#list .empty button").click()
    page.wait_for_function("() => Number(document.querySelector('#tab-tours .tab-count').innerText) > 0")


def test_on_a_day_with_fewer_plots_they_are_drawn_as_ever(page: Page) -> None:
    opened(page, "/?sel=plot:L-0100")
    page.wait_for_selector(".card-name >> text=Los 100")
    page.fill("#on", "31.12.2023")
    page.press("#on", "Enter")
    page.wait_for_selector("path.plot", state="attached")
    assert page.locator(".leaflet-plots-pane canvas").count() == 0
    assert "L-0100" in page.inner_text("#card")
    page.click(".date-today")
    page.wait_for_function(TILES_THERE)
    assert page.locator("path.plot").count() == 0
