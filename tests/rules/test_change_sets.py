"""Whatever a person changes is part of a change set: nothing writes without saying who."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app.config import PROJECT_DIR

APP = PROJECT_DIR / "app"
_NAMES_WHO = {"act_as", "begin_change_set", "add_override", "withdraw_overrides"}
# Pairs follow from the plots: nobody decides them.
_DERIVED = {("app/cli/neighbors/stored.py", "rebuild")}
# Sessions, passwords and attempts are no facts of the parks; set-up says who it is itself.
_OTHER_BEGINNINGS = (
    "app/web/people/",
    "app/web/access.py",
    "app/cli/setup/",
    "app/request.py",
    "app/db/engine.py",
)


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def called(node: ast.AST) -> set[str]:
    """Return the names of what is called within."""
    calls = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return {each.id if isinstance(each, ast.Name) else getattr(each, "attr", "") for each in calls}


def writes(node: ast.AST) -> bool:
    """Return whether a command asks for a connection that is committed."""
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Name)
        and each.func.id == "connected"
        and any(keyword.arg == "write" for keyword in each.keywords)
        for each in ast.walk(node)
    )


def test_each_command_that_writes_says_who() -> None:
    writing = [
        (str(path.relative_to(PROJECT_DIR)), function)
        for path in sorted((APP / "cli").rglob("*.py"))
        for function in functions(path)
        if writes(function)
    ]
    assert len(writing) > 10
    silent = {(path, function.name) for path, function in writing if not called(function) & _NAMES_WHO}
    assert silent == _DERIVED


def test_pages_write_through_one_door() -> None:
    """`app.request.writing` names who is signed in."""
    begins = re.compile(r"\.begin\(\)")
    found = [
        str(path.relative_to(PROJECT_DIR))
        for room in ("web", "api", "services", "cli")
        for path in (APP / room).rglob("*.py")
        if begins.search(path.read_text("utf-8"))
    ]
    assert [path for path in found if not path.startswith(_OTHER_BEGINNINGS) and "solver" not in path] == []


def test_the_first_start_says_so() -> None:
    [function] = [
        each for each in functions(APP / "services/setup/first_start.py") if each.name == "prepare_database"
    ]
    assert "act_as" in called(function)
