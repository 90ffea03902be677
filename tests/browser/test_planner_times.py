"""Meeting points, tours that are moved, nights, and what is shown before it is public, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.planner_steps import (
    NAMES,
    add,
    opened,
    patient_pages,
    planned,
    row,
    rows,
    set_window,
    warm_up,
)
from tests.browser.test_planner_saving import press, publish, staff_server, staff_watch, stored, with_a_plan
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

__all__ = ["staff_server", "staff_watch"]


@pytest.fixture
def page_factory(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    yield from patient_pages(browser, live_server)


@pytest.fixture
def desk(page_factory: Callable[..., Page]) -> Page:
    page = page_factory(viewport={"width": 1440, "height": 900})
    opened(page)
    warm_up(page)
    return page


def meet_at(page: Page, name: str) -> None:
    page.locator(".field.is-meeting select").select_option(label=name)
    planned(page)


def figures(page: Page) -> dict[str, str]:
    pairs = page.locator("#summary .figures > div").all()
    return {pair.locator("dt").inner_text(): pair.locator("dd").inner_text() for pair in pairs}


def test_people_meet_at_a_fixed_time_and_place(desk: Page) -> None:
    add(desk, *NAMES[:2])
    planned(desk)
    before = figures(desk)
    meet_at(desk, "Lkw-Stellplatz Heinenkamp II")
    after = figures(desk)
    assert after["Treffpunkt"] == "13:00\u00a0Uhr"
    assert "Start" not in after
    assert desk.get_by_label("Treffen um", exact=True).input_value() == "13:00"
    assert (
        after["Strecke" if "Strecke" in after else "Weg"]
        != before["Strecke" if "Strecke" in before else "Weg"]
    )
    assert sorted(rows(desk)) == sorted(NAMES[:2])
    first = desk.locator("#course .stop").first
    assert "Lkw-Stellplatz" in first.inner_text()
    assert "Treffpunkt" in first.inner_text()
    assert desk.locator("#course .stop .number").all_inner_texts() == ["•", "1", "2"]
    assert desk.locator(".sign-place .sign-stop b").all_inner_texts().count("•") == 1
    desk.locator("#undo").click()
    planned(desk)
    assert figures(desk) == before


def test_a_stop_becomes_the_meeting_point(desk: Page) -> None:
    add(desk, *NAMES)
    planned(desk)
    row(desk, "Scheer").locator(".is-more").click()
    desk.get_by_role("button", name="Als Treffpunkt nehmen, ohne Besuch").first.click()
    desk.wait_for_function("document.querySelectorAll('.stop-row').length === 2")
    planned(desk)
    assert "Scheer" in desk.locator("#course .stop").first.inner_text()
    assert desk.locator(".field.is-meeting select").input_value().startswith("company:")


def test_all_times_are_moved_and_moved_back(desk: Page) -> None:
    add(desk, *NAMES[:2])
    set_window(desk, "Scheer", "14:00", "14:40")
    desk.locator(".settings .is-time").nth(1).fill("16:00")
    planned(desk)
    desk.locator(".seldom summary").click()
    part = desk.locator(".shift-part")
    part.locator("input").fill("45")
    part.get_by_role("button", name="später").click()
    planned(desk)
    fields = desk.locator(".settings .is-time")
    assert (fields.nth(0).input_value(), fields.nth(1).input_value()) == ("13:45", "16:45")
    windows = row(desk, "Scheer").locator(".window .input")
    assert [windows.nth(i).input_value() for i in range(2)] == ["14:45", "15:25"]
    assert "45 Minuten später" in desk.locator("#spoken").inner_text()
    part.locator("input").fill("600")
    part.get_by_role("button", name="später").click()
    planned(desk)
    assert [windows.nth(i).input_value() for i in range(2)] == ["00:45", "01:25"]
    assert "(+1 Tag)" in desk.locator("#course").inner_text()
    desk.locator("#undo").click()
    desk.locator("#undo").click()
    planned(desk)
    assert [windows.nth(i).input_value() for i in range(2)] == ["14:00", "14:40"]
    assert fields.nth(0).input_value() == "13:00"


def test_nothing_typed_becomes_public_unseen(staff_watch: Watch) -> None:
    page = with_a_plan(staff_watch, "Was alle lesen")
    row(page, "Scheer").locator(".is-more").click()
    more = page.locator(".more-row:not([hidden])")
    assert "Das liest jeder" in more.inner_text()
    more.get_by_label("Hinweis, öffentlich").fill("Neue Halle ansehen")
    press(page, "save")
    page.wait_for_url(re.compile(r"/tours/planner/[\w-]+$"))
    press(page, "publish")
    question = page.locator("[role=alertdialog]")
    shown = question.inner_text()
    assert "Was alle lesen" in shown
    assert "Neue Halle ansehen" in shown
    assert stored(page)["status"] == "draft"
    page.keyboard.press("Escape")
    question.wait_for(state="detached")
    assert stored(page)["status"] == "draft"
    publish(page)
    page.wait_for_selector('[data-verb="withdraw"]')
    # What is typed into a public tour is asked about, too; other changes are just saved.
    more.get_by_label("Hinweis, öffentlich").fill("Nach dem Pförtner fragen")
    press(page, "save")
    assert "Nach dem Pförtner fragen" in question.inner_text()
    assert [stop.get("note") for stop in stored(page)["wish"]["stops"]].count("Nach dem Pförtner fragen") == 0
    press(page, "publish-now")
    # Only when it is stored.
    page.wait_for_selector('[data-verb="copy"]:enabled')
    assert "Nach dem Pförtner fragen" in [stop.get("note") for stop in stored(page)["wish"]["stops"]]
    row(page, "Scheer").locator(".cell-dwell .input").fill("21")
    planned(page)
    press(page, "save")
    # Only when it is stored.
    page.wait_for_selector('[data-verb="copy"]:enabled')
    assert question.count() == 0
    assert staff_watch.complaints == []
