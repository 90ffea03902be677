"""Two people at once: other fields never conflict, the same one asks; nothing is lost or merged unseen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.domain.kinds import AccessRole
from benchmarks.form_client import FormClient
from benchmarks.pairs import run_pairs
from tests.web.companies.test_company_forms import (
    ITS_PLACE,
    KAUFLAND,
    app,
    free_plot,
    hidden,
    page_of,
    previewed,
    rows,
    saved,
)
from tests.web.page_words import words_of
from tests.web.signing_in import NAME, PASSWORD, Signed, let_in, signed_in

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["app"]

CORRECT, CHANGE = f"{KAUFLAND}/attributes/correct", f"{KAUFLAND}/attributes/change"
DAY = "01.03.2027"


@pytest.fixture
def erika(app: Flask) -> Signed:
    return signed_in(app)


@pytest.fixture
def ben(app: Flask) -> Signed:
    known: Signed | None = app.extensions.get("its ben")
    if known is None:
        let_in(app, "Ben", PASSWORD, AccessRole.STAFF, "wag")
        known = app.extensions["its ben"] = signed_in(app, "Ben")
    return known


def stored(app: Flask, column: str, on: str = "2027-06-01") -> str:
    query = f"""
        SELECT {column} FROM company_version JOIN company USING (company_id)
        WHERE key = 'kaufland' AND valid @> CAST(:on AS date)
    """
    [(value,)] = rows(app, query, on=on)
    return str(value)


@pytest.mark.parametrize("intent", ["correct", "change"])
def test_other_fields_of_one_company_are_both_saved_without_a_question(
    app: Flask, erika: Signed, ben: Signed, intent: str
) -> None:
    address = f"{KAUFLAND}/attributes/{intent}"
    day = {"day": DAY} if intent == "change" else {}
    hers = previewed(erika, address, sector="Groceries", **day)
    saved(ben, address, group_name="Schwarz", **day)
    answer = erika.fill(address, **hidden(hers), step="save")
    assert answer.status_code == 302, page_of(answer)
    assert (stored(app, "sector"), stored(app, "group_name")) == ("Groceries", "Schwarz")
    told = words_of(erika.client.get(f"{KAUFLAND}?lang=en").get_data(as_text=True))
    assert "Meanwhile others saved this; what you did not change stays so: Ben, Details" in told
    assert "→ Schwarz" in told


def test_a_form_that_was_open_says_what_others_saved(erika: Signed, ben: Signed) -> None:
    open_form = erika.client.get(f"{CORRECT}?lang=en")
    saved(ben, CORRECT, group_name="Schwarz")
    stands = hidden(open_form)
    shown = {name.removeprefix("shown-"): value for name, value in stands.items() if "shown-" in name}
    seen = erika.fill(CORRECT, **{**shown, **stands, "day": DAY, "sector": "Groceries"}, step="preview")
    assert "Meanwhile others saved this; what you do not change stays so: Ben, Details: Group" in page_of(
        seen
    )


@pytest.mark.parametrize(
    ("intent", "choice", "expected"),
    [("correct", "theirs", "Theirs"), ("correct", "mine", "Mine"), ("change", "before", "Kaufland")],
)
def test_the_same_field_asks_in_three_columns(  # noqa: PLR0917
    app: Flask, erika: Signed, ben: Signed, intent: str, choice: str, expected: str
) -> None:
    address = f"{KAUFLAND}/attributes/{intent}"
    day = {"day": DAY} if intent == "change" else {}
    hers = previewed(erika, address, name="Mine", sector="Groceries", **day)
    saved(ben, address, name="Theirs", **({"day": "01.02.2027"} if day else {}))
    asked = erika.fill(address, **hidden(hers), step="save")
    assert asked.status_code == 409
    told = page_of(asked)
    assert "Which shall hold? Theirs, stored now Theirs Ben, " in told
    assert "Mine, as typed above Mine Before, as shown to me Kaufland" in told
    assert stored(app, "name") == "Theirs"
    typed = {**hidden(hers), **hidden(asked)}
    again = erika.fill(address, **typed, step="preview")
    assert again.status_code == 409, "nothing was chosen yet"
    seen = erika.fill(address, **{**typed, "choice-name": choice}, step="preview")
    assert seen.status_code == 200, page_of(seen)
    answer = erika.fill(address, **hidden(seen), step="save")
    assert answer.status_code == 302, page_of(answer)
    assert (stored(app, "name"), stored(app, "sector")) == (expected, "Groceries")


def test_what_was_chosen_is_asked_anew_when_they_save_once_more(erika: Signed, ben: Signed) -> None:
    hers = previewed(erika, CORRECT, name="Mine")
    saved(ben, CORRECT, name="Theirs")
    asked = erika.fill(CORRECT, **hidden(hers), step="save")
    saved(ben, CORRECT, name="Theirs again")
    typed = {**hidden(hers), **hidden(asked), "choice-name": "mine"}
    again = erika.fill(CORRECT, **typed, step="save")
    assert again.status_code == 409
    assert "Theirs, stored now Theirs again" in page_of(again)


def test_the_plot_of_a_place_asks_as_well(app: Flask, erika: Signed, ben: Signed) -> None:
    address = f"{KAUFLAND}/places/{ITS_PLACE}/plot/correct"
    free = [row[0] for row in rows(app, "SELECT key FROM plot WHERE key LIKE 'HK2-%' ORDER BY key LIMIT 2")]
    hers = previewed(erika, address, plot=free[0])
    saved(ben, address, plot=free[1])
    asked = erika.fill(address, **hidden(hers), step="save")
    assert asked.status_code == 409
    assert f"Theirs, stored now {free[1]} Ben, " in page_of(asked)


def test_the_point_of_a_place_asks_as_well(app: Flask, erika: Signed, ben: Signed) -> None:
    address = f"{KAUFLAND}/places/{ITS_PLACE}/point/correct"
    stands = re.search(r'name="point" value="([^"]+)"', erika.client.get(address).get_data(as_text=True))
    assert stands
    lon, lat = (float(one) for one in stands[1].split(", "))
    mine, theirs = (f"{lon + east:.7f}, {lat:.7f}" for east in (0.0001, 0.0002))
    hers = previewed(erika, address, point=mine)
    saved(ben, address, point=theirs)
    asked = erika.fill(address, **hidden(hers), step="save")
    assert asked.status_code == 409
    assert f"Theirs, stored now {theirs} Ben, " in page_of(asked)
    typed = {**hidden(hers), **hidden(asked)}
    stays = erika.fill(address, **{**typed, "choice-point": "theirs"}, step="preview")
    assert "Nothing is changed yet" in page_of(stays)
    seen = erika.fill(address, **{**typed, "choice-point": "mine"}, step="preview")
    assert erika.fill(address, **hidden(seen), step="save").status_code == 302, page_of(seen)
    assert f'name="point" value="{mine}"' in erika.client.get(address).get_data(as_text=True)


def test_a_form_of_days_tells_nothing_that_was_saved_long_before(erika: Signed) -> None:
    saved(erika, CORRECT, sector="Groceries")
    seen = previewed(erika, f"{KAUFLAND}/day")
    assert "Meanwhile" not in page_of(seen)


def test_different_things_and_cases_of_one_company_pass(app: Flask, erika: Signed, ben: Signed) -> None:
    address = f"{KAUFLAND}/places/{ITS_PLACE}/move"
    hers = previewed(erika, address, plot=free_plot(app), day=DAY)
    saved(ben, CHANGE, name="Kaufland neu", day="01.02.2027")
    answer = erika.fill(address, **hidden(hers), step="save")
    assert answer.status_code == 302, page_of(answer)
    assert stored(app, "name") == "Kaufland neu"


def test_what_begins_on_the_same_day_can_be_chosen_over_theirs(
    app: Flask, erika: Signed, ben: Signed
) -> None:
    hers = previewed(erika, CHANGE, name="Mine", day=DAY)
    saved(ben, CHANGE, name="Theirs", day=DAY)
    asked = erika.fill(CHANGE, **hidden(hers), step="save")
    seen = erika.fill(CHANGE, **{**hidden(hers), **hidden(asked), "choice-name": "mine"}, step="preview")
    assert seen.status_code == 200, page_of(seen)
    back = erika.fill(CHANGE, **hidden(seen), step="edit")
    typed = {**hidden(seen), **hidden(back), "name": "Mine, typed again"}
    seen = erika.fill(CHANGE, **typed, step="preview")
    assert erika.fill(CHANGE, **hidden(seen), step="save").status_code == 302
    assert (stored(app, "name", "2027-02-28"), stored(app, "name")) == ("Kaufland", "Mine, typed again")


def test_random_pairs_lose_nothing(app: Flask, erika: Signed, ben: Signed) -> None:
    """`python -m benchmarks.editing --pairs 1000` runs more of them."""
    del erika, ben
    people = FormClient(app, NAME, PASSWORD), FormClient(app, "Ben", PASSWORD)
    tally = run_pairs(app, people, 6, seed=3)
    assert (tally["pairs"], tally["edits saved"]) == (6, 12)
