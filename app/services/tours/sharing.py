"""Links by which a tour is read without an account: not to be guessed, to be revoked."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection

from app.db.tours.saved import saved_row
from app.db.tours.shares import open_token, revoke_tokens, store_token

_TOKEN_BYTES = 24


def share_token(connection: Connection, key: str) -> str | None:
    """Return the token of a tour's open share link, None without one.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    """
    return open_token(connection, saved_row(connection, key)["tour_id"])


def share_tour(connection: Connection, key: str) -> str:
    """Return the token of a tour's share link, made where there is none.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    """
    # Nobody makes a second link meanwhile.
    tour_id = saved_row(connection, key, is_to_change=True)["tour_id"]
    token = open_token(connection, tour_id)
    if token is None:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        store_token(connection, tour_id, token)
    return token


def revoke_share(connection: Connection, key: str) -> bool:
    """Close a tour's share link for good; return whether there was one.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    """
    return revoke_tokens(connection, saved_row(connection, key, is_to_change=True)["tour_id"]) > 0
