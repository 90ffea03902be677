"""Secrets of second factors are encrypted with a key made from the application's secret one."""

import base64

import sqlalchemy as sa
from alembic import op
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.config import Settings, read_secret_key

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_second_factor_secret_is_base32"), "second_factor")
    _rewrite(lambda cipher, secret: cipher.encrypt(secret))
    op.create_check_constraint(
        op.f("ck_second_factor_secret_is_encrypted"),
        "second_factor",
        "secret ~ '^gAAAA[A-Za-z0-9_-]{64,}=*$'",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_second_factor_secret_is_encrypted"), "second_factor")
    _rewrite(lambda cipher, secret: cipher.decrypt(secret))
    op.create_check_constraint(
        op.f("ck_second_factor_secret_is_base32"), "second_factor", "secret ~ '^[A-Z2-7]{32,}$'"
    )


def _rewrite(changed) -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT staff_id, secret FROM second_factor")).all()
    if not rows:
        # Most have none, and the key may not be at hand.
        return
    key = read_secret_key(Settings.from_environment()).encode()
    derived = HKDF(SHA256(), 32, salt=None, info=b"second factor").derive(key)
    cipher = Fernet(base64.urlsafe_b64encode(derived))
    for staff_id, secret in rows:
        connection.execute(
            sa.text("UPDATE second_factor SET secret = :secret WHERE staff_id = :staff_id"),
            {"staff_id": staff_id, "secret": changed(cipher, secret.encode()).decode()},
        )
