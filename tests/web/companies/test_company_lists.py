"""A list of companies: uploaded, its columns named, every row looked at, saved and undone as one change."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.domain.kinds import AccessRole
from tests.web.companies.test_company_forms import free_plot, hidden, last_change, page_of, rows, tables
from tests.web.page_words import read
from tests.web.signing_in import PASSWORD, Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse


KAUFLANDS_PLOT = """
    SELECT plot.key FROM plot JOIN occupancy USING (plot_id) WHERE occupancy.key = 'kaufland-brandgehaege-9'
"""


@pytest.fixture(scope="module")
def people(staffed: Flask) -> dict[str, Signed]:
    let_in(staffed, "Lena", PASSWORD, AccessRole.STAFF, "wmg")
    let_in(staffed, "Lars", PASSWORD, AccessRole.STAFF, "wmg")
    let_in(staffed, "Otto", PASSWORD, AccessRole.STAFF, "wag")
    return {name: signed_in(staffed, name) for name in ("Lena", "Lars", "Otto")}


@pytest.fixture
def staff(people: dict[str, Signed]) -> Signed:
    return people["Lena"]


@pytest.fixture(autouse=True)
def unchanged(staffed: Flask, people: dict[str, Signed]) -> Iterator[None]:
    """Undo, as those who made them, the changes of a test; all is as it was then."""
    before = tables(staffed)
    [(last,)] = rows(staffed, "SELECT coalesce(max(change_set_id), 0) FROM change_set")
    yield
    query = "SELECT change_set_id, person FROM change_set WHERE change_set_id > :last ORDER BY 1 DESC"
    for number, person in rows(staffed, query, last=last):
        people[person].fill(f"/changes/{number}/undo")
    assert tables(staffed) == before


def sent(staff: Signed, content: str | bytes, name: str = "firmen.csv") -> TestResponse:
    whole = content.encode() if isinstance(content, str) else content
    data = {"csrf_token": staff.token, "file": (io.BytesIO(whole), name)}
    return staff.client.post("/lists?lang=en", data=data, content_type="multipart/form-data")


def uploaded(staff: Signed, content: str | bytes, **said: str) -> str:
    """Upload a list and take its columns as they are guessed; return its address."""
    answer = sent(staff, content)
    assert answer.status_code == 302, page_of(answer)
    columns = answer.headers["Location"]
    html = read(staff.client, f"{columns}?lang=en")
    chosen = {
        name: (re.search(r'<option value="([^"]*)" selected', options) or [None, ""])[1]
        for name, options in re.findall(r'<select[^>]* name="(column-\d+)">(.*?)</select>', html, re.S)
    }
    given = {"intent": "correct", "edition": "2008", "day": "", "reason": "", **chosen, **said}
    answer = staff.fill(columns, **given)
    assert answer.status_code == 302, page_of(answer)
    return str(answer.headers["Location"])


def shown(staff: Signed, address: str) -> str:
    return page_of(staff.client.get(f"{address}?lang=en"))


def form_of(staff: Signed, address: str) -> dict[str, list[str]]:
    """Return what the form of the rows sends as it stands."""
    html = read(staff.client, f"{address}?lang=en")
    found = {
        "row": re.findall(r'name="row" value="(\d+)"', html),
        "take": re.findall(r'name="take" value="(\d+)" checked', html),
    }
    for name, options in re.findall(r'<select[^>]* name="(choice-\d+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = [unescape(chosen[1]) if chosen else ""]
    return found


def followed(staff: Signed, address: str, **said: list[str]) -> TestResponse:
    data = {"csrf_token": [staff.token], **form_of(staff, address), "step": ["preview"], **said}
    return staff.client.post(f"{address}?lang=en", data=data)


def saved(staff: Signed, address: str, **said: list[str]) -> TestResponse:
    seen = followed(staff, address, **said)
    assert seen.status_code == 200, page_of(seen)
    assert "Nothing is saved yet." in page_of(seen)
    answer = staff.fill(address, **hidden(seen), step="save")
    assert answer.status_code == 302, page_of(answer)
    return seen


def company(app: Flask, name: str) -> dict[str, object]:
    query = """
        SELECT v.name, v.sector, v.wz_code, v.wz_edition, v.website, o.street, o.house_number, p.key AS plot,
               lower(o.valid) AS since, o.starts_precision, o.location_quality, o.note
        FROM company_version v LEFT JOIN occupancy o USING (company_id) LEFT JOIN plot p USING (plot_id)
        WHERE v.name = :name AND v.valid @> current_date
    """
    with app.extensions["engine"].connect() as held:
        return dict(held.execute(text(query), {"name": name}).mappings().one())


def test_new_changed_unchanged_doubtful_and_unreadable_rows_are_told_apart(
    staffed: Flask, staff: Signed
) -> None:
    [(plot,)] = rows(staffed, KAUFLANDS_PLOT)
    address = uploaded(
        staff,
        "Firma;Branche;Straße;Hausnummer;Grundstück;seit;Website\n"
        "Neu & Frisch GmbH;Bäckerei;Brandgehaege;9;;03.2026;www.example.org\n"
        "Kaufland;Lebensmittel groß;;;;;\n"
        "AKKA;;Hohenbuechen;;;;\n"
        "Kaufland Stiftung & Co. KG;;;;;;\n"
        "Ortlos AG;;Nirgendweg;1;;;\n"
        "Falsch GmbH;;;;HK9-999;31.02.2020;\n",
    )
    page = shown(staff, address)
    for kind, n in {
        "New": 2,
        "Changed": 1,
        "Unchanged": 1,
        "Perhaps stored already": 1,
        "Cannot be taken": 1,
    }.items():
        assert f"{n} {kind}" in page, page
    assert "Lebensmittel groß" in page
    assert "First day March 2026" in page
    assert "Column “seit”: “31.02.2020” is no day; expected 24.07.2021" in page
    assert "Ortlos AG row 6 without a place" in page
    told = page_of(saved(staff, address))
    assert "Neu & Frisch GmbH wins Kaufland" in told
    assert "Ortlos AG" in told
    new = company(staffed, "Neu & Frisch GmbH")
    assert new == {
        "name": "Neu & Frisch GmbH",
        "sector": "Bäckerei",
        "wz_code": None,
        "wz_edition": None,
        "website": "https://www.example.org",
        "street": "Brandgehaege",
        "house_number": "9",
        "plot": plot,
        "since": date(2026, 3, 1),
        "starts_precision": "month",
        "location_quality": "address",
        "note": None,
    }
    assert company(staffed, "Kaufland")["sector"] == "Lebensmittel groß"
    assert company(staffed, "Ortlos AG")["plot"] is None
    made = last_change(staffed)
    assert [made[name] for name in ("person", "organization", "business_case", "intent", "reason")] == [
        *("Lena", "WMG", "list", "correct", "firmen.csv")
    ]
    assert not rows(staffed, "SELECT FROM company WHERE key LIKE '%aufland-stiftung'")
    # Nothing is left of the list, and what it said is undone as one.
    assert staff.client.get(address).status_code == 404
    assert staff.fill(f"/changes/{made['change_set_id']}/undo").status_code == 302
    assert not rows(staffed, "SELECT FROM company WHERE key = 'neu-frisch-gmbh'")


def test_a_change_since_a_day_leaves_the_time_before(staffed: Flask, staff: Signed) -> None:
    address = uploaded(staff, "Firma;Branche\nKaufland;Warenhaus\n", intent="change", day="01.04.2025")
    saved(staff, address)
    query = """
        SELECT sector, lower(valid) FROM company_version JOIN company USING (company_id)
        WHERE key = 'kaufland' ORDER BY valid
    """
    assert [row[1] for row in rows(staffed, query)][-1] == date(2025, 4, 1)
    assert [row[0] for row in rows(staffed, query)][-1] == "Warenhaus"
    assert "Warenhaus" not in [row[0] for row in rows(staffed, query)][:-1]


@pytest.mark.parametrize(
    ("choice", "name", "n_new"),
    [("same:kaufland", "Kaufland", 0), ("renamed:kaufland", "Caufland", 0), ("new", "Caufland", 1)],
)
def test_a_person_decides_whether_a_row_means_a_stored_company(
    staffed: Flask, staff: Signed, choice: str, name: str, n_new: int
) -> None:
    [(before,)] = rows(staffed, "SELECT count(*) FROM company")
    address = uploaded(staff, "Firma;Website\nCaufland;kaufland.example\n")
    assert "no row is taken" in page_of(followed(staff, address)).lower()
    saved(staff, address, **{"choice-2": [choice]})
    assert company(staffed, name)["website"] == "https://kaufland.example"
    assert rows(staffed, "SELECT count(*) FROM company") == [(before + n_new,)]


def test_rows_are_left_out_one_by_one_and_the_choice_is_kept(staffed: Flask, staff: Signed) -> None:
    address = uploaded(staff, "Firma\nEins GmbH\nZwei GmbH\n")
    given = {**form_of(staff, address), "take": ["2"]}
    assert staff.client.post(address, data={"csrf_token": staff.token, **given, "go": "1"}).status_code == 302
    assert "1 Left out" in shown(staff, address)
    saved(staff, address)
    assert rows(staffed, "SELECT key FROM company WHERE key IN ('eins-gmbh', 'zwei-gmbh')") == [
        ("eins-gmbh",)
    ]


def test_a_place_is_found_by_degrees_by_plot_or_by_an_address_that_is_known(
    staffed: Flask, staff: Signed
) -> None:
    query = """
        SELECT ST_X(p), ST_Y(p) FROM (
            SELECT ST_Transform(ST_PointOnSurface(geometry), 4326) p FROM plot_version
            WHERE valid @> current_date AND plot_key = :plot
        ) q
    """
    plot = free_plot(staffed)
    [(lon, lat)] = rows(staffed, query, plot=plot)
    address = uploaded(
        staff,
        f"Firma;lon;lat;Grundstück;Adresse\nA eins;{lon:.7f};{lat:.7f};;\nB zwei;;;{plot};\n"
        + "C drei;;;;Wolfsacker 4, 38446 Wolfsburg\nD vier;;;;Wolfsacker 999\n"
        + "E fünf;52,37;10,74;;\nF sechs;10,74;52,30;;\n",
    )
    page = shown(staff, address)
    assert "with the coordinates swapped (10.74, 52.37)" in page
    assert "The point lies outside of all business parks." in page
    saved(staff, address)
    assert [company(staffed, name)["plot"] for name in ("A eins", "B zwei")] == [plot, plot]
    third, fourth = company(staffed, "C drei"), company(staffed, "D vier")
    assert (third["plot"], third["location_quality"]) == (None, "address")  # on two plots
    assert (fourth["plot"], fourth["location_quality"], fourth["starts_precision"]) == (
        None,
        "street",
        "unknown",
    )
    assert rows(
        staffed,
        "SELECT use_status FROM plot_version WHERE plot_key = :plot AND valid @> current_date",
        plot=plot,
    ) == [("occupied",)]


def test_a_company_on_no_plot_is_put_on_one_by_a_list(staffed: Flask, staff: Signed) -> None:
    query = """
        SELECT v.name FROM occupancy o JOIN company_version v USING (company_id)
        WHERE o.plot_id IS NULL AND o.valid @> current_date AND v.valid @> current_date
        GROUP BY v.name HAVING count(*) = 1 ORDER BY 1 LIMIT 1
    """
    [(name,)] = rows(staffed, query)
    address = uploaded(staff, f'Firma;Grundstück\n"{name}";HK2-012\n')
    assert "Plot HK2-012" in shown(staff, address)
    told = page_of(saved(staff, address))
    assert f"{name} wins" in told
    assert company(staffed, name)["plot"] == "HK2-012"


def test_a_second_row_of_a_company_is_not_taken(staff: Signed) -> None:
    page = shown(
        staff, uploaded(staff, "Firma;Branche\nKaufland;a\nKAUFLAND;b\nNeuling GmbH;c\nNeuling AG;d\n")
    )
    assert page.count("names this company already: each company once") == 1
    assert "Row 4 has nearly this name" in page
    assert "Row 2 names this company already" in page


def test_what_columns_mean_is_remembered_for_the_organization(people: dict[str, Signed]) -> None:
    content = "Firma;Spalte Q\nEins GmbH;Bäcker\n"
    uploaded(people["Lena"], content, **{"column-1": "sector"})

    def guessed(who: str) -> str:
        html = read(people[who].client, f"{sent(people[who], content).headers['Location']}?lang=en")
        select = html[html.index('name="column-1"') :]
        found = re.search(r'<option value="([^"]*)" selected', select[: select.index("</select>")])
        return found[1] if found else ""

    assert (guessed("Lars"), guessed("Otto")) == ("sector", "")


def test_a_list_is_its_owners_and_ends_with_the_day(staffed: Flask, people: dict[str, Signed]) -> None:
    address = uploaded(people["Lena"], "Firma\nEins GmbH\n")
    assert people["Lars"].client.get(address).status_code == 404
    assert people["Lars"].fill(f"{address}/discard").status_code == 404
    with staffed.extensions["engine"].begin() as held:
        held.execute(
            text("UPDATE company_list SET (created_at, expires_at) = (now() - interval '1 day', now())")
        )
    assert people["Lena"].client.get(address).status_code == 404
    sent(people["Lars"], "Firma\nZwei GmbH\n")
    assert rows(staffed, "SELECT count(*) FROM company_list") == [(1,)]


def test_a_list_is_thrown_away(staffed: Flask, staff: Signed) -> None:
    address = uploaded(staff, "Firma\nEins GmbH\n")
    assert staff.fill(f"{address}/discard").status_code == 302
    assert staff.client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "status", "sentence"),
    [
        (b"", "leer.csv", 422, "“leer.csv” holds no rows."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "bild.png", 422, "neither a CSV nor an XLSX"),
        (b"x" * (5 * 2**20 + 1), "viel.csv", 413, "“viel.csv” is larger than 5 MB."),
        (b"x" * (6 * 2**20), "mehr.csv", 413, "larger than the service accepts"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(
    staff: Signed, content: bytes, name: str, status: int, sentence: str
) -> None:
    answer = sent(staff, content, name)
    told = page_of(answer)
    # What the test's client sends lies in a file of its own.
    answer.request.environ["wsgi.input"].close()
    assert (answer.status_code, sentence in told) == (status, True), told


def test_what_follows_is_shown_again_when_others_changed_it_meanwhile(staffed: Flask, staff: Signed) -> None:
    address = uploaded(staff, "Firma;Website\nKaufland;neu.example\n")
    seen = followed(staff, address)
    other = uploaded(staff, "Firma;Branche\nKaufland;anders\n")
    saved(staff, other)
    mine = uploaded(staff, "Firma;Branche\nKaufland;ganz anders\n")
    again = staff.fill(mine, **hidden(seen), step="save")
    assert again.status_code == 200
    assert "Meanwhile something else was changed" in page_of(again)
    assert company(staffed, "Kaufland")["sector"] == "anders"


def test_columns_that_say_too_little_are_asked_for_again(staff: Signed) -> None:
    answer = sent(staff, "X;Y\na;b\n")
    columns = answer.headers["Location"]
    page = staff.fill(columns, intent="change", day="", edition="2008")
    assert page.status_code == 422
    assert "Say which column holds the name of the company." in page_of(page)
    assert "Please fill in this field." in page_of(page)
