"""Somebody who is signed in at a running service, over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

WITHIN_S = 600


@dataclass(frozen=True)
class Answer:
    """The answer to one request."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def told(self) -> Any:
        """The JSON value of the body."""
        return json.loads(self.body)


class StaffClient:
    """A client with cookies, and with the token that changes are asked for with.

    Parameters
    ----------
    address : str
        Of the service, with a slash at the end.
    name, password : str
        Of somebody who may sign in.
    """

    def __init__(self, address: str, name: str, password: str) -> None:
        self._address = address
        self._opener = build_opener(HTTPCookieProcessor())
        given = {"csrf_token": self._token("login"), "name": name, "password": password}
        self._send("POST", "login", urlencode(given).encode(), {})
        self._headers = {"X-CSRFToken": self._token("walkways"), "Content-Type": "application/json"}

    def ask(self, method: str, path: str, given: object = None, *, seen: int | None = None) -> Answer:
        """Send JSON, or nothing, and return the answer, whatever its status; `seen` is the version changed.

        Raises
        ------
        OSError, http.client.HTTPException
            Where no answer comes.
        """
        body = None if given is None else json.dumps(given).encode()
        return self._send(
            method, path, body, self._headers | ({} if seen is None else {"If-Match": f'"{seen}"'})
        )

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        asked = Request(f"{self._address}{path}", body, dict(headers), method=method)  # noqa: S310  http
        try:
            with self._opener.open(asked, timeout=WITHIN_S) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except HTTPError as refused:
            with refused:
                return Answer(refused.code, refused.headers, refused.read())

    def _token(self, page: str) -> str:
        found = re.search(rb'name="csrf_token" value="([^"]+)"', self._send("GET", page, None, {}).body)
        if found is None:
            raise RuntimeError(f"{self._address}{page} has no form: who asks is not signed in")
        return found[1].decode()
