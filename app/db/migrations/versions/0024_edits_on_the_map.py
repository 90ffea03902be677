"""Ways, permissions and decisions on neighbors are business cases, too."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NEW = ("walkway", "permission", "decision")
# What is allowed now is read, so that cases which other revisions add stay.
ALLOWED = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'change_set'::regclass AND conname = 'ck_change_set_business_case'
"""


def upgrade() -> None:
    known = _known()
    _allow([*known, *(case for case in NEW if case not in known)])


def downgrade() -> None:
    op.execute(
        sa.text("UPDATE change_set SET business_case = 'other' WHERE business_case IN :new").bindparams(
            sa.bindparam("new", list(NEW), expanding=True)
        )
    )
    _allow([case for case in _known() if case not in NEW])


def _known() -> list[str]:
    definition = op.get_bind().execute(sa.text(ALLOWED)).scalar_one()
    return re.findall(r"'(\w+)'", definition)


def _allow(cases: list[str]) -> None:
    name = op.f("ck_change_set_business_case")
    op.drop_constraint(name, "change_set")
    listed = ", ".join(f"'{case}'" for case in cases)
    op.create_check_constraint(name, "change_set", f"business_case IN ({listed})")
