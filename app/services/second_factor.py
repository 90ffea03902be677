"""A second factor: codes that change every half minute (TOTP, RFC 6238), and a few that stand in for them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import Connection

from app.db import second_factors as rows
from app.errors import N_, ConflictError, NotFoundError
from app.services.staffing import Person

ISSUER = "Nachbarschaft Heinenkamp"
_N_RECOVERY_CODES = 8
# A phone's clock may be half a minute wrong, and typing takes a while.
_STEPS_AROUND = (0, -1, 1)


@dataclass(frozen=True)
class FactorState:
    """How far somebody's second factor is.

    Attributes
    ----------
    address : str or None
        The ``otpauth`` address of a secret that is still to be confirmed.
    secret : str or None
        The same secret, to be typed.
    confirmed_at : datetime or None
        Since when codes are asked for.
    n_recovery_codes : int
        How many are left.
    """

    address: str | None = None
    secret: str | None = None
    confirmed_at: datetime | None = None
    n_recovery_codes: int = 0


def factor_state(connection: Connection, person: Person) -> FactorState:
    """Return how far a person's second factor is; a confirmed secret is told to nobody any more."""
    row = rows.factor_of(connection, person.staff_id)
    if row is None:
        return FactorState()
    if row["confirmed_at"] is not None:
        n_left = len(row["recovery_hashes"])
        return FactorState(confirmed_at=row["confirmed_at"], n_recovery_codes=n_left)
    address = pyotp.TOTP(row["secret"]).provisioning_uri(name=person.name, issuer_name=ISSUER)
    return FactorState(address=address, secret=row["secret"])


def is_asked_for(connection: Connection, person: Person) -> bool:
    """Say whether a person gives a code besides the password."""
    return factor_state(connection, person).confirmed_at is not None


def begin_factor(connection: Connection, person: Person) -> None:
    """Make a secret, which counts when it is confirmed.

    Raises
    ------
    ConflictError
        When one is confirmed already.
    """
    if not rows.store_factor(connection, person.staff_id, pyotp.random_base32()):
        raise ConflictError(N_("The second factor is set up already."))


def confirm_factor(connection: Connection, person: Person, code: str, at: datetime) -> list[str] | None:
    """Ask for codes from now on; return recovery codes, which nobody can read again; None for a wrong code.

    Raises
    ------
    ConflictError
        When there is no secret to confirm.
    """
    if factor_state(connection, person).address is None:
        raise ConflictError(N_("There is no second factor to be confirmed."))
    if not _use_code(connection, person, code, at):
        return None
    recovery = [secrets.token_hex(8) for _ in range(_N_RECOVERY_CODES)]
    rows.confirm_factor(connection, person.staff_id, [_hashed(each) for each in recovery], at)
    return ["-".join(each[i : i + 4] for i in range(0, 16, 4)) for each in recovery]


def use_code(connection: Connection, person: Person, code: str, at: datetime) -> bool:
    """Say whether a code is right, or a recovery code; each is right once."""
    return _use_code(connection, person, code, at) or rows.use_recovery(
        connection, person.staff_id, _hashed(code)
    )


def remove_factor(connection: Connection, person: Person) -> None:
    """Ask for the password only.

    Raises
    ------
    NotFoundError
        Without a second factor.
    """
    if not rows.remove_factor(connection, person.staff_id):
        raise NotFoundError(N_("“%(name)s” has no second factor."), name=person.name)


def _use_code(connection: Connection, person: Person, code: str, at: datetime) -> bool:
    row = rows.factor_of(connection, person.staff_id)
    step = None if row is None else _step_of(row["secret"], "".join(code.split()), at)
    return step is not None and rows.use_step(connection, person.staff_id, step)


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """Return the step of time whose code it is; None for a wrong one."""
    totp = pyotp.TOTP(secret)
    step = int(at.timestamp()) // totp.interval
    given = code.encode()
    near = (step + around for around in _STEPS_AROUND)
    return next((n for n in near if hmac.compare_digest(totp.generate_otp(n).encode(), given)), None)


def _hashed(code: str) -> str:
    # Of 64 random bits, tried five at a time, nothing is to be guessed.
    tidied = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(tidied.encode()).hexdigest()
