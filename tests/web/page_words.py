"""Pages as tests read them: their addresses and their words."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NBSP = "\N{NO-BREAK SPACE}"


class Links(HTMLParser):
    """Gathers the addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"href", "src", "action"} and value]


def links_of(html: str) -> list[str]:
    """Return every address in `html`."""
    links = Links()
    links.feed(html)
    return links.found


def read(client: FlaskClient, address: str, status: int = 200) -> str:
    """Return the page at `address`, whose status must be `status`."""
    response = client.get(address)
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    return response.get_data(as_text=True)


def words_of(html: str) -> str:
    """Return the text of a page in one line."""
    visible = re.sub(r"(?s)<(script|style|title)\b.*?</\1>", " ", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", visible)).replace(NBSP, " "))
