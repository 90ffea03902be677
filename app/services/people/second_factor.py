"""A second factor: codes that change every half minute (TOTP, RFC 6238), and a few that stand in for them.

Whoever reads the database alone, or a copy of it, cannot make codes: the secrets in it are encrypted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection

from app.db.people import second_factors as rows
from app.errors import N_, ConflictError, NotFoundError
from app.services.people.staff import Person

ISSUER = "Nachbarschaft Heinenkamp"
_N_RECOVERY_CODES = 8
# A phone's clock may be half a minute wrong, and typing takes a while.
_STEPS_AROUND = (0, -1, 1)

_log = logging.getLogger(__name__)


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


def secret_cipher(secret_key: str) -> Fernet:
    """Return what encrypts secrets of second factors, by a key made from the application's secret one."""
    derived = HKDF(SHA256(), 32, salt=None, info=b"second factor").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def factor_state(connection: Connection, person: Person, cipher: Fernet) -> FactorState:
    """Return how far a person's second factor is; a confirmed secret is told to nobody any more."""
    row = rows.factor_of(connection, person.staff_id)
    if row is None:
        return FactorState()
    if row["confirmed_at"] is not None:
        n_left = len(row["recovery_hashes"])
        return FactorState(confirmed_at=row["confirmed_at"], n_recovery_codes=n_left)
    secret = _decrypted(row["secret"], person, cipher)
    if secret is None:
        return FactorState()
    address = pyotp.TOTP(secret).provisioning_uri(name=person.name, issuer_name=ISSUER)
    return FactorState(address=address, secret=secret)


def is_asked_for(connection: Connection, person: Person) -> bool:
    """Say whether a person gives a code besides the password."""
    row = rows.factor_of(connection, person.staff_id)
    return row is not None and row["confirmed_at"] is not None


def begin_factor(connection: Connection, person: Person, cipher: Fernet) -> None:
    """Make a secret, which counts when it is confirmed.

    Raises
    ------
    ConflictError
        When one is confirmed already.
    """
    encrypted = cipher.encrypt(pyotp.random_base32().encode()).decode()
    if not rows.store_factor(connection, person.staff_id, encrypted):
        raise ConflictError(N_("The second factor has already been set up."))


def confirm_factor(
    connection: Connection, person: Person, cipher: Fernet, code: str, at: datetime
) -> list[str] | None:
    """Ask for codes from now on; return recovery codes, which nobody can read again; None for a wrong code.

    Raises
    ------
    ConflictError
        When there is no secret to confirm.
    """
    if factor_state(connection, person, cipher).address is None:
        raise ConflictError(N_("There is no second factor to be confirmed."))
    if not _use_code(connection, person, cipher, code, at):
        return None
    recovery = [secrets.token_hex(8) for _ in range(_N_RECOVERY_CODES)]
    rows.confirm_factor(connection, person.staff_id, [_hashed(each) for each in recovery], at)
    return ["-".join(each[i : i + 4] for i in range(0, 16, 4)) for each in recovery]


def use_code(connection: Connection, person: Person, cipher: Fernet, code: str, at: datetime) -> bool:
    """Say whether a code is right, or a recovery code; each is right once."""
    return _use_code(connection, person, cipher, code, at) or rows.use_recovery(
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


def _use_code(connection: Connection, person: Person, cipher: Fernet, code: str, at: datetime) -> bool:
    row = rows.factor_of(connection, person.staff_id)
    secret = None if row is None else _decrypted(row["secret"], person, cipher)
    step = None if secret is None else _step_of(secret, "".join(code.split()), at)
    return step is not None and rows.use_step(connection, person.staff_id, step)


def _decrypted(encrypted: str, person: Person, cipher: Fernet) -> str | None:
    """Return a secret; None where the application had another secret key when it was made."""
    try:
        return cipher.decrypt(encrypted.encode()).decode()
    except InvalidToken:
        _log.warning("the second factor of %s was made under another secret key", person.name)
        return None


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
