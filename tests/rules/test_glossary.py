"""The glossary names what there is, in the words of the pages."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from babel.messages.pofile import read_po

from app.config import PROJECT_DIR, TRANSLATIONS_DIR

GLOSSARY = (PROJECT_DIR / "docs" / "glossary.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.splitlines()
    if line.startswith("| ") and "`app/" in line
]


def test_every_term_lives_where_the_glossary_says() -> None:
    assert len(ROWS) > 35
    places = [place for row in ROWS for place in re.findall(r"`(app/[^`]+)`", row[3])]
    assert [place for place in places if not (PROJECT_DIR / place).is_file()] == []
    assert all(row[0] and row[1] for row in ROWS)


def test_terms_are_listed_once() -> None:
    terms = [term for row in ROWS for term in row[0].split(", ")]
    assert len(terms) == len(set(terms))


def test_german_words_are_those_of_the_pages() -> None:
    with (TRANSLATIONS_DIR / "de" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        shown = " ".join(str(message.string) for message in read_po(file, locale="de"))
    assert [row[2] for row in ROWS if row[2] not in shown] == []


REPLACED = set(re.findall(r"[a-z]+", GLOSSARY.partition("more: ")[2]))
APP = PROJECT_DIR / "app"
MODULES = [path for path in APP.rglob("*.py") if "versions" not in path.parts]
SCRIPTS = [*(APP / "web" / "static" / "js").rglob("*.js")]


def words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def definitions(path: Path) -> list[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, kinds)]


def place(path: Path) -> str:
    return path.relative_to(PROJECT_DIR).as_posix()


def test_replaced_words_do_not_come_back_as_names_of_modules() -> None:
    assert len(REPLACED) > 20
    found = {place(path): words_of(path.stem) & REPLACED for path in [*MODULES, *SCRIPTS]}
    assert {path: words for path, words in found.items() if words} == {}


def test_replaced_words_do_not_come_back_as_names_of_classes_and_functions() -> None:
    found = {
        f"{place(path)}: {node.name}"
        for path in MODULES
        for node in definitions(path)
        if words_of(node.name) & REPLACED
    }
    assert found == set()


def test_no_class_name_has_two_meanings() -> None:
    names = Counter(
        node.name for path in MODULES for node in definitions(path) if isinstance(node, ast.ClassDef)
    )
    assert {name for name, count in names.items() if count > 1} == set()
