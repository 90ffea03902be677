"""What is internal stays so: texts planted in every internal column are in nothing that a visitor gets."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pypdfium2
import pytest
from sqlalchemy import Connection, text
from werkzeug.exceptions import NotFound

from app.config import Settings
from app.db.changes import act_as
from app.db.cluster.embedded import Cluster
from app.domain.frames import CONTRACTS
from app.domain.kinds import AccessRole
from app.exchange.collections.forms import forms_of
from app.services.features.exporting import export_dataset
from app.web.roles import needed_role
from tests.databases import copy_of, loaded
from tests.db.good_rows import store
from tests.web.page_words import links_of

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.web.conftest import MakeApp

PLANTED = "Plantagenet"
BYTES = {("company_list", "content"), ("inbound", "message"), ("outbox", "message")}
# Free texts that only those who are signed in may read, or nobody.
INTERNAL = {
    "acquaintance": {"source", "note"},
    "adjacency_override": {"decided_by"},
    "api_token": {"name"},
    "audit_entry": {"actor", "before", "after"},
    "change_set": {"person", "organization", "reason"},
    "contact": {"name", "function", "note"},
    "contact_channel": {"value", "normalized", "source", "bounce_note"},
    "correction": {"proposed"},
    "company_list": {"name", "content", "answers", "choices"},
    "company_version": {"internal_note", "contact"},
    "follow_up": {"title", "note_internal"},
    "grouping": {"rounds"},
    "guest": {"name"},
    "inbound": {"message_key", "message", "participant", "note"},
    "invitation": {"address_normalized", "reason"},
    "invitation_list": {"rows"},
    "keep_apart": {"note"},
    "list_columns": {"fields"},
    "meeting": {"note_internal"},
    "organization": {"name", "short_name"},
    "outbox": {"dedupe_key", "recipient", "envelope_from", "message", "last_reply"},
    "participation": {"answer_note"},
    "participation_event": {"value"},
    "plot_marketing": {"internal_note"},
    "sign_in_failure": {"name", "origin"},
    "staff": {"name", "openid_subject", "openid_email"},
    "staff_session": {"device"},
    "walkway_permission": {"granted_by", "note"},
}
# Free texts that everybody may read.
PUBLIC = {
    "adjacency_override": {"reason"},
    "company_version": {"name", "group_name", "sector", "website"},
    "facility": {"name", "amenities", "fee", "security_level", "url"},
    "footprint": {"name"},
    "meeting": {"title", "note", "organizers", "place"},
    "meeting_item": {"title", "note"},
    "occupancy": {"street", "house_number", "as_of", "note"},
    "park_version": {"name"},
    "plot_marketing": {"plot_key", "note", "as_of"},
    "plot_version": {"plot_key", "park_key", "label", "street", "parcel_number"},
    "source": {"title", "url", "licence", "attribution"},
    "tour": {"title", "note", "wish", "called_off"},
    "tour_leg": {"turns", "detours"},
    "tour_stop": {"name", "note"},
    "walkway": {"name", "surface", "opening_hours"},
}
# What of public texts is internal as long as the thing is not published, and by what that is seen.
UNPUBLISHED = {
    "tour": ("status = 'draft'", {"title", "note"}),
    "plot_marketing": ("NOT is_public", {"note", "as_of"}),
}
# Keys, codes, and secrets or their prints: no texts.
FORMAL = """
    key kind use_status quality location_quality starts_precision precision wz_code wz_edition wz_basis access
    relation role time_basis engine kerb status table_name business_case intent password_hash token_hash scope
    secret recovery_hashes token evidence_kind openid_issuer state uid series_key attendance_known
    token_sha256 hash act counts basis channel method answer answer_via invited_via presence presence_basis
    part participation_event.actor participation_event.device correction.field
""".split()  # noqa: SIM905
NO_DATA = {"alembic_version", "spatial_ref_sys"}
# Behind secret addresses, which nothing links to.
SECRET = {"door.show", "answers.show", "answers.stop", "answers.check_company"}


# Files take long to make: `addresses` asks for one of each form.
LISTED = re.compile(r"^/(static|exports)/|/tour\.|/items\?|lang=")


def text_columns(connection: Connection) -> list[tuple[str, str, str]]:
    """Return table, column and type of every column that could hold a text."""
    query = """
        SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c
        JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
        AND c.udt_name IN ('text', 'varchar', '_text', 'jsonb', 'json', 'bytea')
    """
    found = [(table, column, kind) for table, column, kind in connection.execute(text(query))]
    return [
        each
        for each in found
        if each[0] not in NO_DATA and not {each[1], f"{each[0]}.{each[1]}"}.intersection(FORMAL)
    ]


DECISION = """
    INSERT INTO adjacency_override
        (focal_plot_id, neighbor_plot_id, relation, reason, decided_by, decided_on, valid)
    SELECT min(plot_id), max(plot_id), 'edge', 'a gate', 'x', '2026-01-05', '(,)' FROM plot
"""
# One that is published, and one that is not.
MARKETING = """
    INSERT INTO plot_marketing (plot_key, status, is_public, starts_precision, valid)
    SELECT key, 'reserved', row_number() OVER (ORDER BY key) = 1, 'unknown', '(,)'
    FROM plot ORDER BY key LIMIT 2
"""
# What is only added to, and never changed, has its text from the beginning.
GIVEN = {
    "participation_event": {"value": f'{{"note": "{PLANTED} participation_event.value"}}'},
    "invitation_list": {"rows": f'["{PLANTED} invitation_list.rows"]'},
}
_VALUES = {
    "text": "{mark}",
    "_text": "ARRAY[{mark}]",
    "jsonb": "jsonb_build_object('x', {mark})",
    "bytea": "convert_to({mark}, 'UTF8')",
}


def planted(connection: Connection) -> None:
    """Fill a template: the shipped data, and in every internal column a text by which it is found again."""
    loaded(connection)
    connection.execute(
        text("UPDATE tour SET status = 'draft' WHERE tour_id = (SELECT max(tour_id) FROM tour)")
    )
    act_as(connection, "Erika")
    connection.execute(text(DECISION))
    connection.execute(text(MARKETING))
    last = connection.scalar(text("SELECT max(company_id) FROM company"))
    for table in INTERNAL.keys() - {"audit_entry"}:
        if table in GIVEN or not connection.scalar(text(f"SELECT count(*) FROM {table}")):
            has_two = table in ("acquaintance", "keep_apart")
            store(connection, table, **GIVEN.get(table, {}), **({"company_b": last} if has_two else {}))
    connection.execute(text("UPDATE meeting SET published = true, state = 'announced' WHERE state = 'draft'"))
    # An identifier has an issuer.
    connection.execute(text("UPDATE staff SET openid_issuer = 'https://id.example', openid_subject = 'x'"))
    # What is changed here is recorded in turn.
    in_order = sorted(text_columns(connection), key=lambda each: each[0] == "audit_entry")
    for table, column, kind in in_order:
        where, names = UNPUBLISHED.get(table, ("true", set()))
        if column in INTERNAL.get(table, ()):
            where = "true"
        elif column not in names:
            continue
        if table in GIVEN:
            continue
        mark = f"'{PLANTED} {table}.{column} ' || ctid::text"
        value = _VALUES[kind].format(mark=mark)
        connection.execute(text(f"UPDATE {table} SET {column} = {value} WHERE {where}"))


@pytest.fixture(scope="module")
def planted_app(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Flask]:
    with copy_of(cluster, planted) as url:
        app = make_app(replace(settings, database_url=url))
        yield app
        app.extensions["engine"].dispose()


@pytest.fixture
def visitor(planted_app: Flask) -> FlaskClient:
    return planted_app.test_client()


def rows(app: Flask, query: str) -> list[Any]:
    with app.extensions["engine"].connect() as held:
        return [tuple(row) for row in held.execute(text(query))]


def test_of_every_text_it_is_said_whether_it_is_internal(planted_app: Flask) -> None:
    with planted_app.extensions["engine"].connect() as held:
        columns = {(table, column) for table, column, _ in text_columns(held)}
        marked = {
            (table, column)
            for table, column in columns
            if held.scalar(
                text(f"SELECT bool_or({_readable(table, column)} LIKE '%{PLANTED}%') FROM {table}")
            )
        }
    said = {
        (table, column) for all_ in (INTERNAL, PUBLIC) for table, names in all_.items() for column in names
    }
    assert columns == said
    assert marked >= {(table, column) for table, names in INTERNAL.items() for column in names}


def _readable(table: str, column: str) -> str:
    return f"convert_from({column}, 'UTF8')" if (table, column) in BYTES else f"{column}::text"


def contents(data: bytes) -> str:
    """Return all text in an answer, also that of archives, tables in columns and prints."""
    found = [data.decode("utf-8", errors="ignore"), data.decode("utf-16-le", errors="ignore")]
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            found += [contents(packed.read(name)) for name in packed.namelist()]
    elif data.startswith(b"PAR1"):
        found.append(str(pq.read_table(io.BytesIO(data)).to_pydict()))
    elif data.startswith(b"%PDF"):
        with pypdfium2.PdfDocument(data) as print_:
            found += [page.get_textpage().get_text_bounded() for page in print_]
    return unescape("\n".join(found))


def addresses(app: Flask) -> Iterator[str]:
    """Yield addresses that no page links to, or not in every form."""
    [(draft,)] = rows(app, "SELECT key FROM tour WHERE status = 'draft'")
    [(shared,)] = rows(app, "SELECT key FROM tour WHERE status = 'published' LIMIT 1")
    for key in (draft, shared):
        yield from (f"/tours/{key}", f"/tours/{key}/walk")
        yield from (f"/tours/{key}/tour.{form}" for form in ("pdf", "ics", "kml"))
    for name in CONTRACTS:
        place = f"/api/collections/{name}"
        yield from (f"{place}{part}" for part in ("", "/schema", "/queryables", "/sortables", "/tiles"))
        when = "&datetime=../.." if name in ("companies", "plots", "facilities") else ""
        yield from (f"{place}/items?limit={n}{when}&f={form}" for form, n in (("json", 500), ("html", 20)))
        yield from (f"{place}/tiles/WebMercatorQuad", f"{place}/tiles/WebMercatorQuad/14/5383/8680")
        forms = forms_of(name) if name == "companies" else ()
        yield from (f"/exports/{name}.{form}" for form in {"csv", *(form.name for form in forms)})
    for table, columns in INTERNAL.items():
        for column in columns:
            yield f"/api/collections/companies/items?filter={column} LIKE '%25{PLANTED}%25'"
            yield f"/api/collections/companies/items?{column}=x&sortby={column}&properties={table}"
    yield from ("/api/collections/companies/items/kaufland-brandgehaege-9/versions", "/walk-worker.js")
    yield from ("/api/companies/kaufland/neighbors", "/api/plots/HK1-001/neighbors", "/api/changes")
    yield from ("/api/reach?from=10.7276,52.3731", "/api/reach/nearest?from=10.7276,52.3731&to=companies")
    yield from (f"/api/tours/suggestions?on=2026-05-05&company={one}" for one in ("kaufland", "none"))
    yield from ("/map/links.json", "/healthz", "/favicon.ico", "/.well-known/security.txt", "/nothing")
    yield from (
        "/login",
        "/login/code",
        "/login/openid",
        "/login/openid/return",
        "/password/x",
        "/s/x",
        "/s/x/tour.pdf",
        "/companies?on=bad",
    )
    yield from ("/static/js/map/main.js", "/tours/planner", "/lists", "/lists/1", "/companies/kaufland")
    yield from ("/plots", "/session", "/changes", *(f"/changes.{form}" for form in ("json", "csv", "atom")))
    yield from ("/api/openapi.json", "/api/openapi.html", "/api/conformance", "/api/tileMatrixSets")
    yield from ("/api/tileMatrixSets/WebMercatorQuad", "/companies/kaufland/correction", "/meetings")
    for (key,) in rows(app, "SELECT key FROM meeting"):
        yield from (f"/meetings/{key}", f"/meetings/{key}/meeting.ics")


def seen_by(app: Flask, visitor: FlaskClient) -> Iterator[tuple[str, TestResponse]]:
    """Yield what a visitor gets: of every page some, of each page what it links to, and `addresses`."""
    wanted, known, n_of = ["/", "/companies", "/daten", "/tours", "/api/", *addresses(app)], set(), {}
    while wanted:
        address = wanted.pop(0)
        if address in known:
            continue
        known.add(address)
        answer = visitor.get(address, headers={"Accept": "*/*"})
        yield address, answer
        answer.close()
        if answer.mimetype == "text/html" and answer.status_code == 200:
            for link in links_of(answer.get_data(as_text=True)):
                kind = re.sub(r"[\d%][^/&]*|=[^&]*", "#", link)
                n_of[kind] = n_of.get(kind, 0) + 1
                is_more = n_of[kind] == 1 and link.startswith("/") and not LISTED.search(link)
                wanted += [link] if is_more else []


def test_nothing_internal_is_in_anything_that_a_visitor_gets(
    planted_app: Flask, visitor: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    routes = planted_app.url_map.bind("localhost")
    open_endpoints = {
        rule.endpoint
        for rule in planted_app.url_map.iter_rules()
        if needed_role(rule.endpoint) is AccessRole.VISITOR and "GET" in (rule.methods or ())
    }
    leaks, asked = [], set()
    with caplog.at_level(logging.DEBUG, "app"):
        for address, answer in seen_by(planted_app, visitor):
            # What was asked for may stand in the answer.
            whole = contents(answer.get_data()).replace(f"%{PLANTED}%", "").replace(f"%25{PLANTED}%25", "")
            told = whole + str(answer.headers).replace(f"%25{PLANTED}", "")
            leaks += [(address, found) for found in re.findall(rf"{PLANTED} [a-z_]+\.\w+", told)]
            assert answer.status_code < 500, (address, whole[:500])
            with suppress(NotFound):
                asked.add(routes.match(re.split("[?#]", address)[0])[0])
    assert leaks == []
    assert open_endpoints - asked - SECRET == set()
    assert f"{PLANTED} " not in caplog.text


def test_nothing_internal_is_in_a_data_folder(planted_app: Flask, tmp_path: Path) -> None:
    with planted_app.extensions["engine"].connect() as held:
        export_dataset(held, tmp_path / "data")
    files = list((tmp_path / "data").iterdir())
    assert len(files) > 8
    assert [file.name for file in files if PLANTED in file.read_text("utf-8")] == []
