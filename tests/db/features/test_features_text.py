"""What the database writes as features is what the exchange room writes of the same rows' frames."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import ARRAY, Connection, Float, Text, cast, func, select

from app.db.changes import change_days
from app.db.companies.companies import companies_on, company_neighbors_on
from app.db.features import chunks, feature, page, texts
from app.db.features.feature_text import three_decimals
from app.db.land.facilities import facilities_on
from app.db.land.footprints import footprints_on
from app.db.land.parks import parks_on
from app.db.land.plots import plots_on
from app.db.neighbors.adjacency import adjacency_on
from app.db.tours.frames import tour_legs_on, tour_stops_on, tours_on
from app.db.walking.walkways import walkways_on
from app.domain.crs import STORAGE_CRS, transformer
from app.domain.feature_query import (
    ALL_TIME,
    ANSWER_CRS,
    EPSG_4326,
    STORAGE,
    AnswerCrs,
    FeatureQuery,
    Span,
)
from app.domain.frames import CONTRACTS
from app.exchange.collections.geojson import feature_collection
from tests.db.features.feature_scene import NASTY, store_scene

READERS = {
    "parks": parks_on,
    "plots": plots_on,
    "companies": companies_on,
    "facilities": facilities_on,
    "walkways": walkways_on,
    "footprints": footprints_on,
    "adjacency": adjacency_on,
    "company-neighbors": company_neighbors_on,
    "tours": tours_on,
    "tour-stops": tour_stops_on,
    "tour-legs": tour_legs_on,
}
# Two libraries compute the degrees: the last of seven decimals may be rounded either way.
LAST_DIGIT_DEG = 1.01e-7


def documented(connection: Connection, collection: str, on: date | None) -> dict[str, Any]:
    """Return the features by their ids as the exchange room writes them."""
    frame = READERS[collection](connection, on)
    parts = feature_collection(frame, CONTRACTS[collection], {}, is_history=on is None)
    return by_id(json.loads("".join(parts))["features"])


def answered(connection: Connection, collection: str, on: date | None) -> dict[str, Any]:
    span = ALL_TIME if on is None else Span.on(on)
    return by_id([json.loads(text) for text in texts(connection, FeatureQuery(collection, span=span))])


def by_id(features: list[Any]) -> dict[str, Any]:
    found = {feature["id"]: feature for feature in features}
    assert len(found) == len(features)
    return found


def numbers(coordinates: Any) -> Iterator[float]:
    if isinstance(coordinates, (int, float)):
        yield coordinates
    else:
        for part in coordinates:
            yield from numbers(part)


def check_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for fid, feature_expected in expected.items():
        geometry, other = found[fid].pop("geometry"), feature_expected.pop("geometry")
        assert found[fid] == feature_expected
        assert list(found[fid]["properties"]) == list(feature_expected["properties"])
        assert geometry["type"] == other["type"]
        ours, theirs = list(numbers(geometry["coordinates"])), list(numbers(other["coordinates"]))
        assert len(ours) == len(theirs)
        assert np.abs(np.subtract(ours, theirs)).max() < LAST_DIGIT_DEG


@pytest.mark.parametrize("collection", CONTRACTS)
def test_shipped_data_of_every_day_reads_as_the_frames_do(
    loaded_connection: Connection, collection: str
) -> None:
    days = change_days(loaded_connection) if "valid_from" in CONTRACTS[collection].columns else []
    n_features = 0
    for on in [*days, date(2026, 6, 1), None]:
        found = answered(loaded_connection, collection, on)
        n_features += len(found)
        check_same(found, documented(loaded_connection, collection, on))
    assert n_features > 0


@pytest.mark.parametrize("collection", [name for name in CONTRACTS if not name.startswith("tour")])
def test_hard_rows_read_as_the_frames_do(connection: Connection, collection: str) -> None:
    store_scene(connection)
    for on in [date(1990, 1, 1), date(2015, 1, 1), date(2020, 2, 28), date(2020, 2, 29), None]:
        check_same(answered(connection, collection, on), documented(connection, collection, on))


def test_texts_come_out_as_they_were_put_in(connection: Connection) -> None:
    store_scene(connection)
    found = answered(connection, "plots", date(2016, 1, 1)).values()
    assert [feature["properties"]["label"] for feature in found] == list(NASTY)


def test_numbers_are_rounded_as_python_rounds(connection: Connection) -> None:
    """Values halfway between two digits among them: there decimal and binary rounding differ."""
    rng = np.random.default_rng(5)
    halves = (rng.integers(-(10**9), 10**9, 5000) * 2 + 1) / 2000
    values = [*rng.uniform(-1e11, 1e11, 5000), *rng.normal(0, 1, 5000), *halves, *np.arange(-3, 3, 0.0005)]
    given = func.unnest(cast([float(value) for value in values], ARRAY(Float))).column_valued("x")
    rows = connection.execute(select(cast(three_decimals(given), Text)))
    assert [json.loads(row[0]) for row in rows] == [round(float(value), 3) for value in values]


RINGS = {"plots": "p0~0", "footprints": "b0", "facilities": "lot"}


@pytest.mark.parametrize("collection", RINGS)
@pytest.mark.parametrize("crs", ANSWER_CRS.values(), ids=lambda crs: crs.uri[-12:])
def test_coordinates_in_every_reference_system(
    connection: Connection, collection: str, crs: AnswerCrs
) -> None:
    store_scene(connection)
    query = FeatureQuery(collection, span=Span.on(date(2016, 1, 1)))
    [(_, frame)] = chunks(connection, query)
    stored = shapely.get_coordinates(frame.geometry.iloc[0])
    expected = np.column_stack(transformer(STORAGE_CRS, f"EPSG:{crs.srid}").transform(*stored.T))
    found = feature(connection, replace(query, crs=crs), str(frame["key"].iloc[0]))
    assert found is not None
    shape = shapely.from_geojson(json.dumps(json.loads(found.text)["geometry"]))
    if crs is EPSG_4326:
        shape = shapely.transform(shape, lambda latitude_first: latitude_first[:, ::-1])
    found = shapely.get_coordinates(shape)
    assert found.shape == expected.shape
    distances = np.linalg.norm(found[:, None] - expected[None], axis=2).min(axis=0)
    assert distances.max() < 2 * 10.0**-crs.decimals
    assert all(exterior.is_ccw for exterior in shapely.get_exterior_ring(shapely.get_parts(shape)))


def test_metres_are_the_stored_ones(loaded_connection: Connection) -> None:
    query = FeatureQuery("plots", span=Span.on(date(2024, 4, 24)), crs=STORAGE)
    [(ids, frame)] = chunks(loaded_connection, query)
    features = [json.loads(text) for text in texts(loaded_connection, query)]
    assert ids == [feature["id"] for feature in features]
    for feature_, geometry in zip(features, frame.geometry, strict=True):
        shape = shapely.from_geojson(json.dumps(feature_["geometry"]))
        assert shapely.hausdorff_distance(shape, geometry) < 0.001


def test_only_the_wanted_properties_come_in_the_order_of_the_contract(connection: Connection) -> None:
    store_scene(connection)
    query = FeatureQuery("plots", span=Span.on(date(2016, 1, 1)), limit=1, properties=("label", "key"))
    [text] = page(connection, query).features
    assert json.loads(text)["properties"] == {"key": "p0~0", "label": NASTY[0]}
    [text] = page(connection, replace(query, properties=())).features
    assert json.loads(text)["properties"] == {}
