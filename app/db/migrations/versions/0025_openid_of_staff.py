"""Accounts may be connected with those of an OpenID Connect provider."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COLUMNS = ("openid_issuer", "openid_subject", "openid_email")
UNIQUE = (("openid_issuer", "openid_subject"), ("openid_email",))


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("staff", sa.Column(column, sa.Text(), nullable=True))
    for columns in UNIQUE:
        op.create_unique_constraint(op.f(f"uq_staff_{'_'.join(columns)}"), "staff", list(columns))
    for column in COLUMNS[1:]:
        op.create_check_constraint(op.f(f"ck_staff_{column}_is_not_blank"), "staff", rf"{column} ~ '\S'")
    op.create_check_constraint(
        op.f("ck_staff_openid_subject_of_issuer"),
        "staff",
        "(openid_issuer IS NULL) = (openid_subject IS NULL)",
    )


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_column("staff", column)
