"""German first, English second, never mixed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.config import PROJECT_DIR, TRANSLATIONS_DIR
from app.machine.catalogs import module_texts
from tests.web.page_words import words_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PAGES = ("/", "/tours", "/tours/rundgang-2024-04-24", "/daten", "/daten?on=2021-01-01", "/nirgends")
KEYWORDS = {"_": None, "N_": None, "NN_": (1, 2), "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|%%")

# Words that are the same in both languages, names and units.
SHARED = {"Filter", "Website", "text"}


def written() -> set[str]:
    """Return every text that code and templates mark for translation."""
    found = extract_from_dir(str(PROJECT_DIR / "app"), METHODS, keywords=KEYWORDS)
    messages = (message for _, _, message, _, _ in found)
    return {text for m in messages for text in ([m] if isinstance(m, str) else m)} | set(module_texts())


@pytest.fixture(scope="module")
def german() -> Catalog:
    """The German catalog as translators write it."""
    with (TRANSLATIONS_DIR / "de" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="de")


def pairs(german: Catalog) -> Iterator[tuple[str, str]]:
    """Yield every English text with its German one."""
    for message in german:
        if message.id:
            ids, strings = (m if isinstance(m, list | tuple) else (m,) for m in (message.id, message.string))
            yield from zip(ids, strings, strict=True)


def test_every_text_has_a_german_one(german: Catalog) -> None:
    """None missing, none left over, none guessed."""
    translated = dict(pairs(german))
    assert written() == translated.keys()
    assert [text for text, string in translated.items() if not string.strip()] == []
    assert [message.id for message in german if message.id and message.fuzzy] == []


def test_placeholders_are_kept(german: Catalog) -> None:
    """A translation names the values that its message names, and has its edges."""
    for text, string in pairs(german):
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(string)), text
        assert (text[-1] in ".:") == (string[-1] in ".:") or string.endswith("Min."), text


def test_german_is_typeset_as_german(german: Catalog) -> None:
    """German quotation marks, no English ones; Sie, never du."""
    for text, string in pairs(german):
        assert "”" not in string, text
        assert string.count("„") == string.count("“"), text
        assert not re.search(r"\b([Dd]u|[Dd]ein\w*|[Dd]ir|[Dd]ich)\b", string), text


def found_words(texts: set[str], page: str) -> list[str]:
    """Return those of `texts` that stand on a page as words of their own."""
    return [text for text in texts if re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", page)]


@pytest.fixture(scope="module")
def told_apart(german: Catalog) -> dict[str, str]:
    """Texts without placeholders that differ between the languages, by their English form."""
    shared = SHARED | {german.get(text).string for text in SHARED}
    return {
        text: string
        for text, string in pairs(german)
        if not PLACEHOLDER.search(text) and text != string and not {text, string} & shared
    }


MARKED = re.compile(r'(?s)<(?:code|pre)\b.*?</(?:code|pre)>|<(\w+)[^>]* lang="\w+"[^>]*>(.*?)</\1>')


def text_of(client: FlaskClient, address: str) -> str:
    """Return the words and spoken labels of a page, without what is marked as of a certain language."""
    body = client.get(address).get_data(as_text=True).partition("<body")[2]
    rest = MARKED.sub(" ", body)
    labels = " · ".join(re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', rest))
    for marked in MARKED.finditer(body):
        labels = labels.replace(marked[2] or "·", " ")
    return words_of(rest) + " · " + unescape(labels)


@pytest.mark.parametrize("address", PAGES)
def test_german_pages_hold_no_english(client: FlaskClient, told_apart: dict[str, str], address: str) -> None:
    """No English text of the catalog is left on a German page."""
    page = text_of(client, address)
    german_words = " ".join(told_apart.values())
    english = {text for text in told_apart if not found_words({text}, german_words)}
    assert found_words(english, page) == []


@pytest.mark.parametrize("address", PAGES)
def test_english_pages_hold_no_german(client: FlaskClient, told_apart: dict[str, str], address: str) -> None:
    """No German text of the catalog is left on an English page."""
    client.set_cookie("lang", "en")
    page = text_of(client, address)
    english_words = " ".join(told_apart)
    german = {string for string in told_apart.values() if not found_words({string}, english_words)}
    assert found_words(german, page) == []


# --- which language


def test_german_without_being_asked(client: FlaskClient) -> None:
    """What the browser prefers does not count."""
    response = client.get("/daten", headers={"Accept-Language": "en-US,en;q=0.9"})
    assert response.headers["Content-Language"] == "de"
    assert '<html lang="de">' in response.get_data(as_text=True)


def test_a_language_asked_for_is_remembered(client: FlaskClient) -> None:
    """By the link in the top bar; the page stays the same otherwise."""
    html = client.get("/daten?on=2021-01-01&park=heinenkamp-1").get_data(as_text=True)
    link = re.search(r'href="([^"]*lang=en)"', html)
    assert link
    response = client.get(unescape(link[1]))
    assert response.headers["Content-Language"] == "en"
    assert 'value="2021-01-01"' in response.get_data(as_text=True)
    cookie = response.headers["Set-Cookie"]
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie
    assert client.get("/tours").headers["Content-Language"] == "en"
    assert client.get("/tours?lang=de").headers["Content-Language"] == "de"
    assert client.get("/tours").headers["Content-Language"] == "de"


@pytest.mark.parametrize("asked", ["fr", "", "<script>", "de_AT"])
def test_unknown_language_is_german(client: FlaskClient, asked: str) -> None:
    """Also from a cookie somebody else made."""
    assert client.get("/tours", query_string={"lang": asked}).headers["Content-Language"] == "de"
    client.set_cookie("lang", asked)
    assert client.get("/tours").headers["Content-Language"] == "de"


def test_refusals_speak_the_language_asked_for(client: FlaskClient) -> None:
    """The same refusal in both."""
    german, english = (
        words_of(client.get(f"/tours/nirgends?lang={code}").get_data(as_text=True)) for code in ("de", "en")
    )
    assert "Es gibt keinen Rundgang „nirgends“." in german
    assert "There is no tour “nirgends”." in english


def test_compiled_catalog_is_that_of_the_translators(german: Catalog) -> None:
    """What the pages speak is what was written last."""
    import gettext

    spoken = gettext.translation("messages", str(TRANSLATIONS_DIR), ["de"])
    for message in german:
        if isinstance(message.id, str) and message.id:
            assert spoken.gettext(message.id) == message.string
        elif message.id:
            assert tuple(spoken.ngettext(*message.id, n) for n in (1, 2)) == message.string
