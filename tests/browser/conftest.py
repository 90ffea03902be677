"""What every browser test has."""

from __future__ import annotations

from tests.cheap_passwords import cheap_passwords

__all__ = ["cheap_passwords"]
