"""What everybody knew of a tour when it was withdrawn: calendars are told that, not what it becomes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHECK = "ck_tour_called_off_is_object"
# Of tours withdrawn before only what they are now is known.
FILL = """
UPDATE tour SET called_off = jsonb_build_object(
    'title', own.title,
    'starts_at', to_char(own.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
    'ends_at', to_char((own.starts_at + make_interval(secs => 60 * coalesce(stay.min, 0) + coalesce(walk.s, 0)))
                       AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'))
FROM tour AS own
CROSS JOIN LATERAL (
    SELECT sum(dwell_min + wait_min + pause_min) AS min FROM tour_stop WHERE tour_id = own.tour_id
) stay
CROSS JOIN LATERAL (SELECT sum(walk_s) AS s FROM tour_leg WHERE tour_id = own.tour_id) walk
WHERE own.tour_id = tour.tour_id AND tour.status = 'withdrawn'
"""


def upgrade() -> None:
    op.add_column("tour", sa.Column("called_off", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(op.f(CHECK), "tour", "jsonb_typeof(called_off) = 'object'")
    # Where there is none the data's version does not rise.
    is_any = sa.text("SELECT EXISTS (SELECT FROM tour WHERE status = 'withdrawn')")
    if op.get_bind().execute(is_any).scalar_one():
        op.execute(FILL)


def downgrade() -> None:
    op.drop_constraint(op.f(CHECK), "tour")
    op.drop_column("tour", "called_off")
