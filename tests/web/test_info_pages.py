"""Imprint, privacy, accessibility, help: in both languages, placeholders marked, texts of one's own first."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.config import Settings
from app.web.info_pages import TEXTS, TITLES, rendered
from tests.web.conftest import MakeApp
from tests.web.page_words import links_of, read, words_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HEADINGS = {
    "de": {
        "imprint": "Impressum",
        "privacy": "Datenschutz",
        "accessibility": "Barrierefreiheit",
        "help": "Hilfe",
    },
    "en": {"imprint": "Imprint", "privacy": "Privacy", "accessibility": "Accessibility", "help": "Help"},
}


@pytest.mark.parametrize("name", TITLES)
@pytest.mark.parametrize("lang", ["de", "en"])
def test_each_has_a_text_in_each_language_whose_placeholders_are_marked(
    client: FlaskClient, name: str, lang: str
) -> None:
    html = read(client, f"/{name}?lang={lang}")
    assert f"<h1>{HEADINGS[lang][name]}</h1>" in html
    assert f"<title>{HEADINGS[lang][name]} · " in html
    assert ("[Platzhalter: " if lang == "de" else "[Placeholder: ") in html
    assert ("[Placeholder" if lang == "de" else "[Platzhalter") not in html


@pytest.mark.parametrize("name", TITLES)
def test_both_languages_say_the_same(name: str) -> None:
    """As far as can be counted: headings, items, placeholders, links."""
    marks = (r"^#", r"^- ", r"\[Pla(tz|ce)", r"\]\(", r"\*\*")
    texts = [(TEXTS / f"{name}.{lang}.md").read_text("utf-8") for lang in ("de", "en")]
    counts = [[len(re.findall(mark, text, re.MULTILINE)) for mark in marks] for text in texts]
    assert counts[0] == counts[1]


def test_every_link_in_a_text_leads_somewhere(client: FlaskClient) -> None:
    for name in TITLES:
        for lang in ("de", "en"):
            article = re.search(r"<article.*</article>", read(client, f"/{name}?lang={lang}"), re.DOTALL)
            assert article
            for link in links_of(article[0]):
                if not link.startswith("https://"):
                    assert client.get(f"/{link}").status_code == 200, link


def test_texts_of_ones_own_come_first(make_app: MakeApp, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "imprint.de.md").write_text("\ufeff# Unser Impressum\n\nHallo **Park**", "utf-8")
    (tmp_path / "help.en.md").write_text("# Our help", "utf-8")
    client = make_app(
        replace(settings, database_url="postgresql+psycopg://x/y", texts_dir=tmp_path)
    ).test_client()
    assert "<h1>Unser Impressum</h1>\n<p>Hallo <strong>Park</strong></p>" in read(client, "/imprint?lang=de")
    # Better in another language, and said so, than another text.
    assert re.search(r'<article [^>]*lang="de">\s*<h1>Unser', read(client, "/imprint?lang=en"))
    assert re.search(r'<article [^>]*lang="en">\s*<h1>Our', read(client, "/help?lang=de"))
    assert "<h1>Datenschutz</h1>" in read(client, "/privacy?lang=de")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](data:text/html;base64,AA)",
        "<https://x' onclick='y>",
        '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
    ],
)
def test_html_in_a_text_is_text(hostile: str) -> None:
    tags = re.findall(r"<[^>]+>", rendered(hostile))
    assert all(re.fullmatch(r'</?p>|<a href="https://[^"]+"( title="[^"]*")?>|</a>', tag) for tag in tags), (
        tags
    )


def test_names_of_pages_are_no_paths(client: FlaskClient) -> None:
    for address in ("/imprint.de", "/imprint/..", "/IMPRINT", "/secret_key"):
        assert client.get(address).status_code == 404


def test_what_is_shipped_says_what_it_is(client: FlaskClient) -> None:
    for name in ("imprint", "privacy", "accessibility"):
        assert "APP_TEXTS_DIR" in words_of(read(client, f"/{name}"))
