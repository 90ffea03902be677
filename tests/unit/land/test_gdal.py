"""GDAL reads files of named forms only: it asks no address and opens no other file, whatever a file says."""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pyogrio
import pytest

from app.exchange.land.ogr import DRIVERS
from tests.scenes import seven_plots
from tests.unit.at_the_prompt import Ran
from tests.unit.neighbors.plot_files import write

SQUARE = "<gml:posList>620000 5800000 620040 5800000 620040 5800040 620000 5800000</gml:posList>"
RING = f"<gml:exterior><gml:LinearRing>{SQUARE}</gml:LinearRing></gml:exterior>"


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """What a server on this machine is asked for; the first entry is its own address."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            seen.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_GET = do_POST = do_HEAD = answer  # noqa: N815  names of the library

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        seen.append(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield seen
        server.shutdown()
        thread.join()


def gml(address: str) -> str:
    return (
        '<?xml version="1.0"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" '
        'xmlns:gml="http://www.opengis.net/gml" xmlns:t="t" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="t {address}/ows?service=WFS&amp;version=1.1.0&amp;'
        'request=DescribeFeatureType&amp;typeName=t:f">'
        f'<gml:featureMember><t:f fid="1"><t:key>A</t:key><t:of xlink:href="{address}/xlink#a"/>'
        f'<t:g><gml:Polygon srsName="EPSG:25832">{RING}</gml:Polygon></t:g></t:f></gml:featureMember>'
        "</wfs:FeatureCollection>"
    )


def geojson(address: str, **members: object) -> str:
    polygon = {"type": "Polygon", "coordinates": [[[10, 52], [10.1, 52], [10.1, 52.1], [10, 52]]]}
    feature = {"type": "Feature", "properties": {"key": "A"}, "geometry": polygon}
    links = [{"rel": "next", "href": f"{address}/next"}]
    return json.dumps({"type": "FeatureCollection", **members, "links": links, "features": [feature]})


def link(address: str) -> dict[str, object]:
    return {"type": "link", "properties": {"href": f"{address}/crs", "type": "proj4"}}


# Name of a file -> what stands in it, and the beginning of what is said of it; None where it is read.
FILES: dict[str, tuple[Callable[[str], str], str | None]] = {
    "vrt.vrt": (
        lambda to: (
            "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>"
            f"{to}/x.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
        ),
        "contains no geodata",
    ),
    "wfs.xml": (
        lambda to: f"<OGRWFSDataSource><URL>{to}/wfs</URL></OGRWFSDataSource>",
        "contains no geodata",
    ),
    "wfs.geojson": (
        lambda to: f"<OGRWFSDataSource><URL>{to}/wfs</URL></OGRWFSDataSource>",
        "contains no geodata",
    ),
    "esri.json": (
        lambda to: json.dumps(
            {
                "url": f"{to}/FeatureServer/0/query?f=json",
                "geometryType": "esriGeometryPolygon",
                "exceededTransferLimit": True,
                "fields": [{"name": "key", "type": "esriFieldTypeString"}],
                "features": [],
            }
        ),
        "contains no geodata",
    ),
    "pipeline.json": (
        lambda to: json.dumps(
            {
                "type": "gdal_streamed_alg",
                "command_line": f"gdal vector pipeline read {to}/x ! write --output-format stream x",
            }
        ),
        "contains no geodata",
    ),
    "address.geojson": (lambda to: f"{to}/x.geojson", "contains no geodata"),
    "schema.gml": (gml, None),
    "next.geojson": (geojson, None),
    "crs.geojson": (
        lambda to: geojson(to, crs=link(to)),
        "gives only an address for its coordinate reference system",
    ),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("out", ["edges.csv", "edges.geojson"])
def test_no_file_makes_gdal_ask_an_address(
    compute: Callable[..., Ran], asked: list[str], name: str, out: str
) -> None:
    content, told = FILES[name]
    Path(name).write_text(content(asked[0]))
    ran = compute(name, out=out)
    assert asked[1:] == []
    if told is None:
        assert ran.code == 0, ran.err
    else:
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert told in ran.err


def test_an_address_late_in_a_file_is_not_asked_either(
    compute: Callable[..., Ran], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where nothing goes through a proxy, GDAL would not be kept from asking.
    monkeypatch.setenv("no_proxy", "*")
    document = json.loads(geojson(asked[0]))
    document["features"][0]["properties"]["note"] = "x" * 200_000
    end = json.dumps({"more": "y" * 10_000})
    Path("plots.geojson").write_text(
        f'{json.dumps(document)[:-1]}, "crs": {json.dumps(link(asked[0]))}, "e": {end}}}'
    )
    ran = compute("plots.geojson", "--crs", "EPSG:4326")
    assert "gives only an address for its coordinate reference system" in ran.err
    assert asked[1:] == []


@pytest.mark.parametrize(
    "source",
    ["http://127.0.0.1:1/x.geojson", "/vsicurl/http://127.0.0.1:1/x.geojson", "WFS:http://127.0.0.1:1"],
)
def test_an_address_is_no_file(compute: Callable[..., Ran], source: str) -> None:
    ran = compute(source)
    assert (ran.code, ran.err.count("\n")) == (4, 1)
    assert ran.err.startswith("There is no file")


def test_a_name_like_an_address_is_a_name(compute: Callable[..., Ran]) -> None:
    path = write(seven_plots(), "plots.geojson")
    for name in ("WFS:plots.geojson", "CSV:plots.geojson"):
        shutil.copy(path, name)
        assert compute(name, "--crs", "EPSG:25832").code == 0


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_other_file_is_opened(tmp_path: Path) -> None:
    """The system itself tells which files were opened."""
    write(seven_plots(), str(tmp_path / "other.gml"))
    (tmp_path / "other.csv").write_text('key,WKT\nA,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n')
    (tmp_path / "other.xsd").write_text("<schema/>")
    (tmp_path / "a.xml").write_text(
        "<OGRVRTDataSource><OGRVRTLayer name='other'><SrcDataSource>other.csv</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    (tmp_path / "b.gml").write_text(
        gml("x")
        .replace(
            'version="1.0"?>', f'version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "{tmp_path}/other.csv">]>'
        )
        .replace(">A<", ">A&e;<")
        .replace('xsi:schemaLocation="t x/ows', 'xsi:schemaLocation="t other.xsd u x/ows')
    )
    code = (
        "import sys; from pathlib import Path; from app.errors import AppError\n"
        "from app.exchange.land.plot_sources import SourceOptions, open_ogr\n"
        "for name in sys.argv[1:]:\n"
        "    try: print([batch.keys for batch in open_ogr(Path(name), SourceOptions()).batches(9)])\n"
        "    except AppError as error: print(error)\n"
    )
    log = tmp_path / "opened.log"
    command = ["strace", "-f", "-e", "trace=open,openat", "-o", str(log), sys.executable, "-c", code]
    names = [str(tmp_path / name) for name in ("a.xml", "b.gml")]
    root = Path(__file__).parents[3]
    subprocess.run([*command, *names], cwd=root, check=True, capture_output=True, timeout=120)
    opened = log.read_text()
    assert all(name in opened for name in names)
    assert "other." not in opened


def test_only_named_drivers_are_left() -> None:
    assert set(pyogrio.list_drivers()) == DRIVERS
