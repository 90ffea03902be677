"""A person who is signed in and fills in forms, as a browser without scripts does it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class _Form(HTMLParser):
    """The fields of the form in the main part of a page, by name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._choice = ""
        self.feed(html[html.index("<main") : html.index("</main>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the values of inputs and of what is chosen."""
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._choice = name
        elif tag == "option" and "selected" in given:
            self.fields[self._choice] = value
        elif tag == "input" and name and given.get("type") not in ("checkbox", "radio"):
            self.fields[name] = value


class FormClient:
    """Somebody at the pages of an application.

    Parameters
    ----------
    app : Flask
    name, password : str
        Of somebody who may sign in.
    """

    def __init__(self, app: Flask, name: str, password: str) -> None:
        self.name = name
        self._client = app.test_client()
        self.send("/login", self.opened("/login") | {"name": name, "password": password})

    def opened(self, address: str) -> dict[str, str]:
        """Return what the form of a page holds."""
        return fields_of(self._client.get(f"{address}?lang=en"))

    def read(self, address: str) -> TestResponse:
        """Ask for anything."""
        return self._client.get(address)

    def send(self, address: str, fields: dict[str, Any]) -> TestResponse:
        """Send the form of a page."""
        return self._client.post(f"{address}?lang=en", data=fields)


def fields_of(answer: TestResponse) -> dict[str, str]:
    """Return what the form of an answer holds."""
    return _Form(answer.get_data(as_text=True)).fields
