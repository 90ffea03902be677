"""Compare all that two checkouts give out, byte for byte: ``python -m tests.compare_outputs OLD NEW``.

Each is a checkout, which is served on a fresh private database with the shipped park, or the address of
a service that runs. Pages, the API, downloads and papers of both are asked for with the same addresses, the
problem of ``docs/tour_problems.md`` is solved by both. What differs from one run to the next by itself
(nonces, tokens, the time a file was made) is taken out beforehand. No test: it takes some minutes.
"""

from __future__ import annotations

import difflib
import io
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pypdfium2

FORMS = ("geojson", "csv", "excel.csv", "gpkg", "parquet", "fgb", "xlsx", "shp.zip")
GRAPHS = ("edges.csv", "gal", "graphml")
DAYS = ("on=2024-04-24", "on=2021-01-01")
PAGES = (
    "",
    "companies",
    "tours",
    "tours/planner",
    "daten",
    "daten/spalten",
    "login",
    "api/openapi.html",
    "nowhere",
)
OTHERS = (
    "api/",
    "api/conformance",
    "api/openapi.json",
    "api/collections",
    "api/tileMatrixSets",
    "map/links.json",
)
ABOUT = (
    "",
    "/schema",
    "/queryables",
    "/sortables",
    "/tiles/WebMercatorQuad",
    "/tiles/WebMercatorQuad/14/5392/8682",
)
PAPERS = ("", ".pdf", ".ics", ".gpx", ".kml", ".geojson")
PASSING = (
    (rb'nonce="[^"]*"|nonce-[\w+/=-]+', b"NONCE"),
    (rb'(name="csrf_token" (?:type="hidden" )?value|"csrfToken": ?)="?[^"]*"', b"TOKEN"),
    (rb"\?v=[0-9a-f]+|#[0-9a-f]{8,}", b"VERSION"),
    (rb"(DTSTAMP|LAST-MODIFIED|SEQUENCE):\w+|<time>2[^<]*</time>", b"STAMP"),
    (rb"data version \d+", b"DATA"),
    (rb"in \d+\.\d+ s\.", b"SOON"),
    (rb"127\.0\.0\.1:\d+", b"HOST"),
    (rb'"(seconds|timeStamp)": ?("[^"]*"|[\d.]+)', b'"PASSING": 0'),
)
STARTS_WITHIN_S, ANSWERS_WITHIN_S = 900, 300


def main(old: str, new: str) -> None:
    """Print a table of the kinds of answers, then the first lines of what differs, one a kind."""
    with ExitStack() as stack:
        hosts = [stack.enter_context(served(each)) for each in (old, new)]
        found: defaultdict[str, list[str | None]] = defaultdict(list)
        for kind, path in addresses(hosts):
            found[kind].append(difference(path, *(answer(host, path) for host in hosts)))
    solved = [solution(Path(each)) for each in (old, new) if Path(each).is_dir()]
    found["tour solve"] = [difference("docs/tour_problems.md", *solved)] if len(solved) == 2 else []
    for kind, differences in found.items():
        told = [each for each in differences if each]
        print(f"{kind:30} {len(differences) - len(told):5} equal {len(told):5} differ")
    for kind, differences in found.items():
        print(*(f"\n== {kind}: {each}" for each in differences if each), sep="")


@contextmanager
def served(checkout: str) -> Iterator[str]:
    """Serve a checkout on a fresh database as long as the context lasts; yield its address."""
    if checkout.startswith("http"):
        yield checkout
        return
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        environment = {**os.environ, "APP_VAR_DIR": f"{folder}/var", "PORT": str(port)}
        command = [sys.executable, "-m", "app", "serve", "--setup"]
        with subprocess.Popen(command, cwd=checkout, env=environment) as service:
            try:
                yield answering(f"http://127.0.0.1:{port}/", service)
            finally:
                service.terminate()


def answering(host: str, service: subprocess.Popen[bytes]) -> str:
    """Return the address of a service once it answers."""
    until_s = time.monotonic() + STARTS_WITHIN_S
    while service.poll() is None and time.monotonic() < until_s:
        try:
            urlopen(f"{host}healthz", timeout=ANSWERS_WITHIN_S).close()
        except URLError:
            time.sleep(1)
        else:
            return host
    raise RuntimeError(f"{host} does not answer")


def addresses(hosts: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what is asked for, with its kind; collections, ids and tours are those that either has."""
    for path in PAGES:
        yield from (("pages", f"{path}?lang={language}&{DAYS[0]}") for language in ("de", "en"))
    yield from (("API, about", path) for path in OTHERS)
    for name in either(hosts, "api/collections", "collections", "id"):
        at = f"api/collections/{name}"
        yield from (("API, about", at + about) for about in ABOUT)
        for day in DAYS:
            yield "items", f"{at}/items?limit=1000&datetime={day[3:]}"
            for form in (*FORMS, *(GRAPHS if name == "adjacency" else ())):
                yield f"exports .{form}", f"exports/{name}.{form}?{day}"
        yield "items", f"{at}/items?limit=7&crs=http://www.opengis.net/def/crs/EPSG/0/25832&datetime=../.."
        for fid in either(hosts, f"{at}/items?limit=3&{DAYS[0]}", "features", "id"):
            yield from (("items", f"{at}/items/{fid}{about}?{DAYS[0]}") for about in ("", "/versions"))
    for kind in ("companies", "plots"):
        for key in either(hosts, f"api/collections/{kind}/items?limit=9&{DAYS[0]}", "features", "id"):
            yield "neighbors", f"api/{kind}/{key}/neighbors?{DAYS[0]}"
    for key in either(hosts, "api/collections/tours/items?datetime=../..", "features", "id"):
        yield "pages", f"tours/{key}/walk"
        yield from ((f"papers {form}", f"tours/{key}" + (f"/tour{form}" if form else "")) for form in PAPERS)


def either(hosts: list[str], path: str, member: str, name: str) -> list[str]:
    """Return the values of a name in lists of both hosts, sorted, each once."""
    answers = [json.loads(answer(host, path)[1]).get(member, ()) for host in hosts]
    return sorted({str(each[name]) for some in answers for each in some})


def answer(host: str, path: str) -> tuple[int, bytes]:
    """Return status and body, without what is different each time."""
    try:
        with urlopen(Request(host + path), timeout=ANSWERS_WITHIN_S) as found:
            return found.status, lasting(found.read())
    except HTTPError as refused:
        with refused:
            return refused.code, lasting(refused.read())


def solution(checkout: Path) -> tuple[int, bytes]:
    """Return how a checkout's prompt solves the problem that the documents show."""
    text = (Path(__file__).parents[1] / "docs" / "tour_problems.md").read_text("utf-8")
    problem = text.partition("```json\n")[2].partition("```")[0]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problem.json"
        file.write_text(problem, "utf-8")
        command = [sys.executable, "-m", "app", "tour", "solve", str(file)]
        done = subprocess.run(command, cwd=checkout, capture_output=True, check=False)
    return done.returncode, lasting(done.stdout + done.stderr)


def lasting(body: bytes) -> bytes:
    """Return an answer as lines that are the same each time; archives and databases by their contents."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = (
                (name, archive.read(name)) for name in sorted(archive.namelist()) if "core.xml" not in name
            )
            return b"\n".join(name.encode() + b"\n" + lasting(part) for name, part in parts)
    if body[:6] == b"SQLite":
        body = b"\n".join(_rows(body))
    elif body[:5] == b"%PDF-":
        pages = (page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(body))
        body = "\n".join(pages).encode()
    for pattern, word in PASSING:
        body = re.sub(pattern, word, body)
    return body


def _rows(body: bytes) -> Iterator[bytes]:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(body)
        file.flush()
        database = sqlite3.connect(file.name)
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
            rows = database.execute(f'SELECT * FROM "{table}"').fetchall()
            yield from (
                re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "MADE", repr((table, *row))).encode() for row in rows
            )
        database.close()


def difference(path: str, old: tuple[int, bytes], new: tuple[int, bytes]) -> str | None:
    """Return the first lines in which two answers differ, None where they are the same."""
    if old == new:
        return None
    before, after = (
        re.sub(r'([,{>])(?=["<])', r"\1\n", body.decode("utf-8", "replace")).split("\n")
        for _, body in (old, new)
    )
    changed = [
        line[:200]
        for line in difflib.unified_diff(before, after, n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    return "\n".join([f"{path} ({old[0]}, {new[0]}; {len(changed)} lines)", *changed[:6]])


if __name__ == "__main__":
    main(*sys.argv[1:])
