"""A company's name, group, sector, WZ code and website get periods, as all else has."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

ATTRIBUTES = ("name", "group_name", "sector", "wz_code", "wz_edition", "wz_basis", "website")
CHECKS = {
    "name_is_not_blank": r"name ~ '\S'",
    "wz_edition": "wz_edition IN ('2008', '2025')",
    "wz_basis": "wz_basis IN ('register', 'stated', 'inferred')",
    "wz_is_whole": "num_nonnulls(wz_code, wz_edition, wz_basis) IN (0, 3)",
    "wz_code": r"wz_code ~ '^\d{2}(\.\d{1,2}(\.\d)?)?$'",
}
OWN_CHECKS = {
    "valid_has_days": "NOT isempty(valid)",
    "starts_precision": "starts_precision IN ('day', 'month', 'year', 'unknown')",
    "unknown_start_is_open": "(starts_precision = 'unknown') = lower_inf(valid)",
}
# Since when a company was called so is not known.
FILL = f"""
INSERT INTO company_version (company_id, {", ".join(ATTRIBUTES)}, starts_precision, valid)
SELECT company_id, {", ".join(ATTRIBUTES)}, 'unknown', daterange(NULL, NULL) FROM company ORDER BY company_id
"""
TRIGGERS = """
CREATE TRIGGER company_version_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON company_version
FOR EACH STATEMENT EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER company_version_audit AFTER INSERT OR UPDATE OR DELETE ON company_version
FOR EACH ROW EXECUTE FUNCTION write_audit_entry();

CREATE FUNCTION check_company_has_name() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    firm integer := CASE WHEN TG_OP = 'DELETE' THEN OLD.company_id ELSE NEW.company_id END;
BEGIN
    IF EXISTS (SELECT FROM company WHERE company_id = firm) AND (
        SELECT range_agg(valid) FROM company_version WHERE company_id = firm
    ) IS DISTINCT FROM '{(,)}'::datemultirange THEN
        RAISE EXCEPTION 'company %: there are days on which it has no name', firm
        USING ERRCODE = 'check_violation', CONSTRAINT = 'company_has_name_on_all_days';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER company_has_name_on_all_days AFTER INSERT ON company
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_company_has_name();
CREATE CONSTRAINT TRIGGER company_version_on_all_days
AFTER INSERT OR DELETE OR UPDATE OF company_id, valid ON company_version
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_company_has_name();
"""
LATEST = f"""
UPDATE company SET {", ".join(f"{name} = version.{name}" for name in ATTRIBUTES)}
FROM company_version version
WHERE version.company_id = company.company_id AND upper_inf(version.valid)
"""


def upgrade() -> None:
    op.create_table(
        "company_version",
        sa.Column("company_version_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=name != "name") for name in ATTRIBUTES),
        sa.Column("starts_precision", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.literal_column("(company_id + 0)"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_company_version_company_id_valid",
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_company_version_{name}"))
            for name, rule in (CHECKS | OWN_CHECKS).items()
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.company_id"],
            name=op.f("fk_company_version_company_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.source_id"], name=op.f("fk_company_version_source_id")
        ),
        sa.PrimaryKeyConstraint("company_version_id", name=op.f("pk_company_version")),
    )
    op.execute(FILL)
    op.create_index("ix_company_version_company_id", "company_version", ["company_id"])
    op.create_index("ix_company_version_group_name", "company_version", ["group_name"])
    # By which pages of companies are found.
    op.create_index("ix_occupancy_key", "occupancy", ["key"])
    for name in ATTRIBUTES:
        # With a column go its constraints and its index.
        op.drop_column("company", name)
    op.execute(TRIGGERS)


def downgrade() -> None:
    for name in ATTRIBUTES:
        op.add_column("company", sa.Column(name, sa.Text(), nullable=True))
    # The names of earlier years are lost. No change of data: nobody made it.
    op.execute("ALTER TABLE company DISABLE TRIGGER USER")
    op.execute(LATEST)
    op.execute("ALTER TABLE company ENABLE TRIGGER USER")
    op.alter_column("company", "name", nullable=False)
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_company_{name}"), "company", rule)
    op.create_index("ix_company_group_name", "company", ["group_name"])
    op.drop_index("ix_occupancy_key", "occupancy")
    op.execute("DROP TRIGGER company_has_name_on_all_days ON company")
    op.drop_table("company_version")
    op.execute("DROP FUNCTION check_company_has_name")
