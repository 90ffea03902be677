"""What was recorded of a key or a company is found at once, however much was recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# In the order of bytes, in which beginnings are found, too.
KEY = "(coalesce(before, after) ->> 'key') COLLATE \"C\""
COMPANY = "((coalesce(after, before) ->> 'company_id')::integer)"


def upgrade() -> None:
    op.create_index("ix_audit_entry_key", "audit_entry", ["table_name", sa.text(KEY)])
    op.create_index("ix_audit_entry_company", "audit_entry", [sa.text(COMPANY), "change_set_id"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_company", "audit_entry")
    op.drop_index("ix_audit_entry_key", "audit_entry")
