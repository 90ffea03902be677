"""GPX 1.1: valid against its schema, and read back by GDAL."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest

from app.domain.crs import STORAGE_CRS
from app.domain.tours import Direction, LegPart, TourPlan
from app.exchange.tours.gpx import MOST_ROUTE_POINTS, NAMESPACE, gpx
from tests.papers import HOSTILE, hostile_papers, line, papers, place, round_papers

SCHEMA = Path(os.environ.get("REAL_DATA_DIR", "")) / "gpx" / "gpx-1.1.xsd"
has_schema = pytest.mark.skipif(not SCHEMA.is_file(), reason="REAL_DATA_DIR holds no gpx/gpx-1.1.xsd")
NAMES = {"g": NAMESPACE}


@has_schema
@pytest.mark.parametrize(
    "told",
    [
        papers(),
        round_papers(),
        hostile_papers(),
        papers(legs=()),
        papers(address=None, attribution="", licence=""),
    ],
    ids=["plain", "round", "hostile", "without legs", "without notices"],
)
def test_valid_against_the_schema(told: TourPlan) -> None:
    import xmlschema

    schema = xmlschema.XMLSchema(SCHEMA)
    assert list(schema.iter_errors(gpx(told).decode())) == []
    # The schema is asked in earnest: what it forbids is found.
    broken = gpx(told).decode().replace("<wpt lat=", "<wpt latitude=")
    assert list(schema.iter_errors(broken)) != []


def layer(told: TourPlan, name: str, tmp_path: Path) -> gpd.GeoDataFrame:
    """Return a layer as GDAL reads it, in metres."""
    path = tmp_path / "tour.gpx"
    path.write_bytes(gpx(told))
    return gpd.read_file(path, layer=name).to_crs(STORAGE_CRS)


def test_gdal_reads_stops_by_name(tmp_path: Path) -> None:
    told = papers()
    stops = layer(told, "waypoints", tmp_path)
    assert list(stops["name"]) == ["1 Firma Eins", "2 Parkplatz", "3 Firma Drei"]
    assert stops["desc"].iloc[0] == "13:10–13:20; Treffpunkt am Tor"
    gaps_m = [a.distance(b.point) for a, b in zip(stops.geometry, told.stops, strict=True)]
    assert max(gaps_m) < 0.02


def test_gdal_reads_the_walk_leg_by_leg(tmp_path: Path) -> None:
    track = layer(papers(), "tracks", tmp_path).geometry.iloc[0]
    assert [round(segment.length, 1) for segment in track.geoms] == [300.0, 340.0]
    route = layer(papers(), "route_points", tmp_path)
    assert list(route["name"].fillna("")) == ["1 Firma Eins", "", "2 Parkplatz", "3 Firma Drei"]
    assert route["desc"].iloc[1] == "links, 100 m"


def test_round_tour_comes_back(tmp_path: Path) -> None:
    route = layer(round_papers(), "route_points", tmp_path)
    assert route["name"].iloc[-1] == route["name"].iloc[0] == "1 Firma Eins"
    assert len(layer(round_papers(), "tracks", tmp_path).geometry.iloc[0].geoms) == 3


def test_texts_stay_texts() -> None:
    root = ET.fromstring(gpx(hostile_papers()))
    assert root.findtext("g:metadata/g:name", namespaces=NAMES) == HOSTILE.replace("\x07", "\ufffd")
    assert root.findall(".//g:img", NAMES) == []


def test_same_papers_same_bytes_and_bounds_hold_all() -> None:
    assert gpx(papers()) == gpx(papers())
    root = ET.fromstring(gpx(papers()))
    points = [
        (float(e.attrib["lon"]), float(e.attrib["lat"]))
        for tag in ("wpt", "trkpt", "rtept")
        for e in root.iter(f"{{{NAMESPACE}}}{tag}")
    ]
    bounds = root.find("g:metadata/g:bounds", NAMES)
    assert bounds is not None
    sides = {name: float(value) for name, value in bounds.attrib.items()}
    west, south = np.min(points, axis=0)
    east, north = np.max(points, axis=0)
    assert sides == {"minlon": west, "minlat": south, "maxlon": east, "maxlat": north}


def test_a_route_has_as_many_points_as_devices_take(tmp_path: Path) -> None:
    """The stops and the turns that shape it; the track keeps every vertex."""
    zigzag = [(x, 30.0 * (x % 20 == 0)) for x in range(0, 4000, 10)]
    # Corners of thirty metres, and between them turns that bend nothing.
    turns = tuple(Direction(f"turn {n}", place(*vertex)) for n, vertex in enumerate(zigzag))
    flat = tuple(Direction(f"flat {n}", place(x, 0.0)) for n, x in enumerate(range(4000, 4400, 4)))
    plain = papers()
    leg = replace(plain.legs[0], turns=turns + flat, parts=(LegPart(line(*zigzag), True),))
    told = papers(legs=(leg, plain.legs[1]))
    root = ET.fromstring(gpx(told))
    points = root.findall("g:rte/g:rtept", NAMES)
    assert len(points) == MOST_ROUTE_POINTS == 250
    names = [point.findtext("g:name", namespaces=NAMES) for point in points]
    assert [name for name in names if name] == ["1 Firma Eins", "2 Parkplatz", "3 Firma Drei"]
    texts = [point.findtext("g:desc", "", NAMES) for point in points]
    assert sum(text.startswith("flat") for text in texts) <= 1
    kept = [int(text.split()[1]) for text in texts if text.startswith("turn")]
    assert kept == sorted(kept)
    assert len(root.findall("g:trk/g:trkseg/g:trkpt", NAMES)) >= len(zigzag)
    assert len(ET.fromstring(gpx(plain)).findall("g:rte/g:rtept", NAMES)) == 4
