"""Where a tour's people meet stands before its first stop, as number 0; leave may last over midnight."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

POSITIONS = ("tour_stop", "tour_leg")
HOURS = "ck_walkway_permission_opens_before_it_closes"
NIGHTS = "ck_walkway_permission_opens_when_it_does_not_close"


def upgrade() -> None:
    for table in POSITIONS:
        op.drop_constraint(op.f(f"ck_{table}_position"), table)
        op.create_check_constraint(op.f(f"ck_{table}_position"), table, "position >= 0")
    op.drop_constraint(op.f(HOURS), "walkway_permission")
    op.create_check_constraint(op.f(NIGHTS), "walkway_permission", "opens_at <> closes_at")


def downgrade() -> None:
    bind = op.get_bind()
    for table in POSITIONS:
        # What the older state cannot hold is said, not lost.
        if bind.execute(sa.text(f"SELECT EXISTS (SELECT FROM {table} WHERE position = 0)")).scalar_one():
            raise RuntimeError("a tour has a meeting point, which an older database cannot hold")
        op.drop_constraint(op.f(f"ck_{table}_position"), table)
        op.create_check_constraint(op.f(f"ck_{table}_position"), table, "position >= 1")
    op.drop_constraint(op.f(NIGHTS), "walkway_permission")
    op.create_check_constraint(op.f(HOURS), "walkway_permission", "opens_at < closes_at")
