"""Attempts to sign in as requests make them: counted by name and origin, logged where they are refused."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv6Address, ip_address, ip_network

from flask import current_app, request
from sqlalchemy import Engine

from app.errors import TooManyError
from app.request import connection, now
from app.services.people.attempts import Attempt, note_attempt
from app.services.people.staff import known_name, name_key
from app.web.people.sign_in_log import log_event

# Requests without an account in a quarter of an hour: for a thing from one origin, from it, for the thing.
# Behind one address may be an office.
MOST_REQUESTS = (20, 60, 200)


def counted_attempt(name: str) -> Attempt:
    """Return this request's attempt at a name as it was typed, counted already.

    Raises
    ------
    TooManyError
        After too many failed ones.
    """
    attempt = Attempt(_hidden(name_key(name)), origin(), now())
    engine: Engine = current_app.extensions["engine"]
    try:
        with engine.begin() as held:
            note_attempt(held, attempt)
    except TooManyError:
        log_refusal(name, "too-many-attempts")
        raise
    return attempt


def count_request(purpose: str, what: str, most: tuple[int, int, int] = MOST_REQUESTS) -> None:
    """Count a request that anybody may send without an account, for the same purpose and thing.

    Raises
    ------
    TooManyError
        After too many from there within a quarter of an hour.
    """
    attempt = Attempt(_hidden(f"{purpose}:{what}"), _hidden(f"{purpose}:{origin()}"), now())
    engine: Engine = current_app.extensions["engine"]
    with engine.begin() as held:
        note_attempt(held, attempt, most)


def log_refusal(name: str, reason: str) -> None:
    """Write down that somebody was not let in; `name` is told only where somebody has it."""
    # What nobody is called may be a password in the wrong field.
    log_event("sign-in-refused", reason=reason, name=known_name(connection(), name), origin=origin())


def origin() -> str:
    """Return what stands for where the reader is: the same for the same, and nothing to read from it."""
    return _hidden(_network(request.remote_addr or ""))


def _network(address: str) -> str:
    """Return the network that one reader has to himself: an IPv4 address, 64 bits of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def _hidden(text: str) -> str:
    key = str(current_app.secret_key).encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
