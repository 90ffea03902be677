"""Imprint, privacy, accessibility, help: Markdown files, one's own before those that come along."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, current_app, render_template
from flask_babel import gettext
from markdown_it import MarkdownIt

from app.config import LANGUAGES, PROJECT_DIR, Settings
from app.errors import N_
from app.web.language import language

# Page -> what links to it say.
TITLES = {
    "help": N_("Help"),
    "accessibility": N_("Accessibility"),
    "privacy": N_("Privacy"),
    "imprint": N_("Imprint"),
}
TEXTS = PROJECT_DIR / "app" / "web" / "texts"

blueprint = Blueprint("info", __name__)


@dataclass(frozen=True)
class Text:
    """A page's text: its file and language."""

    file: Path
    language: str


@blueprint.get(f"/<any({', '.join(TITLES)}):name>")
def show(name: str) -> str:
    """Show a text in the reader's language, or in the one there is."""
    settings: Settings = current_app.extensions["settings"]
    text = find_text(name, language(), settings.texts_dir)
    html = rendered(text.file.read_text("utf-8-sig"))
    return render_template("info.html", title=gettext(TITLES[name]), text=text, html=html)


def find_text(name: str, wanted: str, own: Path | None) -> Text:
    """Return the text of a page in a language; an own one in another comes before what is shipped."""
    for each in (wanted, *LANGUAGES):
        if own is not None and (own / f"{name}.{each}.md").is_file():
            return Text(own / f"{name}.{each}.md", each)
    return Text(TEXTS / f"{name}.{wanted}.md", wanted)


def rendered(markdown: str) -> str:
    """Return the HTML of a text; HTML in it is shown as text, and no link runs a script."""
    return str(_markdown().render(markdown))


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def init_app(app: Flask) -> None:
    """Let every page link to them."""
    app.jinja_env.globals["info_pages"] = lambda: [(name, gettext(words)) for name, words in TITLES.items()]
