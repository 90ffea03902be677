"""Links of invitations: 128 bits that only this installation can make; the database holds their hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.meetings.invited import set_token, suppress_address


def invitation_token(number: int, secret: str) -> str:
    """Return the token of an invitation's link: the same one in its mail, in a reminder and on paper."""
    made = hmac.new(secret.encode(), f"invitation:{number}".encode(), hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def token_hash(token: str) -> bytes:
    """Return what the database holds of a token."""
    return hashlib.sha256(token.encode()).digest()


def link_token(connection: Connection, invitation: RowMapping, secret: str) -> str:
    """Return the token of an invitation that a mail is made for; its link holds from now on."""
    token = invitation_token(invitation["invitation_id"], secret)
    if bytes(invitation["token_sha256"]) != token_hash(token):
        set_token(connection, invitation["invitation_id"], token_hash(token))
    return token


def unsubscribe(connection: Connection, invitation: RowMapping, at: datetime, secret: str) -> None:
    """Let the address of an invitation get no more of them, now and after whatever import."""
    address = invitation["address_normalized"]
    if address is not None:
        suppress_address(connection, address, suppression_hash(address, secret), at)


def suppression_hash(address: str, secret: str) -> str:
    """Return what is kept of an address that wants no more invitations; nobody else can tell whose it is."""
    return hmac.new(secret.encode(), address.encode(), hashlib.sha256).hexdigest()
