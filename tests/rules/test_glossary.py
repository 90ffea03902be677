"""The glossary names what there is, in the words of the pages."""

from __future__ import annotations

import re

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


def test_replaced_words_do_not_come_back_as_names_of_modules() -> None:
    replaced = set(re.findall(r"[a-z]+", GLOSSARY.partition("more: ")[2]))
    assert len(replaced) > 20
    own = PROJECT_DIR / "app"
    modules = [*own.rglob("*.py"), *(own / "web" / "static" / "js").rglob("*.js")]
    parts = {path: set(path.stem.split("_")) for path in modules if "versions" not in path.parts}
    assert {
        str(path.relative_to(PROJECT_DIR)): hit for path, words in parts.items() if (hit := words & replaced)
    } == {}
