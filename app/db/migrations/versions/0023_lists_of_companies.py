"""Lists of companies come in through the browser; what is internal of a company has places of its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None

INTERNAL = ("internal_note", "contact")
CASES = """
SELECT array_to_string(regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g'), '')
FROM pg_constraint WHERE conname = 'ck_change_set_business_case'
"""
# What was recorded of a version says that it had neither: so it is equal to what is stored.
RECORDED = """
UPDATE audit_entry SET before = before || '{nothing}', after = after || '{nothing}'
WHERE table_name = 'company_version'
"""
FORGOTTEN = """
UPDATE audit_entry SET before = before - '{names}'::text[], after = after - '{names}'::text[]
WHERE table_name = 'company_version'
"""


def upgrade() -> None:
    # The kinds there are, whichever revisions added them.
    known = [row[0] for row in op.get_bind().execute(sa.text(CASES))]
    _allow_cases([*known, "list"])
    for name in INTERNAL:
        op.add_column("company_version", sa.Column(name, sa.Text(), nullable=True))
    nothing = ", ".join(f'"{name}": null' for name in INTERNAL)
    op.get_bind().exec_driver_sql(RECORDED.format(nothing=f"{{{nothing}}}"))
    op.create_table(
        "company_list",
        sa.Column("company_list_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=True),
        sa.Column("choices", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(r"name ~ '\S'", name=op.f("ck_company_list_name_is_not_blank")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_company_list_expires_after_created")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.staff_id"], name=op.f("fk_company_list_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_list_id", name=op.f("pk_company_list")),
    )
    op.create_index("ix_company_list_staff_id", "company_list", ["staff_id"])
    op.create_table(
        "list_columns",
        sa.Column("list_columns_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
            name=op.f("fk_list_columns_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("list_columns_id", name=op.f("pk_list_columns")),
        sa.UniqueConstraint(
            "organization_id",
            name=op.f("uq_list_columns_organization_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def _allow_cases(cases: list[str]) -> None:
    op.drop_constraint("ck_change_set_business_case", "change_set")
    listed = ", ".join(f"'{case}'" for case in cases)
    op.create_check_constraint(
        op.f("ck_change_set_business_case"), "change_set", f"business_case IN ({listed})"
    )


def downgrade() -> None:
    op.drop_table("list_columns")
    op.drop_table("company_list")
    op.get_bind().exec_driver_sql(FORGOTTEN.format(names=f"{{{', '.join(INTERNAL)}}}"))
    for name in INTERNAL:
        op.drop_column("company_version", name)
    op.execute("UPDATE change_set SET business_case = 'other' WHERE business_case = 'list'")
    known = [row[0] for row in op.get_bind().execute(sa.text(CASES))]
    _allow_cases([case for case in known if case != "list"])
