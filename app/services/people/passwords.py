"""Passwords and tokens: hard to guess, and kept so that nobody can read them."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import N_, InputError

SHORTEST = 12
LONGEST = 200

# Of the usual cost (RFC 9106); a hash says itself what it costs to compare.
HASHER = PasswordHasher()
# What is tried here before all else.
_NEAR_AT_HAND = ("heinenkamp", "nachbarschaft", "wolfsburg", "volkswagen", "rundgang", "gewerbegebiet")
# Of zxcvbn's 0 to 4: from 10^8 guesses on. Each costs what Argon2 does.
_LEAST_SCORE = 3
# What zxcvbn reads at most, and enough to be hard to guess.
_JUDGED = 72


def generated_password() -> str:
    """Return a password that nobody guesses."""
    return secrets.token_urlsafe(15)


def hashed(password: str, name: str) -> str:
    """Return the Argon2id hash of a new password of somebody.

    Raises
    ------
    InputError
        When it is too short, too long, or easy to guess: common, a pattern of keys, made of the person's
        name or of words that are near at hand here.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(N_("A password has %(least)s to %(most)s characters."), least=SHORTEST, most=LONGEST)
    if _is_easy(password, name):
        raise InputError(
            N_("This password is easy to guess; choose a few words that have nothing to do with each other.")
        )
    return HASHER.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Say whether a password belongs to a hash; for None, that of nobody, it takes as long to say no."""
    try:
        return HASHER.verify(kept or _nobodys_hash(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False


def token_hash(token: str) -> str:
    """Return what is kept of a token: of 256 random bits nothing is to be guessed, no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _is_easy(password: str, name: str) -> bool:
    # Its lists of words are wanted at the prompt only.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    parts = name.casefold().split()
    words = [*_NEAR_AT_HAND, *parts, *(between.join(parts) for between in ("", " ", ".", "-", "_"))]
    return int(zxcvbn(password[:_JUDGED], user_inputs=words)["score"]) < _LEAST_SCORE


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_urlsafe())
