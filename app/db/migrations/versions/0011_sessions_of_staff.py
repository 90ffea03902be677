"""Sessions are rows, which can be listed and ended one by one; second factors; no typed names of attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_staff_session_token_is_hashed")),
        sa.CheckConstraint("length(device) <= 60", name=op.f("ck_staff_session_device_is_short")),
        sa.CheckConstraint("last_seen_at >= created_at", name=op.f("ck_staff_session_seen_after_created")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.staff_id"], name=op.f("fk_staff_session_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    op.create_table(
        "second_factor",
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("recovery_hashes", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("secret ~ '^[A-Z2-7]{32,}$'", name=op.f("ck_second_factor_secret_is_base32")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.staff_id"], name=op.f("fk_second_factor_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_second_factor")),
    )
    # Whoever is signed in signs in once more.
    op.drop_column("staff", "session")
    op.execute("DELETE FROM sign_in_failure")


def downgrade() -> None:
    op.add_column("staff", sa.Column("session", sa.Text(), nullable=True))
    op.execute("UPDATE staff SET session = gen_random_uuid()::text")
    op.alter_column("staff", "session", nullable=False)
    op.drop_table("second_factor")
    op.drop_table("staff_session")
