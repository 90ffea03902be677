"""The planner's page in a real browser, with the real planner behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.planner_steps import (
    ADDRESS,
    ALL_IN_SIGHT,
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

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

pytestmark = pytest.mark.browser
# Of the clock of the page: longer than it lets a change rest before it asks for a plan.
RESTED_MS = 300


@pytest.fixture
def page_factory(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    yield from patient_pages(browser, live_server)


def has_three_windows(response: Response) -> bool:
    """Say whether it answers the wish with all windows set."""
    sent = response.request.post_data_json if "/api/tours/plan" in response.url else None
    return bool(sent) and [len(stop["windows"]) for stop in sent["stops"]] == [1, 1, 1]


OPENED = """
(texts) => {
  const directions = document.querySelector(".directions");
  if (directions && !directions.open) directions.querySelector("summary").click();
  const shown = [...(directions?.querySelectorAll("li") ?? [])].map((one) => one.innerText);
  return directions?.open && JSON.stringify(shown) === JSON.stringify(texts);
}
"""


def numbers(page: Page, selector: str) -> list[str]:
    return [one.inner_text() for one in page.locator(selector).all()]


def test_three_stops_with_windows_are_planned_and_proved(page: Page) -> None:
    """The plan of the page is the plan of the service, with the same numbers everywhere."""
    opened(page)
    warm_up(page)
    add(page, *NAMES)
    planned(page)
    assert page.locator("select").first.input_value() == "heinenkamp-2"
    # A plan that comes meanwhile puts the rows in another order.
    set_window(page, "Scheer", "1400", "14:30")
    planned(page)
    set_window(page, "STURM", "14.45", "15:15 Uhr")
    planned(page)
    with page.expect_response(has_three_windows) as answer:
        set_window(page, "Müller", "13", "14")
    planned(page)
    plan = answer.value.json()
    assert plan["is_proved"]
    for side in ("ab", "bis"):
        expect(page.get_by_label(f"STURM Isotech kann empfangen {side}")).to_be_visible()
    assert page.locator(".proof.is-proved").count() == 1
    order = [visit["name"] for visit in plan["visits"]]
    assert rows(page) == order
    assert [name.split()[0] for name in order] == ["Elektro", "Bildhauerei", "STURM"]
    assert numbers(page, ".stop-row .number") == ["1", "2", "3"]
    assert numbers(page, ".course .number") == ["1", "2", "3"]
    assert page.locator(".strip-number").all_text_contents() == ["1", "2", "3"]
    assert sorted(numbers(page, ".sign-place .sign-stop")) == ["1", "2", "3"]
    for visit, when in zip(plan["visits"], numbers(page, ".stop-when"), strict=True):
        assert when.startswith(f"{visit['begins_at']}–{visit['ends_at']}"), when
    assert page.locator(".strip-window").count() == 3
    assert page.locator(".leg").count() == 2
    told = page.locator("#spoken-plan").text_content() or ""
    assert plan["ends_at"] in told
    # Reasons that come later leave the course as it is.
    page.wait_for_function(OPENED, arg=[turn["text"] for turn in plan["legs"][0]["directions"]])


def test_a_refused_wish_keeps_the_old_plan_and_says_so(page_factory: Callable[..., Page]) -> None:
    """Asking again would be refused again: the way back is offered instead."""
    page = opened(page_factory(), f"{ADDRESS}&park=heinenkamp-2")
    warm_up(page)
    add(page, *NAMES[:2])
    planned(page)
    before = page.locator("#summary").inner_text()
    add(page, "Kaufland")
    notice = page.locator(".notice.is-wrong")
    notice.wait_for()
    assert "außerhalb des Gewerbegebiets" in notice.inner_text()
    assert "Gezeigt wird der Plan von vorher." in notice.inner_text()
    assert page.locator("#summary").inner_text() == before
    spoken = page.locator("#spoken-plan").text_content() or ""
    assert "außerhalb des Gewerbegebiets" in spoken, "those who listen are told, too"
    # The stop that is in the way can be seen.
    page.wait_for_function(ALL_IN_SIGHT, arg=3)
    notice.get_by_role("button").click()
    notice.wait_for(state="detached")
    assert "Kaufland" not in rows(page)
    planned(page)


def test_what_cannot_be_is_told_with_the_conflict(page: Page) -> None:
    opened(page)
    add(page, *NAMES[:2])
    planned(page)
    for name in ("STURM", "Scheer"):
        set_window(page, name, "14:00", "14:20")
    page.wait_for_selector(".notice.is-wrong")
    page.locator(".notice.is-wrong", has_text="STURM").wait_for()
    told = page.locator(".notice.is-wrong").inner_text()
    assert "STURM" in told
    assert "Scheer" in told
    page.keyboard.press("Control+z")
    planned(page)
    assert page.locator(".notice.is-wrong").count() == 0


def test_a_reload_loses_nothing(page: Page) -> None:
    opened(page)
    add(page, *NAMES)
    set_window(page, "Scheer", "14:00", "14:30")
    planned(page)
    page.locator(".field.is-title .input").fill("Mein Rundgang")
    before = page.locator("#stops").inner_text(), page.locator("#summary").inner_text()
    opened(page)
    planned(page)
    assert (page.locator("#stops").inner_text(), page.locator("#summary").inner_text()) == before
    assert page.locator(".field.is-title .input").input_value() == "Mein Rundgang"
    assert page.locator(".window .input").first.input_value() == "14:00"


def test_quick_changes_leave_one_question_and_old_ones_are_dropped(page: Page) -> None:
    """Whoever types does not ask for a plan at every key."""
    page.clock.install()
    opened(page)
    add(page, *NAMES)
    planned(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "quick=1" in request.url else None)
    field = row(page, "Scheer").locator(".cell-dwell .input")
    field.focus()
    field.evaluate(
        "(e) => { for (const text of ['1', '12', '120']) {"
        " e.value = text; e.dispatchEvent(new Event('input', {bubbles: true})); } }"
    )
    page.clock.run_for(RESTED_MS)
    planned(page)
    assert len(asked) == 1
    page.locator(".field.is-title .input").fill("Ein Titel ändert keinen Plan")
    page.clock.run_for(RESTED_MS)
    field.fill("15")
    planned(page)
    assert len(asked) == 2


def test_wrong_times_are_refused_where_they_are_typed(page: Page) -> None:
    """What the page can judge alone, the service is not asked; the plan there is stays until it is right."""
    page.clock.install()
    opened(page)
    field = page.locator(".settings .is-time").first
    field.fill("26:00")
    field.press("Tab")
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("9")
    field.press("Tab")
    assert field.get_attribute("aria-invalid") is None
    assert field.input_value() == "09:00"
    add(page, *NAMES[:2])
    planned(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "quick=1" in request.url else None)
    before = page.locator("#summary").inner_text()
    set_window(page, "STURM", "15:00", "14:00")
    closes = row(page, "STURM").locator(".window .input").nth(1)
    wrong = row(page, "STURM").locator(".field-wrong")
    assert closes.get_attribute("aria-invalid") == "true"
    assert closes.get_attribute("aria-describedby") == wrong.get_attribute("id")
    backward = wrong.inner_text()
    closes.fill("15:10")
    closes.press("Tab")
    assert wrong.inner_text() not in ("", backward), "15 minutes do not fit in ten"
    late = page.locator(".settings .is-time").nth(1)
    late.fill("08:00")
    late.press("Tab")
    assert page.locator(".settings .field-wrong:visible").count() == 1
    late.fill("")
    late.press("Tab")
    page.clock.run_for(RESTED_MS)
    assert asked == []
    assert page.locator(".notice.is-wrong").count() == 1
    assert page.locator("#summary").inner_text() == before
    closes.fill("15:20")
    closes.press("Tab")
    planned(page)
    assert page.locator(".field-wrong:visible").count() == page.locator(".notice.is-wrong").count() == 0
    assert len(asked) == 1
    assert "15:" in row(page, "STURM").locator(".stop-when").inner_text()


def test_a_field_says_itself_what_is_wrong(page: Page) -> None:
    """Beside each kind of field, for eyes and for ears; no bubble of the browser hides it."""
    opened(page)
    add(page, *NAMES[:1])
    page.locator(".seldom summary").click()
    page.get_by_text("Mit Pause").click()
    for field, wrong, right in (
        (page.locator(".settings .is-time").first, "26:00", "13:00"),
        (page.locator(".field.is-group .input"), "0", "10"),
        (page.locator(".settings .field.is-inline .input"), "-1", "5000"),
        (page.locator(".pause-fields .is-number"), "999", "10"),
        (page.locator(".shift-part .is-number"), "0", "30"),
        (row(page, "STURM").locator(".cell-dwell .input"), "700", "15"),
        (page.get_by_role("textbox", name="Tag", exact=True), "31.02.2026", "04.05.2026"),
    ):
        field.fill(wrong)
        field.press("Enter")
        assert field.get_attribute("aria-invalid") == "true", wrong
        said = page.locator(f"#{field.get_attribute('aria-describedby')}")
        expect(said).to_be_visible()
        assert said.inner_text().startswith("Bitte "), wrong
        assert field.evaluate("(e) => e.validity.customError") is False
        field.fill(right)
        field.press("Enter")
        expect(said).to_be_hidden()
        assert field.get_attribute("aria-invalid") in {None, "false"}


def test_the_day_is_told_as_the_page_speaks(page_factory: Callable[..., Page]) -> None:
    """Whatever language the browser writes its own field in."""
    page = opened(page_factory(locale="en-US"))
    field = page.get_by_role("textbox", name="Tag", exact=True)
    assert field.input_value() == "04.05.2026"
    assert page.locator(".field-told").inner_text() == "Montag"
    field.fill("9.5.26")
    field.press("Enter")
    assert field.input_value() == "09.05.2026"
    assert page.locator(".field-told").inner_text() == "Samstag"
    page.locator(".day-picker").fill("2026-05-11")
    assert field.input_value() == "11.05.2026"
    assert page.locator(".field-told").inner_text() == "Montag"
    field.fill("31.02.2026")
    field.press("Tab")
    expect(page.get_by_text("Bitte schreiben Sie den Tag als 24.04.2024.")).to_be_visible()
    assert page.locator(".field-told").inner_text() == "Montag"
