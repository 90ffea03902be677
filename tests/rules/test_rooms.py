"""Every room is on the plan, and none holds so much that nobody finds a thing in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.config import PROJECT_DIR

APP = PROJECT_DIR / "app"
PLAN = (PROJECT_DIR / "ARCHITECTURE.md").read_text("utf-8")
MOST = 15
# Browser modules and templates have the rooms of the pages, migrations are numbered.
ROOMS = Counter(
    path.parent.relative_to(APP)
    for path in APP.rglob("*.py")
    if path.name != "__init__.py" and "versions" not in path.parts
)


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_a_room_is_named_on_the_plan(room: Path) -> None:
    assert f"`{room.name}" in PLAN


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_a_room_holds_about_a_dozen_modules(room: Path) -> None:
    assert ROOMS[room] <= MOST
