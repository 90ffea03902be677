"""Programs that look into mails before people do: they open, follow, and press what they find."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask.testing import FlaskClient

_QUERIES = ("answer=accepted&heads=2", "answer=declined", "sure=1", "right=1", "List-Unsubscribe=One-Click")


def page_field(page: str) -> str:
    """Return what the page of an invitation holds to be sent back."""
    found = re.search(r'name="page" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def company_fields(page: str) -> dict[str, str]:
    """Return the fields of the company as the page fills them in."""
    found = re.findall(r'name="(name|sector|place|website)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found} | {"other": ""}


def scan(client: FlaskClient, address: str) -> int:
    """Do with the link of an invitation what such programs do; return how many requests that were.

    HEAD and GET of all there is, each form by GET with whatever would be an answer, each link of the page,
    blind POSTs, and each form of the page by POST as it stands, hidden fields included, nothing chosen.
    """
    page = client.get(address).get_data(as_text=True)
    own = page_field(page)
    forms = (address, f"{address}/unsubscribe", f"{address}/company")
    asked = [(method, link) for link in forms for method in ("HEAD", "GET", "OPTIONS", "POST")]
    asked += [("GET", f"{link}?{query}&page={own}") for link in forms for query in _QUERIES]
    asked += [("GET", unescape(link)) for link in set(re.findall(r'href="(/answer/[^"]+)"', page))]
    for method, link in asked:
        client.open(link, method=method)
    for link in forms:
        answer = client.post(link, data={"page": own, "heads": "1"} | company_fields(page))
        assert answer.status_code == 400, link
    return 1 + len(asked) + len(forms)
