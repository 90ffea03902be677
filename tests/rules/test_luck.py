"""No test depends on how busy the machine is: none sleeps for long, looks once at a page or bounds a time."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CLOCKS = {"monotonic", "perf_counter", "process_time"}
LOOKS = {"is_visible", "is_hidden", "is_enabled", "is_disabled", "is_checked", "is_editable"}
# Who sleeps longer waits for something, and had better wait for that: see `tests.waiting`.
LONGEST_SLEEP_S = 0.2


def called(node: ast.AST) -> str:
    """Return the last name of what is called; empty where nothing is."""
    function = node.func if isinstance(node, ast.Call) else None
    return str(getattr(function, "attr", getattr(function, "id", "")))


def is_clock(node: ast.AST) -> bool:
    """Say whether a clock is asked; ``time()`` alone makes a time of day."""
    return called(node) in CLOCKS or (isinstance(node, ast.Call) and ast.unparse(node.func) == "time.time")


def inside(tree: ast.AST, kind: type[ast.AST]) -> set[ast.AST]:
    """Return all that stands in statements of a kind."""
    return {part for node in ast.walk(tree) if isinstance(node, kind) for part in ast.walk(node)}


def long_sleeps(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what sleeps for long, or for how long nobody sees, unless it asks again and again meanwhile."""
    for node in set(ast.walk(tree)) - inside(tree, ast.While):
        if isinstance(node, ast.Call) and called(node) == "sleep":
            length = node.args[0]
            if not (isinstance(length, ast.Constant) and length.value < LONGEST_SLEEP_S):
                yield node


def fixed_waits(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what waits for some time in a page instead of for what is to be seen there."""
    return (node for node in ast.walk(tree) if called(node) == "wait_for_timeout")


def single_looks(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what looks once; `expect(...).to_be_visible()` looks until it is so."""
    return (node for node in inside(tree, ast.Assert) if called(node) in LOOKS)


def bounded_times(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield comparisons of what a clock said, unless they end a loop that never ends by itself."""
    names: set[str] = set()

    def is_of_clock(node: ast.AST) -> bool:
        return any(is_clock(part) or getattr(part, "id", None) in names for part in ast.walk(node))

    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and is_of_clock(node.value):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for node in inside(tree, ast.Assert) - inside(tree, ast.While):
        if isinstance(node, ast.Compare) and is_of_clock(node):
            yield node


@pytest.mark.parametrize("rule", [long_sleeps, fixed_waits, single_looks, bounded_times])
def test_no_test_depends_on_luck(rule: Callable[[ast.AST], Iterator[ast.AST]]) -> None:
    found = [
        f"{file.relative_to(TESTS)}:{getattr(node, 'lineno', 0)}"
        for file in sorted(TESTS.rglob("*.py"))
        for node in rule(ast.parse(file.read_text("utf-8")))
    ]
    assert sorted(found) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (long_sleeps, "time.sleep(1)"),
        (long_sleeps, "for _ in range(9): sleep(STARTED_S)"),
        (fixed_waits, "page.wait_for_timeout(60)"),
        (single_looks, "assert not page.locator('h1').is_visible()"),
        (single_looks, "assert page.locator('h1').is_hidden()"),
        (bounded_times, "begun = time.monotonic()\nwork()\nassert time.monotonic() - begun < 5"),
        (bounded_times, "begun = perf_counter()\ntook = perf_counter() - begun\nassert 1 < took < 5"),
    ],
)
def test_what_depends_on_luck_is_found(rule: Callable[[ast.AST], Iterator[ast.AST]], text: str) -> None:
    assert len(list(rule(ast.parse(text)))) == 1
