"""Waiting for the very thing a test needs, however busy the machine is, instead of for some time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Engine, text

from app.domain.period import today

if TYPE_CHECKING:
    from playwright.sync_api import Page

T = TypeVar("T")

# Ends a test that hangs; no test relies on it.
LAST_RESORT_S = 120
LAST_RESORT_MS = 1000 * LAST_RESORT_S

_TWO_FRAMES = """
async () => {
  for (let i = 0; i < 2; i += 1) await new Promise((go) => requestAnimationFrame(go));
}
"""
_IS_AT_REST = """
() => {
  const maps = Object.values(window.parkMaps ?? {}).map(({ map }) => map);
  const ends = (animation) => Number.isFinite(animation.effect.getComputedTiming().endTime);
  const runs = (animation) => animation.playState === "running";
  return (
    !document.getAnimations().some((animation) => ends(animation) && runs(animation)) &&
    !maps.some((map) => map._animatingZoom || map._panAnim?._inProgress)
  );
}
"""
_WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Return as soon as `is_so` says so.

    Parameters
    ----------
    is_so : callable
        Asked again and again.
    what : str
        What is waited for; told when it never comes.
    """
    end_s = time.monotonic() + LAST_RESORT_S
    while not is_so():
        assert time.monotonic() < end_s, f"waited in vain: {what}"
        time.sleep(0.01)


def on_one_day(ask: Callable[[date], T]) -> T:
    """Return what `ask` gives for today, asked again where midnight came in between."""
    while True:
        day = today()
        answer = ask(day)
        if today() == day:
            return answer


def wait_until_locked(engine: Engine, n: int = 1) -> None:
    """Return as soon as `n` connections to the engine's database wait for a lock that another one holds."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
        wait_until(lambda: looking.execute(text(_WAITING)).scalar_one() >= n, f"{n} wait for a lock")


def wait_until_at_rest(page: Page) -> None:
    """Return when nothing moves in a page, and what is put off to the next frame is drawn."""
    page.evaluate(_TWO_FRAMES)
    page.wait_for_function(_IS_AT_REST)
    page.evaluate(_TWO_FRAMES)
