"""Licences by the names that sources give them, and where their texts stand."""

from __future__ import annotations

from collections.abc import Mapping

ADDRESSES: Mapping[str, str] = {
    "ODbL 1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "dl-de/by-2-0": "https://www.govdata.de/dl-de/by-2-0",
    "dl-de/zero-2-0": "https://www.govdata.de/dl-de/zero-2-0",
}


def addresses_of(licence: str) -> list[str]:
    """Return the addresses of licences named one after the other (``; ``); those not known are left out."""
    return [ADDRESSES[name] for name in licence.split("; ") if name in ADDRESSES]
