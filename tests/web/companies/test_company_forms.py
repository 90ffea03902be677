"""What happens to companies, by the forms that staff fill in: seen before, saved as one change, undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.db.companies.companies import companies_on
from app.db.land.plots import plots_on
from app.domain.kinds import AccessRole
from app.web.companies import saving, sites
from tests.web.page_words import read, words_of
from tests.web.signing_in import PASSWORD, Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

TABLES = ("company", "company_version", "occupancy", "plot_version", "succession", "adjacency", "tour_stop")
KAUFLANDS_CLASS = (
    "Einzelhandel mit Waren verschiedener Art, Hauptrichtung Nahrungs- und Genussmittel, Getränke und "
    "Tabakwaren"
)
KAUFLAND, ITS_PLACE = "/companies/kaufland", "kaufland-brandgehaege-9"


@pytest.fixture
def app(staffed: Flask) -> Iterator[Flask]:
    """The application, whose data are as they were when a test has ended."""
    admin = signed_admin(staffed)
    before = tables(staffed)
    [(last,)] = rows(staffed, "SELECT coalesce(max(change_set_id), 0) FROM change_set")
    yield staffed
    query = "SELECT change_set_id FROM change_set WHERE change_set_id > :last ORDER BY 1 DESC"
    for (number,) in rows(staffed, query, last=last):
        admin.fill(f"/changes/{number}/undo")
    assert tables(staffed) == before


@pytest.fixture
def staff(app: Flask) -> Signed:
    return signed_in(app)


def signed_admin(app: Flask) -> Signed:
    known: Signed | None = app.extensions.get("its admin")
    if known is None:
        let_in(app, "Ada", PASSWORD, AccessRole.ADMIN, "wmg")
        known = app.extensions["its admin"] = signed_in(app, "Ada")
    return known


def tables(app: Flask) -> dict[str, list[str]]:
    """Return all rows of what is edited; derived pairs without the numbers of their rows."""
    found = {}
    with app.extensions["engine"].connect() as held:
        for table in TABLES:
            less = " - 'adjacency_id'" if table == "adjacency" else ""
            query = f"SELECT (to_jsonb(t){less})::text AS row FROM {table} t ORDER BY 1"
            found[table] = list(held.execute(text(query)).scalars())
    return found


def rows(app: Flask, query: str, **values: Any) -> list[Any]:
    with app.extensions["engine"].connect() as held:
        return [tuple(row) for row in held.execute(text(query), values)]


def last_change(app: Flask) -> dict[str, Any]:
    with app.extensions["engine"].connect() as held:
        query = "SELECT * FROM change_set ORDER BY change_set_id DESC LIMIT 1"
        return dict(held.execute(text(query)).mappings().one())


def free_plot(app: Flask) -> str:
    with app.extensions["engine"].connect() as held:
        plots = plots_on(held, date(2027, 3, 1))
    return str(plots.loc[plots.occupants.isna() & (plots.park == "heinenkamp-2"), "key"].iloc[0])


def companies(app: Flask, on: date) -> dict[str, list[Any]]:
    """Return plot by place of the companies of a day."""
    with app.extensions["engine"].connect() as held:
        frame = companies_on(held, on)
    found: dict[str, list[Any]] = {}
    for row in frame.itertuples():
        found.setdefault(row.company, []).append(row.plot)
    return found


def status(app: Flask, plot: str, on: date) -> str:
    with app.extensions["engine"].connect() as held:
        plots = plots_on(held, on)
    return str(plots.loc[plots.key == plot, "use_status"].iloc[0])


def page_of(answer: TestResponse) -> str:
    return words_of(answer.get_data(as_text=True))


def hidden(answer: TestResponse) -> dict[str, str]:
    """Return what the form of a page holds without being seen, as a browser sends it."""
    html = answer.get_data(as_text=True)
    form = html[html.index("<main") :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found if name != "csrf_token"}


def previewed(staff: Signed, address: str, **given: str) -> TestResponse:
    """Fill in a form as it stands, over what is typed, and ask what follows."""
    html = read(staff.client, f"{address}{'&' if '?' in address else '?'}lang=en")
    stands = dict(re.findall(r'<input class="form-control[^"]*" id="(\w+)" name="\w+" value="([^"]*)"', html))
    chosen = re.findall(r'<select[^>]* name="(\w+)".*?</select>', html, re.S)
    for name in chosen:
        part = html[html.index(f'name="{name}"') :]
        option = re.search(r'<option value="([^"]*)" selected', part[: part.index("</select>")])
        stands[name] = option[1] if option else ""
    shown = dict(re.findall(r'<input type="hidden" name="(shown-\w+)" value="([^"]*)"', html))
    typed = {name: unescape(value) for name, value in {**stands, **shown}.items()}
    return staff.fill(address, **{**typed, "step": "preview", **given})


def saved(staff: Signed, address: str, **given: str) -> TestResponse:
    """Fill in a form, see what follows, save it."""
    before = previewed(staff, address, **given)
    assert before.status_code == 200, page_of(before)
    assert "Nothing is saved yet." in page_of(before)
    answer = staff.fill(address, **hidden(before), step="save")
    assert answer.status_code == 302, page_of(answer)
    return before


def test_a_move_is_seen_before_it_is_saved_as_one_change(app: Flask, staff: Signed) -> None:
    plot, before = free_plot(app), tables(app)
    address = f"{KAUFLAND}/places/{ITS_PLACE}/move"
    seen = previewed(staff, address, plot=plot, day="01.03.2027", last_day="31.03.2027", reason="new hall")
    told = page_of(seen)
    assert tables(app) == before
    assert "Kaufland loses" in told
    assert re.search(r"Kaufland (wins|keeps) ", told)
    assert re.search(r"loses \S.*\(common boundary, [\d.,]+ m\)", told)
    assert f"Business park Heinenkamp II Plot {plot}" in told
    assert "Kaufland planned from 1 Mar 2027 new" in told
    assert "up to and including 31 Mar 2027" in told
    assert staff.fill(address, **hidden(seen), step="save").status_code == 302
    made = last_change(app)
    assert [made[name] for name in ("person", "business_case", "intent", "day", "reason")] == [
        *("Erika Muster", "move", "change", date(2027, 3, 1), "new hall")
    ]
    assert companies(app, date(2027, 2, 28))["kaufland"] == ["HK1-001"]
    assert sorted(companies(app, date(2027, 3, 31))["kaufland"]) == sorted(["HK1-001", plot])
    assert companies(app, date(2027, 4, 1))["kaufland"] == [plot]
    assert status(app, plot, date(2027, 3, 1)) == "occupied"
    # And it is taken back from the list, to the last bit.
    assert staff.fill(f"/changes/{made['change_set_id']}/undo").status_code == 302
    assert tables(app) == before


def test_what_follows_is_found_out_again_only_where_it_may_be_other(
    app: Flask, staff: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same data and answers it is known; others may have saved, or another plot may be typed."""
    asked: list[object] = []
    preview = saving.preview
    monkeypatch.setattr(saving, "preview", lambda *given: asked.append(given) or preview(*given))
    address, plot = f"{KAUFLAND}/expansion", free_plot(app)
    seen = hidden(previewed(staff, address, plot=plot, day="01.03.2027"))
    assert len(asked) == 1
    other = staff.fill(address, **{**seen, "plot": "HK1-002"}, step="save")
    assert (other.status_code, len(asked)) == (200, 2)
    assert "please look again" in page_of(other)
    saved(staff, f"{KAUFLAND}/departure", last_day="31.12.2028")
    assert len(asked) == 3
    assert staff.fill(address, **seen, step="save").status_code == 302
    assert len(asked) == 4
    seen = hidden(previewed(staff, address, plot="HK1-003", day="01.03.2027"))
    assert staff.fill(address, **seen, step="save").status_code == 302
    assert len(asked) == 5
    assert sorted(companies(app, date(2027, 4, 1))["kaufland"]) == sorted(["HK1-001", "HK1-003", plot])


def test_of_many_plots_none_is_proposed_and_each_is_found(
    app: Flask, staff: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    plot = free_plot(app)
    with app.extensions["engine"].connect() as held:
        label = plots_on(held, date(2027, 3, 1), keys=[plot])["label"].iloc[0]
    address = f"{KAUFLAND}/expansion"
    assert f'<option value="{plot}">' in read(staff.client, address)
    monkeypatch.setattr(sites, "_MOST_PROPOSED", 5)
    assert f'<option value="{plot}">' not in read(staff.client, address)
    saved(staff, address, plot=plot.lower() if label is None else label, day="01.03.2027")
    assert plot in companies(app, date(2027, 3, 1))["kaufland"]


def test_a_company_leaves_after_its_last_day(app: Flask, staff: Signed) -> None:
    saved(staff, f"{KAUFLAND}/departure", last_day="28.02.2027")
    assert last_change(app)["business_case"] == "departure"
    assert "kaufland" in companies(app, date(2027, 2, 28))
    assert "kaufland" not in companies(app, date(2027, 3, 1))
    assert "up to and including 28 Feb 2027" in words_of(read(staff.client, f"{KAUFLAND}?lang=en"))
    page = words_of(read(staff.client, f"{KAUFLAND}?lang=de"))
    assert "bis 28.02.2027" in page
    assert "Weggang · Kaufland · letzter Tag 28.02.2027" in page


def test_of_a_last_day_only_the_year_is_known(app: Flask, staff: Signed) -> None:
    saved(staff, f"{KAUFLAND}/departure", last_day="2027")
    assert "kaufland" in companies(app, date(2027, 12, 31))
    assert "kaufland" not in companies(app, date(2028, 1, 1))


def test_a_renamed_company_keeps_its_name_in_the_years_before(app: Flask, staff: Signed) -> None:
    seen = saved(staff, f"{KAUFLAND}/attributes/change", name="Markt & Söhne", day="03.2025")
    assert "Name Kaufland → Markt & Söhne" in page_of(seen) or "Markt & Söhne" in page_of(seen)
    query = """
        SELECT name, lower(valid), starts_precision FROM company_version JOIN company USING (company_id)
        WHERE key = 'kaufland' ORDER BY valid
    """
    assert rows(app, query) == [
        ("Kaufland", None, "unknown"),
        ("Markt & Söhne", date(2025, 3, 1), "month"),
    ]
    history = words_of(read(staff.client, f"{KAUFLAND}?lang=de"))
    assert "seit März 2025 Markt & Söhne" in history
    assert "bis 28.02.2025 Kaufland" in history


def test_what_was_never_so_is_put_right_without_a_new_version(app: Flask, staff: Signed) -> None:
    website = "https://example.org/markt"
    seen = saved(staff, f"{KAUFLAND}/attributes/correct", website=website)
    assert "No version begins or ends" in page_of(seen)
    query = """
        SELECT name, website FROM company_version JOIN company USING (company_id) WHERE key = 'kaufland'
    """
    assert rows(app, query) == [("Kaufland", website)]
    assert last_change(app)["intent"] == "correct"


def test_a_company_is_put_on_its_plot(app: Flask, staff: Signed) -> None:
    query = """
        SELECT c.key, o.key FROM occupancy o JOIN company c USING (company_id) JOIN park p USING (park_id)
        WHERE plot_id IS NULL AND p.key = 'heinenkamp-2' ORDER BY 2 LIMIT 1
    """
    [(firm, key)] = rows(app, query)
    plot = free_plot(app)
    seen = saved(staff, f"/companies/{firm}/places/{key}/plot/correct", plot=plot.lower())
    assert f"Plot {plot}" in page_of(seen)
    assert companies(app, date(2027, 3, 1))[firm] == [plot]
    assert [last_change(app)[name] for name in ("business_case", "intent")] == ["placement", "correct"]
    listed = words_of(read(staff.client, "/changes/saved?lang=de"))
    assert "Auf Grundstück gesetzt" in listed


def test_a_place_lies_on_another_plot_since_a_year(app: Flask, staff: Signed) -> None:
    plot = free_plot(app)
    saved(staff, f"{KAUFLAND}/places/{ITS_PLACE}/plot/change", plot=plot, day="2025")
    assert companies(app, date(2024, 12, 31))["kaufland"] == ["HK1-001"]
    assert companies(app, date(2025, 1, 1))["kaufland"] == [plot]


def test_an_address_is_changed_from_a_day_on(app: Flask, staff: Signed) -> None:
    saved(staff, f"{KAUFLAND}/places/{ITS_PLACE}/address/change", house_number="9a", day="2026-01-15")
    query = "SELECT house_number, lower(valid) FROM occupancy WHERE key = :key ORDER BY valid DESC LIMIT 1"
    assert rows(app, query, key=ITS_PLACE) == [("9a", date(2026, 1, 15))]


def test_a_new_company_comes(app: Flask, staff: Signed) -> None:
    plot = free_plot(app)
    given = {"name": "Müller & Söhne", "sector": "Tischlerei", "website": "https://example.org"}
    wz = {"wz_code": "31.09", "wz_edition": "2008", "wz_basis": "stated"}
    seen = saved(staff, "/arrival", plot=plot, day="01.03.2027", **given, **wz)
    assert "Müller & Söhne wins" in page_of(seen) or "All companies keep" in page_of(seen)
    assert companies(app, date(2027, 3, 1))["mueller-soehne"] == [plot]
    assert "mueller-soehne" not in companies(app, date(2027, 2, 28))
    assert last_change(app)["business_case"] == "arrival"
    again = previewed(staff, "/arrival", plot=plot, day="01.03.2027", **given)
    assert again.status_code == 409
    assert "There is a company “Müller & Söhne” already" in page_of(again)


def test_the_page_of_a_plot_leads_to_a_new_company_on_it(app: Flask, staff: Signed) -> None:
    plot = free_plot(app)
    address = f"/arrival?plot={plot}"
    assert f'href="{address}"' in read(staff.client, f"/plots/{plot}")
    form = read(staff.client, address)
    assert re.search(rf'<input[^>]* id="plot" name="plot" value="{plot}"', form)
    assert f'data-form="{address}"' in form


def test_a_company_grows_where_the_plot_is_not_known_yet(app: Flask, staff: Signed) -> None:
    saved(staff, f"{KAUFLAND}/expansion", park="heinenkamp-2", street="Teststraße", day="2027-03-01")
    assert companies(app, date(2027, 3, 1))["kaufland"] == [None, "HK1-001"]
    assert last_change(app)["business_case"] == "expansion"


def test_another_company_follows_and_the_day_is_put_right_for_both(app: Flask, staff: Signed) -> None:
    address = f"{KAUFLAND}/places/{ITS_PLACE}/succession"
    seen = page_of(saved(staff, address, successor="Neuer Markt", kind="takeover", day="01.03.2027"))
    assert "Neuer Markt wins Bäckerei Leifert" in seen
    assert "Kaufland loses Bäckerei Leifert" in seen
    assert "Neuer Markt, HK1-001" in seen
    assert "kaufland" not in companies(app, date(2027, 3, 1))
    assert companies(app, date(2027, 3, 1))["neuer-markt"] == ["HK1-001"]
    wrong = f"last 2027-03-01 {ITS_PLACE}"
    saved(staff, f"{KAUFLAND}/day", boundary=wrong, day="31.03.2027")
    assert "kaufland" in companies(app, date(2027, 3, 31))
    assert "neuer-markt" not in companies(app, date(2027, 3, 31))
    assert "neuer-markt" in companies(app, date(2027, 4, 1))
    query = (
        "SELECT kind, happened_on FROM succession JOIN company ON company_id = successor_id WHERE key = :key"
    )
    assert rows(app, query, key="neuer-markt") == [("takeover", date(2027, 4, 1))]


@pytest.mark.parametrize(
    ("address", "given", "field", "sentence"),
    [
        ("departure", {"last_day": "31.02.2027"}, "last_day", "“31.02.2027” is no day; expected 24.07.2021"),
        ("departure", {"last_day": ""}, "last_day", "Please fill in this field."),
        ("expansion", {"day": "2027"}, "park", "Choose a plot, or the business park"),
        ("expansion", {"day": "2027", "plot": "Brand"}, "plot", "“Brand” is in "),
        ("expansion", {"day": "2027", "plot": "nowhere"}, "plot", "There is no plot “nowhere” today"),
        ("attributes/change", {"day": "2025"}, "name", "Nothing is changed yet"),
        ("attributes/change", {"day": "2025", "name": ""}, "name", "Please fill in this field."),
        ("attributes/correct", {"wz_code": "4x"}, "wz_code", "“4x” is no WZ code"),
        ("attributes/correct", {"website": "markt"}, "website", "A website begins with https://"),
        ("attributes/correct", {"sector": "x" * 501}, "sector", "at most 500 characters"),
        ("attributes/correct", {"sector": "Neu", "day": "gestern"}, "day", "“gestern” is no day"),
        ("day", {"boundary": "never", "day": "2025"}, "boundary", "Choose one of the days"),
        (f"places/{ITS_PLACE}/move", {"day": "2027", "last_day": "bald"}, "last_day", "“bald” is no day"),
        (f"places/{ITS_PLACE}/move", {"day": "29.02.2027"}, "day", "“29.02.2027” is no day"),
    ],
)
def test_what_is_refused_is_said_beside_its_field_and_nothing_typed_is_lost(  # noqa: PLR0917
    app: Flask, staff: Signed, address: str, given: dict[str, str], field: str, sentence: str
) -> None:
    answer = previewed(staff, f"{KAUFLAND}/{address}", reason="kept <as it is>", **given)
    html = answer.get_data(as_text=True)
    assert 400 <= answer.status_code < 500
    problem = re.search(rf'id="problem-{field}">([^<]+)<', html)
    assert problem, words_of(html)
    assert unescape(problem[1]).startswith(sentence) or sentence in unescape(problem[1])
    assert 'value="kept &lt;as it is&gt;"' in html
    assert f'href="#{field}"' in html


def test_undo_is_personal_refused_by_name_and_restore_is_offered(app: Flask, staff: Signed) -> None:
    address = f"{KAUFLAND}/attributes/correct"
    saved(staff, address, sector="Erstes")
    first = last_change(app)["change_set_id"]
    admin = signed_admin(app)
    saved(admin, address, sector="Zweites")
    second = last_change(app)["change_set_id"]
    assert staff.fill(f"/changes/{second}/undo").status_code == 403
    refused = staff.fill(f"/changes/{first}/undo")
    assert refused.status_code == 409
    assert re.search(r"“Kaufland” was changed since \(\d\d\.\d\d\.\d{4}, Ada\)", page_of(refused))
    thing = hidden(refused)["thing"]
    answer = staff.fill(f"/changes/{first}/restore", thing=thing, reason="back")
    assert answer.status_code == 302
    made = last_change(app)
    assert (made["business_case"], made["reason"]) == ("restore", "back")
    query = "SELECT sector FROM company_version JOIN company USING (company_id) WHERE key = 'kaufland'"
    [(sector,)] = rows(app, query)
    assert sector not in {"Erstes", "Zweites"}
    assert staff.fill(f"/changes/{first}/restore", thing="plot_version 1").status_code == 404


def test_changes_are_listed_by_person_park_day_and_case(app: Flask, staff: Signed) -> None:
    saved(staff, f"{KAUFLAND}/departure", last_day="28.02.2027", reason="Grund A")
    saved(signed_admin(app), f"{KAUFLAND}/attributes/correct", sector="Grund")
    own = words_of(read(staff.client, "/changes/saved?lang=en"))
    assert "Grund A" in own
    assert "Ada" not in own.split("Undo")[-1]
    shown = last_change(app)["recorded_at"].date().isoformat()
    for asked, is_there in [
        ("person=Ada", (False, True)),
        ("person=Erika+Muster&case=departure", (True, False)),
        (f"park=heinenkamp-1&day={shown}", (True, True)),
        ("park=heinenkamp-2&case=departure", (False, False)),
        ("day=1990-01-01", (False, False)),
    ]:
        page = read(staff.client, f"/changes/saved?whose=all&lang=en&{asked}")
        found = page[page.index("</form>", page.index('class="filters"')) :]
        assert ("Grund A" in found, "Ada (WMG)" in found) == is_there, asked
    for asked in ("case=nothing", "day=gestern", "park=nowhere", "person=%00"):
        assert staff.client.get(f"/changes/saved?whose=all&{asked}").status_code in {400, 404}


def test_visitors_and_analysts_see_no_links_and_staff_does(app: Flask, staff: Signed) -> None:
    assert f'href="{KAUFLAND}"' not in read(app.test_client(), "/companies")
    assert f'href="{KAUFLAND}"' in read(staff.client, "/companies")
    assert '"companies"' not in read(app.test_client(), "/").split("messages")[0]


@pytest.mark.parametrize(
    "address", ["nobody", "kaufland/places/nowhere/move", "kaufland/places/nowhere/plot/correct"]
)
def test_what_is_not_there_is_not_found(staff: Signed, address: str) -> None:
    assert staff.client.get(f"/companies/{address}").status_code == 404


def test_what_is_internal_is_seen_by_staff_and_by_nobody_else(app: Flask, staff: Signed) -> None:
    given = {"internal_note": "Dach undicht", "contact": "Pforte, Klingel 3"}
    told = page_of(saved(staff, f"{KAUFLAND}/internal/correct", **given))
    assert "What the public will see The same as now." in told
    page = read(staff.client, KAUFLAND)
    assert all(each in page for each in given.values())
    visitor = app.test_client()
    for address in ("/companies", "/api/collections/companies/items?limit=500", "/exports/companies.csv"):
        answer = visitor.get(address).get_data(as_text=True)
        assert not any(each in answer for each in given.values())


def test_a_source_and_how_sure_a_place_is_are_noted(app: Flask, staff: Signed) -> None:
    address = f"{KAUFLAND}/places/{ITS_PLACE}/address/correct"
    given = {"source": "Handelsregister, Abruf", "as_of": "2026-11", "location_quality": "surveyed"}
    saved(staff, address, **given)
    query = """
        SELECT title, as_of, location_quality FROM occupancy JOIN source USING (source_id) WHERE key = :key
    """
    assert rows(app, query, key=ITS_PLACE)[-1] == ("Handelsregister, Abruf", "2026-11", "surveyed")
    saved(staff, f"{KAUFLAND}/attributes/correct", source="Handelsregister, Abruf", sector="Kaufhaus")
    assert len(rows(app, "SELECT FROM source WHERE title = 'Handelsregister, Abruf'")) == 1
    page = page_of(staff.client.get(f"/changes/{last_change(app)['change_set_id']}?lang=en"))
    assert "Source" in page
    assert "Handelsregister, Abruf" in page


@pytest.mark.parametrize("typed", ["47.11", "4711", "G 47.11", KAUFLANDS_CLASS])
def test_a_wz_code_is_typed_or_found_by_its_name(app: Flask, staff: Signed, typed: str) -> None:
    address = f"{KAUFLAND}/attributes/change"
    before = previewed(staff, address, wz_code="", wz_edition="", wz_basis="", day="2019")
    assert before.status_code == 200
    given = {"wz_code": typed, "wz_edition": "2008", "wz_basis": "stated", "day": "05.2025"}
    saved(staff, address, **given)
    query = """
        SELECT wz_code FROM company_version JOIN company USING (company_id)
        WHERE key = 'kaufland' AND valid @> DATE '2025-06-01'
    """
    assert rows(app, query) == [("47.11",)]
