"""Hours in which a walkway that needs leave is open to everybody."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

NEEDS = "ck_walkway_hours_need_permission"
BLANK = "ck_walkway_opening_hours_is_not_blank"


def upgrade() -> None:
    op.add_column("walkway", sa.Column("opening_hours", sa.String(), nullable=True))
    op.create_check_constraint(op.f(BLANK), "walkway", r"opening_hours ~ '\S'")
    op.create_check_constraint(op.f(NEEDS), "walkway", "opening_hours IS NULL OR access = 'permission'")


def downgrade() -> None:
    for name in (NEEDS, BLANK):
        op.drop_constraint(op.f(name), "walkway")
    op.drop_column("walkway", "opening_hours")
