"""The map's frame: nothing foreign, nothing random, nothing that data could break out of."""

from __future__ import annotations

import base64
import json
import re
import string
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import folium
import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.domain.crs import STORAGE_CRS
from app.domain.kinds import CompanyRelation, FacilityKind, SectorGroup, UseStatus
from app.domain.localizer import localizer_for
from app.machine.catalogs import module_texts
from app.maps import messages as texts
from app.maps.base import MapParts, script_json
from app.maps.layers import LAYERS
from app.maps.page import NOWHERE, Basemap, Surroundings, page_config, park_map, view_of
from app.maps.standalone import MAP_ROOMS, ONLINE, STATIC, embedded_modules, inlined_style
from app.maps.styles import SECTOR_STYLES, style_table
from app.web.static_files import LIBRARIES

BOX = (10.72, 52.36, 10.76, 52.38)
HOSTILE = "<img src=x onerror=alert(1)></script><b>`${alert(2)}`\u2028'\"\\"
JS = STATIC / "js"
MODULES = {
    name: path
    for path in sorted(JS.rglob("*.js"))
    if (name := f"#{path.relative_to(JS).with_suffix('').as_posix()}").startswith(MAP_ROOMS)
}
# What libraries import themselves.
INNER = {"@mapbox/point-geometry"}


def made(**more: object) -> MapParts:
    return park_map(BOX, Surroundings(lambda name: f"/static/{name}", str, **more))  # type: ignore[arg-type]


def test_only_the_files_named_are_loaded() -> None:
    parts = made()
    assert parts.scripts == ("/static/vendor/leaflet/dist/leaflet.js",)
    assert parts.styles == ("/static/vendor/leaflet/dist/leaflet.css",)
    assert "://" not in parts.script + parts.html


def test_other_maps_of_the_process_keep_their_own_files() -> None:
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    made()
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before


def test_equal_maps_are_equal_to_the_byte() -> None:
    assert made() == made()


def test_every_layer_stands_in_the_script_once_in_its_order() -> None:
    script = made().script
    places = [script.index(f'"id":{json.dumps(spec.layer_id)}') for spec in LAYERS]
    assert places == sorted(places)
    heights = [spec.z_index for spec in LAYERS]
    assert heights == sorted(set(heights))


def test_a_hostile_translation_or_notice_stays_text() -> None:
    parts = park_map(BOX, Surroundings(str, lambda _: HOSTILE, Basemap("https://t/{z}/{x}/{y}", HOSTILE)))
    assert "<img" not in parts.script
    assert "</script" not in parts.script.lower()
    assert "\u2028" not in parts.script
    for name in ("attribution", "zoomInTitle"):
        written = re.search(rf'"{name}":\s*("(?:[^"\\]|\\.)*")', parts.script)
        assert written, name
        text = json.loads(written[1])
        assert text == (escape(HOSTILE) if name == "attribution" else HOSTILE)
    assert HOSTILE not in parts.script


@given(st.text(alphabet=string.printable + "äß€\u2028\u2029<>&", max_size=60))
def test_json_in_a_script_is_the_same_value_and_cannot_end_it(text: str) -> None:
    written = script_json({"x": [text]})
    assert json.loads(written) == {"x": [text]}
    assert not set("<>&\u2028\u2029") & set(written)


def test_a_base_map_is_there_only_when_configured() -> None:
    assert "tileLayer" not in made().script
    assert "tileLayer" in made(basemap=Basemap("https://t/{z}/{x}/{y}", "owner")).script


def test_the_view_holds_the_parks_and_is_wolfsburg_without_any() -> None:
    park = gpd.GeoDataFrame(geometry=[shapely.box(617000, 5803000, 618000, 5804000)], crs=STORAGE_CRS)
    west, south, east, north = view_of(park)
    corners = gpd.GeoSeries.from_xy([west, east], [south, north], crs=4326).to_crs(STORAGE_CRS)
    assert corners.x.to_list() == pytest.approx([617000, 618000], abs=30)
    assert corners.y.to_list() == pytest.approx([5803000, 5804000], abs=30)
    assert view_of(park.iloc[:0]) == NOWHERE


def test_every_kind_has_its_style() -> None:
    table = style_table()
    for name, kinds in {
        "plots": UseStatus,
        "sectors": SectorGroup,
        "facilities": FacilityKind,
        "relations": CompanyRelation,
    }.items():
        assert list(table[name]) == [str(kind) for kind in kinds] or set(table[name]) == set(map(str, kinds))


@pytest.mark.parametrize("language", ["de", "en"])
def test_sector_letters_differ(language: str) -> None:
    letters = [
        localizer_for(language).translate(str(style["label"]))[0].upper() for style in SECTOR_STYLES.values()
    ]
    assert len(set(letters)) == len(letters)


def test_colors_of_one_kind_differ() -> None:
    for styles in style_table().values():
        looks = [(style["color"], style.get("line"), style.get("pattern")) for style in styles.values()]
        assert len(set(looks)) == len(looks)


def said_by_modules() -> set[str]:
    """Return every text literal that a module hands to `t`, `tn` or `N_`, found by their signs alone."""
    said: set[str] = set()
    for path in sorted((STATIC / "js").rglob("*.js")):
        code = path.read_text("utf-8")
        said |= set(re.findall(r'\b(?:t|N_)\(\s*"((?:[^"\\]|\\.)*)"', code))
        for pair in re.findall(r'\btn\([^"]*?"([^"]*)",\s*"([^"]*)"', code):
            said |= set(pair)
    return said


def test_every_text_of_the_modules_is_gathered_and_translated() -> None:
    """None is lost inside a template or another call, where gathering is known to miss some."""
    assert set(module_texts()) - set(texts.labels()) == said_by_modules() - set(texts.labels())
    assert said_by_modules() - set(texts.messages("de", str)) == {"Name", "Pause", "Website", "optional"}


def test_messages_leave_out_what_stays_english() -> None:
    assert texts.messages("en", str) == {}
    german = texts.messages("de", localizer_for("de").translate)
    assert german["Copy link"] == "Link kopieren"
    assert german["{n} plots"] == "{n} Grundstücke"
    assert german[texts.labels()[0]] == localizer_for("de").translate(texts.labels()[0])


@pytest.mark.parametrize("path", MODULES.values(), ids=lambda path: path.stem)
def test_no_module_makes_html_of_text(path: Path) -> None:
    code = path.read_text("utf-8")
    makers = r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|createContextualFragment"
    ways = rf"{makers}|\beval\(|new Function"
    assert re.findall(ways, code) == []


def imports_of(path: Path) -> set[str]:
    return set(re.findall(r' from "([^"]+)"', path.read_text("utf-8")))


def test_modules_import_only_one_another_and_those_online_libraries_too() -> None:
    names = MODULES.keys() - ONLINE
    for name, path in MODULES.items():
        assert imports_of(path) <= (names | set(LIBRARIES) if name in ONLINE else names), path
    assert {name for path in MODULES.values() for name in imports_of(path)} >= {*LIBRARIES} - INNER


def test_embedded_modules_are_the_files() -> None:
    embedded = embedded_modules()
    assert set(embedded) == MODULES.keys() - ONLINE
    for name, address in embedded.items():
        kind, _, body = address.partition(";base64,")
        assert kind == "data:text/javascript"
        assert base64.b64decode(body) == MODULES[name].read_bytes()


def test_an_inlined_style_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "dot.png").write_bytes(b"png")
    sheet = tmp_path / "a.css"
    sheet.write_text("a{background:url(dot.png)} b{background:url('https://x/y.png')} </style><i>", "utf-8")
    inlined = inlined_style(sheet)
    assert f"url(data:image/png;base64,{base64.b64encode(b'png').decode()})" in inlined
    assert "https:" not in inlined
    assert "</style" not in inlined


def test_config_is_json_with_what_it_was_given() -> None:
    from datetime import date

    config = page_config(date(2024, 4, 24), date(2026, 1, 2), "de", BOX, service={"api": "/api"})
    assert json.loads(script_json(config))["on"] == "2024-04-24"
    assert config["service"] == {"api": "/api"}


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "id" and value]


def test_modules_find_the_elements_they_ask_for() -> None:
    """Each id that a module looks up is one that a template has, or a module makes."""
    ids = _Ids()
    for template in ("map/_map_body.html", "tours/tour.html", "land/plots.html"):
        ids.feed((STATIC.parent / "templates" / template).read_text("utf-8"))
    code = "\n".join(path.read_text("utf-8") for path in MODULES.values())
    asked = set(re.findall(r'(?:getElementById|find)\("([\w-]+)"\)', code))
    made_by_modules = set(re.findall(r'\bid: "([\w-]+)"', code))
    assert asked <= set(ids.found) | made_by_modules | {"map-config", "messages"}
