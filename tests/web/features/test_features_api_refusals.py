"""What OGC API - Features refuses: what is not known, cannot be read, or is meant as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, text

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def found(client: FlaskClient, **parameters: str) -> int:
    response = client.get("/api/collections/plots/items", query_string=parameters)
    assert response.status_code == 200
    return int(response.json["numberMatched"])


ATTACKS = (
    "1=1; DROP TABLE plot --",
    "key = 'x'; DELETE FROM plot_version; --'",
    "key = 'x' UNION SELECT password FROM staff",
    "pg_sleep(10) = 1",
    "key = current_user",
    "key::int = 1",
    "CAST(key AS integer) = 1",
    "password = 'x'",
    '"key"" = \'x\'',
    "key IN (SELECT key FROM park)",
    "key = 'x' OR lo_import('/etc/passwd') = 1",
)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("collection", ["plots", "companies"])
def test_a_filter_meant_as_sql_is_refused_and_changes_nothing(
    client: FlaskClient, loaded_connection: Connection, collection: str, attack: str
) -> None:
    count = text("SELECT (SELECT count(*) FROM plot), (SELECT version FROM data_version)")
    before = loaded_connection.execute(count).one()
    response = client.get(f"/api/collections/{collection}/items", query_string={"filter": attack})
    assert response.status_code == 400
    assert response.json["code"] == "InvalidParameterValue"
    assert loaded_connection.execute(count).one() == before


@pytest.mark.parametrize(
    "attack", ["' OR 1=1 --", "x'; DROP TABLE plot; --", "$$", "%' OR key LIKE '%", "\\"]
)
def test_texts_of_filters_stay_texts(client: FlaskClient, attack: str) -> None:
    assert found(client, key=attack) == 0
    quoted = attack.replace("'", "''")
    assert found(client, filter=f"key = '{quoted}'") == 0


BAD = (
    "limit=0",
    "limit=-1",
    "limit=ten",
    "limit=1&limit=2",
    "bbox=1,2,3",
    "bbox=a,b,c,d",
    "bbox=10,53,11,52",
    "bbox=nan,1,2,3",
    "bbox=1,2,3,4&bbox-crs=EPSG:4326",
    "crs=http://www.opengis.net/def/crs/EPSG/0/31467",
    "datetime=yesterday",
    "datetime=2024-02-30",
    "datetime=2024-04-24/2023-01-01",
    "datetime=2024-04-24&on=2024-04-24",
    "sortby=geometry",
    "sortby=secret",
    "properties=key,secret",
    "use_status=built",
    "valid_from=x",
    "area_m2=big",
    "filter=use_status%20=",
    "filter=secret=1",
    "filter=" + "(" * 60 + "1=1" + ")" * 60,
    "filter={}&filter-lang=cql2-json",
    "filter=1=1&filter-lang=sql",
    "filter=1=1&filter-crs=x",
    "cursor=WzFd",
    "cursor=%FF",
    "f=xml",
    "lang=fr",
    "password=x",
    "key%20or%201=1",
)


@pytest.mark.parametrize("asked", BAD)
def test_what_cannot_be_read_is_refused_in_one_sentence(client: FlaskClient, asked: str) -> None:
    response = client.get(f"/api/collections/plots/items?{asked}")
    assert response.status_code == 400
    told = response.json
    assert set(told) == {"code", "description", "error"}
    assert told["description"] == told["error"]
    assert "\n" not in told["error"]


@pytest.mark.parametrize(
    ("bbox", "expected"),
    [
        ("1,2,3", "expected four or six numbers separated by commas."),
        ("1,2,3,4,5", "expected four or six numbers separated by commas."),
        ("a,b,c,d", "expected four or six numbers separated by commas."),
        ("10,52,nan,11,53,9", "expected four or six numbers separated by commas."),
        ("10,52,1e9,11,53,9", "expected four or six numbers separated by commas."),
        ("10,52,11,1e300", "is not within http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
        ("10,52,0,1e999,53,9", "is not within http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
    ],
)
def test_the_refusal_of_a_bbox_says_what_was_expected(client: FlaskClient, bbox: str, expected: str) -> None:
    for path in ("collections/plots/items", "collections/companies/items"):
        response = client.get(f"/api/{path}", query_string={"bbox": bbox, "lang": "en"})
        assert response.status_code == 400
        assert f"“{bbox}”" in response.json["error"]
        assert expected in response.json["error"]


@pytest.mark.parametrize(
    "path",
    [
        "collections/none",
        "collections/none/items",
        "collections/plots/items/none",
        "collections/plots/none",
        "none",
    ],
)
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    response = client.get(f"/api/{path}")
    assert response.status_code == 404
    assert response.json["code"] == "NotFound"


def test_a_park_that_does_not_exist_is_not_found(client: FlaskClient) -> None:
    assert client.get("/api/collections/plots/items?park=none").status_code == 404


def test_a_limit_above_the_most_is_lowered(client: FlaskClient) -> None:
    for limit in (10_001, 10**30):
        assert client.get("/api/collections/plots/items", query_string={"limit": limit}).status_code == 200


def test_refusals_speak_the_readers_language(client: FlaskClient) -> None:
    told = {
        lang: client.get(f"/api/collections/plots/items?on=x&lang={lang}").json["error"]
        for lang in ("de", "en")
    }
    assert told["de"] != told["en"]


CRS = "http://www.opengis.net/def/crs/"


@pytest.mark.parametrize(
    ("box", "crs"),
    [
        ("1e300,1e300,1e301,1e301", "OGC/1.3/CRS84"),
        ("181,52,182,53", "OGC/1.3/CRS84"),
        ("10,52,11,90.5", "OGC/1.3/CRS84"),
        ("10,52,1e9,11,53,2e9", "OGC/1.3/CRS84"),
        ("90.5,10,91,11", "EPSG/0/4326"),
        ("600000,5800000,600100,10000001", "EPSG/0/25832"),
        ("-20037509,0,0,1", "EPSG/0/3857"),
    ],
)
def test_a_box_beyond_its_reference_system_is_refused(client: FlaskClient, box: str, crs: str) -> None:
    """OGC API - Features, requirement 23 F: corners are within the extent of the reference system."""
    asked = {"bbox": box, "bbox-crs": f"{CRS}{crs}", "lang": "en"}
    for path in ("/api/collections/plots/items", "/exports/plots.geojson"):
        refused = client.get(path, query_string=asked)
        assert refused.status_code == 400
        assert "bbox" in refused.json["description"]


@pytest.mark.parametrize(
    ("box", "crs"),
    [
        ("-180,-90,180,90", "OGC/1.3/CRS84"),
        ("-180,-90,-100,180,90,9000", "OGC/1.3/CRS84"),
        ("-90,-180,90,180", "EPSG/0/4326"),
        ("-20037508.342789244,-20037508.342789244,20037508.342789244,20037508.342789244", "EPSG/0/3857"),
        ("-10000000,0,10000000,10000000", "EPSG/0/25832"),
    ],
)
def test_a_box_as_large_as_its_reference_system_holds_everything(
    client: FlaskClient, box: str, crs: str
) -> None:
    path = "/api/collections/plots/items"
    everything = client.get(path).json["numberMatched"]
    found = client.get(path, query_string={"bbox": box, "bbox-crs": f"{CRS}{crs}"}).json
    assert found["numberMatched"] == everything > 80
