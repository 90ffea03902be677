"""Which language a page speaks: asked for (``?lang=``), remembered (cookie), else the installation's."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Flask, Response, current_app, request
from flask_babel import Babel, get_locale, gettext

from app.config import LANGUAGES, TRANSLATIONS_DIR
from app.maps.messages import messages

COOKIE = "lang"
ONE_YEAR_S = 365 * 24 * 3600
NAMES = {"de": "Deutsch", "en": "English"}


def _asked() -> str | None:
    given = request.args.get("lang")
    return given if given in LANGUAGES else None


def chosen_language() -> str:
    """Return the request's language.

    What the browser prefers does not count: the people this is made for work in German,
    many of them in browsers set to something else.
    """
    remembered = request.cookies.get(COOKIE)
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    return _asked() or (remembered if remembered in LANGUAGES else None) or default


def language() -> str:
    """Return the language of the text being made, ``de`` or ``en``."""
    return str(get_locale() or current_app.config["BABEL_DEFAULT_LOCALE"])


def languages() -> list[dict[str, str | bool]]:
    """Return the languages on offer, each with the address of this very page in it."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return [
        {
            "code": code,
            "name": NAMES[code],
            "address": f"{request.script_root}{request.path}?{urlencode([*others, ('lang', code)])}",
            "is_current": code == language(),
        }
        for code in LANGUAGES
    ]


def module_words(texts: Iterable[str]) -> dict[str, str]:
    """Return translations of some texts of the browser modules, for a page that does not need all of them."""
    known = messages(language(), gettext)
    return {text: known[text] for text in texts if text in known}


def init_app(app: Flask, default: str) -> None:
    """Choose a language for each request, and remember one that was asked for."""
    app.config["BABEL_DEFAULT_LOCALE"] = default
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Berlin"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS_DIR)
    Babel(app, locale_selector=chosen_language)
    app.jinja_env.globals.update(language=language, languages=languages, module_words=module_words)

    @app.after_request
    def remember(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers["Content-Language"] = language()
            response.vary.add("Cookie")
            if asked := _asked():
                response.set_cookie(
                    COOKIE,
                    asked,
                    ONE_YEAR_S,
                    path=request.script_root or "/",
                    secure=request.is_secure,
                    httponly=True,
                    samesite="Lax",
                )
        return response
