"""Planned tours: kerbs, drafts and versions, waits and pauses, share links, staff."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Passwords and share links are nobody's to read, in the record of changes neither.
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
            CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD){less} END,
            CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW){less} END
        );
    END IF;
    RETURN NULL;
END $$;
"""
SECRETS = " - ARRAY['password_hash', 'session', 'token']"

TOUR_CHECKS = {
    "status": "status IN ('draft', 'published', 'withdrawn')",
    "version": "version >= 1",
    "sequence": "sequence >= 0",
    "group_size": "group_size BETWEEN 1 AND 500",
    "wish_is_object": "jsonb_typeof(wish) = 'object'",
}
STOP_CHECKS = {
    "wait_min": "wait_min >= 0",
    "pause_min": "pause_min >= 0",
    "begins_after_min": "begins_after_min BETWEEN 0 AND wait_min + pause_min + 0.001",
    "pause_is_whole": "(pauses_after_min IS NULL) = (pause_min = 0)",
    "pauses_after_min": "pauses_after_min BETWEEN 0 AND wait_min + dwell_min + 0.001",
}
TOUR_COLUMNS = ("status", "version", "sequence", "group_size", "wish", "changed_at")
STOP_COLUMNS = ("wait_min", "pause_min", "begins_after_min", "pauses_after_min")


def upgrade() -> None:
    op.add_column("walkway", sa.Column("kerb", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_walkway_kerb"), "walkway", "kerb IN ('flush', 'lowered', 'raised')")
    _extend_tours()
    _make_shares()
    _make_staff()
    op.execute(AUDIT.replace("{less}", SECRETS))
    for table in ("tour_share", "staff"):
        op.execute(
            f"CREATE TRIGGER {table}_audit AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION write_audit_entry()"
        )
    op.execute(
        "CREATE TRIGGER tour_share_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON tour_share"
        " FOR EACH STATEMENT EXECUTE FUNCTION raise_data_version()"
    )


def _extend_tours() -> None:
    # Tours that are there already are public; one made from now on is not before somebody says so.
    op.add_column("tour", sa.Column("status", sa.Text(), server_default="published", nullable=False))
    op.alter_column("tour", "status", server_default="draft")
    for name, default in (("version", "1"), ("sequence", "0"), ("group_size", "1")):
        op.add_column("tour", sa.Column(name, sa.Integer(), server_default=sa.text(default), nullable=False))
    op.add_column("tour", sa.Column("wish", postgresql.JSONB(), nullable=True))
    op.add_column(
        "tour",
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    for name in STOP_COLUMNS[:3]:
        op.add_column("tour_stop", sa.Column(name, sa.Float(), server_default=sa.text("0"), nullable=False))
    op.add_column("tour_stop", sa.Column("pauses_after_min", sa.Float(), nullable=True))
    for name in ("turns", "detours"):
        op.add_column(
            "tour_leg",
            sa.Column(name, postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        )
    for table, checks in (("tour", TOUR_CHECKS), ("tour_stop", STOP_CHECKS)):
        for name, rule in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _make_shares() -> None:
    op.create_table(
        "tour_share",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("tour_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("token ~ '^[A-Za-z0-9_-]{32,}$'", name=op.f("ck_tour_share_token")),
        sa.CheckConstraint("revoked_at >= created_at", name=op.f("ck_tour_share_revoked_after_made")),
        sa.ForeignKeyConstraint(
            ["tour_id"], ["tour.tour_id"], name=op.f("fk_tour_share_tour_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_tour_share")),
    )
    op.create_index(
        "uq_tour_share_tour_id_open",
        "tour_share",
        ["tour_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def _make_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("staff_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("name ~ '\\S'", name=op.f("ck_staff_name_is_not_blank")),
        sa.CheckConstraint("password_hash ~ '^\\$argon2id\\$'", name=op.f("ck_staff_password_is_hashed")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_name")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("sign_in_failure_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column(
            "happened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("sign_in_failure_id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index("ix_sign_in_failure_happened_at", "sign_in_failure", ["happened_at"])


def downgrade() -> None:
    op.drop_table("sign_in_failure")
    op.drop_table("staff")
    op.drop_table("tour_share")
    op.execute(AUDIT.replace("{less}", ""))
    for table, checks in (("tour", TOUR_CHECKS), ("tour_stop", STOP_CHECKS), ("walkway", ("kerb",))):
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, columns in (
        ("tour", TOUR_COLUMNS),
        ("tour_stop", STOP_COLUMNS),
        ("tour_leg", ("turns", "detours")),
        ("walkway", ("kerb",)),
    ):
        for name in columns:
            op.drop_column(table, name)
