"""Files that are made whole: their length, their parts, and clients that read only a part."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyogrio
import pytest
from flask.testing import FlaskClient

from app.api.cached_files import TEMPORARY, CachedFiles
from app.exchange.collections.forms import FORMS
from tests.web.conftest import Analyst

if TYPE_CHECKING:
    from flask import Flask

ON = "2024-04-24"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that closes each answer when it has read it, as web servers do."""
    app.test_client_class = _Closing
    made = app.test_client()
    app.test_client_class = None
    return made


class _Closing(FlaskClient):
    def open(self, *args: Any, **options: Any) -> Any:
        return super().open(*args, **{**options, "buffered": True})


WHOLE = [form.name for form in FORMS.values() if not form.is_text]
TEXT = [form.name for form in FORMS.values() if form.is_text]


@pytest.mark.parametrize("form", WHOLE)
def test_head_tells_the_length_of_a_file_and_parts_make_the_whole(client: FlaskClient, form: str) -> None:
    address = f"/exports/plots.{form}?on={ON}"
    head, full = client.head(address), client.get(address)
    assert (head.status_code, head.data) == (200, b"")
    assert head.content_length == full.content_length == len(full.data) > 1000
    for name in ("ETag", "Content-Type", "Content-Disposition", "Accept-Ranges"):
        assert head.headers[name] == full.headers[name]
    assert full.headers["Accept-Ranges"] == "bytes"
    cuts = [0, 1, 700, len(full.data) // 2, len(full.data)]
    parts = []
    for begin, end in pairwise(cuts):
        part = client.get(address, headers={"Range": f"bytes={begin}-{end - 1}"})
        assert part.status_code == 206
        assert part.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(full.data)}"
        assert part.content_length == len(part.data) == end - begin
        assert part.headers["ETag"] == full.headers["ETag"]
        parts.append(part.data)
    assert b"".join(parts) == full.data
    assert client.get(address, headers={"Range": "bytes=-100"}).data == full.data[-100:]


@pytest.mark.parametrize("form", TEXT)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_of_text_tells_no_length(client: FlaskClient, form: str, encoding: str) -> None:
    """It is made while it is sent: nobody knows before how long it is."""
    address = f"/exports/adjacency.{form}?on={ON}"
    head = client.head(address, headers={"Accept-Encoding": encoding})
    assert (head.status_code, head.data) == (200, b"")
    assert "Content-Length" not in head.headers
    assert head.headers["Accept-Ranges"] == "none"
    whole = client.get(address)
    part = client.get(address, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (200, whole.data)


def test_a_part_that_is_none_is_refused_in_words(client: FlaskClient) -> None:
    address = f"/exports/plots.fgb?on={ON}"
    n_bytes = len(client.get(address).data)
    refused = client.get(address, headers={"Range": f"bytes={n_bytes}-", "Accept-Language": "de"})
    assert refused.status_code == 416
    assert refused.headers["Content-Range"] == f"bytes */{n_bytes}"
    assert refused.json["error"] == "Einen solchen Teil hat die Datei nicht."
    several = client.get(address, headers={"Range": "bytes=0-1,5-6"})
    assert (several.status_code, len(several.data)) == (200, n_bytes)


def test_a_part_of_another_making_is_not_given(client: FlaskClient) -> None:
    """Who holds half of a file that was made anew gets the new one whole, and not the other half of it."""
    address = f"/exports/plots.gpkg?on={ON}&park=heinenkamp-2"
    whole = client.get(address)
    same = client.get(address, headers={"Range": "bytes=0-9", "If-Range": whole.headers["ETag"]})
    assert (same.status_code, same.data) == (206, whole.data[:10])
    kept = Path(client.application.extensions["cached_files"]._folder)
    for path in kept.glob("*.gpkg"):
        path.unlink()
    other = client.get(address, headers={"Range": "bytes=0-9", "If-Range": whole.headers["ETag"]})
    assert (other.status_code, len(other.data)) == (200, int(other.headers["Content-Length"]))
    assert other.headers["ETag"] != whole.headers["ETag"]
    # The data are the same all the same: nothing is sent to who has it.
    known = client.get(address, headers={"If-None-Match": whole.headers["ETag"]})
    assert (known.status_code, known.headers["ETag"]) == (304, whole.headers["ETag"])


def test_data_that_change_give_another_file(client: FlaskClient) -> None:
    tags = {client.head(f"/exports/plots.fgb?on={day}").headers["ETag"] for day in (ON, "2021-01-01")}
    assert len(tags) == 2


@pytest.mark.parametrize("form", ["gpkg", "fgb"])
def test_gdal_reads_from_afar(live_server: str, analyst: Analyst, form: str) -> None:
    """`/vsicurl/` asks for the length first, and then for the parts that it needs."""
    address = f"/vsicurl/{live_server}exports/plots.{form}"
    assert analyst(pyogrio.read_info, address)["features"] > 80
    assert len(analyst(pyogrio.read_dataframe, address, max_features=3)) == 3


def test_parts_of_static_files_are_not_compressed(client: FlaskClient) -> None:
    address = "/static/css/theme.css"
    whole = client.get(address).data
    part = client.get(address, headers={"Range": "bytes=5-2004", "Accept-Encoding": "gzip"})
    assert part.status_code == 206
    assert "Content-Encoding" not in part.headers
    assert part.data == whole[5:2005]


def heads(client: FlaskClient) -> list[str]:
    """Return addresses of every kind of answer there is."""
    return [
        *("/", "/daten", "/rundgaenge", "/api/", "/api/openapi.json", "/api/collections/plots/items"),
        *("/api/collections/plots/items/HK1-001", "/api/collections/plots/items/HK1-001/versions"),
        *("/api/collections/plots/tiles/WebMercatorQuad/14/5384/8681", "/static/css/theme.css"),
        *("/rundgaenge/rundgang-2024-04-24.gpx", "/rundgaenge/rundgang-2024-04-24.ics"),
        *("/api/companies/kaufland/neighbors", "/api/changes"),
    ]


def test_no_head_tells_a_length_that_is_none(client: FlaskClient) -> None:
    for address in heads(client):
        head, full = client.head(address), client.get(address)
        assert head.status_code == full.status_code, address
        assert head.headers.get("Content-Length") in {None, str(len(full.data))}, address


def made(folder: Path, n_bytes: int) -> Path:
    path = folder / "made"
    path.write_bytes(os.urandom(n_bytes))
    return path


def test_files_are_kept_as_long_as_there_is_room(tmp_path: Path) -> None:
    kept = CachedFiles(tmp_path / "kept", most_bytes=1000)
    assert kept.find("a") is None

    def keep(name: str, n_bytes: int) -> Any:
        with kept.making() as folder, kept.keep(name, made(folder, n_bytes)) as file:
            return file.read()

    first = keep("a", 400)
    keep("b", 400)
    with kept.find("a") as file:  # type: ignore[union-attr]
        assert file.read() == first
    keep("c", 400)
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["a", "c"]
    # Who comes second with the same gets what is there; what is too large is given and not kept.
    assert keep("a", 300) == first
    assert len(keep("d", 1001)) == 1001
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["a", "c"]
    left = tmp_path / "kept" / f"{TEMPORARY}left"
    left.mkdir()
    os.utime(left, (0, 0))
    keep("e", 1)
    assert not left.exists()
