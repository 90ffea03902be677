"""Who came: the grid of staff, walk-ins, the list closed and opened again; unknown is never absent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, text

from app.config import Settings
from app.db.cluster.embedded import Cluster
from tests.web.meetings.test_memory import hold
from tests.web.signing_in import Signed, signed_in, staffed_copy

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.conftest import MakeApp

PAGE = "/meetings/test-2026-03-10/presence"


def filled(held: Connection) -> None:
    hold(held, "2026-03-10", kaufland="unknown", hornbach="unknown", boels_rental="unknown")
    held.execute(text("UPDATE meeting SET attendance_known = 'none' WHERE key = 'test-2026-03-10'"))


@pytest.fixture
def app(cluster: Cluster, make_app: MakeApp, settings: Settings) -> Iterator[Flask]:
    """The shipped park with a meeting of which it is known of nobody who came."""
    with staffed_copy(cluster, make_app, settings, filled) as app:
        yield app


@pytest.fixture
def erika(app: Flask) -> Signed:
    return signed_in(app)


def known(app: Flask) -> dict[str, str]:
    """Return the presence of each company of the meeting."""
    query = (
        "SELECT c.key, p.presence FROM participation p JOIN company c USING (company_id)"
        " JOIN meeting m USING (meeting_id) WHERE m.key = 'test-2026-03-10'"
    )
    with app.extensions["engine"].connect() as held:
        return dict(held.execute(text(query)).all())


def state(app: Flask) -> str:
    with app.extensions["engine"].connect() as held:
        query = "SELECT attendance_known FROM meeting WHERE key = 'test-2026-03-10'"
        return str(held.execute(text(query)).scalar_one())


def numbers(who: Signed) -> dict[str, str]:
    """Return the number of each company's row by its name."""
    shown = who.client.get(PAGE).get_data(as_text=True)
    rows = re.findall(r'<th scope="row" lang="de">([^<]+)<input type="hidden" name="shown-(\d+)"', shown)
    return dict(rows)


def test_the_grid_writes_only_what_is_changed(app: Flask, erika: Signed) -> None:
    row = numbers(erika)
    shown = {f"shown-{number}": "unknown" for number in row.values()}
    given = {f"presence-{row['Kaufland']}": "present", f"presence-{row['HORNBACH']}": "unknown"}
    answer = erika.fill(PAGE, **shown, **given)
    assert answer.status_code == 302
    assert known(app) == {"kaufland": "present", "hornbach": "unknown", "boels-rental": "unknown"}
    assert state(app) == "partial"
    # A second form, opened before, that notes another company: what the first has noted stays.
    erika.fill(PAGE, **shown, **{f"presence-{row['HORNBACH']}": "absent"})
    assert known(app) == {"kaufland": "present", "hornbach": "absent", "boels-rental": "unknown"}
    back = {f"shown-{row['HORNBACH']}": "absent", f"presence-{row['HORNBACH']}": "unknown"}
    erika.fill(PAGE, **back)
    assert known(app)["hornbach"] == "unknown"


def test_closing_makes_unknown_absent_and_opening_takes_that_back_alone(app: Flask, erika: Signed) -> None:
    row = numbers(erika)
    erika.fill(PAGE, **{f"shown-{row['Kaufland']}": "unknown", f"presence-{row['Kaufland']}": "present"})
    erika.fill(PAGE, **{f"shown-{row['HORNBACH']}": "unknown", f"presence-{row['HORNBACH']}": "absent"})
    assert erika.fill(f"{PAGE}/close").status_code == 302
    assert known(app) == {"kaufland": "present", "hornbach": "absent", "boels-rental": "absent"}
    assert state(app) == "complete"
    refused = erika.fill(
        PAGE, **{f"shown-{row['HORNBACH']}": "absent", f"presence-{row['HORNBACH']}": "unknown"}
    )
    assert refused.status_code == 409
    assert "The list is closed" in refused.get_data(as_text=True)
    assert known(app)["hornbach"] == "absent"
    assert erika.fill(f"{PAGE}/close").status_code == 409
    assert erika.fill(f"{PAGE}/open").status_code == 302
    assert known(app) == {"kaufland": "present", "hornbach": "absent", "boels-rental": "unknown"}
    assert state(app) == "partial"
    assert erika.fill(f"{PAGE}/open").status_code == 409


def test_who_came_without_an_invitation(app: Flask, erika: Signed) -> None:
    ids = numbers_of(app)
    walk_in = min(ids.keys() - {"kaufland", "hornbach", "boels-rental"})
    assert erika.fill(PAGE, **{"walk-in": walk_in}).status_code == 302
    assert known(app)[walk_in] == "present"
    assert "not invited" in erika.client.get(f"{PAGE}?lang=en").get_data(as_text=True)
    # Closing says nothing of who was never invited.
    erika.fill(PAGE, **{f"shown-{ids[walk_in]}": "present", f"presence-{ids[walk_in]}": "unknown"})
    erika.fill(f"{PAGE}/close")
    assert walk_in not in known(app)


def numbers_of(app: Flask) -> dict[str, int]:
    with app.extensions["engine"].connect() as held:
        return dict(held.execute(text("SELECT key, company_id FROM company")).all())


def test_nothing_is_noted_before_the_day_nor_of_a_company_that_is_none(app: Flask, erika: Signed) -> None:
    for given in (
        {"walk-in": "nobody"},
        {"presence-1": "perhaps"},
        {"presence-99999999999999": "present"},
        {f"presence-{'9' * 5000}": "present"},
        {"presence-²": "present"},
    ):
        assert erika.fill(PAGE, **given).status_code in (400, 404)
    with app.extensions["engine"].begin() as held:
        held.execute(text("UPDATE meeting SET held_on = '2999-01-01' WHERE key = 'test-2026-03-10'"))
    refused = erika.fill(PAGE, **{"walk-in": "kaufland"})
    assert refused.status_code == 409
    assert "has not come yet" in refused.get_data(as_text=True)
    assert set(known(app).values()) == {"unknown"}
