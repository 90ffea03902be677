"""A park's outline over time: imported from a day on, given out again, shown as of each day."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import geopandas as gpd
from sqlalchemy import Connection, text

from app.db.changes import Change
from app.db.land.parks import park_names, parks_on, store_parks
from app.db.row_images import images
from app.db.versions import StoreOptions, Tally
from app.domain.crs import STORAGE_CRS
from app.domain.feature_query import FeatureQuery, Span
from app.domain.frames import PARKS
from app.domain.kinds import BusinessCase
from app.services.companies.acts import change_from
from app.services.companies.things import PARK, thing_of_image
from app.services.companies.undoing import undo
from app.services.features.exporting import take_out
from tests.scenes import rectangle

if TYPE_CHECKING:
    from shapely import Polygon

BEFORE, AFTER = date(2019, 12, 31), date(2020, 1, 1)


def park(name: str, outline: Polygon, begins: date | None = None) -> gpd.GeoDataFrame:
    row = {**dict.fromkeys(PARKS.columns), "key": "p", "name": name, "valid_from": begins}
    return gpd.GeoDataFrame([row], geometry=[outline], crs=STORAGE_CRS)


def test_a_larger_outline_from_a_day_on_leaves_the_years_before(connection: Connection) -> None:
    store_parks(connection, park("P", rectangle(0, 0, 100, 100), date(1998, 1, 1)))
    larger = park("P and more", rectangle(0, 0, 200, 100))
    since = StoreOptions(since=AFTER)
    assert store_parks(connection, larger, since) == Tally(n_changed=1)
    assert store_parks(connection, larger, since) == Tally(n_unchanged=1)
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    assert parks_on(connection, date(1997, 12, 31)).empty
    shown = {day: parks_on(connection, day).iloc[0] for day in (BEFORE, AFTER)}
    assert [row["name"] for row in shown.values()] == ["P", "P and more"]
    assert [round(row["area_m2"]) for row in shown.values()] == [10_000, 20_000]
    assert park_names(connection)["p"] == "P and more"


def test_what_an_export_holds_of_a_park_comes_back_as_it_was(connection: Connection) -> None:
    store_parks(connection, park("P", rectangle(0, 0, 100, 100), date(1998, 1, 1)))
    store_parks(connection, park("P and more", rectangle(0, 0, 200, 100)), StoreOptions(since=AFTER))
    both = parks_on(connection, None)
    assert both["valid_from"].tolist() == [date(1998, 1, 1), AFTER]
    assert store_parks(connection, both) == Tally(n_unchanged=2)
    query = FeatureQuery("parks", Span(date(2010, 1, 1), None))
    told = json.loads("".join(take_out(connection, query).lines("geojson")))
    assert [row["properties"]["name"] for row in told["features"]] == ["P", "P and more"]
    assert [row["properties"]["valid_to"] for row in told["features"]] == ["2020-01-01", None]


def test_an_outline_is_put_right_and_given_back(connection: Connection) -> None:
    store_parks(connection, park("P", rectangle(0, 0, 100, 100), date(1998, 1, 1)))
    [row] = images(connection, "park_version", "name", ["P"])
    thing = thing_of_image(PARK, row)
    change = Change("Erika Muster", BusinessCase.ATTRIBUTES, day=AFTER)
    made = change_from(connection, {thing: {"name": "Q"}}, change)
    assert [parks_on(connection, day)["name"].item() for day in (BEFORE, AFTER)] == ["P", "Q"]
    undo(connection, made, change)
    assert images(connection, "park_version", "park_id", [thing.identity]) == [row]
