"""Who signs in belongs to an organization and has a role; tokens for the API, links to set a password."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# The agencies that look after the first parks, by the names under which they publish.
ORGANIZATIONS = (
    ("wmg", "Wolfsburg Wirtschaft und Marketing GmbH (WMG)", "WMG"),
    ("wag", "Wolfsburg AG", "Wolfsburg AG"),
)

# No secret, not even hashed, comes into the record of changes.
AUDIT = """
CREATE OR REPLACE FUNCTION write_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor text := nullif(current_setting('app.actor', true), '');
BEGIN
    IF actor IS NOT NULL THEN
        INSERT INTO audit_entry (actor, table_name, before, after)
        VALUES (
            actor,
            TG_TABLE_NAME,
            CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - ARRAY[{secrets}] END,
            CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - ARRAY[{secrets}] END
        );
    END IF;
    RETURN NULL;
END $$
"""
SECRETS = "'password_hash', 'session', 'token'"
# That a token was used is no change.
AUDITED = {
    "organization": "INSERT OR UPDATE OR DELETE",
    "api_token": "INSERT OR DELETE",
    "password_link": "INSERT OR UPDATE OR DELETE",
}


def upgrade() -> None:
    op.create_table(
        "organization",
        sa.Column("organization_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.CheckConstraint(r"key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_organization_key")),
        sa.CheckConstraint(r"name ~ '\S'", name=op.f("ck_organization_name_is_not_blank")),
        sa.CheckConstraint(r"short_name ~ '\S'", name=op.f("ck_organization_short_name_is_not_blank")),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_organization")),
        sa.UniqueConstraint("key", name=op.f("uq_organization_key")),
    )
    for key, name, short_name in ORGANIZATIONS:
        op.execute(
            sa.text(
                "INSERT INTO organization (key, name, short_name) VALUES (:key, :name, :short)"
            ).bindparams(key=key, name=name, short=short_name)
        )
    # Whoever could sign in before goes on as staff; of which organization, nobody knows.
    op.add_column("staff", sa.Column("role", sa.Text(), server_default="staff", nullable=False))
    op.add_column("staff", sa.Column("organization_id", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_staff_role"), "staff", "role IN ('analyst', 'staff', 'admin')")
    op.create_foreign_key(
        op.f("fk_staff_organization_id"), "staff", "organization", ["organization_id"], ["organization_id"]
    )
    op.create_table(
        "api_token",
        sa.Column("api_token_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(r"name ~ '\S'", name=op.f("ck_api_token_name_is_not_blank")),
        sa.CheckConstraint("scope IN ('read')", name=op.f("ck_api_token_scope")),
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_api_token_token_is_hashed")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_api_token_expires_after_created")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.staff_id"], name=op.f("fk_api_token_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("api_token_id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index("ix_api_token_staff_id", "api_token", ["staff_id"])
    op.create_table(
        "password_link",
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_password_link_token_is_hashed")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.staff_id"], name=op.f("fk_password_link_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_link_token_hash")),
    )
    op.execute(AUDIT.format(secrets=f"{SECRETS}, 'token_hash'"))
    for table, events in AUDITED.items():
        op.execute(
            f"CREATE TRIGGER {table}_audit AFTER {events} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION write_audit_entry()"
        )


def downgrade() -> None:
    op.drop_table("password_link")
    op.drop_table("api_token")
    op.drop_constraint(op.f("fk_staff_organization_id"), "staff")
    op.drop_constraint(op.f("ck_staff_role"), "staff")
    op.drop_column("staff", "organization_id")
    op.drop_column("staff", "role")
    op.drop_table("organization")
    op.execute(AUDIT.format(secrets=SECRETS))
