"""Addresses as they are compared, and which way a contact may be invited by."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from app.domain.meetings import MAIL_BASES, Channel
from app.errors import N_, InputError

_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+", re.ASCII)
_LONGEST_MAIL = 254
_SHORTEST_PHONE = 5

NOT_A_MAIL = N_("“%(text)s” is no mail address; expected one like name@company.example.")
NOT_A_PHONE = N_("“%(text)s” is no telephone number; expected digits, such as 05361 12345.")

# Why a channel is not used.
SUPPRESSED = N_("wants no more invitations")
EXPIRED = N_("expired on %(day)s")
BOUNCED = N_("mails come back")
NO_BASIS = N_("no basis for invitations by mail is recorded")


def normalized(kind: Channel, text: str) -> str:
    """Return an address as equal ones have in common.

    Raises
    ------
    InputError
        When it is no address of its kind.
    """
    tidy = " ".join(text.split())
    if kind == Channel.MAIL:
        address = tidy.removeprefix("mailto:").casefold()
        if not _MAIL.fullmatch(address) or len(address) > _LONGEST_MAIL:
            raise InputError(NOT_A_MAIL, text=tidy[:60])
        return address
    if kind == Channel.PHONE:
        digits = re.sub(r"[^\d+]", "", tidy)
        if len(digits) < _SHORTEST_PHONE:
            raise InputError(NOT_A_PHONE, text=tidy[:60])
        return re.sub(r"^(00|0)", lambda zeros: "+" if zeros[0] == "00" else "+49", digits)
    return tidy.casefold()


def why_not(channel: Any, on: date) -> tuple[str, dict[str, Any]] | None:
    """Return why a contact is not invited by a channel, as a template with values; None where it may be."""
    if channel["suppressed_at"] is not None:
        return SUPPRESSED, {}
    if channel["expires_on"] is not None and channel["expires_on"] < on:
        return EXPIRED, {"day": channel["expires_on"]}
    if channel["kind"] == Channel.MAIL:
        if channel["bounced_at"] is not None:
            return BOUNCED, {}
        if channel["basis"] not in MAIL_BASES:
            return NO_BASIS, {}
    return None
