"""A real provider of OpenID Connect on this machine, and signing in there."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import pytest
import requests
from playwright._impl._driver import compute_driver_executable

from app.config import OpenIdProvider
from tests.machine import OPENID_DIR

# Who is known there, by subject.
PEOPLE = {
    "u-1": {"email": "Ada@park.example", "email_verified": True},
    "u-2": {"email": "otto@park.example", "email_verified": False},
    "u-3": {"email": "ada@park.example", "email_verified": True},
    "u-4": {"email": "nobody@park.example", "email_verified": True},
}


@contextmanager
def serving_openid(*back: str) -> Iterator[OpenIdProvider]:
    """Yield a provider that leads people back to addresses of ours; it ends with the block."""
    if not (OPENID_DIR / "node_modules" / "oidc-provider").exists():
        pytest.skip("no oidc-provider: run python -m tests.machine")
    client = {"client_id": "nachbarschaft", "client_secret": "geheim", "redirect_uris": back}
    # Playwright brings its own Node, whatever the machine has.
    node = str(compute_driver_executable()[0])
    words = [node, str(OPENID_DIR / "provider.js"), json.dumps({"people": PEOPLE, "client": client})]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            assert running.stdout
            issuer = next((line.split()[1] for line in running.stdout if line.startswith("issuer ")), None)
            assert issuer, "the provider does not start"
            yield OpenIdProvider(issuer, "nachbarschaft", "geheim", "openid email", "Park-Konto")
        finally:
            running.terminate()


def back_from(address: str, subject: str, back: str) -> str:
    """Sign in there as a browser does; return the address below `back` to which it is sent."""
    with requests.Session() as browser:
        answer = browser.get(address, allow_redirects=False)
        for _ in range(20):
            onward = answer.headers.get("Location", "")
            if onward.startswith(back):
                return onward
            if onward:
                answer = browser.get(urljoin(answer.url, onward), allow_redirects=False)
                continue
            form = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert form, answer.text
            assert prompt, answer.text
            given = {"prompt": prompt[1], "login": subject, "password": "any"}
            answer = browser.post(urljoin(answer.url, form[1]), data=given, allow_redirects=False)
    pytest.fail(f"the provider does not lead back: {answer.url}")
