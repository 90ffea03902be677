"""The texts of the browser modules in the language of a page.

Babel gathers them from the modules themselves; set-up writes those of a language beside its catalog. The
English text is its own key.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from app.config import TRANSLATIONS_DIR
from app.maps.styles import style_table


def labels() -> list[str]:
    """Return the labels of all styles, English."""
    return [str(style["label"]) for styles in style_table().values() for style in styles.values()]


def messages(language: str, translate: Callable[[str], str]) -> dict[str, str]:
    """Return English text to translation for the modules and the styles; what stays the same is left out.

    Parameters
    ----------
    language : str
        Code of a language (``de``); one without a catalog has no texts of its own.
    translate : callable
        Translates the styles' labels.
    """
    texts = {**{label: translate(label) for label in labels()}, **_module_texts(language)}
    return {text: translation for text, translation in texts.items() if translation != text}


@cache
def _module_texts(language: str) -> dict[str, str]:
    file = TRANSLATIONS_DIR / language / "LC_MESSAGES" / "javascript.json"
    texts: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return texts
