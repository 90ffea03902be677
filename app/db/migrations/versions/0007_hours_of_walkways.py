"""Hours in which a walkway that needs leave is open to everybody; legs to where no way leads have no length."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NEEDS = "ck_walkway_hours_need_permission"
BLANK = "ck_walkway_opening_hours_is_not_blank"
ENDS = "ck_tour_leg_network_ends"
LENGTH = """CASE WHEN detours @> '[{"kind": "unreachable"}]' THEN 0 ELSE ST_Length(geometry) END"""


def upgrade() -> None:
    op.add_column("walkway", sa.Column("opening_hours", sa.Text(), nullable=True))
    op.create_check_constraint(op.f(BLANK), "walkway", r"opening_hours ~ '\S'")
    op.create_check_constraint(op.f(NEEDS), "walkway", "opening_hours IS NULL OR access = 'permission'")
    measure_legs(LENGTH)


def downgrade() -> None:
    measure_legs("ST_Length(geometry)")
    for name in (NEEDS, BLANK):
        op.drop_constraint(op.f(name), "walkway")
    op.drop_column("walkway", "opening_hours")


def measure_legs(length: str) -> None:
    # What a column is computed from cannot be changed; its check goes with it.
    op.drop_constraint(op.f(ENDS), "tour_leg")
    op.drop_column("tour_leg", "length_m")
    op.add_column(
        "tour_leg", sa.Column("length_m", sa.Float(), sa.Computed(length, persisted=True), nullable=False)
    )
    op.create_check_constraint(op.f(ENDS), "tour_leg", "upper(network_m) <= length_m + 0.001")
