"""The programs that analysts use read the API: GDAL through pyogrio and ogrinfo, and OWSLib."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pyogrio
import pytest
from owslib.ogcapi.features import Features
from shapely import hausdorff_distance
from sqlalchemy import Connection

from app.domain.frames import CONTRACTS
from app.domain.period import today
from app.exchange.collections.geojson import feature_ids
from app.services.features.exporting import COLLECTIONS
from tests.waiting import LAST_RESORT_S
from tests.web.conftest import Analyst

IN_METRES = "http://www.opengis.net/def/crs/EPSG/0/25832"


@pytest.fixture(scope="module")
def api(live_server: str) -> str:
    return f"{live_server}api"


Read = Callable[..., Any]


@pytest.fixture
def read(analyst: Analyst) -> Read:
    def told(api: str, collection: str, **options: Any) -> Any:
        source = f"OAPIF:{api}"
        return analyst(pyogrio.read_dataframe, source, layer=collection, **options)

    return told


def test_gdal_lists_all_collections(api: str, analyst: Analyst) -> None:
    listed = analyst(pyogrio.list_layers, f"OAPIF:{api}")
    assert {name for name, _ in listed} == set(CONTRACTS)


@pytest.mark.parametrize("collection", CONTRACTS)
def test_gdal_reads_each_collection_in_metres(
    api: str, read: Read, loaded_connection: Connection, collection: str
) -> None:
    stored = COLLECTIONS[collection].read(loaded_connection, today(), None)
    stored["id"] = feature_ids(stored, CONTRACTS[collection], False)
    told = read(api, collection, CRS=IN_METRES)
    assert told.crs.to_epsg() == 25832
    told = told.set_index("id").loc[stored["id"]]
    far_m = hausdorff_distance(np.asarray(told.geometry), np.asarray(stored.geometry))
    assert len(far_m) == len(stored) > 0
    assert far_m.max() < 0.001
    assert set(CONTRACTS[collection].columns) <= set(told.columns)


def test_gdal_walks_through_pages_and_filters(api: str, read: Read, loaded_connection: Connection) -> None:
    plots = COLLECTIONS["plots"].read(loaded_connection, today(), None)
    assert set(read(api, "plots", PAGE_SIZE="7")["key"]) == set(plots["key"])
    box = tuple(plots.geometry.iloc[0].bounds)
    near = plots[plots.intersects(plots.geometry.iloc[0].envelope)]
    assert set(read(api, "plots", bbox=box, CRS=IN_METRES)["key"]) == set(near["key"])
    facility = read(api, "plots", where="use_status = 'facility'")
    assert set(facility["key"]) == set(plots.loc[plots["use_status"] == "facility", "key"])


def test_ogrinfo_lists_and_filters(api: str) -> None:
    """Debian's own GDAL, where it is installed."""
    program = shutil.which("ogrinfo")
    if program is None:
        pytest.skip("no ogrinfo: apt-get install gdal-bin")

    def told(*arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments], capture_output=True, text=True, check=True, timeout=LAST_RESORT_S
        )
        return done.stdout

    listed = told(f"OAPIF:{api}")
    assert all(f": {name} " in f"{listed} " or f": {name}\n" in listed for name in CONTRACTS)
    spatial = told("-ro", "-so", "-spat", "10.74", "52.36", "10.75", "52.37", f"OAPIF:{api}", "plots")
    whole = told("-ro", "-so", f"OAPIF:{api}", "plots")
    counts = [int(text.split("Feature Count: ")[1].split()[0]) for text in (spatial, whole)]
    assert 0 < counts[0] < counts[1]


def test_owslib_reads_collections_items_and_queryables(api: str) -> None:
    service = Features(f"{api}/")
    assert service.feature_collections() == list(CONTRACTS)
    assert service.collection("plots")["storageCrs"].endswith("/25832")
    assert "use_status" in service.collection_queryables("plots")["properties"]
    found = service.collection_items("plots", limit=3, filter="use_status = 'occupied'")
    assert found["numberReturned"] == len(found["features"]) == 3
    assert {each["properties"]["use_status"] for each in found["features"]} == {"occupied"}
    one = service.collection_item("plots", found["features"][0]["id"])
    assert one["id"] == found["features"][0]["id"]
    past = service.collection_items("plots", datetime_=date(2018, 1, 1).isoformat())
    assert past["numberMatched"] > 0
