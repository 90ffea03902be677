"""Positions in requests of tours count from 0, as every index in JSON does."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# A request that is no longer readable stays as it is. Where there is no tour nothing is updated, not even no
# row: the data's version would rise.
SHIFTED = """
DO $$ BEGIN IF EXISTS (SELECT FROM tour) THEN
UPDATE tour SET wish = jsonb_set(wish, '{{stops}}', (
    SELECT jsonb_agg(CASE WHEN jsonb_typeof(stop -> 'position') = 'number'
                          THEN jsonb_set(stop, '{{position}}', to_jsonb((stop ->> 'position')::numeric + {by}))
                          ELSE stop END ORDER BY n)
    FROM jsonb_array_elements(wish -> 'stops') WITH ORDINALITY AS each(stop, n)))
WHERE jsonb_typeof(wish -> 'stops') = 'array'
  AND jsonb_path_exists(wish, '$.stops[*].position ? (@.type() == "number")');
END IF; END $$
"""


def upgrade() -> None:
    op.execute(SHIFTED.format(by=-1))


def downgrade() -> None:
    op.execute(SHIFTED.format(by=1))
