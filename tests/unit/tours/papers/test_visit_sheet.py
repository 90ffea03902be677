"""The visit sheet: drawn in metres, printed within limits, nothing fetched, texts stay texts."""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.crs import to_wgs84
from app.domain.tours import Direction, LegPart
from app.errors import SetupError
from app.exchange.tours.drawing import SCALES, Canvas, View, tour_svg, tour_view
from app.exchange.tours.map_labels import Room, place_labels, street_labels
from app.exchange.tours.printing import printed
from app.exchange.tours.visit_sheet import visit_sheet
from app.services.tours.phone_page import plan
from tests.papers import (
    HOSTILE,
    at,
    hostile_papers,
    nothing_around,
    papers,
    place,
    round_papers,
    streets_around,
)

CANVAS = Canvas(180.0, 120.0)
SVG = "{http://www.w3.org/2000/svg}"


def printed_pdf(html: str) -> bytes:
    return printed(html).pdf


def texts_of(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            found.append(text.get_text_range())
            text.close()
            page.close()
        return found
    finally:
        document.close()


@settings(deadline=None)
@given(st.floats(1, 7_500), st.floats(1, 4_500))
def test_the_largest_round_scale_that_shows_all(width_m: float, height_m: float) -> None:
    view = View.around((0.0, 0.0, width_m, height_m), CANVAS, has_round_scale=True)
    assert view.scale in SCALES
    shown = shapely.get_coordinates(view.cut([shapely.Point(0, 0), shapely.Point(width_m, height_m)]))
    assert len(shown) == 2
    assert (shown >= CANVAS.margin - 1e-6).all()
    assert (shown <= np.array([CANVAS.width, CANVAS.height]) - CANVAS.margin + 1e-6).all()
    smaller = [scale for scale in SCALES if scale < view.scale]
    if smaller:
        too_large = width_m * 1000 / smaller[-1] > CANVAS.width - 2 * CANVAS.margin
        assert too_large or height_m * 1000 / smaller[-1] > CANVAS.height - 2 * CANVAS.margin


def test_the_drawing_is_true_to_scale() -> None:
    told = papers()
    view = tour_view(told, CANVAS, has_round_scale=True)
    root = ET.fromstring(tour_svg(told, nothing_around(), view, "Karte"))
    circles = {g.attrib["data-stop"]: g.find(f"{SVG}circle") for g in root.iter(f"{SVG}g")}
    points = {n: (float(c.attrib["cx"]), float(c.attrib["cy"])) for n, c in circles.items() if c is not None}
    drawn_mm = math.dist(points["1"], points["3"])
    true_m = told.stops[0].point.distance(told.stops[2].point)
    assert drawn_mm * view.scale / 1000 == pytest.approx(true_m, abs=view.scale / 1000 * 0.02)
    assert points["3"][1] < points["1"][1]  # north is up


def test_stops_at_one_place_share_a_mark() -> None:
    told = papers()
    from dataclasses import replace

    again = replace(told.stops[2], point=place(0.5, 0))
    drawn = tour_svg(
        replace(told, stops=(*told.stops[:2], again)),
        nothing_around(),
        tour_view(told, CANVAS, has_round_scale=True),
        "Karte",
    )
    assert 'data-stop="1 3"' in drawn
    assert "1·3" in drawn


def test_visited_plots_stand_out_only_where_the_place_is_known() -> None:
    from dataclasses import replace

    told = papers()
    view = tour_view(told, CANVAS, has_round_scale=True)
    assert "is-host" in tour_svg(told, streets_around(), view, "Karte")
    vague = replace(told, stops=tuple(replace(stop, is_approximate=True) for stop in told.stops))
    assert "is-host" not in tour_svg(vague, streets_around(), view, "Karte")


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(5, 95), st.floats(5, 95), st.integers(1, 25)), max_size=12))
def test_names_never_cover_each_other(places: list[tuple[float, float, int]]) -> None:
    room = Room(shapely.box(0, 0, 100, 100))
    marks = [("x" * n, shapely.Point(x, y), 2.0) for x, y, n in places]
    walk = shapely.LineString([(0, 50), (100, 50)])
    labels = place_labels(marks, 2.5, room, walk)
    line = shapely.LineString([(0, 20), (60, 22), (100, 80)])
    labels += street_labels([("Straße", line)], 2.5, room)
    assert len(labels) == len(room.taken)
    for n, area in enumerate(room.taken):
        assert room.frame.contains(area)
        assert not any(area.intersects(other) for other in room.taken[:n])


def test_street_names_lie_along_their_street_and_are_never_upside_down() -> None:
    for line in (shapely.LineString([(10, 10), (90, 40)]), shapely.LineString([(90, 40), (10, 10)])):
        (label,) = street_labels([("Lindenkamp", line)], 2.5, Room(shapely.box(0, 0, 100, 100)))
        assert label.turn_deg == pytest.approx(math.degrees(math.atan2(30, 80)))
        assert line.distance(shapely.Point(label.x, label.y)) < 1e-6


def test_the_phones_map_puts_positions_where_the_drawing_has_them() -> None:
    told = papers()
    view = tour_view(told, CANVAS, has_round_scale=False)
    a, b, c, d, e, f = plan(told, view)["to_map"]
    for stop in told.stops:
        spot = to_wgs84(stop.point)
        (drawn,) = view.cut([stop.point])
        here = shapely.Point(a * spot.x + b * spot.y + c, d * spot.x + e * spot.y + f)
        assert here.distance(drawn) * view.m_per_unit < 1.0


def test_the_phones_plan_goes_back_to_the_start() -> None:
    told = round_papers()
    goals = plan(told, tour_view(told, CANVAS, has_round_scale=False))["goals"]
    assert [(goal["position"], goal["is_return"]) for goal in goals] == [
        (1, False),
        (2, False),
        (3, False),
        (1, True),
    ]
    assert goals[-1]["arrives_at"] == "2024-04-24T14:12:00+02:00"
    assert [goal["leg"] and goal["leg"]["heading_deg"] for goal in goals] == [None, 90.0, 90.0, 270.0]


def test_the_phones_compass_looks_no_farther_than_the_first_direction() -> None:
    """Ten metres to the south, then far to the east: one sets out to the south."""
    from dataclasses import replace

    told = papers()
    walked = LegPart(shapely.LineString([place(0, 10), place(0, 0), place(300, 0)]), True)
    turns = (Direction("nach Süden, 10 m", place(0, 10)), Direction("links, 300 m", place(0, 0)))
    leg = replace(told.legs[0], parts=(walked,), turns=turns)
    goals = plan(replace(told, legs=(leg, *told.legs[1:])), tour_view(told, CANVAS, has_round_scale=False))[
        "goals"
    ]
    assert goals[1]["leg"]["heading_deg"] == 180.0


def test_the_sheet_tells_everything() -> None:
    text = " ".join(" ".join(texts_of(printed_pdf(visit_sheet(papers(), streets_around())))).split())
    for words in ("Rundgang zur Probe", "24.04.2024", "13:05–14:01", "Firma Eins", "Treffpunkt am Tor"):
        assert words in text
    for words in ("13:10–13:20", "links, 100 m", "Treppe gemieden", "02.04.2024", "OpenStreetMap"):
        assert words in text
    assert "Weg A" in text


def test_the_head_tells_how_much_of_it_is_waiting() -> None:
    html = visit_sheet(papers(), nothing_around())
    head = re.search(r'<dl class="figures">(.*?)</dl>', html, re.DOTALL)
    assert head
    told = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", head[1]))
    assert told["Wartezeit"] == "5\N{NO-BREAK SPACE}Min."
    assert told["Insgesamt"] == "56\N{NO-BREAK SPACE}Min."
    nobody_waits = papers(stops=tuple(replace(stop, begins_at=stop.arrives_at) for stop in papers().stops))
    assert nobody_waits.wait_min == 0
    assert "<dt>Wartezeit</dt>" not in visit_sheet(nobody_waits, nothing_around())


def test_the_sheet_tells_when_hosts_can_receive() -> None:
    """In the reader's language, beside the stop it is of; nothing where it is at any time."""
    from dataclasses import replace

    told = papers(language="en")
    one, *others = told.stops
    windows = replace(told, stops=(replace(one, windows="13:05–13:30, 15:00–15:20"), *others))
    text = " ".join(" ".join(texts_of(printed_pdf(visit_sheet(windows, streets_around())))).split())
    assert "Firma Eins can receive 13:05–13:30, 15:00–15:20" in text
    assert text.count("can receive") == 1
    assert "can receive" not in visit_sheet(told, streets_around())


def test_many_stops_take_more_pages_and_none_is_lost() -> None:
    from dataclasses import replace

    told = papers()
    stops = tuple(
        replace(
            told.stops[0],
            position=n,
            name=f"Halt Nr. {n:02}",
            point=place(30 * n, 20 * (n % 3)),
            arrives_at=at(20 * n),
            begins_at=at(20 * n),
            ends_at=at(20 * n + 10),
            departs_at=at(20 * n + 10),
        )
        for n in range(1, 26)
    )
    pages = texts_of(printed_pdf(visit_sheet(replace(told, stops=stops, legs=()), nothing_around())))
    assert 2 <= len(pages) <= 4
    found = re.findall(r"Halt Nr. (\d\d)", " ".join(page.split("Ankunft")[-1] for page in pages))
    assert sorted(set(found)) == [f"{n:02}" for n in range(1, 26)]


def test_tagged_with_language_and_title() -> None:
    """What screen readers need of a PDF, asked of another library."""
    import pypdfium2
    from pypdfium2 import raw

    document = pypdfium2.PdfDocument(printed_pdf(visit_sheet(papers(), nothing_around())))
    assert raw.FPDFCatalog_IsTagged(document.raw)
    assert document.get_metadata_value("Title") == "Rundgang zur Probe"
    document.close()


def test_every_drawing_on_the_sheet_says_what_it_is() -> None:
    """The map, the code, the signs of the key: each a figure of the structure with words of its own."""
    pdf = printed_pdf(visit_sheet(papers(language="en"), streets_around()))
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S)
    text = b"\n".join([pdf, *filter(None, map(unpacked, streams))])
    figures = re.findall(rb"/S /Figure(.*?)>>\n", text, re.S)
    assert len(figures) == 7, "map, code, three signs, scale and north"
    assert all(b"/Alt " in figure for figure in figures)


def unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_a_long_word_stays_on_the_page() -> None:
    """A name of 120 letters without a gap is broken; the notes beside it keep their place."""
    from dataclasses import replace

    import pypdfium2

    told = papers()
    one, *others = told.stops
    html = visit_sheet(replace(told, stops=(replace(one, name="W" * 120), *others)), nothing_around())
    page = pypdfium2.PdfDocument(printed_pdf(html))[0]
    text = page.get_textpage()
    boxes = [text.get_charbox(i) for i in range(text.count_chars())]
    assert max(right for _, _, right, _ in boxes) < page.get_width() - 40
    assert text.get_text_range().count("W") >= 120


def test_hostile_texts_stay_texts() -> None:
    html = visit_sheet(hostile_papers(), streets_around())
    assert "<img" not in html
    assert html.count("<script") == 0
    assert "<img src=x onerror=alert(1)>" in "".join(texts_of(printed_pdf(html))).replace("\r\n", " ")
    assert HOSTILE not in html


def test_no_code_without_a_public_address() -> None:
    assert "qr" not in re.sub(
        r"<style>.*?</style>", "", visit_sheet(papers(address=None), nothing_around()), flags=re.S
    )
    assert 'class="qr"' in visit_sheet(papers(), nothing_around())


def test_nothing_is_fetched() -> None:
    """Whatever got into the document: neither a file of this machine nor an address is asked."""
    for address in ("file:///etc/passwd", "http://127.0.0.1:9/x.png", "data:image/png;base64,AAAA"):
        with pytest.raises(SetupError, match="refused"):
            printed(f'<p>x<img src="{address}"></p>')


def test_a_slow_print_is_ended() -> None:
    with pytest.raises(SetupError, match="within 0 seconds"):
        printed("<p>x</p>", seconds=timedelta(milliseconds=20).total_seconds())
