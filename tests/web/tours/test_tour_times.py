"""One walk has one start, one end, one length, wherever it is told; over midnight and clock changes, too."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from icalendar import Calendar
from sqlalchemy import text

from app.cli import cli
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.services.tours.storing import store_tours
from tests.databases import copy_of, loaded
from tests.web.conftest import MakeApp

if TYPE_CHECKING:
    from flask import Flask

WALK, ROUND = "rundgang-2024-04-24", "rundgang-heinenkamp-1-brandgehaege"
# Beginnings that are rounded up and down, half a minute, near midnight, and in the night of a clock change.
STARTS = {
    WALK: None,
    ROUND: None,
    "up": "2024-04-24T13:12:40+02:00",
    "down": "2024-04-24T13:12:20+02:00",
    "half": "2024-04-24T13:12:30+02:00",
    "over-midnight": "2024-04-24T23:45:10+02:00",
    "to-midnight": "2024-04-24T23:59:45+02:00",
    "set-back": "2026-10-25T01:30:00+02:00",
    "second-time": "2026-10-25T02:59:40+02:00",
    "set-forward": "2026-03-29T01:30:25+01:00",
}
SPAN = r"<begin>(.*?)</begin>\s*<end>(.*?)</end>"
STOPS = [
    {"name": "A", "lon": 10.7338, "lat": 52.372, "dwell_min": 12.5},
    {"name": "B", "lon": 10.7338, "lat": 52.373, "dwell_min": 10.5},
    {"name": "C", "lon": 10.735, "lat": 52.3725, "dwell_min": 45},
]


@pytest.fixture(scope="module")
def url(cluster: Cluster) -> Iterator[str]:
    with copy_of(cluster, loaded) as made:
        yield made


@pytest.fixture(scope="module")
def site(url: str, make_app: MakeApp, settings: Settings) -> Flask:
    app = make_app(replace(settings, database_url=url))
    common = {
        "park": "heinenkamp-1",
        "time_basis": "assumed",
        "pace_m_s": 1.23,
        "is_round": True,
        "stops": STOPS,
    }
    expected = [
        {**common, "key": key, "title": key, "starts_at": at} for key, at in STARTS.items() if at is not None
    ]
    with app.extensions["engine"].begin() as held:
        store_tours(held, expected)
    return app


def served(site: Flask, address: str) -> bytes:
    with site.test_client().get(f"{address}{'&' if '?' in address else '?'}lang=en") as answer:
        assert answer.status_code == 200, address
        return answer.get_data()


def plain(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html.decode())).replace("\xa0", " ")


def exact(site: Flask, key: str) -> dict[str, Any]:
    """Return start, length in seconds and metres as stored, without the code that is tested."""
    statement = text(
        "SELECT starts_at, (SELECT sum(walk_s) FROM tour_leg l WHERE l.tour_id = t.tour_id) AS walk_s,"
        " (SELECT sum(60 * dwell_min) FROM tour_stop s WHERE s.tour_id = t.tour_id) AS stay_s,"
        " (SELECT sum(length_m) FROM tour_leg l WHERE l.tour_id = t.tour_id) AS length_m"
        " FROM tour t WHERE key = :key"
    )
    with site.extensions["engine"].connect() as held:
        return dict(held.execute(statement, {"key": key}).mappings().one())


def in_park(seconds: float, on: str = "") -> tuple[str, str]:
    """Return the nearest minute of a POSIX time as `zoneinfo` shows it, counted from day `on` on; its day."""
    at = datetime.fromtimestamp(minute(seconds), UTC).astimezone(ZoneInfo("Europe/Berlin"))
    day = at.date().isoformat()
    n_days = (at.date() - datetime.fromisoformat(on or day).date()).days
    return f"{at.hour + 24 * n_days:02d}:{at.minute:02d}", day


def minute(seconds: float) -> float:
    return (seconds + 30) // 60 * 60


@dataclass(frozen=True)
class Expected:
    """What has to be told of a tour: from its stored numbers alone."""

    key: str
    begin_s: float
    end_s: float
    walk_s: float
    length_m: float

    @property
    def start(self) -> str:
        return in_park(self.begin_s)[0]

    @property
    def on(self) -> str:
        return in_park(self.begin_s)[1]

    @property
    def end(self) -> str:
        return in_park(self.end_s, self.on)[0]

    @property
    def shown_end(self) -> str:
        is_next = int(self.end[:2]) >= 24
        return f"{int(self.end[:2]) % 24:02d}{self.end[2:]}" + (" (+1 day)" if is_next else "")

    @property
    def total(self) -> str:
        return f"{int((self.end_s - self.begin_s) / 60 + 0.5)} min"

    @property
    def walking(self) -> str:
        return f"{int(self.walk_s / 60 + 0.5)} min"

    @property
    def length(self) -> str:
        return f"{int(self.length_m + 0.5):,} m"


@pytest.fixture(params=STARTS)
def expected(site: Flask, request: pytest.FixtureRequest) -> Expected:
    stored = exact(site, request.param)
    begin_s = stored["starts_at"].timestamp()
    end_s = begin_s + stored["walk_s"] + stored["stay_s"]
    return Expected(request.param, begin_s, end_s, stored["walk_s"], stored["length_m"])


def test_the_interface_tells_it(site: Flask, expected: Expected) -> None:
    items = json.loads(served(site, "/api/collections/tours/items?f=json&datetime=../.."))["features"]
    (row,) = [each["properties"] for each in items if each["properties"]["key"] == expected.key]
    assert (row["starts_at"], row["ends_at"], row["toured_on"]) == (expected.start, expected.end, expected.on)
    assert row["total_min"] == pytest.approx((expected.end_s - expected.begin_s) / 60, abs=0.01)
    assert row["length_m"] == pytest.approx(expected.length_m, abs=0.001)


def test_the_list_tells_it(site: Flask, expected: Expected) -> None:
    cards = served(site, "/tours").decode().split('<li class="tour-card">')
    (card,) = [plain(each.encode()) for each in cards if f'/tours/{expected.key}"' in each]
    for words in (
        f"Start {expected.start}",
        f"In total {expected.total}",
        f"Walking {expected.walking}",
        f"Walk {expected.length}",
    ):
        assert words in card


def test_the_page_tells_it(site: Flask, expected: Expected) -> None:
    page = plain(served(site, f"/tours/{expected.key}"))
    for words in (
        f"· {expected.start}",
        f"End {expected.shown_end}",
        f"In total {expected.total}",
        f"Walking {expected.walking}",
    ):
        assert words in page
    assert expected.length in page


def test_the_sheet_tells_it(site: Flask, expected: Expected) -> None:
    import pypdfium2

    sheet = pypdfium2.PdfDocument(io.BytesIO(served(site, f"/tours/{expected.key}/tour.pdf")))
    words = re.sub(r"\s+", " ", sheet[0].get_textpage().get_text_bounded()).replace("\xa0", " ")
    for words_shown in (
        f"{expected.start}–{expected.shown_end}",
        expected.total,
        expected.walking,
        expected.length,
    ):
        assert words_shown in words


def test_the_phone_tells_it(site: Flask, expected: Expected) -> None:
    page = served(site, f"/tours/{expected.key}/walk")
    found = re.search(rb'id="plan">(.*?)</script>', page, re.DOTALL)
    assert found
    plan = json.loads(found[1])
    assert datetime.fromisoformat(plan["starts_at"]).timestamp() == minute(expected.begin_s)
    assert datetime.fromisoformat(plan["ends_at"]).timestamp() == minute(expected.end_s)
    assert f", {expected.start}" in plain(page)


def test_calendar_and_files_tell_it(site: Flask, expected: Expected) -> None:
    (event,) = Calendar.from_ical(served(site, f"/tours/{expected.key}/tour.ics")).walk("VEVENT")
    assert event["DTSTART"].dt.timestamp() == minute(expected.begin_s)
    assert event["DTEND"].dt.timestamp() == minute(expected.end_s)
    assert event["DTSTART"].dt.utcoffset().total_seconds() == 0
    kml = served(site, f"/tours/{expected.key}/tour.kml").decode()
    spans = [tuple(map(datetime.fromisoformat, pair)) for pair in re.findall(SPAN, kml)]
    assert spans[0][0].timestamp() == minute(expected.begin_s)
    assert all(begins <= ends for begins, ends in spans)
    assert expected.start in served(site, f"/tours/{expected.key}/tour.gpx").decode()
    features = json.loads(served(site, f"/tours/{expected.key}/tour.geojson"))
    assert datetime.fromisoformat(features["ends_at"]).timestamp() == minute(expected.end_s)


def test_the_prompt_tells_it(url: str, expected: Expected) -> None:
    def asked(*words: str) -> str:
        done = CliRunner().invoke(cli, ["tour", *words], env={"DATABASE_URL": url, "LC_ALL": "C.UTF-8"})
        assert done.exit_code == 0, done.output
        return done.stdout.replace("\xa0", " ")

    (line,) = [each for each in asked("list").splitlines() if each.split()[0] == expected.key]
    assert f"{expected.on} {expected.start}" in line
    assert line.rstrip().endswith(expected.total)
    shown = asked("show", expected.key)
    assert f"end at {expected.shown_end}." in shown
    assert f"{expected.walking} walking" in shown


def test_the_clock_set_back_is_no_time(site: Flask) -> None:
    """At one place twice, then 92 m on: the end is the second 02:50, which the first one was taken for."""
    (event,) = Calendar.from_ical(served(site, "/tours/set-back/tour.ics")).walk("VEVENT")
    assert event["DTSTART"].dt == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    stored = exact(site, "set-back")
    minutes = (event["DTEND"].dt - event["DTSTART"].dt).total_seconds() / 60
    assert minutes == pytest.approx((stored["walk_s"] + stored["stay_s"]) / 60, abs=0.5)


def test_at_one_place_twice_and_back_while_the_clock_is_set_back(site: Flask) -> None:
    """135 minutes of visits and 4.6 of walking from 01:30 on: until 02:50, the second time clocks show it."""
    places = (("A", 10.7338, 52.372), ("B", 10.7338, 52.372), ("C", 10.735, 52.3725))
    stops = [{"name": name, "lon": lon, "lat": lat, "dwell_min": 45} for name, lon, lat in places]
    tour = {
        "key": "uhr-zurueck", "park": "heinenkamp-1", "title": "Uhr zurück", "starts_at": STARTS["set-back"],
        "time_basis": "assumed", "pace_m_s": 1.2, "is_round": True, "stops": stops,
    }  # fmt: skip
    with site.extensions["engine"].begin() as held:
        store_tours(held, [tour])
    (event,) = Calendar.from_ical(served(site, "/tours/uhr-zurueck/tour.ics")).walk("VEVENT")
    assert event["DTEND"].dt == datetime(2026, 10, 25, 1, 50, tzinfo=UTC)
    spans = re.findall(SPAN, served(site, "/tours/uhr-zurueck/tour.kml").decode())
    assert [begins <= ends for begins, ends in spans] == [True] * 3
