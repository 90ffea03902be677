"""The report of a year: who came, who met anew, and of which meetings that is not known."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text

from app.analysis.meetings.acquaintance import MET
from app.db.companies.companies import company_ids
from app.db.models import Meeting
from app.domain.meetings import EventKind
from app.services.meetings.acquaintances import Acquaintances, IndexQuestion
from app.services.meetings.papers.reports import year_report
from app.services.meetings.participation import record_by_staff
from tests.web.meetings.test_memory import hold
from tests.web.signing_in import Signed, signed_in

if TYPE_CHECKING:
    from flask import Flask

PARK, TODAY = "heinenkamp-1", date(2026, 12, 1)


@pytest.fixture(scope="module")
def parked(staffed: Flask) -> Flask:
    """The shipped park with two meetings of 2026; of the second one it is not known whether one came."""
    staffed.extensions["clock"] = lambda: datetime(2026, 12, 1, 9, tzinfo=UTC)
    with staffed.extensions["engine"].begin() as held:
        hold(held, "2026-03-05", obi="absent", hornbach="present", boels_rental="present")
        hold(held, "2026-09-10", mediamarkt="present", boels_rental="present", subway="unknown")
        number = held.execute(select(Meeting.meeting_id).where(Meeting.key == "test-2026-09-10")).scalar_one()
        record_by_staff(held, number, EventKind.PART, {company_ids(held)["mediamarkt"]: {"part": "host"}})
    return staffed


@pytest.fixture(scope="module")
def erika(parked: Flask) -> Signed:
    """Somebody of the staff, signed in."""
    return signed_in(parked)


def report(app: Flask, year: int = 2026) -> Any:
    with app.extensions["engine"].connect() as held:
        return year_report(held, year, PARK, TODAY)


def test_guests_count_once_hosts_not_and_the_unknown_as_a_range(parked: Flask) -> None:
    found = report(parked)
    held = [one for one in found.meetings if one.key.startswith("test-")]
    assert [(one.n_invited, one.n_came, one.n_unknown, one.is_known) for one in held] == [
        (3, 2, 0, True),
        (2, 1, 1, False),
    ]
    if found.n_unknown == 1:
        # Boels came twice, MediaMarkt received the others, Subway may have come.
        assert (found.reach.low, found.reach.high) == (2, 3)
    assert found.n_hosts >= 1


def test_new_pairs_are_those_between_the_two_days(parked: Flask) -> None:
    found = report(parked)
    with parked.extensions["engine"].connect() as held:
        known = Acquaintances(held, IndexQuestion(TODAY, PARK))
        before, after = known.at(date(2025, 12, 31)), known.at(TODAY)
    certain = sum(
        bool(after.met.low[i, k] >= MET and before.met.high[i, k] < MET) for i, k in after.pairs.tolist()
    )
    assert found.new_pairs.low == certain > 0
    assert found.new_pairs.high is None or found.new_pairs.high >= certain


def test_meetings_and_moves_make_the_whole_change(parked: Flask) -> None:
    found = report(parked)
    for n in range(3):
        assert found.by_meetings[n] + found.by_moves[n] == pytest.approx(found.after[n] - found.before[n])
    assert found.before[0] <= found.before[2]
    assert found.points[0][0] == date(2025, 12, 31)
    assert found.points[-1][0] == TODAY


def test_page_print_and_workbook_have_the_same_figures(parked: Flask, erika: Signed) -> None:
    found = report(parked)
    page = erika.client.get(f"/meetings/reports/2026?park={PARK}&lang=de")
    assert page.status_code == 200
    shown = page.get_data(as_text=True)
    n = found.n_unknown
    assert f"Von {n} Treffen ist nicht bekannt, wer kam" in shown
    printed = erika.client.get(f"/meetings/reports/2026.pdf?park={PARK}&lang=de")
    assert printed.status_code == 200, printed.get_data(as_text=True)[-2000:]
    document = pypdfium2.PdfDocument(printed.data)
    words = " ".join(" ".join(one.get_textpage().get_text_range() for one in document).split())
    assert f"Von {n} Treffen ist nicht bekannt, wer kam" in words
    book = load_workbook(
        io.BytesIO(erika.client.get(f"/meetings/reports/2026.xlsx?park={PARK}&lang=de").data)
    )
    figures = {row[0]: row[1:] for row in book.worksheets[0].values}
    assert figures["Firmen, die als Gäste kamen"] == (found.reach.low, found.reach.high)
    assert figures["Treffen"] == (len(found.meetings), len(found.meetings))
    for low in (f"{100 * found.after[0]:.1f}", f"{100 * found.before[0]:.1f}"):
        assert low.replace(".", ",") in shown
        assert low.replace(".", ",") in words


def test_a_title_that_could_be_computed_is_text(parked: Flask, erika: Signed) -> None:
    with parked.extensions["engine"].begin() as held:
        held.execute(text("UPDATE meeting SET title = '=1+1' WHERE key = 'test-2026-03-05'"))
    content = erika.client.get(f"/meetings/reports/2026.xlsx?park={PARK}").data
    cells = [cell for row in load_workbook(io.BytesIO(content)).worksheets[1].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]


def test_a_year_without_meetings_and_years_that_are_none(parked: Flask, erika: Signed) -> None:
    shown = erika.client.get(f"/meetings/reports/1995?park={PARK}&lang=en").get_data(as_text=True)
    assert "No meeting was held." in shown
    assert erika.client.get("/meetings/reports/1995.pdf").status_code == 200
    for year in (2027, 1900):
        answer = erika.client.get(f"/meetings/reports/{year}?lang=en")
        assert answer.status_code == 400
        assert "There are reports of the years" in answer.get_data(as_text=True)
    assert erika.client.get("/meetings/reports/2026?park=nowhere").status_code == 404
    assert parked.test_client().get("/meetings/reports/2026").status_code in (302, 401, 403)
    assert re.search(r"/meetings/reports/2026", erika.client.get("/meetings/reports").location)
